// What a stream yields: partial values and the final one.

package baml

// Partial is the value of a stream as far as it had come. It stays valid and unchanged, whatever
// the stream does later.
type Partial struct {
	// Attempt counts the tries of the call from 1. A higher one than before means that the answer
	// began anew, after a retry or on another client: the value may have become smaller.
	Attempt int
	// Sequence grows with each partial of a stream. Partials that nobody took in time are skipped.
	Sequence uint64

	content content
}

// Value is the partial value as a tree.
func (p *Partial) Value() (Value, error) { return p.content.value() }

// Decode puts the partial value into what target points to. What is not there yet is zero.
func (p *Partial) Decode(target any) error { return p.content.decode(target) }

// MarshalJSON writes the partial value.
func (p *Partial) MarshalJSON() ([]byte, error) {
	value, err := p.Value()
	if err != nil {
		return nil, err
	}
	return value.MarshalJSON()
}

// Final is the answer of a call that succeeded.
type Final struct {
	// Attempt is the try that succeeded, from 1.
	Attempt int

	content content
	info    packedInfo
	tags    map[string]any
}

// Value is the answer as a tree.
func (f *Final) Value() (Value, error) { return f.content.value() }

// Decode puts the answer into what target points to.
func (f *Final) Decode(target any) error { return f.content.decode(target) }

// Info is what is known about the call.
func (f *Final) Info() Info { return f.info.parsed(f.tags) }

// MarshalJSON writes the answer.
func (f *Final) MarshalJSON() ([]byte, error) {
	value, err := f.Value()
	if err != nil {
		return nil, err
	}
	return value.MarshalJSON()
}
