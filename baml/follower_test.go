// Tests of growing values: older ones stay as they were, and Go values that follow are what a fresh
// decoding gives.

package baml

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bamlwire/bamlwire/baml/internal/wiretest"
)

type followed struct {
	Name  string               `json:"name"`
	Note  *string              `json:"note"`
	Tags  []string             `json:"tags"`
	Inner *followed            `json:"inner"`
	Kids  []followed           `json:"kids"`
	Score StreamState[float64] `json:"score"`
	Extra map[string]any       `json:"extra"`
	Raw   Value                `json:"raw"`
}

// writeFollowed writes an instance with parts drawn.
func writeFollowed(t *rapid.T, w *wiretest.Writer, depth int) {
	w.Class("F", 8)
	w.Name("name").String(rapid.StringN(0, 5, -1).Draw(t, "name"))
	if w.Name("note"); rapid.Bool().Draw(t, "note?") {
		w.String("n")
	} else {
		w.Null()
	}
	tags := rapid.IntRange(0, 2).Draw(t, "tags")
	w.Name("tags").List(tags)
	for range tags {
		w.String("tag")
	}
	if w.Name("inner"); depth > 0 && rapid.Bool().Draw(t, "inner?") {
		writeFollowed(t, w, depth-1)
	} else {
		w.Null()
	}
	kids := 0
	if depth > 0 {
		kids = rapid.IntRange(0, 2).Draw(t, "kids")
	}
	w.Name("kids").List(kids)
	for range kids {
		writeFollowed(t, w, depth-1)
	}
	w.Name("score").Byte(11).Int(rapid.Int64().Draw(t, "score")).Byte(1)
	w.Name("extra").Map(1).Name("k").Int(1)
	w.Name("raw").Null()
}

// place is a part of a value with the way to it.
type place struct {
	value Value
	path  []step
}

func placesOf(value Value, path []step, found []place) []place {
	found = append(found, place{value, path})
	grow := func(next step) []step { return append(path[:len(path):len(path)], next) }
	switch value.kind {
	case KindList:
		for index, item := range value.Items() {
			found = placesOf(item, grow(step{index: index}), found)
		}
	case KindClass, KindMap:
		for name, field := range value.Fields() {
			found = placesOf(field, grow(step{name: name, isKey: true}), found)
		}
	}
	return found
}

// writeChange writes a change of a part that was drawn.
func writeChange(t *rapid.T, w *wiretest.Writer, value Value) {
	places := placesOf(value, nil, nil)
	// What comes late in the value is what grows.
	at := places[len(places)-1-rapid.IntRange(0, len(places)-1).Draw(t, "place")]
	path := func(change byte) {
		w.Byte(change).Varint(uint64(len(at.path)))
		for _, step := range at.path {
			if step.isKey {
				w.Byte(0).Name(step.name)
			} else {
				w.Byte(1).Varint(uint64(step.index))
			}
		}
	}
	switch {
	case at.value.kind == KindString:
		path(changeAppend)
		w.Raw(rapid.StringN(0, 9, -1).Draw(t, "more"))
	case at.value.kind == KindClass && at.value.node.name == "F":
		path(changeSet)
		writeFollowed(t, w, 1)
	case at.value.kind == KindList && at.path[len(at.path)-1].name == "kids":
		path(changePush)
		w.Varint(2)
		writeFollowed(t, w, 1)
		writeFollowed(t, w, 0)
	case at.value.kind == KindList:
		path(changePush)
		w.Varint(1).String("more")
	case at.value.kind == KindMap:
		path(changeSet)
		w.Map(1).Name("k").String("v")
	case at.value.kind == KindStated:
		path(changeSet)
		w.Byte(11).Int(7).Byte(2)
	case at.value.kind == KindNull && at.path[len(at.path)-1].name == "inner":
		path(changeSet)
		writeFollowed(t, w, 0)
	default:
		path(changeSet)
		w.String("text")
	}
}

// Property: older values never change, and following a stream gives what a fresh decoding gives.
func TestFollower_gives_what_a_fresh_decoding_gives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var growing growing
		var follower follower[followed]
		var kept []Value
		var shown []string
		first := (&wiretest.Writer{}).Byte(markChanges).Varint(1).Byte(changeSet).Varint(0)
		writeFollowed(t, first, 2)
		message := first.Bytes
		for range rapid.IntRange(1, 20).Draw(t, "messages") {
			content, err := growing.take(message)
			require.NoError(t, err)
			kept, shown = append(kept, growing.root), append(shown, growing.root.String())
			if rapid.IntRange(0, 3).Draw(t, "looks") > 0 {
				got, err := follower.follow(content)
				require.NoError(t, err)
				var want followed
				require.NoError(t, content.decode(&want))
				wanted, err := json.Marshal(want)
				require.NoError(t, err)
				shown, err := json.Marshal(got)
				require.NoError(t, err)
				require.Equal(t, string(wanted), string(shown))
			}
			// A message may hold several changes, each of the value as the one before left it.
			next := (&wiretest.Writer{}).Byte(markChanges).Varint(1)
			writeChange(t, next, growing.root)
			message = next.Bytes
		}
		for index, value := range kept {
			require.Equal(t, shown[index], value.String())
		}
	})
}

// What does not fit is an error once, and the next value that fits is read.
func TestFollower_recovers_from_a_value_that_does_not_fit(t *testing.T) {
	var follower follower[[]int]
	list := func(items ...Value) content {
		return tree{Value{kind: KindList, node: &node{items: items}}}
	}
	one, text := Value{kind: KindInt, bits: 1}, Value{kind: KindString, text: "x"}
	for _, step := range []struct {
		content content
		want    []int
		fails   bool
	}{
		{list(one), []int{1}, false},
		{list(one, text), nil, true},
		{list(one, one, one), []int{1, 1, 1}, false},
		{list(), []int{}, false},
	} {
		got, err := follower.follow(step.content)
		require.Equal(t, step.fails, err != nil)
		if !step.fails {
			require.Equal(t, step.want, got)
		}
	}
}

// Two names that differ in case only go into one field: the later one counts, whichever changed.
func TestFollower_of_names_that_differ_in_case_reads_as_decoding_does(t *testing.T) {
	type single struct{ Name string }
	var follower follower[single]
	var growing growing
	first := (&wiretest.Writer{}).Byte(markChanges).Varint(1).Byte(changeSet).Varint(0)
	first.Class("C", 2).Name("name").String("a").Name("NAME").String("b")
	next := (&wiretest.Writer{}).Byte(markChanges).Varint(1).Byte(changeAppend).Varint(1)
	next.Byte(0).Name("name").Raw("more")
	for _, message := range [][]byte{first.Bytes, next.Bytes} {
		content, err := growing.take(message)
		require.NoError(t, err)
		got, err := follower.follow(content)
		require.NoError(t, err)
		require.Equal(t, single{"b"}, got)
	}
}
