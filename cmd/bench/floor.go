// floor: what reading the same answer costs a plain net/http client that only splits the events: no
// reader of replies can cost less in Go.
package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"
)

const floorLineMax = 1 << 20

// readFloor notes the processor time at the start and after each event, as followGrowth does after
// each value.
func readFloor(ctx context.Context, url string) ([]time.Duration, error) {
	marks := []time.Duration{cpuTime()}
	const body = `{"model":"m","stream":true,"messages":[{"role":"user","content":"y"}]}`
	request, err := http.NewRequestWithContext(
		ctx, http.MethodPost, url+"/a/chat/completions", strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the server answered %s", response.Status)
	}
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, floorLineMax)
	for lines.Scan() {
		if bytes.HasPrefix(lines.Bytes(), []byte("data: ")) {
			marks = append(marks, cpuTime())
		}
	}
	return marks, lines.Err()
}
