// Loading a project, and what it declares.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/bamlwire/bamlwire/baml"
	"github.com/spf13/cobra"
)

const defaultFolder = "./baml_src"

func fromFlag(command *cobra.Command) *string {
	return command.Flags().String("from", defaultFolder, "folder with the .baml files")
}

// readSources reads the files of a folder under paths that a reader can open.
func readSources(folder string) (map[string]string, error) {
	info, err := os.Stat(folder)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, usagef("there is no folder %s; name one with --from", folder)
	case err != nil:
		return nil, err
	case !info.IsDir():
		return nil, usagef("%s is not a folder", folder)
	}
	files, err := baml.ReadFS(os.DirFS(folder))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", folder, err)
	}
	named := make(map[string]string, len(files))
	for name, text := range files {
		named[filepath.ToSlash(filepath.Join(folder, name))] = text
	}
	return named, nil
}

// load loads the project of a folder. Faults of the sources are printed with file, line, excerpt
// and help.
func load(folder string, io streams) (*baml.Runtime, error) {
	files, err := readSources(folder)
	if err != nil {
		return nil, err
	}
	runtime, err := baml.LoadFiles(files)
	var failure *baml.Error
	if errors.As(err, &failure) && failure.Kind == baml.ErrorProject {
		_, _ = fmt.Fprintln(io.problems, strings.TrimRight(failure.Message, "\n"))
		return nil, errReported
	}
	return runtime, err
}

// function is a declared function as far as the command line needs it.
type function struct {
	Name       string      `json:"name"`
	Parameters []parameter `json:"parameters"`
}

type parameter struct {
	Name string          `json:"name"`
	Type json.RawMessage `json:"type"`
}

// isText tells a parameter that takes any text as it is.
func (p parameter) isText() bool {
	var name string
	return json.Unmarshal(p.Type, &name) == nil && strings.TrimSuffix(name, "?") == "string"
}

// signature is the function as in the sources, for messages.
func (f function) signature() string {
	parameters := make([]string, len(f.Parameters))
	for i, declared := range f.Parameters {
		var kind string
		if json.Unmarshal(declared.Type, &kind) != nil {
			kind = string(declared.Type)
		}
		parameters[i] = declared.Name + ": " + kind
	}
	return f.Name + "(" + strings.Join(parameters, ", ") + ")"
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
