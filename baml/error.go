// Errors as callers see them: the sentinels, *Error, and how the runtime's JSON becomes one.

package baml

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/bamlwire/bamlwire/bindings"
)

var (
	// ErrAborted is matched by the error of every call that was cancelled, by whatever means.
	ErrAborted = errors.New("baml: aborted")
	// ErrClosed is matched by errors of using what was closed, and of calls that Close ended.
	ErrClosed = errors.New("baml: closed")
	// ErrTripped is matched if a shared Tripwire ended the call.
	ErrTripped = errors.New("baml: tripwire tripped")
)

// ErrorKind says what went wrong, and so who is at fault. Each kind is an error that those of its
// kind match: errors.Is(err, baml.ErrorTimeout).
type ErrorKind string

// Error is the kind's name.
func (k ErrorKind) Error() string { return string(k) }

// The kinds of errors.
const (
	// ErrorInvalidArgument: the caller gave something wrong, such as an unknown function.
	ErrorInvalidArgument ErrorKind = "invalid_argument"
	// ErrorProject: the sources do not check; see Diagnostics.
	ErrorProject ErrorKind = "project"
	// ErrorEnvironment: a variable is not set; see Variable.
	ErrorEnvironment ErrorKind = "environment"
	// ErrorHTTP: the provider answered with an error; see Status, Body, RequestID and RetryAfterMS.
	ErrorHTTP ErrorKind = "http"
	// ErrorTransport: no exchange took place, or it broke, or the provider told of an error in the
	// middle of its answer; see Connecting, Code and Body.
	ErrorTransport ErrorKind = "transport"
	// ErrorTimeout: a time limit was reached; see Limit.
	ErrorTimeout ErrorKind = "timeout"
	// ErrorValidation: the reply is not a value of the promised type; see Reasons and RawReply.
	ErrorValidation ErrorKind = "validation"
	// ErrorFinishReason: the client does not accept how the reply ended.
	ErrorFinishReason ErrorKind = "finish_reason"
	// ErrorAborted: somebody lost interest.
	ErrorAborted ErrorKind = "aborted"
	// ErrorInternal: a defect of bamlwire.
	ErrorInternal ErrorKind = "internal"
)

// Error is the error of a call. Use errors.As to get at it.
type Error struct {
	Kind    ErrorKind `json:"kind"`
	Message string    `json:"message"`
	// Function is the BAML function called, if any.
	Function string `json:"function,omitempty"`
	// Client is the client that failed last.
	Client string `json:"client,omitempty"`
	// Status is the HTTP status, 0 if there was none.
	Status int `json:"status,omitempty"`
	// Body is what the provider answered, cut to a sane length.
	Body string `json:"body,omitempty"`
	// RequestID is the provider's name for the request.
	RequestID string `json:"request_id,omitempty"`
	// RetryAfterMS is how long the provider asks to wait, 0 if it does not say.
	RetryAfterMS int `json:"retry_after_ms,omitempty"`
	// Code is the provider's own code for what went wrong in the middle of its answer.
	Code string `json:"code,omitempty"`
	// Connecting: no connection came about.
	Connecting bool `json:"connecting,omitempty"`
	// Limit names the time limit that was reached (connect, first_token, idle, request, total or
	// queue), LimitMS how long it was.
	Limit   string `json:"limit,omitempty"`
	LimitMS int    `json:"limit_ms,omitempty"`
	// Variable is the environment variable that is missing.
	Variable string `json:"variable,omitempty"`
	// FinishReason is the one refused.
	FinishReason string `json:"finish_reason,omitempty"`
	// Prompt and RawReply are what was asked and answered, if the reply is at fault.
	Prompt   string `json:"prompt,omitempty"`
	RawReply string `json:"raw_reply,omitempty"`
	// Reasons tell where the reply does not fit.
	Reasons []Reason `json:"reasons,omitempty"`
	// Diagnostics are the faults of the sources, if they are at fault.
	Diagnostics []Diagnostic `json:"diagnostics,omitempty"`
	// Attempts are the tries behind the error, in order. The last one of a call that was aborted
	// may be the one that was under way.
	Attempts []Attempt `json:"attempts,omitempty"`
	// Partial is the newest partial value of an aborted stream, if there was one. What it used by
	// then is in Info, as UsageSoFar.
	Partial *Partial `json:"-"`
	// Detail is the whole error as the runtime told it.
	Detail json.RawMessage `json:"-"`

	causes []error
	info   packedInfo
	tags   map[string]any
}

// Info is what is known about the call that failed; empty if it never started.
func (e *Error) Info() Info { return e.info.parsed(e.tags) }

