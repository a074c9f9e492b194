// How bytes of the wire form become a Value.

package baml

import (
	"math"

	"github.com/bamlwire/bamlwire/baml/internal/wire"
)

// decodeValue reads a whole message as one Value. Its strings alias the message.
func decodeValue(message []byte) (Value, error) {
	cursor := wire.NewCursor(message)
	value := readValue(cursor)
	if err := cursor.Close(); err != nil {
		return Value{}, err
	}
	return value, nil
}

func readValue(cursor *wire.Cursor) Value {
	if !cursor.Enter() {
		return Value{}
	}
	defer cursor.Leave()
	return readTagged(cursor, cursor.Tag())
}

// readTagged reads the rest of a value whose tag was read.
func readTagged(cursor *wire.Cursor, tag wire.Tag) Value {
	switch tag {
	case wire.False:
		return Value{kind: KindBool}
	case wire.True:
		return Value{kind: KindBool, flag: 1}
	case wire.Int:
		return Value{kind: KindInt, bits: uint64(cursor.Int())}
	case wire.Float:
		return Value{kind: KindFloat, bits: math.Float64bits(cursor.Float())}
	case wire.String:
		return Value{kind: KindString, text: cursor.String()}
	case wire.List:
		return Value{kind: KindList, node: &node{items: readValues(cursor)}}
	case wire.Map:
		return readEntries(cursor, KindMap, "")
	case wire.Class:
		return readEntries(cursor, KindClass, cursor.Name())
	case wire.Enum:
		name := cursor.Name()
		return Value{kind: KindEnum, text: cursor.Name(), node: &node{name: name}}
	case wire.Checked:
		return readChecked(cursor)
	case wire.Stated:
		inner := readValue(cursor)
		state := readState(cursor)
		return Value{kind: KindStated, flag: uint8(state), node: &node{items: []Value{inner}}}
	case wire.Media:
		media := mediaFrom(cursor)
		return Value{kind: KindMedia, node: &node{media: &media}}
	default:
		return Value{}
	}
}

// roomMax bounds what is allocated on the word of a count alone: nested lists that each announce
// all the bytes that are left must not multiply.
const roomMax = 256

func readValues(cursor *wire.Cursor) []Value {
	count := cursor.Count()
	items := make([]Value, 0, min(count, roomMax))
	for range count {
		items = append(items, readValue(cursor))
		if cursor.Err() != nil {
			break
		}
	}
	return items
}

func readEntries(cursor *wire.Cursor, kind Kind, name string) Value {
	count := cursor.Count()
	entries := &node{
		name:  name,
		names: make([]string, 0, min(count, roomMax)),
		items: make([]Value, 0, min(count, roomMax)),
	}
	for range count {
		entries.names = append(entries.names, cursor.Name())
		entries.items = append(entries.items, readValue(cursor))
		if cursor.Err() != nil {
			break
		}
	}
	return Value{kind: kind, node: entries}
}

func readChecked(cursor *wire.Cursor) Value {
	inner := readValue(cursor)
	return Value{kind: KindChecked, node: &node{items: []Value{inner}, checks: readChecks(cursor)}}
}

func readChecks(cursor *wire.Cursor) []CheckOutcome {
	count := cursor.Count()
	checks := make([]CheckOutcome, 0, min(count, roomMax))
	for range count {
		name, expression, passed := cursor.Check()
		checks = append(checks, CheckOutcome{Name: name, Expression: expression, Passed: passed})
		if cursor.Err() != nil {
			break
		}
	}
	return checks
}

func readState(cursor *wire.Cursor) State {
	state := State(cursor.Byte())
	if state > StateComplete {
		cursor.Fail("unknown state %d", state)
	}
	return state
}

func mediaFrom(cursor *wire.Cursor) Media {
	parts := cursor.Media()
	if int(parts.Kind) >= len(mediaKinds) {
		cursor.Fail("unknown kind of media %d", parts.Kind)
		return Media{}
	}
	media := Media{Kind: mediaKinds[parts.Kind], MediaType: parts.MediaType}
	if parts.Base64 {
		media.Base64 = parts.Source
	} else {
		media.URL = parts.Source
	}
	return media
}
