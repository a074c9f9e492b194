// The dispatcher, with a descriptor and a library of its own.

package baml

import (
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bamlwire/bamlwire/bindings"
)

// Each wake-up is followed by a look at the ready streams, and the descriptor never fills up.
func TestDispatcherHearsEachWakeUpAndReadsNowAndThen(t *testing.T) {
	t.Parallel()
	var ends [2]int
	require.NoError(t, syscall.Pipe(ends[:]))
	defer func() { _ = syscall.Close(ends[1]) }()
	require.NoError(t, syscall.SetNonblock(ends[0], true))
	var waiting atomic.Int64
	looked := make(chan int64, 1)
	core := &runtimeCore{table: &bindings.Table{
		RuntimeWakeupFD: func(uint64) int { return ends[0] },
		RuntimeReady: func(_ uint64, tags []uint64) int {
			count := waiting.Swap(0)
			if count > 0 {
				looked <- count
			}
			return int(count)
		},
	}}
	wakeups, err := dispatch(core)
	require.NoError(t, err)
	w := (&news{}).enter(t.Context(), wakeups)
	require.True(t, w.take())
	wakeups.leader.Store(w)
	led := make(chan struct{})
	go func() {
		defer close(led)
		for wakeups.lead(w) {
			assert.Fail(t, "nobody woke it")
		}
	}()
	// More than a pipe holds: unless somebody reads, the last writes would wait for ever.
	const rounds, full = 20_000, 65_536
	for range rounds {
		waiting.Store(1)
		count, err := syscall.Write(ends[1], make([]byte, full/rounds+1))
		require.NoError(t, err)
		require.Positive(t, count)
		assert.Equal(t, int64(1), <-looked)
	}
	wakeups.end()
	<-led
}
