// Tests of libraries that are missing, foreign, incomplete or of another version.

//go:build !cgo || bamlwire_purego

package bindings

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// foreignLibrary compiles a shared library from C.
func foreignLibrary(t *testing.T, source string) string {
	t.Helper()
	folder := t.TempDir()
	code := filepath.Join(folder, "foreign.c")
	require.NoError(t, os.WriteFile(code, []byte(source), 0o600))
	library := filepath.Join(folder, "libforeign.so")
	out, err := exec.Command("cc", "-shared", "-fPIC", "-o", library, code).CombinedOutput()
	require.NoError(t, err, string(out))
	return library
}

func problemOf(t *testing.T, path string) string {
	t.Helper()
	_, err := fill(path)
	require.ErrorIs(t, err, ErrLibrary)
	var failure *LibraryError
	require.ErrorAs(t, err, &failure)
	require.Len(t, failure.Places, 1, "a place that was named is the only one")
	assert.Equal(t, path, failure.Places[0].Path)
	assert.Contains(t, err.Error(), path)
	return failure.Places[0].Problem
}

func TestFill_missing_library_says_where_it_looked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "libbamlwire.so")
	assert.NotEmpty(t, problemOf(t, path))
}

func TestFill_other_version_says_which_was_found(t *testing.T) {
	path := foreignLibrary(t, "unsigned bamlwire_abi_version(void) { return 99; }\n")
	assert.Contains(t, problemOf(t, path), "version 99")
}

func TestFill_other_library_is_refused(t *testing.T) {
	path := foreignLibrary(t, "int something_else(void) { return 1; }\n")
	assert.Contains(t, problemOf(t, path), "not a bamlwire library")
}

func TestFill_incomplete_library_names_what_it_lacks(t *testing.T) {
	path := foreignLibrary(t, "unsigned bamlwire_abi_version(void) { return 1; }\n")
	assert.Contains(t, problemOf(t, path), "it lacks bamlwire_")
}

func TestCandidates_variable_is_the_only_place(t *testing.T) {
	t.Setenv(LibraryVariable, "/nowhere/libbamlwire.so")
	assert.Equal(t, []string{"/nowhere/libbamlwire.so"}, candidates(""))
	assert.Equal(t, []string{"/given"}, candidates("/given"))
	t.Setenv(LibraryVariable, "")
	assert.Len(t, candidates(""), 2)
}
