// Judging streams: which parts of a record count, and what stands for the official error classes.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"net/http"

	"github.com/bamlwire/bamlwire/baml"
)

// gapTolerance is how far a measured pause between requests may lie from the recorded one.
const gapTolerance = 60

// Status codes that stand for trouble that is not an HTTP status.
const (
	statusBroken  = 2
	statusRefused = 503
	statusTimeout = 408
)

// failure writes an error as the records do: class, status, client and texts.
func (s *streamRun) failure(err error) map[string]any {
	made := map[string]any{"class": "Error", "message": s.portless(err.Error())}
	var failure *baml.Error
	if !errors.As(err, &failure) {
		return made
	}
	detail, _ := decoded(failure.Detail).(map[string]any)
	status := float64(failure.Status)
	if failure.Kind == baml.ErrorHTTP && failure.Status < http.StatusMultipleChoices {
		// The answer came and was of no use: officially not an HTTP error.
		status = statusBroken
	}
	switch failure.Kind {
	case baml.ErrorAborted:
		made["class"] = "BamlAbortError"
		return made
	case baml.ErrorInvalidArgument:
		made["class"] = "BamlInvalidArgumentError"
	case baml.ErrorHTTP:
		made["class"] = "BamlClientHttpError"
	case baml.ErrorTransport:
		made["class"], status = "BamlClientHttpError", statusBroken
		if detail["connecting"] == true {
			status = statusRefused
		}
	case baml.ErrorTimeout:
		made["class"], status = "BamlClientHttpError", statusTimeout
	case baml.ErrorValidation:
		made["class"] = "BamlValidationError"
	case baml.ErrorFinishReason:
		made["class"] = "BamlClientFinishReasonError"
		made["finish_reason"] = failure.FinishReason
	}
	if status != 0 {
		made["status_code"], made["client_name"] = status, failure.Client
	}
	if failure.Kind == baml.ErrorValidation || failure.Kind == baml.ErrorFinishReason {
		made["raw_output"], made["prompt"] = s.portless(failure.RawReply),
			s.portless(failure.Prompt)
	}
	if failure.Body != "" {
		made["raw_response"] = s.portless(failure.Body)
	}
	return made
}

// errorContract are the keys of an error that count. The words of messages are our own.
var errorContract = []string{
	"class", "status_code", "client_name", "raw_output", "prompt", "finish_reason", "raw_response",
}

// noResponse is what the official runtime puts in the place of a body that did not come.
const noResponse = "<no response or invalid utf-8>"

// contract keeps the keys that count. The official runtime calls a timeout by two names, and an
// answer that it could not use by status 2 or 200.
func contract(failure any) map[string]any {
	fields, _ := failure.(map[string]any)
	kept := map[string]any{}
	for _, key := range errorContract {
		if value, ok := fields[key]; ok && value != "" && value != nil {
			kept[key] = value
		}
	}
	if kept["class"] == "BamlTimeoutError" {
		kept["class"] = "BamlClientHttpError"
	}
	status, told := kept["status_code"].(float64)
	if told && status >= http.StatusOK && status < http.StatusMultipleChoices {
		kept["status_code"] = float64(statusBroken)
	}
	if kept["raw_response"] == noResponse {
		delete(kept, "raw_response")
	}
	if body, ok := kept["raw_response"].(string); ok {
		kept["raw_response"] = respaced(body)
	}
	return kept
}

// respaced writes a body that is JSON without white space: officially it is printed anew, here it
// is kept as it came.
func respaced(body string) string {
	var compact bytes.Buffer
	if json.Compact(&compact, []byte(body)) != nil {
		return body
	}
	return compact.String()
}

func judgeStream(r *record, got answer) verdict {
	want := map[string]any{}
	ignored := map[string]bool{}
	var ignore []string
	if r.into("ignore", &ignore) == nil {
		for _, key := range ignore {
			ignored[key] = true
		}
	}
	for _, key := range []string{"events", "final", "error", "runs", "collector", "server",
		"gaps_ms"} {
		if r.has(key) && !ignored[key] {
			want[key] = r.value(key)
		}
	}
	var parts []part
	if !isMatchFinal(r) && r.value("mode") != modeCall {
		parts = append(parts, part{"events", sameRuns(r, want, got, sameEvents)})
	}
	parts = append(parts, part{"end", sameRuns(r, want, got, sameEnd)})
	if _, ok := want["server"]; ok {
		parts = append(parts, part{"server", equal(want["server"], got["server"])})
	}
	if gaps, ok := want["gaps_ms"].([]any); ok {
		ours, _ := got["gaps_ms"].([]any)
		parts = append(parts, part{"gaps", sameGaps(gaps, ours)})
	}
	if _, ok := want["collector"]; ok {
		parts = append(parts, collectorParts(r, want["collector"], got["calls"])...)
	}
	return all(want, map[string]any(got), parts...)
}

