// Writing values and errors: indented for people, one line for pipes.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/bamlwire/bamlwire/baml"
)

// compactJSON writes a value on one line, without escaping what need not be.
func compactJSON(value any) string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return "null"
	}
	return string(bytes.TrimSuffix(out.Bytes(), []byte("\n")))
}

// indentedJSON writes a value for people.
func indentedJSON(value any) string {
	var out bytes.Buffer
	if err := json.Indent(&out, []byte(compactJSON(value)), "", "  "); err != nil {
		return "null"
	}
	return out.String()
}

func printJSON(out io.Writer, value any) error {
	_, err := fmt.Fprintln(out, indentedJSON(value))
	return err
}

// errorObject is an error as data, for pipes.
func errorObject(err error) map[string]any {
	made := map[string]any{"kind": "internal", "message": err.Error()}
	var failure *baml.Error
	if !errors.As(err, &failure) {
		return made
	}
	if text, problem := json.Marshal(failure); problem == nil {
		_ = json.Unmarshal(text, &made)
	}
	return made
}
