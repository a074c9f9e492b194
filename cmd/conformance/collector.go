// What is known about calls beside their values: tokens, the raw reply, and the requests made.
package main

import (
	"regexp"
	"strings"
)

// collectorParts compares the recorded collector with what is known about our calls.
func collectorParts(r *record, collector, calls any) []part {
	infos, _ := calls.([]any)
	fields, _ := collector.(map[string]any)
	logs, _ := fields["logs"].([]any)
	parts := []part{{"usage", equal(fields["usage"], usageOf(infos))}}
	if len(logs) != len(infos) || r.has("runs") {
		return parts
	}
	for i := range logs {
		recorded, _ := logs[i].(map[string]any)
		info, _ := infos[i].(map[string]any)
		parts = append(parts, part{"raw reply", sameReply(recorded["raw"], info["raw_reply"])},
			part{"requests", sameRequests(recorded["calls"], info["attempts"])})
	}
	return parts
}

// sameReply compares raw texts; officially there is none where the call failed.
func sameReply(recorded, ours any) bool {
	return recorded == nil || equal(recorded, ours)
}

// sameRequests compares client, provider, address and method of the requests, in any order: the
// official runtime lists them in none. Of requests that a library sent for it, it keeps the path
// alone, or nothing.
func sameRequests(recorded, ours any) bool {
	calls, _ := recorded.([]any)
	attempts, _ := ours.([]any)
	known := wholeAddress
	for _, call := range calls {
		fields, _ := call.(map[string]any)
		request, _ := fields["request"].(map[string]any)
		url, _ := request["url"].(string)
		switch {
		case request == nil:
			known = noAddress
		case strings.HasPrefix(url, "/") && known == wholeAddress:
			known = pathOnly
		}
	}
	left := map[requestIdentity]int{}
	for _, call := range calls {
		left[requestKey(call, known)]++
	}
	for _, attempt := range attempts {
		left[requestKey(attempt, known)]--
	}
	for _, count := range left {
		if count != 0 {
			return false
		}
	}
	return true
}

// knowledge is how much of the addresses was recorded.
type knowledge int

const (
	wholeAddress knowledge = iota
	pathOnly
	noAddress
)

type requestIdentity struct{ client, provider, url, method any }

// serverPrefix stands before the path that a provider has: host and route.
var serverPrefix = regexp.MustCompile(`^http://127\.0\.0\.1:PORT/[a-d]`)

// keyValue is a key among the query parameters, which we do not show.
var keyValue = regexp.MustCompile(`\bkey=[^&]*`)

func requestKey(call any, known knowledge) requestIdentity {
	fields, _ := call.(map[string]any)
	key := requestIdentity{client: fields["client"], provider: fields["provider"]}
	request, ok := fields["request"].(map[string]any)
	if !ok || known == noAddress {
		return key
	}
	key.method = request["method"]
	key.url = request["url"]
	if url, ok := key.url.(string); ok {
		key.url = keyValue.ReplaceAllString(url, "key=")
	}
	if url, ok := key.url.(string); ok && known == pathOnly {
		key.url = serverPrefix.ReplaceAllString(url, "")
	}
	return key
}

// usageOf adds the tokens of all calls up, as the official collector does.
func usageOf(infos []any) map[string]any {
	sums := map[string]any{"in": nil, "out": nil, "cached": nil}
	names := map[string]string{
		"in": "input_tokens", "out": "output_tokens", "cached": "cached_input_tokens",
	}
	for _, info := range infos {
		one, _ := info.(map[string]any)
		usage, _ := one["usage"].(map[string]any)
		for key, name := range names {
			if count, ok := usage[name].(float64); ok {
				before, _ := sums[key].(float64)
				sums[key] = before + count
			}
		}
	}
	return sums
}
