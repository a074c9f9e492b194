// Waiting for announcements, without losing one.

package baml

import (
	"context"
	"slices"
	"sync"
)

// waiter is a goroutine that waits for the news of one stream, for as long as it is interested.
type waiter struct {
	// ctx ends the waiting, unwatch the watch over it, if there is one.
	ctx     context.Context
	unwatch func() bool
	// woken holds a token from an announcement until the waiter looks.
	woken chan struct{}
	// place is where it stands among the dispatcher's sleepers, from 1; 0 if it does not. The
	// dispatcher's mutex guards it.
	place int
}

// isWoken tells whether there is something to look for.
func (w *waiter) isWoken() bool { return len(w.woken) > 0 }

// wake never blocks; several calls before a look are one.
func (w *waiter) wake() {
	select {
	case w.woken <- struct{}{}:
	default:
	}
}

// take takes the token, if there is one, before its owner looks: what is announced from now on
// leaves another one.
func (w *waiter) take() bool {
	select {
	case <-w.woken:
		return true
	default:
		return false
	}
}

// sleep returns once there may be something to look for, or with the error of the context. Between
// two calls the waiter stays entered, so that nobody has to look when nothing was announced.
//
// Thousands sleep here, each on a stack of its own: who looks does so outside, to keep it small.
func (w *waiter) sleep(wakeups *dispatcher) error {
	for woken := w.take(); !woken; woken = wakeups.sleep(w) {
		if err := w.ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

// news lets any number of goroutines wait for announcements. The zero value is ready.
//
// A waiter is entered first and looks for what it wants second: an announcement that comes between
// the two leaves a token with it, so none is missed.
type news struct {
	mutex   sync.Mutex
	waiters []*waiter
}

// enter makes a waiter, woken already: it looks before it waits.
func (n *news) enter(ctx context.Context, wakeups *dispatcher) *waiter {
	made := &waiter{ctx: ctx, woken: make(chan struct{}, 1)}
	made.wake()
	n.mutex.Lock()
	n.waiters = append(n.waiters, made)
	n.mutex.Unlock()
	if ctx.Done() != nil {
		made.unwatch = context.AfterFunc(ctx, func() {
			made.wake()
			wakeups.rouse(made)
		})
	}
	return made
}

// leave ends the interest of a waiter.
func (n *news) leave(w *waiter) {
	if w.unwatch != nil {
		w.unwatch()
	}
	n.mutex.Lock()
	if index := slices.Index(n.waiters, w); index >= 0 {
		n.waiters = slices.Delete(n.waiters, index, index+1)
	}
	n.mutex.Unlock()
}

// announce wakes all who wait. It never blocks, and costs next to nothing if nobody waits.
func (n *news) announce(wakeups *dispatcher) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	for _, w := range n.waiters {
		w.wake()
		wakeups.rouse(w)
	}
}
