// Tests of goroutines that wait for streams together: one of them sleeps for all, and any may be
// held up, cancelled or gone.

package baml_test

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bamlwire/bamlwire/baml"
)

// Whoever waits alone sleeps for the others too: when its reader is busy, they must not be held up.
func TestStreams_a_reader_that_is_held_up_holds_up_nobody(t *testing.T) {
	clean(t)
	m := newModel(t)
	r := load(t, m.URL)
	first, one := start(t, r, m)
	held, release := make(chan struct{}), make(chan struct{})
	var readers sync.WaitGroup
	readers.Go(func() {
		for range first.Partials() {
			close(held)
			<-release
			return
		}
	})
	second, other := start(t, r, m)
	one.write(t, "a")
	<-held
	other.write(t, "b")
	awaitPartial(t, second, "b")
	other.finish()
	_, err := second.Final(soon(t))
	require.NoError(t, err)
	close(release)
	readers.Wait()
	require.NoError(t, first.Close())
	one.awaitGone(t)
}

// Contexts that end wake those who sleep for others, and those for whom others sleep.
func TestStreams_waits_end_with_their_contexts_whoever_sleeps_for_whom(t *testing.T) {
	clean(t)
	m := newModel(t)
	r := load(t, m.URL)
	const count = 8
	for parity := range 2 {
		var exchanges [count]*exchange
		var impatient, patient sync.WaitGroup
		ctx, cancel := context.WithCancel(context.Background())
		for i := range count {
			stream, x := start(t, r, m)
			exchanges[i] = x
			if i%2 == parity {
				impatient.Go(func() {
					_, err := stream.Final(ctx)
					assert.ErrorIs(t, err, context.Canceled)
					assert.NotErrorIs(t, err, baml.ErrAborted)
					assert.True(t, stream.Cancel(), "it went on")
				})
			} else {
				patient.Go(func() {
					_, err := stream.Final(soon(t))
					assert.NoError(t, err)
				})
			}
		}
		cancel()
		impatient.Wait()
		for i, x := range exchanges {
			if i%2 == parity {
				x.awaitGone(t)
			} else {
				x.finish()
			}
		}
		patient.Wait()
	}
}
