// node, what larger values hold, and how it grows without disturbing those who hold an older one.

package baml

import (
	"slices"
	"unsafe"
)

// node is the part of a Value that only lists, maps, classes, enums, wrappers and media have.
//
// Invariant: what a node that was handed out shows never changes. Nodes may share the memory of
// items and names: whoever grows one writes behind what the others see.
type node struct {
	// name is that of the class or enum.
	name string
	// names go with items in maps and classes.
	names []string
	items []Value
	// open is one more item, behind the others: the one that may still change.
	open *Value
	// alone means that nobody else has the memory of items.
	alone bool
	// room tells how much of the shared memory is taken; nil for nodes that share none.
	room *room
	// made is the message of changes for which this node was made.
	made uint64
	// checks belong to KindChecked, whose value is items[0].
	checks []CheckOutcome
	media  *Media
}

// room is known to all nodes that grew from one another.
type room struct{ items, names int }

// count is how many items there are.
func (n *node) count() int {
	if n.open != nil {
		return len(n.items) + 1
	}
	return len(n.items)
}

// item is one of them; the index is not checked.
func (n *node) item(index int) Value {
	if index == len(n.items) {
		return *n.open
	}
	return n.items[index]
}

// put replaces an item of a node of one's own. A last item that will change again stays open.
func (n *node) put(index int, item Value, staysOpen bool) {
	last := len(n.items) - 1
	switch {
	case index > last:
		n.open = &item
	case index == last && n.open == nil && staysOpen:
		// Its place in the shared memory is another node's: the others move.
		n.items, n.open, n.room = slices.Clone(n.items[:last]), &item, nil
	case n.alone:
		n.items[index] = item
	default:
		n.items, n.room, n.alone = slices.Clone(n.items), nil, true
		n.items[index] = item
	}
}

// push adds an item to a node of one's own.
func (n *node) push(item Value) {
	if n.open != nil {
		n.takeRoom()
		n.items = append(n.items, *n.open)
		n.room.items = len(n.items)
	}
	n.open = &item
}

// pushName adds a name, before its item is pushed.
func (n *node) pushName(name string) {
	n.takeRoom()
	n.names = append(n.names, name)
	n.room.names = len(n.names)
}

// takeRoom makes sure that what lies behind items and names is nobody's.
func (n *node) takeRoom() {
	if n.room == nil || n.room.items != len(n.items) || n.room.names != len(n.names) {
		n.items, n.names = slices.Clip(n.items), slices.Clip(n.names)
		n.room = &room{len(n.items), len(n.names)}
	}
}

// isSameText tells without comparing: a text that did not change lies where it was.
func isSameText(a, b string) bool {
	return len(a) == len(b) && (len(a) == 0 || unsafe.StringData(a) == unsafe.StringData(b))
}
