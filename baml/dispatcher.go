// How news reach the streams: one goroutine a runtime, asleep in Go's netpoller.

package baml

import (
	"errors"
	"os"
	"syscall"
)

// readyMax is how many streams one look at the ready list takes.
const readyMax = 256

// unreadMax is how many wake-ups pass between two reads of the descriptor.
const unreadMax = 64

// dispatcher is the one goroutine of a runtime: it sleeps in Go's netpoller until the library
// makes the wake-up descriptor readable, and tells the streams with news.
//
// The netpoller tells of each write to the descriptor once, whether or not somebody read it.
// Reading costs two calls of the system and one more wake-up; it is done now and then only, or when
// there was nothing, so that neither a full pipe nor a poller of another kind can do harm.
//
// Invariants: it holds the core alone, and ends when end closes the descriptor; what is read is
// read before the ready streams are taken, or a write between the two could be lost.
type dispatcher struct {
	descriptor *os.File
	waiting    syscall.RawConn
	ended      chan struct{}
}

func dispatch(core *runtimeCore) (*dispatcher, error) {
	number := core.table.RuntimeWakeupFD(core.handle)
	if number < 0 {
		return nil, errors.New("the runtime has no wake-up descriptor")
	}
	descriptor := os.NewFile(uintptr(number), "bamlwire-wakeup")
	waiting, err := descriptor.SyscallConn()
	if err != nil {
		return nil, errors.Join(err, descriptor.Close())
	}
	made := &dispatcher{descriptor: descriptor, waiting: waiting, ended: make(chan struct{})}
	go made.run(core)
	return made, nil
}

func (d *dispatcher) run(core *runtimeCore) {
	defer close(d.ended)
	var signals [1024]byte
	tags := make([]uint64, readyMax)
	unread := 0
	// Called at each wake-up, until the descriptor is closed.
	_ = d.waiting.Read(func(number uintptr) bool {
		if unread++; unread >= unreadMax {
			_, _ = syscall.Read(int(number), signals[:])
			unread = 0
		}
		core.logs.announce()
		if !core.handOut(tags) {
			unread = unreadMax
		}
		return false
	})
}

// handOut tells all streams with news, and whether there were any.
func (r *runtimeCore) handOut(tags []uint64) bool {
	for found := false; ; found = true {
		count := r.table.RuntimeReady(r.handle, tags)
		if count <= 0 {
			return found
		}
		r.wake(tags[:count])
		if count < len(tags) {
			return true
		}
	}
}

// end closes the descriptor and waits for the goroutine.
func (d *dispatcher) end() {
	// Nothing was written to the descriptor, so closing it can lose nothing.
	_ = d.descriptor.Close()
	<-d.ended
}
