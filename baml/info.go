// What is known about a call: what was sent and answered, how long it took, what it used.

package baml

import (
	"encoding/json"
	"time"
)

// Info tells about a call: what it took and what the provider said. It is there for calls that
// failed or were aborted too. No credential is in it.
type Info struct {
	Function string `json:"function"`
	// Type is "stream" or "call".
	Type string `json:"type"`
	// RawReply is the model's text, Reasoning its reasoning, if the provider shows it.
	RawReply  string `json:"raw_reply"`
	Reasoning string `json:"reasoning"`
	// Refusal is what the model said in place of an answer, where the provider tells it apart.
	Refusal string `json:"refusal"`
	// FinishReason is the provider's word for how the reply ended; Complete is false if the reply
	// ended without its end marker or was cut for length.
	FinishReason string `json:"finish_reason"`
	Complete     bool   `json:"complete"`
	// Warnings tell what was accepted although it looks wrong: a reply without its end marker or
	// cut short, an event that could not be read.
	Warnings []string `json:"warnings"`
	// Score is the price of the liberties that reading the reply took: 0 if nothing was guessed.
	// Nil before the end, and if the reply does not fit. Runtime.ExplainReply tells each.
	Score *int64 `json:"score"`
	// Usage is that of the last attempt, if its reply came to its end; UsageSoFar also counts one
	// that broke off or was aborted.
	Usage      Usage `json:"usage"`
	UsageSoFar Usage `json:"usage_so_far"`
	// StartMS is when the call began, in milliseconds since 1970; DurationMS and FirstTokenMS count
	// from there, and are 0 if it has not come to that.
	StartMS      int64   `json:"start_time_utc_ms"`
	DurationMS   float64 `json:"duration_ms"`
	FirstTokenMS float64 `json:"first_token_ms"`
	// Attempts are the requests that were sent, in order.
	Attempts []AttemptInfo `json:"attempts"`
	// Tags are those of the call.
	Tags map[string]any `json:"-"`
	// Detail is everything, as JSON.
	Detail json.RawMessage `json:"-"`
}

// AttemptInfo tells about one request to one client.
type AttemptInfo struct {
	Client   string `json:"client"`
	Provider string `json:"provider"`
	// Selected marks the attempt whose reply became the value.
	Selected     bool            `json:"selected"`
	Streamed     bool            `json:"streamed"`
	StartedMS    float64         `json:"started_ms"`
	DurationMS   float64         `json:"duration_ms"`
	FirstTokenMS float64         `json:"first_token_ms"`
	Request      json.RawMessage `json:"request"`
	Status       int             `json:"status"`
	Headers      json.RawMessage `json:"headers"`
	Body         json.RawMessage `json:"body"`
	// Events are the raw events of a streamed reply, up to a bound.
	Events       json.RawMessage `json:"events"`
	Usage        Usage           `json:"usage"`
	FinishReason string          `json:"finish_reason"`
	Complete     bool            `json:"complete"`
	Warnings     []string        `json:"warnings"`
	Error        json.RawMessage `json:"error"`
}

// Usage counts tokens. Nil means that the provider did not say.
type Usage struct {
	InputTokens       *int64 `json:"input_tokens"`
	OutputTokens      *int64 `json:"output_tokens"`
	CachedInputTokens *int64 `json:"cached_input_tokens"`
}

// Start is when the call began.
func (i Info) Start() time.Time { return time.UnixMilli(i.StartMS) }

// Duration is how long the call took, 0 while it runs.
func (i Info) Duration() time.Duration {
	return time.Duration(i.DurationMS * float64(time.Millisecond))
}

// Selected is the attempt whose reply became the value.
func (i Info) Selected() (AttemptInfo, bool) {
	for _, attempt := range i.Attempts {
		if attempt.Selected {
			return attempt, true
		}
	}
	return AttemptInfo{}, false
}
