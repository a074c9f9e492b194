// Without the race detector memory is what it is.

//go:build !race

package baml_test

import (
	"os"
	"strconv"
	"strings"
)

const detectorCost = 1

// memoryNow is the memory that the process has, 0 where unknown.
func memoryNow() int {
	text, _ := os.ReadFile("/proc/self/statm")
	fields := strings.Fields(string(text))
	if len(fields) == 0 {
		return 0
	}
	pages, _ := strconv.Atoi(fields[1])
	return pages * os.Getpagesize()
}