// Reason is one place where a reply does not fit the type.
type Reason struct {
	// Path leads from the whole value to the place, as items[2].price; empty is the whole.
	Path string `json:"path"`
	// Message is what is wrong there, as a sentence.
	Message string `json:"message"`
	// Wanted is the type that was promised, Found what stands in its place: its kind and its
	// beginning. Each is empty where the message says all.
	Wanted string `json:"wanted"`
	Found  string `json:"found"`
}

// Attempt is one failed try of a call: one request to one client.
type Attempt struct {
	Client  string    `json:"client"`
	Kind    ErrorKind `json:"kind"`
	Status  int       `json:"status,omitempty"`
	Message string    `json:"message"`
}

// Diagnostic is one message about the sources. Lines count from 1, columns from 0 in UTF-16 units.
type Diagnostic struct {
	ID       string `json:"id"`
	Severity string `json:"severity"`
	Message  string `json:"message"`
	File     string `json:"file"`
	Start    [2]int `json:"start"`
	End      [2]int `json:"end"`
	Help     string `json:"help,omitempty"`
	// Labels are further places to look at.
	Labels []DiagnosticLabel `json:"labels,omitempty"`
	// Consequence: it follows from another error of the list and goes with it. People need not be
	// shown it.
	Consequence bool `json:"consequence,omitempty"`
}

// DiagnosticLabel is a place that belongs to a diagnostic; lines and columns as there.
type DiagnosticLabel struct {
	Text  string `json:"text"`
	File  string `json:"file"`
	Start [2]int `json:"start"`
	End   [2]int `json:"end"`
}

// Error says what went wrong in which function, and with which client.
func (e *Error) Error() string {
	said := "baml: "
	if e.Function != "" {
		said += e.Function + ": "
	}
	// Where the message is about the client itself it names it.
	if e.Client != "" && !strings.Contains(e.Message, "`"+e.Client+"`") {
		said += "client " + e.Client + ": "
	}
	return said + e.Message
}

// Unwrap gives what the error also is: ErrAborted, the context's error and its cause, and so on.
func (e *Error) Unwrap() []error { return e.causes }

// Is matches the error's kind.
func (e *Error) Is(target error) bool {
	kind, ok := target.(ErrorKind)
	return ok && kind == e.Kind
}

// Timeout tells whether a time limit was reached, as net.Error does.
func (e *Error) Timeout() bool { return e.Kind == ErrorTimeout }

// IsRetryable tells whether the same call may succeed later: the provider was overloaded or out of
// reach, or a time limit passed.
func (e *Error) IsRetryable() bool {
	const tooManyRequests, serverErrorMin = 429, 500
	switch e.Kind {
	case ErrorTransport, ErrorTimeout:
		return true
	case ErrorHTTP:
		return e.Status == tooManyRequests || e.Status >= serverErrorMin
	default:
		return false
	}
}

// errorFrom reads the JSON error of the runtime.
func errorFrom(problem []byte, status bindings.Status, function string) *Error {
	failure := &Error{}
	if len(problem) == 0 || json.Unmarshal(problem, failure) != nil || failure.Kind == "" {
		message := fmt.Sprintf("%s: %s", status, problem)
		*failure = Error{Kind: kindOfStatus(status), Message: message}
	}
	if failure.Function == "" {
		failure.Function = function
	}
	failure.Detail = problem
	if failure.Kind == ErrorAborted {
		failure.causes = []error{ErrAborted}
	}
	return failure
}

func kindOfStatus(status bindings.Status) ErrorKind {
	switch status {
	case bindings.StatusAborted:
		return ErrorAborted
	case bindings.StatusBadArgument, bindings.StatusFailed:
		return ErrorInvalidArgument
	default:
		return ErrorInternal
	}
}

// abortedError is the error of a call that ended by one of the causes.
func abortedError(function, message string, causes ...error) *Error {
	return &Error{
		Kind:     ErrorAborted,
		Function: function,
		Message:  message,
		causes:   append([]error{ErrAborted}, causes...),
	}
}

func closedError(what string) *Error {
	failure := invalidError("%s is closed", what)
	failure.causes = []error{ErrClosed}
	return failure
}

// invalidError is the error of a caller who gave something wrong.
func invalidError(format string, arguments ...any) *Error {
	return &Error{Kind: ErrorInvalidArgument, Message: fmt.Sprintf(format, arguments...)}
}

// invalidBecause is the same with what was wrong as its cause.
func invalidBecause(what string, cause error) *Error {
	failure := invalidError("%s: %s", what, cause)
	failure.causes = []error{cause}
	return failure
}
