// Changes: how a stream's value grows without being sent whole each time.
//
// Invariant: values that were handed out never change. A change copies the nodes on its path, once
// a message, and shares all the rest.

package baml

import (
	"math"
	"slices"

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

// change is one message of changes in the making.
type change struct {
	cursor *wire.Cursor
	// owned are the nodes that were made for this message and may still be written to.
	owned map[*node]bool
}

// applyChanges is the value after a message of changes without its mark.
func applyChanges(value Value, body []byte) (Value, error) {
	c := &change{cursor: wire.NewCursor(body), owned: map[*node]bool{}}
	for range c.cursor.Count() {
		value = c.one(value)
		if c.cursor.Err() != nil {
			break
		}
	}
	if err := c.cursor.Close(); err != nil {
		return Value{}, err
	}
	return value, nil
}

// one reads and applies one change.
func (c *change) one(value Value) Value {
	kind, path := c.cursor.Byte(), c.path()
	switch kind {
	case changeSet:
		return c.at(value, path, func(Value) Value { return readValue(c.cursor) })
	case changeAppend:
		return c.at(value, path, func(old Value) Value {
			if old.kind != KindString {
				c.cursor.Fail("text for a %s", old.kind)
			}
			old.text += c.cursor.String()
			return old
		})
	case changePush:
		return c.at(value, path, func(old Value) Value {
			if old.kind != KindList {
				c.cursor.Fail("items for a %s", old.kind)
				return old
			}
			grown := c.own(old)
			grown.node.items = append(grown.node.items, readValues(c.cursor)...)
			return grown
		})
	default:
		c.cursor.Fail("unknown change %d", kind)
		return value
	}
}

func (c *change) path() []step {
	count := c.cursor.Count()
	if count > stepsMax {
		c.cursor.Fail("a path of %d steps", count)
		return nil
	}
	path := make([]step, 0, min(count, roomMax))
	for range count {
		switch c.cursor.Byte() {
		case 0:
			path = append(path, step{name: c.cursor.Name(), isKey: true})
		case 1:
			path = append(path, step{index: int(min(c.cursor.Varint(), math.MaxInt32))})
		default:
			c.cursor.Fail("unknown step")
		}
		if c.cursor.Err() != nil {
			return nil
		}
	}
	return path
}

// at is the value with the part at the end of the path made anew.
func (c *change) at(value Value, path []step, make func(Value) Value) Value {
	if c.cursor.Err() != nil {
		return value
	}
	if len(path) == 0 {
		return make(value)
	}
	index, ok := find(value, path[0])
	if !ok {
		return c.added(value, path, make)
	}
	owned := c.own(value)
	owned.node.items[index] = c.at(owned.node.items[index], path[1:], make)
	return owned
}

// added is a map with a key that it did not have.
func (c *change) added(value Value, path []step, make func(Value) Value) Value {
	isNew := value.kind == KindMap || value.kind == KindClass
	if !isNew || len(path) != 1 || !path[0].isKey {
		c.cursor.Fail("a path that leads nowhere")
		return value
	}
	owned := c.own(value)
	owned.node.names = append(slices.Clip(owned.node.names), path[0].name)
	owned.node.items = append(owned.node.items, make(Value{}))
	return owned
}

// find is where in a value's items a step leads.
func find(value Value, to step) (int, bool) {
	switch {
	case value.kind == KindList && !to.isKey:
		return to.index, to.index < len(value.node.items)
	case (value.kind == KindMap || value.kind == KindClass) && to.isKey:
		// What grows is mostly the last.
		for index, name := range slices.Backward(value.node.names) {
			if name == to.name {
				return index, true
			}
		}
		return 0, false
	default:
		return 0, false
	}
}

// own is the value with a node that may be written to.
func (c *change) own(value Value) Value {
	if c.owned[value.node] {
		return value
	}
	copied := *value.node
	copied.items = slices.Clone(copied.items)
	value.node = &copied
	c.owned[value.node] = true
	return value
}
