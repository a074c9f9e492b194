// Package wiretest writes messages in the wire form, for tests of what reads them.
//
// It is written from bindings/WIRE.md and not from the reader, so that both can be held against it.
package wiretest

import (
	"encoding/binary"
	"math"
)

// Writer appends one message. The zero value is empty and ready.
type Writer struct {
	Bytes []byte
	names map[string]uint64
}

// Byte appends a byte, such as a tag.
func (w *Writer) Byte(b byte) *Writer {
	w.Bytes = append(w.Bytes, b)
	return w
}

// Varint appends an unsigned LEB128 number.
func (w *Writer) Varint(number uint64) *Writer {
	w.Bytes = binary.AppendUvarint(w.Bytes, number)
	return w
}

// Raw appends a string without a tag.
func (w *Writer) Raw(text string) *Writer {
	w.Varint(uint64(len(text)))
	w.Bytes = append(w.Bytes, text...)
	return w
}

// Name appends a name, or its number if it was there before.
func (w *Writer) Name(name string) *Writer {
	if number, ok := w.names[name]; ok {
		return w.Varint(number)
	}
	if w.names == nil {
		w.names = map[string]uint64{}
	}
	w.names[name] = uint64(len(w.names)) + 1
	return w.Varint(0).Raw(name)
}

// Null appends null.
func (w *Writer) Null() *Writer { return w.Byte(0) }

// Bool appends a bool.
func (w *Writer) Bool(value bool) *Writer {
	if value {
		return w.Byte(2)
	}
	return w.Byte(1)
}

// Int appends an int.
func (w *Writer) Int(number int64) *Writer {
	return w.Byte(3).Varint(uint64(number<<1) ^ uint64(number>>63))
}

// Float appends a float.
func (w *Writer) Float(number float64) *Writer {
	w.Byte(4)
	w.Bytes = binary.LittleEndian.AppendUint64(w.Bytes, math.Float64bits(number))
	return w
}

// String appends a string.
func (w *Writer) String(text string) *Writer { return w.Byte(5).Raw(text) }

// List begins a list; its items follow.
func (w *Writer) List(count int) *Writer { return w.Byte(6).Varint(uint64(count)) }

// Map begins a map; names and values follow.
func (w *Writer) Map(count int) *Writer { return w.Byte(7).Varint(uint64(count)) }

// Class begins a class; names and values follow.
func (w *Writer) Class(name string, count int) *Writer {
	return w.Byte(8).Name(name).Varint(uint64(count))
}

// Enum appends an enum's member.
func (w *Writer) Enum(name, member string) *Writer { return w.Byte(9).Name(name).Name(member) }

// Checked begins a checked value; the value, Varint(count) and checks follow.
func (w *Writer) Checked() *Writer { return w.Byte(10) }

// Check appends one check.
func (w *Writer) Check(name, expression string, passed byte) *Writer {
	return w.Name(name).Raw(expression).Byte(passed)
}

// Stated begins a value with state; the value and the state's byte follow.
func (w *Writer) Stated() *Writer { return w.Byte(11) }

// MediaURL appends media of a kind by address.
func (w *Writer) MediaURL(kind byte, url string) *Writer {
	return w.Byte(12).Byte(kind).Byte(0).Raw(url).Byte(0)
}
