// Goal: the server does what its scenario says, sees a client that goes away at once, and leaves
// nothing behind. Method: plain net/http clients; waiting on the log, never on the clock.
package modelserver

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience bounds every wait of these tests.
const patience = 20 * time.Second

func scenarioOf(t *testing.T, text string) Scenario {
	t.Helper()
	var scenario Scenario
	require.NoError(t, json.Unmarshal([]byte(text), &scenario))
	return scenario
}

func start(t *testing.T, scenario Scenario, options Options) (*Server, *http.Client) {
	t.Helper()
	server, err := Start(scenario, options)
	require.NoError(t, err)
	transport := &http.Transport{}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		server.Close()
	})
	return server, &http.Client{Transport: transport, Timeout: patience}
}

func post(t *testing.T, client *http.Client, url, body string) (*http.Response, string) {
	t.Helper()
	response, err := client.Post(url, "application/json", strings.NewReader(body))
	require.NoError(t, err)
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response, string(text)
}

func waitFor(t *testing.T, server *Server, condition func([]Exchange) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	require.NoError(t, server.Wait(ctx, condition), "log: %+v", server.Log())
}

func TestServer_steps_last_repeats(t *testing.T) {
	server, client := start(t, scenarioOf(t,
		`{"routes":{"a":[{"status":429},{"text":"one"}],"*":[{"text":"any"}]}}`), Options{})
	first, body := post(t, client, server.URL+"/a/chat/completions", `{"model":"m"}`)
	assert.Equal(t, 429, first.StatusCode)
	assert.Contains(t, body, `"code":"rate_limit_exceeded"`)
	for range 2 {
		_, body = post(t, client, server.URL+"/a/chat/completions", `{"model":"m"}`)
		assert.Contains(t, body, `"content":"one"`)
	}
	_, body = post(t, client, server.URL+"/other/v1/messages", `{"model":"m"}`)
	assert.Contains(t, body, `"text":"any"`)
	waitFor(t, server, func(log []Exchange) bool {
		return len(log) == 4 && log[3].Closed == ClosedFinished
	})
	log := server.Log()
	assert.Equal(t, []int{1, 2, 3, 1}, []int{log[0].N, log[1].N, log[2].N, log[3].N})
	assert.Equal(t, "/v1/messages", log[3].Path)
	assert.Equal(t, Anthropic, log[3].Format)
}

func TestServer_idle_client_close_is_seen_at_once(t *testing.T) {
	for name, hang := range map[string]string{
		"before headers": `"accept"`, "after headers": `"headers"`, "between pieces": `1`,
	} {
		t.Run(name, func(t *testing.T) {
			closed := make(chan Exchange, 1)
			server, client := start(t, scenarioOf(t,
				`{"routes":{"*":[{"chunks":["a","b"],"hang":`+hang+`}]}}`),
				Options{Observe: func(x Exchange) {
					if x.Closed != "" {
						closed <- x
					}
				}})
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			request, err := http.NewRequestWithContext(ctx, http.MethodPost,
				server.URL+"/a/chat/completions", strings.NewReader(`{"stream":true}`))
			require.NoError(t, err)
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				if response, err := client.Do(request); err == nil {
					_, _ = io.Copy(io.Discard, response.Body)
					_ = response.Body.Close()
				}
			}()
			waitFor(t, server, func(log []Exchange) bool { return len(log) == 1 })
			if name == "between pieces" {
				waitFor(t, server, func(log []Exchange) bool { return log[0].Pieces == 1 })
			}
			before := time.Now()
			cancel()
			select {
			case exchange := <-closed:
				assert.Equal(t, ClosedByClient, exchange.Closed)
				assert.False(t, exchange.ClosedAt.Before(before))
				assert.Less(t, exchange.ClosedAt.Sub(before), time.Second)
			case <-time.After(patience):
				t.Fatal("the close was not seen")
			}
			<-ended
		})
	}
}

