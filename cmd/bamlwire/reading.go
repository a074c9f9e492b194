// How a reply was read, as a tree for people.
package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/bamlwire/bamlwire/baml"
)

// explainReply reads a reply and prints how it was read: as a tree, or as it is for pipes.
func explainReply(
	runtime *baml.Runtime, function, reply string, partial, asJSON bool, streams streams,
) error {
	explain := runtime.ExplainReply
	if partial {
		explain = runtime.ExplainPartialReply
	}
	told, err := explain(function, reply)
	if err != nil {
		return err
	}
	if asJSON {
		err = printJSON(streams.out, told)
	} else {
		err = printReading(streams.out, function, told)
	}
	if err == nil && told.Score == nil {
		return errReported
	}
	return err
}

// printReading prints the value's price and its liberties, then all readings.
func printReading(out io.Writer, function string, told *baml.ReplyReading) error {
	var text strings.Builder
	switch {
	case told.Score == nil:
		fmt.Fprintf(&text, "%s: the reply does not fit\n", function)
		for _, reason := range told.Reasons {
			fmt.Fprintf(&text, "  %s%s\n", placed(reason.Path), reason.Message)
		}
	case *told.Score == 0:
		fmt.Fprintf(&text, "%s: score 0, nothing was guessed\n", function)
	default:
		fmt.Fprintf(&text, "%s: score %d\n", function, *told.Score)
		for _, liberty := range told.Liberties {
			fmt.Fprintf(&text, "  %s%s (+%d): %s from %s\n",
				placed(liberty.Path), liberty.Name, liberty.Price, liberty.Wanted, liberty.Found)
		}
	}
	if told.Reading != nil {
		text.WriteString("\nreadings (✓ taken, · not taken, ✗ does not fit)\n")
		writeReading(&text, told.Reading, "", "")
	}
	if told.Cut {
		text.WriteString("… more readings were left out\n")
	}
	_, err := io.WriteString(out, text.String())
	return err
}

// placed is a path in front of what is said of it.
func placed(path string) string {
	if path == "" {
		return ""
	}
	return path + ": "
}

// writeReading writes one reading behind its branch, and its parts behind theirs.
func writeReading(text *strings.Builder, reading *baml.Reading, branch, indent string) {
	text.WriteString(branch)
	switch {
	case reading.Taken:
		text.WriteString("✓ ")
	case reading.Score != nil:
		text.WriteString("· ")
	default:
		text.WriteString("✗ ")
	}
	switch at := reading.At.(type) {
	case string:
		text.WriteString(at + ": ")
	case float64:
		fmt.Fprintf(text, "[%d]: ", int(at))
	}
	fmt.Fprintf(text, "%s ← %s", reading.Wanted, reading.Found)
	if reading.Score != nil {
		fmt.Fprintf(text, "  %d", *reading.Score)
	}
	if len(reading.Liberties) > 0 {
		fmt.Fprintf(text, "  (%s)", strings.Join(reading.Liberties, ", "))
	}
	if reading.Reason != "" {
		text.WriteString("  " + reading.Reason)
	}
	text.WriteString("\n")
	for at := range reading.Parts {
		branch, below := "├─ ", "│  "
		if at == len(reading.Parts)-1 {
			branch, below = "└─ ", "   "
		}
		writeReading(text, &reading.Parts[at], indent+branch, indent+below)
	}
}
