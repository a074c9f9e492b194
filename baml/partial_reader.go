// partialReader, one who goes through the partial values of a stream.

package baml

import (
	"context"
	"runtime"
)

// partialReader goes through the partial values of a stream. Thousands wait in it, each on a stack
// of its own, which is why its steps are calls and no loop around a function.
//
// Invariant: the stream cannot be collected before leave.
type partialReader struct {
	stream *Stream
	w      *waiter
	after  uint64
}

// read begins to read. The context ends the waiting only: the stream's own ends the stream.
func (s *Stream) read(ctx context.Context) *partialReader {
	return &partialReader{stream: s, w: s.core.enter(ctx)}
}

// next waits for the next partial. It is nil at the end, with the stream's error if it has one.
func (r *partialReader) next() (*Partial, error) {
	core := r.stream.core
	for {
		partial, ended, err := core.wait(r.w, r.after)
		switch {
		case err != nil:
			return nil, r.stream.gaveUp(r.w.ctx)
		case ended != nil && ended.err != nil:
			return nil, ended.err
		case ended != nil:
			return nil, nil
		}
		r.after = partial.Sequence
		if !core.aborting.Load() {
			return partial, nil
		}
	}
}

// leave ends the reading.
func (r *partialReader) leave() {
	r.stream.core.news.leave(r.w)
	runtime.KeepAlive(r.stream)
}
