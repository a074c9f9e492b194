// Tests of what goes wrong: streams that end abnormally, bad input, plain calls, foreign handles.

package baml_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bamlwire/bamlwire/baml"
	"github.com/bamlwire/bamlwire/bindings"
	"github.com/bamlwire/bamlwire/internal/modelserver"
)

// scripted makes a server that answers every request by one step.
func scripted(t testing.TB, step modelserver.Step) *modelserver.Server {
	t.Helper()
	scenario := modelserver.Scenario{Routes: map[string][]modelserver.Step{modelserver.AnyRoute: {step}}}
	server, err := modelserver.Start(scenario, modelserver.Options{})
	require.NoError(t, err)
	t.Cleanup(server.Close)
	return server
}

func pieces(texts ...string) []modelserver.Piece {
	out := make([]modelserver.Piece, len(texts))
	for index, text := range texts {
		out[index].Text = text
	}
	return out
}

// fails runs a stream that ends abnormally: the loop and Final must both find their way out.
func fails(t *testing.T, function string, step modelserver.Step) *baml.Error {
	t.Helper()
	clean(t)
	server := scripted(t, step)
	r := load(t, server.URL+"/v1")
	stream, err := r.Stream(context.Background(), function, baml.Args{"text": "hi"})
	require.NoError(t, err)
	var last error
	for _, err := range stream.Partials() {
		last = err
	}
	_, err = stream.Final(soon(t))
	require.Error(t, err)
	assert.Equal(t, last, err, "the loop and Final tell the same")
	require.NotErrorIs(t, err, baml.ErrAborted)
	var failure *baml.Error
	require.ErrorAs(t, err, &failure)
	assert.NotContains(t, err.Error(), "secret-key")
	return failure
}

func TestStream_reset_in_the_middle_fails(t *testing.T) {
	failure := fails(t, "Say", modelserver.Step{
		Chunks: pieces("one ", "two "), Disconnect: &modelserver.Disconnect{After: 1, How: "reset"},
	})
	assert.Contains(t, []baml.ErrorKind{baml.ErrorTransport, baml.ErrorHTTP}, failure.Kind)
}

func TestStream_malformed_answer_fails(t *testing.T) {
	raw := "data: {\"choices\": [{\"delta\": \n\n"
	failure := fails(t, "Say", modelserver.Step{Raw: &raw})
	assert.NotEqual(t, baml.ErrorInternal, failure.Kind)
}

func TestStream_silence_ends_by_the_time_limit(t *testing.T) {
	failure := fails(t, "SayFast", modelserver.Step{
		Chunks: pieces("one ", "two "), Hang: &modelserver.Hang{Where: modelserver.HangPieces, Pieces: 1},
	})
	assert.Equal(t, baml.ErrorTimeout, failure.Kind)
}

func TestStream_error_status_tells_status_and_body(t *testing.T) {
	failure := fails(t, "Say", modelserver.Step{Status: 503, Body: []byte(`{"error":{"message":"overloaded"}}`)})
	assert.Equal(t, baml.ErrorHTTP, failure.Kind)
	assert.Equal(t, 503, failure.Status)
	assert.Contains(t, failure.Body, "overloaded")
	assert.Equal(t, "Fake", failure.Client)
	assert.True(t, failure.IsRetryable())
}

func TestStream_reply_of_another_type_tells_the_reply(t *testing.T) {
	text := "no numbers here"
	failure := fails(t, "Count", modelserver.Step{Text: &text})
	assert.Equal(t, baml.ErrorValidation, failure.Kind)
	assert.Equal(t, text, failure.RawReply)
	assert.False(t, failure.IsRetryable())
	require.Len(t, failure.Reasons, 1)
	reason := failure.Reasons[0]
	assert.Equal(t, "", reason.Path)
	assert.Equal(t, "map<string, int>", reason.Wanted)
	assert.Equal(t, `text "no numbers here"`, reason.Found)
	assert.Contains(t, reason.Message, reason.Wanted)
	assert.Nil(t, failure.Info().Score)
}

func TestStream_unknown_function_names_those_that_exist(t *testing.T) {
	clean(t)
	r := load(t, "http://127.0.0.1:1")
	_, err := r.Stream(context.Background(), "Extrakt", baml.Args{"text": "hi"})
	var failure *baml.Error
	require.ErrorAs(t, err, &failure)
	assert.Equal(t, baml.ErrorInvalidArgument, failure.Kind)
	assert.Contains(t, err.Error(), "Extrakt")
	assert.Contains(t, err.Error(), "Extract")
}

func TestStream_wrong_argument_names_those_that_exist(t *testing.T) {
	clean(t)
	r := load(t, "http://127.0.0.1:1")
	_, err := r.Stream(context.Background(), "Say", baml.Args{"txt": "hi"})
	require.Error(t, err)
	assert.Contains(t, err.Error(), "text")
	_, err = r.Stream(context.Background(), "Say", baml.Args{"text": make(chan int)})
	var failure *baml.Error
	require.ErrorAs(t, err, &failure)
	assert.Equal(t, baml.ErrorInvalidArgument, failure.Kind)
}

