// The server itself: listening, the log of exchanges, waiting for what the log shows, stopping.
//
// Invariant: when Close has returned, no goroutine of the server is left.
package modelserver

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	bodyBytesMax  = 64 << 20
	idleTimeout   = 5 * time.Second
	headerTimeout = 30 * time.Second
	// exchangesMax bounds the log: older exchanges are forgotten.
	exchangesMax = 200_000
)

// Who ended an exchange.
const (
	// ClosedFinished: the server ended the answer.
	ClosedFinished = "finished"
	// ClosedByClient: the client closed the connection before that.
	ClosedByClient = "client"
	// ClosedServerCut: the scenario cut the connection.
	ClosedServerCut = "server-cut"
)

// Exchange is one request and what became of it.
type Exchange struct {
	Seq    int             `json:"seq"`
	Route  string          `json:"route"`
	N      int             `json:"n"`
	Method string          `json:"method"`
	Path   string          `json:"path"`
	Format Format          `json:"format"`
	Stream bool            `json:"stream"`
	Header http.Header     `json:"headers"`
	Body   json.RawMessage `json:"body"`
	// Pieces and Bytes count what was written so far.
	Pieces int   `json:"pieces"`
	Bytes  int64 `json:"bytes"`
	// Closed is empty while the exchange runs.
	Closed   string    `json:"closed"`
	Start    time.Time `json:"start"`
	ClosedAt time.Time `json:"closed_at,omitzero"`
}

// Options set up a server. The zero value is a server on a free port that keeps its log.
type Options struct {
	Port int
	// Observe, when set, is called with a copy of the exchange when its request came in, after each
	// piece, and when it closed. It must not block.
	Observe func(Exchange)
	// Discard keeps no log and no request bodies.
	Discard bool
}

// Server answers on 127.0.0.1. All methods may be called from any goroutine.
type Server struct {
	// URL is the address without a route, such as http://127.0.0.1:41234.
	URL string

	http     *http.Server
	options  Options
	open     atomic.Int64
	handlers sync.WaitGroup
	served   chan struct{}
	// isStopping is set before the connections are cut, stopped is closed after.
	isStopping atomic.Bool
	stopped    chan struct{}
	stop       sync.Once

	mutex    sync.Mutex
	scenario Scenario
	counts   map[string]int
	sequence int
	exchange []*Exchange
	changed  chan struct{}
}

// Start listens and answers by the scenario until Close.
func Start(scenario Scenario, options Options) (*Server, error) {
	tcp, err := net.Listen("tcp4", fmt.Sprintf("127.0.0.1:%d", options.Port))
	if err != nil {
		return nil, fmt.Errorf("model server: %w", err)
	}
	s := &Server{
		URL: "http://" + tcp.Addr().String(), options: options, scenario: scenario,
		counts: map[string]int{}, changed: make(chan struct{}),
		stopped: make(chan struct{}), served: make(chan struct{}),
	}
	s.http = &http.Server{
		Handler: http.HandlerFunc(s.serve), IdleTimeout: idleTimeout,
		ReadHeaderTimeout: headerTimeout,
		ConnContext:       withConnection, ErrorLog: log.New(io.Discard, "", 0),
	}
	wrapped := &listener{
		Listener: tcp, slots: make(chan struct{}, connectionsMax), done: s.stopped, open: &s.open,
	}
	go func() {
		defer close(s.served)
		_ = s.http.Serve(wrapped)
	}()
	return s, nil
}

// Close cuts every connection and waits until nothing of the server runs any more.
func (s *Server) Close() {
	s.isStopping.Store(true)
	_ = s.http.Close()
	s.stop.Do(func() { close(s.stopped) })
	<-s.served
	s.handlers.Wait()
}

// Connections is the number of open connections, idle ones included.
func (s *Server) Connections() int { return int(s.open.Load()) }

// SetScenario replaces the scenario and forgets the log.
func (s *Server) SetScenario(scenario Scenario) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.scenario, s.counts, s.sequence, s.exchange = scenario, map[string]int{}, 0, nil
}

// Log is a copy of the exchanges so far, in the order in which their requests came.
func (s *Server) Log() []Exchange {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.snapshot()
}

func (s *Server) snapshot() []Exchange {
	copied := make([]Exchange, len(s.exchange))
	for i, exchange := range s.exchange {
		copied[i] = *exchange
	}
	return copied
}

// Wait blocks until the log satisfies the condition or the context ends.
func (s *Server) Wait(ctx context.Context, condition func([]Exchange) bool) error {
	for {
		s.mutex.Lock()
		exchanges, changed := s.snapshot(), s.changed
		s.mutex.Unlock()
		if condition(exchanges) {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("waiting for the model server's log: %w", context.Cause(ctx))
		}
	}
}

// begin enters a request into the log and finds the step that answers it.
func (s *Server) begin(request *http.Request, route, path string, body []byte) (*Exchange,
	*answer) {
	s.mutex.Lock()
	s.counts[route]++
	s.sequence++
	n := s.counts[route]
	step := s.scenario.step(route, n)
	exchange := &Exchange{
		Seq: s.sequence, Route: route, N: n, Method: request.Method, Path: path,
		Header: request.Header, Start: time.Now(),
	}
	if !s.options.Discard {
		s.exchange = append(s.exchange, exchange)
		if len(s.exchange) > exchangesMax {
			s.exchange = s.exchange[1:]
		}
	}
	s.mutex.Unlock()
	found := newAnswer(step, path, body)
	s.update(exchange, func() {
		exchange.Format, exchange.Stream = found.format, found.stream
		if json.Valid(body) {
			exchange.Body = body
		} else {
			exchange.Body = compact(string(body))
		}
	})
	return exchange, found
}

// update changes an exchange, tells the observer, and wakes those who wait for the log.
func (s *Server) update(exchange *Exchange, change func()) {
	s.mutex.Lock()
	change()
	copied := *exchange
	if !s.options.Discard {
		close(s.changed)
		s.changed = make(chan struct{})
	}
	s.mutex.Unlock()
	if s.options.Observe != nil {
		s.options.Observe(copied)
	}
}

func (s *Server) serve(w http.ResponseWriter, request *http.Request) {
	s.handlers.Add(1)
	defer s.handlers.Done()
	body, err := io.ReadAll(http.MaxBytesReader(w, request.Body, bodyBytesMax))
	if err != nil {
		http.Error(w, "body not readable", http.StatusBadRequest)
		return
	}
	route, path := splitRoute(request.RequestURI)
	exchange, found := s.begin(request, route, path, body)
	x := &exchangeWriter{
		server: s, exchange: exchange, answer: found, w: w, ctx: request.Context(),
		conn: connectionOf(request.Context()), flush: http.NewResponseController(w).Flush,
	}
	x.run()
	closed, at := x.outcome()
	s.update(exchange, func() { exchange.Closed, exchange.ClosedAt = closed, at })
}

// splitRoute takes the first path segment off.
func splitRoute(uri string) (route, path string) {
	rest := strings.TrimPrefix(uri, "/")
	end := strings.IndexAny(rest, "/?")
	if end < 0 {
		return rest, ""
	}
	return rest[:end], rest[end:]
}
