// settler, which puts in order what is left of forgotten streams.

package baml

import (
	"sync"
	"time"
)

// settlePause is how long the sockets of forgotten streams have the processors for themselves: what
// is left of a stream by then is memory, which nobody waits for.
const settlePause = 20 * time.Millisecond

// settler settles streams in a goroutine of its own, which ends when there is nothing left to do.
//
// Invariant: whoever was added is settled, since running says that somebody will look again.
type settler struct {
	mutex   sync.Mutex
	waiting []*streamCore
	running bool
}

// add leaves a stream, which was aborted or had ended, to be settled.
func (s *settler) add(core *streamCore) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.waiting = append(s.waiting, core)
	if !s.running {
		s.running = true
		go s.run()
	}
}

func (s *settler) run() {
	time.Sleep(settlePause)
	for {
		s.mutex.Lock()
		cores := s.waiting
		s.waiting = nil
		s.running = len(cores) > 0
		s.mutex.Unlock()
		if len(cores) == 0 {
			return
		}
		for _, core := range cores {
			core.settle()
		}
	}
}
