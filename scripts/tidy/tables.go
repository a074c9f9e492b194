// Rules on tables that must agree: crate edges and ARCHITECTURE; header, exports and the Go call
// table; case files and the tests that run them; diagnostic ids and their cases.

package main

import (
	"regexp"
	"sort"
	"strings"
)

const (
	architecturePage = "rust/ARCHITECTURE.md"
	headerPath       = "bindings/include/bamlwire.h"
	callTablePath    = "bindings/table.go"
)

func find(tree []source, path string) *source {
	for at := range tree {
		if tree[at].path == path {
			return &tree[at]
		}
	}
	return nil
}

// checkCrateEdges holds each crate's dependencies on its siblings against the page's table, whose
// rows read "| `baml-x` | … | syntax, schema | …".
func checkCrateEdges(tree []source, report func(string, int, string, ...any)) {
	page := find(tree, architecturePage)
	if page == nil {
		report(architecturePage, 1, "missing")
		return
	}
	allowed := map[string][]string{}
	for _, line := range page.lines {
		cells := strings.Split(line, "|")
		if len(cells) < 5 || !strings.HasPrefix(strings.TrimSpace(cells[1]), "`baml-") {
			continue
		}
		crate := strings.Trim(strings.TrimSpace(cells[1]), "`")
		for _, name := range strings.Split(cells[3], ",") {
			allowed[crate] = append(allowed[crate], "baml-"+strings.TrimSpace(name))
		}
	}
	for _, s := range tree {
		parts := strings.Split(s.path, "/")
		if len(parts) != 3 || parts[0] != "rust" || parts[2] != "Cargo.toml" || parts[1] == "fuzz" {
			continue
		}
		checkManifest(s, parts[1], allowed, report)
	}
}

func checkManifest(s source, crate string, allowed map[string][]string,
	report func(string, int, string, ...any)) {
	edges, known := allowed[crate]
	if !known {
		report(s.path, 1, "%s has no row in %s", crate, architecturePage)
		return
	}
	section := ""
	for at, line := range s.lines {
		if strings.HasPrefix(line, "[") {
			section = line
		}
		name := strings.TrimSuffix(strings.Fields(line + " x")[0], ".workspace")
		if section != "[dependencies]" || !strings.HasPrefix(name, "baml-") {
			continue
		}
		if !contains(edges, name) {
			report(s.path, at+1, "%s may not use %s (see the table in %s)",
				crate, name, architecturePage)
		}
	}
}

func contains(list []string, wanted string) bool {
	for _, item := range list {
		if item == wanted {
			return true
		}
	}
	return false
}

var (
	headerFunction = regexp.MustCompile(`^[a-z].*\b(bamlwire_[a-z_0-9]+)\(`)
	rustExport     = regexp.MustCompile(`extern "C" fn (bamlwire_[a-z_0-9]+)`)
)

// checkTables holds the C header, the exported Rust functions, both backends and the Go call table
// together. A function's name in the table is its C name without prefix and underscores.
func checkTables(tree []source, report func(string, int, string, ...any)) {
	header, table := find(tree, headerPath), find(tree, callTablePath)
	if header == nil || table == nil {
		report(headerPath, 1, "%s and %s must both exist", headerPath, callTablePath)
		return
	}
	declared, exported := map[string]bool{}, map[string]bool{}
	for _, line := range header.lines {
		if match := headerFunction.FindStringSubmatch(line); match != nil {
			declared[match[1]] = true
		}
	}
	for _, s := range tree {
		if !s.isRust() || !strings.HasPrefix(s.path, "rust/baml-ffi/src/") {
			continue
		}
		for _, match := range rustExport.FindAllStringSubmatch(strings.Join(s.lines, "\n"), -1) {
			exported[match[1]] = true
		}
	}
	for _, name := range union(declared, exported) {
		switch {
		case !exported[name]:
			report(headerPath, 1, "%s is declared and not exported", name)
		case !declared[name]:
			report(headerPath, 1, "%s is exported and not declared", name)
		case !internalCalls[name] && !hasTableEntry(table, name):
			report(callTablePath, 1, "%s is missing from the call table", name)
		}
		for _, path := range backendPaths {
			if backend := find(tree, path); backend == nil || !mentions(*backend, name) {
				report(path, 1, "%s is not filled in", name)
			}
		}
	}
}

// internalCalls are used by the backends themselves and need no entry in the table.
var internalCalls = map[string]bool{"bamlwire_buffer_free": true}

var backendPaths = []string{"bindings/backend_cgo.go", "bindings/backend_purego.go"}

func hasTableEntry(table *source, name string) bool {
	entry := strings.ReplaceAll(strings.TrimPrefix(name, "bamlwire_"), "_", "")
	for _, line := range table.lines {
		fields := strings.Fields(line)
		isFunction := len(fields) > 1 && strings.HasPrefix(fields[1], "func(")
		if isFunction && strings.ToLower(fields[0]) == entry {
			return true
		}
	}
	return false
}

func union(a, b map[string]bool) []string {
	var names []string
	for name := range a {
		names = append(names, name)
	}
	for name := range b {
		if !a[name] {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	return names
}

// checkCases wants each case file to be run by a test: its folder must be named in one.
func checkCases(tree []source, report func(string, int, string, ...any)) {
	for _, s := range tree {
		if !strings.HasPrefix(s.path, "rust/testdata/") || !strings.HasSuffix(s.path, ".txtar") {
			continue
		}
		layer := strings.Split(s.path, "/")[2]
		used := false
		for _, other := range tree {
			if (other.isRust() || other.isGo()) && runsCases(other, layer) {
				used = true
				break
			}
		}
		if !used {
			report(s.path, 1, "no test runs the cases of testdata/%s", layer)
		}
	}
}

// runsCases tells whether a source names the folder of a layer, in one piece or joined.
func runsCases(s source, layer string) bool {
	return mentions(s, "testdata/"+layer) || mentions(s, `testdata")`) && mentions(s, `"`+layer) ||
		isTest(s.path) && mentions(s, "testkit") && mentions(s, `"`+layer)
}

func mentions(s source, text string) bool {
	for _, line := range s.lines {
		if strings.Contains(line, text) {
			return true
		}
	}
	return false
}

var diagnosticID = regexp.MustCompile(`"([EW]-[a-z0-9-]+)"`)

// checkDiagnostics wants a case for each diagnostic id that a crate declares.
func checkDiagnostics(tree []source, report func(string, int, string, ...any)) {
	cased := map[string]bool{}
	for _, s := range tree {
		if strings.HasSuffix(s.path, ".txtar") {
			for _, line := range s.lines {
				for _, id := range regexp.MustCompile(`[EW]-[a-z0-9-]+`).FindAllString(line, -1) {
					cased[id] = true
				}
			}
		}
	}
	seen := map[string]bool{}
	for _, s := range tree {
		if !s.isRust() || isTest(s.path) || !strings.HasPrefix(s.path, "rust/baml-") {
			continue
		}
		for at, line := range s.lines {
			for _, match := range diagnosticID.FindAllStringSubmatch(line, -1) {
				if !cased[match[1]] && !seen[match[1]] {
					seen[match[1]] = true
					report(s.path, at+1, "%s has no case under rust/testdata", match[1])
				}
			}
		}
	}
}
