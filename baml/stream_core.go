// The state of a stream, and the only place that polls, aborts and frees it.

package baml

import (
	"context"
	"math"
	"sync"
	"sync/atomic"

	"github.com/bamlwire/bamlwire/bindings"
)

// streamCore is a stream without the handle that users hold.
//
//	running ──► done | failed | aborted      (outcome is set, once; the library's handle is freed)
//
// Invariants:
//  1. outcome is set once, under mutex, and never changes: all who ask see the same end.
//  2. The library's handle is polled and freed under mutex only, and never after outcome is set.
//  3. Once abort returned, no partial is taken any more: the library gives none, and take looks at
//     aborting before it hands out one that was polled before.
//  4. Nothing here points to the Stream that users hold, so a forgotten one can be collected.
type streamCore struct {
	runtime  *runtimeCore
	function string
	tag      uint64
	tripwire *tripwireCore
	news     news
	aborting atomic.Bool
	// tags and collectors are those that the call was given.
	tags       map[string]any
	collectors []*Collector
	// isAlone tells that nobody holds a Stream or a Final.
	isAlone bool
	// stopContext ends the watch over the caller's context.
	stopContext func() bool

	// causeMutex makes abort and its cause one step. Taken inside mutex, or alone.
	causeMutex sync.Mutex
	cause      *abortCause

	mutex  sync.Mutex
	handle uint64
	latest *Partial
	// value is the newest partial's, if it came as changes.
	value growing
	// raw is there once somebody asked for the raw reply.
	raw     *rawReply
	outcome *outcome
}

type abortCause struct {
	message string
	errors  []error
}

// outcome is how a stream ended: with a final value or with an error.
type outcome struct {
	final *Final
	err   *Error
	info  packedInfo
}

// abort ends the stream at once unless it ended before. It tells whether it was this call.
func (c *streamCore) abort(reason uint8, message string, causes ...error) bool {
	first := c.trip(reason, message, causes...)
	// Settling frees the handle now instead of at the next look. Somebody who is polling at this
	// moment holds the mutex; abort does not wait for him.
	if c.mutex.TryLock() {
		c.poll()
		c.mutex.Unlock()
	} else {
		go c.settle()
	}
	c.news.announce(c.runtime.wakeups)
	return first
}

// trip is the part of an abort that cannot wait: the library lets go of the socket.
func (c *streamCore) trip(reason uint8, message string, causes ...error) bool {
	c.causeMutex.Lock()
	defer c.causeMutex.Unlock()
	status := c.runtime.table.StreamAbort(c.currentHandle(), reason)
	first := status == bindings.StatusOK
	if first {
		c.cause = &abortCause{message, causes}
		c.aborting.Store(true)
	}
	return first
}

// currentHandle is read without the mutex: a stale handle is harmless, the library says so.
func (c *streamCore) currentHandle() uint64 { return atomic.LoadUint64(&c.handle) }

func (c *streamCore) settle() {
	c.mutex.Lock()
	c.poll()
	c.mutex.Unlock()
}

// poll takes the news from the library. The mutex is held.
func (c *streamCore) poll() {
	if c.outcome != nil {
		return
	}
	var found bindings.News
	switch status := c.runtime.table.StreamPoll(c.handle, &found); status {
	case bindings.StatusPending:
	case bindings.StatusPartial, bindings.StatusDone:
		c.keep(&found, status == bindings.StatusDone)
	case bindings.StatusAborted:
		c.end(&outcome{err: c.abortedError(found.Data)})
	case bindings.StatusBadHandle:
		// The runtime was closed in the meantime.
		c.end(&outcome{err: abortedError(c.function, "the runtime was closed", ErrClosed)})
	default:
		c.end(&outcome{err: errorFrom(found.Data, status, c.function)})
	}
}

