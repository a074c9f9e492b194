// Samples, and how they are summed up.

package measure

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"
)

// The shares of samples that are told.
const (
	Half = 0.5
	Most = 0.99
	All  = 1
)

// Samples are durations of the same thing.
type Samples []time.Duration

// At is the sample below which the share of all samples lies.
func (s Samples) At(share float64) time.Duration {
	if len(s) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(s))
	return sorted[min(int(float64(len(sorted))*share), len(sorted)-1)]
}

// String is p50, p99 and the maximum in milliseconds.
func (s Samples) String() string {
	return fmt.Sprintf("p50 %s  p99 %s  max %s ms (%d)",
		InMilliseconds(s.At(Half)), InMilliseconds(s.At(Most)), InMilliseconds(s.At(All)), len(s))
}

// Reservoir is a fair choice of samples, of which there may be any number, and their maximum.
type Reservoir struct {
	kept    Samples
	seen    int
	highest time.Duration
}

const reservoirSize = 10_000

// Add takes one more.
func (r *Reservoir) Add(sample time.Duration) {
	r.seen++
	r.highest = max(r.highest, sample)
	if len(r.kept) < reservoirSize {
		r.kept = append(r.kept, sample)
	} else if place := rand.IntN(r.seen); place < reservoirSize {
		r.kept[place] = sample
	}
}

// String is p50, p99 and the maximum in milliseconds.
func (r *Reservoir) String() string {
	return fmt.Sprintf("p50 %s  p99 %s  max %s ms (%d)", InMilliseconds(r.kept.At(Half)),
		InMilliseconds(r.kept.At(Most)), InMilliseconds(r.highest), r.seen)
}

// Milliseconds is a time in milliseconds.
func Milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// InMilliseconds is it as text.
func InMilliseconds(d time.Duration) string {
	return strconv.FormatFloat(Milliseconds(d), 'f', 3, 64)
}
