// demo: a résumé streamed from a scripted model on loopback, or from a real one, and then a second
// stream that is cancelled half way.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/bamlwire/bamlwire/baml"
	"github.com/bamlwire/bamlwire/examples/resume"
	"github.com/bamlwire/bamlwire/internal/modelserver"
	"github.com/spf13/cobra"
)

const (
	demoPieceLength = 7
	demoPieceDelay  = 15 * time.Millisecond
	demoPatience    = 10 * time.Second
	// demoPartialsUntilCancel is how long the second stream of a real model lives.
	demoPartialsUntilCancel = 10

	openAIBaseURL = "https://api.openai.com/v1"
	openAIModel   = "gpt-4o-mini"
	ollamaModel   = "llama3.2"
)

// demoModel says which model the demo asks. The server is nil for a real one.
type demoModel struct {
	baseURL, model, key string
	server              *modelserver.Server
	pieces              int
}

func demoCommand(streams streams) *cobra.Command {
	chosen := &demoModel{}
	var scripted bool
	command := &cobra.Command{
		Use: "demo", Args: cobra.NoArgs,
		Short: "stream a résumé from a scripted model, then cancel a second stream half way",
		Long: "demo needs no key: it brings a scripted model server, on loopback.\n" +
			"With OPENAI_API_KEY or OLLAMA_HOST set, or with --base-url, it asks a real\n" +
			"OpenAI-compatible model.",
	}
	flags := command.Flags()
	flags.StringVar(&chosen.baseURL, "base-url", "", "OpenAI-compatible service, such as"+
		" http://localhost:11434/v1")
	flags.StringVar(&chosen.model, "model", "", "the service's name of the model")
	flags.BoolVar(&scripted, "scripted", false, "the scripted model, whatever the environment says")
	command.RunE = func(command *cobra.Command, _ []string) error {
		if err := chosen.choose(scripted); err != nil {
			return err
		}
		defer chosen.close()
		return runDemo(command.Context(), chosen, streams)
	}
	return command
}

// choose decides between the scripted server and a real model.
func (d *demoModel) choose(scripted bool) error {
	key, ollama := os.Getenv("OPENAI_API_KEY"), os.Getenv("OLLAMA_HOST")
	normal := openAIModel
	switch {
	case scripted:
		return d.startServer()
	case d.baseURL != "":
		d.key = key
	case key != "":
		d.baseURL, d.key = openAIBaseURL, key
	case ollama != "":
		if !strings.Contains(ollama, "://") {
			ollama = "http://" + ollama
		}
		d.baseURL, normal = strings.TrimRight(ollama, "/")+"/v1", ollamaModel
	default:
		return d.startServer()
	}
	if d.model == "" {
		d.model = normal
	}
	return nil
}

func (d *demoModel) startServer() error {
	scenario := modelserver.Text(resume.Reply, demoPieceLength, demoPieceDelay)
	server, err := modelserver.Start(scenario, modelserver.Options{})
	if err != nil {
		return err
	}
	d.server, d.baseURL, d.model = server, server.URL+"/demo", "scripted"
	d.pieces = (len([]rune(resume.Reply)) + demoPieceLength - 1) / demoPieceLength
	return nil
}

func (d *demoModel) close() {
	if d.server != nil {
		d.server.Close()
	}
}

// call prepares the demo's call.
func (d *demoModel) call() (*prepared, error) {
	files, err := resume.Files()
	if err != nil {
		return nil, err
	}
	runtime, err := baml.LoadFS(files)
	if err != nil {
		return nil, err
	}
	return &prepared{
		runtime: runtime, function: resume.Function,
		arguments: map[string]json.RawMessage{
			"text": json.RawMessage(compactJSON(resume.Text)),
		},
		options: []baml.Option{baml.WithEnv(map[string]string{
			resume.EnvBaseURL: d.baseURL, resume.EnvModel: d.model, resume.EnvAPIKey: d.key,
		})},
	}, nil
}

