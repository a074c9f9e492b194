// Tests of collectors: what they keep of calls that succeed, fail and are aborted.

package baml_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bamlwire/bamlwire/baml"
	"github.com/bamlwire/bamlwire/internal/modelserver"
)

func TestCollector_keeps_success_failure_and_abort(t *testing.T) {
	clean(t)
	collector, err := baml.NewCollector(0)
	require.NoError(t, err)
	tags := baml.WithTags(map[string]any{"user": "u1"})
	usage := modelserver.Usage{In: 10, Out: 4}

	text := `{"n": 1}`
	good := scripted(t, modelserver.Step{Text: &text, Usage: modelserver.Some(usage)})
	r := load(t, good.URL+"/v1")
	_, err = r.Call(soon(t), "Count", baml.Args{"text": "n"}, baml.WithCollector(collector), tags)
	require.NoError(t, err)

	broken := scripted(t, modelserver.Step{Status: 500, Body: []byte(`"broken"`)})
	at := baml.WithEnv(map[string]string{"FAKE_URL": broken.URL + "/v1"})
	_, err = r.Call(soon(t), "Count", baml.Args{"text": "n"}, baml.WithCollector(collector), at)
	require.Error(t, err)

	m := newModel(t)
	at = baml.WithEnv(map[string]string{"FAKE_URL": m.URL})
	stream, x := start(t, r, m, baml.WithCollector(collector), at)
	x.write(t, "half of ")
	awaitPartial(t, stream, "half of ")
	stream.Cancel()
	_, err = stream.Final(soon(t))
	require.ErrorIs(t, err, baml.ErrAborted)

	logs := collector.Logs()
	require.Len(t, logs, 3)
	assert.Equal(t, "Count", logs[0].Function)
	assert.Equal(t, text, logs[0].RawReply)
	assert.Equal(t, "u1", logs[0].Tags["user"])
	assert.Nil(t, logs[0].Err)
	selected, ok := logs[0].Selected()
	require.True(t, ok)
	assert.Equal(t, "Fake", selected.Client)
	assert.NotContains(t, string(logs[0].Detail), "secret-key")
	require.NotNil(t, logs[1].Err)
	assert.Equal(t, 500, logs[1].Err.Status)
	require.NotNil(t, logs[2].Err)
	assert.Equal(t, "half of ", logs[2].RawReply)
	assert.Positive(t, logs[2].Duration())
	total := collector.Usage()
	require.NotNil(t, total.InputTokens)
	assert.EqualValues(t, 10, *total.InputTokens)
	last, ok := collector.Last()
	require.True(t, ok)
	assert.Equal(t, "Say", last.Function)
}

func TestCollector_keeps_the_newest_up_to_its_limit(t *testing.T) {
	clean(t)
	collector, err := baml.NewCollector(2)
	require.NoError(t, err)
	_, err = baml.NewCollector(-1)
	require.Error(t, err)
	text := "x"
	server := scripted(t, modelserver.Step{Text: &text})
	r := load(t, server.URL+"/v1")
	for _, name := range []string{"first", "second", "third"} {
		tags := baml.WithTags(map[string]any{"name": name})
		_, err := r.Call(soon(t), "Say", baml.Args{"text": "n"}, baml.WithCollector(collector), tags)
		require.NoError(t, err)
	}
	logs := collector.Logs()
	require.Len(t, logs, 2)
	assert.Equal(t, "second", logs[0].Tags["name"])
	assert.Equal(t, "third", logs[1].Tags["name"])
	assert.Equal(t, 1, collector.Dropped())
	collector.Clear()
	_, ok := collector.Last()
	assert.False(t, ok)
}

func TestCollector_keeps_no_more_bytes_than_its_limit(t *testing.T) {
	clean(t)
	collector, err := baml.NewCollector(0)
	require.NoError(t, err)
	text := strings.Repeat("long ", 20_000)
	collector.SetBytesMax(3 * len(text))
	server := scripted(t, modelserver.Step{Text: &text})
	r := load(t, server.URL+"/v1")
	options := []baml.Option{baml.WithCollector(collector)}
	for range 5 {
		_, err := r.Call(soon(t), "Say", baml.Args{"text": "n"}, options...)
		require.NoError(t, err)
	}
	kept := 0
	for _, log := range collector.Logs() {
		kept += len(log.Detail)
	}
	assert.LessOrEqual(t, kept, 3*len(text))
	assert.Equal(t, 5, len(collector.Logs())+collector.Dropped())
	collector.SetBytesMax(1)
	assert.Len(t, collector.Logs(), 1, "the newest stays")
}
