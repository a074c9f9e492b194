// What the race detector costs the tests that measure memory. It keeps a shadow of each address that
// Go ever used, several times its size, and never gives that back: how much depends on when garbage
// was collected, so on the load of the machine.

//go:build race

package baml_test

import (
	"bufio"
	"os"
	"runtime/metrics"
	"strconv"
	"strings"
)

// detectorCost is how many times the memory of ordinary code its shadow takes.
const detectorCost = 3

// mappedFrom is below all that the system maps where it likes, so all that malloc maps, and above
// Go's arenas and the shadow, which have fixed places.
const mappedFrom = 0x7000_0000_0000

// memoryNow is the memory that the process has but for the shadow, 0 where unknown: what lies
// outside of Go's arenas by the account of the kernel, and Go's by its own.
func memoryNow() int {
	file, err := os.Open("/proc/self/smaps")
	if err != nil {
		return 0
	}
	defer func() { _ = file.Close() }()
	total, counts := 0, false
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if kilobytes, found := strings.CutPrefix(lines.Text(), "Rss:"); found {
			number, _ := strconv.Atoi(strings.Fields(kilobytes)[0])
			if counts {
				total += number << 10
			}
			continue
		}
		if start, _, found := strings.Cut(fields[0], "-"); found {
			address, _ := strconv.ParseUint(start, 16, 64)
			counts = address >= mappedFrom || fields[len(fields)-1] == "[heap]"
		}
	}
	return total + goHolds()
}

// goHolds is what Go has from the system and has not given back.
func goHolds() int {
	read := []metrics.Sample{
		{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"},
	}
	metrics.Read(read)
	return int(read[0].Value.Uint64() - read[1].Value.Uint64())
}
