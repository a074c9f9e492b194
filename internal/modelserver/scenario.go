// Package modelserver is a scripted model server for demos, tests and measurements: it answers on
// loopback in the wire formats of the providers, follows a scenario, and remembers for every
// request who closed the connection, and when. It is a fake: it never runs a model.
//
// This file holds the scenario: which step answers the n-th request of which route.
package modelserver

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"time"
)

// StampMark is what a step with Stamp replaces.
const StampMark = "$NOW"

// AnyRoute is the route that answers requests of routes the scenario does not name.
const AnyRoute = "*"

// Scenario tells how to answer. Request n to a route takes step n of that route; the last step
// repeats. The route is the first path segment of the request.
type Scenario struct {
	Routes map[string][]Step `json:"routes"`
}

// Step is one scripted answer. The zero step answers with an empty text. All times are in
// milliseconds.
type Step struct {
	// Format forces a wire format: openai, responses, anthropic, gemini, bedrock. Default: read
	// from the path.
	Format string `json:"format,omitempty"`
	// Text is the whole answer, cut into pieces of Chunk code points (0: one piece).
	Text  *string `json:"text,omitempty"`
	Chunk int     `json:"chunk,omitempty"`
	// Chunks are explicit pieces; they override Text.
	Chunks []Piece `json:"chunks,omitempty"`

	// Delay lies between pieces, HeadDelay before the status line, FirstDelay between the headers
	// and the first byte of the body, EndDelay (default Delay) before the closing events.
	Delay      float64  `json:"delay,omitempty"`
	HeadDelay  float64  `json:"head_delay,omitempty"`
	FirstDelay float64  `json:"first_delay,omitempty"`
	EndDelay   *float64 `json:"end_delay,omitempty"`

	// Usage is what the answer reports; null reports none; absent is 11 tokens in and 7 out.
	Usage Optional[Usage] `json:"usage,omitzero"`
	// UsageIfAsked sends the openai usage event only to requests that ask for it.
	UsageIfAsked bool `json:"usage_if_asked,omitempty"`
	// Finish is the provider's finish reason; null is never sent; absent is the normal one.
	Finish Optional[string] `json:"finish,omitzero"`
	// StopSequence is what anthropic reports with the finish reason stop_sequence.
	StopSequence *string `json:"stop_sequence,omitempty"`

	// Status, Body (a string or any JSON) and Headers answer with a plain HTTP response.
	Status  int               `json:"status,omitempty"`
	Body    json.RawMessage   `json:"body,omitempty"`
	Headers map[string]string `json:"headers,omitempty"`
	// Raw is sent as the exact body of a 200 response of type ContentType; RawBytes is the same for
	// what is no text. Gzip compresses it.
	Raw         *string `json:"raw,omitempty"`
	RawBytes    []byte  `json:"raw_base64,omitempty"`
	ContentType string  `json:"ctype,omitempty"`
	Gzip        bool    `json:"gzip,omitempty"`

	// Hang stops answering: never a status line, only headers, or nothing after n pieces.
	Hang *Hang `json:"hang,omitempty"`
	// Disconnect ends the connection after so many pieces.
	Disconnect *Disconnect `json:"disconnect,omitempty"`
	// Fail sends the provider's own error in mid-stream.
	Fail *Fail `json:"fail,omitempty"`
	// Inject writes raw bytes before a piece.
	Inject []Inject `json:"inject,omitempty"`

	// Stamp replaces StampMark in each piece by the time of its writing, in microseconds since
	// 1970.
	Stamp bool `json:"stamp,omitempty"`
	// NoDone leaves the closing events out.
	NoDone bool `json:"no_done,omitempty"`
	// EOL ends the lines of server-sent events ("\n", "\r\n" or "\r").
	EOL string `json:"eol,omitempty"`
	// Packet cuts every write into packets of so many bytes, a millisecond apart.
	Packet int `json:"packet,omitempty"`
	// Glue sends the whole body in one write.
	Glue bool `json:"glue,omitempty"`

	// Refusal answers with the provider's form of a refusal.
	Refusal *string `json:"refusal,omitempty"`
	// RoleFirst (default true) sends an openai delta with only the role first.
	RoleFirst *bool `json:"role_first,omitempty"`
	// Reasoning pieces come before the text, as one block or item.
	Reasoning []string `json:"reasoning,omitempty"`
	// Filters false leaves out azure's first event with the filter results.
	Filters *bool `json:"filters,omitempty"`
	// OldDelta makes anthropic's message_delta report the output tokens only.
	OldDelta bool `json:"old_delta,omitempty"`
	// Meta is merged into each openai event and into whole answers.
	Meta json.RawMessage `json:"meta,omitempty"`
}

// Usage is a token count. Nil parts are left out of the answer.
type Usage struct {
	In         int  `json:"in"`
	Out        int  `json:"out"`
	Cached     *int `json:"cached,omitempty"`
	CacheWrite *int `json:"cache_write,omitempty"`
	Reasoning  *int `json:"reasoning,omitempty"`
}

