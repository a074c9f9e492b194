// soak: rounds of many streams at once, of which a third is cancelled at a random time, a third is
// abandoned, and the rest is read to its end, with faults from the server. Every stream has the
// outcome that its script wants, no value is wrong, and between rounds everything is back to zero.
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
	"github.com/bamlwire/bamlwire/internal/measure"
	"github.com/spf13/cobra"
)

// soakSpread is how long the streams of a round take to start, and at most until they are left.
const soakSpread = 2 * time.Second

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
	scripts  []script
	random   *rand.Rand
	finished atomic.Int64
	faults   atomic.Int64
	aborted  atomic.Int64
	left     atomic.Int64
	partials atomic.Int64
	mutex    sync.Mutex
	cancels  measure.Reservoir
	wrong    error
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
	s := &soaking{runtime: runtime, url: server.url, random: rand.New(rand.NewPCG(seed, 1))}
	for number := range min(streams, scriptsMax) {
		s.scripts = append(s.scripts, newScript(number))
	}
	if err := server.set(soakScenario(s.scripts)); err != nil {
		return err
	}
	var memory ledger
	start := time.Now()
	for round := 1; time.Since(start) < length && ctx.Err() == nil; round++ {
		if err := s.round(ctx, round, streams); err != nil {
			return err
		}
		now := takeAccount()
		if time.Since(start) > settlingTime {
			memory = append(memory, now)
		}
		fmt.Printf("  round %d, %.0f s: %s, %d goroutines, %d threads; so far %d finished,"+
			" %d failed as scripted, %d cancelled, %d abandoned\n",
			round, time.Since(start).Seconds(), now, goruntime.NumGoroutine(),
			measure.Status("Threads"), s.finished.Load(), s.faults.Load(), s.aborted.Load(),
			s.left.Load())
	}
	fmt.Printf("  each of %d finals and %d partials was what the server sent to its stream\n",
		s.finished.Load(), s.partials.Load())
	fmt.Printf("  Stream.Cancel → error in hand, among all the others: %s\n", &s.cancels)
	return errors.Join(ctx.Err(), memory.judge())
}

// round runs the streams and waits until nothing of them is left.
func (s *soaking) round(ctx context.Context, round, streams int) error {
	var group sync.WaitGroup
	for i := range streams {
		pause := time.Duration(s.random.Int64N(int64(soakSpread)))
		after := time.Duration(s.random.Int64N(int64(soakSpread)))
		group.Go(func() {
			time.Sleep(pause)
			script := &s.scripts[(i+round*soakStride)%len(s.scripts)]
			if err := s.one(ctx, script, i%lots, after); err != nil {
				s.mutex.Lock()
				defer s.mutex.Unlock()
				if s.wrong == nil {
					s.wrong = fmt.Errorf("round %d, stream %d, script %d: %w",
						round, i, script.number, err)
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

// The lots of a stream: of six two each are read to the end, cancelled and abandoned.
const (
	lotFinish = iota
	lotCancel
	lotAbandon
	lotFollow
	lotCancelToo
	lotAbandonToo
	lots
)

// one is the life of one stream. It ends as its script and its lot say, or wrongly.
func (s *soaking) one(ctx context.Context, script *script, lot int, after time.Duration) error {
	stream, err := s.runtime.Stream(ctx, "Rows", callArguments,
		reachingRoute(s.url, script.route()))
	if err != nil {
		return err
	}
	var final *baml.Final
	switch lot {
	case lotAbandon, lotAbandonToo:
		time.Sleep(after)
		s.left.Add(1)
		return nil
	case lotCancel, lotCancelToo:
		time.Sleep(after)
		final, err = s.cancel(ctx, stream)
	case lotFollow:
		final, err = s.follow(ctx, stream, script)
	default:
		final, err = stream.Final(ctx)
	}
	wasCancelled := lot == lotCancel || lot == lotCancelToo
	var failure *baml.Error
	switch {
	case err == nil:
		s.finished.Add(1)
		return script.checkFinal(final)
	case !errors.As(err, &failure):
		return err
	case wasCancelled && errors.Is(err, baml.ErrAborted):
		s.aborted.Add(1)
		if failure.Partial == nil {
			return nil
		}
		s.partials.Add(1)
		return script.checkPartial(failure.Partial)
	case script.fault == faultReset && failure.Kind == baml.ErrorTransport,
		script.fault == faultStatus && failure.Kind == baml.ErrorHTTP:
		s.faults.Add(1)
		return nil
	}
	return err
}

// cancel ends a stream, and measures until that is known.
func (s *soaking) cancel(ctx context.Context, stream *baml.Stream) (*baml.Final, error) {
	start := time.Now()
	stream.Cancel()
	final, err := stream.Final(ctx)
	took := time.Since(start)
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.cancels.Add(took)
	return final, err
}

// follow reads a stream to its end, and checks each partial on the way.
func (s *soaking) follow(
	ctx context.Context, stream *baml.Stream, script *script,
) (*baml.Final, error) {
	var wrong error
	final, err := stream.Each(ctx, func(partial *baml.Partial) {
		s.partials.Add(1)
		if wrong == nil {
			wrong = script.checkPartial(partial)
		}
	})
	if wrong != nil {
		return nil, wrong
	}
	return final, err
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
		time.Sleep(measure.SamplePause)
	}
	return ctx.Err()
}
