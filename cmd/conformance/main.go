// Command conformance runs recorded cases through the whole stack, the C interface included, and
// tells how many answers agree with the official runtime's.
//
//	conformance check|parse|request|stream [--list] [--show ID] [--min PERCENT] PATH...
//
// PATH is a folder with .jsonl files or one such file. The last line is the figure. The exit status
// is 0 whatever agrees, unless --min asks for more, and 2 for wrong usage or unreadable records.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(execute(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// The exit statuses.
const (
	exitFine  = 0
	exitBelow = 1
	exitUsage = 2
)

type choices struct {
	list    bool
	show    []string
	only    []string
	minimum float64
	differs string
}

func execute(ctx context.Context, args []string, out, problems io.Writer) int {
	status := exitFine
	root := &cobra.Command{
		Use:           "conformance",
		Short:         "run recorded cases through the whole stack",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	for _, name := range []string{"check", "parse", "request", "stream"} {
		chosen := &choices{}
		command := &cobra.Command{
			Use:   name + " PATH...",
			Short: "records of the kind " + name,
			Args:  cobra.MinimumNArgs(1),
			RunE: func(_ *cobra.Command, paths []string) error {
				var err error
				status, err = runKind(ctx, name, paths, chosen, out)
				return err
			},
		}
		flags := command.Flags()
		flags.BoolVar(&chosen.list, "list", false, "name the records that differ, by file")
		flags.StringArrayVar(&chosen.show, "show", nil, "print expected and got of this record")
		flags.StringArrayVar(&chosen.only, "only", nil, "run only this record")
		flags.Float64Var(&chosen.minimum, "min", 0, "fail below this percentage")
		flags.StringVar(&chosen.differs, "differs", "", "list of chosen differences"+
			" (default: differs.jsonl beside the folder of the records)")
		root.AddCommand(command)
	}
	root.SetArgs(args)
	root.SetOut(out)
	root.SetErr(problems)
	if err := root.ExecuteContext(ctx); err != nil {
		_, _ = fmt.Fprintln(problems, "conformance:", err)
		return exitUsage
	}
	return status
}

func runKind(
	ctx context.Context, name string, paths []string, chosen *choices, out io.Writer,
) (int, error) {
	k, err := kindNamed(name)
	if err != nil {
		return exitUsage, err
	}
	records, err := readRecords(paths)
	if err != nil {
		return exitUsage, err
	}
	if wanted := append(chosen.only, chosen.show...); len(wanted) > 0 {
		if records, err = onlyNamed(records, wanted); err != nil {
			return exitUsage, err
		}
	}
	if chosen.differs == "" {
		chosen.differs = defaultDifferences(paths)
	}
	differences, err := readDifferences(chosen.differs, name)
	if err != nil {
		return exitUsage, err
	}
	results := k.run(ctx, records, differences)
	if ctx.Err() != nil {
		return exitUsage, fmt.Errorf("interrupted: %w", ctx.Err())
	}
	report := newReport(name, results)
	for _, id := range chosen.show {
		report.show(out, id)
	}
	if chosen.list {
		report.list(out)
	}
	isBelow := report.percent() < chosen.minimum
	if isBelow {
		report.strays(out)
	}
	report.figures(out)
	if isBelow {
		return exitBelow, nil
	}
	return exitFine, nil
}

// onlyNamed keeps the records whose ids are named; an id that no record has is an error.
func onlyNamed(records []*record, ids []string) ([]*record, error) {
	var kept []*record
	for _, id := range ids {
		before := len(kept)
		for _, r := range records {
			if r.ID == id {
				kept = append(kept, r)
			}
		}
		if len(kept) == before {
			return nil, fmt.Errorf("no record %q; ids look like %s", id,
				strings.Join(someIDs(records), ", "))
		}
	}
	return kept, nil
}

func someIDs(records []*record) []string {
	const shown = 3
	var ids []string
	for _, r := range records[:min(shown, len(records))] {
		ids = append(ids, r.ID)
	}
	return ids
}
