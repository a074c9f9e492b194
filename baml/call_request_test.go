// Tests of the JSON that a call becomes.

package baml

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCallRequest_holds_what_has_a_value(t *testing.T) {
	t.Parallel()
	text := "say \"é\"\n\x01 <&> \xff"
	registry := (&ClientRegistry{}).Add("Own", "openai", map[string]any{"model": "m"})
	for _, test := range []struct {
		request  callRequest
		expected string
	}{
		{
			callRequest{Function: "F", Args: json.RawMessage("{}")},
			`{"function": "F", "args": {}}`,
		},
		{
			callRequest{
				Function: "F", Args: json.RawMessage(`{"a":[1]}`), Mode: "stream", Form: "wire",
				Partials: "changes", Client: "C\"", Env: map[string]string{"A": "\\", "B": text},
				Tags: map[string]any{"t": 1}, Types: []json.RawMessage{json.RawMessage(`{"k":1}`)},
				Text: &text, Partial: true, Explain: true,
			},
			`{
				"function": "F", "args": {"a": [1]}, "mode": "stream", "form": "wire",
				"partials": "changes", "client": "C\"",
				"env": {"A": "\\", "B": "say \"é\"\n\u0001 <&> \ufffd"},
				"tags": {"t": 1}, "type_builder": [{"k": 1}],
				"text": "say \"é\"\n\u0001 <&> \ufffd", "partial": true, "explain": true
			}`,
		},
	} {
		written, err := test.request.appendJSON(nil)
		require.NoError(t, err)
		assert.JSONEq(t, test.expected, string(written))
	}
	written, err := (&callRequest{Args: json.RawMessage("{}"), Registry: registry}).appendJSON(nil)
	require.NoError(t, err)
	registered, err := json.Marshal(registry)
	require.NoError(t, err)
	assert.JSONEq(t, `{"function": "", "args": {}, "client_registry": `+string(registered)+`}`,
		string(written))
	_, err = (&callRequest{Tags: map[string]any{"t": func() {}}}).appendJSON(nil)
	assert.ErrorContains(t, err, "unsupported type")
}
