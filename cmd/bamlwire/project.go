// Loading a project from a folder; faults of its sources are printed, not passed on.
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

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
		return nil, reportSources(files, failure.Message, io)
	}
	return runtime, err
}

// reportSources prints the faults of sources; the plain text is known already.
func reportSources(files map[string]string, plain string, io streams) error {
	styled := ""
	if wantsColour(io.problems) {
		found, err := baml.Check(files)
		if err != nil {
			return err
		}
		styled = found.StyledText
	}
	printDiagnostics(io.problems, plain, styled)
	return errReported
}
