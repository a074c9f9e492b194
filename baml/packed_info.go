// packedInfo, what is known about a call as the library hands it over: unpacked if somebody looks.

package baml

import (
	"encoding/json"

	"github.com/bamlwire/bamlwire/baml/internal/wire"
)

// packedInfo is the packed record of bindings/WIRE.md. The raw events of a streamed reply repeat
// each other and are most of the text, which few ever ask for.
//
// Invariant: its bytes never change.
type packedInfo []byte

// packedEvents are those of one attempt.
type packedEvents struct {
	place, count int
	bytes        []byte
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
	attempts := make([]packedEvents, 0, 1)
	for range cursor.Count() {
		events := packedEvents{place: cursor.Count(), count: cursor.Count()}
		events.bytes = []byte(cursor.String())
		attempts = append(attempts, events)
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
	for _, events := range attempts {
		if events.place < taken || events.place > len(rest) {
			return nil, wire.ErrMalformed
		}
		out = append(out, rest[taken:events.place]...)
		taken = events.place
		var err error
		if out, err = events.appendTo(out); err != nil {
			return nil, err
		}
	}
	return append(out, rest[taken:]...), nil
}

// appendTo writes the events as texts between commas.
func (e packedEvents) appendTo(out []byte) ([]byte, error) {
	cursor := wire.NewCursor(e.bytes)
	var event []byte
	for index := range e.count {
		start, end := int(cursor.Varint()), int(cursor.Varint())
		between := cursor.String()
		if cursor.Err() != nil || start < 0 || end < 0 || start > len(event)-end {
			return nil, wire.ErrMalformed
		}
		next := make([]byte, 0, start+len(between)+end)
		next = append(append(next, event[:start]...), between...)
		event = append(next, event[len(event)-end:]...)
		if index > 0 {
			out = append(out, ',')
		}
		out = appendText(out, string(event))
	}
	return out, cursor.Close()
}
