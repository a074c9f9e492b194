// streams: so many streams at once, read as Go values: processor time a stream, wall time against
// the ideal, memory and threads. Each row is a process of its own, so that no row inherits memory.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/bamlwire/bamlwire/baml"
	"github.com/bamlwire/bamlwire/internal/modelserver"
	"github.com/spf13/cobra"
)

// crowd is one row: streams of so many pieces of 20 characters, so far apart.
type crowd struct {
	Shape   string        `json:"shape"`
	Streams int           `json:"streams"`
	Pieces  int           `json:"pieces"`
	Delay   time.Duration `json:"delay"`
	// Plainly asks for the floor: a plain client.
	Plainly bool `json:"plainly"`
}

const (
	crowdPieces = 200
	crowdDelay  = 50 * time.Millisecond
)

var crowds = []crowd{
	{"text", 1, crowdPieces, crowdDelay, false},
	{"text", 10, crowdPieces, crowdDelay, false},
	{"text", 100, crowdPieces, crowdDelay, false},
	{"text", 1_000, crowdPieces, crowdDelay, false},
	{"list", 1, crowdPieces, crowdDelay, false},
	{"list", 10, crowdPieces, crowdDelay, false},
	{"list", 100, crowdPieces, crowdDelay, false},
	{"list", 1_000, crowdPieces, crowdDelay, false},
	// So far apart that the scripted server keeps up on two cores.
	{"text", 10_000, 20, 2 * time.Second, false},
}

var quickCrowds = []crowd{
	{"text", 10, 20, 10 * time.Millisecond, false}, {"list", 100, 20, crowdDelay, false},
}

// crowdRun is what a row measured.
type crowdRun struct {
	CPU      time.Duration `json:"cpu"`
	Wall     time.Duration `json:"wall"`
	Ideal    time.Duration `json:"ideal"`
	First    samples       `json:"first"`
	BeforeMB float64       `json:"before_mb"`
	PeakMB   float64       `json:"peak_mb"`
	GoMB     float64       `json:"go_mb"`
	Threads  int           `json:"threads"`
	Updates  int           `json:"updates"`
}

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
		if len(wantedCrowds) > 0 && !slices.Contains(wantedCrowds, row.name()) {
			continue
		}
		if err := server.set(modelserver.Text(row.text(), growPiece, row.Delay)); err != nil {
			return err
		}
		run, err := row.inOwnProcess(ctx, server.url)
		if err != nil {
			return fmt.Errorf("%d streams: %w", row.Streams, err)
		}
		row.show(row.Shape, run)
		plain := row
		plain.Plainly = true
		floor, err := plain.inOwnProcess(ctx, server.url)
		if err != nil {
			return fmt.Errorf("%d streams of a plain client: %w", row.Streams, err)
		}
		row.show("plain", floor)
		each := run.CPU / time.Duration(row.Streams)
		keepFigure(figureKey("streams", row.Shape, strconv.Itoa(row.Streams)), figure{
			"CPU ms a stream", milliseconds(each),
		})
		keepFigure(figureKey("memory", row.Shape, strconv.Itoa(row.Streams)), figure{
			"RSS peak MB", run.PeakMB,
		})
	}
	return nil
}

// show prints a row.
func (c crowd) show(name string, run crowdRun) {
	each := run.CPU / time.Duration(c.Streams)
	over := float64(run.Wall) / float64(run.Ideal)
	fmt.Printf("  %-5s %6d streams: CPU %s ms each (%.1f µs a piece); wall/ideal %.3f;"+
		" first p50 %s p99 %s ms; RSS %.0f → %.0f MB (Go's %.0f), %d threads; %d updates\n",
		name, c.Streams, inMilliseconds(each),
		float64(each.Microseconds())/float64(c.Pieces), over,
		inMilliseconds(run.First.at(half)), inMilliseconds(run.First.at(most)), run.BeforeMB,
		run.PeakMB, run.GoMB, run.Threads, run.Updates)
}

