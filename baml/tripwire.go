// Tripwires: one handle that aborts any number of calls.

package baml

import (
	"errors"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/bamlwire/bamlwire/bindings"
)

// Tripwire aborts all the calls that were given it, at once and for good. It is safe for concurrent
// use; any number of calls may share one, of different runtimes too.
//
// Close it when done; one that is forgotten is freed once it is garbage collected, but not before
// the streams that hang on it are.
type Tripwire struct {
	core    *tripwireCore
	parent  *Tripwire
	cleanup runtime.Cleanup
}

// tripwireCore is what streams hold: no way back to the Tripwire.
type tripwireCore struct {
	table  *bindings.Table
	handle uint64
	parent *tripwireCore
	// causeMutex makes the abort and its cause one step.
	causeMutex sync.Mutex
	why        *tripCause
	closed     atomic.Bool
}

type tripCause struct{ err error }

// NewTripwire makes a tripwire. The library must be loadable; a runtime need not exist.
func NewTripwire() (*Tripwire, error) { return newTripwire(nil) }

// Child makes a tripwire that trips with this one, and can be tripped alone.
func (t *Tripwire) Child() (*Tripwire, error) { return newTripwire(t) }

func newTripwire(parent *Tripwire) (*Tripwire, error) {
	table, err := bindings.Load("")
	if err != nil {
		return nil, err
	}
	core := &tripwireCore{table: table}
	above := uint64(0)
	if parent != nil {
		core.parent = parent.core
		above = parent.core.handle
	}
	core.handle = table.TripwireNew(above)
	runtime.KeepAlive(parent)
	if core.handle == 0 {
		return nil, closedError("the parent tripwire")
	}
	made := &Tripwire{core: core, parent: parent}
	made.cleanup = runtime.AddCleanup(made, func(core *tripwireCore) {
		if core.free() {
			rescued.Add(1)
		}
	}, core)
	return made, nil
}

// Trip aborts every call that hangs on the tripwire, and every later one. The cause may be nil; it
// is found by errors.Is in the errors of the calls. Trip never blocks, and is true for the one call
// that did it.
func (t *Tripwire) Trip(cause error) bool {
	defer runtime.KeepAlive(t)
	core := t.core
	core.causeMutex.Lock()
	defer core.causeMutex.Unlock()
	if core.table.TripwireAbort(core.handle, bindings.ReasonTripwire) != bindings.StatusOK {
		return false
	}
	if cause == nil {
		cause = errors.New("tripped")
	}
	core.why = &tripCause{cause}
	return true
}

// IsTripped tells whether it was tripped, by itself or by its parent.
func (t *Tripwire) IsTripped() bool {
	defer runtime.KeepAlive(t)
	if t.core.cause() != nil {
		return true
	}
	return t.core.table.TripwireIsTripped(t.core.handle) == 1
}

// Close frees the tripwire without tripping it: calls that hang on it go on, and can no longer be
// aborted through it. Closing twice does nothing.
func (t *Tripwire) Close() error {
	t.cleanup.Stop()
	t.core.free()
	runtime.KeepAlive(t)
	return nil
}

func (t *tripwireCore) free() bool {
	if t.closed.Swap(true) {
		return false
	}
	t.table.TripwireFree(t.handle)
	return true
}

// cause is why the tripwire or the nearest of its parents was tripped, nil if none was.
func (t *tripwireCore) cause() *tripCause {
	for wire := t; wire != nil; wire = wire.parent {
		wire.causeMutex.Lock()
		why := wire.why
		wire.causeMutex.Unlock()
		if why != nil {
			return why
		}
	}
	return nil
}
