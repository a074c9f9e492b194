// A kind of records: how a record is answered, and how an answer is judged. Judging is apart from
// answering, so that it can be tested with recorded and with wrong answers.
package main

import (
	"context"
	"fmt"
	"runtime"
	"sync"
)

// answer is what the stack under test made of a record, as plain JSON values.
type answer map[string]any

// verdict is the comparison of one record. Parts are figures of their own, such as "values".
type verdict struct {
	agrees bool
	parts  []part
	want   any
	got    any
}

// part is one aspect of a record: counted apart, in the order of the first record.
type part struct {
	name   string
	agrees bool
}

// all makes a verdict that agrees when every part does.
func all(want, got any, parts ...part) verdict {
	made := verdict{agrees: true, parts: parts, want: want, got: got}
	for _, aspect := range parts {
		made.agrees = made.agrees && aspect.agrees
	}
	return made
}

// kind answers and judges the records of one kind.
type kind struct {
	name string
	// ask answers a record through the stack. An error means that the record cannot be run at all.
	ask func(ctx context.Context, r *record) (answer, error)
	// judge compares an answer with the record.
	judge func(r *record, got answer) verdict
	// parallel is how many records run at once: those that mostly wait can be many.
	parallel int
}

func kindNamed(name string) (kind, error) {
	switch name {
	case "check":
		return kind{name, askCheck, judgeCheck, runtime.NumCPU()}, nil
	case "parse":
		return kind{name, askParse, judgeParse, runtime.NumCPU()}, nil
	case "request":
		// Records that need pages share one port.
		return kind{name, askRequest, judgeRequest, 1}, nil
	case "stream":
		return kind{name, askStream, judgeStream, streamsAtOnce}, nil
	}
	return kind{}, fmt.Errorf("unknown kind %q: want check, parse, request or stream", name)
}

// result is a judged record.
type result struct {
	record *record
	verdict
	// byChoice tells a difference that is listed, and that gives what the list says.
	byChoice bool
	reason   string
	err      error
}

// run answers and judges all records, in their order.
func (k kind) run(ctx context.Context, records []*record, chosen map[string]difference) []result {
	results := make([]result, len(records))
	slots := make(chan struct{}, max(k.parallel, 1))
	var group sync.WaitGroup
	for i, r := range records {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			results[i] = k.one(ctx, r, chosen)
		})
	}
	group.Wait()
	return results
}

func (k kind) one(ctx context.Context, r *record, chosen map[string]difference) result {
	got, err := k.ask(ctx, r)
	if err != nil {
		return result{record: r, err: err, verdict: verdict{want: "a record that runs",
			got: err.Error()}}
	}
	judged := result{record: r, verdict: k.judge(r, got)}
	if listed, ok := chosen[r.ID]; ok && !judged.agrees {
		judged.byChoice = contains(decoded(listed.Ours), map[string]any(got))
		judged.reason = listed.Reason
	}
	return judged
}
