// Go types for values that carry more than themselves.

package baml

// Checked receives a value that has @check attributes, with their outcomes by name.
type Checked[T any] struct {
	Value  T                       `json:"value"`
	Checks map[string]CheckOutcome `json:"checks"`
}

// Passed is true if every check passed.
func (c Checked[T]) Passed() bool {
	for _, check := range c.Checks {
		if !check.Passed {
			return false
		}
	}
	return true
}

func (Checked[T]) receives() wrapperKind { return wrapsChecks }

// StreamState receives a value marked @stream.with_state, with how far it has come.
type StreamState[T any] struct {
	Value T     `json:"value"`
	State State `json:"state"`
}

func (StreamState[T]) receives() wrapperKind { return wrapsState }

type wrapperKind uint8

const (
	wrapsChecks wrapperKind = iota + 1
	wrapsState
)

// wrapper is implemented by Checked and StreamState alone.
type wrapper interface{ receives() wrapperKind }

// Unmarshaler is for Go types that read a value in their own way, such as unions.
type Unmarshaler interface {
	UnmarshalBAML(value Value) error
}
