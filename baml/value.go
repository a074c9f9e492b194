// Value, a value of BAML as a tree, and how to look into it.

package baml

import (
	"iter"
	"math"
	"strconv"
)

// Value is any value of BAML: the answer of a function whose Go type is not known at compile time.
// The zero Value is null.
//
// Invariant: a Value never changes once it was handed out; values may share parts.
type Value struct {
	kind Kind
	// flag holds a bool, or the State of a KindStated.
	flag uint8
	// bits holds an int or a float.
	bits uint64
	// text is a string, or the member of an enum.
	text string
	// node holds what only larger kinds have.
	node *node
}

// CheckOutcome is the outcome of one @check of a value.
type CheckOutcome struct {
	Name       string `json:"name"`
	Expression string `json:"expression"`
	Passed     bool   `json:"passed"`
}

// State tells how far a value marked @stream.with_state has come.
type State uint8

// The states, in their order.
const (
	StatePending State = iota
	StateIncomplete
	StateComplete
)

// String names the state as JSON does.
func (s State) String() string {
	switch s {
	case StatePending:
		return "Pending"
	case StateIncomplete:
		return "Incomplete"
	default:
		return "Complete"
	}
}

// Kind says what the value is.
func (v Value) Kind() Kind { return v.kind }

// IsNull is true for null, also inside @check or @stream.with_state.
func (v Value) IsNull() bool { return v.Plain().kind == KindNull }

// Plain is the value without the wrappers of @check and @stream.with_state.
func (v Value) Plain() Value {
	for v.kind == KindChecked || v.kind == KindStated {
		v = v.node.items[0]
	}
	return v
}

// Bool is the truth of a bool, false for all else.
func (v Value) Bool() bool { plain := v.Plain(); return plain.kind == KindBool && plain.flag == 1 }

// Int is the number of an int, a float's whole part, 0 for all else.
func (v Value) Int() int64 {
	switch plain := v.Plain(); plain.kind {
	case KindInt:
		return int64(plain.bits)
	case KindFloat:
		return int64(math.Float64frombits(plain.bits))
	default:
		return 0
	}
}

// Float is the number of a float or int, 0 for all else.
func (v Value) Float() float64 {
	switch plain := v.Plain(); plain.kind {
	case KindInt:
		return float64(int64(plain.bits))
	case KindFloat:
		return math.Float64frombits(plain.bits)
	default:
		return 0
	}
}

// Text is the text of a string or the member of an enum, "" for all else.
func (v Value) Text() string { return v.Plain().text }

// String is the text of a string or enum and the JSON of all else.
func (v Value) String() string {
	if plain := v.Plain(); plain.kind == KindString || plain.kind == KindEnum {
		return plain.text
	}
	return string(v.appendJSON(nil))
}

// TypeName is the name of the class or enum, "" for all else.
func (v Value) TypeName() string {
	if plain := v.Plain(); plain.node != nil {
		return plain.node.name
	}
	return ""
}

// Len is the number of items of a list or of entries of a map or class, 0 for all else.
func (v Value) Len() int {
	if plain := v.Plain(); plain.node != nil {
		return plain.node.count()
	}
	return 0
}

// Index is an item of a list, or null if there is none.
func (v Value) Index(index int) Value {
	plain := v.Plain()
	if plain.node == nil || index < 0 || index >= plain.node.count() {
		return Value{}
	}
	return plain.node.item(index)
}

// Field is an entry of a map or class.
func (v Value) Field(name string) (Value, bool) {
	plain := v.Plain()
	if plain.node == nil {
		return Value{}, false
	}
	for index, present := range plain.node.names {
		if present == name {
			return plain.node.item(index), true
		}
	}
	return Value{}, false
}

// Items goes through a list.
func (v Value) Items() iter.Seq2[int, Value] {
	return func(yield func(int, Value) bool) {
		plain := v.Plain()
		if plain.kind != KindList {
			return
		}
		for index := range plain.node.count() {
			if !yield(index, plain.node.item(index)) {
				return
			}
		}
	}
}

// Fields goes through a map or class in its order.
func (v Value) Fields() iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		plain := v.Plain()
		if plain.kind != KindMap && plain.kind != KindClass {
			return
		}
		for index, name := range plain.node.names {
			if !yield(name, plain.node.item(index)) {
				return
			}
		}
	}
}

// Checks are the outcomes of the value's @check attributes.
func (v Value) Checks() []CheckOutcome {
	for v.kind == KindStated {
		v = v.node.items[0]
	}
	if v.kind != KindChecked {
		return nil
	}
	return v.node.checks
}

// State is how far a value with @stream.with_state has come; StateComplete for all else.
func (v Value) State() State {
	for v.kind == KindChecked {
		v = v.node.items[0]
	}
	if v.kind != KindStated {
		return StateComplete
	}
	return State(v.flag)
}

// Media is the value of an image, audio, pdf or video.
func (v Value) Media() (Media, bool) {
	plain := v.Plain()
	if plain.kind != KindMedia {
		return Media{}, false
	}
	return *plain.node.media, true
}

// Any is the value as plain Go: nil, bool, int64, float64, string, []any, map[string]any or Media.
// Wrappers of @check and @stream.with_state are left out.
func (v Value) Any() any {
	switch plain := v.Plain(); plain.kind {
	case KindBool:
		return plain.flag == 1
	case KindInt:
		return int64(plain.bits)
	case KindFloat:
		return math.Float64frombits(plain.bits)
	case KindString, KindEnum:
		return plain.text
	case KindList:
		items := make([]any, plain.node.count())
		for index := range items {
			items[index] = plain.node.item(index).Any()
		}
		return items
	case KindMap, KindClass:
		entries := make(map[string]any, plain.node.count())
		for index, name := range plain.node.names {
			entries[name] = plain.node.item(index).Any()
		}
		return entries
	case KindMedia:
		return *plain.node.media
	default:
		return nil
	}
}

// GoString shows the value in %#v.
func (v Value) GoString() string { return "baml.Value(" + strconv.Quote(v.String()) + ")" }
