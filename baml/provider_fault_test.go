// A sample of what servers of every provider do wrong, through the whole stack. Every byte is tried
// in rust/baml-runtime/tests/faults.rs.

package baml_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bamlwire/bamlwire/baml"
	"github.com/bamlwire/bamlwire/internal/modelserver"
)

// faultyClients are clients of every wire format; each is named like its provider.
const faultyClients = `
client<llm> Generic {
  provider openai-generic
  options { base_url env.FAKE_URL
    model "m" }
}
client<llm> Responses {
  provider openai-responses
  options { base_url env.FAKE_URL
    api_key "k"
    model "m" }
}
client<llm> Anthropic {
  provider anthropic
  options { base_url env.FAKE_URL
    api_key "k"
    model "m" }
}
client<llm> Google {
  provider google-ai
  options { base_url env.FAKE_URL
    api_key "k"
    model "m" }
}
client<llm> Bedrock {
  provider aws-bedrock
  options { endpoint_url env.FAKE_URL
    region "r"
    access_key_id "k"
    secret_access_key "s"
    model "m" }
}
function Ask(text: string) -> string {
  client Generic
  prompt #"{{ text }}"#
}
`

func TestFault_of_every_provider_ends_as_documented(t *testing.T) {
	reset := &modelserver.Disconnect{After: 1, How: "reset"}
	end := &modelserver.Disconnect{After: 1, How: "fin"}
	silence := &modelserver.Hang{Where: modelserver.HangPieces, Pieces: 1}
	report := &modelserver.Fail{After: 1, Status: 500, Message: "overloaded"}
	two := pieces("one ", "two ")
	for _, client := range []string{"Generic", "Responses", "Anthropic", "Google", "Bedrock"} {
		for name, fault := range map[string]struct {
			step  modelserver.Step
			kinds []baml.ErrorKind
		}{
			"reset":   {modelserver.Step{Chunks: two, Disconnect: reset}, []baml.ErrorKind{baml.ErrorTransport}},
			"end":     {modelserver.Step{Chunks: two, Disconnect: end}, nil},
			"report":  {modelserver.Step{Chunks: two, Fail: report}, []baml.ErrorKind{baml.ErrorTransport}},
			"refusal": {modelserver.Step{Status: 401}, []baml.ErrorKind{baml.ErrorHTTP}},
			"silence": {modelserver.Step{Chunks: two, Hang: silence}, []baml.ErrorKind{baml.ErrorAborted}},
		} {
			t.Run(fmt.Sprintf("%s/%s", client, name), func(t *testing.T) {
				final, failure := faulty(t, client, fault.step)
				if len(fault.kinds) == 0 {
					require.NotNil(t, final)
					assert.False(t, final.Info().Complete)
					assert.NotEmpty(t, final.Info().Warnings)
					return
				}
				require.NotNil(t, failure)
				assert.Contains(t, fault.kinds, failure.Kind)
				assert.Len(t, failure.Info().Attempts, 1)
				if name == "report" {
					assert.Contains(t, failure.Error(), "overloaded")
				}
			})
		}
	}
}

// faulty asks a client whose server does this; a stream that falls silent is cancelled.
func faulty(t *testing.T, client string, step modelserver.Step) (*baml.Final, *baml.Error) {
	t.Helper()
	clean(t)
	server := scripted(t, step)
	lookup := func(name string) (string, bool) { return server.URL + "/a", name == "FAKE_URL" }
	r, err := baml.LoadFiles(map[string]string{"main.baml": faultyClients}, baml.WithLookupEnv(lookup))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, r.Close()) })
	stream, err := r.Stream(context.Background(), "Ask", baml.Args{"text": "hi"}, baml.WithClient(client))
	require.NoError(t, err)
	for range stream.Partials() {
		if step.Hang != nil {
			assert.True(t, stream.Cancel())
			break
		}
	}
	final, err := stream.Final(soon(t))
	if err == nil {
		return final, nil
	}
	var failure *baml.Error
	require.ErrorAs(t, err, &failure)
	return nil, failure
}
