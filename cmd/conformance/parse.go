// parse: a model's text and the value made of it, whole and for growing prefixes.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"github.com/bamlwire/bamlwire/baml"
)

// projects keeps loaded projects by their sources: hundreds of records share a few.
var projects = struct {
	sync.Mutex
	loaded map[string]*baml.Runtime
}{loaded: map[string]*baml.Runtime{}}

// projectOf loads the record's sources once.
func projectOf(r *record) (*baml.Runtime, error) {
	files, err := r.sources()
	if err != nil {
		return nil, err
	}
	key, err := json.Marshal(files)
	if err != nil {
		return nil, err
	}
	projects.Lock()
	defer projects.Unlock()
	if known := projects.loaded[string(key)]; known != nil {
		return known, nil
	}
	loaded, err := baml.LoadFiles(files, baml.WithLookupEnv(noEnvironment))
	if err != nil {
		return nil, fmt.Errorf("load %s: %w", r.keys["baml"], err)
	}
	projects.loaded[string(key)] = loaded
	return loaded, nil
}

// noEnvironment keeps this process's environment out of the answers.
func noEnvironment(string) (string, bool) { return "", false }

// textOf is the model's text of a record.
func textOf(r *record) (string, error) {
	var text string
	if !r.has("text_parts") {
		return text, r.into("text", &text)
	}
	var parts [][2]json.RawMessage
	if err := r.into("text_parts", &parts); err != nil {
		return "", err
	}
	var whole strings.Builder
	for _, repeated := range parts {
		var piece string
		var times int
		if err := json.Unmarshal(repeated[0], &piece); err != nil {
			return "", err
		}
		if err := json.Unmarshal(repeated[1], &times); err != nil {
			return "", err
		}
		whole.WriteString(strings.Repeat(piece, times))
	}
	return whole.String(), nil
}

// cutsOf lists where prefixes end, in code points.
func cutsOf(r *record, length int) ([]int, error) {
	var chunks []string
	if err := r.into("partial_chunks", &chunks); err != nil {
		return nil, err
	}
	if chunks != nil {
		cuts, at := []int{0}, 0
		for _, chunk := range chunks {
			at += len([]rune(chunk))
			cuts = append(cuts, min(at, length))
		}
		return cuts, nil
	}
	step := 1
	if err := r.into("partial_step", &step); err != nil {
		return nil, err
	}
	var cuts []int
	for at := 0; at < length; at += max(step, 1) {
		cuts = append(cuts, at)
	}
	return append(cuts, length), nil
}

func askParse(_ context.Context, r *record) (answer, error) {
	project, err := projectOf(r)
	if err != nil {
		return answer{"error": err.Error()}, nil
	}
	var function, types string
	if err := r.into("function", &function); err != nil {
		return nil, err
	}
	var options []baml.Option
	if err := r.into("type_builder", &types); err != nil {
		return nil, err
	}
	if types != "" {
		options = append(options, baml.WithTypeBuilder(new(baml.TypeBuilder).AddBAML(types)))
	}
	text, err := textOf(r)
	if err != nil {
		return nil, err
	}
	got := answer{}
	if value, err := project.Parse(function, text, options...); err != nil {
		got["error"] = err.Error()
	} else {
		got["final"] = plainJSON(value)
	}
	if !r.has("partials") {
		return got, nil
	}
	runes := []rune(text)
	cuts, err := cutsOf(r, len(runes))
	if err != nil {
		return nil, err
	}
	var partials []any
	for _, at := range cuts {
		partials = append(partials, askPartial(project, function, string(runes[:at]), at, options))
	}
	got["partials"] = merged(partials)
	return got, nil
}

func askPartial(
	project *baml.Runtime, function, prefix string, at int, options []baml.Option,
) map[string]any {
	value, shown, err := project.ParsePartial(function, prefix, options...)
	switch {
	case err != nil:
		return map[string]any{"at": float64(at), "error": err.Error()}
	case !shown:
		return map[string]any{"at": float64(at), "error": "nothing to show yet"}
	}
	return map[string]any{"at": float64(at), "value": plainJSON(value)}
}

// merged collapses equal neighbours, as the records do. Two errors are equal whatever they say.
func merged(entries []any) []any {
	var kept []any
	for _, entry := range entries {
		if len(kept) > 0 && samePartial(kept[len(kept)-1], entry) {
			continue
		}
		kept = append(kept, entry)
	}
	return kept
}

// samePartial compares values, and of errors only that they are errors.
func samePartial(want, got any) bool {
	w, _ := want.(map[string]any)
	g, _ := got.(map[string]any)
	_, wantFails := w["error"]
	_, gotFails := g["error"]
	if wantFails || gotFails {
		return wantFails && gotFails
	}
	return equal(w["value"], g["value"])
}

// judgeParse compares the final value, or that there is none: the words of an error are our own.
func judgeParse(r *record, got answer) verdict {
	want := map[string]any{}
	for _, key := range []string{"final", "error", "partials"} {
		if r.has(key) {
			want[key] = r.value(key)
		}
	}
	_, fails := got["error"]
	final := fails
	if r.has("final") {
		final = !fails && equal(want["final"], got["final"])
	}
	parts := []part{{"final", final}}
	if recorded, ok := want["partials"].([]any); ok {
		ours, _ := got["partials"].([]any)
		parts = append(parts, part{"partials", samePartials(merged(recorded), ours)})
	}
	return all(want, map[string]any(got), parts...)
}

func samePartials(want, got []any) bool {
	if len(want) != len(got) {
		return false
	}
	for i := range want {
		w, _ := want[i].(map[string]any)
		g, _ := got[i].(map[string]any)
		if w["at"] != g["at"] || !samePartial(w, g) {
			return false
		}
	}
	return true
}
