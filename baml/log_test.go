// The log: silent unless asked, by level, without keys, and at nobody's cost.

package baml_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bamlwire/bamlwire/baml"
)

// notes is a log that tests read while it is written.
type notes struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (n *notes) Write(text []byte) (int, error) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	return n.text.Write(text)
}

func (n *notes) String() string {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	return n.text.String()
}

// noting logs everything that reaches slog.
func noting(into *notes) baml.RuntimeOption {
	handler := slog.NewTextHandler(into, &slog.HandlerOptions{Level: baml.LevelTrace})
	return baml.WithLogger(slog.New(handler))
}

// said runs Say to its end and closes the runtime, so that all is logged.
func said(t *testing.T, options ...baml.RuntimeOption) {
	t.Helper()
	m := newModel(t)
	r := loadForgotten(t, m.URL, options...)
	stream, x := start(t, r, m)
	x.write(t, "the answer")
	x.finish()
	_, err := stream.Final(soon(t))
	require.NoError(t, err)
	require.NoError(t, r.Close())
}

func TestLog_is_silent_unless_asked(t *testing.T) {
	clean(t)
	var log notes
	said(t, noting(&log))
	assert.Empty(t, log.String())
}

func TestLog_tells_calls_by_level(t *testing.T) {
	clean(t)
	for level, want := range map[slog.Level][]string{
		slog.LevelError: nil,
		slog.LevelInfo:  {"call finished"},
		slog.LevelDebug: {"attempt started", "attempt finished", "call finished"},
	} {
		var log notes
		said(t, noting(&log), baml.WithLogLevel(level))
		lines := strings.Split(strings.TrimSpace(log.String()), "\n")
		if want == nil {
			assert.Empty(t, log.String())
			continue
		}
		require.Len(t, lines, len(want), log.String())
		for index, message := range want {
			assert.Contains(t, lines[index], message)
			assert.Contains(t, lines[index], "function=Say")
		}
	}
}

func TestLog_holds_prompts_and_replies_only_when_asked(t *testing.T) {
	clean(t)
	var without, with notes
	said(t, noting(&without), baml.WithLogLevel(baml.LevelTrace))
	said(t, noting(&with), baml.WithLogLevel(slog.LevelInfo), baml.WithLogContent())
	assert.NotContains(t, without.String(), "the answer")
	assert.Contains(t, with.String(), "the answer")
	assert.Contains(t, with.String(), "prompt=")
}

func TestLog_variable_sets_the_level_and_a_wrong_one_is_told(t *testing.T) {
	clean(t)
	m := newModel(t)
	for value, want := range map[string]string{"INFO": "call aborted", "loud": `BAML_LOG is \"loud\"`} {
		var log notes
		lookup := func(name string) (string, bool) {
			if name == "BAML_LOG" {
				return value, true
			}
			return m.URL, name == "FAKE_URL"
		}
		r := loadForgotten(t, m.URL, noting(&log), baml.WithLookupEnv(lookup))
		stream, _ := start(t, r, m)
		stream.Cancel()
		require.NoError(t, r.Close())
		assert.Contains(t, log.String(), want)
	}
}

// A handler that hangs holds up neither the stream nor, beyond a bound, Close.
func TestLog_handler_that_hangs_holds_up_no_stream(t *testing.T) {
	m := newModel(t)
	hung := &hangingHandler{entered: make(chan struct{}), release: make(chan struct{})}
	r := loadForgotten(t, m.URL,
		baml.WithLogger(slog.New(hung)), baml.WithLogLevel(slog.LevelDebug))
	stream, x := start(t, r, m)
	<-hung.entered
	x.write(t, "on and on")
	x.finish()
	_, err := stream.Final(soon(t))
	require.NoError(t, err)
	require.NoError(t, r.Close())
	close(hung.release)
}

type hangingHandler struct {
	once             sync.Once
	entered, release chan struct{}
}

func (h *hangingHandler) Enabled(context.Context, slog.Level) bool { return true }

func (h *hangingHandler) Handle(context.Context, slog.Record) error {
	h.once.Do(func() { close(h.entered) })
	<-h.release
	return nil
}

func (h *hangingHandler) WithAttrs([]slog.Attr) slog.Handler { return h }

func (h *hangingHandler) WithGroup(string) slog.Handler { return h }

func TestRaw_grows_with_the_reply_and_stays_after_the_end(t *testing.T) {
	clean(t)
	m := newModel(t)
	stream, x := start(t, load(t, m.URL), m)
	require.Empty(t, stream.Raw().Text)
	x.write(t, "one ")
	awaitPartial(t, stream, "one ")
	first := stream.Raw()
	assert.Equal(t, baml.RawReply{Attempt: 1, Text: "one "}, first)
	x.write(t, "two")
	x.finish()
	var last baml.RawReply
	for reply, err := range stream.Raws() {
		require.NoError(t, err)
		require.GreaterOrEqual(t, len(reply.Text), len(last.Text))
		last = reply
	}
	want := baml.RawReply{Attempt: 1, Text: "one two"}
	assert.Equal(t, want, last)
	assert.Equal(t, want, stream.Raw())
	assert.Equal(t, "one ", first.Text, "what was handed out stays")
}

func TestRaws_end_with_the_error_of_an_abort(t *testing.T) {
	clean(t)
	m := newModel(t)
	stream, x := start(t, load(t, m.URL), m)
	x.write(t, "one")
	var failure error
	for reply, err := range stream.Raws() {
		if err != nil {
			failure = err
		} else if reply.Text == "one" {
			stream.Cancel()
		}
	}
	require.ErrorIs(t, failure, baml.ErrAborted)
	x.awaitGone(t)
}
