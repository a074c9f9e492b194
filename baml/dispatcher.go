// How news reach the streams: one goroutine a runtime, asleep in Go's netpoller.

package baml

import (
	"errors"
	"os"
)

// readyMax is how many streams one look at the ready list takes.
const readyMax = 256

// dispatcher is the one goroutine of a runtime: it sleeps in Go's netpoller until the library makes
// the wake-up descriptor readable, and tells the streams with news.
//
// Invariant: it holds the core alone, and ends when end closes the descriptor.
type dispatcher struct {
	descriptor *os.File
	ended      chan struct{}
}

func dispatch(core *runtimeCore) (*dispatcher, error) {
	descriptor := core.table.RuntimeWakeupFD(core.handle)
	if descriptor < 0 {
		return nil, errors.New("the runtime has no wake-up descriptor")
	}
	made := &dispatcher{
		descriptor: os.NewFile(uintptr(descriptor), "bamlwire-wakeup"),
		ended:      make(chan struct{}),
	}
	go made.run(core)
	return made, nil
}

func (d *dispatcher) run(core *runtimeCore) {
	defer close(d.ended)
	tags := make([]uint64, readyMax)
	raw, err := d.descriptor.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Read(func(fd uintptr) bool {
		core.logs.announce()
		for {
			count := core.table.RuntimeReady(core.handle, tags)
			if count > 0 {
				core.wake(tags[:count])
			}
			if count < len(tags) {
				break
			}
		}
		return false
	})
}

// end closes the descriptor and waits for the goroutine.
func (d *dispatcher) end() {
	// Nothing was written to the descriptor, so closing it can lose nothing.
	_ = d.descriptor.Close()
	<-d.ended
}
