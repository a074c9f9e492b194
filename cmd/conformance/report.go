// What is printed: the ids that differ, expected and got, and the figures.
package main

import (
	"fmt"
	"io"
	"path/filepath"
)

type report struct {
	kind     string
	results  []result
	agree    int
	byChoice int
}

func newReport(kind string, results []result) *report {
	made := &report{kind: kind, results: results}
	for _, r := range results {
		switch {
		case r.agrees:
			made.agree++
		case r.byChoice:
			made.byChoice++
		}
	}
	return made
}

// percent is the share of records that agree or differ by choice.
func (r *report) percent() float64 {
	const whole = 100
	if len(r.results) == 0 {
		return 0
	}
	return whole * float64(r.agree+r.byChoice) / float64(len(r.results))
}

// show prints expected and got of one record.
func (r *report) show(out io.Writer, id string) {
	for _, judged := range r.results {
		if judged.record.ID == id {
			judged.show(out)
		}
	}
}

// show prints expected and got.
func (r *result) show(out io.Writer) {
	state := "differs"
	switch {
	case r.agrees:
		state = "agrees"
	case r.byChoice:
		state = "differs by choice: " + r.reason
	}
	_, _ = fmt.Fprintf(out, "%s %s: %s\n", r.record.File, r.record.ID, state)
	for _, aspect := range r.parts {
		_, _ = fmt.Fprintf(out, "  %s: %v\n", aspect.name, aspect.agrees)
	}
	_, _ = fmt.Fprintf(out, "expected:\n%s\ngot:\n%s\n", indented(r.want), indented(r.got))
}

// strays shows the first of those that differ and were not chosen: one that fails now and then may
// agree when it is looked for.
func (r *report) strays(out io.Writer) {
	const shown = 3
	var differ []result
	for _, judged := range r.results {
		if !judged.agrees && !judged.byChoice {
			differ = append(differ, judged)
		}
	}
	for _, judged := range differ[:min(shown, len(differ))] {
		judged.show(out)
	}
}

// list names what differs, grouped by file.
func (r *report) list(out io.Writer) {
	file := ""
	for _, judged := range r.results {
		if judged.agrees {
			continue
		}
		if judged.record.File != file {
			file = judged.record.File
			_, _ = fmt.Fprintf(out, "%s\n", filepath.Base(file))
		}
		note := ""
		if judged.byChoice {
			note = "  (by choice: " + judged.reason + ")"
		}
		for _, aspect := range judged.parts {
			if !aspect.agrees && !judged.byChoice {
				note += " " + aspect.name
			}
		}
		if judged.err != nil {
			note = " " + judged.err.Error()
		}
		_, _ = fmt.Fprintf(out, "  %s %s\n", judged.record.ID, note)
	}
}

// figures prints the parts, then the line that counts.
func (r *report) figures(out io.Writer) {
	var names []string
	count, agree := map[string]int{}, map[string]int{}
	for _, judged := range r.results {
		for _, aspect := range judged.parts {
			if count[aspect.name] == 0 {
				names = append(names, aspect.name)
			}
			count[aspect.name]++
			if aspect.agrees {
				agree[aspect.name]++
			}
		}
	}
	for _, name := range names {
		_, _ = fmt.Fprintf(out, "  %s: %d of %d\n", name, agree[name], count[name])
	}
	_, _ = fmt.Fprintf(out, "%s: %d of %d agree", r.kind, r.agree, len(r.results))
	if r.byChoice > 0 {
		_, _ = fmt.Fprintf(out, ", %d differ by choice", r.byChoice)
	}
	_, _ = fmt.Fprintln(out)
}
