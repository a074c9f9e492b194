// One decoding: where it stands, its error with the path, and the readers of plain kinds.

package baml

import (
	"encoding"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/bamlwire/bamlwire/baml/internal/wire"
)

// DecodeError says which part of a value does not fit the Go type that was to receive it.
type DecodeError struct {
	// Path leads to the part, such as "jobs[2].title"; empty for the whole value.
	Path string
	// Type is the Go type that was to receive it.
	Type reflect.Type
	// Found is what there was, such as "string".
	Found string
}

// Error names path, kind and type.
func (e *DecodeError) Error() string {
	where := "the value"
	if e.Path != "" {
		where = e.Path
	}
	return fmt.Sprintf("%s: cannot put a %s into a Go %s", where, e.Found, e.Type)
}

// reading is the state of one decoding.
type reading struct {
	cursor *wire.Cursor
	err    *DecodeError
	cause  error
	// wasNull tells a pointer's plan that its element turned out to be a wrapped null.
	wasNull bool
}

// decodeInto reads a whole message into a value; after an error that is as it was.
func decodeInto(message []byte, into reflect.Value) error {
	r := &reading{cursor: wire.NewCursor(message)}
	fresh := reflect.New(into.Type()).Elem()
	r.value(planFor(fresh.Type()), fresh)
	switch {
	case r.err != nil:
		return r.err
	case r.cause != nil:
		return r.cause
	}
	if err := r.cursor.Close(); err != nil {
		return err
	}
	into.Set(fresh)
	return nil
}

func (r *reading) failed() bool {
	return r.err != nil || r.cause != nil || r.cursor.Err() != nil
}

// inside adds a step to the path of the error as the decoding unwinds.
func (r *reading) inside(step any) {
	if r.err == nil {
		return
	}
	prefix := ""
	switch step := step.(type) {
	case int:
		prefix = "[" + strconv.Itoa(step) + "]"
	case string:
		prefix = step
	}
	if r.err.Path != "" && !strings.HasPrefix(r.err.Path, "[") {
		prefix += "."
	}
	r.err.Path = prefix + r.err.Path
}

func (r *reading) mismatch(tag wire.Tag, t reflect.Type) {
	if r.err == nil && r.cursor.Err() == nil {
		r.err = &DecodeError{Type: t, Found: tagNames[tag]}
	}
}

var tagNames = [...]string{
	"null", "bool", "bool", "int", "float", "string", "list", "map", "class", "enum",
	"checked value", "value with state", "media",
}

func (r *reading) value(p *plan, into reflect.Value) {
	if r.cursor.Enter() {
		r.tagged(p, r.cursor.Tag(), into)
	}
	r.cursor.Leave()
}

// tagged reads the rest of a value whose tag was read.
func (r *reading) tagged(p *plan, tag wire.Tag, into reflect.Value) {
	r.wasNull = false
	switch {
	case r.cursor.Err() != nil:
	case p.raw:
		p.read(r, tag, into)
	case tag == wire.Checked || tag == wire.Stated:
		r.unwrap(tag, func(next wire.Tag) { r.tagged(p, next, into) })
	case tag == wire.Null:
		r.wasNull = true
		into.SetZero()
	default:
		p.read(r, tag, into)
		r.wasNull = false
	}
}

// unwrap reads past a wrapper that the Go type has no room for.
func (r *reading) unwrap(tag wire.Tag, read func(wire.Tag)) {
	if r.cursor.Enter() {
		read(r.cursor.Tag())
	}
	r.cursor.Leave()
	if r.failed() {
		return
	}
	if tag == wire.Stated {
		readState(r.cursor)
		return
	}
	for range r.cursor.Count() {
		r.cursor.Check()
	}
}

// readNothing is for Go types that no value fits.
func readNothing(r *reading, tag wire.Tag, into reflect.Value) { r.mismatch(tag, into.Type()) }

func readAsValue(r *reading, tag wire.Tag, into reflect.Value) {
	*into.Addr().Interface().(*Value) = readTagged(r.cursor, tag)
}

func readAsAny(r *reading, tag wire.Tag, into reflect.Value) {
	value := readTagged(r.cursor, tag).Any()
	if value == nil {
		into.SetZero()
		return
	}
	if found := reflect.ValueOf(value); found.Type().AssignableTo(into.Type()) {
		into.Set(found)
		return
	}
	r.mismatch(tag, into.Type())
}

func readByMethod(r *reading, tag wire.Tag, into reflect.Value) {
	value := readTagged(r.cursor, tag)
	if r.cursor.Err() == nil {
		r.cause = into.Addr().Interface().(Unmarshaler).UnmarshalBAML(value)
	}
}

func readByText(r *reading, tag wire.Tag, into reflect.Value) {
	text, ok := r.text(tag)
	if !ok {
		r.mismatch(tag, into.Type())
		return
	}
	if r.cursor.Err() == nil {
		r.cause = into.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(text))
	}
}

func readAsMedia(r *reading, tag wire.Tag, into reflect.Value) {
	if tag != wire.Media {
		r.mismatch(tag, into.Type())
		return
	}
	*into.Addr().Interface().(*Media) = mediaFrom(r.cursor)
}

func (r *reading) text(tag wire.Tag) (string, bool) {
	switch tag {
	case wire.String:
		return r.cursor.String(), true
	case wire.Enum:
		r.cursor.Name()
		return r.cursor.Name(), true
	default:
		return "", false
	}
}

func readString(r *reading, tag wire.Tag, into reflect.Value) {
	text, ok := r.text(tag)
	if !ok {
		r.mismatch(tag, into.Type())
		return
	}
	into.SetString(text)
}

func readBool(r *reading, tag wire.Tag, into reflect.Value) {
	if tag != wire.True && tag != wire.False {
		r.mismatch(tag, into.Type())
		return
	}
	into.SetBool(tag == wire.True)
}

func readInt(r *reading, tag wire.Tag, into reflect.Value) {
	if tag != wire.Int {
		r.mismatch(tag, into.Type())
		return
	}
	number := r.cursor.Int()
	if into.OverflowInt(number) {
		r.mismatch(tag, into.Type())
		return
	}
	into.SetInt(number)
}

func readUint(r *reading, tag wire.Tag, into reflect.Value) {
	if tag != wire.Int {
		r.mismatch(tag, into.Type())
		return
	}
	number := r.cursor.Int()
	if number < 0 || into.OverflowUint(uint64(number)) {
		r.mismatch(tag, into.Type())
		return
	}
	into.SetUint(uint64(number))
}

func readFloat(r *reading, tag wire.Tag, into reflect.Value) {
	switch tag {
	case wire.Int:
		into.SetFloat(float64(r.cursor.Int()))
	case wire.Float:
		into.SetFloat(r.cursor.Float())
	default:
		r.mismatch(tag, into.Type())
	}
}