func runDemo(ctx context.Context, model *demoModel, streams streams) error {
	call, err := model.call()
	if err != nil {
		return err
	}
	defer func() { _ = call.runtime.Close() }()
	say := func(format string, values ...any) {
		_, _ = fmt.Fprintf(streams.problems, format+"\n", values...)
	}
	say("1. %s of examples/resume/baml_src, streamed from %s (%s)", call.function, model.model,
		model.baseURL)
	start := time.Now()
	counted := &countingView{view: newView(streams.out)}
	final, err := follow(ctx, call, counted)
	if err != nil {
		return err
	}
	if err := summarize(final, counted.partials, time.Since(start), say); err != nil {
		return err
	}
	say("2. the same again, cancelled half way")
	return cancelHalfWay(ctx, model, call, say, newView(streams.out))
}

// summarize reads the final value as Go types.
func summarize(
	final *baml.Final, partials int, took time.Duration, say func(string, ...any),
) error {
	var read resume.Resume
	if err := final.Decode(&read); err != nil {
		return err
	}
	say("   as a Go value: %s, %d jobs, %d skills; %d partials in %.1f s\n", read.Name,
		len(read.Jobs), len(read.Skills), partials, took.Seconds())
	return nil
}

// countingView counts the partials shown.
type countingView struct {
	view
	partials int
}

func (c *countingView) partial(value *baml.Partial) error {
	c.partials++
	return c.view.partial(value)
}

// cancelHalfWay streams until half of the answer came, cancels, and tells what the server saw.
func cancelHalfWay(
	ctx context.Context, model *demoModel, call *prepared, say func(string, ...any), shown view,
) error {
	stream, err := call.runtime.Stream(ctx, call.function, call.arguments, call.options...)
	if err != nil {
		return err
	}
	defer func() { _ = stream.Close() }()
	partials := 0
	var cancelled time.Time
	var returned time.Duration
	for partial, err := range stream.Partials() {
		if err != nil {
			shown.failed(err)
			break
		}
		if err := shown.partial(partial); err != nil {
			return err
		}
		partials++
		if cancelled.IsZero() && model.isHalfWay(partials) {
			cancelled = time.Now()
			stream.Cancel()
			returned = time.Since(cancelled)
		}
	}
	_, err = stream.Final(ctx)
	if cancelled.IsZero() {
		say("   it was over before half of it came: %v", err)
		return err
	}
	if !errors.Is(err, baml.ErrAborted) {
		return fmt.Errorf("cancelled, but the stream ended with: %w", err)
	}
	say("   cancelled after %d partials: Cancel returned after %s", partials, micro(returned))
	return model.tell(ctx, cancelled, say)
}

// isHalfWay looks at the server where there is one.
func (d *demoModel) isHalfWay(partials int) bool {
	if d.server == nil {
		return partials >= demoPartialsUntilCancel
	}
	log := d.server.Log()
	return len(log) > 0 && log[len(log)-1].Pieces >= d.pieces/2
}

// tell prints what the server saw of the cancelled stream.
func (d *demoModel) tell(ctx context.Context, cancelled time.Time, say func(string, ...any)) error {
	if d.server == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, demoPatience)
	defer cancel()
	var last modelserver.Exchange
	err := d.server.Wait(ctx, func(log []modelserver.Exchange) bool {
		last = log[len(log)-1]
		return last.Closed != ""
	})
	if err != nil {
		return err
	}
	say("   the server saw: request %d, POST /%s%s, %d of %d pieces sent,"+
		" connection closed by the %s %s after Cancel was called",
		last.Seq, last.Route, last.Path, last.Pieces, d.pieces,
		last.Closed, micro(last.ClosedAt.Sub(cancelled)))
	return nil
}

func micro(d time.Duration) string {
	return fmt.Sprintf("%.2f ms", float64(d.Microseconds())/1000)
}
