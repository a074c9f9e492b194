//go:build linux && cgo

// What the system's malloc knows of itself, where it is one that tells.
package main

/*
#include <stddef.h>

// The functions of glibc. Another C library need not have them.
struct bench_account {
	size_t arena, ordblks, smblks, hblks, hblkhd, usmblks, fsmblks, uordblks, fordblks, keepcost;
};
extern struct bench_account mallinfo2(void) __attribute__((weak));
extern int malloc_trim(size_t) __attribute__((weak));

static size_t bench_malloc_used(void) {
	if (!mallinfo2) {
		return 0;
	}
	struct bench_account account = mallinfo2();
	return account.uordblks + account.hblkhd;
}

static void bench_malloc_trim(void) {
	if (malloc_trim) {
		malloc_trim(0);
	}
}
*/
import "C"

import "github.com/bamlwire/bamlwire/internal/measure"

// mallocMB is what is allocated and not freed, 0 where unknown.
func mallocMB() float64 { return float64(C.bench_malloc_used()) / measure.BytesPerMegabyte }

// trimMalloc gives back to the system what is free.
func trimMalloc() { C.bench_malloc_trim() }
