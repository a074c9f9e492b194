// Goal: recorded answers agree with themselves in every kind, and wrong answers are counted wrong.
// Method: the official answers are put in the place of the stack's; then each is spoiled.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const recordsFolder = "../../rust/testdata/conformance"

// official answers a record with what was recorded.
func official(kind string, r *record) answer {
	got := answer{}
	switch kind {
	case "check":
		got["ok"], got["items"] = r.value("ok"), r.value("items")
	case "parse":
		for _, key := range []string{"final", "error", "partials"} {
			if r.has(key) {
				got[key] = r.value(key)
			}
		}
		if entries, ok := got["partials"].([]any); ok {
			got["partials"] = merged(entries)
		}
	case "request":
		for _, key := range []string{"request", "requests", "error"} {
			if r.has(key) {
				got[key] = r.value(key)
			}
		}
		if options, ok := r.value("any_of").([]any); ok {
			got = options[0].(map[string]any)
		}
	case "stream":
		for _, key := range []string{"events", "final", "error", "runs", "server", "gaps_ms"} {
			if r.has(key) {
				got[key] = r.value(key)
			}
		}
		got["calls"] = []any{officialInfo(r)}
	}
	return got
}

func officialInfo(r *record) map[string]any {
	collector, _ := r.value("collector").(map[string]any)
	logs, _ := collector["logs"].([]any)
	log, _ := logs[0].(map[string]any)
	return map[string]any{
		"usage": officialUsage(collector), "raw_reply": log["raw"], "attempts": log["calls"],
	}
}

func officialUsage(collector map[string]any) map[string]any {
	usage, _ := collector["usage"].(map[string]any)
	return map[string]any{
		"input_tokens": usage["in"], "output_tokens": usage["out"], "cached_input_tokens": usage["cached"],
	}
}

// spoil makes a right answer wrong.
func spoil(kind string, got answer) {
	switch kind {
	case "check":
		got["ok"] = got["ok"] != true
	case "parse":
		if _, fails := got["error"]; fails {
			delete(got, "error")
			got["final"] = "invented"
			return
		}
		got["final"] = map[string]any{"wrapped": got["final"]}
	case "request":
		if got["error"] != nil {
			delete(got, "error")
			got["request"] = map[string]any{}
			return
		}
		got["error"] = map[string]any{"stage": "elsewhere"}
	case "stream":
		got["server"] = []any{"nobody came", "at all", "or too many", 1.0, 2.0, 3.0, 4.0, 5.0}
		got["final"], got["error"] = "invented", map[string]any{"class": "Invented"}
		if runs, ok := got["runs"].([]any); ok {
			got["runs"] = runs[1:]
		}
	}
}

func recordsOf(t *testing.T, kind string) []*record {
	t.Helper()
	records, err := readRecords([]string{filepath.Join(recordsFolder, kind)})
	require.NoError(t, err)
	return records
}

func TestJudge_recorded_answers_all_agree(t *testing.T) {
	for _, name := range []string{"check", "parse", "request", "stream"} {
		k, err := kindNamed(name)
		require.NoError(t, err)
		k.ask = func(_ context.Context, r *record) (answer, error) { return official(name, r), nil }
		results := k.run(context.Background(), recordsOf(t, name), nil)
		var out bytes.Buffer
		made := newReport(name, results)
		made.list(&out)
		assert.Equal(t, len(results), made.agree, "%s: %s", name, out.String())
	}
}

func TestJudge_wrong_answers_never_agree(t *testing.T) {
	for _, name := range []string{"check", "parse", "request", "stream"} {
		k, err := kindNamed(name)
		require.NoError(t, err)
		k.ask = func(_ context.Context, r *record) (answer, error) {
			got := official(name, r)
			spoil(name, got)
			return got, nil
		}
		results := k.run(context.Background(), recordsOf(t, name), nil)
		agree := 0
		for _, judged := range results {
			if judged.agrees && !isCrash(judged.record) {
				agree++
				t.Logf("%s %s agrees though it is wrong", name, judged.record.ID)
			}
		}
		assert.Zero(t, agree, name)
	}
}

