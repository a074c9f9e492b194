// Tests of what a hostile or broken server can cost: each wait and each size has a named bound, and
// reaching it is an ordinary error of the stream, in bounded memory. See RELIABILITY.md.

package baml_test

import (
	"bytes"
	"compress/flate"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bamlwire/bamlwire/baml"
)

const (
	megabyte = 1 << 20
	// endless is how much a server has to send; no client may ever take all of it.
	endless = 1 << 30
	// takenMax is what a client may take of it before it gives up, what fills the sockets included.
	takenMax = 200 * megabyte
	// memoryMax is how much the process may grow meanwhile.
	memoryMax = 400 * megabyte * detectorCost
	// collectorPercent is how much garbage may wait beside what is held.
	collectorPercent = 10
)

const boundSources = `
client<llm> Patient {
  provider openai-generic
  options {
    base_url env.FAKE_URL
    model "scripted"
  }
}
client<llm> Timed {
  provider openai-generic
  options {
    base_url env.FAKE_URL
    model "scripted"
    http {
      connect_timeout_ms 5000
      request_timeout_ms 400
    }
  }
}
client<llm> Idle {
  provider openai-generic
  options {
    base_url env.FAKE_URL
    model "scripted"
    http {
      idle_timeout_ms 200
      time_to_first_token_timeout_ms 200
    }
  }
}
function Say(text: string) -> string {
  client Patient
  prompt #"{{ text }}"#
}
function SayTimed(text: string) -> string {
  client Timed
  prompt #"{{ text }}"#
}
function SayIdle(text: string) -> string {
  client Idle
  prompt #"{{ text }}"#
}
`

func loadBounds(t testing.TB, address string) *baml.Runtime {
	t.Helper()
	clean(t)
	lookup := func(name string) (string, bool) { return address, name == "FAKE_URL" }
	r, err := baml.LoadFiles(map[string]string{"main.baml": boundSources},
		baml.WithWorkers(2), baml.WithLookupEnv(lookup))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, r.Close()) })
	return r
}

// served makes a server of one handler. What the handler returns is not looked at: clients leave.
func served(t testing.TB, handle http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handle)
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return server
}

// refused runs a call of the function, streamed or not, which must fail, and gives its error.
func refused(t *testing.T, r *baml.Runtime, function string, streamed bool) *baml.Error {
	t.Helper()
	args := baml.Args{"text": "hi"}
	var err error
	if streamed {
		stream, problem := r.Stream(context.Background(), function, args)
		require.NoError(t, problem)
		_, err = stream.Final(soon(t))
	} else {
		_, err = r.Call(soon(t), function, args)
	}
	var failure *baml.Error
	require.ErrorAs(t, err, &failure)
	return failure
}

// repeats sends the piece until the client goes away or everything endless is sent, and counts.
func repeats(w io.Writer, piece []byte, sent *atomic.Int64) {
	for sent.Load() < endless {
		count, err := w.Write(piece)
		sent.Add(int64(count))
		if err != nil {
			return
		}
	}
}

// memoryPeak is the most memory that the process has had since the last call, 0 where unknown.
func memoryPeak() int {
	text, _ := os.ReadFile("/proc/self/status")
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0)
	_, rest, _ := strings.Cut(string(text), "VmHWM:")
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0
	}
	kilobytes, _ := strconv.Atoi(fields[0])
	return kilobytes << 10
}

// bounded demands that the memory grew by less than memoryMax while the work was done.
func bounded(t *testing.T, work func()) {
	t.Helper()
	// What counts is what is held, not what waits for the collector; nor what is left of the tests
	// before.
	defer debug.SetGCPercent(debug.SetGCPercent(collectorPercent))
	debug.FreeOSMemory()
	memoryPeak()
	before := memoryPeak()
	work()
	assert.Less(t, memoryPeak(), before+memoryMax)
}

func TestBounds_endless_line_is_cut(t *testing.T) {
	var sent atomic.Int64
	server := served(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, "data: ")
		repeats(w, bytes.Repeat([]byte("a"), megabyte), &sent)
	})
	r := loadBounds(t, server.URL)
	bounded(t, func() {
		failure := refused(t, r, "Say", true)
		assert.Equal(t, baml.ErrorTransport, failure.Kind)
		assert.Contains(t, failure.Message, "longer than 16777216 bytes")
	})
	assert.Less(t, sent.Load(), int64(takenMax))
}

