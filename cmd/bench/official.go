// The official runtime's figures, taken by scripts/oracle/bench.mjs where it is installed, and ours
// of the same run beside them.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// figure is one number of this run, with its unit.
type figure struct {
	unit  string
	value float64
}

var ours = map[string]figure{}

func figureKey(parts ...string) string { return strings.Join(parts, " ") }

// keepFigure remembers a number, to be shown beside the official runtime's.
func keepFigure(key string, value figure) { ours[key] = value }

// officialLine is what bench.mjs prints: the union of its lines.
type officialLine struct {
	Shape       string    `json:"shape"`
	Pace        string    `json:"pace"`
	Chars       int       `json:"chars"`
	CPU         float64   `json:"cpu_ms"`
	Streams     int       `json:"n"`
	EachCPU     float64   `json:"cpu_ms_per_stream"`
	PeakMB      float64   `json:"rss_peak_mb"`
	Concurrency int       `json:"concurrency"`
	PerSecond   float64   `json:"calls_per_s"`
	CallCPU     float64   `json:"cpu_ms_per_call"`
	Reject      quantiles `json:"reject_us"`
	ServerClose quantiles `json:"server_close_us"`
	BuildMS     float64   `json:"build_ms"`
}

type quantiles struct {
	P50 float64 `json:"p50"`
	P99 float64 `json:"p99"`
}

// officialRuns are the sections that bench.mjs can take too. What takes it minutes (a list of
// 500,000 characters) is left to whoever asks it directly.
var officialRuns = []struct {
	section string
	args    []string
}{
	{"streams", []string{"conc", "1,10,100,1000", "200", "50", "text"}},
	{"streams", []string{"conc", "1,10", "200", "50", "list"}},
	{"grow", []string{"grow", "10000,50000,100000,200000", "list", "fast"}},
	{"grow", []string{"grow", "100000,500000", "string", "fast"}},
	{"grow", []string{"grow", "50000,200000", "list", "1"}},
	{"calls", []string{"call", "2000"}},
	{"cancel", []string{"abort", "200"}},
	{"forgotten", []string{"abandon"}},
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
		fmt.Printf("\nofficial runtime: %s %s\n", run.section, strings.Join(run.args[1:], " "))
		command := exec.CommandContext(ctx, "node", append([]string{script}, run.args...)...)
		command.Stderr = os.Stderr
		text, err := command.Output()
		if err != nil {
			return fmt.Errorf("official %s: %w", run.section, err)
		}
		lines := bufio.NewScanner(bytes.NewReader(text))
		for lines.Scan() {
			showOfficial(run.section, lines.Bytes())
		}
	}
	return nil
}

func showOfficial(section string, text []byte) {
	var line officialLine
	if json.Unmarshal(text, &line) != nil {
		return
	}
	const thousand = 1_000
	switch {
	case section == "streams":
		streams := strconv.Itoa(line.Streams)
		beside(figureKey("streams", line.Shape, streams), line.EachCPU)
		beside(figureKey("memory", line.Shape, streams), line.PeakMB)
	case section == "grow":
		// The answer's length is a little below what was asked for.
		length := strconv.Itoa((line.Chars + thousand - 1) / thousand * thousand)
		beside(figureKey("grow", line.Shape, line.Pace, length), line.CPU)
	case section == "calls" && line.Concurrency > 0:
		at := strconv.Itoa(line.Concurrency)
		beside(figureKey("calls", at), line.CallCPU)
		beside(figureKey("rate", at), line.PerSecond)
	case section == "cancel":
		beside("cancel settled", line.Reject.P50/thousand)
		beside("cancel closed", line.ServerClose.P50/thousand)
	case section == "cold":
		beside("cold", line.BuildMS)
	default:
		fmt.Printf("  %s\n", text)
	}
}

// beside prints the official runtime's number with ours of this run and their ratio.
func beside(key string, official float64) {
	mine, ok := ours[key]
	if !ok {
		fmt.Printf("  %-28s official %10.3f\n", key, official)
		return
	}
	fmt.Printf("  %-28s official %10.3f  bamlwire %10.3f  %s, official / bamlwire %.1f\n",
		key, official, mine.value, mine.unit, official/mine.value)
}
