// Changes: how a stream's value grows without being sent whole each time.
//
// Invariant: values that were handed out never change. A change makes anew what lies on its path
// and shares all the rest: lists, maps and texts that only grow share their memory with what they
// were before, so a change costs what it adds.

package baml

import (
	"math"
	"slices"
	"sync"
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
	text []byte
	// changesReader is there while a message is read.
	*changesReader
}

// changesReader is what reading a message takes. Thousands of values grow, and few at once.
type changesReader struct {
	cursor wire.Cursor
	path   []step
}

var changesReaders = sync.Pool{New: func() any { return &changesReader{} }}

// rest gives it back without what it read, which holds on to the message.
func (r *changesReader) rest() {
	r.cursor.Reset(nil)
	clear(r.path[:cap(r.path)])
	changesReaders.Put(r)
}

// apply takes a message of changes without its mark. After an error the value is of no use.
func (g *growing) apply(body []byte) error {
	reader := changesReaders.Get().(*changesReader)
	reader.cursor.Reset(body)
	g.changesReader = reader
	g.turn++
	for range g.cursor.Count() {
		g.one()
		if g.cursor.Err() != nil {
			break
		}
	}
	err := g.cursor.Close()
	g.changesReader = nil
	reader.rest()
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
		g.change(&g.root, g.path, kind)
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

// change makes the part at the end of the path anew, and all that leads to it.
func (g *growing) change(value *Value, path []step, kind byte) {
	if value.isWrapper() && (len(path) > 0 || kind != changeSet) {
		g.changeItem(value, 0, path, kind)
		return
	}
	if len(path) == 0 {
		g.changePart(value, kind)
		return
	}
	if index, ok := find(value, &path[0]); ok {
		g.changeItem(value, index, path[1:], kind)
		return
	}
	g.add(value, path, kind)
}

func (g *growing) changeItem(value *Value, index int, path []step, kind byte) {
	part := value.node.item(index)
	g.change(&part, path, kind)
	if g.cursor.Err() == nil {
		value.node = g.own(value.node)
		value.node.put(index, part, value.kind == KindList || value.kind == KindMap)
	}
}

// isWrapper tells of a value with its state or checks: paths lead through them.
func (v *Value) isWrapper() bool {
	return v.kind == KindStated || v.kind == KindChecked
}

// changePart changes the part itself. What reads values takes a deeper stack than text that grows,
// and is called apart.
func (g *growing) changePart(part *Value, kind byte) {
	switch {
	case kind == changeSet:
		g.set(part)
	case kind == changeAppend && part.kind == KindString:
		part.text = g.longer(part.text, g.cursor.String())
	case kind == changePush && part.kind == KindList:
		g.push(part)
	default:
		g.cursor.Fail("change %d of a %s", kind, part.kind)
	}
}

func (g *growing) set(part *Value) { *part = readValue(&g.cursor) }

func (g *growing) push(list *Value) {
	items := readValues(&g.cursor)
	list.node = g.own(list.node)
	for index := range items {
		list.node.push(items[index])
	}
}

// add gives a map a key that it did not have.
func (g *growing) add(value *Value, path []step, kind byte) {
	isNew := value.kind == KindMap || value.kind == KindClass
	if !isNew || len(path) != 1 || !path[0].isKey || kind != changeSet {
		g.cursor.Fail("a path that leads nowhere")
		return
	}
	value.node = g.own(value.node)
	value.node.pushName(path[0].name)
	value.node.push(readValue(&g.cursor))
}

// find is where in a value's items a step leads.
func find(value *Value, to *step) (int, bool) {
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

// roomFor is how much room is made behind a text of this length: little, as thousands of texts grow
// at once, and enough that growing costs what was added.
func roomFor(length int) int { return length / 4 }

// longer is the text with more behind it. Texts share the memory of those they grew from.
func (g *growing) longer(text, more string) string {
	grew := len(text) > 0 && len(text) == len(g.text) &&
		unsafe.StringData(text) == unsafe.SliceData(g.text)
	if length := len(text) + len(more); !grew || cap(g.text) < length {
		// Grow gives all that the memory of this size has room for.
		g.text = append(slices.Grow([]byte(nil), length+roomFor(length)), text...)
	}
	g.text = append(g.text, more...)
	// The bytes before the end are never written again, so the string cannot change.
	return unsafe.String(unsafe.SliceData(g.text), len(g.text))
}
