// The commands that need no model: check, prompt, request, parse.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/bamlwire/bamlwire/baml"
	"github.com/spf13/cobra"
)

func checkCommand(streams streams) *cobra.Command {
	var asJSON bool
	command := &cobra.Command{
		Use: "check [DIR]", Short: "check the sources", Args: cobra.MaximumNArgs(1),
		Long: "check tells every error and warning of the sources, with place, excerpt and help;" +
			"\n`bamlwire explain ID` says more about one.",
	}
	from := fromFlag(command)
	command.Flags().BoolVar(&asJSON, "json", false, "print the diagnostics as JSON")
	command.RunE = func(_ *cobra.Command, args []string) error {
		if len(args) > 0 {
			*from = args[0]
		}
		files, err := readSources(*from)
		if err != nil {
			return err
		}
		found, err := baml.Check(files)
		if err != nil {
			return err
		}
		switch {
		case asJSON:
			if err := printJSON(streams.out, found.Detail); err != nil {
				return err
			}
		default:
			printDiagnostics(streams.problems, found.Text, found.StyledText)
		}
		if !found.OK {
			return errReported
		}
		if !asJSON {
			_, err = fmt.Fprintf(streams.out, "%s: %s, no errors\n",
				*from, counted(len(files), "file"))
		}
		return err
	}
	return command
}

// counted is a number of things, in words.
func counted(count int, thing string) string {
	if count == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", count, thing)
}

// callFlags are what all commands share that prepare a call.
type callFlags struct {
	from      *string
	arguments argumentFlags
	client    string
}

func (c *callFlags) register(command *cobra.Command) {
	c.from = fromFlag(command)
	c.arguments.register(command)
	command.Flags().StringVar(&c.client, "client", "",
		"call through this client, or provider/model")
}

// prepared is a loaded project and a call that is ready to be made.
type prepared struct {
	runtime   *baml.Runtime
	function  string
	arguments map[string]json.RawMessage
	options   []baml.Option
}

func (c *callFlags) prepare(name string, streams streams) (*prepared, error) {
	runtime, err := load(*c.from, streams)
	if err != nil {
		return nil, err
	}
	declared, err := find(runtime, name)
	if err != nil {
		_ = runtime.Close()
		return nil, err
	}
	arguments, err := c.arguments.read(declared, streams.in)
	if err != nil {
		_ = runtime.Close()
		return nil, err
	}
	made := &prepared{runtime: runtime, function: name, arguments: arguments}
	if c.client != "" {
		made.options = append(made.options, baml.WithClient(c.client))
	}
	return made, nil
}

func promptCommand(streams streams) *cobra.Command {
	flags := &callFlags{}
	command := &cobra.Command{
		Use: "prompt FUNCTION", Short: "print the prompt of a call", Args: oneFunction,
	}
	flags.register(command)
	command.RunE = func(_ *cobra.Command, args []string) error {
		call, err := flags.prepare(args[0], streams)
		if err != nil {
			return err
		}
		defer func() { _ = call.runtime.Close() }()
		rendered, err := call.runtime.Prompt(call.function, call.arguments, call.options...)
		if err != nil {
			return err
		}
		return printJSON(streams.out, rendered)
	}
	return command
}

func requestCommand(streams streams) *cobra.Command {
	flags := &callFlags{}
	var streamed, secrets bool
	command := &cobra.Command{
		Use: "request FUNCTION", Short: "print the HTTP request of a call, without sending it",
		Args: oneFunction,
	}
	flags.register(command)
	command.Flags().BoolVar(&streamed, "stream", false, "the request of a streamed call")
	command.Flags().BoolVar(&secrets, "secrets", false, "print keys and tokens too")
	command.RunE = func(_ *cobra.Command, args []string) error {
		call, err := flags.prepare(args[0], streams)
		if err != nil {
			return err
		}
		defer func() { _ = call.runtime.Close() }()
		build := call.runtime.Request
		if streamed {
			build = call.runtime.StreamRequest
		}
		built, err := build(call.function, call.arguments, call.options...)
		if err != nil {
			return err
		}
		if !secrets {
			hideSecrets(built)
		}
		return printJSON(streams.out, built)
	}
	return command
}

const hidden = "(hidden; --secrets shows it)"

// secretHeaders and secretParameters carry credentials with one provider or another.
var secretHeaders = []string{
	"authorization", "api-key", "x-api-key", "x-goog-api-key", "x-amz-security-token", "cookie",
	"proxy-authorization",
}

var secretParameters = []string{"key", "api_key", "api-key", "access_token", "sig"}

func hideSecrets(request *baml.HTTPRequest) {
	for name := range request.Headers {
		for _, secret := range secretHeaders {
			if strings.EqualFold(name, secret) {
				request.Headers[name] = hidden
			}
		}
	}
	address, err := url.Parse(request.URL)
	if err != nil {
		return
	}
	query, found := address.Query(), false
	for _, secret := range secretParameters {
		if query.Has(secret) {
			query.Set(secret, "hidden")
			found = true
		}
	}
	if found {
		address.RawQuery = query.Encode()
		request.URL = address.String()
	}
}

func parseCommand(streams streams) *cobra.Command {
	var partial, explain, asJSON bool
	command := &cobra.Command{
		Use: "parse FUNCTION", Args: oneFunction,
		Short: "read a model's reply from the input and print the value it makes",
		Long: "parse reads a model's reply from the input and prints the value it makes.\n" +
			"With --explain it prints how instead: the candidates, their scores, each liberty\n" +
			"that was taken, and why the rest was not.",
	}
	from := fromFlag(command)
	flags := command.Flags()
	flags.BoolVar(&partial, "partial", false, "the reply is the beginning of a stream")
	flags.BoolVar(&explain, "explain", false, "print how the reply is read, as a tree")
	flags.BoolVar(&asJSON, "json", false, "with --explain: print it as JSON")
	command.RunE = func(_ *cobra.Command, args []string) error {
		runtime, err := load(*from, streams)
		if err != nil {
			return err
		}
		defer func() { _ = runtime.Close() }()
		if _, err := find(runtime, args[0]); err != nil {
			return err
		}
		reply, err := io.ReadAll(streams.in)
		if err != nil {
			return fmt.Errorf("read the reply: %w", err)
		}
		if explain {
			return explainReply(runtime, args[0], string(reply), partial, asJSON, streams)
		}
		if !partial {
			value, err := runtime.Parse(args[0], string(reply))
			if err != nil {
				return err
			}
			return printJSON(streams.out, value)
		}
		value, shown, err := runtime.ParsePartial(args[0], string(reply))
		if err != nil {
			return err
		}
		if !shown {
			_, err = fmt.Fprintln(streams.problems, "bamlwire: nothing may be shown yet")
			return err
		}
		return printJSON(streams.out, value)
	}
	return command
}
