// What the race detector costs the tests that measure memory.

//go:build race

package baml_test

// detectorCost is how many times the memory of ordinary code its shadow takes.
const detectorCost = 3
