// Command crowd reads many streams at once through the library, as Go values.
package main

import (
	"context"

	"github.com/bamlwire/bamlwire/baml"
	"github.com/bamlwire/bamlwire/internal/crowd"
)

func main() { crowd.Main(prepare) }

func prepare(spec crowd.Spec) (crowd.Read, error) {
	runtime, err := baml.LoadFiles(map[string]string{"main.baml": spec.BAML})
	if err != nil {
		return nil, err
	}
	if spec.Shape == "list" {
		return reader[[]crowd.Row](runtime, "Rows", spec.URL), nil
	}
	return reader[string](runtime, "Text", spec.URL), nil
}

// reader reads calls of a function, at a server.
func reader[T any](r *baml.Runtime, function, url string) crowd.Read {
	arguments := baml.Args{"x": "y"}
	server := baml.WithEnv(map[string]string{"BENCH_BASE_URL": url + "/a"})
	return func(ctx context.Context, seen func()) error {
		for _, err := range baml.Updates[T](ctx, r, function, arguments, server) {
			if err != nil {
				return err
			}
			seen()
		}
		return nil
	}
}