func TestStream_missing_variable_is_named_with_its_client(t *testing.T) {
	clean(t)
	unset := baml.WithLookupEnv(func(string) (string, bool) { return "", false })
	r := load(t, "", unset)
	_, err := r.Call(soon(t), "Say", baml.Args{"text": "hi"})
	var failure *baml.Error
	require.ErrorAs(t, err, &failure)
	assert.Equal(t, baml.ErrorEnvironment, failure.Kind)
	assert.Equal(t, "FAKE_URL", failure.Variable)
	assert.Contains(t, err.Error(), "FAKE_URL")
	assert.Contains(t, err.Error(), "Fake")
}

func TestWithEnv_stands_above_the_process(t *testing.T) {
	clean(t)
	m := newModel(t)
	r := load(t, "http://127.0.0.1:1")
	stream, x := start(t, r, m, baml.WithEnv(map[string]string{"FAKE_URL": m.URL}))
	x.write(t, "one")
	x.finish()
	_, err := stream.Final(soon(t))
	require.NoError(t, err)
}

func TestLoad_faulty_sources_give_diagnostics(t *testing.T) {
	clean(t)
	files := map[string]string{"main.baml": "class A {\n  b Ghost\n}\n"}
	r, err := baml.LoadFiles(files)
	if r != nil {
		require.NoError(t, r.Close())
	}
	var failure *baml.Error
	require.ErrorAs(t, err, &failure)
	assert.Equal(t, baml.ErrorProject, failure.Kind)
	require.NotEmpty(t, failure.Diagnostics)
	assert.Equal(t, "main.baml", failure.Diagnostics[0].File)
	assert.Equal(t, 2, failure.Diagnostics[0].Start[0])

	result, err := baml.Check(files)
	require.NoError(t, err)
	assert.False(t, result.OK)
	assert.Contains(t, result.Text, "Ghost")
}

func TestLoad_wrong_folder_is_named(t *testing.T) {
	_, err := baml.Load("testdata/no_such_folder")
	require.Error(t, err)
	assert.Contains(t, err.Error(), "no_such_folder")
	_, err = baml.Load(t.TempDir())
	require.ErrorContains(t, err, "no .baml files")
}

func TestPlain_prompt_request_and_parse(t *testing.T) {
	clean(t)
	r := load(t, "http://127.0.0.1:1/v1")
	assert.Equal(t, []string{"Extract", "Say", "Count", "SayFast"}, r.Functions())
	prompt, err := r.Prompt("Say", baml.Args{"text": "hello"})
	require.NoError(t, err)
	assert.Contains(t, string(prompt), "hello")
	request, err := r.Request("Say", baml.Args{"text": "hello"})
	require.NoError(t, err)
	assert.Equal(t, "POST", request.Method)
	assert.Equal(t, "http://127.0.0.1:1/v1/chat/completions", request.URL)
	assert.Equal(t, "Bearer secret-key", request.Headers["authorization"])
	streamed, err := r.StreamRequest("Say", baml.Args{"text": "hello"})
	require.NoError(t, err)
	assert.Contains(t, string(streamed.Body), `"stream":true`)

	got, err := baml.Parse[resume](r, "Extract", `Sure: {"name": "Ada", "skills": ["x"]}`)
	require.NoError(t, err)
	assert.Equal(t, resume{Name: "Ada", Skills: []string{"x"}}, got)
	value, shown, err := r.ParsePartial("Extract", `{"name": "A`)
	require.NoError(t, err)
	require.True(t, shown)
	assert.JSONEq(t, `{"name":"A","level":null,"skills":[]}`, value.String())
	_, err = r.Parse("Count", "nothing")
	var failure *baml.Error
	require.ErrorAs(t, err, &failure)
	assert.Equal(t, baml.ErrorValidation, failure.Kind)
}

// Handles that are stale, doubled or made up give a status, never undefined behaviour.
func TestTable_foreign_handles_give_a_status(t *testing.T) {
	clean(t)
	table, err := bindings.Load("")
	require.NoError(t, err)
	wire := table.TripwireNew(0)
	require.NotZero(t, wire)
	require.Equal(t, bindings.StatusOK, table.TripwireFree(wire))
	for _, handle := range []uint64{0, 1, wire, wire + 1, 1 << 40, ^uint64(0)} {
		var news bindings.News
		assert.Equal(t, bindings.StatusBadHandle, table.StreamPoll(handle, &news))
		assert.Equal(t, bindings.StatusBadHandle, table.StreamAbort(handle, 1))
		assert.Equal(t, bindings.StatusBadHandle, table.StreamFree(handle))
		assert.Equal(t, bindings.StatusBadHandle, table.RuntimeFree(handle))
		assert.Equal(t, bindings.StatusBadHandle, table.TripwireAbort(handle, 1))
		assert.Equal(t, bindings.StatusBadHandle, table.TripwireFree(handle))
		assert.Negative(t, table.TripwireIsTripped(handle))
		assert.Negative(t, table.RuntimeWakeupFD(handle))
		assert.Negative(t, table.RuntimeReady(handle, make([]uint64, 4)))
		_, status := table.Describe(handle)
		assert.Equal(t, bindings.StatusBadHandle, status)
		_, status = table.StreamInfo(handle)
		assert.Equal(t, bindings.StatusBadHandle, status)
		_, status = table.StreamRecord(handle)
		assert.Equal(t, bindings.StatusBadHandle, status)
	}
}
