// calls: calls without streaming against a server that answers at once.
package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bamlwire/bamlwire/baml"
	"github.com/bamlwire/bamlwire/internal/modelserver"
)

const (
	callCount      = 4_000
	quickCallCount = 100
	callWarmUp     = 50
	callReply      = `{"name": "one", "score": 1.5, "tags": ["a", "b"], "note": null}`
)

func benchCalls(ctx context.Context, quick bool) error {
	count := callCount
	if quick {
		count = quickCallCount
	}
	server, err := startServer(ctx)
	if err != nil {
		return err
	}
	defer server.stop()
	if err := server.set(modelserver.Text(callReply, 0, 0)); err != nil {
		return err
	}
	runtime, err := loadProject()
	if err != nil {
		return err
	}
	defer func() { _ = runtime.Close() }()
	if err := callMany(ctx, runtime, server.url, callWarmUp, 1); err != nil {
		return err
	}
	for _, atOnce := range []int{1, 8, 32} {
		before, start := cpuTime(), time.Now()
		if err := callMany(ctx, runtime, server.url, count, atOnce); err != nil {
			return err
		}
		used, took := cpuTime()-before, time.Since(start)
		each := milliseconds(used) / float64(count)
		perSecond := float64(count) / took.Seconds()
		fmt.Printf("  %2d at once: %.0f calls/s, CPU %.3f ms each\n", atOnce, perSecond, each)
		keepFigure(figureKey("calls", strconv.Itoa(atOnce)), figure{"CPU ms a call", each})
		keepFigure(figureKey("rate", strconv.Itoa(atOnce)), figure{"calls/s", perSecond})
	}
	return nil
}

// callMany makes so many calls, so many at once.
func callMany(ctx context.Context, r *baml.Runtime, url string, count, atOnce int) error {
	var group sync.WaitGroup
	var left atomic.Int64
	left.Store(int64(count))
	problems := make([]error, atOnce)
	for worker := range atOnce {
		group.Go(func() {
			for left.Add(-1) >= 0 && problems[worker] == nil {
				_, problems[worker] = baml.Call[row](ctx, r, "Note", callArguments, reaching(url))
			}
		})
	}
	group.Wait()
	return errors.Join(problems...)
}
