// A runtime without its handle: its streams, its dispatcher, its end.

package baml

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/bamlwire/bamlwire/bindings"
)

// rescued counts what the garbage collector had to end.
var rescued atomic.Uint64

// Rescued counts the streams, tripwires and runtimes that were forgotten without Close in this
// process and ended by the garbage collector. A program that closes what it opens reads 0.
func Rescued() uint64 { return rescued.Load() }

// runtimeCore is a runtime without the handle that users hold. The dispatcher and the streams point
// to it and never to the Runtime, so that a forgotten Runtime can be collected.
//
// Lock order: a stream's mutex before streamsMutex; never the other way round.
type runtimeCore struct {
	table     *bindings.Table
	handle    uint64
	project   project
	lookupEnv func(name string) (string, bool)
	log       *slog.Logger
	wakeups   *dispatcher
	// logs is nil unless something is logged.
	logs      *logPump
	tags      atomic.Uint64
	closeOnce sync.Once
	settling  settler

	streamsMutex sync.Mutex
	// Invariant: a stream is in here from before its start until its outcome is settled.
	streams map[uint64]*streamCore
	closed  bool
}

func newRuntimeCore(
	table *bindings.Table, files map[string]string, options *runtimeOptions,
) (*runtimeCore, error) {
	logging := options.logging()
	config, err := configFor(files, options, logging)
	if err != nil {
		return nil, invalidBecause("load", err)
	}
	handle, problem, status := table.RuntimeNew(config)
	if status != bindings.StatusOK {
		return nil, errorFrom(problem, status, "")
	}
	core := &runtimeCore{
		table: table, handle: handle, lookupEnv: options.lookupEnv, log: options.logger,
		streams: map[uint64]*streamCore{},
	}
	if logging != nil {
		core.logs = pumpLogs(core)
	}
	if err := core.start(); err != nil {
		core.logs.end()
		table.RuntimeFree(handle)
		return nil, err
	}
	return core, nil
}

// start asks what the project needs and begins to wait for wake-ups.
func (r *runtimeCore) start() error {
	names, status := r.table.Names(r.handle)
	if status != bindings.StatusOK {
		return errorFrom(names, status, "")
	}
	if err := json.Unmarshal(names, &r.project); err != nil {
		return internalError(fmt.Errorf("names: %w", err))
	}
	wakeups, err := dispatch(r)
	if err != nil {
		return internalError(err)
	}
	r.wakeups = wakeups
	return nil
}

// logger is where to log now.
func (r *runtimeCore) logger() *slog.Logger {
	if r.log != nil {
		return r.log
	}
	return slog.Default()
}

// register makes the stream known before it starts, so that no wake-up can come too early.
func (r *runtimeCore) register(stream *streamCore) bool {
	r.streamsMutex.Lock()
	defer r.streamsMutex.Unlock()
	if r.closed {
		return false
	}
	r.streams[stream.tag] = stream
	return true
}

func (r *runtimeCore) forget(tag uint64) {
	r.streamsMutex.Lock()
	delete(r.streams, tag)
	r.streamsMutex.Unlock()
}

// wake tells the owners of the tags that there is news.
func (r *runtimeCore) wake(tags []uint64) {
	r.streamsMutex.Lock()
	defer r.streamsMutex.Unlock()
	for _, tag := range tags {
		if stream := r.streams[tag]; stream != nil {
			// Whoever hands out is awake and leads.
			stream.news.announce(nil)
		}
	}
}

// isClosed tells whether close has begun.
func (r *runtimeCore) isClosed() bool {
	r.streamsMutex.Lock()
	defer r.streamsMutex.Unlock()
	return r.closed
}

// close ends everything; it returns when the dispatcher's goroutine has ended.
func (r *runtimeCore) close(reason uint8) {
	r.closeOnce.Do(func() {
		r.streamsMutex.Lock()
		r.closed = true
		running := make([]*streamCore, 0, len(r.streams))
		for _, stream := range r.streams {
			running = append(running, stream)
		}
		r.streamsMutex.Unlock()
		for _, stream := range running {
			stream.abort(reason, "the runtime was closed", ErrClosed)
		}
		r.wakeups.end()
		r.logs.end()
		r.table.RuntimeFree(r.handle)
	})
}

// rescue closes a runtime that nobody can close any more.
func (r *runtimeCore) rescue() {
	rescued.Add(1)
	r.close(bindings.ReasonRescued)
}

// plainError is the error of a plain call.
func (r *runtimeCore) plainError(problem []byte, status bindings.Status, function string) error {
	if status == bindings.StatusBadHandle && r.isClosed() {
		return closedError("the runtime")
	}
	return errorFrom(problem, status, function)
}
