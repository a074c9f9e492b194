// What is measured about this process, and how samples are summed up.
package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"runtime/metrics"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// cpuTime is the processor time that this process has used, all threads together.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// status reads a number from the kernel's account of this process: VmRSS (kB), Threads. It is 0
// where there is no such account.
func status(name string) int {
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
	bytesPerMegabyte     = 1 << 20
)

func residentMB() float64 { return float64(status("VmRSS")) / kilobytesPerMegabyte }

// goMB is the part of the memory that Go holds, stacks included.
func goMB() float64 {
	read := []metrics.Sample{
		{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"},
	}
	metrics.Read(read)
	return float64(read[0].Value.Uint64()-read[1].Value.Uint64()) / bytesPerMegabyte
}

// peak samples memory and threads until stopped.
type peak struct {
	memoryMB float64
	goMB     float64
	threads  int
	stop     chan struct{}
	stopped  chan struct{}
}

const samplePause = 200 * time.Millisecond

func watchPeak() *peak {
	watched := &peak{stop: make(chan struct{}), stopped: make(chan struct{})}
	go func() {
		defer close(watched.stopped)
		ticks := time.NewTicker(samplePause)
		defer ticks.Stop()
		for {
			watched.memoryMB = max(watched.memoryMB, residentMB())
			watched.goMB = max(watched.goMB, goMB())
			watched.threads = max(watched.threads, status("Threads"))
			select {
			case <-ticks.C:
			case <-watched.stop:
				return
			}
		}
	}()
	return watched
}

func (p *peak) end() {
	close(p.stop)
	<-p.stopped
}

// The shares of samples that are told.
const (
	half = 0.5
	most = 0.99
	all  = 1
)

// samples are durations of the same thing.
type samples []time.Duration

// at is the sample below which the share of all samples lies.
func (s samples) at(share float64) time.Duration {
	if len(s) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(s))
	return sorted[min(int(float64(len(sorted))*share), len(sorted)-1)]
}

// String is p50, p99 and the maximum in milliseconds.
func (s samples) String() string {
	return fmt.Sprintf("p50 %s  p99 %s  max %s ms (%d)",
		inMilliseconds(s.at(half)), inMilliseconds(s.at(most)), inMilliseconds(s.at(all)), len(s))
}

// reservoir is a fair choice of samples, of which there may be any number, and their maximum.
type reservoir struct {
	kept    samples
	seen    int
	highest time.Duration
}

const reservoirSize = 10_000

func (r *reservoir) add(sample time.Duration) {
	r.seen++
	r.highest = max(r.highest, sample)
	if len(r.kept) < reservoirSize {
		r.kept = append(r.kept, sample)
	} else if place := rand.IntN(r.seen); place < reservoirSize {
		r.kept[place] = sample
	}
}

// String is p50, p99 and the maximum in milliseconds.
func (r *reservoir) String() string {
	return fmt.Sprintf("p50 %s  p99 %s  max %s ms (%d)", inMilliseconds(r.kept.at(half)),
		inMilliseconds(r.kept.at(most)), inMilliseconds(r.highest), r.seen)
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func inMilliseconds(d time.Duration) string {
	return strconv.FormatFloat(milliseconds(d), 'f', 3, 64)
}
