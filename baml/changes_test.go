// Tests of changes: what they do, that older values stay as they were, and what is malformed.

package baml

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bamlwire/bamlwire/baml/internal/wire"
	"github.com/bamlwire/bamlwire/baml/internal/wiretest"
)

// applied is the value after a message of changes; the value before stays as it is.
func applied(before Value, body []byte) (Value, error) {
	growing := growing{root: before}
	err := growing.apply(body)
	return growing.root, err
}

func TestChanges_set_append_push_leave_older_values_alone(t *testing.T) {
	w := (&wiretest.Writer{}).Varint(1)
	w.Byte(changeSet).Varint(0)
	w.Class("C", 3).Name("name").String("A").Name("list").List(1).String("x").Name("map").Map(0)
	first, err := applied(Value{}, w.Bytes)
	require.NoError(t, err)
	assert.Equal(t, `{"name":"A","list":["x"],"map":{}}`, first.String())

	w = (&wiretest.Writer{}).Varint(5)
	w.Byte(changeAppend).Varint(1).Byte(0).Name("name").Raw("da")
	w.Byte(changeAppend).Varint(2).Byte(0).Name("list").Byte(1).Varint(0).Raw("y")
	w.Byte(changePush).Varint(1).Byte(0).Name("list").Varint(2).String("z").Int(4)
	w.Byte(changeSet).Varint(2).Byte(0).Name("map").Byte(0).Name("new").Int(1)
	w.Byte(changeSet).Varint(2).Byte(0).Name("list").Byte(1).Varint(2).Int(5)
	second, err := applied(first, w.Bytes)
	require.NoError(t, err)
	assert.Equal(t, `{"name":"Ada","list":["xy","z",5],"map":{"new":1}}`, second.String())
	assert.Equal(t, `{"name":"A","list":["x"],"map":{}}`, first.String())

	var got struct {
		Name string         `json:"name"`
		List []any          `json:"list"`
		Map  map[string]int `json:"map"`
	}
	require.NoError(t, tree{second}.decode(&got))
	assert.Equal(t, "Ada", got.Name)
	assert.Equal(t, []any{"xy", "z", int64(5)}, got.List)
	assert.Equal(t, map[string]int{"new": 1}, got.Map)
}

func TestChanges_lead_through_states_and_checks(t *testing.T) {
	w := (&wiretest.Writer{}).Varint(1)
	w.Byte(changeSet).Varint(0).Class("C", 2)
	w.Name("list").Stated().List(1).String("x").Byte(1)
	w.Name("text").Checked().String("a").Varint(1).Check("n", "e", 1)
	first, err := applied(Value{}, w.Bytes)
	require.NoError(t, err)

	w = (&wiretest.Writer{}).Varint(3)
	w.Byte(changeAppend).Varint(2).Byte(0).Name("list").Byte(1).Varint(0).Raw("y")
	w.Byte(changePush).Varint(1).Byte(0).Name("list").Varint(1).String("z")
	w.Byte(changeAppend).Varint(1).Byte(0).Name("text").Raw("b")
	second, err := applied(first, w.Bytes)
	require.NoError(t, err)

	var before, after struct {
		List StreamState[[]string] `json:"list"`
		Text Checked[string]       `json:"text"`
	}
	var follower follower[struct {
		List StreamState[[]string] `json:"list"`
		Text Checked[string]       `json:"text"`
	}]
	_, err = follower.follow(tree{first})
	require.NoError(t, err)
	followed, err := follower.follow(tree{second})
	require.NoError(t, err)
	require.NoError(t, tree{first}.decode(&before))
	require.NoError(t, tree{second}.decode(&after))
	assert.Equal(t, []string{"x"}, before.List.Value)
	assert.Equal(t, "a", before.Text.Value)
	assert.Equal(t, []string{"xy", "z"}, after.List.Value)
	assert.Equal(t, StateIncomplete, after.List.State)
	assert.Equal(t, "ab", after.Text.Value)
	assert.True(t, after.Text.Passed())
	assert.Equal(t, after, followed)
}

