// What is asked of sources that need not load: Check, Format, and Explain for a diagnostic's id.

package baml

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/bamlwire/bamlwire/bindings"
)

// CheckResult is what Check found.
type CheckResult struct {
	// OK is true if nothing keeps the sources from being loaded; there may be warnings.
	OK          bool         `json:"ok"`
	Diagnostics []Diagnostic `json:"diagnostics"`
	// Text is all of it as people read it.
	Text string `json:"text"`
	// StyledText is the same with colours, for a terminal.
	StyledText string `json:"styled"`
	// Detail is everything, as JSON.
	Detail json.RawMessage `json:"-"`
}

// Check looks at sources without loading them: text by file name.
func Check(files map[string]string, options ...RuntimeOption) (*CheckResult, error) {
	result := &CheckResult{}
	detail, err := askOfSources(files, result, options,
		func(table *bindings.Table) plainCall { return table.Check })
	if err != nil {
		return nil, err
	}
	result.Detail = detail
	return result, nil
}

// FormatResult is what Format made.
type FormatResult struct {
	// OK is true if every file could be formatted.
	OK bool `json:"ok"`
	// Files are the formatted texts by file name, those that were formatted before among them. A
	// file that cannot be parsed is missing.
	Files map[string]string `json:"files"`
	// Diagnostics say why files are missing.
	Diagnostics []Diagnostic `json:"diagnostics"`
	// Text is the diagnostics as people read them.
	Text string `json:"text"`
	// StyledText is the same with colours, for a terminal.
	StyledText string `json:"styled"`
}

// Format gives sources the usual blank space: text by file name. What they mean and every comment
// stay as they are; formatting twice changes nothing more.
func Format(files map[string]string, options ...RuntimeOption) (*FormatResult, error) {
	result := &FormatResult{}
	_, err := askOfSources(files, result, options,
		func(table *bindings.Table) plainCall { return table.Format })
	if err != nil {
		return nil, err
	}
	return result, nil
}

// Explanation says what the id of a diagnostic stands for.
type Explanation struct {
	ID string `json:"id"`
	// Severity is "error" or "warning".
	Severity string `json:"severity"`
	// Summary is one line on what is wrong.
	Summary string `json:"summary"`
	// Fix is one line on the way out.
	Fix string `json:"fix"`
	// Example is a source that causes the diagnostic.
	Example string `json:"example"`
	// Fixed is the same source as it should be.
	Fixed string `json:"fixed"`
	// Shown is what is told about the example, help included.
	Shown string `json:"shown"`
}

// Explain looks up a diagnostic's id, such as E-unknown-type; the E- or W- may be left out. The
// error for one that does not exist names the nearest.
func Explain(id string, options ...RuntimeOption) (Explanation, error) {
	if id == "" {
		return Explanation{}, invalidError("explain: an id is needed")
	}
	found, err := explain(id, options)
	if err != nil || len(found) == 0 {
		return Explanation{}, err
	}
	return found[0], nil
}

// Explanations are those of all ids.
func Explanations(options ...RuntimeOption) ([]Explanation, error) {
	return explain("", options)
}

func explain(id string, options []RuntimeOption) ([]Explanation, error) {
	var found []Explanation
	_, err := askOfLibrary([]byte(id), &found, options,
		func(table *bindings.Table) plainCall { return table.Explain })
	return found, err
}

// plainCall is a function of the library that needs no runtime.
type plainCall = func(given []byte) (answer []byte, status bindings.Status)

// mustBeText refuses files that JSON could not carry as they are.
func mustBeText(files map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(files)) {
		text := files[name]
		if utf8.ValidString(text) {
			continue
		}
		line := 1
		for _, part := range strings.SplitAfter(text, "\n") {
			if !utf8.ValidString(part) {
				break
			}
			line++
		}
		return invalidError("%s:%d: not UTF-8 text", name, line)
	}
	return nil
}

// askOfSources sends files and reads the answer into result.
func askOfSources(
	files map[string]string, result any, options []RuntimeOption,
	function func(*bindings.Table) plainCall,
) ([]byte, error) {
	if err := mustBeText(files); err != nil {
		return nil, err
	}
	request, err := json.Marshal(files)
	if err != nil {
		return nil, internalError(err)
	}
	return askOfLibrary(request, result, options, function)
}

// askOfLibrary calls a function of the table that needs no runtime.
func askOfLibrary(
	request []byte, result any, options []RuntimeOption,
	function func(*bindings.Table) plainCall,
) ([]byte, error) {
	chosen := &runtimeOptions{}
	for _, option := range options {
		if option != nil {
			option(chosen)
		}
	}
	table, err := bindings.Load(chosen.library)
	if err != nil {
		return nil, err
	}
	answer, status := function(table)(request)
	if status != bindings.StatusOK {
		return nil, errorFrom(answer, status, "")
	}
	if err := json.Unmarshal(answer, result); err != nil {
		return nil, internalError(err)
	}
	return answer, nil
}