func TestBounds_endless_reply_is_cut(t *testing.T) {
	var sent atomic.Int64
	piece := event(strings.Repeat("word ", megabyte/5), "")
	server := served(t, func(w http.ResponseWriter, request *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		repeats(w, []byte(piece), &sent)
	})
	r := loadBounds(t, server.URL)
	bounded(t, func() {
		failure := refused(t, r, "Say", true)
		assert.Equal(t, baml.ErrorTransport, failure.Kind)
		assert.Contains(t, failure.Message, "longer than 67108864 bytes")
	})
	assert.Less(t, sent.Load(), int64(takenMax))
}

func TestBounds_memory_of_a_long_reply_goes_back(t *testing.T) {
	piece := event(strings.Repeat("word ", megabyte/5), "")
	server := served(t, func(w http.ResponseWriter, request *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for range 48 {
			_, _ = io.WriteString(w, piece)
		}
		_, _ = io.WriteString(w, "data: [DONE]\n\n")
	})
	r := loadBounds(t, server.URL)
	// What earlier tests left in pools goes with the second collection.
	for range 3 {
		debug.FreeOSMemory()
	}
	before := memoryNow()
	for range 3 {
		stream, err := r.Stream(context.Background(), "Say", baml.Args{"text": "hi"})
		require.NoError(t, err)
		final, err := stream.Final(soon(t))
		require.NoError(t, err)
		require.Len(t, final.Info().RawReply, 48*(megabyte/5)*5)
	}
	const keptMax = 48 * megabyte
	waitFor(t, "the memory goes back to the system", func() bool {
		debug.FreeOSMemory()
		return memoryNow() < before+keptMax
	})
}

func TestBounds_endless_comments_end_by_the_idle_limit(t *testing.T) {
	var sent atomic.Int64
	server := served(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for range endless {
			_, err := io.WriteString(w, ": still here\n\n")
			if sent.Add(1); err != nil || http.NewResponseController(w).Flush() != nil {
				return
			}
		}
	})
	failure := refused(t, loadBounds(t, server.URL), "SayIdle", true)
	assert.Equal(t, baml.ErrorTimeout, failure.Kind)
	assert.Positive(t, sent.Load())
}

func TestBounds_dripping_server_ends_by_the_request_limit(t *testing.T) {
	for name, piece := range map[string]string{"events": event("x", ""), "a byte a time": "d"} {
		t.Run(name, func(t *testing.T) {
			left := make(chan struct{})
			server := served(t, func(w http.ResponseWriter, request *http.Request) {
				defer close(left)
				w.Header().Set("Content-Type", "text/event-stream")
				for request.Context().Err() == nil {
					_, _ = io.WriteString(w, piece)
					_ = http.NewResponseController(w).Flush()
				}
			})
			failure := refused(t, loadBounds(t, server.URL), "SayTimed", true)
			assert.Equal(t, baml.ErrorTimeout, failure.Kind)
			assert.Contains(t, failure.Message, "400 ms")
			waitFor(t, "the server sees the client leave", func() bool {
				select {
				case <-left:
					return true
				default:
					return false
				}
			})
		})
	}
}

// bomb sends a gzip body that unpacks to much more than endless.
func bomb(beginning, piece string) (http.HandlerFunc, *atomic.Int64) {
	var sent atomic.Int64
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		w.Header().Set("Content-Encoding", "gzip")
		packed := &bytes.Buffer{}
		packed.WriteString("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03")
		writer, _ := flate.NewWriter(packed, flate.BestCompression)
		_, _ = io.WriteString(writer, beginning)
		_ = writer.Flush()
		_, _ = w.Write(packed.Bytes())
		// A block that was flushed refers to itself only, once its own text went before.
		packed.Reset()
		writer, _ = flate.NewWriter(packed, flate.BestCompression)
		_, _ = io.WriteString(writer, strings.Repeat(piece, 16*megabyte/len(piece)))
		_ = writer.Flush()
		repeats(w, packed.Bytes(), &sent)
	}, &sent
}

