// Comparing JSON values: keys in any order, numbers as floats, a recorded text that ends in an
// ellipsis as the beginning of ours.
package main

import (
	"bytes"
	"encoding/json"
	"strings"
)

// decoded reads JSON into plain values; numbers become float64, as the records were written by
// JavaScript. Nothing and broken text become nil.
func decoded(text []byte) any {
	if len(bytes.TrimSpace(text)) == 0 {
		return nil
	}
	var value any
	if json.Unmarshal(text, &value) != nil {
		return nil
	}
	return unwrapNumbers(value)
}

// unwrapNumbers replaces {"$number": "-0"}, which is how a negative zero was recorded.
func unwrapNumbers(value any) any {
	switch v := value.(type) {
	case []any:
		for i := range v {
			v[i] = unwrapNumbers(v[i])
		}
	case map[string]any:
		if len(v) == 1 && v["$number"] == "-0" {
			return 0.0
		}
		for key := range v {
			v[key] = unwrapNumbers(v[key])
		}
	}
	return value
}

// plainJSON turns any value into plain JSON values.
func plainJSON(value any) any {
	text, err := json.Marshal(value)
	if err != nil {
		return nil
	}
	return decoded(text)
}

// equal compares what was recorded with what we got.
func equal(want, got any) bool {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok || len(g) != len(w) {
			return false
		}
		for key, value := range w {
			other, ok := g[key]
			if !ok || !equal(value, other) {
				return false
			}
		}
		return true
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return false
		}
		for i := range w {
			if !equal(w[i], g[i]) {
				return false
			}
		}
		return true
	case string:
		g, ok := got.(string)
		return ok && equalText(w, g)
	default:
		return want == got
	}
}

const ellipsis = "…"

// equalText compares only what stands before a final ellipsis, which stands for internals of the
// official runtime.
func equalText(want, got string) bool {
	if prefix, cut := strings.CutSuffix(want, ellipsis); cut && want != got {
		return strings.HasPrefix(got, prefix)
	}
	return want == got
}

// contains tells whether got has all that part says: of objects, those in lists too, only the keys
// named count. An error's text may stand behind the names of the call that met it.
func contains(part, got any) bool {
	if items, ok := part.([]any); ok {
		others, ok := got.([]any)
		if !ok || len(others) != len(items) {
			return false
		}
		for i := range items {
			if !contains(items[i], others[i]) {
				return false
			}
		}
		return true
	}
	named, ok := part.(map[string]any)
	if !ok {
		return equal(part, got)
	}
	g, ok := got.(map[string]any)
	if !ok {
		return false
	}
	for key, value := range named {
		other, ok := g[key]
		if !ok || !(contains(value, other) || key == "error" && endsWith(other, value)) {
			return false
		}
	}
	return true
}

func endsWith(got, want any) bool {
	text, isText := got.(string)
	end, isEnd := want.(string)
	return isText && isEnd && end != "" && strings.HasSuffix(text, end)
}

// indented writes a value for people.
func indented(value any) string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		return err.Error()
	}
	return strings.TrimSuffix(out.String(), "\n")
}
