// How a Value becomes JSON.

package baml

import (
	"encoding/json"
	"math"
	"strconv"
)

// MarshalJSON writes the value with the order of its fields kept: a class is an object, an enum its
// member, a checked value {"value":…,"checks":{…}}, a value with state {"value":…,"state":"…"}.
// Numbers that JSON does not know (NaN, infinities) become null.
func (v Value) MarshalJSON() ([]byte, error) { return v.appendJSON(nil), nil }

func (v Value) appendJSON(out []byte) []byte {
	switch v.kind {
	case KindBool:
		return strconv.AppendBool(out, v.flag == 1)
	case KindInt:
		return strconv.AppendInt(out, int64(v.bits), 10)
	case KindFloat:
		return appendFloat(out, math.Float64frombits(v.bits))
	case KindString, KindEnum:
		return appendText(out, v.text)
	case KindList:
		out = append(out, '[')
		for index := range v.node.count() {
			if index > 0 {
				out = append(out, ',')
			}
			out = v.node.item(index).appendJSON(out)
		}
		return append(out, ']')
	case KindMap, KindClass:
		out = append(out, '{')
		for index, name := range v.node.names {
			if index > 0 {
				out = append(out, ',')
			}
			out = append(appendText(out, name), ':')
			out = v.node.item(index).appendJSON(out)
		}
		return append(out, '}')
	case KindChecked:
		out = append(out, `{"value":`...)
		out = v.node.items[0].appendJSON(out)
		out = append(out, `,"checks":`...)
		return append(appendChecks(out, v.node.checks), '}')
	case KindStated:
		out = append(out, `{"value":`...)
		out = v.node.items[0].appendJSON(out)
		out = append(out, `,"state":`...)
		return append(appendText(out, State(v.flag).String()), '}')
	case KindMedia:
		return appendMarshalled(out, v.node.media)
	default:
		return append(out, "null"...)
	}
}

// appendChecks writes the outcomes as an object by name, as the official clients show them.
func appendChecks(out []byte, checks []CheckOutcome) []byte {
	out = append(out, '{')
	for index, check := range checks {
		if index > 0 {
			out = append(out, ',')
		}
		status := "failed"
		if check.Passed {
			status = "succeeded"
		}
		out = append(appendText(out, check.Name), `:{"name":`...)
		out = append(appendText(out, check.Name), `,"expression":`...)
		out = append(appendText(out, check.Expression), `,"status":`...)
		out = append(appendText(out, status), '}')
	}
	return append(out, '}')
}

func appendFloat(out []byte, number float64) []byte {
	if math.IsNaN(number) || math.IsInf(number, 0) {
		return append(out, "null"...)
	}
	start := len(out)
	out = strconv.AppendFloat(out, number, 'g', -1, 64)
	for _, letter := range out[start:] {
		if letter == '.' || letter == 'e' {
			return out
		}
	}
	return append(out, ".0"...)
}

func appendText(out []byte, text string) []byte {
	const plainMin, plainMax = 0x20, 0x7f
	for index := range len(text) {
		if c := text[index]; c < plainMin || c >= plainMax || c == '"' || c == '\\' {
			return appendMarshalled(out, text)
		}
	}
	out = append(out, '"')
	out = append(out, text...)
	return append(out, '"')
}

// appendMarshalled is for values that encoding/json cannot fail on.
func appendMarshalled(out []byte, value any) []byte {
	text, err := json.Marshal(value)
	if err != nil {
		return append(out, "null"...)
	}
	return append(out, text...)
}