func TestServer_disconnect_reset_and_fin(t *testing.T) {
	server, client := start(t, scenarioOf(t, `{"routes":{
		"reset":[{"chunks":["a","b"],"disconnect":{"after":1,"how":"reset"}}],
		"fin":[{"chunks":["a","b"],"disconnect":{"after":1,"how":"fin"}}],
		"never":[{"disconnect":{"after":-1}}]}}`), Options{})
	read := func(route string) (string, error) {
		response, err := client.Post(server.URL+"/"+route+"/chat/completions", "application/json",
			strings.NewReader(`{"stream":true}`))
		if err != nil {
			return "", err
		}
		defer func() { _ = response.Body.Close() }()
		text, err := io.ReadAll(response.Body)
		return string(text), err
	}
	text, err := read("fin")
	require.NoError(t, err)
	assert.Contains(t, text, `"content":"a"`)
	assert.NotContains(t, text, "[DONE]")
	text, err = read("reset")
	require.Error(t, err)
	assert.Contains(t, text, `"content":"a"`)
	_, err = read("never")
	require.Error(t, err)
	waitFor(t, server, func(log []Exchange) bool {
		cut := 0
		for _, exchange := range log {
			if exchange.Closed == ClosedServerCut {
				cut++
			}
		}
		return cut == len(log) && cut >= 3
	})
}

func TestServer_pieces_arrive_one_by_one(t *testing.T) {
	server, client := start(t, scenarioOf(t,
		`{"routes":{"*":[{"text":"añb","chunk":2,"hang":2,"role_first":false}]}}`), Options{})
	response, err := client.Post(server.URL+"/x/chat/completions", "application/json",
		strings.NewReader(`{"stream":true}`))
	require.NoError(t, err)
	lines := bufio.NewScanner(response.Body)
	var seen []string
	for len(seen) < 2 && lines.Scan() {
		if lines.Text() != "" {
			seen = append(seen, lines.Text())
		}
	}
	require.Len(t, seen, 2)
	assert.Contains(t, seen[0], `"content":"añ"`)
	assert.Contains(t, seen[1], `"content":"b"`)
	require.NoError(t, response.Body.Close())
	waitFor(t, server, func(log []Exchange) bool { return log[0].Closed == ClosedByClient })
}

func TestServer_close_ends_hanging_exchanges(t *testing.T) {
	server, err := Start(scenarioOf(t, `{"routes":{"*":[{"hang":"accept"}]}}`), Options{})
	require.NoError(t, err)
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, Timeout: patience}
	failed := make(chan error, 1)
	go func() {
		response, err := client.Post(server.URL+"/a/x", "application/json", strings.NewReader(`{}`))
		if err == nil {
			_ = response.Body.Close()
		}
		failed <- err
	}()
	waitFor(t, server, func(log []Exchange) bool { return len(log) == 1 })
	server.Close()
	require.Error(t, <-failed)
	assert.Equal(t, ClosedServerCut, server.Log()[0].Closed)
	assert.Zero(t, server.Connections())
}

func TestScenario_absent_and_null_differ(t *testing.T) {
	scenario := scenarioOf(t, `{"routes":{"a":[{"usage":null,"finish":null},{},{"usage":{"in":1,"out":2}}]}}`)
	steps := scenario.Routes["a"]
	assert.Nil(t, steps[0].usage())
	assert.Equal(t, &Usage{In: 11, Out: 7}, steps[1].usage())
	assert.Equal(t, &Usage{In: 1, Out: 2}, steps[2].usage())
	absent := &answer{step: steps[1], format: OpenAI}
	assert.True(t, absent.finishIs("stop"))
	null := &answer{step: steps[0], format: OpenAI}
	assert.Nil(t, null.finish())
}

func TestReadScenario_missing_file_and_bad_json(t *testing.T) {
	_, err := ReadScenario(t.TempDir() + "/none.json")
	require.ErrorIs(t, err, os.ErrNotExist)
	path := t.TempDir() + "/bad.json"
	require.NoError(t, os.WriteFile(path, []byte(`{"routes":{"a":[{"hang":"never"}]}}`), 0o600))
	_, err = ReadScenario(path)
	require.ErrorContains(t, err, `hang "never"`)
}
