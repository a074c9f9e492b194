// Package wire reads the binary form in which values cross the C ABI, as bindings/WIRE.md has it.
//
// It knows tags, numbers, strings and names, but not what a value is in Go: that is package baml's.
//
// Invariants: any bytes end in a value or an error, never a panic; no count is believed beyond the
// bytes that are left, so what is allocated is bounded by the length of the message; strings alias
// the message, which nobody changes after it was made.
package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"unsafe"
)

// Tag is the first byte of a value.
type Tag byte

// The tags of bindings/WIRE.md.
const (
	Null Tag = iota
	False
	True
	Int
	Float
	String
	List
	Map
	Class
	Enum
	Checked
	Stated
	Media
)

// DepthMax bounds the nesting of a value. The runtime bounds replies far below it.
const DepthMax = 2_000

// ErrMalformed is matched by every error of a Cursor.
var ErrMalformed = errors.New("malformed wire value")

// Cursor reads one message from front to back. The first error stays: all later reads give zero
// values, so that callers need to look only once.
type Cursor struct {
	data  []byte
	at    int
	depth int
	names []string
	err   error
}

// NewCursor reads the message from its first byte. The message must not change afterwards.
func NewCursor(message []byte) *Cursor {
	return &Cursor{data: message}
}

// Reset reads another message, with the memory of the last one.
func (c *Cursor) Reset(message []byte) {
	clear(c.names)
	*c = Cursor{data: message, names: c.names[:0]}
}

// Err is the first error met.
func (c *Cursor) Err() error { return c.err }

// Left is the number of bytes not read yet.
func (c *Cursor) Left() int { return len(c.data) - c.at }

// Close reports the first error, or bytes left over after the value.
func (c *Cursor) Close() error {
	if c.err == nil && c.at != len(c.data) {
		c.Fail("%d bytes after the value", len(c.data)-c.at)
	}
	return c.err
}

// Fail records an error at the present place unless there is one already.
func (c *Cursor) Fail(format string, arguments ...any) {
	if c.err == nil {
		c.err = fmt.Errorf("%w: byte %d: %s", ErrMalformed, c.at, fmt.Sprintf(format, arguments...))
	}
}

// Enter goes one level of nesting deeper; it is false, with an error recorded, beyond DepthMax.
func (c *Cursor) Enter() bool {
	c.depth++
	if c.depth > DepthMax {
		c.Fail("nested deeper than %d", DepthMax)
	}
	return c.err == nil
}

// Leave undoes Enter.
func (c *Cursor) Leave() { c.depth-- }

// Byte reads one byte.
func (c *Cursor) Byte() byte {
	if c.err != nil || c.at >= len(c.data) {
		c.Fail("ends where a byte is due")
		return 0
	}
	read := c.data[c.at]
	c.at++
	return read
}

// Tag reads the tag of a value.
func (c *Cursor) Tag() Tag {
	tag := Tag(c.Byte())
	if tag > Media {
		c.Fail("unknown tag %d", tag)
		return Null
	}
	return tag
}

// Peek is the next byte as a tag, without reading it.
func (c *Cursor) Peek() Tag {
	if c.err != nil || c.at >= len(c.data) {
		return Null
	}
	return Tag(c.data[c.at])
}

// Varint reads an unsigned LEB128 number.
func (c *Cursor) Varint() uint64 {
	if c.err != nil {
		return 0
	}
	number, size := binary.Uvarint(c.data[c.at:])
	if size <= 0 {
		c.Fail("bad number")
		return 0
	}
	c.at += size
	return number
}

// Int reads a zigzag number.
func (c *Cursor) Int() int64 {
	number := c.Varint()
	return int64(number>>1) ^ -int64(number&1)
}

// Float reads eight bytes.
func (c *Cursor) Float() float64 {
	if c.err != nil || c.Left() < 8 {
		c.Fail("ends inside a float")
		return 0
	}
	bits := binary.LittleEndian.Uint64(c.data[c.at:])
	c.at += 8
	return math.Float64frombits(bits)
}

// Count reads how many parts follow. Each part takes a byte or more, so a larger count is an error.
func (c *Cursor) Count() int {
	count := c.Varint()
	if count > uint64(c.Left()) {
		c.Fail("%d parts announced in %d bytes", count, c.Left())
		return 0
	}
	return int(count)
}

// String reads a string. It aliases the message.
func (c *Cursor) String() string {
	size := c.Count()
	if size == 0 {
		return ""
	}
	text := unsafe.String(&c.data[c.at], size)
	c.at += size
	return text
}

// Name reads a name: a new one, or the number of one that this message told before.
func (c *Cursor) Name() string {
	number := c.Varint()
	if number == 0 {
		name := c.String()
		if c.err == nil {
			c.names = append(c.names, name)
		}
		return name
	}
	if number > uint64(len(c.names)) {
		c.Fail("name %d of %d", number, len(c.names))
		return ""
	}
	return c.names[number-1]
}

// Skip reads a value without keeping it.
func (c *Cursor) Skip() {
	if !c.Enter() {
		return
	}
	defer c.Leave()
	switch tag := c.Tag(); tag {
	case Null, False, True:
	case Int:
		c.Varint()
	case Float:
		c.Float()
	case String:
		_ = c.String()
	case List:
		for range c.Count() {
			c.Skip()
		}
	case Class, Map:
		if tag == Class {
			c.Name()
		}
		for range c.Count() {
			c.Name()
			c.Skip()
		}
	case Enum:
		c.Name()
		c.Name()
	case Checked:
		c.Skip()
		for range c.Count() {
			c.Check()
		}
	case Stated:
		c.Skip()
		c.Byte()
	case Media:
		c.Media()
	}
}

// Check reads one check of a checked value.
func (c *Cursor) Check() (name, expression string, passed bool) {
	name = c.Name()
	expression = c.String()
	passed = c.Byte() == 1
	return name, expression, passed
}

// MediaParts is a media value as it crosses the line.
type MediaParts struct {
	Kind      byte
	Base64    bool
	Source    string
	MediaType string
}

// Media reads what follows the tag of a media value.
func (c *Cursor) Media() MediaParts {
	parts := MediaParts{Kind: c.Byte(), Base64: c.Byte() == 1, Source: c.String()}
	if c.Byte() == 1 {
		parts.MediaType = c.String()
	}
	return parts
}
