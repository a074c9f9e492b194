// Command plain reads many streams at once with net/http alone, and makes nothing of them.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/bamlwire/bamlwire/internal/crowd"
	"github.com/bamlwire/bamlwire/internal/plainclient"
)

func main() {
	if err := crowd.Main(prepare); err != nil {
		fmt.Fprintln(os.Stderr, "plain:", err)
		os.Exit(1)
	}
}

func prepare(spec crowd.Spec) (crowd.Read, error) {
	return func(ctx context.Context) (first time.Time, updates int, err error) {
		err = plainclient.Each(ctx, spec.URL, func() {
			if updates == 0 {
				first = time.Now()
			}
			updates++
		})
		return first, updates, err
	}, nil
}
