// How values become Go types: a plan a type, made once. No state of a decoding lives here.

package baml

import (
	"encoding"
	"reflect"
	"strings"
	"sync"

	"github.com/bamlwire/bamlwire/baml/internal/wire"
)

// plan reads values of one Go type. Plans are made once a type and kept; there are as many as the
// program has types, whatever a model answers.
//
// Invariant: immutable once planFor returned it.
type plan struct {
	read func(r *reading, tag wire.Tag, into reflect.Value)
	// keeps names the wrapper that read wants to see; others are taken off before.
	keeps wrapperKind
	// raw means that read wants everything as it is: wrappers and null too.
	raw bool
	// parts tells how a Go value that was read before follows a BAML value that grew.
	parts parts
}

// parts is what a plan knows of the parts of its type.
type parts struct {
	kind partsKind
	// element is the plan of items, of what a pointer points to, of what a wrapper wraps.
	element func() *plan
	// find is the field for a name, with a guess at its position.
	find func(name string, guess int) *field
}

type partsKind uint8

const (
	// Read anew whenever something changed.
	partsNone partsKind = iota
	partsText
	partsValue
	partsItems
	partsFields
	partsPointer
	partsWrapped
)

var plans sync.Map // reflect.Type → *plan

var (
	valueType           = reflect.TypeFor[Value]()
	mediaType           = reflect.TypeFor[Media]()
	unmarshalerType     = reflect.TypeFor[Unmarshaler]()
	textUnmarshalerType = reflect.TypeFor[encoding.TextUnmarshaler]()
	wrapperType         = reflect.TypeFor[wrapper]()
)

// planFor is the plan of a type, made when first asked for.
func planFor(t reflect.Type) *plan {
	if known, ok := plans.Load(t); ok {
		return known.(*plan)
	}
	// A type may contain itself: the plan is looked up again when it is first needed.
	made := compile(t)
	known, _ := plans.LoadOrStore(t, made)
	return known.(*plan)
}

// lazyPlan defers the look-up of a part's plan to its first use.
func lazyPlan(t reflect.Type) func() *plan {
	return sync.OnceValue(func() *plan { return planFor(t) })
}

func compile(t reflect.Type) *plan {
	switch {
	case t == valueType:
		return &plan{raw: true, read: readAsValue, parts: parts{kind: partsValue}}
	case t == mediaType:
		return &plan{read: readAsMedia}
	case reflect.PointerTo(t).Implements(unmarshalerType):
		return &plan{raw: true, read: readByMethod}
	case t.Implements(wrapperType) && t.Kind() == reflect.Struct:
		return wrapperPlan(t)
	case reflect.PointerTo(t).Implements(textUnmarshalerType) && t.Kind() != reflect.String:
		return &plan{read: readByText}
	}
	switch t.Kind() {
	case reflect.Bool:
		return &plan{read: readBool}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return &plan{read: readInt}
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return &plan{read: readUint}
	case reflect.Float32, reflect.Float64:
		return &plan{read: readFloat}
	case reflect.String:
		return &plan{read: readString, parts: parts{kind: partsText}}
	case reflect.Pointer:
		return pointerPlan(t)
	case reflect.Slice:
		return slicePlan(t)
	case reflect.Map:
		return mapPlan(t)
	case reflect.Struct:
		return structPlan(t)
	case reflect.Interface:
		return &plan{raw: true, read: readAsAny}
	default:
		return &plan{read: readNothing}
	}
}

func pointerPlan(t reflect.Type) *plan {
	element := lazyPlan(t.Elem())
	pointer := parts{kind: partsPointer, element: element}
	read := func(r *reading, tag wire.Tag, into reflect.Value) {
		if tag == wire.Null {
			into.SetZero()
			return
		}
		fresh := reflect.New(t.Elem())
		r.tagged(element(), tag, fresh.Elem())
		if r.wasNull {
			// A wrapper around null, which the element's type did not want to see.
			r.wasNull = false
			into.SetZero()
			return
		}
		into.Set(fresh)
	}
	return &plan{raw: true, read: read, parts: pointer}
}

func slicePlan(t reflect.Type) *plan {
	element := lazyPlan(t.Elem())
	read := func(r *reading, tag wire.Tag, into reflect.Value) {
		if tag != wire.List {
			r.mismatch(tag, t)
			return
		}
		count := r.cursor.Count()
		into.Set(reflect.MakeSlice(t, 0, min(count, roomMax)))
		for index := range count {
			if index == into.Cap() {
				into.Grow(1)
			}
			into.SetLen(index + 1)
			r.value(element(), into.Index(index))
			if r.failed() {
				r.inside(index)
				return
			}
		}
	}
	return &plan{read: read, parts: parts{kind: partsItems, element: element}}
}

