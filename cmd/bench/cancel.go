// cancel and forgotten: how long until the server sees that nobody is interested any more.
package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	goruntime "runtime"
	"runtime/debug"
	"sync"
	"time"

	"github.com/bamlwire/bamlwire/baml"
	"github.com/bamlwire/bamlwire/internal/measure"
	"github.com/bamlwire/bamlwire/internal/modelserver"
)

const (
	cancelCount      = 500
	quickCancelCount = 20
	forgottenCount   = 1_000
	quickForgotten   = 50
	patience         = 30 * time.Second
)

// closes collects the moments at which the server saw its exchanges close, by request number.
type closes struct {
	mutex   sync.Mutex
	at      map[int]time.Time
	changed chan struct{}
}

func (c *closes) observe(exchange modelserver.Exchange) {
	if exchange.Closed == "" {
		return
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if exchange.Closed == modelserver.ClosedByClient {
		c.at[exchange.Seq] = exchange.ClosedAt
	}
	select {
	case c.changed <- struct{}{}:
	default:
	}
}

func (c *closes) count() int {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return len(c.at)
}

// wait blocks until so many exchanges were closed by the client.
func (c *closes) wait(ctx context.Context, count int) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for c.count() < count {
		select {
		case <-c.changed:
		case <-ctx.Done():
			return fmt.Errorf("the server saw %d of %d closes: %w", c.count(), count, ctx.Err())
		}
	}
	return nil
}

// startHanging starts a server whose streams never end by themselves.
func startHanging() (*modelserver.Server, *closes, error) {
	seen := &closes{at: map[int]time.Time{}, changed: make(chan struct{}, 1)}
	step := modelserver.Step{
		Chunks: []modelserver.Piece{{Text: "one "}, {Text: "two "}, {Text: "three "}},
		Hang:   &modelserver.Hang{Where: modelserver.HangPieces, Pieces: 3},
	}
	scenario := modelserver.Scenario{Routes: map[string][]modelserver.Step{"*": {step}}}
	server, err := modelserver.Start(scenario, modelserver.Options{
		Observe: seen.observe, Discard: true,
	})
	return server, seen, err
}

func benchCancel(ctx context.Context, quick bool) error {
	count := cancelCount
	if quick {
		count = quickCancelCount
	}
	for _, way := range []struct {
		name string
		end  func(stream *baml.Stream, cancel context.CancelFunc)
	}{
		{"Stream.Cancel", func(stream *baml.Stream, _ context.CancelFunc) { stream.Cancel() }},
		{"context", func(_ *baml.Stream, cancel context.CancelFunc) { cancel() }},
	} {
		settled, closed, err := cancelMany(ctx, count, way.end)
		if err != nil {
			return fmt.Errorf("%s: %w", way.name, err)
		}
		fmt.Printf("  %-13s → error in hand      %s\n", way.name, settled)
		fmt.Printf("  %-13s → server sees close  %s\n", way.name, closed)
		keepFigure("cancel settled", halfOf(settled))
		keepFigure("cancel closed", halfOf(closed))
	}
	return nil
}

// cancelMany cancels streams one after the other, in the middle of their answers.
func cancelMany(
	ctx context.Context, count int, end func(*baml.Stream, context.CancelFunc),
) (settled, closed measure.Samples, err error) {
	server, seen, err := startHanging()
	if err != nil {
		return nil, nil, err
	}
	defer server.Close()
	runtime, err := loadProject()
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = runtime.Close() }()
	for i := 1; i <= count; i++ {
		inner, cancel := context.WithCancel(ctx)
		stream, err := runtime.Stream(inner, "Text", callArguments, reaching(server.URL))
		if err != nil {
			cancel()
			return nil, nil, err
		}
		for _, problem := range stream.Partials() {
			if problem != nil {
				cancel()
				return nil, nil, problem
			}
			break
		}
		time.Sleep(time.Duration(rand.IntN(3000)) * time.Microsecond)
		start := time.Now()
		end(stream, cancel)
		_, err = stream.Final(ctx)
		settled = append(settled, time.Since(start))
		cancel()
		if !errors.Is(err, baml.ErrAborted) {
			return nil, nil, fmt.Errorf("stream %d ended with %w", i, err)
		}
		if err := seen.wait(ctx, i); err != nil {
			return nil, nil, err
		}
		closed = append(closed, seen.at[i].Sub(start))
	}
	return settled, closed, nil
}

func benchForgotten(ctx context.Context, quick bool) error {
	count := forgottenCount
	if quick {
		count = quickForgotten
	}
	server, seen, err := startHanging()
	if err != nil {
		return err
	}
	defer server.Close()
	runtime, err := loadProject()
	if err != nil {
		return err
	}
	defer func() { _ = runtime.Close() }()
	// Nothing is to be collected before the moment that counts.
	percent := debug.SetGCPercent(-1)
	defer debug.SetGCPercent(percent)
	if err := startAndForget(ctx, runtime, server.URL, count); err != nil {
		return err
	}
	start := time.Now()
	goruntime.GC()
	if err := seen.wait(ctx, count); err != nil {
		return err
	}
	var closed measure.Samples
	for _, at := range seen.at {
		closed = append(closed, at.Sub(start))
	}
	fmt.Printf("  GC → server sees close %s\n", closed)
	for {
		stats, err := runtime.Stats()
		if err != nil {
			return err
		}
		if stats.Streams == 0 && stats.Tasks == 0 && stats.Sockets == 0 {
			fmt.Printf("  GC → no stream, task or socket left: %s ms\n",
				measure.InMilliseconds(time.Since(start)))
			return nil
		}
		if time.Since(start) > patience {
			return fmt.Errorf("left over: %+v", stats)
		}
		time.Sleep(time.Millisecond)
	}
}

// startAndForget starts streams, waits for the first partial of each, and keeps none.
func startAndForget(ctx context.Context, runtime *baml.Runtime, url string, count int) error {
	for range count {
		stream, err := runtime.Stream(ctx, "Text", callArguments, reaching(url))
		if err != nil {
			return err
		}
		for _, problem := range stream.Partials() {
			if problem != nil {
				return problem
			}
			break
		}
	}
	return nil
}

func halfOf(times measure.Samples) figure {
	return figure{"ms, p50", measure.Milliseconds(times.At(measure.Half))}
}
