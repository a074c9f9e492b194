// soak: rounds of many streams at once, of which a third is cancelled at a random time, a third is
// abandoned, and the rest is read to its end, with faults from the server. Every stream has an
// outcome, no value is wrong, and between rounds everything is back to zero.
package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	goruntime "runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bamlwire/bamlwire/baml"
	"github.com/bamlwire/bamlwire/internal/modelserver"
	"github.com/spf13/cobra"
)

const (
	soakLength    = 400
	soakPiece     = 20
	soakDelayMS   = 100
	soakSpread    = 2 * time.Second
	soakQuietTime = time.Minute
	// memoryGrowthMax is how much the memory between rounds may grow after the first minute.
	memoryGrowthMax = 1.15
	memorySlackMB   = 16
)

func soakCommand() *cobra.Command {
	var minutes float64
	var streams int
	var seed uint64
	command := &cobra.Command{
		Use: "soak", Args: cobra.NoArgs, SilenceUsage: true,
		Short: "streams cancelled, abandoned and finished: memory and handles stay flat",
	}
	command.Flags().Float64Var(&minutes, "minutes", 10, "how long")
	command.Flags().IntVar(&streams, "streams", 10_000, "streams at once")
	command.Flags().Uint64Var(&seed, "seed", 0, "seed of the random times; 0 takes a new one")
	command.RunE = func(command *cobra.Command, _ []string) error {
		if seed == 0 {
			seed = rand.Uint64()
		}
		fmt.Printf("soak: %d streams, %.1f minutes, --seed %d\n", streams, minutes, seed)
		return soak(command.Context(), time.Duration(minutes*float64(time.Minute)), streams, seed)
	}
	return command
}

// soaking is a soak under way.
type soaking struct {
	runtime  *baml.Runtime
	url      string
	want     int
	random   *rand.Rand
	finished atomic.Int64
	faults   atomic.Int64
	aborted  atomic.Int64
	left     atomic.Int64
	mutex    sync.Mutex
	wrong    error
}

// soakScenario answers most requests well and some with a fault.
func soakScenario(text string) modelserver.Scenario {
	good := modelserver.Step{Text: &text, Chunk: soakPiece, Delay: soakDelayMS}
	steps := []modelserver.Step{good, good, good, good, good, good}
	cut, fin, broken, silent := good, good, good, good
	cut.Disconnect = &modelserver.Disconnect{After: 3, How: "reset"}
	fin.Disconnect = &modelserver.Disconnect{After: 3, How: "fin"}
	broken.Inject = []modelserver.Inject{{At: 2, Raw: "data: {\n\n"}}
	silent.Status = 503
	steps = append(steps, cut, fin, broken, silent)
	var many []modelserver.Step
	const repeats = 2_000
	for range repeats {
		many = append(many, steps...)
	}
	return modelserver.Scenario{Routes: map[string][]modelserver.Step{"*": many}}
}

func soak(ctx context.Context, length time.Duration, streams int, seed uint64) error {
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
	text := rowsText(soakLength)
	want, err := baml.Parse[[]map[string]any](runtime, "Rows", text)
	if err != nil {
		return err
	}
	s := &soaking{
		runtime: runtime, url: server.url, want: len(want), random: rand.New(rand.NewPCG(seed, 1)),
	}
	start, settled := time.Now(), 0.0
	for round := 1; time.Since(start) < length && ctx.Err() == nil; round++ {
		if err := server.set(soakScenario(text)); err != nil {
			return err
		}
		if err := s.round(ctx, streams); err != nil {
			return err
		}
		memory := residentMB()
		fmt.Printf("  round %d, %.0f s: RSS %.0f MB, %d goroutines; so far %d finished,"+
			" %d failed as scripted, %d cancelled, %d abandoned\n",
			round, time.Since(start).Seconds(), memory,
			goruntime.NumGoroutine(), s.finished.Load(), s.faults.Load(), s.aborted.Load(),
			s.left.Load())
		if time.Since(start) < soakQuietTime || settled == 0 {
			settled = max(settled, memory)
		} else if memory > settled*memoryGrowthMax+memorySlackMB {
			return fmt.Errorf("memory grew from %.0f to %.0f MB", settled, memory)
		}
	}
	return ctx.Err()
}

// round runs the streams and waits until nothing of them is left.
func (s *soaking) round(ctx context.Context, streams int) error {
	var group sync.WaitGroup
	for i := range streams {
		pause := time.Duration(s.random.Int64N(int64(soakSpread)))
		after := time.Duration(s.random.Int64N(int64(soakSpread)))
		group.Go(func() {
			time.Sleep(pause)
			if err := s.one(ctx, i%3, after); err != nil {
				s.mutex.Lock()
				defer s.mutex.Unlock()
				if s.wrong == nil {
					s.wrong = fmt.Errorf("stream %d: %w", i, err)
				}
			}
		})
	}
	group.Wait()
	if s.wrong != nil {
		return s.wrong
	}
	return s.quiet(ctx)
}

// The lots of a stream.
const (
	lotFinish = iota
	lotCancel
	lotAbandon
)

func (s *soaking) one(ctx context.Context, lot int, after time.Duration) error {
	stream, err := s.runtime.Stream(ctx, "Rows", callArguments, reaching(s.url))
	if err != nil {
		return err
	}
	switch lot {
	case lotAbandon:
		time.Sleep(after)
		s.left.Add(1)
		return nil
	case lotCancel:
		time.Sleep(after)
		stream.Cancel()
	}
	final, err := stream.Final(ctx)
	var failure *baml.Error
	switch {
	case err == nil:
		var rows []map[string]any
		if err := final.Decode(&rows); err != nil {
			return err
		}
		// A body that was cut cleanly is a complete answer of fewer rows.
		if len(rows) > s.want {
			return fmt.Errorf("%d rows instead of %d", len(rows), s.want)
		}
		s.finished.Add(1)
	case errors.Is(err, baml.ErrAborted) && lot == lotCancel:
		s.aborted.Add(1)
	case errors.As(err, &failure) && failure.Kind != baml.ErrorInternal:
		s.faults.Add(1)
	default:
		return err
	}
	return nil
}

// quiet collects what was abandoned and waits until no stream, task or socket is left.
func (s *soaking) quiet(ctx context.Context) error {
	deadline := time.Now().Add(patience)
	for ctx.Err() == nil {
		goruntime.GC()
		stats, err := s.runtime.Stats()
		if err != nil {
			return err
		}
		if stats.Streams == 0 && stats.Tasks == 0 && stats.Sockets == 0 && stats.Buffers == 0 {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("left over between rounds: %+v", stats)
		}
		time.Sleep(samplePause)
	}
	return ctx.Err()
}
