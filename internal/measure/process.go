// Package measure tells what this process costs, and sums up samples.
package measure

import (
	"os"
	"runtime/metrics"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// CPUTime is the processor time that this process has used, all threads together.
func CPUTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// Status reads a number from the kernel's account of this process: VmRSS (kB), Threads. It is 0
// where there is no such account.
func Status(name string) int {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for _, line := range strings.Split(string(text), "\n") {
		if rest, ok := strings.CutPrefix(line, name+":"); ok {
			number, _ := strconv.Atoi(strings.Fields(rest)[0])
			return number
		}
	}
	return 0
}

const (
	kilobytesPerMegabyte = 1 << 10
	// BytesPerMegabyte is 2 to the 20th.
	BytesPerMegabyte = 1 << 20
)

// ResidentMB is the memory that this process has in hand, pages of its program included.
func ResidentMB() float64 { return float64(Status("VmRSS")) / kilobytesPerMegabyte }

// GoMB is the part of the memory that Go holds, stacks included.
func GoMB() float64 {
	read := []metrics.Sample{
		{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"},
	}
	metrics.Read(read)
	return float64(read[0].Value.Uint64()-read[1].Value.Uint64()) / BytesPerMegabyte
}

// Peak is the most memory and threads seen until End.
type Peak struct {
	MemoryMB float64
	GoMB     float64
	Threads  int
	stop     chan struct{}
	stopped  chan struct{}
}

// SamplePause lies between two looks.
const SamplePause = 200 * time.Millisecond

// WatchPeak begins to look, now and then.
func WatchPeak() *Peak {
	watched := &Peak{stop: make(chan struct{}), stopped: make(chan struct{})}
	go func() {
		defer close(watched.stopped)
		ticks := time.NewTicker(SamplePause)
		defer ticks.Stop()
		for {
			watched.MemoryMB = max(watched.MemoryMB, ResidentMB())
			watched.GoMB = max(watched.GoMB, GoMB())
			watched.Threads = max(watched.Threads, Status("Threads"))
			select {
			case <-ticks.C:
			case <-watched.stop:
				return
			}
		}
	}()
	return watched
}

// End ends the looking; only then may the fields be read.
func (p *Peak) End() {
	close(p.stop)
	<-p.stopped
}
