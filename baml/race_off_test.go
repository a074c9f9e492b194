// Without the race detector memory is what it is.

//go:build !race

package baml_test

const detectorCost = 1
