// Tests of who ends what: forgotten handles, closed runtimes, shared tripwires, supervisors.

package baml_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/bamlwire/bamlwire/baml"
)

// The goroutine that started the stream ends without closing it: the stream belongs to nobody's
// goroutine and goes on.
func TestStream_outlives_the_goroutine_that_started_it(t *testing.T) {
	clean(t)
	m := newModel(t)
	r := load(t, m.URL)
	started := make(chan *baml.Stream)
	go func() {
		stream, err := r.Stream(context.Background(), "Say", baml.Args{"text": "hi"})
		assert.NoError(t, err)
		started <- stream
	}()
	stream := <-started
	x := m.next(t)
	x.write(t, "one")
	x.finish()
	_, err := stream.Final(soon(t))
	require.NoError(t, err)
}

// forget starts streams and drops the handles.
func forget(t *testing.T, r *baml.Runtime, m *model, count int) []*exchange {
	t.Helper()
	exchanges := make([]*exchange, count)
	for index := range exchanges {
		_, exchanges[index] = start(t, r, m)
	}
	return exchanges
}

func TestStream_forgotten_is_aborted_once_collected(t *testing.T) {
	clean(t)
	m := newModel(t)
	r := load(t, m.URL)
	before := baml.Rescued()
	exchanges := forget(t, r, m, 20)
	collected(t, "streams at zero", func() bool { return liveStats(t).Streams == 0 })
	for _, x := range exchanges {
		x.awaitGone(t)
	}
	assert.Equal(t, before+20, baml.Rescued())
}

// A stream whose handle is dropped by all but a waiting goroutine is in use, and not collected.
func TestStream_waited_for_is_not_collected(t *testing.T) {
	clean(t)
	m := newModel(t)
	r := load(t, m.URL)
	answer := make(chan error, 1)
	x := func() *exchange {
		stream, x := start(t, r, m)
		go func() {
			_, err := stream.Final(context.Background())
			answer <- err
		}()
		return x
	}()
	for range 5 {
		runtime.GC()
	}
	x.write(t, "one")
	x.finish()
	require.NoError(t, <-answer)
}

func TestRuntime_forgotten_ends_with_its_dispatcher(t *testing.T) {
	clean(t)
	m := newModel(t)
	before := baml.Rescued()
	x := func() *exchange {
		r := loadForgotten(t, m.URL)
		_, x := start(t, r, m)
		return x
	}()
	collected(t, "runtime and stream at zero", func() bool { return liveStats(t).Handles() == 0 })
	x.awaitGone(t)
	assert.GreaterOrEqual(t, baml.Rescued(), before+1)
	// That the dispatcher's goroutine ended is what goleak finds in TestMain.
}

// The stream keeps its runtime alive, even if nobody else holds it.
func TestRuntime_forgotten_lives_while_a_stream_is_used(t *testing.T) {
	clean(t)
	m := newModel(t)
	stream, x := start(t, loadForgotten(t, m.URL), m)
	for range 5 {
		runtime.GC()
	}
	x.write(t, "one")
	x.finish()
	_, err := stream.Final(soon(t))
	require.NoError(t, err)
	runtime.KeepAlive(stream)
	stream = nil
	collected(t, "the runtime at zero", func() bool { return liveStats(t).Runtimes == 0 })
}

func TestRuntime_closed_with_streams_in_flight(t *testing.T) {
	clean(t)
	m := newModel(t)
	r := load(t, m.URL)
	const count = 10
	var waiting sync.WaitGroup
	exchanges := make([]*exchange, count)
	for index := range exchanges {
		stream, x := start(t, r, m)
		exchanges[index] = x
		waiting.Go(func() {
			_, err := stream.Final(context.Background())
			assert.ErrorIs(t, err, baml.ErrAborted)
			assert.ErrorIs(t, err, baml.ErrClosed)
		})
	}
	require.NoError(t, r.Close())
	require.NoError(t, r.Close())
	waiting.Wait()
	for _, x := range exchanges {
		x.awaitGone(t)
	}
	_, err := r.Stream(context.Background(), "Say", baml.Args{"text": "hi"})
	require.ErrorIs(t, err, baml.ErrClosed)
	_, err = r.Parse("Say", "x")
	require.ErrorIs(t, err, baml.ErrClosed)
	_, err = r.Describe()
	require.ErrorIs(t, err, baml.ErrClosed)
}

