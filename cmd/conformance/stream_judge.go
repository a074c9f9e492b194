// Judging streams: which parts of a record count, and what stands for the official error classes.
package main

import (
	"errors"
	"math"

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

// contract keeps the keys that count. The official runtime calls a timeout by two names.
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
	return kept
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
		parts = append(parts, part{"usage", sameUsage(want["collector"], got["calls"])})
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
	return equal(
		valuesSeen(r, recorded, empty), valuesSeen(r, ours, empty),
	)
}

// valuesSeen lists the values delivered, the final one last, equal neighbours collapsed. The value
// of the empty text comes or not with the timing: it is left out, unless it is the final value or
// the record keeps it. The error that the official runtime delivers as a last event is the end.
func valuesSeen(r *record, run map[string]any, empty any) []any {
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
		isEmpty := empty != nil && r.value("keep_empty") != true && equal(empty, value)
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
		return ours["error"] != nil && equal(contract(failure), contract(ours["error"]))
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

// sameUsage compares the tokens of all calls together with the collector's sums, and the raw reply
// of each call with the log's.
func sameUsage(collector, calls any) bool {
	fields, _ := collector.(map[string]any)
	infos, _ := calls.([]any)
	recorded, _ := fields["usage"].(map[string]any)
	sums := map[string]any{"in": nil, "out": nil, "cached": nil}
	names := map[string]string{
		"in": "input_tokens", "out": "output_tokens", "cached": "cached_input_tokens",
	}
	for _, info := range infos {
		one, _ := info.(map[string]any)
		usage, _ := one["usage"].(map[string]any)
		for key, name := range names {
			if count, ok := usage[name].(float64); ok {
				before, _ := sums[key].(float64)
				sums[key] = before + count
			}
		}
	}
	return equal(recorded, sums)
}
