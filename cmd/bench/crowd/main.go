// Command crowd reads many streams at once through the library, as Go values.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/bamlwire/bamlwire/baml"
	"github.com/bamlwire/bamlwire/internal/crowd"
)

func main() {
	if err := crowd.Main(prepare); err != nil {
		fmt.Fprintln(os.Stderr, "crowd:", err)
		os.Exit(1)
	}
}

// row is the Go type of the list's items.
type row struct {
	Name  string   `json:"name"`
	Score float64  `json:"score"`
	Tags  []string `json:"tags"`
	Note  *string  `json:"note"`
}

func prepare(spec crowd.Spec) (crowd.Read, error) {
	runtime, err := baml.LoadFiles(map[string]string{"main.baml": spec.BAML})
	if err != nil {
		return nil, err
	}
	if spec.Shape == "list" {
		return reader[[]row](runtime, "Rows", spec.URL), nil
	}
	return reader[string](runtime, "Text", spec.URL), nil
}

// reader reads calls of a function, at a server.
func reader[T any](r *baml.Runtime, function, url string) crowd.Read {
	arguments := baml.Args{"x": "y"}
	server := baml.WithEnv(map[string]string{"BENCH_BASE_URL": url + "/a"})
	return func(ctx context.Context) (first time.Time, updates int, err error) {
		for _, err := range baml.Updates[T](ctx, r, function, arguments, server) {
			if err != nil {
				return first, updates, err
			}
			if updates == 0 {
				first = time.Now()
			}
			updates++
		}
		return first, updates, nil
	}
}
