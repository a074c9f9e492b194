// Stream, the handle of a call under way. Its states and invariants lie in stream_core.go.

package baml

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"runtime"
	"runtime/debug"
	"sync/atomic"

	"github.com/bamlwire/bamlwire/bindings"
)

// Stream is a call under way. All methods are safe for concurrent use.
//
// A stream ends in exactly one way: done, failed or aborted. Whatever ends it closes the provider's
// connection. A stream that was read to its end, or cancelled, needs no Close; for the others Close
// is the way to lose interest. One that is forgotten is aborted once it is garbage collected.
type Stream struct {
	core *streamCore
	// The runtime and the tripwire must not be collected while the stream is in use.
	runtime  *Runtime
	tripwire *Tripwire
	cleanup  runtime.Cleanup
}

// Stream starts a call and returns at once. The context aborts it when done; its cause is found in
// the error. Unknown functions and wrong arguments are errors here, everything else is found while
// reading.
func (r *Runtime) Stream(
	ctx context.Context, function string, args any, options ...Option,
) (*Stream, error) {
	call := &callRequest{Function: function, Mode: "stream", Partials: "changes"}
	return r.start(ctx, call, args, gather(options))
}

// Call runs a function to its end. With OnPartial it is streamed, else the provider is asked for
// the whole answer at once.
func (r *Runtime) Call(
	ctx context.Context, function string, args any, options ...Option,
) (*Final, error) {
	chosen := gather(options)
	call := &callRequest{Function: function, Mode: "call"}
	if chosen.onPartial != nil {
		call.Mode, call.Partials = "stream", "changes"
	}
	stream, err := r.start(ctx, call, args, chosen)
	if err != nil {
		return nil, err
	}
	if chosen.onPartial != nil {
		return stream.Each(context.Background(), chosen.onPartial)
	}
	return stream.Final(context.Background())
}

// start writes the call, which takes a deep stack and leaves it, and launches it.
func (r *Runtime) start(
	ctx context.Context, call *callRequest, args any, options *callOptions,
) (*Stream, error) {
	if ctx.Err() != nil {
		return nil, contextError(call.Function, ctx)
	}
	call.Form = "wire"
	request, err := r.core.request(call, args, options)
	if err != nil {
		return nil, err
	}
	return r.launch(ctx, call.Function, request, options)
}

func (r *Runtime) launch(
	ctx context.Context, function string, request []byte, options *callOptions,
) (*Stream, error) {
	defer runtime.KeepAlive(r)
	core := &streamCore{
		runtime: r.core, function: function,
		tag: r.core.tags.Add(1), tags: options.tags, collectors: options.collectors,
		isAlone: options.isAlone,
	}
	wire := uint64(0)
	if options.tripwire != nil {
		core.tripwire = options.tripwire.core
		wire = core.tripwire.handle
		if core.tripwire.closed.Load() {
			return nil, closedError("the tripwire")
		}
	}
	if !r.core.register(core) {
		return nil, closedError("the runtime")
	}
	if err := core.start(ctx, request, wire); err != nil {
		return nil, err
	}
	runtime.KeepAlive(options.tripwire)
	made := &Stream{core: core, runtime: r, tripwire: options.tripwire}
	// The cleanup must not hold the Stream itself, or it would never be collected.
	made.cleanup = runtime.AddCleanup(made, (*streamCore).rescue, core)
	return made, nil
}

// start hands the call to the library and begins to watch the context.
func (c *streamCore) start(ctx context.Context, request []byte, tripwire uint64) error {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	table := c.runtime.table
	handle, problem, status := table.StreamStart(c.runtime.handle, request, tripwire, c.tag)
	if status != bindings.StatusOK {
		c.runtime.forget(c.tag)
		return c.runtime.plainError(problem, status, c.function)
	}
	atomic.StoreUint64(&c.handle, handle)
	if c.runtime.isClosed() {
		// Close came between: it may not have seen the handle.
		table.StreamAbort(handle, bindings.ReasonClosed)
	}
	if ctx.Done() != nil {
		c.stopContext = context.AfterFunc(ctx, func() {
			c.abort(bindings.ReasonContext, contextMessage(ctx), contextCauses(ctx)...)
		})
	}
	return nil
}

