// Command bamlwire loads BAML projects, checks them, and runs their functions: see `bamlwire help`.
//
// Exit statuses: 0 fine; 1 the sources, the model or the reply are at fault; 2 wrong usage; 130 and
// 143 interrupted.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
)

const (
	exitFine        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130
)

func main() {
	ctx, stop := interruptible(context.Background())
	status := execute(ctx, os.Args[1:], streams{in: os.Stdin, out: os.Stdout, problems: os.Stderr})
	stop()
	os.Exit(status)
}

// streams are where the program reads and writes.
type streams struct {
	in       io.Reader
	out      io.Writer
	problems io.Writer
}

// usageError is the caller's mistake on the command line.
type usageError struct{ error }

func (u usageError) Unwrap() error { return u.error }

func usagef(format string, values ...any) error {
	return usageError{fmt.Errorf(format, values...)}
}

// errReported ends a command whose problem is already on the screen.
var errReported = errors.New("reported")

func execute(ctx context.Context, args []string, io streams) int {
	root := &cobra.Command{
		Use:   "bamlwire",
		Short: "run BAML functions: streamed, typed, and cancelled for sure",
		Long: "bamlwire loads the .baml files of a folder, checks them and runs functions.\n" +
			"An independent implementation; not affiliated with BoundaryML.",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.AddCommand(
		demoCommand(io), checkCommand(io), formatCommand(io), explainCommand(io), promptCommand(io),
		requestCommand(io), callCommand(io), streamCommand(io), parseCommand(io),
	)
	root.SetArgs(args)
	root.SetIn(io.in)
	root.SetOut(io.out)
	root.SetErr(io.problems)
	ran := false
	root.PersistentPreRun = func(*cobra.Command, []string) { ran = true }
	err := root.ExecuteContext(ctx)
	return statusOf(ctx, err, ran, io.problems)
}

// statusOf reports the error, if nobody has, and gives the exit status.
func statusOf(ctx context.Context, err error, ran bool, problems io.Writer) int {
	var interrupted interruption
	var wrong usageError
	switch {
	case errors.As(context.Cause(ctx), &interrupted) && err != nil:
		_, _ = fmt.Fprintf(problems, "bamlwire: %v\n", interrupted)
		return interrupted.status
	case err == nil:
		return exitFine
	case errors.Is(err, errReported):
		return exitFailed
	case errors.As(err, &wrong) || !ran:
		_, _ = fmt.Fprintf(problems, "bamlwire: %v\n", err)
		return exitUsage
	}
	_, _ = fmt.Fprintf(problems, "bamlwire: %v\n", err)
	return exitFailed
}