// Close of the runtime races with streams that are just being started.
func TestRuntime_closed_while_streams_start(t *testing.T) {
	clean(t)
	m := newModel(t)
	for range 20 {
		r := load(t, m.URL)
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				stream, err := r.Stream(context.Background(), "Say", baml.Args{"text": "hi"})
				if err == nil {
					_, err = stream.Final(context.Background())
				}
				assert.ErrorIs(t, err, baml.ErrClosed)
			})
		}
		require.NoError(t, r.Close())
		group.Wait()
	}
}

func TestTripwire_shared_aborts_all_and_keeps_its_cause(t *testing.T) {
	clean(t)
	m := newModel(t)
	r := load(t, m.URL)
	wire, err := baml.NewTripwire()
	require.NoError(t, err)
	defer wire.Close()
	one, x := start(t, r, m, baml.WithTripwire(wire))
	two, y := start(t, r, m, baml.WithTripwire(wire))
	other, z := start(t, r, m)
	assert.False(t, wire.IsTripped())
	reason := errors.New("budget spent")
	assert.True(t, wire.Trip(reason))
	assert.False(t, wire.Trip(errors.New("too late")))
	assert.True(t, wire.IsTripped())
	for _, stream := range []*baml.Stream{one, two} {
		_, err := stream.Final(soon(t))
		require.ErrorIs(t, err, baml.ErrAborted)
		require.ErrorIs(t, err, baml.ErrTripped)
		require.ErrorIs(t, err, reason)
		assert.False(t, stream.Cancel())
	}
	x.awaitGone(t)
	y.awaitGone(t)
	_, err = r.Call(soon(t), "Say", baml.Args{"text": "hi"}, baml.WithTripwire(wire))
	require.ErrorIs(t, err, reason)
	z.write(t, "fine")
	z.finish()
	_, err = other.Final(soon(t))
	require.NoError(t, err)
}

func TestTripwire_child_trips_with_its_parent_and_alone(t *testing.T) {
	clean(t)
	m := newModel(t)
	r := load(t, m.URL)
	parent, err := baml.NewTripwire()
	require.NoError(t, err)
	defer parent.Close()
	left, err := parent.Child()
	require.NoError(t, err)
	defer left.Close()
	right, err := parent.Child()
	require.NoError(t, err)
	defer right.Close()
	one, x := start(t, r, m, baml.WithTripwire(left))
	two, y := start(t, r, m, baml.WithTripwire(right))
	assert.True(t, left.Trip(nil))
	x.awaitGone(t)
	assert.False(t, parent.IsTripped())
	assert.False(t, right.IsTripped())
	reason := errors.New("all of it")
	assert.True(t, parent.Trip(reason))
	y.awaitGone(t)
	assert.True(t, right.IsTripped())
	_, err = one.Final(soon(t))
	require.ErrorIs(t, err, baml.ErrTripped)
	require.NotErrorIs(t, err, reason)
	_, err = two.Final(soon(t))
	require.ErrorIs(t, err, reason)
}

func TestTripwire_closed_leaves_its_streams_running(t *testing.T) {
	clean(t)
	m := newModel(t)
	r := load(t, m.URL)
	wire, err := baml.NewTripwire()
	require.NoError(t, err)
	stream, x := start(t, r, m, baml.WithTripwire(wire))
	require.NoError(t, wire.Close())
	require.NoError(t, wire.Close())
	assert.False(t, wire.Trip(nil))
	x.write(t, "one")
	x.finish()
	_, err = stream.Final(soon(t))
	require.NoError(t, err)
	_, err = r.Stream(context.Background(), "Say", nil, baml.WithTripwire(wire))
	require.ErrorIs(t, err, baml.ErrClosed)
	_, err = wire.Child()
	require.ErrorIs(t, err, baml.ErrClosed)
}

func TestTripwire_forgotten_is_freed_once_collected(t *testing.T) {
	clean(t)
	before := baml.Rescued()
	func() {
		for range 10 {
			wire, err := baml.NewTripwire()
			require.NoError(t, err)
			_, err = wire.Child()
			require.NoError(t, err)
		}
	}()
	collected(t, "tripwires at zero", func() bool { return liveStats(t).Tripwires == 0 })
	assert.Equal(t, before+20, baml.Rescued())
}

