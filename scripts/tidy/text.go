// Rules on the text of a file: width, header, length, words.

package main

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

const (
	columnsMax   = 100
	fileLinesMax = 600
	tabColumns   = 4
)

func checkWidth(tree []source, report func(string, int, string, ...any)) {
	for _, s := range tree {
		if !(s.isRust() || s.isGo()) || s.isExempt() || isTest(s.path) {
			continue
		}
		for at, line := range s.lines {
			columns := utf8.RuneCountInString(line) + (tabColumns-1)*strings.Count(line, "\t")
			if columns > columnsMax {
				report(s.path, at+1, "%d columns; at most %d", columns, columnsMax)
			}
		}
	}
}

// checkHeaders wants each source file to say what lives in it.
func checkHeaders(tree []source, report func(string, int, string, ...any)) {
	for _, s := range tree {
		first := s.lines[0]
		switch {
		case s.isRust() && !strings.HasPrefix(first, "//!") && !strings.HasPrefix(first, "// "):
			report(s.path, 1, "no header: open with //! lines on what lives here")
		case s.isGo() && !strings.HasPrefix(first, "// ") &&
			!strings.HasPrefix(first, "//go:build"):
			report(s.path, 1, "no header: open with a comment on what lives here")
		}
	}
}

func checkFileLengths(tree []source, report func(string, int, string, ...any)) {
	for _, s := range tree {
		if !(s.isRust() || s.isGo()) || s.isExempt() || isTest(s.path) {
			continue
		}
		lines := s.lines
		for at, line := range lines {
			if line == "#[cfg(test)]" && at+1 < len(lines) &&
				strings.HasPrefix(lines[at+1], "mod tests {") {
				lines = lines[:at]
				break
			}
		}
		if len(lines) > fileLinesMax {
			report(s.path, 1, "%d lines; at most %d: is there a second noun in it?",
				len(lines), fileLinesMax)
		}
	}
}

// Each banned pattern with what to write instead.
var bannedWords = []struct {
	pattern *regexp.Regexp
	instead string
}{
	{regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|X` + `XX)\b`), "an issue number, or do it"},
	{regexp.MustCompile(`\b(to` + `do|unimple` + `mented)!\(`), "the code"},
	{regexp.MustCompile(`(^|[\s"'(=])/(home|root|work|tmp|Users)/[A-Za-z0-9_.]`),
		"a path relative to the project"},
	{regexp.MustCompile(`(?i)\bfinali[sz]er\b`), "cleanup (runtime.AddCleanup)"},
	{regexp.MustCompile(`\bcancell?ation token\b`), "tripwire"},
	{regexp.MustCompile(`(?i)\bblack?list\b`), "deny list"},
	{regexp.MustCompile(`(?i)\bwhite?list\b`), "allow list"},
}

var bannedNames = regexp.MustCompile(`(^|/)(utils?|helpers?|common|misc|manager|old)(\.|/|$)`)

func checkWords(tree []source, report func(string, int, string, ...any)) {
	for _, s := range tree {
		if bannedNames.MatchString(s.path) {
			report(s.path, 1, "a file is named by the noun that it defines")
		}
		if strings.HasPrefix(s.path, "scripts/tidy/") || !isProse(s) {
			continue
		}
		for at, line := range s.lines {
			for _, word := range bannedWords {
				if found := word.pattern.FindString(line); found != "" {
					report(s.path, at+1, "%q: write %s", strings.TrimSpace(found), word.instead)
				}
			}
		}
	}
}

func isProse(s source) bool {
	return (s.isRust() || s.isGo() || strings.HasSuffix(s.path, ".md")) && !isTest(s.path)
}