func isMatchFinal(r *record) bool { return r.value("match") == "final" }

// sameRuns applies a comparison to the one run of a record, or to each of its runs.
func sameRuns(
	r *record, want map[string]any, got answer, same func(r *record, want, got, empty any) bool,
) bool {
	recorded, repeated := want["runs"].([]any)
	if !repeated {
		return same(r, want, map[string]any(got), got["empty"])
	}
	ours, _ := got["runs"].([]any)
	if len(ours) != len(recorded) {
		return false
	}
	for i := range recorded {
		if !same(r, recorded[i], ours[i], got["empty"]) {
			return false
		}
	}
	return true
}

// sameEvents compares the partial values as a reader sees them.
func sameEvents(r *record, want, got, empty any) bool {
	recorded, _ := want.(map[string]any)
	ours, _ := got.(map[string]any)
	if isPaced(r) {
		keepsEmpty := r.value("keep_empty") == true
		return equal(valuesSeen(recorded, empty, keepsEmpty), valuesSeen(ours, empty, keepsEmpty))
	}
	// What came at once may be skipped, by either; the order and the end may not change.
	seen, expected := valuesSeen(ours, empty, false), valuesSeen(recorded, empty, false)
	return isSubsequence(seen, expected) || isSubsequence(expected, seen)
}

// isPaced tells whether the scripted pieces come apart, so that each partial can be seen.
func isPaced(r *record) bool {
	read, err := readStreamCase(r)
	if err != nil {
		return true
	}
	for _, steps := range read.Scenario.Routes {
		for _, step := range steps {
			if step.Delay > 0 {
				return true
			}
		}
	}
	return false
}

// isSubsequence tells whether part has only values of whole, in its order, and the same last one.
func isSubsequence(part, whole []any) bool {
	if len(part) == 0 || len(whole) == 0 {
		return len(part) == 0
	}
	at := 0
	for _, value := range whole {
		if at < len(part) && equal(value, part[at]) {
			at++
		}
	}
	return at == len(part)
}

// valuesSeen lists the values delivered, the final one last, equal neighbours collapsed. The value
// of the empty text comes or not with the timing: it is left out, unless it is the final value or
// the record keeps it. The error that the official runtime delivers as a last event is the end.
func valuesSeen(run map[string]any, empty any, keepsEmpty bool) []any {
	events, _ := run["events"].([]any)
	final, succeeded := run["final"]
	var values []any
	for _, event := range events {
		fields, _ := event.(map[string]any)
		if value, ok := fields["v"]; ok {
			values = append(values, value)
		}
	}
	if succeeded {
		values = append(values, final)
	}
	seen := []any{}
	for _, value := range values {
		isEmpty := empty != nil && !keepsEmpty && equal(empty, value)
		if isEmpty && (!succeeded || !equal(final, value)) {
			continue
		}
		if len(seen) > 0 && equal(seen[len(seen)-1], value) {
			continue
		}
		seen = append(seen, value)
	}
	return seen
}

// sameEnd compares the final value or the contract of the error.
func sameEnd(_ *record, want, got, _ any) bool {
	recorded, _ := want.(map[string]any)
	ours, _ := got.(map[string]any)
	if failure, fails := recorded["error"]; fails {
		expected, told := contract(failure), contract(ours["error"])
		if _, recorded := expected["raw_response"]; !recorded {
			// Some bodies are kept back officially.
			delete(told, "raw_response")
		}
		return ours["error"] != nil && equal(expected, told)
	}
	_, fails := ours["error"]
	return !fails && equal(recorded["final"], ours["final"])
}

func sameGaps(want, got []any) bool {
	if len(want) != len(got) {
		return false
	}
	for i := range want {
		w, _ := want[i].(float64)
		g, _ := got[i].(float64)
		if math.Abs(w-g) > gapTolerance {
			return false
		}
	}
	return true
}
