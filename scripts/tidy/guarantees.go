// The rule on the page of guarantees: every row names tests or make targets, and all of them exist.

package main

import (
	"regexp"
	"strings"
)

const (
	guaranteesPage = "baml/RELIABILITY.md"
	makefilePath   = "Makefile"
)

var (
	backticked = regexp.MustCompile("`([^`]+)`")
	namedTest  = regexp.MustCompile(`^([a-zA-Z0-9_./-]+\.(?:rs|go|c)): ([A-Za-z_0-9, ]+)$`)
	makeTarget = regexp.MustCompile(`^make ([a-z-]+)`)
)

// checkGuarantees reads the tables of the page. The last cell of a row holds the evidence: a test
// as `path: name` or `path: name, name`, a target as `make target`, each in backticks.
func checkGuarantees(tree []source, report func(string, int, string, ...any)) {
	page := find(tree, guaranteesPage)
	if page == nil {
		report(guaranteesPage, 1, "missing")
		return
	}
	for at, line := range page.lines {
		cells := strings.Split(strings.TrimSpace(line), "|")
		const cellsMin = 4 // what stands before the first bar and after the last counts
		if len(cells) < cellsMin || strings.HasPrefix(cells[1], "-") || isTableHead(page, at) {
			continue
		}
		named := 0
		for _, match := range backticked.FindAllStringSubmatch(cells[len(cells)-2], -1) {
			if test := namedTest.FindStringSubmatch(match[1]); test != nil {
				named++
				checkNamedTests(tree, test[1], test[2], func(format string, args ...any) {
					report(page.path, at+1, format, args...)
				})
			} else if target := makeTarget.FindStringSubmatch(match[1]); target != nil {
				named++
				if makefile := find(tree, makefilePath); makefile == nil ||
					!hasLine(makefile, target[1]+":") {
					report(page.path, at+1, "there is no target %q", target[1])
				}
			}
		}
		if named == 0 {
			report(page.path, at+1, "a guarantee without a test behind it")
		}
	}
}

// isTableHead tells the row above a table's rule.
func isTableHead(page *source, at int) bool {
	return at+1 < len(page.lines) && strings.HasPrefix(page.lines[at+1], "|-")
}

func checkNamedTests(tree []source, path, names string, report func(string, ...any)) {
	file := find(tree, path)
	if file == nil {
		report("%s does not exist", path)
		return
	}
	for _, name := range strings.Split(names, ",") {
		name = strings.TrimSpace(name)
		if !mentions(*file, " "+name+"(") {
			report("%s has no test %s", path, name)
		}
	}
}

func hasLine(s *source, beginning string) bool {
	for _, line := range s.lines {
		if strings.HasPrefix(line, beginning) {
			return true
		}
	}
	return false
}
