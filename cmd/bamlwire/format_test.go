// Goal: fmt leaves every file either as it was or formatted, whole, and says which; explain and its
// page know every id. Method: the built binary on temporary folders.
package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	untidy = "class   A{\n  b   int // kept\n}\n"
	tidied = "class A {\n  b int // kept\n}\n"
)

// write makes a file of a folder and names it.
func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o640))
	return path
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(text)
}

func TestFmt_writes_what_is_not_formatted(t *testing.T) {
	dir := t.TempDir()
	path, good := write(t, dir, "a.baml", untidy), write(t, dir, "b.baml", tidied)
	before, err := os.Stat(good)
	require.NoError(t, err)
	assert.Equal(t, outcome{0, filepath.ToSlash(path) + "\n", ""}, run(t, "", "fmt", dir))
	assert.Equal(t, tidied, read(t, path))
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o640), info.Mode().Perm())
	after, err := os.Stat(good)
	require.NoError(t, err)
	assert.True(t, os.SameFile(before, after), "a formatted file is not written")
	assert.Equal(t, outcome{}, run(t, "", "fmt", path, good))
	assert.Equal(t, []string{"a.baml", "b.baml"}, names(t, dir))
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var found []string
	for _, entry := range entries {
		found = append(found, entry.Name())
	}
	return found
}

func TestFmt_check_and_diff_write_nothing(t *testing.T) {
	dir := t.TempDir()
	path := write(t, dir, "a.baml", untidy)
	shown := filepath.ToSlash(path)
	assert.Equal(t, outcome{1, shown + "\n", ""}, run(t, "", "fmt", "--check", dir))
	want := "--- " + shown + "\n+++ " + shown + " (formatted)\n@@ -1,3 +1,3 @@\n" +
		"-class   A{\n-  b   int // kept\n+class A {\n+  b int // kept\n }\n"
	assert.Equal(t, outcome{0, want, ""}, run(t, "", "fmt", "--diff", dir))
	assert.Equal(t, outcome{1, want, ""}, run(t, "", "fmt", "--diff", "--check", dir))
	assert.Equal(t, untidy, read(t, path))
	require.NoError(t, os.WriteFile(path, []byte(tidied), 0o600))
	assert.Equal(t, outcome{}, run(t, "", "fmt", "--check", dir))
}

func TestFmt_file_with_errors_is_left_alone(t *testing.T) {
	dir := t.TempDir()
	bad, path := write(t, dir, "bad.baml", "class   B {\n  b int,,\n}\n"), write(t, dir, "a.baml", untidy)
	got := run(t, "", "fmt", dir)
	assert.Equal(t, 1, got.status)
	assert.Equal(t, filepath.ToSlash(path)+"\n", got.out)
	assert.Contains(t, got.problems, "bad.baml:2")
	assert.Equal(t, "class   B {\n  b int,,\n}\n", read(t, bad))
	assert.Equal(t, tidied, read(t, path), "the others are formatted")
}

func TestFmt_failed_write_leaves_the_old_file(t *testing.T) {
	if os.Geteuid() == 0 {
		// Permissions do not stop root: a name that is too long for its neighbour does.
		dir := t.TempDir()
		path := write(t, dir, strings.Repeat("x", 250)+".baml", untidy)
		got := run(t, "", "fmt", path)
		assert.Equal(t, 1, got.status)
		assert.Contains(t, got.problems, "left as it was")
		assert.Equal(t, untidy, read(t, path))
		return
	}
	dir := t.TempDir()
	path := write(t, dir, "a.baml", untidy)
	require.NoError(t, os.Chmod(dir, 0o500))
	t.Cleanup(func() { _ = os.Chmod(dir, 0o700) })
	got := run(t, "", "fmt", path)
	assert.Equal(t, 1, got.status)
	assert.Contains(t, got.problems, "left as it was")
	assert.Equal(t, untidy, read(t, path))
}

func TestFmt_link_is_followed(t *testing.T) {
	dir := t.TempDir()
	path, link := write(t, dir, "a.baml", untidy), filepath.Join(t.TempDir(), "link.baml")
	require.NoError(t, os.Symlink(path, link))
	assert.Equal(t, 0, run(t, "", "fmt", link).status)
	assert.Equal(t, tidied, read(t, path))
	info, err := os.Lstat(link)
	require.NoError(t, err)
	assert.NotZero(t, info.Mode()&os.ModeSymlink)
}

