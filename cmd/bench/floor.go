// floor: what the same work costs a plain net/http client that reads the answer and makes nothing
// of it: events split into lines, bodies read to their end. It stands beside each figure of
// streams, growing answers and calls.
package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

const (
	floorLineMax = 1 << 20
	// floorIdleMax connections are kept for the next call, so that none is made anew.
	floorIdleMax = 64
)

var plainClient = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: floorIdleMax}}

// askPlainly sends a request like the library's and gives the answer's body.
func askPlainly(ctx context.Context, url string, stream bool) (io.ReadCloser, error) {
	body := fmt.Sprintf(
		`{"model":"m","stream":%t,"messages":[{"role":"user","content":"y"}]}`, stream)
	request, err := http.NewRequestWithContext(
		ctx, http.MethodPost, url+"/a/chat/completions", strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := plainClient.Do(request)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		_ = response.Body.Close()
		return nil, fmt.Errorf("the server answered %s", response.Status)
	}
	return response.Body, nil
}

// eachPlainly reads a stream to its end and calls seen after each event.
func eachPlainly(ctx context.Context, url string, seen func()) error {
	body, err := askPlainly(ctx, url, true)
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }()
	lines := bufio.NewScanner(body)
	lines.Buffer(nil, floorLineMax)
	for lines.Scan() {
		if bytes.HasPrefix(lines.Bytes(), []byte("data: ")) {
			seen()
		}
	}
	return lines.Err()
}

// growPlainly notes the processor time at the start and after each event, as followGrowth does
// after each value.
func growPlainly(ctx context.Context, url string) ([]time.Duration, error) {
	marks := []time.Duration{cpuTime()}
	err := eachPlainly(ctx, url, func() { marks = append(marks, cpuTime()) })
	return marks, err
}

// followPlainly is readAll of a plain client: when the first event came, and how many came.
func followPlainly(ctx context.Context, url string) (first time.Time, events int, err error) {
	err = eachPlainly(ctx, url, func() {
		if events == 0 {
			first = time.Now()
		}
		events++
	})
	return first, events, err
}

// callPlainly reads a whole answer.
func callPlainly(ctx context.Context, url string) error {
	body, err := askPlainly(ctx, url, false)
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }()
	_, err = io.Copy(io.Discard, body)
	return err
}
