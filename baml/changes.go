// Changes: how a stream's value grows without being sent whole each time.
//
// Invariant: values that were handed out never change. A change makes anew what lies on its path
// and shares all the rest: lists, maps and texts that only grow share their memory with what they
// were before, so a change costs what it adds.

package baml

import (
	"math"
	"unsafe"

	"github.com/bamlwire/bamlwire/baml/internal/wire"
)

// markChanges is the first byte of a message that holds changes.
const markChanges = 1

// The changes of bindings/WIRE.md.
const (
	changeSet    = 1
	changeAppend = 2
	changePush   = 3
)

// stepsMax bounds a path: it cannot be longer than values are deep.
const stepsMax = wire.DepthMax

// step leads from a value to a part: a field or key, or an item.
type step struct {
	name  string
	index int
	isKey bool
}

// growing is a value that changes make.
type growing struct {
	root Value
	// turn counts messages; nodes that bear it were made for this one and may still be written to.
	turn uint64
	// text is the memory of the text that grew last. Only its end is written to, and only once.
	text   []byte
	path   []step
	cursor wire.Cursor
}

// apply takes a message of changes without its mark. After an error the value is of no use.
func (g *growing) apply(body []byte) error {
	g.cursor.Reset(body)
	g.turn++
	for range g.cursor.Count() {
		g.one()
		if g.cursor.Err() != nil {
			break
		}
	}
	err := g.cursor.Close()
	// What was read holds on to the message as far as it is needed, and no further.
	g.cursor.Reset(nil)
	return err
}

// one reads and applies one change.
func (g *growing) one() {
	kind := g.cursor.Byte()
	if kind < changeSet || kind > changePush {
		g.cursor.Fail("unknown change %d", kind)
		return
	}
	g.readPath()
	if g.cursor.Err() == nil {
		g.root = g.changed(g.root, g.path, kind)
	}
}

func (g *growing) readPath() {
	count := g.cursor.Count()
	if count > stepsMax {
		g.cursor.Fail("a path of %d steps", count)
		return
	}
	g.path = g.path[:0]
	for range count {
		switch g.cursor.Byte() {
		case 0:
			g.path = append(g.path, step{name: g.cursor.Name(), isKey: true})
		case 1:
			index := int(min(g.cursor.Varint(), math.MaxInt32))
			g.path = append(g.path, step{index: index})
		default:
			g.cursor.Fail("unknown step")
		}
		if g.cursor.Err() != nil {
			return
		}
	}
}

// changed is the value with the part at the end of the path made anew.
func (g *growing) changed(value Value, path []step, kind byte) Value {
	if value.isWrapper() && (len(path) > 0 || kind != changeSet) {
		part := g.changed(value.node.item(0), path, kind)
		if g.cursor.Err() != nil {
			return value
		}
		value.node = g.own(value.node)
		value.node.put(0, part, false)
		return value
	}
	if len(path) == 0 {
		return g.part(value, kind)
	}
	index, ok := find(value, path[0])
	if !ok {
		return g.added(value, path, kind)
	}
	part := g.changed(value.node.item(index), path[1:], kind)
	if g.cursor.Err() != nil {
		return value
	}
	value.node = g.own(value.node)
	value.node.put(index, part, value.kind != KindClass)
	return value
}

// isWrapper tells of a value with its state or checks: paths lead through them.
func (v Value) isWrapper() bool {
	return v.kind == KindStated || v.kind == KindChecked
}

// part is the part itself, changed.
func (g *growing) part(old Value, kind byte) Value {
	switch {
	case kind == changeSet:
		return readValue(&g.cursor)
	case kind == changeAppend && old.kind == KindString:
		old.text = g.longer(old.text, g.cursor.String())
		return old
	case kind == changePush && old.kind == KindList:
		items := readValues(&g.cursor)
		old.node = g.own(old.node)
		for _, item := range items {
			old.node.push(item)
		}
		return old
	default:
		g.cursor.Fail("change %d of a %s", kind, old.kind)
		return old
	}
}

// added is a map with a key that it did not have.
func (g *growing) added(value Value, path []step, kind byte) Value {
	isNew := value.kind == KindMap || value.kind == KindClass
	if !isNew || len(path) != 1 || !path[0].isKey || kind != changeSet {
		g.cursor.Fail("a path that leads nowhere")
		return value
	}
	value.node = g.own(value.node)
	value.node.pushName(path[0].name)
	value.node.push(readValue(&g.cursor))
	return value
}

// find is where in a value's items a step leads.
func find(value Value, to step) (int, bool) {
	switch {
	case value.kind == KindList && !to.isKey:
		return to.index, to.index < value.node.count()
	case (value.kind == KindMap || value.kind == KindClass) && to.isKey:
		// What grows is mostly the last.
		for index := len(value.node.names) - 1; index >= 0; index-- {
			if value.node.names[index] == to.name {
				return index, true
			}
		}
		return 0, false
	default:
		return 0, false
	}
}

// own is the node, or a copy of it, to be written to during this message.
func (g *growing) own(old *node) *node {
	if old.made == g.turn {
		return old
	}
	copied := *old
	copied.made, copied.alone = g.turn, false
	return &copied
}

// roomFor is how much room a text of this length gets: as much again, and less for a long one, so
// that what it leaves to the collector stays below twice its length.
func roomFor(length int) int {
	const longText = 1 << 20
	if length > longText {
		return length / 2
	}
	return length
}

// longer is the text with more behind it. Texts share the memory of those they grew from.
func (g *growing) longer(text, more string) string {
	grew := len(text) > 0 && len(text) == len(g.text) &&
		unsafe.StringData(text) == unsafe.SliceData(g.text)
	if length := len(text) + len(more); !grew || cap(g.text) < length {
		g.text = make([]byte, 0, length+roomFor(length))
		g.text = append(g.text, text...)
	}
	g.text = append(g.text, more...)
	// The bytes before the end are never written again, so the string cannot change.
	return unsafe.String(unsafe.SliceData(g.text), len(g.text))
}