func TestBounds_gzip_bomb_is_cut(t *testing.T) {
	for _, c := range []struct {
		name, beginning, piece string
		streamed               bool
		says                   string
	}{
		{"one line", "data: ", "a", true, "longer than 16777216 bytes"},
		{"many events", "", event(strings.Repeat("word ", 1000), ""), true,
			"longer than 67108864 bytes"},
		{"a whole answer", `{"choices": "`, "a", false, "longer than 67108864 bytes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			handle, sent := bomb(c.beginning, c.piece)
			r := loadBounds(t, served(t, handle).URL)
			bounded(t, func() {
				failure := refused(t, r, "Say", c.streamed)
				assert.Equal(t, baml.ErrorTransport, failure.Kind)
				assert.Contains(t, failure.Message, c.says)
			})
			assert.Less(t, sent.Load(), int64(takenMax))
		})
	}
}

func TestBounds_endless_error_page_is_cut(t *testing.T) {
	var sent atomic.Int64
	server := served(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadRequest)
		repeats(w, bytes.Repeat([]byte("no "), megabyte/3), &sent)
	})
	r := loadBounds(t, server.URL)
	bounded(t, func() {
		failure := refused(t, r, "Say", true)
		assert.Equal(t, baml.ErrorHTTP, failure.Kind)
		assert.Len(t, failure.Body, 64<<10)
	})
	assert.Less(t, sent.Load(), int64(takenMax))
}

// rawServer answers each connection by what the function writes.
func rawServer(t testing.TB, answer func(w io.Writer)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = connection.Read(make([]byte, 64<<10))
			answer(connection)
			_ = connection.Close()
		}
	}()
	return "http://" + listener.Addr().String()
}

func TestBounds_headers_too_many_or_too_long(t *testing.T) {
	for name, header := range map[string]func(w io.Writer, at int) error{
		"10,000 headers": func(w io.Writer, at int) error {
			_, err := fmt.Fprintf(w, "x-header-%d: value\r\n", at)
			return err
		},
		"one header without an end": func(w io.Writer, at int) error {
			text := strings.Repeat("a", megabyte/16)
			if at == 0 {
				text = "x-header: " + text
			}
			_, err := io.WriteString(w, text)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			url := rawServer(t, func(w io.Writer) {
				_, _ = io.WriteString(w, "HTTP/1.1 200 OK\r\n")
				for at := range 10_000 {
					if header(w, at) != nil {
						return
					}
				}
				_, _ = io.WriteString(w, "\r\n\r\ndata: [DONE]\n\n")
			})
			r := loadBounds(t, url)
			bounded(t, func() {
				assert.Equal(t, baml.ErrorTransport, refused(t, r, "Say", true).Kind)
			})
		})
	}
}

func TestBounds_tls_failures_are_told(t *testing.T) {
	plain := served(t, func(http.ResponseWriter, *http.Request) {})
	stranger := httptest.NewUnstartedServer(http.NotFoundHandler())
	// It complains about the client that refuses its certificate; that is what is wanted.
	stranger.Config.ErrorLog = log.New(io.Discard, "", 0)
	stranger.StartTLS()
	t.Cleanup(stranger.Close)
	for name, url := range map[string]string{
		"a server that speaks no TLS":     strings.Replace(plain.URL, "http:", "https:", 1),
		"a certificate of nobody's known": stranger.URL,
	} {
		t.Run(name, func(t *testing.T) {
			failure := refused(t, loadBounds(t, url), "SayTimed", true)
			assert.Equal(t, baml.ErrorTransport, failure.Kind, failure.Message)
			assert.Contains(t, failure.Message, "cannot connect")
		})
	}
	failure := refused(t, loadBounds(t, stranger.URL), "Say", true)
	assert.Contains(t, strings.ToLower(failure.Message), "certificate")
}

func TestBounds_unknown_host_and_closed_port_are_told(t *testing.T) {
	for name, url := range map[string]string{
		"a host that cannot be":    "http://nobody.invalid/v1",
		"a port nobody listens at": "http://127.0.0.1:1/v1",
	} {
		t.Run(name, func(t *testing.T) {
			failure := refused(t, loadBounds(t, url), "SayTimed", true)
			// Where look-ups are slow it is the limit that ends it.
			assert.Contains(t, []baml.ErrorKind{baml.ErrorTransport, baml.ErrorTimeout},
				failure.Kind, failure.Message)
			assert.True(t, failure.IsRetryable())
		})
	}
}
