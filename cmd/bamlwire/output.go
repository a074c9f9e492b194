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

// indentedJSON writes a value for people. Signs that would command a terminal are written as JSON
// writes them without harm.
func indentedJSON(value any) string {
	var out bytes.Buffer
	if err := json.Indent(&out, []byte(compactJSON(value)), "", "  "); err != nil {
		return "null"
	}
	const deleteSign, commandLast = 0x7f, 0x9f
	isCommand := func(sign rune) bool { return sign >= deleteSign && sign <= commandLast }
	if strings.IndexFunc(out.String(), isCommand) < 0 {
		return out.String()
	}
	var harmless strings.Builder
	for _, sign := range out.String() {
		if isCommand(sign) {
			fmt.Fprintf(&harmless, `\u%04x`, sign)
		} else {
			harmless.WriteRune(sign)
		}
	}
	return harmless.String()
}

// isTerminal tells whether somebody looks at what is written.
func isTerminal(out io.Writer) bool {
	file, ok := out.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
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
	plain := os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb"
	return !plain && isTerminal(out)
}