func TestFmt_input_and_mistakes(t *testing.T) {
	assert.Equal(t, outcome{0, tidied, ""}, run(t, untidy, "fmt", "-"))
	assert.Equal(t, outcome{1, "", ""}, run(t, untidy, "fmt", "--check", "-"))
	assert.Equal(t, 1, run(t, "class {", "fmt", "-").status)
	dir := t.TempDir()
	other := write(t, dir, "a.txt", "x")
	for _, args := range [][]string{{"-", dir}, {filepath.Join(dir, "none")}, {other}} {
		got := run(t, "", append([]string{"fmt"}, args...)...)
		assert.Equal(t, 2, got.status, args)
		assert.NotEmpty(t, got.problems)
	}
	latin := write(t, dir, "l.baml", "// ok\nclass A {\n  b int // caf\xe9\n}\n")
	for _, name := range []string{"fmt", "check"} {
		got := run(t, "", name, dir)
		assert.Equal(t, 1, got.status, name)
		assert.Contains(t, got.problems, "l.baml:3: not UTF-8 text", name)
	}
	assert.Contains(t, read(t, latin), "\xe9")
}

func TestExplain_ids_lists_and_mistakes(t *testing.T) {
	list := run(t, "", "explain")
	require.Equal(t, 0, list.status, list.problems)
	lines := strings.Split(strings.TrimSpace(list.out), "\n")
	assert.Greater(t, len(lines), 80)
	for _, id := range []string{"E-unknown-type", "unknown-TYPE"} {
		got := run(t, "", "explain", id)
		require.Equal(t, 0, got.status, got.problems)
		assert.Contains(t, got.out, "E-unknown-type (error)")
		assert.Contains(t, got.out, "    class A {")
		assert.Contains(t, got.out, "error[E-unknown-type]")
	}
	got := run(t, "", "explain", "E-unknown-tipe")
	assert.Equal(t, 2, got.status)
	assert.Contains(t, got.problems, "Did you mean")
	assert.Contains(t, got.problems, "E-unknown-type")
}

func TestExplain_page_is_up_to_date(t *testing.T) {
	got := run(t, "", "explain", "--page")
	require.Equal(t, 0, got.status, got.problems)
	assert.Equal(t, got.out, read(t, "../../docs/diagnostics.md"), "run make docs")
}

func TestCheck_json_has_what_an_editor_needs(t *testing.T) {
	dir := folder(t, strings.Replace(project, "mood Mood", "mood Moood // 🎉", 1))
	got := run(t, "", "check", "--json", dir)
	assert.Equal(t, 1, got.status)
	assert.Empty(t, got.problems)
	var told struct {
		OK          bool             `json:"ok"`
		Diagnostics []map[string]any `json:"diagnostics"`
	}
	require.NoError(t, json.Unmarshal([]byte(got.out), &told))
	require.Len(t, told.Diagnostics, 1)
	found := told.Diagnostics[0]
	assert.False(t, told.OK)
	assert.Equal(t, "E-unknown-type", found["id"])
	assert.Equal(t, "error", found["severity"])
	assert.Contains(t, found["message"], "Moood")
	assert.True(t, strings.HasSuffix(found["file"].(string), "baml_src/main.baml"))
	assert.Equal(t, []any{7.0, 7.0}, found["start"])
	assert.Equal(t, []any{7.0, 12.0}, found["end"])
	assert.Contains(t, found, "help")
	assert.Equal(t, []any{}, found["labels"])
	assert.NotContains(t, got.out, "\x1b", "no colours for programs")
}

func TestUnifiedDiff_shows_changes_with_context(t *testing.T) {
	lines := func(text string) string { return strings.ReplaceAll(text, " ", "\n") + "\n" }
	for _, c := range []struct{ old, fresh, want string }{
		{lines("a b c"), lines("a X c"), "@@ -1,3 +1,3 @@\n a\n-b\n+X\n c\n"},
		{"", lines("a"), "@@ -0,0 +1,1 @@\n+a\n"},
		{lines("a"), "", "@@ -1,1 +0,0 @@\n-a\n"},
		{"a", "a\n", "@@ -1,1 +1,1 @@\n-a\n\\ No newline at end of file\n+a\n"},
		{
			lines("0 1 2 3 4 5 6 7 8 9"), lines("X 1 2 3 4 5 6 7 8 Y"),
			"@@ -1,4 +1,4 @@\n-0\n+X\n 1\n 2\n 3\n@@ -7,4 +7,4 @@\n 6\n 7\n 8\n-9\n+Y\n",
		},
		{lines("a a b"), lines("a b"), "@@ -1,3 +1,2 @@\n a\n-a\n b\n"},
	} {
		assert.Equal(t, "--- f\n+++ f (formatted)\n"+c.want, unifiedDiff("f", c.old, c.fresh))
	}
}
