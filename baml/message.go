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
	into, err := receiver(target)
	if err != nil {
		return err
	}
	body, err := m.body()
	if err != nil {
		return internalError(err)
	}
	if err := decodeInto(body, into); err != nil {
		if errors.Is(err, wire.ErrMalformed) {
			return internalError(err)
		}
		return err
	}
	return nil
}

// receiver is what a target points to.
func receiver(target any) (reflect.Value, error) {
	pointer := reflect.ValueOf(target)
	if pointer.Kind() != reflect.Pointer || pointer.IsNil() {
		return reflect.Value{}, invalidError("decode: the target must be a pointer, and not nil")
	}
	return pointer.Elem(), nil
}

// content is what a partial or final value is made of.
type content interface {
	value() (Value, error)
	decode(target any) error
}

// tree is the content that changes built.
type tree struct{ root Value }

func (t tree) value() (Value, error) { return t.root, nil }

func (t tree) decode(target any) error {
	into, err := receiver(target)
	if err != nil {
		return err
	}
	if t.root.kind == KindString && planFor(into.Type()).parts.kind == partsText {
		// Long texts are the ones that pass here.
		into.SetString(t.root.text)
		return nil
	}
	return message(appendValue([]byte{markWhole}, t.root)).decode(target)
}

// take reads a message of a stream: a whole value, or what changed since the one before.
func (g *growing) take(data []byte) (content, error) {
	if len(data) == 0 || data[0] != markChanges {
		g.root = Value{}
		return message(data), nil
	}
	if err := g.apply(data[1:]); err != nil {
		return nil, err
	}
	return tree{g.root}, nil
}

func internalError(err error) error { return errorOf("", err) }

// errorOf is the error of a defect of bamlwire in a call of a function.
func errorOf(function string, err error) *Error {
	return &Error{
		Kind: ErrorInternal, Function: function, Message: err.Error(), causes: []error{err},
	}
}