// keep makes the news the newest partial, or the final value. The mutex is held.
func (c *streamCore) keep(found *bindings.News, isFinal bool) {
	content, err := c.value.take(found.Data)
	switch {
	case err != nil:
		c.end(&outcome{err: errorOf(c.function, err)})
		return
	case isFinal:
		c.end(&outcome{final: &Final{Attempt: int(found.Attempt), content: content}})
		return
	}
	c.latest = &Partial{
		Attempt: int(found.Attempt), Sequence: found.Sequence, content: content,
	}
}

// end settles the stream and gives everything back. The mutex is held.
func (c *streamCore) end(how *outcome) {
	// Nobody is shown a partial any more, but by the error of an abort, which holds it.
	c.latest, c.value = nil, growing{}
	if how.err != nil || !c.isAlone || len(c.collectors) > 0 {
		// As long as the reply and more: read only where somebody may ask for it.
		how.info, _ = c.runtime.table.StreamRecord(c.handle)
	}
	if how.final != nil {
		how.final.info, how.final.tags = how.info, c.tags
	}
	if how.err != nil {
		how.err.info, how.err.tags = how.info, c.tags
	}
	c.outcome = how
	c.runtime.table.StreamFree(c.handle)
	c.runtime.forget(c.tag)
	if c.stopContext != nil {
		c.stopContext()
	}
	for _, collector := range c.collectors {
		collector.add(collected{text: how.info, tags: c.tags, err: how.err})
	}
	c.news.announce(c.runtime.wakeups)
}

// abortedError tells whose abort it was.
func (c *streamCore) abortedError(detail []byte) *Error {
	c.causeMutex.Lock()
	cause := c.cause
	c.causeMutex.Unlock()
	message, causes := "aborted", []error(nil)
	switch {
	case cause != nil:
		message, causes = cause.message, cause.errors
	case c.tripwire != nil && c.tripwire.cause() != nil:
		message = "the tripwire tripped"
		causes = []error{ErrTripped, c.tripwire.cause().err}
	case c.runtime.isClosed():
		// The library ended a stream that started while the runtime was being closed.
		message, causes = "the runtime was closed", []error{ErrClosed}
	}
	failure := errorFrom(detail, bindings.StatusAborted, c.function)
	failure.Message = message
	failure.causes = append(failure.causes, causes...)
	failure.Partial = c.latest
	return failure
}

// take is what is new since the partial with the given number: a partial, or the outcome, or
// neither.
func (c *streamCore) take(after uint64) (*Partial, *outcome) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.poll()
	if c.outcome != nil {
		return nil, c.outcome
	}
	if c.latest == nil || c.latest.Sequence <= after || c.aborting.Load() {
		return nil, nil
	}
	return c.latest, nil
}

// enter makes a waiter for the news of the stream.
func (c *streamCore) enter(ctx context.Context) *waiter {
	return c.news.enter(ctx, c.runtime.wakeups)
}

// wait blocks until there is something new, the stream ended, or the waiter's context did.
func (c *streamCore) wait(w *waiter, after uint64) (*Partial, *outcome, error) {
	defer c.runtime.wakeups.resign(w)
	for {
		if err := w.sleep(c.runtime.wakeups); err != nil {
			return nil, nil, err
		}
		if partial, ended := c.take(after); partial != nil || ended != nil {
			return partial, ended, nil
		}
	}
}

// waitOutcome blocks until the stream ended or the context did.
func (c *streamCore) waitOutcome(ctx context.Context) (*outcome, error) {
	w := c.enter(ctx)
	defer c.news.leave(w)
	_, ended, err := c.wait(w, math.MaxUint64)
	return ended, err
}

// rescue ends a stream that nobody can read any more. One collection may find thousands, one after
// the other: their sockets are closed first, and what is left of them is put in order behind that.
func (c *streamCore) rescue() {
	if c.trip(bindings.ReasonRescued, "forgotten and collected") {
		rescued.Add(1)
	}
	c.runtime.settling.add(c)
}
