// fmt: the usual blank space for .baml files, written in place or shown.
package main

import (
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/bamlwire/bamlwire/baml"
	"github.com/spf13/cobra"
)

// formatJob is one run of fmt.
type formatJob struct {
	streams     streams
	check, diff bool
}

func formatCommand(streams streams) *cobra.Command {
	job := &formatJob{streams: streams}
	command := &cobra.Command{
		Use: "fmt [PATH...]", Aliases: []string{"format"},
		Short: "format .baml files in place",
		Long: "fmt formats files, and the .baml files of folders; without a PATH those of " +
			defaultFolder + ",\nand with - the input. It names the files that it changed. " +
			"A file with errors is\nnot touched.",
	}
	command.Flags().BoolVar(&job.check, "check", false,
		"write nothing, name the files that are not formatted, exit with 1 if there are any")
	command.Flags().BoolVar(&job.diff, "diff", false, "write nothing, show what would change")
	command.RunE = func(_ *cobra.Command, args []string) error {
		if len(args) == 0 {
			args = []string{defaultFolder}
		}
		if slices.Contains(args, "-") {
			return job.runInput(args)
		}
		return job.run(args)
	}
	return command
}

func (j *formatJob) run(paths []string) error {
	files, err := filesUnder(paths)
	if err != nil {
		return err
	}
	result, err := baml.Format(files)
	if err != nil {
		return err
	}
	fine := result.OK
	for _, path := range slices.Sorted(maps.Keys(result.Files)) {
		text := result.Files[path]
		if text == files[path] {
			continue
		}
		if err := j.settle(path, files[path], text); err != nil {
			return err
		}
		fine = fine && !j.check
	}
	printDiagnostics(j.streams.problems, result.Text, result.StyledText)
	if !fine {
		return errReported
	}
	return nil
}

// settle does with a file that is not formatted what was asked for.
func (j *formatJob) settle(path, old, text string) error {
	if !j.check && !j.diff {
		if err := replaceFile(path, text); err != nil {
			return err
		}
	}
	shown := path + "\n"
	if j.diff {
		shown = unifiedDiff(path, old, text)
	}
	_, err := io.WriteString(j.streams.out, shown)
	return err
}

// runInput formats the input to the output.
func (j *formatJob) runInput(args []string) error {
	if len(args) > 1 {
		return usagef("- stands for the input and cannot be combined with files")
	}
	const name = "<input>"
	text, err := io.ReadAll(j.streams.in)
	if err != nil {
		return fmt.Errorf("read the input: %w", err)
	}
	result, err := baml.Format(map[string]string{name: string(text)})
	if err != nil {
		return err
	}
	formatted, ok := result.Files[name]
	if !ok {
		printDiagnostics(j.streams.problems, result.Text, result.StyledText)
		return errReported
	}
	switch {
	case j.diff && formatted != string(text):
		_, err = io.WriteString(j.streams.out, unifiedDiff(name, string(text), formatted))
	case !j.diff && !j.check:
		_, err = io.WriteString(j.streams.out, formatted)
	}
	if err == nil && j.check && formatted != string(text) {
		return errReported
	}
	return err
}

// filesUnder reads the files that are named, and the .baml files of the folders that are.
func filesUnder(paths []string) (map[string]string, error) {
	files := map[string]string{}
	for _, path := range paths {
		info, err := os.Stat(path)
		switch {
		case os.IsNotExist(err):
			return nil, usagef("there is no file or folder %s", path)
		case err != nil:
			return nil, err
		case info.IsDir():
			found, err := readSources(path)
			if err != nil {
				return nil, err
			}
			maps.Copy(files, found)
		case filepath.Ext(path) != ".baml":
			return nil, usagef("%s is not a .baml file", path)
		default:
			text, err := os.ReadFile(path)
			if err != nil {
				return nil, err
			}
			files[filepath.ToSlash(filepath.Clean(path))] = string(text)
		}
	}
	return files, nil
}

// replaceFile puts a text in a file's place at once: whatever goes wrong, either the old or the
// new text is there, whole. Links are followed, permissions stay.
func replaceFile(path, text string) (err error) {
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	info, err := os.Stat(target)
	if err != nil {
		return err
	}
	fresh, err := os.CreateTemp(filepath.Dir(target), "."+filepath.Base(target)+".*.new")
	if err != nil {
		return fmt.Errorf("%s is left as it was: %w", path, err)
	}
	defer func() {
		if err != nil {
			_ = fresh.Close()
			_ = os.Remove(fresh.Name())
			err = fmt.Errorf("%s is left as it was: %w", path, err)
		}
	}()
	if _, err = io.WriteString(fresh, text); err != nil {
		return err
	}
	if err = fresh.Chmod(info.Mode().Perm()); err != nil {
		return err
	}
	if err = fresh.Sync(); err != nil {
		return err
	}
	if err = fresh.Close(); err != nil {
		return err
	}
	return os.Rename(fresh.Name(), target)
}
