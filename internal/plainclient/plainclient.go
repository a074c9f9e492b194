// Package plainclient is what the same work costs without the library: a net/http client that reads
// an answer and makes nothing of it, events split into lines, bodies read to their end. It stands
// beside each figure of streams, growing answers and calls.
package plainclient

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
)

const (
	lineMax = 1 << 20
	// idleMax connections are kept for the next call, so that none is made anew.
	idleMax = 64
)

var client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: idleMax}}

// ask sends a request like the library's and gives the answer's body.
func ask(ctx context.Context, url string, stream bool) (io.ReadCloser, error) {
	body := fmt.Sprintf(
		`{"model":"m","stream":%t,"messages":[{"role":"user","content":"y"}]}`, stream)
	request, err := http.NewRequestWithContext(
		ctx, http.MethodPost, url+"/a/chat/completions", strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		_ = response.Body.Close()
		return nil, fmt.Errorf("the server answered %s", response.Status)
	}
	return response.Body, nil
}

// Each reads a stream to its end and calls seen after each event.
func Each(ctx context.Context, url string, seen func()) error {
	body, err := ask(ctx, url, true)
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }()
	lines := bufio.NewScanner(body)
	lines.Buffer(nil, lineMax)
	for lines.Scan() {
		if bytes.HasPrefix(lines.Bytes(), []byte("data: ")) {
			seen()
		}
	}
	return lines.Err()
}

// Call reads a whole answer.
func Call(ctx context.Context, url string) error {
	body, err := ask(ctx, url, false)
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }()
	_, err = io.Copy(io.Discard, body)
	return err
}
