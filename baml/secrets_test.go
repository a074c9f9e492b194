// A scan for keys: whatever a provider does with the key it was sent, nothing that is told of the
// call holds it: errors, records, collectors, logs.

package baml_test

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bamlwire/bamlwire/baml"
)

// theSecret stands in every key, token and header below.
const theSecret = "hush-4711-0815-hush"

const secretClients = `
client<llm> Generic { provider openai-generic
  options { base_url env.FAKE_URL
    api_key env.FAKE_SECRET
    model "m" } }
client<llm> Headers { provider openai-generic
  options { base_url env.FAKE_URL
    model "m"
    headers { "X-Api-Key" env.FAKE_SECRET
      "Authorization" env.FAKE_SECRET } } }
client<llm> Responses { provider openai-responses
  options { base_url env.FAKE_URL
    api_key env.FAKE_SECRET
    model "m" } }
client<llm> Azure { provider azure-openai
  options { base_url env.FAKE_URL
    api_key env.FAKE_SECRET
    api_version "1"
    model "m" } }
client<llm> Anthropic { provider anthropic
  options { base_url env.FAKE_URL
    api_key env.FAKE_SECRET
    model "m" } }
client<llm> Google { provider google-ai
  options { base_url env.FAKE_URL
    api_key env.FAKE_SECRET
    model "m" } }
client<llm> Bedrock { provider aws-bedrock
  options { endpoint_url env.FAKE_URL
    region "r"
    access_key_id "k"
    secret_access_key env.FAKE_SECRET
    session_token env.FAKE_SECRET
    model "m" } }
function Ask(text: string) -> string {
  client Generic
  prompt #"{{ text }}"#
}
`

// tellTales are servers that repeat what they were sent, each in its way.
var tellTales = map[string]func(w http.ResponseWriter, repeated string){
	"a refusal": func(w http.ResponseWriter, repeated string) {
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = io.WriteString(w, repeated)
	},
	"a refusal in JSON": func(w http.ResponseWriter, repeated string) {
		w.WriteHeader(http.StatusForbidden)
		_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]any{"message": repeated}})
	},
	"an answer that is none": func(w http.ResponseWriter, repeated string) {
		_, _ = io.WriteString(w, repeated)
	},
	"an event that is none": func(w http.ResponseWriter, repeated string) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, "data: "+strings.ReplaceAll(repeated, "\r\n", " ")+"\n\n")
	},
	"an error event": func(w http.ResponseWriter, repeated string) {
		w.Header().Set("Content-Type", "text/event-stream")
		text, _ := json.Marshal(map[string]any{
			"type": "error", "error": map[string]any{"message": repeated, "type": "x"},
		})
		_, _ = fmt.Fprintf(w, "event: error\ndata: %s\n\n", text)
	},
	"headers": func(w http.ResponseWriter, repeated string) {
		w.Header().Set("X-Request-Id", strings.ReplaceAll(repeated, "\r\n", " "))
		w.WriteHeader(http.StatusBadRequest)
	},
}

// told is everything that a failed call gives away.
func told(t *testing.T, err error, collector *baml.Collector) string {
	t.Helper()
	var failure *baml.Error
	require.ErrorAs(t, err, &failure)
	logs := collector.Logs()
	require.Len(t, logs, 1)
	return fmt.Sprintf("%v\n%+v\n%#v\n%s\n%s\n%s\n%+v", err, failure, failure, failure.Detail,
		failure.Info().Detail, logs[0].Detail, logs[0].Err)
}

func TestSecret_is_never_told(t *testing.T) {
	clients := []string{
		"Generic", "Headers", "Responses", "Azure", "Anthropic", "Google", "Bedrock",
	}
	for _, client := range clients {
		for name, tell := range tellTales {
			for _, streamed := range []bool{true, false} {
				t.Run(fmt.Sprintf("%s/%s/%v", client, name, streamed), func(t *testing.T) {
					server := served(t, func(w http.ResponseWriter, request *http.Request) {
						sent, _ := httputil.DumpRequest(request, true)
						tell(w, string(sent))
					})
					neverTold(t, server.URL, client, streamed)
				})
			}
		}
		t.Run(client+"/nobody listens", func(t *testing.T) {
			neverTold(t, "http://127.0.0.1:1", client, true)
		})
	}
}

func neverTold(t *testing.T, url, client string, streamed bool) {
	t.Helper()
	clean(t)
	values := map[string]string{"FAKE_URL": url, "FAKE_SECRET": theSecret}
	lookup := func(name string) (string, bool) { value, ok := values[name]; return value, ok }
	var log notes
	r, err := baml.LoadFiles(map[string]string{"main.baml": secretClients},
		baml.WithLookupEnv(lookup), noting(&log), baml.WithLogLevel(slog.LevelDebug),
		baml.WithLogContent())
	require.NoError(t, err)
	collector, err := baml.NewCollector(0)
	require.NoError(t, err)
	options := []baml.Option{baml.WithClient(client), baml.WithCollector(collector)}
	if streamed {
		stream, problem := r.Stream(t.Context(), "Ask", baml.Args{"text": "hi"}, options...)
		require.NoError(t, problem)
		_, err = stream.Final(soon(t))
	} else {
		_, err = r.Call(soon(t), "Ask", baml.Args{"text": "hi"}, options...)
	}
	require.Error(t, err)
	everything := told(t, err, collector)
	require.NoError(t, r.Close())
	assert.Contains(t, log.String(), "call failed")
	assert.NotContains(t, everything, theSecret)
	assert.NotContains(t, log.String(), theSecret)
}
