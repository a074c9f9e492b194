// Goal: the program behaves on the command line as its help says. Method: the built binary runs
// against projects in temporary folders and the scripted model server.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/bamlwire/bamlwire/internal/modelserver"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// binary is the program under test.
var binary string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		folder, err := os.MkdirTemp("", "bamlwire")
		if err != nil {
			panic(err)
		}
		defer func() { _ = os.RemoveAll(folder) }()
		binary = filepath.Join(folder, "bamlwire")
		if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "build: %v\n%s", err, out)
			return 1
		}
		return m.Run()
	}())
}

const project = `
enum Mood { HAPPY  
  SAD }
class Person {
  name string
  age int?
  mood Mood
}
client<llm> Main {
  provider openai-generic
  options {
    base_url env.TEST_BASE_URL
    model "m"
    api_key "test-key"
  }
}
function Read(text: string, limit: int?) -> Person {
  client Main
  prompt #"
    Read {{ text }} {{ limit }}
    {{ ctx.output_format }}
  "#
}
function Names(texts: string[]) -> string[] {
  client Main
  prompt #"{{ texts|length }}"#
}
`

const patience = 30 * time.Second

// outcome is what a run of the program left behind.
type outcome struct {
	status        int
	out, problems string
}

func command(t *testing.T, input string, args ...string) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	made := exec.CommandContext(ctx, binary, args...)
	made.Stdin = strings.NewReader(input)
	problems := &bytes.Buffer{}
	made.Stderr = problems
	made.Env = append(os.Environ(), "OPENAI_API_KEY=", "OLLAMA_HOST=")
	return made, problems
}

func run(t *testing.T, input string, args ...string) outcome {
	t.Helper()
	made, problems := command(t, input, args...)
	out, err := made.Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		require.NoError(t, err)
	}
	return outcome{made.ProcessState.ExitCode(), string(out), problems.String()}
}

// folder writes a project.
func folder(t *testing.T, text string) string {
	t.Helper()
	made := filepath.Join(t.TempDir(), "baml_src")
	require.NoError(t, os.Mkdir(made, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(made, "main.baml"), []byte(text), 0o600))
	return made
}

// serve answers with the steps and points the project's client to them.
func serve(t *testing.T, steps string) *modelserver.Server {
	t.Helper()
	var scenario modelserver.Scenario
	require.NoError(t, json.Unmarshal([]byte(`{"routes":{"*":[`+steps+`]}}`), &scenario))
	server, err := modelserver.Start(scenario, modelserver.Options{})
	require.NoError(t, err)
	t.Cleanup(server.Close)
	t.Setenv("TEST_BASE_URL", server.URL+"/a")
	return server
}

const personReply = `{"chunks":["{\"name\": \"An","na\", \"age\": 3","1, \"mood\": ","\"happy\"}"],"delay":30}`

func TestCheck_good_and_bad_sources(t *testing.T) {
	good := folder(t, project)
	got := run(t, "", "check", "--from", good)
	assert.Equal(t, outcome{0, good + ": 1 file, no errors\n", ""}, got)

	bad := folder(t, strings.Replace(project, "mood Mood", "mood Moood", 1))
	got = run(t, "", "check", "--from", bad)
	assert.Equal(t, 1, got.status)
	assert.Empty(t, got.out)
	assert.Contains(t, got.problems, "main.baml:7")
	assert.Contains(t, got.problems, "mood Moood")
	assert.Contains(t, got.problems, "Mood")

	got = run(t, "", "check", "--json", "--from", bad)
	assert.Equal(t, 1, got.status)
	var found struct {
		OK          bool `json:"ok"`
		Diagnostics []struct {
			Start [2]int `json:"start"`
		} `json:"diagnostics"`
	}
	require.NoError(t, json.Unmarshal([]byte(got.out), &found))
	assert.False(t, found.OK)
	require.NotEmpty(t, found.Diagnostics)
	assert.Equal(t, 7, found.Diagnostics[0].Start[0])

	var raw struct {
		Diagnostics []map[string]any `json:"diagnostics"`
	}
	require.NoError(t, json.Unmarshal([]byte(got.out), &raw))
	want := []string{"end", "file", "help", "id", "labels", "message", "severity", "start"}
	assert.Equal(t, want, slices.Sorted(maps.Keys(raw.Diagnostics[0])), "what an editor needs")
}

func TestEveryCommand_sources_with_errors_show_file_and_line(t *testing.T) {
	bad := folder(t, strings.Replace(project, "mood Mood", "mood Moood", 1))
	for _, name := range []string{"call", "stream", "request", "prompt", "parse"} {
		got := run(t, "", name, "Read", "--from", bad)
		assert.Equal(t, 1, got.status, name)
		assert.Contains(t, got.problems, "main.baml:7", name)
	}
}

