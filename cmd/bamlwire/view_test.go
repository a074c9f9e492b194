// Goal: the block in the terminal never leaves remains and never wraps. Method: a small terminal
// that understands what the view sends.
package main

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// screen keeps the lines that a terminal would show.
type screen struct {
	t     *testing.T
	lines []string
	row   int
}

func (s *screen) Write(sent []byte) (int, error) {
	text := string(sent)
	for text != "" {
		switch {
		case strings.HasPrefix(text, clearBelow):
			s.lines = s.lines[:s.row]
			text = text[len(clearBelow):]
		case strings.HasPrefix(text, "\x1b["):
			end := strings.IndexByte(text, 'A')
			require.Positive(s.t, end)
			up := 0
			for _, digit := range text[2:end] {
				up = up*10 + int(digit-'0')
			}
			s.row -= up
			require.GreaterOrEqual(s.t, s.row, 0)
			text = text[end+1:]
		case text[0] == '\r':
			text = text[1:]
		default:
			line, rest, found := strings.Cut(text, clearLine+"\n")
			require.True(s.t, found)
			if s.row == len(s.lines) {
				s.lines = append(s.lines, "")
			}
			s.lines[s.row] = line
			s.row++
			text = rest
		}
	}
	return len(sent), nil
}

func TestTerminalView_redraws_in_place(t *testing.T) {
	shown := &screen{t: t}
	drawn := &terminalView{out: shown, size: func() (int, int) { return 20, 10 }}
	for _, block := range [][]string{{"a"}, {"a", "b", "c"}, {"d"}, {}, {"e", "f"}} {
		require.NoError(t, drawn.draw(block))
		assert.Equal(t, len(block), len(shown.lines))
		assert.Equal(t, strings.Join(block, "\n"), strings.Join(shown.lines, "\n"))
	}
	drawn.failed(nil)
	require.NoError(t, drawn.draw([]string{"below"}))
	assert.Equal(t, []string{"e", "f", "below"}, shown.lines)
}

func TestClip_fits_the_width(t *testing.T) {
	for _, c := range []struct {
		line  string
		width int
		want  string
	}{
		{"short", 5, "short"}, {"longer", 5, "long…"}, {"日本語", 6, "日本語"}, {"日本語", 5, "日本…"},
		{"e\u0301e\u0301", 2, "e\u0301e\u0301"}, {"", 3, ""}, {"abc", 1, "…"},
	} {
		assert.Equal(t, c.want, clip(c.line, c.width))
	}
}

func TestIndentedJSON_commands_no_terminal(t *testing.T) {
	value := map[string]string{"a": "\x1b[2J \u009b2J \u007f é 日"}
	written := indentedJSON(value)
	for _, sign := range written {
		require.False(t, sign != '\n' && unicode.IsControl(sign), "%q", written)
	}
	var back map[string]string
	require.NoError(t, json.Unmarshal([]byte(written), &back))
	assert.Equal(t, value, back)
	assert.Contains(t, written, "é 日")
}

func TestTypeText_as_in_the_sources(t *testing.T) {
	for want, declared := range map[string]any{
		"string":           "string",
		"(A | int)?":       map[string]any{"union": []any{map[string]any{"class": "A"}, "int", "null"}},
		"(int?)[]":         map[string]any{"list": map[string]any{"union": []any{"int", "null"}}},
		"map<string, E[]>": map[string]any{"map": []any{"string", map[string]any{"list": map[string]any{"enum": "E"}}}},
		`"a"`:              map[string]any{"literal": "a"},
		"float":            map[string]any{"type": "float", "checks": []any{}},
	} {
		assert.Equal(t, want, typeText(declared))
	}
}
