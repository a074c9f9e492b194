// request: the HTTP request that a call becomes, or the stage at which it fails.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/bamlwire/bamlwire/baml"
)

// The stages at which a request can fail. The official process aborts at stage crash, where any
// error is right.
const (
	stageLoad  = "load"
	stageCrash = "crash"
)

// bindingTags are the tags that the recorded binding gave to every call.
var bindingTags = map[string]any{"baml.language": "typescript", "baml.runtime": "0.226.2"}

// requestCase holds the keys of a record that make the call.
type requestCase struct {
	function string
	args     json.RawMessage
	env      map[string]string
	tags     map[string]any
	stream   bool
	registry *baml.ClientRegistry
	types    []json.RawMessage
	repeat   int
}

func readRequestCase(r *record) (*requestCase, error) {
	read := &requestCase{tags: map[string]any{}}
	for name, value := range bindingTags {
		read.tags[name] = value
	}
	for key, target := range map[string]any{
		"function": &read.function, "args": &read.args, "env": &read.env, "tags": &read.tags,
		"stream": &read.stream, "client_registry": &read.registry, "type_builder": &read.types,
		"repeat": &read.repeat,
	} {
		if err := r.into(key, target); err != nil {
			return nil, err
		}
	}
	return read, nil
}

func askRequest(ctx context.Context, r *record) (answer, error) {
	read, err := readRequestCase(r)
	if err != nil {
		return nil, err
	}
	served, err := servePages(ctx, r, read.env)
	if err != nil {
		return nil, err
	}
	defer served.close()
	files, err := r.sources()
	if err != nil {
		return nil, err
	}
	for name, value := range read.env {
		if value == serviceAccountName {
			read.env[name] = served.account
		}
	}
	project, err := baml.LoadFiles(files, baml.WithLookupEnv(noEnvironment))
	if err != nil {
		return answer{"error": requestError(err, stageLoad)}, nil
	}
	defer func() { _ = project.Close() }()
	if read.repeat == 0 {
		built, failure := read.build(project)
		if failure != nil {
			return answer{"error": failure}, nil
		}
		return answer{"request": built}, nil
	}
	var built []any
	for range read.repeat {
		one, failure := read.build(project)
		if failure != nil {
			return answer{"error": failure}, nil
		}
		built = append(built, one)
	}
	return answer{"requests": built}, nil
}

// build asks for the request once: a request or an error, as the records write them.
func (c *requestCase) build(project *baml.Runtime) (request, failure any) {
	options := []baml.Option{baml.WithEnv(c.env), baml.WithTags(c.tags)}
	if c.registry != nil {
		options = append(options, baml.WithClientRegistry(c.registry))
	}
	if c.types != nil {
		types := &baml.TypeBuilder{}
		for _, operation := range c.types {
			types.AddOperation(operation)
		}
		options = append(options, baml.WithTypeBuilder(types))
	}
	ask := project.Request
	if c.stream {
		ask = project.StreamRequest
	}
	built, err := ask(c.function, c.args, options...)
	if err != nil {
		return nil, requestError(err, "build")
	}
	headers := map[string]any{}
	for name, value := range built.Headers {
		headers[strings.ToLower(name)] = value
	}
	return map[string]any{
		"method": built.Method, "url": built.URL, "headers": headers, "body": decoded(built.Body),
	}, nil
}

// requestError writes an error as the records do; stage is used unless the error names its own.
func requestError(err error, stage string) any {
	made := map[string]any{"stage": stage, "message": err.Error()}
	var failure *baml.Error
	if !errors.As(err, &failure) {
		return made
	}
	var named struct {
		Stage string `json:"stage"`
	}
	if json.Unmarshal(failure.Detail, &named) == nil && named.Stage != "" {
		made["stage"] = named.Stage
	}
	if failure.Variable != "" {
		made["variable"] = failure.Variable
	}
	return made
}

// judgeRequest compares method, url, headers and body; of errors the stage.
func judgeRequest(r *record, got answer) verdict {
	if r.has("any_of") {
		options, _ := r.value("any_of").([]any)
		agrees := false
		for _, option := range options {
			one, _ := option.(map[string]any)
			agrees = agrees || sameRequest(one, got)
		}
		return all(options, map[string]any(got), part{"request", agrees})
	}
	want := map[string]any{}
	for _, key := range []string{"request", "requests", "error"} {
		if r.has(key) {
			want[key] = r.value(key)
		}
	}
	name := "request"
	if r.has("error") {
		name = "error"
	}
	return all(want, map[string]any(got), part{name, sameRequest(want, got)})
}

func sameRequest(want map[string]any, got answer) bool {
	failure, fails := want["error"].(map[string]any)
	ours, oursFails := got["error"].(map[string]any)
	if fails || oursFails {
		return fails && oursFails && (failure["stage"] == stageCrash ||
			failure["stage"] == ours["stage"])
	}
	if want["requests"] != nil {
		return equal(want["requests"], got["requests"])
	}
	return equal(want["request"], got["request"])
}
