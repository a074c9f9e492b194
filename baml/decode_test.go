// Tests of what reads messages: Value, Go types, their errors and bounds; with a fuzz target.

package baml

import (
	"encoding/json"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bamlwire/bamlwire/baml/internal/wire"
	"github.com/bamlwire/bamlwire/baml/internal/wiretest"
)

func whole() *wiretest.Writer { return (&wiretest.Writer{}).Byte(markWhole) }

type level string

type job struct {
	Title string   `json:"title"`
	Years *int     `json:"years"`
	Tags  []string `json:"tags"`
}

type person struct {
	Name  string         `json:"name"`
	Age   int8           `json:"age"`
	Score float64        `json:"score"`
	Level level          `json:"level"`
	Jobs  []job          `json:"jobs"`
	Best  *job           `json:"best"`
	Notes map[string]any `json:"notes"`
	Boss  *person        `json:"boss"`
}

func personMessage() message {
	w := whole().Class("Person", 9)
	w.Name("name").String("Ada")
	w.Name("age").Int(-36)
	w.Name("score").Float(1.5)
	w.Name("level").Enum("Level", "HIGH")
	w.Name("jobs").List(2)
	w.Class("Job", 3).Name("title").String("a").Name("years").Int(3).Name("tags").List(1).String("x")
	w.Class("Job", 3).Name("title").String("b").Name("years").Null().Name("tags").Null()
	w.Name("best").Class("Job", 1).Name("title").String("c")
	w.Name("notes").Map(2).Name("n").Int(1).Name("l").List(1).Bool(true)
	w.Name("unknown").List(1).Map(1).Name("deep").Null()
	w.Name("boss").Class("Person", 1).Name("name").String("Bo")
	return message(w.Bytes)
}

func TestDecode_struct_takes_every_kind(t *testing.T) {
	var got person
	require.NoError(t, personMessage().decode(&got))
	years := 3
	assert.Equal(t, person{
		Name: "Ada", Age: -36, Score: 1.5, Level: "HIGH",
		Jobs:  []job{{"a", &years, []string{"x"}}, {Title: "b"}},
		Best:  &job{Title: "c"},
		Notes: map[string]any{"n": int64(1), "l": []any{true}},
		Boss:  &person{Name: "Bo"},
	}, got)
}

func TestDecode_value_writes_json_in_order(t *testing.T) {
	value, err := personMessage().value()
	require.NoError(t, err)
	text, err := json.Marshal(value)
	require.NoError(t, err)
	assert.JSONEq(t, `{"name":"Ada","age":-36,"score":1.5,"level":"HIGH","jobs":[
		{"title":"a","years":3,"tags":["x"]},{"title":"b","years":null,"tags":null}],
		"best":{"title":"c"},"notes":{"n":1,"l":[true]},"unknown":[{"deep":null}],"boss":{"name":"Bo"}}`,
		string(text))
	assert.True(t, strings.HasPrefix(string(text), `{"name":"Ada","age":-36,"score":1.5,`))
	level, ok := value.Field("level")
	require.True(t, ok)
	assert.Equal(t, KindEnum, level.Kind())
	assert.Equal(t, "Level", level.TypeName())
	assert.Equal(t, "HIGH", level.Text())
}

func TestDecode_wrappers_with_and_without_room(t *testing.T) {
	w := whole().Class("C", 1).Name("a")
	w.Stated().Checked().Int(7).Varint(2).Check("even", "this % 2 == 0", 0).Check("odd", "x", 1).Byte(1)
	m := message(w.Bytes)

	var both struct {
		A StreamState[Checked[int]] `json:"a"`
	}
	require.NoError(t, m.decode(&both))
	assert.Equal(t, StateIncomplete, both.A.State)
	assert.Equal(t, 7, both.A.Value.Value)
	assert.False(t, both.A.Value.Passed())
	assert.True(t, both.A.Value.Checks["odd"].Passed)

	var one struct {
		A *Checked[*int] `json:"a"`
	}
	require.NoError(t, m.decode(&one))
	assert.Equal(t, 7, *one.A.Value)

	var none struct {
		A int `json:"a"`
	}
	require.NoError(t, m.decode(&none))
	assert.Equal(t, 7, none.A)

	value, err := m.value()
	require.NoError(t, err)
	a, _ := value.Field("a")
	assert.Equal(t, int64(7), a.Int())
	assert.Equal(t, StateIncomplete, a.State())
	assert.Len(t, a.Checks(), 2)
	assert.JSONEq(t, `{"value":{"value":7,"checks":{
		"even":{"name":"even","expression":"this % 2 == 0","status":"failed"},
		"odd":{"name":"odd","expression":"x","status":"succeeded"}}},"state":"Incomplete"}`, a.String())
}

func TestDecode_wrapped_null_is_nil_in_a_pointer(t *testing.T) {
	m := message(whole().Class("C", 2).Name("a").Stated().Null().Byte(0).Name("b").Int(5).Bytes)
	var got struct {
		A *int `json:"a"`
		B *int `json:"b"`
	}
	require.NoError(t, m.decode(&got))
	assert.Nil(t, got.A)
	require.NotNil(t, got.B)
	assert.Equal(t, 5, *got.B)
}

