// Showing a growing value: a block that is redrawn in a terminal, JSON lines in a pipe.
package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"

	"github.com/bamlwire/bamlwire/baml"
	"golang.org/x/term"
)

func newView(out io.Writer) view {
	if file, ok := out.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		return &terminalView{out: out, size: func() (int, int) {
			width, height, err := term.GetSize(int(file.Fd()))
			if err != nil {
				return fallbackWidth, fallbackHeight
			}
			return width, height
		}}
	}
	return lineView{out}
}

// lineView writes one JSON object a line.
type lineView struct{ out io.Writer }

func (l lineView) isPipe() bool { return true }

func (l lineView) line(key string, value any) error {
	_, err := fmt.Fprintln(l.out, compactJSON(map[string]any{key: value}))
	return err
}

func (l lineView) partial(value *baml.Partial) error { return l.line("partial", value) }
func (l lineView) final(value *baml.Final) error     { return l.line("final", value) }
func (l lineView) failed(err error)                  { _ = l.line("error", errorObject(err)) }

const (
	fallbackWidth  = 80
	fallbackHeight = 24
	// clearLine erases from the cursor to the end of the line, clearBelow to the end of the screen.
	// The block is overwritten line by line: some terminals keep what is cleared from the top left
	// corner in their history.
	clearLine  = "\x1b[K"
	clearBelow = "\x1b[J"
)

// terminalView redraws one block of lines in place.
//
// Invariant: drawn is the number of lines of the block on the screen, and the cursor stands at the
// start of the line below it; no line is wider than the terminal, so none wraps.
type terminalView struct {
	out   io.Writer
	size  func() (width, height int)
	drawn int
}

func (t *terminalView) isPipe() bool { return false }

func (t *terminalView) partial(value *baml.Partial) error {
	width, height := t.size()
	lines := strings.Split(indentedJSON(value), "\n")
	// The end of the value is where it grows. One line is left for the cursor.
	if room := max(height-1, 1); len(lines) > room {
		above := len(lines) - room + 1
		lines = append([]string{fmt.Sprintf("… %d lines above", above)}, lines[above:]...)
	}
	for i := range lines {
		lines[i] = clip(lines[i], width)
	}
	return t.draw(lines)
}

func (t *terminalView) draw(lines []string) error {
	var frame strings.Builder
	if t.drawn > 0 {
		fmt.Fprintf(&frame, "\x1b[%dA", t.drawn)
	}
	frame.WriteByte('\r')
	for _, line := range lines {
		frame.WriteString(line + clearLine + "\n")
	}
	if t.drawn > len(lines) {
		frame.WriteString(clearBelow)
	}
	t.drawn = len(lines)
	_, err := io.WriteString(t.out, frame.String())
	return err
}

// final replaces the block by the whole value, in full.
func (t *terminalView) final(value *baml.Final) error {
	return t.draw(strings.Split(indentedJSON(value), "\n"))
}

// failed leaves the last partial on the screen.
func (t *terminalView) failed(error) { t.drawn = 0 }

// clip cuts a line to the width of the terminal, with an ellipsis.
func clip(line string, width int) string {
	cells := 0
	for at, r := range line {
		cells += cellsOf(r)
		if cells > width {
			return cut(line[:at], width)
		}
	}
	return line
}

// cut makes room for the ellipsis at the end of a line that is too long.
func cut(line string, width int) string {
	cells := 0
	for at, r := range line {
		if cells += cellsOf(r); cells > width-1 {
			return line[:at] + "…"
		}
	}
	return line + "…"
}

// cellsOf is how many cells a terminal gives a character.
func cellsOf(r rune) int {
	switch {
	case unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Cf, r):
		return 0
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul),
		r >= 0x1F300 && r <= 0x1FAFF, r >= 0xFF00 && r <= 0xFF60:
		return 2
	}
	return 1
}
