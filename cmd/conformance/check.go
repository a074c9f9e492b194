// check: sources and the verdict on them. `ok` counts first, then severity, file and line of each
// item, then its message.
package main

import (
	"context"
	"fmt"
	"sort"
	"strings"

	"github.com/bamlwire/bamlwire/baml"
)

func askCheck(_ context.Context, r *record) (answer, error) {
	files := map[string]string{}
	if err := r.into("files", &files); err != nil {
		return nil, err
	}
	found, err := baml.Check(files)
	if err != nil {
		return nil, err
	}
	items := make([]any, 0, len(found.Diagnostics))
	for _, diagnostic := range found.Diagnostics {
		items = append(items, map[string]any{
			"id": diagnostic.ID, "file": diagnostic.File, "severity": diagnostic.Severity,
			"message": diagnostic.Message,
			"start":   diagnostic.Start, "end": diagnostic.End,
		})
	}
	return answer{"ok": found.OK, "items": plainJSON(items)}, nil
}

func judgeCheck(r *record, got answer) verdict {
	want := map[string]any{"ok": r.value("ok"), "items": r.value("items")}
	parts := []part{{"ok", equal(want["ok"], got["ok"])}}
	if items, recorded := want["items"].([]any); recorded {
		ours, _ := got["items"].([]any)
		parts = append(parts,
			part{"places", equalLines(placesOf(items), placesOf(ours))},
			part{"messages", equalLines(messagesOf(items), messagesOf(ours))},
		)
	}
	return all(want, map[string]any(got), parts...)
}

// placesOf names severity, file and start line of each item, in any order.
func placesOf(items []any) []string {
	var places []string
	for _, item := range items {
		fields, _ := item.(map[string]any)
		start, _ := fields["start"].([]any)
		var line any
		if len(start) > 0 {
			line = start[0]
		}
		places = append(places, fmt.Sprint(fields["severity"], " ", fields["file"], ":", line))
	}
	sort.Strings(places)
	return places
}

// saysNothing opens many official messages, and not others of the same kind.
const saysNothing = "Error validating: "

// messagesOf adds the message to each place.
func messagesOf(items []any) []string {
	var messages []string
	for _, item := range items {
		fields, _ := item.(map[string]any)
		place := strings.Join(placesOf([]any{item}), "")
		message := strings.TrimPrefix(fmt.Sprint(fields["message"]), saysNothing)
		messages = append(messages, place+" "+message)
	}
	sort.Strings(messages)
	return messages
}

func equalLines(want, got []string) bool {
	if len(want) != len(got) {
		return false
	}
	for i := range want {
		if want[i] != got[i] {
			return false
		}
	}
	return true
}
