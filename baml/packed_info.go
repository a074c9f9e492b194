// packedInfo, what is known about a call as the library hands it over: unpacked if somebody looks.

package baml

import (
	"encoding/json"

	"github.com/bamlwire/bamlwire/baml/internal/wire"
)

// packedInfo is the packed record of bindings/WIRE.md. The raw events of a streamed reply repeat
// each other and the reply, and are most of the text, which few ever ask for.
//
// Invariant: its bytes never change.
type packedInfo []byte

// What tells the parts that a packed record leaves out of its text.
const (
	partReply  = 0
	partEvents = 1
)

// packedPart is one of them: the raw reply, or the events of one attempt.
type packedPart struct {
	place  int
	events *packedEvents
}

func (p packedInfo) parsed(tags map[string]any) Info {
	info := Info{Tags: tags}
	if text, err := p.text(); err == nil && len(text) > 0 {
		// A field of a kind not known here leaves the rest readable; Detail has all.
		_ = json.Unmarshal(text, &info)
		info.Detail = text
	}
	return info
}

// text is the record as JSON.
func (p packedInfo) text() (json.RawMessage, error) {
	if len(p) == 0 {
		return nil, nil
	}
	cursor := wire.NewCursor(p)
	reply := cursor.String()
	var parts []packedPart
	for range cursor.Count() {
		parts = append(parts, readPart(cursor, reply))
		if cursor.Err() != nil {
			break
		}
	}
	if err := cursor.Err(); err != nil {
		return nil, err
	}
	rest := p[len(p)-cursor.Left():]
	var out []byte
	taken := 0
	for _, part := range parts {
		if part.place < taken || part.place > len(rest) {
			return nil, wire.ErrMalformed
		}
		out = append(out, rest[taken:part.place]...)
		taken = part.place
		if part.events == nil {
			out = appendText(out, reply)
			continue
		}
		var err error
		if out, err = part.events.appendTo(out); err != nil {
			return nil, err
		}
	}
	return append(out, rest[taken:]...), nil
}

func readPart(cursor *wire.Cursor, reply string) packedPart {
	part := packedPart{place: cursor.Count()}
	switch kind := cursor.Byte(); kind {
	case partReply:
	case partEvents:
		count := cursor.Count()
		part.events = &packedEvents{count: count, bytes: []byte(cursor.String()), reply: reply}
	default:
		cursor.Fail("unknown part %d of a record", kind)
	}
	return part
}
