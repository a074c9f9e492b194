// Examples for the package's documentation; they run against the scripted model server.

package baml_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/bamlwire/bamlwire/baml"
	"github.com/bamlwire/bamlwire/internal/modelserver"
)

// exampleRuntime loads the sources of the tests against a server that answers with the text.
func exampleRuntime(text string, delay time.Duration) (*baml.Runtime, func()) {
	server, err := modelserver.Start(modelserver.Text(text, 8, delay), modelserver.Options{})
	if err != nil {
		panic(err)
	}
	lookup := func(string) (string, bool) { return server.URL + "/v1", true }
	runtime, err := baml.LoadFiles(map[string]string{"main.baml": sources}, baml.WithLookupEnv(lookup))
	if err != nil {
		panic(err)
	}
	return runtime, func() {
		runtime.Close()
		server.Close()
	}
}

func ExampleCall() {
	runtime, end := exampleRuntime(`{"name": "Ada", "level": "SENIOR", "skills": ["maths"]}`, 0)
	defer end()

	type Resume struct {
		Name   string   `json:"name"`
		Level  string   `json:"level"`
		Skills []string `json:"skills"`
	}
	resume, err := baml.Call[Resume](context.Background(), runtime, "Extract", baml.Args{"text": "…"})
	fmt.Println(resume, err)
	// Output: {Ada SENIOR [maths]} <nil>
}

// The loop sees the growing answer; leaving it aborts the call at once.
func ExampleUpdates() {
	runtime, end := exampleRuntime(`one two three`, 0)
	defer end()

	args := baml.Args{"text": "hi"}
	for update, err := range baml.Updates[string](context.Background(), runtime, "Say", args) {
		if err != nil {
			fmt.Println(err)
			return
		}
		if update.IsFinal {
			fmt.Println("final:", update.Value)
		}
	}
	// Output: final: one two three
}

// One tripwire for many calls: the first failure aborts the rest.
func ExampleTripwire() {
	runtime, end := exampleRuntime(`an answer that takes its time`, time.Minute)
	defer end()

	wire, err := baml.NewTripwire()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer wire.Close()
	group := errgroup.Group{}
	for range 3 {
		group.Go(func() error {
			args := baml.Args{"text": "hi"}
			_, err := runtime.Call(context.Background(), "Say", args, baml.WithTripwire(wire))
			return err
		})
	}
	wire.Trip(errors.New("out of budget"))
	err = group.Wait()
	fmt.Println(err, errors.Is(err, baml.ErrAborted), errors.Is(err, baml.ErrTripped))
	// Output: baml: Say: the tripwire tripped true true
}
