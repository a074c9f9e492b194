// Command tidy checks the rules of this project that no linter knows: sizes, headers, names, crate
// edges, and the tables that must agree. It reads the files that git tracks, changes nothing,
// prints one line for each finding, and exits with 1 when there is any.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"sort"
	"strings"
)

// A finding is one broken rule at one place.
type finding struct {
	path string
	line int
	text string
}

// A source is one tracked text file.
type source struct {
	path  string
	lines []string
}

// A rule looks at the whole tree and reports what breaks it.
type rule func(tree []source, report func(path string, line int, format string, args ...any))

func main() {
	tree, err := trackedSources()
	if err != nil {
		fmt.Fprintln(os.Stderr, "tidy:", err)
		os.Exit(2)
	}
	findings := check(tree)
	for _, f := range findings {
		fmt.Printf("%s:%d: %s\n", f.path, f.line, f.text)
	}
	if len(findings) > 0 {
		fmt.Printf("tidy: %d findings in %d files\n", len(findings), len(tree))
		os.Exit(1)
	}
	fmt.Printf("tidy: %d files, no findings\n", len(tree))
}

// check runs every rule over the tree and sorts what they report.
func check(tree []source) []finding {
	rules := []rule{
		checkWidth, checkHeaders, checkFileLengths, checkWords,
		checkRustFunctions, checkGoFunctions, checkCrateEdges, checkTables, checkCases,
		checkDiagnostics, checkGuarantees, checkLock,
	}
	var findings []finding
	for _, r := range rules {
		r(tree, func(path string, line int, format string, args ...any) {
			findings = append(findings, finding{path, line, fmt.Sprintf(format, args...)})
		})
	}
	sort.SliceStable(findings, func(i, j int) bool {
		if findings[i].path != findings[j].path {
			return findings[i].path < findings[j].path
		}
		return findings[i].line < findings[j].line
	})
	return findings
}

// trackedSources reads every file that git tracks or would track, but for recorded data and locks.
func trackedSources() ([]source, error) {
	out, err := exec.Command("git", "ls-files", "-z", "--cached", "--others",
		"--exclude-standard").Output()
	if err != nil {
		return nil, fmt.Errorf("git ls-files: %w", err)
	}
	var tree []source
	for _, path := range strings.Split(strings.TrimRight(string(out), "\x00"), "\x00") {
		if path == "" || isRecorded(path) {
			continue
		}
		text, err := os.ReadFile(path)
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		tree = append(tree, source{path, strings.Split(string(text), "\n")})
	}
	return tree, nil
}

// isRecorded tells the files that no rule applies to: data recorded elsewhere, and locks.
func isRecorded(path string) bool {
	return strings.HasPrefix(path, "rust/testdata/conformance/") ||
		strings.HasPrefix(path, "rust/fuzz/corpus/") ||
		strings.HasPrefix(path, "scripts/oracle/") ||
		strings.HasSuffix(path, ".lock") && path != lockPath ||
		strings.HasSuffix(path, "go.sum") ||
		path == "LICENSE"
}

// isTest tells test sources, which the length rules leave out.
func isTest(path string) bool {
	return strings.HasSuffix(path, "_test.go") || strings.Contains(path, "/tests/") ||
		strings.HasSuffix(path, "tests.rs") || strings.Contains(path, "/benches/") ||
		strings.Contains(path, "/testdata/")
}

// isExempt tells generated files and tables; they say so in line 1.
func (s source) isExempt() bool {
	first := s.lines[0]
	return strings.Contains(first, "generated") || strings.Contains(first, "Generated") ||
		strings.Contains(first, "(table)")
}

func (s source) isRust() bool { return strings.HasSuffix(s.path, ".rs") }
func (s source) isGo() bool   { return strings.HasSuffix(s.path, ".go") }
