// The commands that ask a model: call and stream.
package main

import (
	"context"
	"fmt"

	"github.com/bamlwire/bamlwire/baml"
	"github.com/spf13/cobra"
)

func callCommand(streams streams) *cobra.Command {
	flags := &callFlags{}
	command := &cobra.Command{
		Use: "call FUNCTION", Short: "run a function and print its answer",
		Args: oneFunction,
	}
	flags.register(command)
	command.RunE = func(command *cobra.Command, args []string) error {
		call, err := flags.prepare(args[0], streams)
		if err != nil {
			return err
		}
		defer func() { _ = call.runtime.Close() }()
		final, err := call.runtime.Call(command.Context(), call.function, call.arguments,
			call.options...)
		if err != nil {
			return err
		}
		return printJSON(streams.out, final)
	}
	return command
}

func streamCommand(streams streams) *cobra.Command {
	flags := &callFlags{}
	command := &cobra.Command{
		Use: "stream FUNCTION", Args: oneFunction,
		Short: "run a function and show its answer while it grows",
		Long: "stream redraws the growing value in a terminal. In a pipe it writes JSON lines:\n" +
			`{"partial":…}, and last {"final":…} or {"error":{…}}.`,
	}
	flags.register(command)
	command.RunE = func(command *cobra.Command, args []string) error {
		call, err := flags.prepare(args[0], streams)
		if err != nil {
			return err
		}
		defer func() { _ = call.runtime.Close() }()
		shown := newView(streams.out)
		_, err = follow(command.Context(), call, shown)
		if err != nil && shown.isPipe() && !isTerminal(streams.problems) {
			// The pipe has the error already. Whoever writes into a file sees it on the screen.
			return errReported
		}
		return err
	}
	return command
}

// view shows a growing value.
type view interface {
	isPipe() bool
	partial(value *baml.Partial) error
	final(value *baml.Final) error
	failed(err error)
}

// follow streams a call into a view until its end. The context aborts it.
func follow(ctx context.Context, call *prepared, shown view) (*baml.Final, error) {
	stream, err := call.runtime.Stream(ctx, call.function, call.arguments, call.options...)
	if err != nil {
		shown.failed(err)
		return nil, err
	}
	defer func() { _ = stream.Close() }()
	for partial, err := range stream.Partials() {
		if err != nil {
			break
		}
		if err := shown.partial(partial); err != nil {
			return nil, fmt.Errorf("show: %w", err)
		}
	}
	// The stream's own context ends it: waiting needs no other way out.
	final, err := stream.Final(context.Background())
	if err != nil {
		shown.failed(err)
		return nil, err
	}
	return final, shown.final(final)
}