// Disconnect cuts the connection: How "reset" sends a TCP reset, "fin" ends the body cleanly
// without closing events. After -1 resets before the status line.
type Disconnect struct {
	After int    `json:"after"`
	How   string `json:"how"`
}

// Fail is an error sent after so many pieces. Not streamed, it is an HTTP error.
type Fail struct {
	After   int    `json:"after"`
	Status  int    `json:"status"`
	Message string `json:"message"`
	Code    string `json:"code"`
	How     string `json:"how"`
}

// Inject is raw bytes written before piece At.
type Inject struct {
	At  int    `json:"at"`
	Raw string `json:"raw"`
}

// Piece is a part of the answer; Delay overrides the step's delay before it.
type Piece struct {
	Text  string   `json:"t"`
	Delay *float64 `json:"delay,omitempty"`
}

// UnmarshalJSON accepts a string or {"t", "delay"}.
func (p *Piece) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '"' {
		return json.Unmarshal(data, &p.Text)
	}
	type plain Piece
	return json.Unmarshal(data, (*plain)(p))
}

// Hang says where an answer stops for ever. Pieces counts only when Where is "pieces".
type Hang struct {
	Where  string
	Pieces int
}

// The places where an answer can hang.
const (
	HangAccept  = "accept"
	HangHeaders = "headers"
	HangPieces  = "pieces"
)

// UnmarshalJSON accepts "accept", "headers" or a number of pieces.
func (h *Hang) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] != '"' {
		h.Where = HangPieces
		return json.Unmarshal(data, &h.Pieces)
	}
	if err := json.Unmarshal(data, &h.Where); err != nil {
		return err
	}
	if h.Where != HangAccept && h.Where != HangHeaders {
		return fmt.Errorf("hang %q: want %q, %q or a number", h.Where, HangAccept, HangHeaders)
	}
	return nil
}

// MarshalJSON writes what UnmarshalJSON reads.
func (h Hang) MarshalJSON() ([]byte, error) {
	if h.Where == HangPieces {
		return json.Marshal(h.Pieces)
	}
	return json.Marshal(h.Where)
}

// Optional tells an absent value from an explicit null.
type Optional[T any] struct {
	Set   bool
	Value *T
}

// Null is an explicit null.
func Null[T any]() Optional[T] { return Optional[T]{Set: true} }

// Some is an explicit value.
func Some[T any](value T) Optional[T] { return Optional[T]{Set: true, Value: &value} }

// UnmarshalJSON is called only when the key is present.
func (o *Optional[T]) UnmarshalJSON(data []byte) error {
	o.Set = true
	if bytes.Equal(data, []byte("null")) {
		o.Value = nil
		return nil
	}
	o.Value = new(T)
	return json.Unmarshal(data, o.Value)
}

// MarshalJSON writes the value or null; an absent one is left out by omitzero.
func (o Optional[T]) MarshalJSON() ([]byte, error) { return json.Marshal(o.Value) }

// Or gives the value, nil for an explicit null, and the default when absent.
func (o Optional[T]) Or(normal T) *T {
	if !o.Set {
		return &normal
	}
	return o.Value
}

// ReadScenario reads a scenario from a JSON file.
func ReadScenario(path string) (Scenario, error) {
	var scenario Scenario
	data, err := os.ReadFile(path)
	if err != nil {
		return scenario, err
	}
	if err := json.Unmarshal(data, &scenario); err != nil {
		return scenario, fmt.Errorf("scenario %s: %w", path, err)
	}
	return scenario, nil
}

// Text is a scenario that answers every request with text in pieces of chunk code points, delay
// apart.
func Text(text string, chunk int, delay time.Duration) Scenario {
	step := Step{Text: &text, Chunk: chunk, Delay: float64(delay) / float64(time.Millisecond)}
	return Scenario{Routes: map[string][]Step{AnyRoute: {step}}}
}

func (s *Scenario) step(route string, n int) Step {
	steps := s.Routes[route]
	if len(steps) == 0 {
		steps = s.Routes[AnyRoute]
	}
	if len(steps) == 0 {
		empty := ""
		return Step{Text: &empty}
	}
	return steps[min(n, len(steps))-1]
}

// pieces cuts the answer.
func (s *Step) pieces() []Piece {
	if s.Chunks != nil {
		return s.Chunks
	}
	if s.Text == nil {
		return nil
	}
	if s.Chunk <= 0 {
		return []Piece{{Text: *s.Text}}
	}
	runes := []rune(*s.Text)
	pieces := make([]Piece, 0, len(runes)/s.Chunk+1)
	for start := 0; start < len(runes); start += s.Chunk {
		end := min(start+s.Chunk, len(runes))
		pieces = append(pieces, Piece{Text: string(runes[start:end])})
	}
	return pieces
}

func (s *Step) text() string {
	var text bytes.Buffer
	for _, piece := range s.pieces() {
		text.WriteString(piece.Text)
	}
	return text.String()
}

func (s *Step) usage() *Usage { return s.Usage.Or(Usage{In: 11, Out: 7}) }

func milliseconds(ms float64) time.Duration { return time.Duration(ms * float64(time.Millisecond)) }
