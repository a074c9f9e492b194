// Waiting for announcements, without losing one.

package baml

import "sync"

// news lets any number of goroutines wait for the next announcement. The zero value is ready.
//
// A waiter takes the channel first and looks for what it wants second: an announcement that comes
// between the two closes the channel that it holds, so none is missed.
type news struct {
	mutex sync.Mutex
	next  chan struct{}
}

// wait is closed at the next announcement.
func (n *news) wait() <-chan struct{} {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	if n.next == nil {
		n.next = make(chan struct{})
	}
	return n.next
}

// announce wakes all who wait. It never blocks, and costs nothing if nobody waits.
func (n *news) announce() {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	if n.next != nil {
		close(n.next)
		n.next = nil
	}
}
