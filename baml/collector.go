// Collectors: what calls took, kept for whoever asks, also of calls that failed or were aborted.

package baml

import (
	"errors"
	"sync"
)

// What a Collector keeps unless told otherwise.
const (
	// CollectedMax is how many calls.
	CollectedMax = 1_000
	// CollectedBytesMax is how many bytes of their records, the raw replies in them.
	CollectedBytesMax = 64 << 20
)

// Collector keeps what is known about the calls that it was given to, in the order in which they
// ended: the newest ones, up to its limits. It is safe for concurrent use; any number of calls may
// share one, and a call may have several.
type Collector struct {
	limit int

	mutex    sync.Mutex
	bytesMax int
	calls    []collected
	// bytes are those of the records of calls.
	bytes int
	// dropped counts the calls that the limits pushed out.
	dropped int
}

type collected struct {
	text packedInfo
	tags map[string]any
	err  *Error
}

// Log is one collected call.
type Log struct {
	Info
	// Err is nil if the call succeeded.
	Err *Error
}

// NewCollector makes a collector that keeps so many calls; 0 means CollectedMax.
func NewCollector(limit int) (*Collector, error) {
	if limit < 0 {
		return nil, errors.New("baml: a collector cannot keep fewer than no calls")
	}
	if limit == 0 {
		limit = CollectedMax
	}
	return &Collector{limit: limit, bytesMax: CollectedBytesMax}, nil
}

// WithCollector gives the call to a collector when it has ended.
func WithCollector(collectors ...*Collector) Option {
	return func(o *callOptions) { o.collectors = append(o.collectors, collectors...) }
}

func (c *Collector) add(call collected) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.calls = append(c.calls, call)
	c.bytes += len(call.text)
	c.drop()
}

// drop pushes out the oldest calls until the others are within the limits. The mutex is held.
func (c *Collector) drop() {
	for len(c.calls) > c.limit || (c.bytes > c.bytesMax && len(c.calls) > 1) {
		c.bytes -= len(c.calls[0].text)
		c.calls[0] = collected{}
		c.calls = c.calls[1:]
		c.dropped++
	}
}

// SetBytesMax limits the bytes of the records that are kept; without it, CollectedBytesMax is the
// limit. The newest call is kept however long it is: WithRecordLimits bounds a single one.
func (c *Collector) SetBytesMax(bytes int) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.bytesMax = bytes
	c.drop()
}

// Logs are the calls kept, oldest first.
func (c *Collector) Logs() []Log {
	c.mutex.Lock()
	calls := append([]collected(nil), c.calls...)
	c.mutex.Unlock()
	logs := make([]Log, len(calls))
	for index, call := range calls {
		logs[index] = Log{Info: call.text.parsed(call.tags), Err: call.err}
	}
	return logs
}

// Last is the call that ended last.
func (c *Collector) Last() (Log, bool) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if len(c.calls) == 0 {
		return Log{}, false
	}
	call := c.calls[len(c.calls)-1]
	return Log{Info: call.text.parsed(call.tags), Err: call.err}, true
}

// Usage sums the tokens of all attempts of the calls kept. A figure that no provider told is nil.
func (c *Collector) Usage() Usage {
	total := Usage{}
	for _, log := range c.Logs() {
		for _, attempt := range log.Attempts {
			total.add(attempt.Usage)
		}
	}
	return total
}

func (u *Usage) add(other Usage) {
	addTokens(&u.InputTokens, other.InputTokens)
	addTokens(&u.OutputTokens, other.OutputTokens)
	addTokens(&u.CachedInputTokens, other.CachedInputTokens)
}

func addTokens(total **int64, more *int64) {
	if more == nil {
		return
	}
	sum := *more
	if *total != nil {
		sum += **total
	}
	*total = &sum
}

// Dropped counts the calls that the limits pushed out.
func (c *Collector) Dropped() int {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.dropped
}

// Clear forgets all calls.
func (c *Collector) Clear() {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.calls, c.bytes, c.dropped = nil, 0, 0
}
