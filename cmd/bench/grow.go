// grow: what one growing answer costs, by its length: the cost of a piece must not grow with what
// came before.
package main

import (
	"context"
	"fmt"
	"time"

	"github.com/bamlwire/bamlwire/baml"
	"github.com/bamlwire/bamlwire/internal/modelserver"
)

const growPiece = 20

var growLengths = []int{10_000, 50_000, 100_000, 200_000, 500_000}

func benchGrow(ctx context.Context, quick bool) error {
	server, err := startServer(ctx)
	if err != nil {
		return err
	}
	defer server.stop()
	runtime, err := loadProject()
	if err != nil {
		return err
	}
	defer func() { _ = runtime.Close() }()
	lengths := growLengths
	if quick {
		lengths = lengths[:2]
	}
	for _, shape := range []struct {
		function string
		text     func(int) string
	}{{"Rows", rowsText}, {"Note", noteText}} {
		for _, length := range lengths {
			text := shape.text(length)
			if err := server.set(modelserver.Text(text, growPiece, 0)); err != nil {
				return err
			}
			if err := growOne(ctx, runtime, server.url, shape.function, text); err != nil {
				return err
			}
		}
	}
	return nil
}

func growOne(ctx context.Context, runtime *baml.Runtime, url, function, text string) error {
	before, start := cpuTime(), time.Now()
	stream, err := runtime.Stream(ctx, function, callArguments, reaching(url))
	if err != nil {
		return err
	}
	partials := 0
	for partial, err := range stream.Partials() {
		if err != nil {
			return err
		}
		var read any
		if err := partial.Decode(&read); err != nil {
			return err
		}
		partials++
	}
	if _, err := stream.Final(ctx); err != nil {
		return err
	}
	used, took := cpuTime()-before, time.Since(start)
	pieces := (len(text) + growPiece - 1) / growPiece
	fmt.Printf("  %-4s %7d characters: CPU %s ms, %.1f µs a piece; %d partials read, %s ms\n",
		function, len(text), inMilliseconds(used), float64(used.Microseconds())/float64(pieces),
		partials, inMilliseconds(took))
	return nil
}
