// Tests of a stream's behaviours: start, partials, final, cancel, contexts, loops, receivers.

package baml_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bamlwire/bamlwire/baml"
)

func TestStream_partials_then_final(t *testing.T) {
	clean(t)
	m := newModel(t)
	r := load(t, m.URL)
	stream, err := baml.StreamOf[resume](context.Background(), r, "Extract", baml.Args{"text": "cv"})
	require.NoError(t, err)
	x := m.next(t)
	x.write(t, `{"name": "Ada", "skills": ["ma`)
	for partial, err := range stream.Partials() {
		require.NoError(t, err)
		if len(partial.Skills) == 1 {
			assert.Equal(t, resume{Name: "Ada", Skills: []string{"ma"}}, partial)
			break
		}
	}
	x.write(t, `ths"], "level": "SENIOR"}`)
	x.finish()
	final, err := stream.Final(soon(t))
	require.NoError(t, err)
	assert.Equal(t, resume{Name: "Ada", Level: "SENIOR", Skills: []string{"maths"}}, final)
	assert.False(t, stream.Cancel(), "it had ended")
	assert.Contains(t, stream.Info().RawReply, "maths")
}

func TestCall_gives_the_answer(t *testing.T) {
	clean(t)
	m := newModel(t)
	r := load(t, m.URL)
	go func() {
		x := <-m.exchanges
		x.pieces <- `{"name":"Bo","level":null,"skills":[]}`
		<-x.wrote
		x.finish()
	}()
	got, err := baml.Call[resume](soon(t), r, "Extract", baml.Args{"text": "cv"})
	require.NoError(t, err)
	assert.Equal(t, resume{Name: "Bo", Skills: []string{}}, got)
}

// The server never answers: the handle must be there all the same.
func TestStream_start_gives_the_handle_at_once(t *testing.T) {
	clean(t)
	m := newModel(t)
	r := load(t, m.URL)
	stream, x := start(t, r, m)
	require.NotNil(t, stream)
	require.NoError(t, stream.Close())
	x.awaitGone(t)
}

func TestFinal_tells_done_from_cancelled(t *testing.T) {
	clean(t)
	m := newModel(t)
	r := load(t, m.URL)
	done, x := start(t, r, m)
	cancelled, y := start(t, r, m)
	x.write(t, "yes")
	x.finish()
	final, err := done.Final(soon(t))
	require.NoError(t, err)
	value, err := final.Value()
	require.NoError(t, err)
	assert.Equal(t, "yes", value.Text())

	assert.True(t, cancelled.Cancel())
	_, err = cancelled.Final(soon(t))
	require.ErrorIs(t, err, baml.ErrAborted)
	require.ErrorIs(t, err, context.Canceled)
	var failure *baml.Error
	require.ErrorAs(t, err, &failure)
	assert.Equal(t, baml.ErrorAborted, failure.Kind)
	assert.Equal(t, "Say", failure.Function)
	y.awaitGone(t)
}

func TestCancel_twice_is_true_once(t *testing.T) {
	clean(t)
	m := newModel(t)
	r := load(t, m.URL)
	stream, x := start(t, r, m)
	assert.True(t, stream.Cancel())
	assert.False(t, stream.Cancel())
	x.awaitGone(t)
}

func TestCancel_from_many_goroutines_is_true_once(t *testing.T) {
	clean(t)
	m := newModel(t)
	r := load(t, m.URL)
	for range 50 {
		stream, x := start(t, r, m)
		var firsts atomic.Int64
		var group sync.WaitGroup
		for range 16 {
			group.Go(func() {
				if stream.Cancel() {
					firsts.Add(1)
				}
				_, err := stream.Final(context.Background())
				assert.ErrorIs(t, err, baml.ErrAborted)
				assert.ErrorIs(t, err, context.Canceled)
			})
		}
		group.Wait()
		assert.EqualValues(t, 1, firsts.Load())
		x.awaitGone(t)
	}
}

func TestCancel_in_the_middle_closes_the_connection(t *testing.T) {
	clean(t)
	m := newModel(t)
	r := load(t, m.URL)
	stream, x := start(t, r, m)
	x.write(t, "one ")
	awaitPartial(t, stream, "one ")
	assert.True(t, stream.Cancel())
	x.awaitGone(t)
	_, err := stream.Final(soon(t))
	var failure *baml.Error
	require.ErrorAs(t, err, &failure)
	require.NotNil(t, failure.Partial, "an aborted stream tells how far it had come")
	var sofar string
	require.NoError(t, failure.Partial.Decode(&sofar))
	assert.Equal(t, "one ", sofar)
}

// Cancel races with the end of the answer: whatever comes first, all see the same, and Cancel is
// true exactly if the outcome is an abort.
func TestCancel_during_completion_agrees_with_the_outcome(t *testing.T) {
	clean(t)
	m := newModel(t)
	r := load(t, m.URL)
	for range 200 {
		stream, x := start(t, r, m)
		x.write(t, "done")
		go x.finish()
		first := stream.Cancel()
		_, err := stream.Final(soon(t))
		_, again := stream.Final(soon(t))
		assert.Equal(t, err, again)
		assert.Equal(t, first, errors.Is(err, baml.ErrAborted))
		if !first {
			assert.NoError(t, err)
		}
	}
}

func TestCancel_after_completion_changes_nothing(t *testing.T) {
	clean(t)
	m := newModel(t)
	r := load(t, m.URL)
	stream, x := start(t, r, m)
	x.write(t, "yes")
	x.finish()
	_, err := stream.Final(soon(t))
	require.NoError(t, err)
	assert.False(t, stream.Cancel())
	require.NoError(t, stream.Close())
	_, err = stream.Final(soon(t))
	assert.NoError(t, err)
}