// A pointer to a struct whose last field is null must not itself become nil.
func TestDecode_pointer_to_struct_ending_in_null_is_kept(t *testing.T) {
	m := message(whole().Class("Job", 2).Name("title").String("x").Name("years").Null().Bytes)
	var got *struct {
		Title string `json:"title"`
		Years int    `json:"years"`
	}
	require.NoError(t, m.decode(&got))
	require.NotNil(t, got)
	assert.Equal(t, "x", got.Title)
}

type shape struct{ text string }

func (s *shape) UnmarshalBAML(value Value) error {
	s.text = value.TypeName() + ":" + value.String()
	return nil
}

func TestDecode_own_readers(t *testing.T) {
	m := message(whole().Class("C", 4).
		Name("when").String("2024-05-01T00:00:00Z").
		Name("shape").Class("Circle", 1).Name("r").Int(2).
		Name("raw").List(1).Null().
		Name("pic").MediaURL(2, "http://x/y").Bytes)
	var got struct {
		When  time.Time `json:"when"`
		Shape shape     `json:"shape"`
		Raw   Value     `json:"raw"`
		Pic   Media     `json:"pic"`
	}
	require.NoError(t, m.decode(&got))
	assert.Equal(t, 2024, got.When.Year())
	assert.Equal(t, `Circle:{"r":2}`, got.Shape.text)
	assert.Equal(t, 1, got.Raw.Len())
	assert.Equal(t, Media{Kind: PDF, URL: "http://x/y"}, got.Pic)
}

func TestDecode_mismatch_names_the_path(t *testing.T) {
	m := message(whole().Class("P", 1).Name("jobs").List(2).
		Class("Job", 0).
		Class("Job", 1).Name("tags").List(1).Int(4).Bytes)
	got := person{Name: "untouched"}
	err := m.decode(&got)
	var mismatch *DecodeError
	require.ErrorAs(t, err, &mismatch)
	assert.Equal(t, "jobs[1].tags[0]", mismatch.Path)
	assert.Equal(t, reflect.TypeFor[string](), mismatch.Type)
	assert.EqualError(t, err, "jobs[1].tags[0]: cannot put a int into a Go string")
	assert.Equal(t, "untouched", got.Name)

	assert.Error(t, message(whole().Int(300).Bytes).decode(new(int8)))
	assert.Error(t, message(whole().Int(-1).Bytes).decode(new(uint)))
	assert.Error(t, message(whole().Int(1).Bytes).decode(person{}))
	assert.Error(t, message(whole().Int(1).Bytes).decode(nil))
}

func TestDecode_floats_stay_floats_in_json(t *testing.T) {
	for _, number := range []float64{0, 1, -2.5, 1e300, 5e-324, math.Inf(1), math.NaN()} {
		value, err := message(whole().Float(number).Bytes).value()
		require.NoError(t, err)
		if math.IsInf(number, 0) || math.IsNaN(number) {
			assert.Equal(t, "null", value.String())
			continue
		}
		var back float64
		require.NoError(t, json.Unmarshal([]byte(value.String()), &back))
		assert.Equal(t, number, back)
		assert.True(t, strings.ContainsAny(value.String(), ".e"), value.String())
	}
}

func TestDecode_depth_at_the_limit_and_beyond(t *testing.T) {
	nested := func(depth int) message {
		w := whole()
		for range depth - 1 {
			w.List(1)
		}
		return message(w.Null().Bytes)
	}
	_, err := nested(wire.DepthMax).value()
	require.NoError(t, err)
	_, err = nested(wire.DepthMax + 1).value()
	require.ErrorIs(t, err, wire.ErrMalformed)
	var list []any
	require.ErrorIs(t, nested(wire.DepthMax+1).decode(&list), wire.ErrMalformed)
}

// Any beginning of a message, and any message with a byte too many, is malformed and not a panic.
func TestDecode_every_cut_is_malformed(t *testing.T) {
	m := personMessage()
	for size := range len(m) {
		_, err := m[:size].value()
		require.ErrorIs(t, err, wire.ErrMalformed, "cut at %d", size)
		var got person
		require.Error(t, m[:size].decode(&got), "cut at %d", size)
	}
	_, err := append(m[:len(m):len(m)], 0).value()
	require.ErrorIs(t, err, wire.ErrMalformed)
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(personMessage()))
	f.Add(whole().Stated().Checked().Int(7).Varint(1).Check("n", "e", 1).Byte(2).Bytes)
	f.Add(whole().MediaURL(0, "http://x").Bytes)
	f.Fuzz(func(t *testing.T, data []byte) {
		m := message(data)
		value, err := m.value()
		if err == nil {
			text, err := json.Marshal(value)
			require.NoError(t, err)
			require.True(t, json.Valid(text))
		}
		var tree Value
		decoded := m.decode(&tree)
		require.Equal(t, err == nil, decoded == nil)
		if err == nil {
			require.Equal(t, value.String(), tree.String())
		}
		var typed person
		_ = m.decode(&typed)
		var loose map[string]Checked[StreamState[any]]
		_ = m.decode(&loose)
	})
}

func BenchmarkDecode_struct(b *testing.B) {
	w := whole().Class("P", 1).Name("jobs").List(100)
	for range 100 {
		w.Class("Job", 3).Name("title").String(strings.Repeat("x", 60)).Name("years").Int(3).
			Name("tags").List(1).String("some tag here")
	}
	m := message(w.Bytes)
	b.SetBytes(int64(len(m)))
	b.ReportAllocs()
	for b.Loop() {
		var got person
		if err := m.decode(&got); err != nil {
			b.Fatal(err)
		}
	}
}
