// Package crowd runs many streams at once in a process that does nothing else, and tells what they
// cost it: the programs of cmd/bench/crowd and cmd/bench/plain differ in who reads the streams, and
// hold nothing that the reader does not need, so that their memory is the reader's.
package crowd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/bamlwire/bamlwire/internal/measure"
)

// Spec says what to run. A program gets it as JSON, in its only argument.
type Spec struct {
	// URL is the server's, BAML the project, for those who need one.
	URL  string `json:"url"`
	BAML string `json:"baml"`
	// Shape is what the answers are: "text" or "list".
	Shape   string `json:"shape"`
	Streams int    `json:"streams"`
	// Pieces come in each stream, so far apart.
	Pieces int           `json:"pieces"`
	Delay  time.Duration `json:"delay"`
}

// Result is what was measured. A program writes it as JSON.
type Result struct {
	CPU      time.Duration   `json:"cpu"`
	Wall     time.Duration   `json:"wall"`
	Ideal    time.Duration   `json:"ideal"`
	First    measure.Samples `json:"first"`
	BeforeMB float64         `json:"before_mb"`
	PeakMB   float64         `json:"peak_mb"`
	GoMB     float64         `json:"go_mb"`
	Threads  int             `json:"threads"`
	Updates  int             `json:"updates"`
}

// Row is the Go type of a list's items.
type Row struct {
	Name  string   `json:"name"`
	Score float64  `json:"score"`
	Tags  []string `json:"tags"`
	Note  *string  `json:"note"`
}

// Read follows one stream to its end, and calls seen at each value.
type Read func(ctx context.Context, seen func()) error

// Main is such a program: prepare makes what is needed once, and gives what reads a stream.
func Main(prepare func(spec Spec) (Read, error)) {
	if err := run(prepare); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", filepath.Base(os.Args[0]), err)
		os.Exit(1)
	}
}

func run(prepare func(spec Spec) (Read, error)) error {
	if len(os.Args) != 2 {
		return errors.New("usage: a crowd as JSON; bench runs this program")
	}
	var spec Spec
	if err := json.Unmarshal([]byte(os.Args[1]), &spec); err != nil {
		return err
	}
	read, err := prepare(spec)
	if err != nil {
		return err
	}
	result, err := spec.run(context.Background(), read)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(result)
}

func (s Spec) run(ctx context.Context, read Read) (Result, error) {
	result := Result{BeforeMB: measure.ResidentMB(), Ideal: time.Duration(s.Pieces) * s.Delay}
	watched := measure.WatchPeak()
	before, start := measure.CPUTime(), time.Now()
	var group sync.WaitGroup
	var mutex sync.Mutex
	var failure error
	for i := range s.Streams {
		group.Go(func() {
			// Spread over one delay, so that the pieces of all do not come at once.
			time.Sleep(s.Delay * time.Duration(i) / time.Duration(s.Streams))
			started := time.Now()
			first, updates := time.Time{}, 0
			err := read(ctx, func() {
				if updates == 0 {
					first = time.Now()
				}
				updates++
			})
			mutex.Lock()
			defer mutex.Unlock()
			if err != nil {
				failure = err
			}
			result.First = append(result.First, first.Sub(started))
			result.Updates += updates
		})
	}
	group.Wait()
	result.Wall, result.CPU = time.Since(start), measure.CPUTime()-before
	watched.End()
	result.PeakMB, result.GoMB = watched.MemoryMB, watched.GoMB
	result.Threads = watched.Threads
	// The last to start is one delay late.
	result.Ideal += s.Delay * time.Duration(s.Streams-1) / time.Duration(s.Streams)
	return result, failure
}
