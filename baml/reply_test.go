// How replies were read: scores, liberties, reasons by path.

package baml_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bamlwire/bamlwire/baml"
	"github.com/bamlwire/bamlwire/internal/modelserver"
)

func TestExplainReply_tells_liberties_by_path(t *testing.T) {
	clean(t)
	r := load(t, "http://127.0.0.1:1")
	told, err := r.ExplainReply("Extract", `{"name": "Bo", "level": "senior!", "skills": ["Go", 3]}`)
	require.NoError(t, err)
	require.NotNil(t, told.Score)
	assert.EqualValues(t, 2, *told.Score)
	assert.JSONEq(t, `{"name":"Bo","level":"SENIOR","skills":["Go","3"]}`, string(told.Value))
	require.Len(t, told.Liberties, 2)
	assert.Equal(t, baml.Liberty{
		Path: "level", Name: "other_case", Price: 0, Wanted: "Level", Found: `text "senior!"`,
	}, told.Liberties[0])
	assert.Equal(t, "skills[1]", told.Liberties[1].Path)
	assert.True(t, told.Reading.Taken)
	assert.False(t, told.Cut)
}

func TestExplainReply_that_does_not_fit_tells_why(t *testing.T) {
	clean(t)
	r := load(t, "http://127.0.0.1:1")
	told, err := r.ExplainReply("Extract", `{"name": null}`)
	require.NoError(t, err)
	assert.Nil(t, told.Score)
	assert.Equal(t, "null", string(told.Value))
	require.Len(t, told.Reasons, 1)
	assert.Equal(t, "name", told.Reasons[0].Path)
	assert.Equal(t, "string", told.Reasons[0].Wanted)
}

func TestExplainPartialReply_explains_a_beginning(t *testing.T) {
	clean(t)
	r := load(t, "http://127.0.0.1:1")
	told, err := r.ExplainPartialReply("Extract", `{"name": "B`)
	require.NoError(t, err)
	assert.JSONEq(t, `{"name":"B","level":null,"skills":[]}`, string(told.Value))
}

func TestExplainReply_unknown_function_is_an_error(t *testing.T) {
	clean(t)
	r := load(t, "http://127.0.0.1:1")
	_, err := r.ExplainReply("Extrakt", "{}")
	var failure *baml.Error
	require.ErrorAs(t, err, &failure)
	assert.Equal(t, baml.ErrorInvalidArgument, failure.Kind)
}

func TestFinal_tells_how_much_was_guessed(t *testing.T) {
	clean(t)
	for text, score := range map[string]int64{
		`{"name": "Bo", "level": "SENIOR", "skills": []}`: 0,
		`{"name": "Bo", "skills": ["Go"], "more": 1}`:     2,
	} {
		server := scripted(t, modelserver.Step{Text: &text})
		r := load(t, server.URL+"/v1")
		stream, err := r.Stream(context.Background(), "Extract", baml.Args{"text": "hi"})
		require.NoError(t, err)
		final, err := stream.Final(soon(t))
		require.NoError(t, err)
		require.NotNil(t, final.Info().Score, text)
		assert.Equal(t, score, *final.Info().Score, text)
		require.NoError(t, stream.Close())
	}
}
