// What a stream yields: partial values, the final one, and what is known about the call.

package baml

import "encoding/json"

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

	message message
	info    *infoText
}

// Value is the answer as a tree.
func (f *Final) Value() (Value, error) { return f.message.value() }

// Decode puts the answer into what target points to.
func (f *Final) Decode(target any) error { return f.message.decode(target) }

// Info is what is known about the call.
func (f *Final) Info() Info { return f.info.parsed() }

// MarshalJSON writes the answer.
func (f *Final) MarshalJSON() ([]byte, error) {
	value, err := f.Value()
	if err != nil {
		return nil, err
	}
	return value.MarshalJSON()
}

// Info tells about a call: what it took and what the provider said.
type Info struct {
	Function string `json:"function"`
	// RawReply is the model's text.
	RawReply string `json:"raw_reply"`
	// Reasoning is the model's reasoning, if the provider shows it.
	Reasoning string `json:"reasoning"`
	// FinishReason is the provider's word for how the reply ended.
	FinishReason string  `json:"finish_reason"`
	Usage        Usage   `json:"usage"`
	DurationMS   float64 `json:"duration_ms"`
	// Detail is everything, as JSON.
	Detail json.RawMessage `json:"-"`
}

// Usage counts tokens. Nil means that the provider did not say.
type Usage struct {
	InputTokens       *int64 `json:"input_tokens"`
	OutputTokens      *int64 `json:"output_tokens"`
	CachedInputTokens *int64 `json:"cached_input_tokens"`
}

// infoText is an Info that is read when somebody asks.
type infoText []byte

func (t *infoText) parsed() Info {
	info := Info{}
	if t == nil || len(*t) == 0 {
		return info
	}
	// Fields of a kind not known here leave the rest readable; Detail has all.
	_ = json.Unmarshal(*t, &info)
	info.Detail = json.RawMessage(*t)
	return info
}
