// Unified diffs of two texts by line.
package main

import (
	"fmt"
	"sort"
	"strings"
)

// diffContext is how many lines are shown around a change.
const diffContext = 3

// unifiedDiff shows how the old text becomes the new one, as `diff -u` does. Lines that are the
// same in both are found by those that occur once in each, so the work stays near linear.
func unifiedDiff(name, before, after string) string {
	old, fresh := splitLines(before), splitLines(after)
	var out strings.Builder
	fmt.Fprintf(&out, "--- %s\n+++ %s (formatted)\n", name, name)
	changes := differences(old, fresh)
	for len(changes) > 0 {
		together := 1
		for together < len(changes) &&
			changes[together].old.start-changes[together-1].old.end <= 2*diffContext {
			together++
		}
		writeHunk(&out, old, fresh, changes[:together])
		changes = changes[together:]
	}
	return out.String()
}

// stretch is the lines start..end.
type stretch struct{ start, end int }

// change says that lines of the old text become lines of the new one.
type change struct{ old, fresh stretch }

// differences lists the changes between two texts, in order.
func differences(old, fresh []string) []change {
	var changes []change
	oldAt, freshAt := 0, 0
	for _, pair := range append(anchors(old, fresh), [2]int{len(old), len(fresh)}) {
		// Lines in front of an anchor belong to it if they are the same.
		oldEnd, freshEnd := pair[0], pair[1]
		for oldAt < oldEnd && freshAt < freshEnd && old[oldAt] == fresh[freshAt] {
			oldAt, freshAt = oldAt+1, freshAt+1
		}
		for oldAt < oldEnd && freshAt < freshEnd && old[oldEnd-1] == fresh[freshEnd-1] {
			oldEnd, freshEnd = oldEnd-1, freshEnd-1
		}
		if oldAt < oldEnd || freshAt < freshEnd {
			changes = append(changes, change{stretch{oldAt, oldEnd}, stretch{freshAt, freshEnd}})
		}
		oldAt, freshAt = pair[0], pair[1]
	}
	return changes
}

// anchors are pairs of equal lines that rise in both texts: the longest such chain of the lines
// that occur once in each.
func anchors(old, fresh []string) [][2]int {
	counts := map[string][2]int{}
	places := map[string]int{}
	for at, line := range old {
		count := counts[line]
		counts[line] = [2]int{count[0] + 1, count[1]}
		places[line] = at
	}
	for _, line := range fresh {
		count := counts[line]
		counts[line] = [2]int{count[0], count[1] + 1}
	}
	var pairs [][2]int
	for at, line := range fresh {
		if counts[line] == [2]int{1, 1} {
			pairs = append(pairs, [2]int{places[line], at})
		}
	}
	return rising(pairs)
}

// rising is the longest chain of pairs whose first numbers rise; the second ones do already.
func rising(pairs [][2]int) [][2]int {
	// tails[n] is the pair with the smallest first number that ends a chain of n+1.
	var tails []int
	before := make([]int, len(pairs))
	for at, pair := range pairs {
		length := sort.Search(len(tails), func(n int) bool { return pairs[tails[n]][0] >= pair[0] })
		before[at] = -1
		if length > 0 {
			before[at] = tails[length-1]
		}
		if length == len(tails) {
			tails = append(tails, at)
		} else {
			tails[length] = at
		}
	}
	if len(tails) == 0 {
		return nil
	}
	chain := make([][2]int, len(tails))
	for n, at := len(tails)-1, tails[len(tails)-1]; n >= 0; n, at = n-1, before[at] {
		chain[n] = pairs[at]
	}
	return chain
}

func writeHunk(out *strings.Builder, old, fresh []string, changes []change) {
	first, last := changes[0], changes[len(changes)-1]
	start := max(first.old.start-diffContext, 0)
	end := min(last.old.end+diffContext, len(old))
	oldCount := end - start
	freshStart := first.fresh.start - (first.old.start - start)
	freshCount := last.fresh.end + (end - last.old.end) - freshStart
	fmt.Fprintf(out, "@@ -%s +%s @@\n",
		hunkRange(start, oldCount), hunkRange(freshStart, freshCount))
	at := start
	for _, changed := range changes {
		writeLines(out, ' ', old[at:changed.old.start])
		writeLines(out, '-', old[changed.old.start:changed.old.end])
		writeLines(out, '+', fresh[changed.fresh.start:changed.fresh.end])
		at = changed.old.end
	}
	writeLines(out, ' ', old[at:end])
}

// hunkRange counts lines from 1, and an empty range from the line before it.
func hunkRange(start, count int) string {
	if count == 0 {
		return fmt.Sprintf("%d,0", start)
	}
	return fmt.Sprintf("%d,%d", start+1, count)
}

func writeLines(out *strings.Builder, mark byte, lines []string) {
	for _, line := range lines {
		out.WriteByte(mark)
		out.WriteString(line)
		if !strings.HasSuffix(line, "\n") {
			out.WriteString("\n\\ No newline at end of file\n")
		}
	}
}

// splitLines keeps the ends of lines, so that a missing one at the end of the text is a difference.
func splitLines(text string) []string {
	lines := strings.SplitAfter(text, "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}