// Partials goes through the partial values as they come, always the newest; then it ends. If the
// stream failed or was aborted, the error comes last, with a nil partial. Leaving the loop leaves
// the stream running, until Final, Close or Cancel; it can be gone through again.
func (s *Stream) Partials() iter.Seq2[*Partial, error] {
	return func(yield func(*Partial, error) bool) {
		reader := s.read(context.Background())
		defer reader.leave()
		for {
			partial, err := reader.next()
			if partial == nil && err == nil || !yield(partial, err) || err != nil {
				return
			}
		}
	}
}

// Each gives each partial to the function, on the caller's goroutine, and returns the final value.
// A panic of the function is logged and the stream goes on. The context ends the waiting only.
func (s *Stream) Each(ctx context.Context, receive func(*Partial)) (*Final, error) {
	reader := s.read(ctx)
	defer reader.leave()
	for {
		partial, err := reader.next()
		switch {
		case err != nil:
			return nil, err
		case partial == nil:
			// It has ended: nothing is waited for.
			return s.Final(context.Background())
		}
		s.guard(receive, partial)
	}
}

// guard keeps a panic of the receiver from the stream.
func (s *Stream) guard(receive func(*Partial), partial *Partial) {
	defer func() {
		if fault := recover(); fault != nil {
			s.core.runtime.logger().Error("baml: the receiver of partials panicked",
				slog.String("function", s.core.function),
				slog.Uint64("sequence", partial.Sequence),
				slog.String("panic", fmt.Sprint(fault)),
				slog.String("stack", string(debug.Stack())))
		}
	}()
	receive(partial)
}

// Final waits for the end and returns the final value. The context ends the waiting only: then the
// error matches the context's but not ErrAborted, and the stream goes on. May be called any number
// of times.
func (s *Stream) Final(ctx context.Context) (*Final, error) {
	defer runtime.KeepAlive(s)
	ended, err := s.core.waitOutcome(ctx)
	switch {
	case err != nil:
		return nil, s.gaveUp(ctx)
	case ended.err != nil:
		return nil, ended.err
	default:
		return ended.final, nil
	}
}

func (s *Stream) gaveUp(ctx context.Context) error {
	why := errors.Join(contextCauses(ctx)...)
	return fmt.Errorf("baml: %s: gave up waiting: %w", s.core.function, why)
}

// Cancel aborts the stream. When it returned, no further partial is taken from the stream. It never
// blocks, may be called at any time and any number of times, and is true for the one call that
// ended the stream: false if it had ended before, in whatever way.
func (s *Stream) Cancel() bool {
	defer runtime.KeepAlive(s)
	return s.core.abort(bindings.ReasonCancel, "cancelled", context.Canceled)
}

// Close ends the interest in the stream: it is aborted if it still runs. Closing twice does
// nothing.
func (s *Stream) Close() error {
	s.cleanup.Stop()
	s.core.abort(bindings.ReasonClosed, "the stream was closed", ErrClosed)
	runtime.KeepAlive(s)
	return nil
}

// Info is what is known about the call by now, also after its end.
func (s *Stream) Info() Info {
	defer runtime.KeepAlive(s)
	s.core.mutex.Lock()
	defer s.core.mutex.Unlock()
	if s.core.outcome != nil {
		return s.core.outcome.info.parsed(s.core.tags)
	}
	text, _ := s.core.runtime.table.StreamRecord(s.core.handle)
	return packedInfo(text).parsed(s.core.tags)
}

func contextMessage(ctx context.Context) string {
	return "the context ended: " + context.Cause(ctx).Error()
}

// contextCauses are the context's error and, where it is another, the cause.
func contextCauses(ctx context.Context) []error {
	causes := []error{ctx.Err()}
	if cause := context.Cause(ctx); !errors.Is(cause, ctx.Err()) || cause != ctx.Err() {
		causes = append(causes, cause)
	}
	return causes
}

func contextError(function string, ctx context.Context) error {
	return abortedError(function, contextMessage(ctx), contextCauses(ctx)...)
}
