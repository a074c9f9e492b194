// explain: what the id of a diagnostic stands for; without one, the list of them all.
package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/bamlwire/bamlwire/baml"
	"github.com/spf13/cobra"
)

func explainCommand(streams streams) *cobra.Command {
	var page bool
	command := &cobra.Command{
		Use: "explain [ID]", Args: cobra.MaximumNArgs(1),
		Short: "say what a diagnostic means, with an example",
		Long: "explain prints what the diagnostic of this id means and the way out, with an\n" +
			"example. The E- or W- in front may be left out. Without an ID it lists all of them.",
	}
	command.Flags().BoolVar(&page, "page", false, "print all of them as a Markdown page")
	command.RunE = func(_ *cobra.Command, args []string) error {
		switch {
		case page && len(args) > 0:
			return usagef("--page prints all ids; leave out %s", args[0])
		case page:
			return printPage(streams.out)
		case len(args) == 0:
			return listIDs(streams.out)
		}
		found, err := baml.Explain(args[0])
		if err != nil {
			return usageError{err}
		}
		const form = "%s (%s)\n\n%s\n%s\n\nFor example:\n\n%s\nis told as\n\n%s\nand right as\n\n%s"
		_, err = fmt.Fprintf(streams.out, form, found.ID, found.Severity, found.Summary, found.Fix,
			indented(found.Example), indented(found.Shown), indented(found.Fixed))
		return err
	}
	return command
}

func indented(text string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) != "" {
			out.WriteString("    ")
		}
		out.WriteString(line)
	}
	return out.String()
}

func listIDs(out io.Writer) error {
	all, err := baml.Explanations()
	if err != nil {
		return err
	}
	width := 0
	for _, one := range all {
		width = max(width, len(one.ID))
	}
	for _, one := range all {
		if _, err := fmt.Fprintf(out, "%-*s  %s\n", width, one.ID, one.Summary); err != nil {
			return err
		}
	}
	return nil
}

const pageHead = `# Diagnostics

Made by ` + "`make docs`" + `; do not edit. Every id that a diagnostic can have, what it means, and
the way out, an example that causes it with what is told about it, help included, and the example
put right. ` + "`bamlwire explain ID`" + ` prints one of them.
Errors keep a project from loading; warnings do not.
`

// printPage writes the page docs/diagnostics.md.
func printPage(out io.Writer) error {
	all, err := baml.Explanations()
	if err != nil {
		return err
	}
	var page strings.Builder
	page.WriteString(pageHead + "\n| id | meaning |\n|---|---|\n")
	for _, one := range all {
		fmt.Fprintf(&page, "| [`%s`](#%s) | %s |\n",
			one.ID, strings.ToLower(one.ID), inTable(one.Summary))
	}
	for _, one := range all {
		fmt.Fprintf(&page, "\n## %s\n\n%s\n\n%s\n%s\n", one.ID, one.Summary,
			fenced("baml", one.Example), fenced("text", one.Shown))
		fmt.Fprintf(&page, "**Way out.** %s\n\n%s", one.Fix, fenced("baml", one.Fixed))
	}
	_, err = io.WriteString(out, page.String())
	return err
}

// inTable keeps a bar of the text from ending the cell.
func inTable(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

func fenced(language, text string) string {
	return "```" + language + "\n" + strings.TrimRight(text, "\n") + "\n```\n"
}