func TestUsage_mistakes_say_what_exists(t *testing.T) {
	good := folder(t, project)
	got := run(t, "", "call", "Raed", "--from", good)
	assert.Equal(t, 2, got.status)
	assert.Contains(t, got.problems, "Raed")
	assert.Contains(t, got.problems, "Read(text: string, limit: int?) -> Person")

	got = run(t, "", "call", "Read", "--from", good, "--arg", "txt=x")
	assert.Equal(t, 2, got.status)
	assert.Contains(t, got.problems, `"txt"`)
	assert.Contains(t, got.problems, "Read(text: string, limit: int?)")

	got = run(t, "", "call", "Read", "--from", good, "--arg", "limit=1")
	assert.Equal(t, 2, got.status)
	assert.Contains(t, got.problems, `Read needs the argument "text"`)

	got = run(t, "", "stream")
	assert.Equal(t, 2, got.status)
	assert.Contains(t, got.problems, "name a function: bamlwire stream FUNCTION")

	for _, args := range [][]string{
		{"call"}, {"call", "Read", "x"}, {"nosuch"}, {"call", "Read", "--nosuch"}, {"check", "--from", good + "/none"},
		{"call", "Read", "--from", good, "--args", "[1]"}, {"call", "Read", "--from", good, "--arg", "x"},
		{"call", "Read", "--from", good, "--args", "@" + good + "/none"},
	} {
		got = run(t, "", args...)
		assert.Equal(t, 2, got.status, "%v: %s", args, got.problems)
		assert.NotEmpty(t, got.problems)
		assert.NotContains(t, got.problems, "panic")
	}
}

func TestCall_arguments_and_answer(t *testing.T) {
	server := serve(t, personReply)
	good := folder(t, project)
	file := filepath.Join(t.TempDir(), "text.txt")
	require.NoError(t, os.WriteFile(file, []byte("from a file"), 0o600))
	got := run(t, `{"text":"ignored","limit":7}`, "call", "Read", "--from", good,
		"--args", "-", "--arg", "text=@"+file)
	require.Equal(t, 0, got.status, got.problems)
	assert.JSONEq(t, `{"name":"Anna","age":31,"mood":"HAPPY"}`, got.out)
	assert.Contains(t, string(server.Log()[0].Body), "Read from a file 7")

	got = run(t, "", "call", "Read", "--from", good, "--arg", "text=5", "--arg", "limit=6")
	require.Equal(t, 0, got.status, got.problems)
	assert.Contains(t, string(server.Log()[1].Body), "Read 5 6")
}

func TestCall_failures_exit_1(t *testing.T) {
	serve(t, `{"status":401},{"text":"no person here, sorry"}`)
	good := folder(t, project)
	got := run(t, "", "call", "Read", "--from", good, "--arg", "text=x")
	assert.Equal(t, 1, got.status)
	assert.Empty(t, got.out)
	assert.Contains(t, got.problems, "401")
	got = run(t, "", "call", "Read", "--from", good, "--arg", "text=x")
	assert.Equal(t, 1, got.status)
	assert.Contains(t, got.problems, "Read")
	t.Setenv("TEST_BASE_URL", "")
	require.NoError(t, os.Unsetenv("TEST_BASE_URL"))
	got = run(t, "", "call", "Read", "--from", good, "--arg", "text=x")
	assert.Equal(t, 1, got.status)
	assert.Contains(t, got.problems, "TEST_BASE_URL")
	assert.Contains(t, got.problems, "Main")
}

func TestStream_pipe_gets_json_lines(t *testing.T) {
	serve(t, `{"chunks":["{\"name\": \"An","na\", \"age\": 3","1, \"mood\": ","\"happy\"}"],"delay":150}`)
	got := run(t, "", "stream", "Read", "--from", folder(t, project), "--arg", "text=x")
	require.Equal(t, 0, got.status, got.problems)
	lines := strings.Split(strings.TrimSpace(got.out), "\n")
	require.GreaterOrEqual(t, len(lines), 3, got.out)
	for _, line := range lines[:len(lines)-1] {
		assert.True(t, strings.HasPrefix(line, `{"partial":{"name":`), line)
	}
	assert.Equal(t, `{"final":{"name":"Anna","age":31,"mood":"HAPPY"}}`, lines[len(lines)-1])
}

func TestStream_failure_is_a_line_too(t *testing.T) {
	serve(t, `{"status":503}`)
	got := run(t, "", "stream", "Read", "--from", folder(t, project), "--arg", "text=x")
	assert.Equal(t, 1, got.status)
	var line struct {
		Error struct {
			Kind   string `json:"kind"`
			Status int    `json:"status"`
		} `json:"error"`
	}
	require.NoError(t, json.Unmarshal([]byte(got.out), &line), got.out)
	assert.Equal(t, "http", line.Error.Kind)
	assert.Equal(t, 503, line.Error.Status)
}

