// The server's side of a connection: it notes the moment the client went away, and can be reset.
package modelserver

import (
	"context"
	"errors"
	"net"
	"os"
	"sync/atomic"
	"time"
)

// connectionsMax bounds the open connections; more wait in the listen queue.
const connectionsMax = 40_000

// connection stamps the first failed read. net/http reads from it for as long as a request is
// being answered, so a close is seen at once even when nothing is written.
type connection struct {
	net.Conn
	closedAt atomic.Pointer[time.Time]
	release  func()
}

func (c *connection) Read(buffer []byte) (int, error) {
	n, err := c.Conn.Read(buffer)
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		now := time.Now()
		c.closedAt.CompareAndSwap(nil, &now)
	}
	return n, err
}

func (c *connection) Close() error {
	c.release()
	return c.Conn.Close()
}

// reset closes with a TCP reset instead of an orderly end.
func (c *connection) reset() {
	if tcp, ok := c.Conn.(*net.TCPConn); ok {
		// Without a linger time the kernel sends RST and drops what is unsent.
		_ = tcp.SetLinger(0)
	}
	_ = c.Close()
}

// listener wraps and counts connections.
type listener struct {
	net.Listener
	slots chan struct{}
	done  chan struct{}
	open  *atomic.Int64
}

func (l *listener) Accept() (net.Conn, error) {
	select {
	case l.slots <- struct{}{}:
	case <-l.done:
		return nil, net.ErrClosed
	}
	accepted, err := l.Listener.Accept()
	if err != nil {
		<-l.slots
		return nil, err
	}
	l.open.Add(1)
	var released atomic.Bool
	return &connection{Conn: accepted, release: func() {
		if released.CompareAndSwap(false, true) {
			l.open.Add(-1)
			<-l.slots
		}
	}}, nil
}

type connectionKey struct{}

func withConnection(ctx context.Context, conn net.Conn) context.Context {
	return context.WithValue(ctx, connectionKey{}, conn)
}

func connectionOf(ctx context.Context) *connection {
	conn, _ := ctx.Value(connectionKey{}).(*connection)
	return conn
}