// supervise runs one stream an exchange; the first fails by a broken answer.
func supervise(t *testing.T, m *model, run func(index int) error, group *errgroup.Group, count int) []*exchange {
	t.Helper()
	exchanges := make([]*exchange, count)
	for index := range exchanges {
		group.Go(func() error { return run(index) })
		exchanges[index] = m.next(t)
	}
	return exchanges
}

func TestSupervisor_one_failure_aborts_the_rest(t *testing.T) {
	clean(t)
	m := newModel(t)
	r := load(t, m.URL)
	wire, err := baml.NewTripwire()
	require.NoError(t, err)
	defer wire.Close()
	const count = 8
	group := &errgroup.Group{}
	failures := make([]error, count)
	exchanges := supervise(t, m, func(index int) error {
		_, failures[index] = baml.Call[map[string]int](context.Background(), r, "Count",
			baml.Args{"text": "n"}, baml.WithTripwire(wire), baml.OnPartial(func(*baml.Partial) {}))
		if failures[index] != nil {
			wire.Trip(failures[index])
		}
		return failures[index]
	}, group, count)
	exchanges[0].write(t, "no numbers here")
	exchanges[0].finish()
	require.Error(t, group.Wait())
	aborted := 0
	for _, failure := range failures {
		if errors.Is(failure, baml.ErrTripped) {
			require.ErrorIs(t, failure, baml.ErrAborted)
			aborted++
		}
	}
	assert.Equal(t, count-1, aborted)
	for _, x := range exchanges[1:] {
		x.awaitGone(t)
	}
}

func TestSupervisor_one_failure_leaves_the_rest(t *testing.T) {
	clean(t)
	m := newModel(t)
	r := load(t, m.URL)
	const count = 8
	group := &errgroup.Group{}
	failures := make([]error, count)
	exchanges := supervise(t, m, func(index int) error {
		_, failures[index] = baml.Call[map[string]int](context.Background(), r, "Count", baml.Args{"text": "n"})
		return nil
	}, group, count)
	for index, x := range exchanges {
		text := `{"n": 1}`
		if index == 0 {
			text = "no numbers here"
		}
		x.write(t, text)
		x.finish()
	}
	require.NoError(t, group.Wait())
	failed := 0
	for _, failure := range failures {
		if failure != nil {
			failed++
		}
	}
	assert.Equal(t, 1, failed)
}

// Names that a model invents live and die with the value that holds them.
func TestValue_invented_names_grow_no_table(t *testing.T) {
	clean(t)
	r := load(t, "http://127.0.0.1:1")
	invent := func(round int) {
		text := "{"
		for index := range 200 {
			if index > 0 {
				text += ","
			}
			text += fmt.Sprintf(`"invented_%d_%d": %d`, round, index, index)
		}
		got, err := baml.Parse[map[string]int](r, "Count", text+"}")
		require.NoError(t, err)
		require.Len(t, got, 200)
	}
	heap := func() uint64 {
		var stats runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&stats)
		return stats.HeapAlloc
	}
	for round := range 20 {
		invent(round)
	}
	before := heap()
	for round := range 500 {
		invent(1000 + round)
	}
	// 100,000 names of some 16 bytes would show as megabytes.
	assert.Less(t, heap(), before+512<<10)
}

func TestStreams_many_at_once_leave_nothing(t *testing.T) {
	clean(t)
	m := newModel(t)
	r := load(t, m.URL)
	const count = 200
	go func() {
		for {
			// A stream that was cancelled early may have sent no request.
			select {
			case x := <-m.exchanges:
				go x.say(5)
			case <-m.stopped:
				return
			}
		}
	}()
	var group errgroup.Group
	for index := range count {
		group.Go(func() error {
			stream, err := r.Stream(context.Background(), "Say", baml.Args{"text": "hi"})
			if err != nil {
				return err
			}
			if index%3 == 0 {
				stream.Cancel()
				return nil
			}
			for range stream.Partials() {
			}
			_, err = stream.Final(context.Background())
			return err
		})
	}
	require.NoError(t, group.Wait())
}

// say answers by so many pieces, unless the client goes away.
func (x *exchange) say(count int) {
	for range count {
		select {
		case x.pieces <- "x":
			<-x.wrote
		case <-x.ended:
			return
		}
	}
	x.finish()
}
