// The wire formats: what they have in common. Each provider's own shape stands in its own file.
package modelserver

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Format names a provider's wire format.
type Format string

// The formats the server speaks.
const (
	OpenAI    Format = "openai"
	Responses Format = "responses"
	Anthropic Format = "anthropic"
	Gemini    Format = "gemini"
	Bedrock   Format = "bedrock"
	Unknown   Format = "unknown"
)

// answer is one request together with the step that answers it.
type answer struct {
	step   Step
	format Format
	path   string
	model  json.RawMessage
	body   fields
	stream bool
}

// wire is a provider's shape of an answer.
type wire interface {
	whole() object
	head() [][]byte
	piece(text string) []byte
	tail() [][]byte
	fail() [][]byte
}

func (a *answer) wire() wire {
	switch a.format {
	case OpenAI:
		return openAI{a}
	case Responses:
		return newResponses(a)
	case Anthropic:
		return anthropic{a}
	case Gemini:
		return gemini{a}
	case Bedrock:
		return bedrock{a}
	default:
		return plain{a}
	}
}

// detect reads the format from the path (without its route).
func detect(path string) Format {
	path, _, _ = strings.Cut(path, "?")
	switch {
	case strings.HasSuffix(path, "/chat/completions"):
		return OpenAI
	case strings.HasSuffix(path, "/responses"):
		return Responses
	case strings.HasSuffix(path, "/messages"):
		return Anthropic
	case strings.Contains(path, ":streamGenerateContent"), strings.Contains(path,
		":generateContent"):
		return Gemini
	case strings.HasSuffix(path, "/converse"), strings.HasSuffix(path, "/converse-stream"):
		return Bedrock
	case strings.Contains(path, ":rawPredict"), strings.Contains(path, ":streamRawPredict"):
		return Anthropic
	}
	return Unknown
}

func newAnswer(step Step, path string, rawBody []byte) *answer {
	a := &answer{step: step, format: Format(step.Format), path: path}
	if a.format == "" {
		a.format = detect(path)
	}
	if json.Unmarshal(rawBody, &a.body) != nil {
		a.body = nil
	}
	a.model = a.body["model"]
	if len(a.model) == 0 || string(a.model) == "null" {
		a.model = compact(modelOf(path))
	}
	switch a.format {
	case Gemini:
		a.stream = strings.Contains(path, ":streamGenerateContent")
	case Bedrock:
		a.stream = strings.Contains(path, "converse-stream")
	default:
		a.stream = a.body.truthy("stream")
	}
	return a
}

// modelOf finds the model in paths that name it.
func modelOf(path string) string {
	name := ""
	if _, rest, ok := strings.Cut(path, "/models/"); ok {
		name, _, _ = strings.Cut(rest, ":")
	} else if _, rest, ok := strings.Cut(path, "/model/"); ok {
		name, _, _ = strings.Cut(rest, "/")
	}
	if decoded, err := url.PathUnescape(name); err == nil {
		return decoded
	}
	return name
}

func (a *answer) isAzure() bool  { return strings.Contains(a.path, "api-version=") }
func (a *answer) isVertex() bool { return strings.Contains(a.path, "/publishers/") }

// isArray tells a gemini stream that is a JSON array instead of server-sent events.
func (a *answer) isArray() bool {
	_, query, _ := strings.Cut(a.path, "?")
	for _, pair := range strings.Split(query, "&") {
		if pair == "alt=sse" {
			return false
		}
	}
	return true
}

func (a *answer) eol() string {
	if a.step.EOL != "" {
		return a.step.EOL
	}
	return "\n"
}

// finish is the finish reason to send, nil for none.
func (a *answer) finish() *string {
	normal := map[Format]string{
		OpenAI: "stop", Responses: "completed", Anthropic: "end_turn", Gemini: "STOP",
		Bedrock: "end_turn",
	}
	refused := map[Format]string{
		Anthropic: "refusal", Gemini: "SAFETY", Bedrock: "guardrail_intervened",
	}
	reason := normal[a.format]
	if name, ok := refused[a.format]; ok && a.step.Refusal != nil {
		reason = name
	}
	return a.step.Finish.Or(reason)
}

func (a *answer) finishIs(reason string) bool {
	finish := a.finish()
	return finish != nil && *finish == reason
}

// thinking is the reasoning as one text.
func (a *answer) thinking() (string, bool) {
	return strings.Join(a.step.Reasoning, ""), a.step.Reasoning != nil
}

// data is one server-sent event without a name.
func (a *answer) data(value any) []byte {
	text, ok := value.(string)
	if !ok {
		text = string(compact(value))
	}
	return []byte("data: " + text + a.eol() + a.eol())
}

// event is one named server-sent event whose type repeats the name.
func (a *answer) event(name string, pairs ...any) []byte {
	body := compact(obj("type", name).with(pairs...))
	return []byte("event: " + name + a.eol() + "data: " + string(body) + a.eol() + a.eol())
}

// failStatus is the HTTP status that stands for the step's mid-stream error.
func (a *answer) failStatus() int {
	if fail := a.step.Fail; fail != nil && fail.Status != 0 {
		return fail.Status
	}
	return http.StatusInternalServerError
}

func (a *answer) failMessage() string {
	if fail := a.step.Fail; fail != nil && fail.Message != "" {
		return fail.Message
	}
	return fmt.Sprintf("fake %d", a.failStatus())
}

func (a *answer) failBody() object {
	code := ""
	if a.step.Fail != nil {
		code = a.step.Fail.Code
	}
	return errorBody(a.format, a.failStatus(), a.failMessage(), code)
}

// signature is the opaque base64 that ends a block of reasoning.
const signature = "c2lnbmF0dXJl"

const paddingAlphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

// padding hides the length of a piece, as the services do.
func padding(text string) string { return paddingAlphabet[:16-len([]rune(text))%16] }

// orNull gives null for a missing part.
func orNull[T any](value *T) any {
	if value == nil {
		return nil
	}
	return *value
}

func orZero(value *int) int {
	if value == nil {
		return 0
	}
	return *value
}

// plain answers paths that no provider has.
type plain struct{ *answer }

func (p plain) whole() object            { return obj("error", "unknown format") }
func (p plain) head() [][]byte           { return nil }
func (p plain) piece(text string) []byte { return p.data(text) }
func (p plain) tail() [][]byte           { return nil }
func (p plain) fail() [][]byte           { return [][]byte{p.data(p.failBody())} }
