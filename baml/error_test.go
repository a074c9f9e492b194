// Tests of what errors tell: for each kind what a caller needs to act, and the attempts behind it.

package baml_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bamlwire/bamlwire/baml"
	"github.com/bamlwire/bamlwire/internal/modelserver"
)

// choosy has a client that refuses a finish reason, one that waits for a turn, and strategies.
const choosy = `
retry_policy Twice { max_retries 1
  strategy { type constant_delay
    delay_ms 1 } }
client<llm> First { provider openai-generic
  retry_policy Twice
  options { base_url env.FAKE_A
    model "m" } }
client<llm> Second { provider openai-generic
  options { base_url env.FAKE_B
    model "m"
    finish_reason_deny_list ["length"] } }
client<llm> Slow { provider openai-generic
  options { base_url env.FAKE_A
    model "m"
    http { request_timeout_ms 100 } } }
client<llm> Both { provider fallback
  options { strategy [First, Second] } }
class Ship { name string
  crew Crew }
class Crew { captain string
  size int }
function Ask(text: string) -> string { client Both
  prompt #"{{ _.role("user") }}{{ text }}"# }
function Describe(text: string) -> Ship { client Second
  prompt #"{{ text }}"# }
function Wait(text: string) -> string { client Slow
  prompt #"{{ text }}"# }
`

// choose loads the sources above on servers that answer A and B by these steps.
func choose(t *testing.T, a, b []modelserver.Step, options ...baml.RuntimeOption) *baml.Runtime {
	t.Helper()
	clean(t)
	routes := map[string][]modelserver.Step{"a": a, "b": b}
	server, err := modelserver.Start(modelserver.Scenario{Routes: routes}, modelserver.Options{})
	require.NoError(t, err)
	t.Cleanup(server.Close)
	values := map[string]string{"FAKE_A": server.URL + "/a", "FAKE_B": server.URL + "/b"}
	lookup := func(name string) (string, bool) { value, ok := values[name]; return value, ok }
	options = append(options, baml.WithLookupEnv(lookup))
	r, err := baml.LoadFiles(map[string]string{"main.baml": choosy}, options...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, r.Close()) })
	return r
}

func steps(list ...modelserver.Step) []modelserver.Step { return list }

func text(text string) modelserver.Step { return modelserver.Step{Text: &text} }

// failureOf sees that an error is of one kind only, and gives it.
func failureOf(t *testing.T, err error) *baml.Error {
	t.Helper()
	var failure *baml.Error
	require.ErrorAs(t, err, &failure)
	for _, other := range []baml.ErrorKind{
		baml.ErrorHTTP, baml.ErrorTransport, baml.ErrorTimeout, baml.ErrorValidation,
		baml.ErrorFinishReason, baml.ErrorAborted, baml.ErrorInvalidArgument,
	} {
		assert.Equal(t, other == failure.Kind, errors.Is(fmt.Errorf("wrapped: %w", err), other))
	}
	assert.Equal(t, failure.Kind == baml.ErrorTimeout, failure.Timeout())
	return failure
}

func TestError_http_tells_status_body_client_request_and_attempts(t *testing.T) {
	no := modelserver.Step{
		Status: http.StatusServiceUnavailable, Body: []byte(`"over there"`),
		Headers: map[string]string{"x-request-id": "r-1", "retry-after": "0.01"},
	}
	last := no
	last.Status = http.StatusTooManyRequests
	last.Headers = map[string]string{"x-request-id": "r-2", "retry-after": "7"}
	r := choose(t, steps(no), steps(last))
	for _, streamed := range []bool{false, true} {
		var err error
		if streamed {
			var stream *baml.Stream
			stream, err = r.Stream(t.Context(), "Ask", baml.Args{"text": "hi"})
			require.NoError(t, err)
			_, err = stream.Final(soon(t))
		} else {
			_, err = r.Call(soon(t), "Ask", baml.Args{"text": "hi"})
		}
		failure := failureOf(t, err)
		assert.Equal(t, baml.ErrorHTTP, failure.Kind)
		assert.Equal(t, "Ask", failure.Function)
		assert.Equal(t, http.StatusTooManyRequests, failure.Status)
		assert.Equal(t, "over there", failure.Body)
		assert.Equal(t, "Second", failure.Client)
		assert.Equal(t, "r-2", failure.RequestID)
		assert.Equal(t, 7000, failure.RetryAfterMS)
		assert.True(t, failure.IsRetryable())
		require.Len(t, failure.Attempts, 3)
		for at, want := range []baml.Attempt{
			{Client: "First", Kind: baml.ErrorHTTP, Status: http.StatusServiceUnavailable},
			{Client: "First", Kind: baml.ErrorHTTP, Status: http.StatusServiceUnavailable},
			{Client: "Second", Kind: baml.ErrorHTTP, Status: http.StatusTooManyRequests},
		} {
			assert.Contains(t, failure.Attempts[at].Message, "over there")
			failure.Attempts[at].Message = ""
			assert.Equal(t, want, failure.Attempts[at])
		}
		assert.Len(t, failure.Info().Attempts, 3)
	}
}