func TestChanges_that_lead_nowhere_are_malformed(t *testing.T) {
	value, err := message(whole().Class("C", 1).Name("list").List(1).Int(1).Bytes).value()
	require.NoError(t, err)
	for name, w := range map[string]*wiretest.Writer{
		"no such item": (&wiretest.Writer{}).Varint(1).Byte(changeSet).Varint(2).
			Byte(0).Name("list").Byte(1).Varint(7).Null(),
		"no such way": (&wiretest.Writer{}).Varint(1).Byte(changeSet).Varint(2).
			Byte(0).Name("ghost").Byte(0).Name("x").Null(),
		"text for a list":  (&wiretest.Writer{}).Varint(1).Byte(changeAppend).Varint(1).Byte(0).Name("list").Raw("x"),
		"items for an int": (&wiretest.Writer{}).Varint(1).Byte(changePush).Varint(2).Byte(0).Name("list").Byte(1).Varint(0).Varint(0),
		"unknown change":   (&wiretest.Writer{}).Varint(1).Byte(9).Varint(0),
		"unknown step":     (&wiretest.Writer{}).Varint(1).Byte(changeSet).Varint(1).Byte(7),
	} {
		_, err := applied(value, w.Bytes)
		require.ErrorIs(t, err, wire.ErrMalformed, name)
	}
	assert.Equal(t, `{"list":[1]}`, value.String())
}

// drawValue makes any value.
func drawValue(t *rapid.T, depth int) Value {
	most := 11
	if depth == 0 {
		most = 4
	}
	inner := func() Value { return drawValue(t, depth-1) }
	switch rapid.IntRange(0, most).Draw(t, "kind") {
	case 0:
		return Value{}
	case 1:
		return Value{kind: KindBool, flag: uint8(rapid.IntRange(0, 1).Draw(t, "bool"))}
	case 2:
		return Value{kind: KindInt, bits: uint64(rapid.Int64().Draw(t, "int"))}
	case 3:
		return Value{kind: KindFloat, bits: rapid.Uint64().Draw(t, "float")}
	case 4:
		return Value{kind: KindString, text: rapid.String().Draw(t, "text")}
	case 5:
		return Value{kind: KindEnum, text: "M", node: &node{name: "E"}}
	case 6:
		return Value{kind: KindStated, flag: 1, node: &node{items: []Value{inner()}}}
	case 7:
		checks := []CheckOutcome{{Name: "n", Expression: "e", Passed: true}, {Name: "m"}}
		return Value{kind: KindChecked, node: &node{items: []Value{inner()}, checks: checks}}
	case 8:
		return Value{kind: KindMedia, node: &node{media: &Media{Kind: Audio, Base64: "AA==", MediaType: "a/b"}}}
	case 9:
		items := make([]Value, rapid.IntRange(0, 3).Draw(t, "count"))
		for index := range items {
			items[index] = inner()
		}
		return Value{kind: KindList, node: &node{items: items}}
	default:
		entries := &node{names: []string{"a", "b"}, items: []Value{inner(), inner()}}
		return Value{kind: KindMap, node: entries}
	}
}

// Property: what appendValue writes, readValue reads back.
func TestValue_written_and_read_back_is_the_same(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := drawValue(t, 4)
		back, err := message(appendValue([]byte{markWhole}, value)).value()
		require.NoError(t, err)
		require.Equal(t, value.String(), back.String())
		require.Equal(t, appendValue(nil, value), appendValue(nil, back))
	})
}

func FuzzChanges(f *testing.F) {
	f.Add((&wiretest.Writer{}).Varint(1).Byte(changeSet).Varint(1).Byte(0).Name("a").Int(1).Bytes)
	f.Add((&wiretest.Writer{}).Varint(1).Byte(changePush).Varint(1).Byte(0).Name("jobs").Varint(1).Null().Bytes)
	f.Fuzz(func(t *testing.T, data []byte) {
		before, err := personMessage().value()
		require.NoError(t, err)
		shown := before.String()
		after, err := applied(before, data)
		if err == nil {
			_ = after.String()
		}
		require.Equal(t, shown, before.String())
	})
}
