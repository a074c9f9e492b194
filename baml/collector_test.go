// Tests of collectors: what they keep of calls that succeed, fail and are aborted.

package baml_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

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

// Nobody can ask a call for its record that has neither a stream nor a final: its collectors and
// its error have it all the same.
func TestCollector_and_error_have_the_record_of_calls_without_a_handle(t *testing.T) {
	clean(t)
	collector, err := baml.NewCollector(0)
	require.NoError(t, err)
	words := strings.SplitAfter(strings.Repeat("some more of it ", 100), " ")
	server := scripted(t, modelserver.Step{Chunks: pieces(words...), Delay: 0.1})
	r := load(t, server.URL+"/v1")
	arguments, collects := baml.Args{"text": "n"}, baml.WithCollector(collector)
	last := ""
	for update, err := range baml.Updates[string](soon(t), r, "Say", arguments, collects) {
		require.NoError(t, err)
		require.True(t, strings.HasPrefix(update.Value, last))
		last = update.Value
	}
	called, err := baml.Call[string](soon(t), r, "Say", arguments, collects)
	require.NoError(t, err)
	whole := strings.Join(words, "")
	assert.Equal(t, [2]string{whole, whole}, [2]string{last, called})
	logs := collector.Logs()
	require.Len(t, logs, 2)
	assert.Equal(t, [2]string{whole, whole}, [2]string{logs[0].RawReply, logs[1].RawReply})

	broken := scripted(t, modelserver.Step{Status: 500, Body: []byte(`"broken"`)})
	at := baml.WithEnv(map[string]string{"FAKE_URL": broken.URL + "/v1"})
	_, err = baml.Call[string](soon(t), r, "Say", arguments, at)
	var failure *baml.Error
	require.ErrorAs(t, err, &failure)
	require.Len(t, failure.Info().Attempts, 1)
	assert.Equal(t, 500, failure.Info().Attempts[0].Status)
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

func TestCollector_tells_requests_answers_events_times_and_usage(t *testing.T) {
	collector, err := baml.NewCollector(0)
	require.NoError(t, err)
	no := modelserver.Step{Status: http.StatusServiceUnavailable, Body: []byte(`"over there"`)}
	slow := modelserver.Step{
		Chunks: pieces("one ", "two"), FirstDelay: 30, Delay: 30,
		Usage: modelserver.Some(modelserver.Usage{In: 10, Out: 4, Cached: &[]int{3}[0]}),
	}
	r := choose(t, steps(no), steps(slow))
	options := []baml.Option{
		baml.WithCollector(collector), baml.WithTags(map[string]any{"user": "u1"}),
	}
	stream, err := r.Stream(t.Context(), "Ask", baml.Args{"text": "hi"}, options...)
	require.NoError(t, err)
	_, err = stream.Final(soon(t))
	require.NoError(t, err)

	log, ok := collector.Last()
	require.True(t, ok)
	assert.Equal(t, "stream", log.Type)
	assert.Equal(t, "u1", log.Tags["user"])
	assert.WithinDuration(t, time.Now(), log.Start(), patience)
	assert.Greater(t, log.FirstTokenMS, 0.0)
	assert.Greater(t, log.DurationMS, log.FirstTokenMS)
	require.Len(t, log.Attempts, 3)

	failed := log.Attempts[0]
	assert.Equal(t, "First", failed.Client)
	assert.False(t, failed.Selected)
	assert.Equal(t, http.StatusServiceUnavailable, failed.Status)
	assert.JSONEq(t, `"over there"`, string(failed.Body))
	assert.Contains(t, string(failed.Error), "over there")

	selected, ok := log.Selected()
	require.True(t, ok)
	assert.Equal(t, "Second", selected.Client)
	assert.Equal(t, "openai-generic", selected.Provider)
	assert.True(t, selected.Streamed)
	assert.Greater(t, selected.FirstTokenMS, 0.0)
	assert.Less(t, selected.FirstTokenMS, selected.DurationMS)
	var request struct {
		Method, URL string
		Body        map[string]any
	}
	require.NoError(t, json.Unmarshal(selected.Request, &request))
	assert.Equal(t, "POST", request.Method)
	assert.Contains(t, request.URL, "/b/chat/completions")
	assert.Equal(t, "m", request.Body["model"])
	assert.Contains(t, string(selected.Headers), "text/event-stream")
	var events []string
	require.NoError(t, json.Unmarshal(selected.Events, &events))
	assert.Contains(t, events[len(events)-1], "[DONE]")
	assert.Contains(t, strings.Join(events, "\n"), `"one "`)
	usage := collector.Usage()
	require.NotNil(t, usage.CachedInputTokens)
	assert.EqualValues(t, 10, *usage.InputTokens)
	assert.EqualValues(t, 4, *usage.OutputTokens)
	assert.EqualValues(t, 3, *usage.CachedInputTokens)
}

func TestCollector_tells_the_events_of_each_attempt_as_they_came(t *testing.T) {
	collector, err := baml.NewCollector(0)
	require.NoError(t, err)
	first := []string{"It said: \"", "so\n\t", "\x01é", "1", "1", "lost"}
	second := []string{"and ", "then \\", "n", "n", " it", " ended"}
	broken := modelserver.Step{
		Chunks:     pieces(first...),
		Disconnect: &modelserver.Disconnect{After: len(first) - 1, How: "reset"},
		Delay:      5,
	}
	r := choose(t, steps(broken), steps(modelserver.Step{Chunks: pieces(second...), Delay: 5}))
	stream, err := r.Stream(t.Context(), "Ask", baml.Args{"text": "hi"},
		baml.WithCollector(collector))
	require.NoError(t, err)
	_, err = stream.Final(soon(t))
	require.NoError(t, err)
	log, ok := collector.Last()
	require.True(t, ok)
	assert.Equal(t, strings.Join(second, ""), log.RawReply)
	require.Greater(t, len(log.Attempts), 1)
	for _, attempt := range log.Attempts {
		want := first[:len(first)-1]
		if attempt.Selected {
			want = second
		}
		assert.Equal(t, want, saidBy(t, attempt), attempt.Client)
	}
}

// saidBy is the pieces that the events of an attempt hold.
func saidBy(t *testing.T, attempt baml.AttemptInfo) (said []string) {
	t.Helper()
	var events []string
	require.NoError(t, json.Unmarshal(attempt.Events, &events))
	for _, event := range events {
		var told struct {
			Choices []struct {
				Delta struct{ Content string }
			}
		}
		if event == "[DONE]" {
			continue
		}
		require.NoError(t, json.Unmarshal([]byte(event), &told), event)
		for _, choice := range told.Choices {
			if choice.Delta.Content != "" {
				said = append(said, choice.Delta.Content)
			}
		}
	}
	return said
}
