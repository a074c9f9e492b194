// The official runtime's figures, taken by scripts/oracle/bench.mjs where it is installed.
package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
)

// officialRuns are the sections that bench.mjs can take too.
var officialRuns = []struct {
	section string
	args    []string
}{
	{"cancel", []string{"abort", "200"}},
	{"forgotten", []string{"abandon"}},
	{"load", []string{"conc", "1,1000", "40", "250"}},
	{"grow", []string{"grow", "10000,50000,100000", "list", "fast"}},
	{"cold", []string{"cold", "20"}},
}

func benchOfficial(ctx context.Context, folder string, wanted []string) error {
	script := filepath.Join(folder, "bench.mjs")
	if _, err := os.Stat(script); err != nil {
		return err
	}
	for _, run := range officialRuns {
		if len(wanted) > 0 && !slices.Contains(wanted, run.section) {
			continue
		}
		fmt.Printf("\nofficial runtime: %s\n", run.section)
		command := exec.CommandContext(ctx, "node", append([]string{script}, run.args...)...)
		command.Stdout, command.Stderr = os.Stdout, os.Stderr
		if err := command.Run(); err != nil {
			return fmt.Errorf("official %s: %w", run.section, err)
		}
	}
	return nil
}
