// Ctrl-C: the first one ends the context, so that calls are aborted and what is on the screen
// stays; a second one ends the program the hard way.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// interruption is the cause of a context that a signal ended.
type interruption struct {
	signal os.Signal
	status int
}

func (i interruption) Error() string {
	if i.signal == os.Interrupt {
		return "interrupted"
	}
	return fmt.Sprint("ended by the signal: ", i.signal)
}

const exitTerminated = 143

func interruptible(parent context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(parent)
	arrived := make(chan os.Signal, 1)
	signal.Notify(arrived, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case caught := <-arrived:
			status := exitInterrupted
			if caught == syscall.SIGTERM {
				status = exitTerminated
			}
			signal.Stop(arrived)
			cancel(interruption{caught, status})
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		signal.Stop(arrived)
		cancel(nil)
	}
}
