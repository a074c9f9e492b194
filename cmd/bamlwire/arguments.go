// Arguments of a function on the command line: --args JSON or @file, and --arg name=value.
package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
)

// argumentFlags are the two ways to give arguments; single ones stand above those of --args.
type argumentFlags struct {
	all    string
	single []string
}

func (a *argumentFlags) register(command *cobra.Command) {
	flags := command.Flags()
	flags.StringVar(&a.all, "args", "",
		"all arguments as a JSON object, or @FILE, or - for the input")
	flags.StringArrayVar(&a.single, "arg", nil, "one argument, name=value; name=@FILE reads a file")
}

// read puts the arguments together and checks their names.
func (a *argumentFlags) read(declared function, in io.Reader) (map[string]json.RawMessage, error) {
	arguments := map[string]json.RawMessage{}
	if a.all != "" {
		text, err := fileOrText(a.all, in)
		if err != nil {
			return nil, err
		}
		decoder := json.NewDecoder(bytes.NewReader(text))
		if err := decoder.Decode(&arguments); err != nil {
			return nil, usagef("--args is not a JSON object: %w", err)
		}
	}
	for _, given := range a.single {
		name, value, ok := strings.Cut(given, "=")
		if !ok {
			return nil, usagef("--arg %s: want name=value", given)
		}
		text, err := fileOrText(value, nil)
		if err != nil {
			return nil, err
		}
		arguments[name] = asJSON(declared, name, text)
	}
	for name := range arguments {
		if !declared.has(name) {
			return nil, usagef("%s has no argument %q; it is %s", declared.Name, name,
				declared.signature())
		}
	}
	for _, needed := range declared.Parameters {
		if _, given := arguments[needed.Name]; !given && needed.isRequired() {
			return nil, usagef("%s needs the argument %q; it is %s", declared.Name, needed.Name,
				declared.signature())
		}
	}
	return arguments, nil
}

// oneFunction wants the name of a function and nothing else.
func oneFunction(command *cobra.Command, args []string) error {
	switch len(args) {
	case 0:
		return usagef("name a function: bamlwire %s", command.Use)
	case 1:
		return nil
	default:
		return usagef("one function at a time; its arguments go with --arg name=value")
	}
}

func (f function) has(name string) bool {
	for _, declared := range f.Parameters {
		if declared.Name == name {
			return true
		}
	}
	return false
}

// asJSON takes the text as it is where the parameter is a string, and where it is not JSON.
func asJSON(declared function, name string, text []byte) json.RawMessage {
	isText := false
	for _, candidate := range declared.Parameters {
		isText = isText || candidate.Name == name && candidate.isText()
	}
	if !isText && json.Valid(text) {
		return text
	}
	quoted, err := json.Marshal(string(text))
	if err != nil {
		return text
	}
	return quoted
}

// fileOrText reads @FILE, and - when there is an input.
func fileOrText(value string, in io.Reader) ([]byte, error) {
	switch {
	case value == "-" && in != nil:
		return io.ReadAll(in)
	case strings.HasPrefix(value, "@"):
		text, err := os.ReadFile(value[1:])
		if err != nil {
			return nil, usageError{err}
		}
		return text, nil
	}
	return []byte(value), nil
}
