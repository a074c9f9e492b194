// The raw reply while it grows, for those who show what the model writes.

package baml

import (
	"context"
	"iter"
	"runtime"

	"github.com/bamlwire/bamlwire/baml/internal/wire"
	"github.com/bamlwire/bamlwire/bindings"
)

// RawReply is what the model wrote so far, as it wrote it.
type RawReply struct {
	// Attempt counts tries from 1; a higher one than before means that the reply began anew. 0 is
	// before the first.
	Attempt int
	// Text is the reply, Reasoning what the provider shows of the reasoning before it.
	Text, Reasoning string
}

// rawReply is the raw reply of a stream as far as somebody asked for it.
type rawReply struct {
	attempt         uint32
	text, reasoning growing
	shown           RawReply
	// isLast: the stream has ended, nothing more comes.
	isLast bool
}

// Raw is the raw reply so far, also after the end. It costs what came since the last call.
func (s *Stream) Raw() RawReply {
	defer runtime.KeepAlive(s)
	reply, _ := s.core.takeRaw()
	return reply
}

// Raws goes through the raw reply as it grows: text and reasoning so far, always the newest; then
// it ends. If the stream failed or was aborted, the error comes last. It is pulled: a slow consumer
// is shown fewer steps, and slows nobody. Leaving the loop leaves the stream running.
func (s *Stream) Raws() iter.Seq2[RawReply, error] {
	return func(yield func(RawReply, error) bool) {
		defer runtime.KeepAlive(s)
		w := s.core.enter(context.Background())
		defer s.core.news.leave(w)
		var shown RawReply
		for {
			reply, ended := s.core.waitRaw(w, shown)
			if reply != shown && !s.core.aborting.Load() {
				if shown = reply; !yield(reply, nil) {
					return
				}
			}
			switch {
			case ended != nil && ended.err != nil:
				yield(reply, ended.err)
				return
			case ended != nil:
				return
			}
		}
	}
}

// waitRaw blocks until the raw reply is other than what was shown, or the stream ended.
func (c *streamCore) waitRaw(w *waiter, shown RawReply) (RawReply, *outcome) {
	defer c.runtime.wakeups.resign(w)
	for {
		// The background context never ends.
		_ = w.sleep(c.runtime.wakeups)
		if reply, ended := c.takeRaw(); reply != shown || ended != nil {
			return reply, ended
		}
	}
}

// takeRaw is the raw reply by now, and the outcome if there is one.
func (c *streamCore) takeRaw() (RawReply, *outcome) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	// Looking for the end also makes the library tell of what comes later.
	c.poll()
	if c.outcome != nil {
		if c.raw == nil || !c.raw.isLast {
			info := c.outcome.info.parsed(nil)
			c.raw = &rawReply{isLast: true, shown: RawReply{
				Attempt: len(info.Attempts), Text: info.RawReply, Reasoning: info.Reasoning,
			}}
		}
		return c.raw.shown, c.outcome
	}
	if c.raw == nil {
		c.raw = &rawReply{}
	}
	c.raw.grow(c.runtime.table, c.handle)
	return c.raw.shown, nil
}

// grow takes what came since.
func (r *rawReply) grow(table *bindings.Table, handle uint64) {
	text, reasoning := r.shown.Text, r.shown.Reasoning
	data, status := table.StreamRaw(handle, r.attempt, uint64(len(text)), uint64(len(reasoning)))
	if status != bindings.StatusOK {
		return
	}
	cursor := wire.NewCursor(data)
	attempt := uint32(cursor.Varint())
	moreText, moreReasoning := cursor.String(), cursor.String()
	if cursor.Close() != nil {
		return
	}
	if attempt != r.attempt {
		*r = rawReply{attempt: attempt}
		text, reasoning = "", ""
	}
	r.shown = RawReply{
		Attempt:   int(attempt),
		Text:      r.text.longer(text, moreText),
		Reasoning: r.reasoning.longer(reasoning, moreReasoning),
	}
}
