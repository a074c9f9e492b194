// load: many streams at once: CPU and memory of the client, and how long after the server wrote a
// piece the partial is in the reader's hands.
package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bamlwire/bamlwire/baml"
	"github.com/bamlwire/bamlwire/internal/measure"
	"github.com/bamlwire/bamlwire/internal/modelserver"
)

// load is one row of the table: the pieces of each stream come so far apart.
type load struct {
	streams int
	pieces  int
	delay   time.Duration
}

var loads = []load{
	{1, 200, 10 * time.Millisecond},
	{1_000, 40, 250 * time.Millisecond},
	{10_000, 16, 2500 * time.Millisecond},
}

var quickLoads = []load{{1, 20, 10 * time.Millisecond}, {200, 10, 100 * time.Millisecond}}

func benchLoad(ctx context.Context, quick bool) error {
	rows := loads
	if quick {
		rows = quickLoads
	}
	server, err := startServer(ctx)
	if err != nil {
		return err
	}
	defer server.stop()
	for _, row := range rows {
		if err := row.run(ctx, server); err != nil {
			return fmt.Errorf("%d streams: %w", row.streams, err)
		}
	}
	return nil
}

// tally is what the readers of a load count together.
type tally struct {
	partials atomic.Int64
	failed   atomic.Int64
	mutex    sync.Mutex
	late     measure.Samples
	first    error
}

func (l load) run(ctx context.Context, server *remoteServer) error {
	runtime, err := loadProject()
	if err != nil {
		return err
	}
	defer func() { _ = runtime.Close() }()
	text := strings.Repeat(modelserver.StampMark+" word word word\n", l.pieces)
	pieces := make([]modelserver.Piece, 0, l.pieces)
	for _, line := range strings.SplitAfter(text, "\n") {
		if line != "" {
			pieces = append(pieces, modelserver.Piece{Text: line})
		}
	}
	step := modelserver.Step{Chunks: pieces, Stamp: true, Delay: float64(l.delay.Milliseconds())}
	scenario := modelserver.Scenario{Routes: map[string][]modelserver.Step{"*": {step}}}
	if err := server.set(scenario); err != nil {
		return err
	}
	// The first call of a runtime makes its threads and its HTTP client.
	warm := &tally{}
	if warm.follow(ctx, runtime, server.url); warm.first != nil {
		return warm.first
	}
	counted := &tally{}
	watched := measure.WatchPeak()
	before, start := measure.CPUTime(), time.Now()
	var group sync.WaitGroup
	for i := range l.streams {
		group.Go(func() {
			// Spread over one delay, so that the pieces of all do not come at once.
			pause := l.delay * time.Duration(i) / time.Duration(l.streams)
			if l.streams > 1 {
				time.Sleep(pause)
			}
			counted.follow(ctx, runtime, server.url)
		})
	}
	group.Wait()
	used, took := measure.CPUTime()-before, time.Since(start)
	watched.End()
	if counted.first != nil {
		return fmt.Errorf("%d failed, first: %w", counted.failed.Load(), counted.first)
	}
	partials := counted.partials.Load()
	fmt.Printf("  %6d streams: %.1f µs CPU a partial (%d partials, %.1f s),"+
		" RSS %.0f MB (Go's %.0f), %d threads\n",
		l.streams, float64(used.Microseconds())/float64(max(partials, 1)), partials, took.Seconds(),
		watched.MemoryMB, watched.GoMB, watched.Threads)
	fmt.Printf("                  written → in hand %s\n", counted.late)
	return nil
}

// follow reads one stream to its end.
func (t *tally) follow(ctx context.Context, runtime *baml.Runtime, url string) {
	var late measure.Samples
	stream, err := runtime.Stream(ctx, "Text", callArguments, reaching(url))
	if err == nil {
		for partial, problem := range stream.Partials() {
			if problem != nil {
				break
			}
			if age, ok := ageOf(partial); ok {
				late = append(late, age)
			}
			t.partials.Add(1)
		}
		_, err = stream.Final(ctx)
	}
	t.mutex.Lock()
	defer t.mutex.Unlock()
	t.late = append(t.late, late...)
	if err != nil {
		t.failed.Add(1)
		if t.first == nil {
			t.first = err
		}
	}
}

// ageOf reads the stamp of the last complete line of a partial.
func ageOf(partial *baml.Partial) (time.Duration, bool) {
	now := time.Now().UnixMicro()
	var text string
	if partial.Decode(&text) != nil {
		return 0, false
	}
	text = strings.TrimSuffix(text, "\n")
	line := text[strings.LastIndexByte(text, '\n')+1:]
	stamp, _, ok := strings.Cut(line, " ")
	if !ok {
		return 0, false
	}
	written, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return 0, false
	}
	return time.Duration(now-written) * time.Microsecond, true
}
