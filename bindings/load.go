// Loading the library once a process, and the error that says why it could not be.

package bindings

import (
	"errors"
	"fmt"
	"strings"
	"sync"
)

// LibraryVariable is the environment variable that names the shared library for builds without
// cgo. It is read when the library is first loaded, never at import.
const LibraryVariable = "BAMLWIRE_LIBRARY"

// ABIVersion is the version of the C ABI that this package speaks.
const ABIVersion uint32 = 1

// ErrLibrary is matched by every error of Load.
var ErrLibrary = errors.New("bamlwire: library not usable")

// A Place is one file that Load tried, and why it did not do.
type Place struct {
	Path    string
	Problem string
}

// LibraryError says where the library was looked for and what was wrong at each place.
type LibraryError struct {
	Places []Place
}

// Error lists the places, one a line.
func (e *LibraryError) Error() string {
	var text strings.Builder
	fmt.Fprintf(&text, "bamlwire: no usable library of ABI version %d; looked at:", ABIVersion)
	for _, place := range e.Places {
		fmt.Fprintf(&text, "\n  %s: %s", place.Path, place.Problem)
	}
	return text.String()
}

// Is makes every LibraryError match ErrLibrary.
func (e *LibraryError) Is(target error) bool { return target == ErrLibrary }

// Invariant: loaded is set once and never changes: a library cannot be unloaded while handles of
// it may live.
var (
	loadMutex sync.Mutex
	loaded    *Table
)

// Load returns the table of the process, loading the library the first time. The path is where the
// shared library lies; empty means LibraryVariable, then beside the executable, then the lib
// folder of this package's source. A build with cgo has the library in itself and ignores the
// path. A failed Load may be tried again.
func Load(path string) (*Table, error) {
	loadMutex.Lock()
	defer loadMutex.Unlock()
	if loaded != nil {
		return loaded, nil
	}
	table, err := fill(path)
	if err != nil {
		return nil, err
	}
	loaded = guarded(table)
	return loaded, nil
}

func versionProblem(found uint32) string {
	return fmt.Sprintf("it speaks ABI version %d, this build needs %d", found, ABIVersion)
}
