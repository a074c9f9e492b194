// Goal: each rule must be able to fail. Method: small trees that break one rule each.

package main

import (
	"strings"
	"testing"
)

func run(r rule, files ...source) []string {
	var got []string
	r(files, func(path string, _ int, format string, _ ...any) { got = append(got, path+": "+format) })
	return got
}

func file(path, text string) source { return source{path, strings.Split(text, "\n")} }

func TestRules_brokenTree_isReported(t *testing.T) {
	deep := "//! x\nfn f() {\n    if a {\n        for b in c {\n            while d {\n" +
		"                match e {\n                    _ => {\n                    if g {\n" +
		"                        h();\n                    }\n                    }\n                }\n            }\n        }\n    }\n}\n"
	cases := []struct {
		name  string
		rule  rule
		files []source
	}{
		{"wide line", checkWidth, []source{file("a.go", "// x\n"+strings.Repeat("x", 101))}},
		{"no header", checkHeaders, []source{file("a.rs", "use x;")}},
		{"long file", checkFileLengths, []source{file("a.rs", "//! x"+strings.Repeat("\n", 601))}},
		{"bad name", checkWords, []source{file("rust/utils.rs", "//! x")}},
		{"bad word", checkWords, []source{file("a.rs", "//! x\n// FIX"+"ME")}},
		{"long function", checkRustFunctions, []source{file("a.rs", "//! x\nfn f() {"+strings.Repeat("\n    a();", 70)+"\n}")}},
		{"deep function", checkRustFunctions, []source{file("a.rs", deep)}},
		{"many parameters", checkGoFunctions, []source{file("a.go", "// x\npackage a\nfunc f(a, b, c, d, e, g, h int) {}")}},
		{"unlisted edge", checkCrateEdges, []source{
			file("rust/ARCHITECTURE.md", "| `baml-x` | a | y | b |"),
			file("rust/baml-x/Cargo.toml", "[dependencies]\nbaml-z.workspace = true")}},
		{"missing export", checkTables, []source{
			file("bindings/include/bamlwire.h", "int32_t bamlwire_a(void);"),
			file("bindings/backend_cgo.go", "bamlwire_a"), file("bindings/backend_purego.go", "bamlwire_a"),
			file("bindings/table.go", "\tA func()")}},
		{"missing from the table", checkTables, []source{
			file("bindings/include/bamlwire.h", "int32_t bamlwire_a(void);"),
			file("bindings/backend_cgo.go", "bamlwire_a"), file("bindings/backend_purego.go", "bamlwire_a"),
			file("rust/baml-ffi/src/a.rs", `extern "C" fn bamlwire_a`), file("bindings/table.go", "\tB func()")}},
		{"unused case", checkCases, []source{file("rust/testdata/reply/a.txtar", "x")}},
		{"guarantee without test", checkGuarantees, []source{
			file("baml/RELIABILITY.md", "| one | `make` |\n")}},
		{"guarantee with a test that is gone", checkGuarantees, []source{
			file("baml/RELIABILITY.md", "| one | `a.rs: gone` |\n"), file("a.rs", "fn here() {}")}},
		{"guarantee with a target that is gone", checkGuarantees, []source{
			file("baml/RELIABILITY.md", "| one | `make gone` |\n"), file("Makefile", "here: x")}},
		{"banned crate", checkLock, []source{
			file("deny.toml", "[bans]\ndeny = [\n  { crate = \"openssl-sys\" },\n]\n"),
			file("Cargo.lock", "[[package]]\nname = \"openssl-sys\"\nversion = \"0.9.1\"\n")}},
		{"excuse that is not needed", checkLock, []source{
			file("deny.toml", "[bans]\nskip = [\n  { crate = \"a@1.0.0\" },\n]\n"),
			file("Cargo.lock", "[[package]]\nname = \"a\"\nversion = \"2.0.0\"\n")}},
		{"crate of another source", checkLock, []source{file("Cargo.lock",
			"[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nsource = \"git+https://x\"\n")}},
		{"crate twice", checkLock, []source{file("Cargo.lock",
			"[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n[[package]]\nname = \"a\"\nversion = \"2.0.0\"\n")}},
		{"id without case", checkDiagnostics, []source{file("rust/baml-x/src/a.rs", `"E-some-id"`)}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := run(c.rule, c.files...); len(got) != 1 {
				t.Fatalf("want one finding, got %v", got)
			}
		})
	}
}