func TestError_transport_tells_whether_it_connected_and_what_was_reported(t *testing.T) {
	busy := modelserver.Step{
		Chunks:  pieces("one ", "two "),
		Fail:    &modelserver.Fail{After: 1, Message: "busy", Code: "overloaded"},
		Headers: map[string]string{"x-request-id": "r-3"},
	}
	r := choose(t, nil, steps(busy))
	stream, err := r.Stream(t.Context(), "Ask", baml.Args{"text": "hi"}, baml.WithClient("Second"))
	require.NoError(t, err)
	_, err = stream.Final(soon(t))
	failure := failureOf(t, err)
	assert.Equal(t, baml.ErrorTransport, failure.Kind)
	assert.False(t, failure.Connecting)
	assert.Equal(t, "overloaded", failure.Code)
	assert.Equal(t, "r-3", failure.RequestID)
	assert.Contains(t, failure.Body, "busy")
	assert.Contains(t, err.Error(), "busy")

	nobody := baml.WithEnv(map[string]string{"FAKE_B": "http://127.0.0.1:1"})
	_, err = r.Call(soon(t), "Ask", baml.Args{"text": "hi"}, baml.WithClient("Second"), nobody)
	failure = failureOf(t, err)
	assert.Equal(t, baml.ErrorTransport, failure.Kind)
	assert.True(t, failure.Connecting)
}

func TestError_timeout_tells_which_limit(t *testing.T) {
	hung := modelserver.Step{Hang: &modelserver.Hang{Where: modelserver.HangAccept}}
	r := choose(t, steps(hung), steps(hung), baml.WithInFlightMax(1, 50*time.Millisecond))
	_, err := r.Call(soon(t), "Wait", baml.Args{"text": "hi"})
	failure := failureOf(t, err)
	assert.Equal(t, baml.ErrorTimeout, failure.Kind)
	assert.Equal(t, "request", failure.Limit)
	assert.Equal(t, 100, failure.LimitMS)
	assert.NotErrorIs(t, err, context.DeadlineExceeded, "that is the caller's own")

	holder, err := r.Stream(t.Context(), "Describe", baml.Args{"text": "hi"})
	require.NoError(t, err)
	waitFor(t, "the turn is taken", func() bool { return len(holder.Info().Attempts) == 1 })
	_, err = r.Call(soon(t), "Wait", baml.Args{"text": "hi"})
	failure = failureOf(t, err)
	assert.Equal(t, "queue", failure.Limit)
	assert.Equal(t, 50, failure.LimitMS)
	assert.Empty(t, failure.Attempts, "it never had its turn")
	require.NoError(t, holder.Close())
}