// A piece that arrived before Cancel must not be shown by a loop that begins after it.
func TestCancel_returned_then_no_partial_comes(t *testing.T) {
	clean(t)
	m := newModel(t)
	r := load(t, m.URL)
	stream, x := start(t, r, m)
	x.write(t, "seen")
	awaitPartial(t, stream, "seen")
	require.True(t, stream.Cancel())
	partials := 0
	for partial, err := range stream.Partials() {
		if partial != nil {
			partials++
		} else {
			require.ErrorIs(t, err, baml.ErrAborted)
		}
	}
	assert.Zero(t, partials)
	x.awaitGone(t)
}

func TestContext_cancelled_before_start_sends_nothing(t *testing.T) {
	clean(t)
	m := newModel(t)
	r := load(t, m.URL)
	reason := errors.New("no longer wanted")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(reason)
	_, err := r.Stream(ctx, "Say", baml.Args{"text": "hi"})
	require.ErrorIs(t, err, baml.ErrAborted)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, err, reason)
	assert.Zero(t, m.seen.Load())
}

func TestContext_cancelled_in_the_middle_keeps_its_cause(t *testing.T) {
	clean(t)
	m := newModel(t)
	r := load(t, m.URL)
	reason := errors.New("the user left")
	ctx, cancel := context.WithCancelCause(context.Background())
	stream, err := r.Stream(ctx, "Say", baml.Args{"text": "hi"})
	require.NoError(t, err)
	x := m.next(t)
	x.write(t, "one")
	awaitPartial(t, stream, "one")
	cancel(reason)
	x.awaitGone(t)
	_, err = stream.Final(soon(t))
	require.ErrorIs(t, err, baml.ErrAborted)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, err, reason)
	require.NotErrorIs(t, err, context.DeadlineExceeded)
}

func TestContext_deadline_aborts(t *testing.T) {
	clean(t)
	m := newModel(t)
	r := load(t, m.URL)
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	_, err := r.Call(ctx, "Say", baml.Args{"text": "hi"})
	require.ErrorIs(t, err, baml.ErrAborted)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.NotErrorIs(t, err, context.Canceled)
}

func TestFinal_context_ends_the_waiting_only(t *testing.T) {
	clean(t)
	m := newModel(t)
	r := load(t, m.URL)
	stream, x := start(t, r, m)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := stream.Final(ctx)
	require.ErrorIs(t, err, context.Canceled)
	require.NotErrorIs(t, err, baml.ErrAborted)
	x.write(t, "still here")
	x.finish()
	_, err = stream.Final(soon(t))
	require.NoError(t, err)
}

func TestPartials_left_by_break_goes_on(t *testing.T) {
	clean(t)
	m := newModel(t)
	r := load(t, m.URL)
	stream, x := start(t, r, m)
	x.write(t, "one ")
	for range stream.Partials() {
		break
	}
	x.write(t, "two")
	awaitPartial(t, stream, "one two")
	x.finish()
	final, err := stream.Final(soon(t))
	require.NoError(t, err)
	var text string
	require.NoError(t, final.Decode(&text))
	assert.Equal(t, "one two", text)
}

func TestUpdates_left_by_break_aborts_at_once(t *testing.T) {
	clean(t)
	m := newModel(t)
	r := load(t, m.URL)
	got := make(chan *exchange, 1)
	go func() {
		x := <-m.exchanges
		x.pieces <- "one"
		<-x.wrote
		got <- x
	}()
	before := baml.Rescued()
	for update, err := range baml.Updates[string](soon(t), r, "Say", baml.Args{"text": "hi"}) {
		require.NoError(t, err)
		assert.False(t, update.IsFinal)
		break
	}
	(<-got).awaitGone(t)
	assert.Equal(t, before, baml.Rescued(), "leaving the loop did it, not the garbage collector")
}

func TestUpdates_end_with_the_final_value(t *testing.T) {
	clean(t)
	m := newModel(t)
	r := load(t, m.URL)
	go func() {
		x := <-m.exchanges
		x.pieces <- "one"
		<-x.wrote
		x.finish()
	}()
	var last baml.Update[string]
	for update, err := range baml.Updates[string](soon(t), r, "Say", baml.Args{"text": "hi"}) {
		require.NoError(t, err)
		require.False(t, last.IsFinal, "nothing comes after the final value")
		last = update
	}
	assert.Equal(t, baml.Update[string]{Value: "one", IsFinal: true, Attempt: 1}, last)
}

// The receiver panics at the first partial; the later ones still come, and the log tells.
func TestEach_panic_of_the_receiver_is_its_own(t *testing.T) {
	clean(t)
	m := newModel(t)
	var log bytes.Buffer
	r := load(t, m.URL, baml.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
	stream, x := start(t, r, m)
	x.write(t, "one ")
	var seen []string
	final, err := stream.Each(soon(t), func(partial *baml.Partial) {
		var text string
		assert.NoError(t, partial.Decode(&text))
		seen = append(seen, text)
		switch len(seen) {
		case 1:
			x.write(t, "two")
			panic("the receiver's own fault")
		case 2:
			x.finish()
		}
	})
	require.NoError(t, err)
	assert.Equal(t, []string{"one ", "one two"}, seen)
	require.NotNil(t, final)
	assert.Contains(t, log.String(), "the receiver's own fault")
	assert.Contains(t, log.String(), "level=ERROR")
}
