// follower, a Go value that follows a stream's value as it grows.

package baml

import (
	"reflect"
	"slices"
	"strings"

	"github.com/bamlwire/bamlwire/baml/internal/wire"
)

// follower turns the partial values of one stream into Go values of one type. What did not change
// is not read again: growing texts and slices cost what was added.
//
// Invariants: value is what decoding shown into an empty T would give. Values handed out share
// memory with later ones: slices grow behind what was seen of them, and an item that is not
// complete yet changes in its place. All else that changes is made anew.
type follower[T any] struct {
	value T
	shown Value
	// fits tells that value holds shown.
	fits bool
}

// follow is the Go value of a partial.
func (f *follower[T]) follow(partial content) (T, error) {
	grown, ok := partial.(tree)
	if !ok {
		f.fits = false
		var fresh T
		err := partial.decode(&fresh)
		return fresh, err
	}
	into := reflect.ValueOf(&f.value).Elem()
	if f.fits && advance(planFor(into.Type()), f.shown, grown.root, into) {
		f.shown = grown.root
		return f.value, nil
	}
	var fresh T
	err := partial.decode(&fresh)
	f.value, f.shown, f.fits = fresh, grown.root, err == nil
	return fresh, err
}

// same tells without looking inside: parts that did not change share their memory.
func same(a, b Value) bool {
	return a.kind == b.kind && a.node == b.node && a.flag == b.flag && a.bits == b.bits &&
		isSameText(a.text, b.text)
}

// advance makes what holds old hold next. It is false if that did not work; what it was given is
// of no use then.
func advance(p *plan, old, next Value, into reflect.Value) bool {
	if same(old, next) {
		return true
	}
	if !p.raw {
		old, next = old.Plain(), next.Plain()
	}
	switch {
	case p.parts.kind == partsValue:
		into.Set(reflect.ValueOf(next))
		return true
	case old.kind != next.kind:
	case p.parts.kind == partsText && next.kind == KindString:
		into.SetString(next.text)
		return true
	case p.parts.kind == partsItems && next.kind == KindList:
		return advanceItems(p, old.node, next.node, into)
	case p.parts.kind == partsFields && next.kind == KindClass:
		return advanceFields(p, old.node, next.node, into)
	case p.parts.kind == partsPointer && !into.IsNil() && !next.IsNull():
		// Whoever has the pointer keeps what it points to.
		fresh := reflect.New(into.Type().Elem())
		fresh.Elem().Set(into.Elem())
		if !advance(p.parts.element(), old, next, fresh.Elem()) {
			return false
		}
		into.Set(fresh)
		return true
	case p.parts.kind == partsWrapped && p.keeps == wrapsState && next.kind == KindStated:
		into.Field(1).SetUint(uint64(next.flag))
		return advance(p.parts.element(), old.node.items[0], next.node.items[0], into.Field(0))
	case p.parts.kind == partsWrapped && p.keeps == wrapsChecks && next.kind == KindChecked &&
		slices.Equal(old.node.checks, next.node.checks):
		return advance(p.parts.element(), old.node.items[0], next.node.items[0], into.Field(0))
	}
	return readAnew(p, next, into)
}

func advanceItems(p *plan, old, next *node, into reflect.Value) bool {
	before, after := old.count(), next.count()
	if after < before || into.Len() != before {
		return readAnew(p, Value{kind: KindList, node: next}, into)
	}
	element := p.parts.element()
	for index := sharedItems(old, next); index < before; index++ {
		if !advance(element, old.item(index), next.item(index), into.Index(index)) {
			return false
		}
	}
	for index := before; index < after; index++ {
		if index == into.Cap() {
			into.Grow(1)
		}
		into.SetLen(index + 1)
		// What lies behind the end may be left from a longer one.
		into.Index(index).SetZero()
		if !readAnew(element, next.item(index), into.Index(index)) {
			return false
		}
	}
	return true
}

// sharedItems is how many items at the front are the same because they lie in the same memory.
func sharedItems(old, next *node) int {
	count := min(len(old.items), len(next.items))
	if count == 0 || &old.items[0] != &next.items[0] {
		return sameItems(old, next, count)
	}
	return count
}

// sameItems counts those that are the same one by one: the memory moved because it had to grow.
func sameItems(old, next *node, count int) int {
	for index := range count {
		if !same(old.items[index], next.items[index]) {
			return index
		}
	}
	return count
}

func advanceFields(p *plan, old, next *node, into reflect.Value) bool {
	if old.name != next.name || len(old.names) != len(next.names) {
		return readAnew(p, Value{kind: KindClass, node: next}, into)
	}
	for index, name := range next.names {
		if old.names[index] != name {
			return readAnew(p, Value{kind: KindClass, node: next}, into)
		}
		was, is := old.item(index), next.item(index)
		if same(was, is) {
			continue
		}
		target := p.parts.find(name, index)
		if target == nil {
			continue
		}
		if hasTwin(next.names, index) {
			return readAnew(p, Value{kind: KindClass, node: next}, into)
		}
		if !advance(target.plan(), was, is, into.FieldByIndex(target.index)) {
			return false
		}
	}
	return true
}

// hasTwin tells of a name that differs in case only: both would go into one field.
func hasTwin(names []string, index int) bool {
	for other, name := range names {
		if other != index && strings.EqualFold(name, names[index]) {
			return true
		}
	}
	return false
}

// readAnew reads a whole value into what may hold something else.
func readAnew(p *plan, value Value, into reflect.Value) bool {
	r := &reading{cursor: wire.NewCursor(appendValue(nil, value))}
	fresh := reflect.New(into.Type()).Elem()
	r.value(p, fresh)
	if r.failed() {
		return false
	}
	into.Set(fresh)
	return true
}
