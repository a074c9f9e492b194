// Command bench measures the whole stack on loopback and prints a table for each section:
//
//	bench [--sections load,streams,calls,cancel,forgotten,grow,cold] [--quick] [--official DIR]
//	bench --sections grow --growths list/fast/500000,list/1/200000
//	bench soak [--minutes 10] [--streams 10000]
//
// The scripted model server runs in a process of its own, so that CPU and memory are the client's
// alone. Run it once for each backend: CGO_ENABLED=1 and CGO_ENABLED=0.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"slices"

	"github.com/bamlwire/bamlwire/bindings"
	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := rootCommand().ExecuteContext(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

type section struct {
	name string
	run  func(ctx context.Context, quick bool) error
}

var sections = []section{
	{"load", benchLoad}, {"streams", benchStreams}, {"calls", benchCalls},
	{"cancel", benchCancel}, {"forgotten", benchForgotten}, {"grow", benchGrow},
	{"cold", benchCold},
}

func rootCommand() *cobra.Command {
	var wanted []string
	var quick bool
	var official string
	root := &cobra.Command{
		Use: "bench", Short: "measure streams, cancellation, memory and cold start",
		Args:         cobra.NoArgs,
		SilenceUsage: true, SilenceErrors: true,
	}
	flags := root.Flags()
	flags.StringSliceVar(&wanted, "sections", nil, "only these sections")
	flags.StringSliceVar(&wantedCrowds, "crowds", nil, "of the streams, only these rows:"+
		" text/1000,list/1000")
	flags.StringSliceVar(&wantedGrowths, "growths", nil, "of the growing answers, only these"+
		" rows: list/fast/500000,string/1/200000")
	flags.BoolVar(&quick, "quick", false, "smaller counts, to see that everything runs")
	flags.StringVar(&official, "official", "", "folder with bench.mjs and an installed official"+
		" runtime: print its figures too")
	root.RunE = func(command *cobra.Command, _ []string) error {
		fmt.Printf("backend %s, %s/%s, %d cores, %s\n", bindings.Backend, runtime.GOOS,
			runtime.GOARCH,
			runtime.NumCPU(), runtime.Version())
		for _, part := range sections {
			if len(wanted) > 0 && !slices.Contains(wanted, part.name) {
				continue
			}
			fmt.Printf("\n%s\n", part.name)
			if err := part.run(command.Context(), quick); err != nil {
				return fmt.Errorf("%s: %w", part.name, err)
			}
		}
		if official != "" {
			return benchOfficial(command.Context(), official, wanted)
		}
		return nil
	}
	root.AddCommand(serveCommand(), coldChildCommand(), soakCommand())
	return root
}
