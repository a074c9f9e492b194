// Goal: this server and scripts/oracle/fakellm.mjs answer with the same bytes. Method: both play
// the same scenarios; the test is skipped where node is not installed.
package modelserver

import (
	"bufio"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var referencePaths = map[string]string{
	"openai":         "/chat/completions",
	"azure":          "/chat/completions?api-version=1",
	"responses":      "/responses",
	"anthropic":      "/v1/messages",
	"gemini":         "/v1beta/models/gem%2Fini:%s",
	"gemini-sse":     "/v1beta/models/gem:%s?alt=sse",
	"vertex":         "/v1/projects/p/publishers/google/models/gem:%s?alt=sse",
	"bedrock":        "/model/some%3Amodel/%s",
	"bedrock-claude": "/v1/projects/p/publishers/anthropic/models/c:rawPredict",
	"unknown":        "/strange",
}

var referenceSteps = []string{
	`{"text":"plain <text> & \u2028 more ✓","chunk":5}`,
	`{"chunks":["a",{"t":"b"},""],"usage":null,"finish":null}`,
	`{"text":"x","usage":{"in":3,"out":4,"cached":2,"cache_write":1,"reasoning":9}}`,
	`{"text":"x","reasoning":["one ","two"],"usage":{"in":3,"out":4,"reasoning":9}}`,
	`{"refusal":"I will not"}`,
	`{"refusal":"no","text":"but"}`,
	`{"text":"x","finish":"length","no_done":true}`,
	`{"text":"x","finish":"stop_sequence","stop_sequence":"END","old_delta":true}`,
	`{"text":"x","finish":"failed"}`,
	`{"chunks":["a","b"],"fail":{"after":1,"status":429,"message":"slow down"}}`,
	`{"chunks":["a","b"],"fail":{"after":9,"how":"failed","code":"odd"}}`,
	`{"chunks":["a","b"],"fail":{"status":424},"glue":true}`,
	`{"chunks":["a","b"],"inject":[{"at":0,"raw":": c\n"},{"at":7,"raw":": d\n"}],"glue":true}`,
	`{"chunks":["a","b"],"inject":[{"at":1,"raw":": c\r\n"}],"eol":"\r\n"}`,
	`{"status":404}`, `{"status":529}`, `{"status":418}`, `{"status":500,"body":"text"}`,
	`{"status":500,"body":{"b":1,"a":[true]}}`,
	`{"raw":"data: x\n\n","ctype":"text/odd"}`,
	`{"text":"x","meta":{"id":"other","extra":[1, 2]},"role_first":false,"filters":false}`,
	`{"text":"x","usage_if_asked":true}`,
	`{"text":"xyz","chunk":1,"packet":211}`,
}

var referenceBodies = []string{
	`{"model":"m","stream":%t}`,
	`{"model":"m","stream":%t,"stream_options":{"include_usage":true,"include_obfuscation":false},` +
		`"metadata":{"z":1,"a":"2"},"text":{"verbosity":"low"},"temperature":0,"tools":null}`,
}

func startReference(t *testing.T) (url string, set func(scenario string)) {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not installed")
	}
	script, err := filepath.Abs("../../scripts/oracle/fakellm.mjs")
	require.NoError(t, err)
	command := exec.Command(node, script, "-")
	input, err := command.StdinPipe()
	require.NoError(t, err)
	output, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	t.Cleanup(func() {
		_, _ = input.Write([]byte("quit\n"))
		_ = command.Wait()
	})
	lines := bufio.NewScanner(output)
	require.True(t, lines.Scan())
	var first struct{ URL string }
	require.NoError(t, json.Unmarshal(lines.Bytes(), &first))
	return first.URL, func(scenario string) {
		_, err := input.Write([]byte(scenario + "\n"))
		require.NoError(t, err)
		require.True(t, lines.Scan())
		require.JSONEq(t, `{"ok":true}`, lines.Text())
	}
}

func referencePath(name string, stream bool) string {
	verb := map[bool]string{true: "streamGenerateContent", false: "generateContent"}[stream]
	if name == "bedrock" {
		verb = map[bool]string{true: "converse-stream", false: "converse"}[stream]
	}
	return strings.Replace(referencePaths[name], "%s", verb, 1)
}

func TestServer_answers_like_the_reference(t *testing.T) {
	reference, set := startReference(t)
	server, client := start(t, Scenario{}, Options{})
	compared := 0
	for _, step := range referenceSteps {
		scenario := `{"routes":{"*":[` + step + `]}}`
		set(scenario)
		server.SetScenario(scenarioOf(t, scenario))
		for name := range referencePaths {
			for _, body := range referenceBodies {
				for _, stream := range []bool{true, false} {
					path := "/a" + referencePath(name, stream)
					sent := strings.Replace(body, "%t", strconv.FormatBool(stream), 1)
					want, wantBody := post(t, client, reference+path, sent)
					got, gotBody := post(t, client, server.URL+path, sent)
					label := strings.Join([]string{name, step, sent}, " ")
					assert.Equal(t, want.StatusCode, got.StatusCode, label)
					assert.Equal(t, want.Header.Get("Content-Type"), got.Header.Get("Content-Type"), label)
					if !assert.Equal(t, wantBody, gotBody, label) {
						return
					}
					compared++
				}
			}
		}
	}
	assert.Equal(t, len(referenceSteps)*len(referencePaths)*len(referenceBodies)*2, compared)
}
