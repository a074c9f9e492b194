// What the tests share: sources, a model server that goes on when told, waiting, counting handles.

package baml_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/bamlwire/bamlwire/baml"
	"github.com/bamlwire/bamlwire/bindings"
)

// patience is how long a test waits for what must happen. Nothing waits that long when all is well.
const patience = 20 * time.Second

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const sources = `
client<llm> Fake {
  provider openai-generic
  options {
    base_url env.FAKE_URL
    api_key "secret-key"
    model "scripted"
  }
}

client<llm> Impatient {
  provider openai-generic
  options {
    base_url env.FAKE_URL
    model "scripted"
    http {
      idle_timeout_ms 150
      time_to_first_token_timeout_ms 150
    }
  }
}

enum Level {
  JUNIOR
  SENIOR
}

class Resume {
  name string
  level Level?
  skills string[]
}

function Extract(text: string) -> Resume {
  client Fake
  prompt #"{{ _.role("user") }}{{ text }} {{ ctx.output_format }}"#
}

function Say(text: string) -> string {
  client Fake
  prompt #"{{ text }}"#
}

function Count(text: string) -> map<string, int> {
  client Fake
  prompt #"{{ text }}"#
}

function SayFast(text: string) -> string {
  client Impatient
  prompt #"{{ text }}"#
}
`

type resume struct {
	Name   string   `json:"name"`
	Level  string   `json:"level"`
	Skills []string `json:"skills"`
}

// waitFor waits for a condition that somebody else's goroutine or thread brings about.
func waitFor(t testing.TB, what string, condition func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !condition() {
		if time.Now().After(deadline) {
			require.FailNow(t, "waited in vain", what)
		}
		time.Sleep(time.Millisecond)
	}
}

// collected waits for a condition that needs the garbage collector.
func collected(t testing.TB, what string, condition func() bool) {
	t.Helper()
	waitFor(t, what, func() bool {
		runtime.GC()
		return condition()
	})
}

func liveStats(t testing.TB) bindings.Stats {
	t.Helper()
	table, err := bindings.Load("")
	require.NoError(t, err)
	stats, status := table.Stats(0)
	require.Equal(t, bindings.StatusOK, status)
	return stats
}

// clean demands that nothing of the library lives when the test is over.
func clean(t testing.TB) {
	t.Helper()
	t.Cleanup(func() {
		waitFor(t, "handles, tasks and sockets at zero", func() bool {
			stats := liveStats(t)
			return stats.Handles() == 0 && stats.Tasks == 0 && stats.Sockets == 0
		})
	})
}

// model is a scripted model server that goes on when the test says so.
type model struct {
	*httptest.Server
	exchanges chan *exchange
	stopped   chan struct{}
	seen      atomic.Int64
}

// exchange is one request that the server has before it.
type exchange struct {
	body   map[string]any
	pieces chan string
	wrote  chan struct{}
	// gone is closed when the client closed the connection.
	gone  <-chan struct{}
	ended chan struct{}
}

func newModel(t testing.TB) *model {
	t.Helper()
	m := &model{exchanges: make(chan *exchange, 4096), stopped: make(chan struct{})}
	m.Server = httptest.NewServer(http.HandlerFunc(m.serve))
	t.Cleanup(func() {
		close(m.stopped)
		m.CloseClientConnections()
		m.Close()
	})
	return m
}

func (m *model) serve(w http.ResponseWriter, request *http.Request) {
	x := &exchange{
		pieces: make(chan string), wrote: make(chan struct{}),
		gone: request.Context().Done(), ended: make(chan struct{}),
	}
	defer close(x.ended)
	_ = json.NewDecoder(request.Body).Decode(&x.body)
	streamed, _ := x.body["stream"].(bool)
	if streamed {
		w.Header().Set("Content-Type", "text/event-stream")
	} else {
		w.Header().Set("Content-Type", "application/json")
	}
	m.seen.Add(1)
	m.exchanges <- x
	text := ""
	for {
		select {
		case piece, more := <-x.pieces:
			if !more && streamed {
				fmt.Fprint(w, event("", "stop"), "data: [DONE]\n\n")
				return
			}
			if !more {
				fmt.Fprintf(w, `{"id":"x","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":%s}}]}`, quoted(text))
				return
			}
			text += piece
			if streamed {
				fmt.Fprint(w, event(piece, ""))
			}
			_ = http.NewResponseController(w).Flush()
			x.wrote <- struct{}{}
		case <-x.gone:
			return
		case <-m.stopped:
			return
		}
	}
}

func quoted(text string) string {
	out, _ := json.Marshal(text)
	return string(out)
}

func event(piece, finish string) string {
	reason := "null"
	if finish != "" {
		reason = quoted(finish)
	}
	return fmt.Sprintf("data: {\"id\":\"x\",\"choices\":[{\"index\":0,\"delta\":{\"content\":%s},\"finish_reason\":%s}]}\n\n",
		quoted(piece), reason)
}

// next is the next request that came in.
func (m *model) next(t testing.TB) *exchange {
	t.Helper()
	select {
	case x := <-m.exchanges:
		return x
	case <-time.After(patience):
		require.FailNow(t, "no request came")
		return nil
	}
}

// write sends a piece of the answer.
func (x *exchange) write(t testing.TB, piece string) {
	t.Helper()
	select {
	case x.pieces <- piece:
		<-x.wrote
	case <-x.ended:
		require.FailNow(t, "the client has gone")
	}
}

// finish ends the answer in good order.
func (x *exchange) finish() { close(x.pieces) }

// awaitGone waits until the server saw the connection closed.
func (x *exchange) awaitGone(t testing.TB) {
	t.Helper()
	select {
	case <-x.gone:
	case <-time.After(patience):
		require.FailNow(t, "the connection is still open")
	}
}

// load makes a runtime on a model server.
func load(t testing.TB, address string, options ...baml.RuntimeOption) *baml.Runtime {
	t.Helper()
	loaded := loadForgotten(t, address, options...)
	t.Cleanup(func() { require.NoError(t, loaded.Close()) })
	return loaded
}

// loadForgotten makes a runtime that the test does not close.
func loadForgotten(t testing.TB, address string, options ...baml.RuntimeOption) *baml.Runtime {
	t.Helper()
	lookup := func(name string) (string, bool) { return address, name == "FAKE_URL" }
	options = append([]baml.RuntimeOption{baml.WithWorkers(2), baml.WithLookupEnv(lookup)}, options...)
	loaded, err := baml.LoadFiles(map[string]string{"main.baml": sources}, options...)
	require.NoError(t, err)
	return loaded
}

func soon(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

// start starts Say on a model server and waits until the request is there.
func start(t testing.TB, r *baml.Runtime, m *model, options ...baml.Option) (*baml.Stream, *exchange) {
	t.Helper()
	stream, err := r.Stream(context.Background(), "Say", baml.Args{"text": "hi"}, options...)
	require.NoError(t, err)
	return stream, m.next(t)
}

// awaitPartial takes partials until one shows the text.
func awaitPartial(t testing.TB, stream *baml.Stream, text string) {
	t.Helper()
	for partial, err := range stream.Partials() {
		require.NoError(t, err)
		var got string
		require.NoError(t, partial.Decode(&got))
		if got == text {
			return
		}
	}
	require.FailNow(t, "the stream ended before it showed", text)
}
