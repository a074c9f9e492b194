// How values grow: what a stream shows after each piece is what the text so far reads as.

package baml_test

import (
	"context"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bamlwire/bamlwire/baml"
)

const grownReply = "Here it is:\n```json\n" + `{
  "name": "Ada \"the first\" Lovelace ✓ — mathematician of London, and of other places too",
  "level": "SENIOR",
  "skills": ["analysis", "engines", "", "poetical science", "naïve", "𝒻ancy"]
}` + "\n```\nIs there anything else?"

// Property: whatever the pieces, each partial equals a fresh reading of the text so far, although it
// crossed the line as changes only; and older partials stay as they were.
func TestStream_partials_equal_fresh_readings_of_the_text_so_far(t *testing.T) {
	clean(t)
	m := newModel(t)
	r := load(t, m.URL)
	rapid.Check(t, func(t *rapid.T) {
		stream, err := r.Stream(context.Background(), "Extract", baml.Args{"text": "cv"})
		require.NoError(t, err)
		defer stream.Close()
		x := <-m.exchanges
		var kept []*baml.Partial
		var shown []string
		text, after := "", ""
		for rest := grownReply; rest != ""; {
			size := rapid.IntRange(1, 24).Draw(t, "size")
			piece := rest[:min(size, len(rest))]
			for !utf8.ValidString(piece) {
				piece = rest[:len(piece)+1]
			}
			rest = rest[len(piece):]
			x.pieces <- piece
			<-x.wrote
			text += piece
			fresh, isShown, err := r.ParsePartial("Extract", text)
			require.NoError(t, err)
			if !isShown || fresh.String() == after {
				continue
			}
			after = fresh.String()
			partial := awaitValue(t, stream, after)
			kept, shown = append(kept, partial), append(shown, after)
		}
		close(x.pieces)
		_, err = stream.Final(context.Background())
		require.NoError(t, err)
		for index, partial := range kept {
			value, err := partial.Value()
			require.NoError(t, err)
			require.Equal(t, shown[index], value.String())
			var typed resume
			require.NoError(t, partial.Decode(&typed))
			name, _ := value.Field("name")
			skills, _ := value.Field("skills")
			require.Equal(t, name.Text(), typed.Name)
			require.Len(t, typed.Skills, skills.Len())
		}
	})
}

// awaitValue takes partials until one shows the value.
func awaitValue(t require.TestingT, stream *baml.Stream, want string) *baml.Partial {
	last := ""
	for partial, err := range stream.Partials() {
		require.NoError(t, err)
		value, err := partial.Value()
		require.NoError(t, err)
		if last = value.String(); last == want {
			return partial
		}
		require.Less(t, len(last), len(grownReply)*2)
	}
	require.FailNow(t, "the stream ended without showing", "%s; last %s", want, last)
	return nil
}
