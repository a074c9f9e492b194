// How news reach the streams: whoever waits for them, one of all, sleeps in Go's netpoller.

package baml

import (
	"errors"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// readyMax is how many streams one look at the ready list takes.
const readyMax = 256

// unreadMax is how many wake-ups pass between two reads of the descriptor.
const unreadMax = 64

// dispatcher lets goroutines sleep until their streams have news. One of them, the leader, sleeps
// in Go's netpoller until the library makes the wake-up descriptor readable, and wakes the others
// whose streams are ready; when its own is, another one takes its place. So news of a stream whose
// reader leads wake that goroutine and no other: a switch between goroutines would cost as much
// again, and wake a thread for nothing.
//
// The netpoller tells of each write to the descriptor once, whether or not somebody read it.
// Reading costs two calls of the system and one more wake-up; it is done now and then only, or when
// there was nothing, so that neither a full pipe nor a poller of another kind can do harm.
//
// Invariants:
//  1. If somebody sleeps somebody leads, until end; who leads has looked at the ready list after it
//     became the leader and before it sleeps.
//  2. A waiter that is woken while it leads is roused from the netpoller: whoever wakes it leaves
//     the token first and looks whether it leads second, and it does the reverse.
//  3. What is read is read before the ready streams are taken, or a write between the two could be
//     lost.
type dispatcher struct {
	core       *runtimeCore
	descriptor *os.File
	waiting    syscall.RawConn
	leader     atomic.Pointer[waiter]
	// guide is a goroutine that leads for ever, where not only streams have news.
	guide *waiter
	gone  chan struct{}

	// mutex is taken by those who fall asleep, wake up or lead; never held during a sleep.
	mutex    sync.Mutex
	sleepers []*waiter
	ended    bool
	// deadlined tells that somebody was roused, by a deadline that has to be taken back.
	deadlined bool

	// What the leader alone uses.
	tags    [readyMax]uint64
	signals [1024]byte
	unread  int
}

// dispatch waits for the wake-ups of a runtime; where it is to be told of others than streams, in a
// goroutine of its own.
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
	made := &dispatcher{
		core: core, descriptor: descriptor, waiting: waiting, gone: make(chan struct{}),
	}
	if core.logs == nil {
		close(made.gone)
		return made, nil
	}
	made.guide = &waiter{woken: make(chan struct{}, 1)}
	made.leader.Store(made.guide)
	go func() {
		defer close(made.gone)
		for made.lead(made.guide) {
		}
	}()
	return made, nil
}

// sleep returns when the waiter was woken, with its token, and may return early, without.
func (d *dispatcher) sleep(w *waiter) bool {
	d.mutex.Lock()
	if !d.ended && d.leader.CompareAndSwap(nil, w) || d.leader.Load() == w {
		d.mutex.Unlock()
		d.lead(w)
		return w.take()
	}
	d.sleepers = append(d.sleepers, w)
	w.place = len(d.sleepers)
	d.mutex.Unlock()
	<-w.woken
	d.mutex.Lock()
	d.strike(w)
	d.mutex.Unlock()
	return true
}

// strike takes a waiter from the sleepers, if it is one. The mutex is held.
func (d *dispatcher) strike(w *waiter) {
	if w.place == 0 {
		return
	}
	end := len(d.sleepers) - 1
	last := d.sleepers[end]
	d.sleepers[w.place-1], last.place = last, w.place
	d.sleepers[end], w.place = nil, 0
	d.sleepers = d.sleepers[:end]
}

// lead sleeps in the netpoller until the waiter is woken. False once the descriptor is closed.
func (d *dispatcher) lead(w *waiter) bool {
	d.mutex.Lock()
	if d.deadlined {
		d.deadlined = false
		_ = d.descriptor.SetReadDeadline(time.Time{})
	}
	d.mutex.Unlock()
	// Called at once, and at each wake-up until it says that it is enough.
	isRung := false
	err := d.waiting.Read(func(number uintptr) bool {
		d.take(int(number), isRung)
		isRung = true
		return w.isWoken()
	})
	if err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		return true
	}
	d.mutex.Lock()
	d.ended = true
	d.leader.CompareAndSwap(w, nil)
	d.mutex.Unlock()
	return false
}

// take wakes those whose streams have news; isRung tells that it was called because of a write.
func (d *dispatcher) take(number int, isRung bool) {
	if isRung {
		d.unread++
	}
	if d.unread >= unreadMax {
		_, _ = syscall.Read(number, d.signals[:])
		d.unread = 0
	}
	d.core.logs.announce()
	if !d.core.handOut(d.tags[:]) && isRung {
		d.unread = unreadMax
	}
}

// resign lets another waiter lead, if this one did: it is awake, for who knows how long.
func (d *dispatcher) resign(w *waiter) {
	if d.leader.Load() != w {
		return
	}
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if d.leader.Load() != w {
		return
	}
	if len(d.sleepers) == 0 {
		d.leader.Store(nil)
		return
	}
	next := d.sleepers[len(d.sleepers)-1]
	d.strike(next)
	d.leader.Store(next)
	next.wake()
}

// rouse wakes a waiter that has its token from the netpoller, if it sleeps there.
func (d *dispatcher) rouse(w *waiter) {
	if d == nil || d.leader.Load() != w {
		return
	}
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if d.leader.Load() == w {
		d.deadlined = true
		_ = d.descriptor.SetReadDeadline(time.Unix(1, 0))
	}
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

// end closes the descriptor; whoever leads wakes up, and nobody leads any more.
func (d *dispatcher) end() {
	d.mutex.Lock()
	d.ended = true
	d.mutex.Unlock()
	// Nothing was written to the descriptor, so closing it can lose nothing.
	_ = d.descriptor.Close()
	<-d.gone
}
