// The life of one stream as a state machine: any sequence of steps against a small model of it.

package baml_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bamlwire/bamlwire/baml"
)

// life is a model of one stream beside the real one. The test draws any sequence of what callers
// and the server can do; after each step the stream must be where the model says.
type life struct {
	stream    *baml.Stream
	x         *exchange
	cancel    context.CancelCauseFunc
	reason    error
	text      string
	sequence  uint64
	tripwire  *baml.Tripwire
	ended     string // "", "done", "aborted"
	abortedBy error
}

// outcome waits for the end that the model knows of.
func (l *life) outcome(t *rapid.T, ctx context.Context) {
	final, err := l.stream.Final(ctx)
	if l.ended == "done" {
		require.NoError(t, err)
		var got string
		require.NoError(t, final.Decode(&got))
		require.Equal(t, l.text, got)
		return
	}
	require.ErrorIs(t, err, baml.ErrAborted)
	require.ErrorIs(t, err, l.abortedBy)
}

func (l *life) abort(by error) {
	if l.ended == "" {
		l.ended, l.abortedBy = "aborted", by
	}
}

// Property: whatever is done in whatever order, a stream has one outcome, cancelling is true exactly
// once, partials only grow and stop at the end, and nothing is left behind.
func TestStream_any_life_has_one_outcome(t *testing.T) {
	clean(t)
	m := newModel(t)
	r := load(t, m.URL)
	ctx := soon(t)
	rapid.Check(t, func(t *rapid.T) {
		l := &life{reason: errors.New("drawn")}
		watched, cancel := context.WithCancelCause(context.Background())
		l.cancel = cancel
		defer cancel(nil)
		wire, err := baml.NewTripwire()
		require.NoError(t, err)
		defer wire.Close()
		l.tripwire = wire
		l.stream, err = r.Stream(watched, "Say", baml.Args{"text": "hi"}, baml.WithTripwire(wire))
		require.NoError(t, err)
		l.x = <-m.exchanges
		defer func() {
			require.NoError(t, l.stream.Close())
			<-l.x.ended
		}()
		t.Repeat(l.steps(ctx))
	})
}

func (l *life) steps(ctx context.Context) map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"piece": func(t *rapid.T) {
			if l.ended != "" {
				t.Skip("over")
			}
			piece := rapid.StringMatching(`[a-z]{1,8}`).Draw(t, "piece")
			l.x.pieces <- piece
			<-l.x.wrote
			l.text += piece
		},
		"finish": func(t *rapid.T) {
			if l.ended != "" || l.text == "" {
				t.Skip("over")
			}
			l.x.finish()
			l.ended = "done"
			l.outcome(t, ctx)
		},
		"partial": func(t *rapid.T) {
			if l.ended == "" && l.text == "" {
				t.Skip("nothing to wait for")
			}
			for partial, err := range l.stream.Partials() {
				if l.ended != "" {
					require.Nil(t, partial)
					require.ErrorIs(t, err, l.abortedBy)
					return
				}
				require.NoError(t, err)
				require.GreaterOrEqual(t, partial.Sequence, l.sequence)
				l.sequence = partial.Sequence
				var got string
				require.NoError(t, partial.Decode(&got))
				if got == l.text {
					return
				}
			}
			require.Equal(t, "done", l.ended)
		},
		"cancel": func(t *rapid.T) {
			require.Equal(t, l.ended == "", l.stream.Cancel())
			l.abort(context.Canceled)
		},
		"close": func(t *rapid.T) {
			require.NoError(t, l.stream.Close())
			l.abort(baml.ErrClosed)
		},
		"trip": func(t *rapid.T) {
			l.tripwire.Trip(l.reason)
			l.abort(l.reason)
		},
		"context": func(t *rapid.T) {
			l.cancel(l.reason)
			if l.ended == "" {
				l.abort(l.reason)
				l.outcome(t, ctx)
			}
		},
		"await": func(t *rapid.T) {
			if l.ended != "" {
				l.outcome(t, ctx)
			}
		},
		"info": func(t *rapid.T) { l.stream.Info() },
	}
}
