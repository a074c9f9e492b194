// What a project declares, as far as the command line needs it: functions and their parameters.
package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/bamlwire/bamlwire/baml"
)

// function is a declared function.
type function struct {
	Name       string      `json:"name"`
	Parameters []parameter `json:"params"`
	Returns    any         `json:"returns"`
}

type parameter struct {
	Name string `json:"name"`
	Type any    `json:"type"`
}

// isText tells a parameter that takes any text as it is.
func (p parameter) isText() bool {
	written := typeText(p.Type)
	return written == "string" || written == "string?"
}

// isRequired tells a parameter that cannot be left out, as far as its own type says so.
func (p parameter) isRequired() bool {
	form, _ := p.Type.(map[string]any)
	_, isAlias := form["alias"]
	written := typeText(p.Type)
	return !isAlias && written != "null" && !strings.HasSuffix(written, "?")
}

// signature is the function as in the sources.
func (f function) signature() string {
	parameters := make([]string, len(f.Parameters))
	for i, declared := range f.Parameters {
		parameters[i] = declared.Name + ": " + typeText(declared.Type)
	}
	return f.Name + "(" + strings.Join(parameters, ", ") + ") -> " + typeText(f.Returns)
}

// typeText writes a type, which is data in Describe, as the sources do.
func typeText(declared any) string {
	form, ok := declared.(map[string]any)
	if !ok {
		return fmt.Sprint(declared)
	}
	if inner, ok := form["type"]; ok {
		return typeText(inner)
	}
	for _, name := range []string{"class", "enum", "alias"} {
		if named, ok := form[name]; ok {
			return fmt.Sprint(named)
		}
	}
	if literal, ok := form["literal"]; ok {
		return compactJSON(literal)
	}
	if item, ok := form["list"]; ok {
		written := typeText(item)
		if strings.ContainsAny(written, "|?") {
			written = "(" + written + ")"
		}
		return written + "[]"
	}
	if pair, ok := form["map"].([]any); ok && len(pair) == 2 {
		return "map<" + typeText(pair[0]) + ", " + typeText(pair[1]) + ">"
	}
	if variants, ok := form["union"].([]any); ok {
		return unionText(variants)
	}
	return compactJSON(declared)
}

func unionText(variants []any) string {
	var written []string
	optional := ""
	for _, variant := range variants {
		if variant == "null" {
			optional = "?"
			continue
		}
		written = append(written, typeText(variant))
	}
	joined := strings.Join(written, " | ")
	if optional != "" && len(written) > 1 {
		return "(" + joined + ")?"
	}
	return joined + optional
}

// find looks a function up; one that does not exist is an error that lists those that do.
func find(runtime *baml.Runtime, name string) (function, error) {
	text, err := runtime.Describe()
	if err != nil {
		return function{}, err
	}
	var declared struct {
		Functions []function `json:"functions"`
	}
	if err := json.Unmarshal(text, &declared); err != nil {
		return function{}, fmt.Errorf("describe: %w", err)
	}
	signatures := make([]string, 0, len(declared.Functions))
	for _, candidate := range declared.Functions {
		if candidate.Name == name {
			return candidate, nil
		}
		signatures = append(signatures, "  "+candidate.signature())
	}
	if len(signatures) == 0 {
		return function{}, usagef("there is no function %s: the project declares none", name)
	}
	return function{}, usagef("there is no function %s; there are:\n%s",
		name, strings.Join(signatures, "\n"))
}