func TestStream_interrupt_aborts_and_exits_130(t *testing.T) {
	server := serve(t, `{"chunks":["{\"name\": \"Anna\", "],"hang":1}`)
	made, problems := command(t, "", "stream", "Read", "--from", folder(t, project), "--arg", "text=x")
	out, err := made.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, made.Start())
	lines := bufio.NewScanner(out)
	var last string
	for lines.Scan() {
		last = lines.Text()
		if strings.Contains(last, `"Anna"`) {
			break
		}
	}
	require.Contains(t, last, `{"partial":{"name":"Anna"`)
	require.NoError(t, made.Process.Signal(syscall.SIGINT))
	for lines.Scan() {
		last = lines.Text()
	}
	_ = made.Wait()
	assert.Equal(t, 130, made.ProcessState.ExitCode(), problems.String())
	assert.Contains(t, last, `"kind":"aborted"`)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	require.NoError(t, server.Wait(ctx, func(log []modelserver.Exchange) bool {
		return log[0].Closed == modelserver.ClosedByClient
	}))
}

func TestRequest_hides_secrets(t *testing.T) {
	serve(t, `{}`)
	good := folder(t, project)
	got := run(t, "", "request", "Read", "--from", good, "--arg", "text=hello", "--stream")
	require.Equal(t, 0, got.status, got.problems)
	assert.NotContains(t, got.out, "test-key")
	assert.Contains(t, got.out, "Read hello")
	assert.Contains(t, got.out, "/chat/completions")
	got = run(t, "", "request", "Read", "--from", good, "--arg", "text=hello", "--secrets")
	require.Equal(t, 0, got.status, got.problems)
	assert.Contains(t, got.out, "Bearer test-key")
}

func TestPrompt_shows_messages(t *testing.T) {
	serve(t, `{}`)
	got := run(t, "", "prompt", "Names", "--from", folder(t, project), "--arg", `texts=["a","b"]`)
	require.Equal(t, 0, got.status, got.problems)
	var rendered struct {
		Client   string            `json:"client"`
		Messages []json.RawMessage `json:"messages"`
	}
	require.NoError(t, json.Unmarshal([]byte(got.out), &rendered))
	assert.Equal(t, "Main", rendered.Client)
	assert.Len(t, rendered.Messages, 1)
}

func TestParse_whole_and_partial(t *testing.T) {
	good := folder(t, project)
	got := run(t, "Sure: {name: Bo, mood: sad}", "parse", "Read", "--from", good)
	require.Equal(t, 0, got.status, got.problems)
	assert.JSONEq(t, `{"name":"Bo","age":null,"mood":"SAD"}`, got.out)
	got = run(t, `{"name": "Bo`, "parse", "Read", "--partial", "--from", good)
	require.Equal(t, 0, got.status, got.problems)
	assert.JSONEq(t, `{"name":"Bo","age":null,"mood":null}`, got.out)
	got = run(t, "nothing of use", "parse", "Read", "--from", good)
	assert.Equal(t, 1, got.status)
}

func TestParse_explain_tells_what_was_guessed_and_why_not(t *testing.T) {
	good := folder(t, project)
	reply := "Sure: {name: Bo, mood: sad}"
	got := run(t, reply, "parse", "Read", "--explain", "--from", good)
	require.Equal(t, 0, got.status, got.problems)
	assert.Contains(t, got.out, "Read: score 1\n")
	assert.Contains(t, got.out, "mood: other_case (+0): Mood from text \"sad\"")
	assert.Contains(t, got.out, "✓ name: string ← text \"Bo\"  0")
	got = run(t, reply, "parse", "Read", "--explain", "--json", "--from", good)
	require.Equal(t, 0, got.status, got.problems)
	var told struct {
		Score     int `json:"score"`
		Liberties []struct {
			Path    string `json:"path"`
			Liberty string `json:"liberty"`
		} `json:"liberties"`
	}
	require.NoError(t, json.Unmarshal([]byte(got.out), &told))
	assert.Equal(t, 1, told.Score)
	assert.Len(t, told.Liberties, 2)
	got = run(t, "{name: Bo}", "parse", "Read", "--explain", "--from", good)
	assert.Equal(t, 1, got.status)
	assert.Contains(t, got.out, "mood: the field is missing; expected Mood")
}

func TestDemo_streams_and_cancels(t *testing.T) {
	got := run(t, "", "demo")
	require.Equal(t, 0, got.status, got.problems)
	assert.Contains(t, got.out, `{"final":{"name":"Marta Lindqvist"`)
	assert.Contains(t, got.problems, "as a Go value: Marta Lindqvist, 3 jobs, 5 skills")
	assert.Contains(t, got.problems, "connection closed by the client")
}
