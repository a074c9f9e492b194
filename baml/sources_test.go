// What is asked of sources without loading them: Check, Format, Explain; on either backend.

package baml_test

import (
	"strings"
	"testing"

	"github.com/bamlwire/bamlwire/baml"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCheck_tells_each_diagnostic_with_its_place(t *testing.T) {
	result, err := baml.Check(map[string]string{
		"types.baml": "class A {\n  é Foo\n  名前 int\n  b Foo @alias(\"x\") @alias(\"y\")\n}\n",
		"good.baml":  "enum E {\n  X\n}\n",
	})
	require.NoError(t, err)
	assert.False(t, result.OK)
	require.NotEmpty(t, result.Diagnostics)
	for _, one := range result.Diagnostics {
		assert.Equal(t, "types.baml", one.File)
		assert.Contains(t, result.Text, one.Message)
		assert.Contains(t, result.Text, "["+one.ID+"]")
	}
	assert.Contains(t, result.StyledText, "\x1b[")
	assert.NotContains(t, result.Text, "\x1b[")
}

func TestCheck_labels_say_where_else_to_look(t *testing.T) {
	result, err := baml.Check(map[string]string{
		"a.baml": "class A {\n}\n", "b.baml": "\nenum A {\n  X\n}\n",
	})
	require.NoError(t, err)
	require.Len(t, result.Diagnostics, 2)
	label := result.Diagnostics[0].Labels
	require.Len(t, label, 1)
	assert.Equal(t, baml.DiagnosticLabel{
		Text: "this enum too", File: "b.baml", Start: [2]int{2, 5}, End: [2]int{2, 6},
	}, label[0])
}

func TestCheck_warnings_alone_are_fine(t *testing.T) {
	result, err := baml.Check(map[string]string{"a.baml": "let x = 5;\n"})
	require.NoError(t, err)
	assert.True(t, result.OK)
	require.Len(t, result.Diagnostics, 1)
	assert.Equal(t, "W-top-level-let", result.Diagnostics[0].ID)
	assert.Equal(t, "warning", result.Diagnostics[0].Severity)

	runtime, err := baml.LoadFiles(map[string]string{"a.baml": "let x = 5;\n"})
	require.NoError(t, err, "what has warnings alone loads")
	require.NoError(t, runtime.Close())
}

func TestFormat_gives_every_file_or_says_why_not(t *testing.T) {
	const messy = "// top\nclass  A{\n a   int  // why\n}"
	const tidy = "// top\nclass A {\n  a int // why\n}\n"
	result, err := baml.Format(map[string]string{
		"messy.baml": messy, "tidy.baml": tidy, "empty.baml": "", "bad.baml": "class {",
	})
	require.NoError(t, err)
	assert.False(t, result.OK)
	assert.Equal(t, map[string]string{"messy.baml": tidy, "tidy.baml": tidy, "empty.baml": ""},
		result.Files)
	require.Len(t, result.Diagnostics, 1)
	assert.Equal(t, "bad.baml", result.Diagnostics[0].File)
	assert.Contains(t, result.Text, "bad.baml:1:1")

	again, err := baml.Format(result.Files)
	require.NoError(t, err)
	assert.True(t, again.OK)
	assert.Equal(t, result.Files, again.Files, "formatting twice changes nothing more")
	assert.Empty(t, again.Diagnostics)
	assert.Empty(t, again.Text)
}

func TestFormat_lines_that_do_not_fit_are_broken(t *testing.T) {
	name := strings.Repeat("Long", 9)
	result, err := baml.Format(map[string]string{
		"a.baml": "type T = " + name + "1 | " + name + "2 | " + name + "3\n",
	})
	require.NoError(t, err)
	assert.Equal(t, "type T = "+name+"1\n  | "+name+"2\n  | "+name+"3\n", result.Files["a.baml"])
}

func TestSources_that_are_no_text_are_refused(t *testing.T) {
	files := map[string]string{"a.baml": "class A {\n  a \xff\n}\n"}
	_, err := baml.Check(files)
	require.ErrorContains(t, err, "a.baml")
	_, err = baml.Format(files)
	require.ErrorContains(t, err, "a.baml")
}

func TestExplain_says_what_an_id_means_and_the_way_out(t *testing.T) {
	found, err := baml.Explain("E-unknown-type")
	require.NoError(t, err)
	assert.Equal(t, "error", found.Severity)
	assert.Contains(t, found.Shown, "error[E-unknown-type]")

	for _, written := range []string{"unknown-type", "e-UNKNOWN-type"} {
		same, err := baml.Explain(written)
		require.NoError(t, err)
		assert.Equal(t, found, same, written)
	}
	_, err = baml.Explain("unknown-tpe")
	require.ErrorContains(t, err, "E-unknown-type")
	_, err = baml.Explain("")
	require.Error(t, err)
}

func TestExplanations_hold_what_they_say(t *testing.T) {
	all, err := baml.Explanations()
	require.NoError(t, err)
	assert.Greater(t, len(all), 80)
	for _, one := range all {
		assert.NotEmpty(t, one.Summary, one.ID)
		assert.NotEmpty(t, one.Fix, one.ID)
		assert.Contains(t, one.Shown, "["+one.ID+"]")
		told, err := baml.Check(map[string]string{"main.baml": one.Example})
		require.NoError(t, err)
		assert.True(t, one.Severity == "warning" || !told.OK, one.ID)
		assert.True(t, holds(told, one.ID), one.ID)
		right, err := baml.Check(map[string]string{"main.baml": one.Fixed})
		require.NoError(t, err)
		assert.True(t, right.OK, "%s: %s", one.ID, right.Text)
		assert.False(t, holds(right, one.ID), one.ID)
	}
}

func holds(result *baml.CheckResult, id string) bool {
	for _, one := range result.Diagnostics {
		if one.ID == id {
			return true
		}
	}
	return false
}
