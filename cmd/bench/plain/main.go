// Command plain reads many streams at once with net/http alone, and makes nothing of them.
package main

import (
	"context"

	"github.com/bamlwire/bamlwire/internal/crowd"
	"github.com/bamlwire/bamlwire/internal/plainclient"
)

func main() { crowd.Main(prepare) }

func prepare(spec crowd.Spec) (crowd.Read, error) {
	return func(ctx context.Context, seen func()) error {
		return plainclient.Each(ctx, spec.URL, seen)
	}, nil
}
