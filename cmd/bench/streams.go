// streams: so many streams at once, read as Go values: processor time a stream, wall time against
// the ideal, memory and threads. Each row is a process of its own, so that no row inherits memory,
// and of a program of its own, crowd or plain, so that it has no memory but the reader's.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"time"

	"github.com/bamlwire/bamlwire/internal/crowd"
	"github.com/bamlwire/bamlwire/internal/measure"
	"github.com/bamlwire/bamlwire/internal/modelserver"
)

const (
	crowdPieces = 200
	crowdDelay  = 50 * time.Millisecond
)

// crowds are the rows, of pieces of 20 characters.
var crowds = []crowd.Spec{
	{Shape: "text", Streams: 1, Pieces: crowdPieces, Delay: crowdDelay},
	{Shape: "text", Streams: 10, Pieces: crowdPieces, Delay: crowdDelay},
	{Shape: "text", Streams: 100, Pieces: crowdPieces, Delay: crowdDelay},
	{Shape: "text", Streams: 1_000, Pieces: crowdPieces, Delay: crowdDelay},
	{Shape: "list", Streams: 1, Pieces: crowdPieces, Delay: crowdDelay},
	{Shape: "list", Streams: 10, Pieces: crowdPieces, Delay: crowdDelay},
	{Shape: "list", Streams: 100, Pieces: crowdPieces, Delay: crowdDelay},
	{Shape: "list", Streams: 1_000, Pieces: crowdPieces, Delay: crowdDelay},
	// So far apart that the scripted server keeps up on two cores.
	{Shape: "text", Streams: 10_000, Pieces: 20, Delay: 2 * time.Second},
}

var quickCrowds = []crowd.Spec{
	{Shape: "text", Streams: 10, Pieces: 20, Delay: 10 * time.Millisecond},
	{Shape: "list", Streams: 100, Pieces: 20, Delay: crowdDelay},
}

// wantedCrowds are the names of the rows to measure; all if there are none.
var wantedCrowds []string

func benchStreams(ctx context.Context, quick bool) error {
	rows := crowds
	if quick {
		rows = quickCrowds
	}
	server, err := startServer(ctx)
	if err != nil {
		return err
	}
	defer server.stop()
	for _, row := range rows {
		name := row.Shape + "/" + strconv.Itoa(row.Streams)
		if len(wantedCrowds) > 0 && !slices.Contains(wantedCrowds, name) {
			continue
		}
		text := plainText(row.Pieces * growPiece)
		if row.Shape == "list" {
			text = rowsText(row.Pieces * growPiece)
		}
		if err := server.set(modelserver.Text(text, growPiece, row.Delay)); err != nil {
			return err
		}
		row.Pieces = (len(text) + growPiece - 1) / growPiece
		row.URL, row.BAML = server.url, source
		run, err := runCrowd(ctx, "crowd", row)
		if err != nil {
			return fmt.Errorf("%d streams: %w", row.Streams, err)
		}
		showCrowd(row.Shape, row, run)
		floor, err := runCrowd(ctx, "plain", row)
		if err != nil {
			return fmt.Errorf("%d streams of a plain client: %w", row.Streams, err)
		}
		showCrowd("plain", row, floor)
		each := run.CPU / time.Duration(row.Streams)
		keepFigure(figureKey("streams", row.Shape, strconv.Itoa(row.Streams)), figure{
			"CPU ms a stream", measure.Milliseconds(each),
		})
		keepFigure(figureKey("memory", row.Shape, strconv.Itoa(row.Streams)), figure{
			"RSS peak MB", run.PeakMB,
		})
	}
	return nil
}

// runCrowd runs a row in one of the programs, which lie beside this one and are called as it is:
// bench-crowd beside bench.
func runCrowd(ctx context.Context, program string, row crowd.Spec) (crowd.Result, error) {
	var result crowd.Result
	self, err := os.Executable()
	if err != nil {
		return result, err
	}
	asked, err := json.Marshal(row)
	if err != nil {
		return result, err
	}
	command := exec.CommandContext(ctx, self+"-"+program, string(asked))
	command.Stderr = os.Stderr
	text, err := command.Output()
	if errors.Is(err, fs.ErrNotExist) {
		return result, fmt.Errorf("%w (scripts/build-bench builds it)", err)
	}
	if err != nil {
		return result, err
	}
	return result, json.Unmarshal(text, &result)
}

func showCrowd(name string, row crowd.Spec, run crowd.Result) {
	each := run.CPU / time.Duration(row.Streams)
	over := float64(run.Wall) / float64(run.Ideal)
	fmt.Printf("  %-5s %6d streams: CPU %s ms each (%.1f µs a piece); wall/ideal %.3f;"+
		" first p50 %s p99 %s ms; RSS %.0f → %.1f MB (Go's %.0f), %d threads; %d updates\n",
		name, row.Streams, measure.InMilliseconds(each),
		float64(each.Microseconds())/float64(row.Pieces), over,
		measure.InMilliseconds(run.First.At(measure.Half)),
		measure.InMilliseconds(run.First.At(measure.Most)), run.BeforeMB,
		run.PeakMB, run.GoMB, run.Threads, run.Updates)
}