func TestError_validation_tells_reply_prompt_and_reasons_by_path(t *testing.T) {
	reply := `{"name": "Vasa", "crew": {"captain": "Söfring"}}`
	r := choose(t, nil, steps(text(reply)))
	_, err := r.Call(soon(t), "Describe", baml.Args{"text": "a ship"})
	failure := failureOf(t, err)
	assert.Equal(t, baml.ErrorValidation, failure.Kind)
	assert.Equal(t, reply, failure.RawReply)
	assert.Contains(t, failure.Prompt, "a ship")
	assert.Equal(t, "Second", failure.Client)
	require.Len(t, failure.Reasons, 1)
	assert.Equal(t, "crew.size", failure.Reasons[0].Path)
	assert.Equal(t, "int", failure.Reasons[0].Wanted)
	assert.Contains(t, failure.Reasons[0].Message, "missing")
	require.Len(t, failure.Attempts, 1)
	assert.Equal(t, baml.ErrorValidation, failure.Attempts[0].Kind)
}

func TestError_finish_reason_tells_it_with_reply_and_prompt(t *testing.T) {
	step := text("half of it")
	step.Finish = modelserver.Some("length")
	r := choose(t, nil, steps(step))
	_, err := r.Call(soon(t), "Describe", baml.Args{"text": "a ship"})
	failure := failureOf(t, err)
	assert.Equal(t, baml.ErrorFinishReason, failure.Kind)
	assert.Equal(t, "length", failure.FinishReason)
	assert.Equal(t, "half of it", failure.RawReply)
	assert.Contains(t, failure.Prompt, "a ship")
	assert.Equal(t, "Second", failure.Client)
}

func TestError_aborted_tells_cause_partial_usage_and_attempts(t *testing.T) {
	begun := "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"half\"}}]," +
		"\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":1}}\n\n"
	no := modelserver.Step{Status: http.StatusServiceUnavailable}
	hangs := modelserver.Step{
		Inject: []modelserver.Inject{{At: 0, Raw: begun}},
		Chunks: pieces("never"), Hang: &modelserver.Hang{Where: modelserver.HangPieces},
	}
	r := choose(t, steps(no), steps(hangs))
	why := errors.New("the user went away")
	ctx, cancel := context.WithCancelCause(t.Context())
	stream, err := r.Stream(ctx, "Ask", baml.Args{"text": "hi"})
	require.NoError(t, err)
	awaitPartial(t, stream, "half")
	cancel(why)
	_, err = stream.Final(soon(t))
	failure := failureOf(t, err)
	assert.Equal(t, baml.ErrorAborted, failure.Kind)
	require.ErrorIs(t, err, baml.ErrAborted)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, err, why)
	require.NotNil(t, failure.Partial)
	var partial string
	require.NoError(t, failure.Partial.Decode(&partial))
	assert.Equal(t, "half", partial)
	info := failure.Info()
	require.NotNil(t, info.UsageSoFar.InputTokens)
	assert.EqualValues(t, 5, *info.UsageSoFar.InputTokens)
	assert.Nil(t, info.Usage.InputTokens, "no reply came of it")
	assert.Equal(t, "half", info.RawReply)
	assert.Len(t, info.Attempts, 3)
	require.Len(t, failure.Attempts, 3)
	assert.Equal(t, baml.ErrorHTTP, failure.Attempts[1].Kind)
	assert.Equal(t, baml.ErrorAborted, failure.Attempts[2].Kind, "it was under way")
}

func TestUpdates_tell_of_the_attempt_that_they_belong_to(t *testing.T) {
	broken := modelserver.Step{
		Chunks: pieces("a long beginning"), Delay: 100,
		Disconnect: &modelserver.Disconnect{After: 1, How: "reset"},
	}
	r := choose(t, steps(broken, text("all")), nil)
	var attempts []int
	last := baml.Update[string]{}
	for update, err := range baml.Updates[string](soon(t), r, "Ask", baml.Args{"text": "hi"}) {
		require.NoError(t, err)
		attempts = append(attempts, update.Attempt)
		last = update
	}
	assert.IsNonDecreasing(t, attempts)
	assert.Equal(t, 1, attempts[0])
	assert.Equal(t, baml.Update[string]{Value: "all", IsFinal: true, Attempt: 2}, last)

	typed, err := baml.StreamOf[string](t.Context(), r, "Ask", baml.Args{"text": "hi"})
	require.NoError(t, err)
	for update, err := range typed.Updates(soon(t)) {
		require.NoError(t, err)
		last = update
	}
	assert.True(t, last.IsFinal)
	require.NoError(t, typed.Close())
}
