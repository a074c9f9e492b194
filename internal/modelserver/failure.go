// The providers' own error bodies for an HTTP status, and the headers and types around answers.
package modelserver

import "fmt"

type openAIError struct {
	kind string
	code any
}

var openAIErrors = map[int]openAIError{
	400: {"invalid_request_error", nil},
	401: {"invalid_request_error", "invalid_api_key"},
	403: {"invalid_request_error", "unsupported_country_region_territory"},
	404: {"invalid_request_error", "model_not_found"},
	429: {"requests", "rate_limit_exceeded"},
}

var anthropicErrors = map[int]string{
	400: "invalid_request_error", 401: "authentication_error", 402: "billing_error",
	403: "permission_error", 404: "not_found_error", 413: "request_too_large",
	429: "rate_limit_error", 504: "timeout_error", 529: "overloaded_error",
}

var googleErrors = map[int]string{
	400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND",
	409: "ABORTED", 429: "RESOURCE_EXHAUSTED", 499: "CANCELLED", 500: "INTERNAL",
	501: "UNIMPLEMENTED", 503: "UNAVAILABLE", 504: "DEADLINE_EXCEEDED",
}

var awsErrors = map[int]string{
	400: "ValidationException", 403: "AccessDeniedException", 404: "ResourceNotFoundException",
	408: "ModelTimeoutException", 424: "ModelErrorException", 429: "ThrottlingException",
	500: "InternalServerException", 503: "ServiceUnavailableException",
}

var awsEventErrors = map[int]string{
	400: "validationException", 424: "modelStreamErrorException", 429: "throttlingException",
	500: "internalServerException", 503: "serviceUnavailableException",
}

// either gives the first name that is not empty; below 500 the fault is the client's.
func either(code, named string, status int, clients, servers string) string {
	switch {
	case code != "":
		return code
	case named != "":
		return named
	case status < 500:
		return clients
	}
	return servers
}

// errorBody is the provider's error for a status; empty message and code take the usual ones.
func errorBody(format Format, status int, message, code string) object {
	if message == "" {
		message = fmt.Sprintf("fake %d", status)
	}
	switch format {
	case Anthropic:
		kind := either(code, anthropicErrors[status], status, "invalid_request_error", "api_error")
		return obj("type", "error", "error", obj("type", kind, "message", message), "request_id",
			"req_1")
	case Gemini:
		kind := either(code, googleErrors[status], status, "FAILED_PRECONDITION", "INTERNAL")
		return obj("error", obj("code", status, "message", message, "status", kind))
	case Bedrock:
		return obj("message", message)
	case OpenAI, Responses:
		known := openAIErrors[status]
		kind := either("", known.kind, status, "invalid_request_error", "server_error")
		shown := known.code
		if code != "" {
			shown = code
		}
		return obj("error", obj("message", message, "type", kind, "param", nil, "code", shown))
	}
	return obj("error", obj("message", message, "type", "fake", "code", status))
}

// idHeaders are the request ids that the services send.
func idHeaders(format Format) map[string]string {
	switch format {
	case Anthropic:
		return map[string]string{"request-id": "req_1"}
	case Bedrock:
		return map[string]string{"x-amzn-requestid": "00000000-0000-4000-8000-000000000001"}
	case OpenAI, Responses:
		return map[string]string{"x-request-id": "req_1"}
	}
	return nil
}

func jsonType(format Format) string {
	if format == Gemini {
		return "application/json; charset=UTF-8"
	}
	return "application/json"
}

func (a *answer) streamType() string {
	switch {
	case a.format == Bedrock:
		return "application/vnd.amazon.eventstream"
	case a.format == Gemini && a.isArray():
		return jsonType(a.format)
	case a.format == Gemini:
		return "text/event-stream"
	}
	return "text/event-stream; charset=utf-8"
}