// isCrash tells records for which any error is right.
func isCrash(r *record) bool {
	failure, _ := r.value("error").(map[string]any)
	return failure["stage"] == stageCrash
}

func TestJudge_partials_one_wrong_prefix_differs(t *testing.T) {
	k, err := kindNamed("parse")
	require.NoError(t, err)
	for _, r := range recordsOf(t, "parse") {
		got := official("parse", r)
		entries, ok := got["partials"].([]any)
		if !ok {
			continue
		}
		require.True(t, k.judge(r, got).agrees, r.ID)
		last, _ := entries[len(entries)-1].(map[string]any)
		last["at"] = last["at"].(float64) + 1
		require.False(t, k.judge(r, got).agrees, r.ID)
	}
}

func TestJudge_messages_and_places_count_apart(t *testing.T) {
	r := lineRecord(t, `{"id":"x","ok":false,"items":[
		{"file":"a","severity":"error","start":[3,1],"end":[3,2],"message":"m"}]}`)
	got := answer{"ok": false, "items": decoded([]byte(
		`[{"file":"a","severity":"error","start":[3,9],"end":[4,2],"message":"other"}]`))}
	judged := judgeCheck(r, got)
	assert.False(t, judged.agrees)
	assert.Equal(t, []part{{"ok", true}, {"places", true}, {"messages", false}}, judged.parts)
}

func lineRecord(t *testing.T, line string) *record {
	t.Helper()
	path := filepath.Join(t.TempDir(), "one.jsonl")
	var compacted bytes.Buffer
	require.NoError(t, json.Compact(&compacted, []byte(line)))
	require.NoError(t, os.WriteFile(path, compacted.Bytes(), 0o600))
	records, err := readRecords([]string{path})
	require.NoError(t, err)
	require.Len(t, records, 1)
	return records[0]
}

func TestDifferences_count_only_with_the_answer_they_name(t *testing.T) {
	r := lineRecord(t, `{"id":"x","final":1}`)
	chosen := map[string]difference{"x": {Reason: "why", Ours: json.RawMessage(`{"final":2}`)}}
	for final, byChoice := range map[any]bool{2.0: true, 3.0: false} {
		k := kind{"parse", func(context.Context, *record) (answer, error) {
			return answer{"final": final, "more": true}, nil
		}, judgeParse, 1}
		results := k.run(context.Background(), []*record{r}, chosen)
		made := newReport("parse", results)
		assert.Equal(t, byChoice, results[0].byChoice)
		assert.Zero(t, made.agree)
		var out bytes.Buffer
		made.figures(&out)
		if byChoice {
			assert.Contains(t, out.String(), "parse: 0 of 1 agree, 1 differ by choice\n")
		} else {
			assert.Contains(t, out.String(), "parse: 0 of 1 agree\n")
		}
	}
}

func TestEqual_texts_with_ellipsis_and_numbers(t *testing.T) {
	assert.True(t, equal(decoded([]byte(`{"a":1.0,"b":["x…"]}`)), decoded([]byte(`{"b":["xyz"],"a":1}`))))
	assert.False(t, equal(decoded([]byte(`["x…"]`)), decoded([]byte(`["yz"]`))))
	assert.False(t, equal(decoded([]byte(`{"a":null}`)), decoded([]byte(`{}`))))
	assert.False(t, equal(decoded([]byte(`[1]`)), decoded([]byte(`["1"]`))))
	assert.True(t, equal(decoded([]byte(`{"$number":"-0"}`)), decoded([]byte(`0`))))
}

func TestExecute_wrong_usage_and_unknown_ids(t *testing.T) {
	var out, problems bytes.Buffer
	assert.Equal(t, exitUsage, execute(t.Context(), []string{"parse"}, &out, &problems))
	assert.Equal(t, exitUsage, execute(t.Context(), []string{"parse", t.TempDir()}, &out, &problems))
	assert.Contains(t, problems.String(), "no records found")
	problems.Reset()
	folder := filepath.Join(recordsFolder, "parse")
	args := []string{"parse", "--show", "nosuch", folder}
	assert.Equal(t, exitUsage, execute(t.Context(), args, &out, &problems))
	assert.Contains(t, problems.String(), `no record "nosuch"`)
}
