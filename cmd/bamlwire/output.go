// Writing values and errors: indented for people, one line for pipes.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/bamlwire/bamlwire/baml"
	"golang.org/x/term"
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

// printDiagnostics shows diagnostics, with colours where that makes sense.
func printDiagnostics(out io.Writer, plain, styled string) {
	text := plain
	if wantsColour(out) {
		text = styled
	}
	if text != "" {
		_, _ = fmt.Fprintln(out, strings.TrimRight(text, "\n"))
	}
}

// wantsColour tells a terminal whose user does not ask for plain text (https://no-color.org).
func wantsColour(out io.Writer) bool {
	file, ok := out.(*os.File)
	plain := os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb"
	return ok && !plain && term.IsTerminal(int(file.Fd()))
}