// wantedCrowds are the names of the rows to measure; all if there are none.
var wantedCrowds []string

func (c crowd) name() string { return c.Shape + "/" + strconv.Itoa(c.Streams) }

func (c crowd) text() string {
	if c.Shape == "list" {
		return rowsText(c.Pieces * growPiece)
	}
	return plainText(c.Pieces * growPiece)
}

func (c crowd) inOwnProcess(ctx context.Context, url string) (crowdRun, error) {
	var run crowdRun
	self, err := os.Executable()
	if err != nil {
		return run, err
	}
	asked, err := json.Marshal(c)
	if err != nil {
		return run, err
	}
	command := exec.CommandContext(ctx, self, "streams-child", url, string(asked))
	command.Stderr = os.Stderr
	text, err := command.Output()
	if err != nil {
		return run, err
	}
	return run, json.Unmarshal(text, &run)
}

func streamsChildCommand() *cobra.Command {
	const arguments = 2
	return &cobra.Command{
		Use: "streams-child", Hidden: true, Args: cobra.ExactArgs(arguments),
		RunE: func(command *cobra.Command, args []string) error {
			var row crowd
			if err := json.Unmarshal([]byte(args[1]), &row); err != nil {
				return err
			}
			run, err := row.run(command.Context(), args[0])
			if err != nil {
				return err
			}
			return json.NewEncoder(os.Stdout).Encode(run)
		},
	}
}

func (c crowd) run(ctx context.Context, url string) (crowdRun, error) {
	runtime, err := loadProject()
	if err != nil {
		return crowdRun{}, err
	}
	defer func() { _ = runtime.Close() }()
	read := readTexts
	switch {
	case c.Plainly:
		read = readPlainly
	case c.Shape == "list":
		read = readRows
	}
	pieces := (len(c.text()) + growPiece - 1) / growPiece
	run := crowdRun{BeforeMB: residentMB(), Ideal: time.Duration(pieces) * c.Delay}
	watched := watchPeak()
	before, start := cpuTime(), time.Now()
	var group sync.WaitGroup
	var mutex sync.Mutex
	var failure error
	for i := range c.Streams {
		group.Go(func() {
			// Spread over one delay, so that the pieces of all do not come at once.
			time.Sleep(c.Delay * time.Duration(i) / time.Duration(c.Streams))
			started := time.Now()
			first, updates, err := read(ctx, runtime, url)
			mutex.Lock()
			defer mutex.Unlock()
			if err != nil {
				failure = err
			}
			run.First = append(run.First, first.Sub(started))
			run.Updates += updates
		})
	}
	group.Wait()
	run.Wall, run.CPU = time.Since(start), cpuTime()-before
	watched.end()
	run.PeakMB, run.GoMB, run.Threads = watched.memoryMB, watched.goMB, watched.threads
	// The last to start is one delay late.
	run.Ideal += c.Delay * time.Duration(c.Streams-1) / time.Duration(c.Streams)
	return run, failure
}

func readTexts(ctx context.Context, r *baml.Runtime, url string) (time.Time, int, error) {
	return readAll[string](ctx, r, "Text", url)
}

func readRows(ctx context.Context, r *baml.Runtime, url string) (time.Time, int, error) {
	return readAll[[]row](ctx, r, "Rows", url)
}

func readPlainly(ctx context.Context, _ *baml.Runtime, url string) (time.Time, int, error) {
	return followPlainly(ctx, url)
}

// readAll follows a call to its end: when its first value came, and how many came.
func readAll[T any](
	ctx context.Context, r *baml.Runtime, function, url string,
) (first time.Time, updates int, err error) {
	for _, err := range baml.Updates[T](ctx, r, function, callArguments, reaching(url)) {
		if err != nil {
			return first, updates, err
		}
		if updates == 0 {
			first = time.Now()
		}
		updates++
	}
	return first, updates, nil
}
