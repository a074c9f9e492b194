// packedEvents, the raw events of an attempt as the library keeps them.

package baml

import (
	"fmt"

	"github.com/bamlwire/bamlwire/baml/internal/wire"
)

// packedEvents are the events of one attempt, in the form of bindings/WIRE.md: what differs from
// the event before, and where in the raw reply the piece lies that an event brought.
type packedEvents struct {
	count int
	bytes []byte
	reply string
}

// The kinds of an event. An odd number is one that has the shape of the event before it.
const (
	eventWithoutPiece = 0
	eventWithPiece    = 2
	eventInShape      = 1
)

// eventReader unpacks events, one after the other.
type eventReader struct {
	cursor *wire.Cursor
	reply  string
	event  []byte
	// before and behind are how many bytes of the event stand around its piece, said is where in
	// the reply the piece ended.
	before, behind, said int
}

// appendTo writes the events as texts between commas.
func (e *packedEvents) appendTo(out []byte) ([]byte, error) {
	reader := &eventReader{cursor: wire.NewCursor(e.bytes), reply: e.reply}
	for index := range e.count {
		if reader.next(); reader.cursor.Err() != nil {
			return nil, wire.ErrMalformed
		}
		if index > 0 {
			out = append(out, ',')
		}
		out = appendText(out, string(reader.event))
	}
	return out, reader.cursor.Close()
}

func (r *eventReader) next() {
	kind := r.cursor.Varint()
	var start, end int
	var first, rest string
	from, to := 0, 0
	switch {
	case kind&eventInShape != 0:
		start, end = r.before, r.behind
		from, to = r.said, r.said+int(kind>>1)
	case kind == eventWithoutPiece, kind == eventWithPiece:
		start, end = int(r.cursor.Varint()), int(r.cursor.Varint())
		first = r.cursor.String()
		if kind == eventWithPiece {
			from = int(r.cursor.Varint())
			to = from + int(r.cursor.Varint())
			rest = r.cursor.String()
			r.before, r.behind = start+len(first), end+len(rest)
		}
	default:
		r.cursor.Fail("unknown event %d", kind)
	}
	switch {
	case r.cursor.Err() != nil:
		return
	case start < 0 || end < 0 || start > len(r.event)-end:
		r.cursor.Fail("an event that follows from %d bytes of one before", len(r.event))
		return
	case from < 0 || to < from || to > len(r.reply):
		r.cursor.Fail("a piece beyond the reply")
		return
	}
	if kind != eventWithoutPiece {
		r.said = to
	}
	next := append([]byte(nil), r.event[:start]...)
	next = append(next, first...)
	next = appendEscaped(next, r.reply[from:to])
	next = append(next, rest...)
	r.event = append(next, r.event[len(r.event)-end:]...)
}

// appendEscaped writes a text as it stands in JSON between the quotes, with no more escapes than
// JSON asks for: encoding/json writes some that the library does not.
func appendEscaped(out []byte, text string) []byte {
	for index := range len(text) {
		switch c := text[index]; {
		case c == '"' || c == '\\':
			out = append(out, '\\', c)
		case c >= ' ':
			out = append(out, c)
		case c == '\n':
			out = append(out, `\n`...)
		case c == '\r':
			out = append(out, `\r`...)
		case c == '\t':
			out = append(out, `\t`...)
		case c == '\b':
			out = append(out, `\b`...)
		case c == '\f':
			out = append(out, `\f`...)
		default:
			out = fmt.Appendf(out, `\u%04x`, c)
		}
	}
	return out
}
