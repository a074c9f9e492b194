//go:build !linux || !cgo

// Without C nothing is known of malloc.
package main

func mallocMB() float64 { return 0 }

func trimMalloc() {}
