// A whole value as bytes of the wire form, decoded when somebody asks.

package baml

import (
	"errors"
	"reflect"

	"github.com/bamlwire/bamlwire/baml/internal/wire"
)

// markWhole is the first byte of a message that holds a whole value.
const markWhole = 0

// message is a whole value as it crossed the line. It is decoded when somebody asks, straight into
// what is asked for, whose strings alias it.
//
// Invariant: its bytes never change.
type message []byte

// body is the value after the mark.
func (m message) body() ([]byte, error) {
	if len(m) == 0 || m[0] != markWhole {
		return nil, wire.ErrMalformed
	}
	return m[1:], nil
}

func (m message) value() (Value, error) {
	body, err := m.body()
	if err != nil {
		return Value{}, internalError(err)
	}
	value, err := decodeValue(body)
	if err != nil {
		return Value{}, internalError(err)
	}
	return value, nil
}

func (m message) decode(target any) error {
	pointer := reflect.ValueOf(target)
	if pointer.Kind() != reflect.Pointer || pointer.IsNil() {
		return invalidError("decode: the target must be a pointer, and not nil")
	}
	body, err := m.body()
	if err != nil {
		return internalError(err)
	}
	if err := decodeInto(body, pointer); err != nil {
		if errors.Is(err, wire.ErrMalformed) {
			return internalError(err)
		}
		return err
	}
	return nil
}

func internalError(err error) error {
	return &Error{Kind: ErrorInternal, Message: err.Error(), causes: []error{err}}
}
