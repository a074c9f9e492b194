// Plain calls of a runtime: describe, prompt, request and parse. Data in, data out.

package baml

import (
	"encoding/json"
	"runtime"

	"github.com/bamlwire/bamlwire/bindings"
)

// Describe is what the project declares, as JSON: functions, classes, enums, clients and the names
// of the environment variables that calls may need.
func (r *Runtime) Describe() (json.RawMessage, error) {
	defer runtime.KeepAlive(r)
	text, status := r.core.table.Describe(r.core.handle)
	if status != bindings.StatusOK {
		return nil, r.core.plainError(text, status, "")
	}
	return text, nil
}

// Prompt renders the prompt of a call, as JSON: client, provider and messages.
func (r *Runtime) Prompt(function string, args any, options ...Option) (json.RawMessage, error) {
	call := &callRequest{Function: function, Mode: "call"}
	return r.plain(r.core.table.Prompt, call, args, options)
}

// HTTPRequest is the request that a call would send.
type HTTPRequest struct {
	Method  string            `json:"method"`
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers"`
	Body    json.RawMessage   `json:"body"`
}

// Request builds the HTTP request of a call that is not streamed, credentials included, without
// sending it. Media that the provider wants embedded are downloaded.
func (r *Runtime) Request(function string, args any, options ...Option) (*HTTPRequest, error) {
	return r.httpRequest(&callRequest{Function: function, Mode: "call"}, args, options)
}

// StreamRequest builds the HTTP request of a streamed call.
func (r *Runtime) StreamRequest(
	function string, args any, options ...Option,
) (*HTTPRequest, error) {
	return r.httpRequest(&callRequest{Function: function, Mode: "stream"}, args, options)
}

func (r *Runtime) httpRequest(call *callRequest, args any, options []Option) (*HTTPRequest, error) {
	text, err := r.plain(r.core.table.Request, call, args, options)
	if err != nil {
		return nil, err
	}
	built := &HTTPRequest{}
	if err := json.Unmarshal(text, built); err != nil {
		return nil, internalError(err)
	}
	return built, nil
}

// Parse reads a model's text as the value that a function promises.
func (r *Runtime) Parse(function, text string, options ...Option) (Value, error) {
	parsed, err := r.parse(function, text, false, options)
	if err != nil {
		return Value{}, err
	}
	return parsed.value()
}

// ParsePartial reads the beginning of a model's text as a stream would show it. It is false if
// there is nothing that may be shown yet.
func (r *Runtime) ParsePartial(function, text string, options ...Option) (Value, bool, error) {
	parsed, err := r.parse(function, text, true, options)
	if err != nil || len(parsed) == 0 {
		return Value{}, false, err
	}
	value, err := parsed.value()
	return value, err == nil, err
}

func (r *Runtime) parse(function, text string, partial bool, options []Option) (message, error) {
	call := &callRequest{Function: function, Text: &text, Partial: partial, Form: "wire"}
	answer, err := r.plain(r.core.table.Parse, call, nil, options)
	return message(answer), err
}

// ExplainReply reads a model's text and tells how: what it took, what else was tried, and why
// that was not taken. A reply that does not fit is explained as well; the error is for requests
// that cannot be answered, such as an unknown function.
func (r *Runtime) ExplainReply(function, text string, options ...Option) (*ReplyReading, error) {
	return r.explain(&callRequest{Function: function, Text: &text, Explain: true}, options)
}

// ExplainPartialReply does the same with the beginning of a reply.
func (r *Runtime) ExplainPartialReply(
	function, text string, options ...Option,
) (*ReplyReading, error) {
	call := &callRequest{Function: function, Text: &text, Partial: true, Explain: true}
	return r.explain(call, options)
}

func (r *Runtime) explain(call *callRequest, options []Option) (*ReplyReading, error) {
	text, err := r.plain(r.core.table.Parse, call, nil, options)
	if err != nil {
		return nil, err
	}
	made := &ReplyReading{}
	if err := json.Unmarshal(text, made); err != nil {
		return nil, internalError(err)
	}
	return made, nil
}

// plain makes one of the plain calls.
func (r *Runtime) plain(
	function func(uint64, []byte) ([]byte, bindings.Status),
	call *callRequest, args any, options []Option,
) ([]byte, error) {
	defer runtime.KeepAlive(r)
	request, err := r.core.request(call, args, gather(options))
	if err != nil {
		return nil, err
	}
	answer, status := function(r.core.handle, request)
	if status != bindings.StatusOK {
		return nil, r.core.plainError(answer, status, call.Function)
	}
	return answer, nil
}
