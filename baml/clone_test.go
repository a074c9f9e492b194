// Clones share nothing with what they were made from.

package baml_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bamlwire/bamlwire/baml"
)

type cloned struct {
	Name  string
	Items []*cloned
	Notes map[string][]int
	Any   any
	None  *cloned
	Pair  [2][]string
}

func TestClone_shares_nothing_that_can_change(t *testing.T) {
	whole := func() cloned {
		return cloned{
			Name:  "a",
			Items: []*cloned{{Name: "b"}, nil},
			Notes: map[string][]int{"n": {1, 2}},
			Any:   []any{"x", map[string]any{"y": 1}},
			Pair:  [2][]string{{"p"}, nil},
		}
	}
	original := whole()
	copied := baml.Clone(original)
	require.Equal(t, whole(), copied)
	original.Items[0].Name = "changed"
	original.Notes["n"][0] = 9
	original.Any.([]any)[1].(map[string]any)["y"] = 9
	original.Pair[0][0] = "changed"
	assert.Equal(t, whole(), copied)
}

func TestClone_of_nothing_is_nothing(t *testing.T) {
	assert.Nil(t, baml.Clone[any](nil))
	assert.Nil(t, baml.Clone[*cloned](nil))
	assert.Equal(t, "text", baml.Clone[any]("text"))
}

// Every partial of a growing list is kept; none changes afterwards.
func TestClone_of_a_partial_outlives_the_loop(t *testing.T) {
	clean(t)
	m := newModel(t)
	r := load(t, m.URL)
	var kept []string
	go func() {
		x := <-m.exchanges
		for _, piece := range []string{"a", "b", "c"} {
			x.pieces <- piece
			<-x.wrote
		}
		x.finish()
	}()
	for update, err := range baml.Updates[string](soon(t), r, "Say", baml.Args{"text": "hi"}) {
		require.NoError(t, err)
		kept = append(kept, baml.Clone(update.Value))
	}
	require.NotEmpty(t, kept)
	for index, text := range kept {
		assert.Contains(t, []string{"a", "ab", "abc"}, text, index)
	}
	assert.Equal(t, "abc", kept[len(kept)-1])
}
