// What a soak keeps of memory between rounds, part by part, and whether it grows.
package main

import (
	"errors"
	"fmt"
	goruntime "runtime"
	"runtime/debug"
	"time"

	"github.com/bamlwire/bamlwire/internal/measure"
)

const (
	// residentGrowthMax is how much the memory at the end may be over the memory after the first
	// minute, both as the mean of a fifth of the rounds between: one round differs from the next.
	residentGrowthMax = 1.05
	// liveGrowthMax is the same for what is allocated, which is so little that a round with more
	// streams at once than any before shows: tables grow to the size that they need at most.
	liveGrowthMax = 1.1
	memoryParts   = 5
	// settlingTime is how long the memory may grow.
	settlingTime = time.Minute
)

// account is the memory after a round in megabytes, once garbage was collected and what is free
// was given back: what a round takes at its height is malloc's to keep, and differs from round to
// round.
type account struct {
	// before is what was resident before that, all after it.
	before, all float64
	// live is what Go's objects take, held what Go has from the system.
	live, held float64
	// used is what was allocated with malloc and not freed, 0 where unknown; resident beyond what
	// Go holds are the pages where it lies, and the program.
	used float64
}

func takeAccount() account {
	taken := account{before: measure.ResidentMB()}
	debug.FreeOSMemory()
	trimMalloc()
	var memory goruntime.MemStats
	goruntime.ReadMemStats(&memory)
	taken.all, taken.used = measure.ResidentMB(), mallocMB()
	taken.live, taken.held = float64(memory.HeapAlloc)/measure.BytesPerMegabyte, measure.GoMB()
	return taken
}

func (a account) String() string {
	return fmt.Sprintf("RSS %.0f MB, given back %.1f (Go %.1f, live %.1f; malloc's live %.1f)",
		a.before, a.all, a.held, a.live, a.used)
}

// ledger is the accounts of the rounds that count.
type ledger []account

// judge compares the last fifth with the first, and tells both.
func (l ledger) judge() error {
	fifth := len(l) / memoryParts
	if fifth == 0 {
		fmt.Println("  too few rounds to judge the memory")
		return nil
	}
	first, last := l[:fifth].mean(), l[len(l)-fifth:].mean()
	fmt.Printf("  memory of the first and the last %d of %d rounds after the start:\n"+
		"    %s\n    %s\n", fifth, len(l), first, last)
	var grew error
	for _, part := range []struct {
		name             string
		first, last, max float64
	}{
		{"resident", first.all, last.all, residentGrowthMax},
		{"live", first.live + first.used, last.live + last.used, liveGrowthMax},
	} {
		if part.last > part.first*part.max {
			grew = errors.Join(grew, fmt.Errorf("%s memory grew from %.1f to %.1f MB",
				part.name, part.first, part.last))
		}
	}
	return grew
}

func (l ledger) mean() account {
	var mean account
	count := float64(len(l))
	for _, one := range l {
		mean.before += one.before / count
		mean.all += one.all / count
		mean.live += one.live / count
		mean.held += one.held / count
		mean.used += one.used / count
	}
	return mean
}
