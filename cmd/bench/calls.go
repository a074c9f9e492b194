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
	"github.com/bamlwire/bamlwire/internal/measure"
	"github.com/bamlwire/bamlwire/internal/modelserver"
	"github.com/bamlwire/bamlwire/internal/plainclient"
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
	call := func() error {
		_, err := baml.Call[row](ctx, runtime, "Note", callArguments, reaching(server.url))
		return err
	}
	plainCall := func() error { return plainclient.Call(ctx, server.url) }
	for _, warm := range []func() error{call, plainCall} {
		if _, _, err := callMany(warm, callWarmUp, 1); err != nil {
			return err
		}
	}
	for _, atOnce := range []int{1, 8, 32} {
		each, perSecond, err := callMany(call, count, atOnce)
		if err != nil {
			return err
		}
		plainEach, plainPerSecond, err := callMany(plainCall, count, atOnce)
		if err != nil {
			return err
		}
		fmt.Printf("  %2d at once: %.0f calls/s, CPU %.3f ms each; a plain client %.0f calls/s,"+
			" %.3f ms\n", atOnce, perSecond, each, plainPerSecond, plainEach)
		keepFigure(figureKey("calls", strconv.Itoa(atOnce)), figure{"CPU ms a call", each})
		keepFigure(figureKey("rate", strconv.Itoa(atOnce)), figure{"calls/s", perSecond})
	}
	return nil
}

// callMany makes so many calls, so many at once, and gives the processor time of each in
// milliseconds and their number a second.
func callMany(call func() error, count, atOnce int) (each, perSecond float64, err error) {
	before, start := measure.CPUTime(), time.Now()
	var group sync.WaitGroup
	var left atomic.Int64
	left.Store(int64(count))
	problems := make([]error, atOnce)
	for worker := range atOnce {
		group.Go(func() {
			for left.Add(-1) >= 0 && problems[worker] == nil {
				problems[worker] = call()
			}
		})
	}
	group.Wait()
	used, took := measure.CPUTime()-before, time.Since(start)
	each = measure.Milliseconds(used) / float64(count)
	return each, float64(count) / took.Seconds(), errors.Join(problems...)
}
