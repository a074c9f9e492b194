// grow: what one growing answer costs, by its length and pace: the cost of a piece must not grow
// with what came before.
package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/bamlwire/bamlwire/baml"
	"github.com/bamlwire/bamlwire/internal/crowd"
	"github.com/bamlwire/bamlwire/internal/measure"
	"github.com/bamlwire/bamlwire/internal/modelserver"
	"github.com/bamlwire/bamlwire/internal/plainclient"
)

const growPiece = 20

// growth is one row: an answer of so many characters, a piece every so often.
type growth struct {
	shape  string
	length int
	delay  time.Duration
}

var growths = []growth{
	{"list", 10_000, 0},
	{"list", 50_000, 0},
	{"list", 100_000, 0},
	{"list", 200_000, 0},
	{"list", 500_000, 0},
	{"list", 1_000_000, 0},
	{"string", 100_000, 0},
	{"string", 500_000, 0},
	{"list", 50_000, time.Millisecond},
	{"list", 200_000, time.Millisecond},
	{"string", 200_000, time.Millisecond},
	{"list", 1_000_000, time.Millisecond},
}

var quickGrowths = []growth{
	{"list", 10_000, 0}, {"string", 10_000, 0}, {"list", 2_000, time.Millisecond},
}

type row = crowd.Row

func benchGrow(ctx context.Context, quick bool) error {
	server, err := startServer(ctx)
	if err != nil {
		return err
	}
	defer server.stop()
	runtime, err := loadProject()
	if err != nil {
		return err
	}
	defer func() { _ = runtime.Close() }()
	rows := growths
	if quick {
		rows = quickGrowths
	}
	// The first call of a runtime makes its threads and its HTTP client.
	if err := server.set(modelserver.Text("one", growPiece, 0)); err != nil {
		return err
	}
	reached := reaching(server.url)
	if _, err := baml.Call[string](ctx, runtime, "Text", callArguments, reached); err != nil {
		return err
	}
	for _, row := range rows {
		if len(wantedGrowths) > 0 && !slices.Contains(wantedGrowths, row.name()) {
			continue
		}
		if err := server.set(modelserver.Text(row.text(), growPiece, row.delay)); err != nil {
			return err
		}
		if err := row.run(ctx, runtime, server.url); err != nil {
			return err
		}
	}
	return nil
}

// wantedGrowths are the names of the rows to measure; all if there are none.
var wantedGrowths []string

func (g growth) name() string { return g.shape + "/" + g.pace() + "/" + strconv.Itoa(g.length) }

// pace is the milliseconds between two pieces.
func (g growth) pace() string {
	if g.delay == 0 {
		return "fast"
	}
	return strconv.Itoa(int(g.delay.Milliseconds()))
}

func (g growth) text() string {
	if g.shape == "list" {
		return rowsText(g.length)
	}
	return noteText(g.length)
}

func (g growth) run(ctx context.Context, runtime *baml.Runtime, url string) error {
	follow := followGrowth[row]
	function := "Note"
	if g.shape == "list" {
		follow, function = followGrowth[[]row], "Rows"
	}
	start := time.Now()
	marks, err := follow(ctx, runtime, function, url)
	if err != nil {
		return err
	}
	took := time.Since(start)
	floor, err := growPlainly(ctx, url)
	if err != nil {
		return err
	}
	used := marks[len(marks)-1] - marks[0]
	fmt.Printf("  %-6s %-4s %7d characters: CPU %s ms, %.1f µs a piece%s; %d updates, %s ms;"+
		" a plain client %.1f µs a piece\n",
		g.shape, g.pace(), g.length, measure.InMilliseconds(used), g.micros(marks), tenths(marks),
		len(marks)-1, measure.InMilliseconds(took), g.micros(floor))
	keepFigure(figureKey("grow", g.shape, g.pace(), strconv.Itoa(g.length)), figure{
		"CPU ms", measure.Milliseconds(used),
	})
	return nil
}

// micros is the processor time of a piece.
func (g growth) micros(marks []time.Duration) float64 {
	pieces := (g.length + growPiece - 1) / growPiece
	return float64((marks[len(marks)-1] - marks[0]).Microseconds()) / float64(pieces)
}

// tenths compares the end with the beginning, where there are enough values to tell.
func tenths(marks []time.Duration) string {
	const parts, few = 10, 1_000
	tenth := (len(marks) - 1) / parts
	if tenth*parts < few {
		return ""
	}
	// The first values come while connections are made and caches are cold.
	first := marks[2*tenth] - marks[tenth]
	last := marks[len(marks)-2] - marks[len(marks)-2-tenth]
	return fmt.Sprintf(", last tenth against second %.2f", float64(last)/float64(first))
}

// followGrowth reads one call and notes the processor time at its start and after each value.
func followGrowth[T any](
	ctx context.Context, r *baml.Runtime, function, url string,
) ([]time.Duration, error) {
	marks := []time.Duration{measure.CPUTime()}
	for _, err := range baml.Updates[T](ctx, r, function, callArguments, reaching(url)) {
		if err != nil {
			return nil, err
		}
		marks = append(marks, measure.CPUTime())
	}
	return marks, nil
}

// growPlainly notes the processor time at the start and after each event, as followGrowth does
// after each value.
func growPlainly(ctx context.Context, url string) ([]time.Duration, error) {
	marks := []time.Duration{measure.CPUTime()}
	err := plainclient.Each(ctx, url, func() { marks = append(marks, measure.CPUTime()) })
	return marks, err
}
