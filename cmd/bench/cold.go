// cold: a fresh process loads a project of about 2,000 lines, and one of about 10,000.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/bamlwire/bamlwire/baml"
	"github.com/bamlwire/bamlwire/internal/measure"
	"github.com/spf13/cobra"
)

const (
	coldFiles = 20
	// coldFilesMany is five times the size: the time must grow no faster.
	coldFilesMany = 100

	coldRuns  = 7
	quickRuns = 2
)

// coldRun is what a fresh process measured.
type coldRun struct {
	Load   time.Duration `json:"load"`
	CPU    time.Duration `json:"cpu"`
	Before float64       `json:"before"`
	After  float64       `json:"after"`
}

func coldChildCommand() *cobra.Command {
	return &cobra.Command{
		Use: "cold-child FILES", Hidden: true, Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			count, err := strconv.Atoi(args[0])
			if err != nil {
				return err
			}
			files := largeProject(count)
			run := coldRun{Before: measure.ResidentMB()}
			before, start := measure.CPUTime(), time.Now()
			runtime, err := baml.LoadFiles(files)
			if err != nil {
				return err
			}
			defer func() { _ = runtime.Close() }()
			run.Load, run.CPU = time.Since(start), measure.CPUTime()-before
			run.After = measure.ResidentMB()
			return json.NewEncoder(os.Stdout).Encode(run)
		},
	}
}

func benchCold(ctx context.Context, quick bool) error {
	count := coldRuns
	if quick {
		count = quickRuns
	}
	load, err := coldLoads(ctx, count, coldFiles)
	if err != nil {
		return err
	}
	keepFigure("cold", figure{"ms to load", measure.Milliseconds(load)})
	_, err = coldLoads(ctx, count, coldFilesMany)
	return err
}

// coldLoads loads a project of so many files in fresh processes and tells the usual time.
func coldLoads(ctx context.Context, count, files int) (time.Duration, error) {
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	var loads, cpu, processes measure.Samples
	var last coldRun
	for range count {
		start := time.Now()
		command := exec.CommandContext(ctx, self, "cold-child", strconv.Itoa(files))
		command.Stderr = os.Stderr
		text, err := command.Output()
		if err != nil {
			return 0, err
		}
		processes = append(processes, time.Since(start))
		if err := json.Unmarshal(text, &last); err != nil {
			return 0, err
		}
		loads, cpu = append(loads, last.Load), append(cpu, last.CPU)
	}
	lines := 0
	for _, text := range largeProject(files) {
		lines += strings.Count(text, "\n")
	}
	fmt.Printf("  %d files, %d lines: load %s ms (CPU %s ms), whole process %s ms,"+
		" RSS %.0f → %.0f MB\n",
		files+1, lines, measure.InMilliseconds(loads.At(measure.Half)),
		measure.InMilliseconds(cpu.At(measure.Half)),
		measure.InMilliseconds(processes.At(measure.Half)), last.Before, last.After)
	return loads.At(measure.Half), nil
}
