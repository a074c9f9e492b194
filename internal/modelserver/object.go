// JSON objects whose keys keep their order: bodies are compared as text, so an answer must be
// written the same way every time.
package modelserver

import (
	"bytes"
	"encoding/json"
)

type member struct {
	key   string
	value any
}

// object is a JSON object in the order of its members.
type object []member

func obj(pairs ...any) object {
	made := make(object, 0, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		made = append(made, member{pairs[i].(string), pairs[i+1]})
	}
	return made
}

// with appends members.
func (o object) with(pairs ...any) object {
	return append(o[:len(o):len(o)], obj(pairs...)...)
}

// withIf appends members when the condition holds.
func (o object) withIf(condition bool, pairs ...any) object {
	if !condition {
		return o
	}
	return o.with(pairs...)
}

// join appends the members of another object.
func (o object) join(other object) object { return append(o[:len(o):len(o)], other...) }

// merge sets the members of a JSON object: a key that exists keeps its place.
func (o object) merge(raw json.RawMessage) object {
	merged := append(object(nil), o...)
	for _, extra := range members(raw) {
		at := -1
		for i := range merged {
			if merged[i].key == extra.key {
				at = i
			}
		}
		if at < 0 {
			merged = append(merged, extra)
		} else {
			merged[at] = extra
		}
	}
	return merged
}

// members reads a JSON object in order; anything else has none.
func members(raw json.RawMessage) object {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	if start, err := decoder.Token(); err != nil || start != json.Delim('{') {
		return nil
	}
	var read object
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return read
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return read
		}
		read = append(read, member{key.(string), value})
	}
	return read
}

// MarshalJSON writes the members in order.
func (o object) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	out.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			out.WriteByte(',')
		}
		out.Write(compact(m.key))
		out.WriteByte(':')
		out.Write(compact(m.value))
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

// compact writes a value without spaces and without escaping more than JSON asks for.
func compact(value any) []byte {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return []byte("null")
	}
	return unescapeSeparators(bytes.TrimSuffix(out.Bytes(), []byte("\n")))
}

// unescapeSeparators undoes the escapes of U+2028 and U+2029, which JSON does not ask for.
func unescapeSeparators(text []byte) []byte {
	if !bytes.Contains(text, []byte(`\u202`)) {
		return text
	}
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' || i+1 >= len(text) {
			out = append(out, text[i])
			continue
		}
		switch {
		case bytes.HasPrefix(text[i:], []byte(`\u2028`)):
			out, i = append(out, "\u2028"...), i+5
		case bytes.HasPrefix(text[i:], []byte(`\u2029`)):
			out, i = append(out, "\u2029"...), i+5
		default:
			out, i = append(out, text[i], text[i+1]), i+1
		}
	}
	return out
}

// indented writes a value with two spaces a level, as Google's service does.
func indented(value any) []byte {
	var out bytes.Buffer
	if err := json.Indent(&out, compact(value), "", "  "); err != nil {
		return []byte("null")
	}
	return out.Bytes()
}

// fields are the members of a request body, for echoing some of them.
type fields map[string]json.RawMessage

func (f fields) or(key string, normal any) any {
	if value, ok := f[key]; ok && string(value) != "null" {
		return value
	}
	return normal
}

func (f fields) truthy(key string) bool {
	switch string(f[key]) {
	case "", "null", "false", "0", `""`:
		return false
	}
	return true
}

func (f fields) inner(key string) fields {
	var inner fields
	if json.Unmarshal(f[key], &inner) != nil {
		return nil
	}
	return inner
}