func mapPlan(t reflect.Type) *plan {
	element := lazyPlan(t.Elem())
	return &plan{read: func(r *reading, tag wire.Tag, into reflect.Value) {
		if tag == wire.Class {
			r.cursor.Name()
		} else if tag != wire.Map {
			r.mismatch(tag, t)
			return
		}
		if t.Key().Kind() != reflect.String {
			r.mismatch(tag, t)
			return
		}
		count := r.cursor.Count()
		entries := reflect.MakeMapWithSize(t, min(count, roomMax))
		for range count {
			name := r.cursor.Name()
			entry := reflect.New(t.Elem()).Elem()
			r.value(element(), entry)
			if r.failed() {
				r.inside(name)
				return
			}
			entries.SetMapIndex(reflect.ValueOf(name).Convert(t.Key()), entry)
		}
		into.Set(entries)
	}}
}

// field is one field of a struct that takes part.
type field struct {
	name  string
	index []int
	plan  func() *plan
}

func structPlan(t reflect.Type) *plan {
	fields, byName, byFold := fieldsOf(t)
	find := func(name string, guess int) *field {
		// Classes come in the order of their declaration, which most structs follow.
		if guess < len(fields) && fields[guess].name == name {
			return fields[guess]
		}
		if found := byName[name]; found != nil {
			return found
		}
		return byFold[strings.ToLower(name)]
	}
	read := func(r *reading, tag wire.Tag, into reflect.Value) {
		if tag == wire.Class {
			r.cursor.Name()
		} else if tag != wire.Map {
			r.mismatch(tag, t)
			return
		}
		for position := range r.cursor.Count() {
			name := r.cursor.Name()
			target := find(name, position)
			if target == nil {
				r.cursor.Skip()
			} else {
				r.value(target.plan(), into.FieldByIndex(target.index))
			}
			if r.failed() {
				r.inside(name)
				return
			}
		}
	}
	return &plan{read: read, parts: parts{kind: partsFields, find: find}}
}

// fieldsOf lists the exported fields under their JSON names, those of embedded structs included.
func fieldsOf(t reflect.Type) (fields []*field, byName, byFold map[string]*field) {
	byName, byFold = map[string]*field{}, map[string]*field{}
	for _, member := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(member.Tag.Get("json"), ",")
		embedded := member.Anonymous && name == "" && member.Type.Kind() == reflect.Struct
		if !member.IsExported() || name == "-" || embedded || throughPointer(t, member.Index) {
			continue
		}
		if name == "" {
			name = member.Name
		}
		found := &field{name: name, index: member.Index, plan: lazyPlan(member.Type)}
		fields = append(fields, found)
		if byName[name] == nil {
			byName[name] = found
		}
		if fold := strings.ToLower(name); byFold[fold] == nil {
			byFold[fold] = found
		}
	}
	return fields, byName, byFold
}

// throughPointer tells whether a promoted field lies behind an embedded pointer, which may be nil.
func throughPointer(t reflect.Type, index []int) bool {
	for _, step := range index[:len(index)-1] {
		t = t.Field(step).Type
		if t.Kind() == reflect.Pointer {
			return true
		}
	}
	return false
}

func wrapperPlan(t reflect.Type) *plan {
	keeps := reflect.Zero(t).Interface().(wrapper).receives()
	inner := lazyPlan(t.Field(0).Type)
	read := func(r *reading, tag wire.Tag, into reflect.Value) {
		switch {
		case tag == wire.Checked && keeps == wrapsChecks:
			r.value(inner(), into.Field(0))
			checks := readChecks(r.cursor)
			byName := make(map[string]CheckOutcome, len(checks))
			for _, check := range checks {
				byName[check.Name] = check
			}
			into.Field(1).Set(reflect.ValueOf(byName))
		case tag == wire.Stated && keeps == wrapsState:
			r.value(inner(), into.Field(0))
			into.Field(1).SetUint(uint64(readState(r.cursor)))
		case tag == wire.Checked || tag == wire.Stated:
			r.unwrap(tag, func(next wire.Tag) { r.tagged(planFor(t), next, into) })
		default:
			if keeps == wrapsState {
				into.Field(1).SetUint(uint64(StateComplete))
			}
			r.tagged(inner(), tag, into.Field(0))
		}
		r.wasNull = false
	}
	return &plan{
		raw: true, keeps: keeps, read: read, parts: parts{kind: partsWrapped, element: inner},
	}
}
