// Where the shared library may lie.

//go:build !cgo || bamlwire_purego

package bindings

import (
	"os"
	"path/filepath"
	"runtime"
)

// candidates are the files that may be the shared library, best first. A place that was named
// explicitly is the only one: falling back silently would hide a wrong name.
func candidates(path string) []string {
	if path != "" {
		return []string{path}
	}
	if named := os.Getenv(LibraryVariable); named != "" {
		return []string{named}
	}
	name := "libbamlwire.so"
	if runtime.GOOS == "darwin" {
		name = "libbamlwire.dylib"
	}
	var found []string
	if program, err := os.Executable(); err == nil {
		found = append(found, filepath.Join(filepath.Dir(program), name))
	}
	// With -trimpath the source path is not a folder; then only the other places are left.
	if _, source, _, ok := runtime.Caller(0); ok && filepath.IsAbs(source) {
		platform := runtime.GOOS + "_" + runtime.GOARCH
		found = append(found, filepath.Join(filepath.Dir(source), "lib", platform, name))
	}
	return found
}
