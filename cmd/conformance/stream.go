// stream: a call against the scripted server: what it delivers, how it ends, what the server saw.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/bamlwire/bamlwire/baml"
	"github.com/bamlwire/bamlwire/internal/modelserver"
)

const (
	// streamsAtOnce bounds the records that run side by side: they mostly wait.
	streamsAtOnce = 16
	// streamPatience ends a record that never ends by itself.
	streamPatience = 30 * time.Second
	// settlePatience bounds the wait for the server to see how its exchanges ended.
	settlePatience = 3 * time.Second
	deadAddress    = "http://127.0.0.1:9"
	modeCall       = "call"
)

// streamCase holds the keys of a record that make the call.
type streamCase struct {
	Function string
	Args     json.RawMessage
	Mode     string
	Scenario modelserver.Scenario
	Dead     string
	Repeat   int
	Abort    *abortPlan
	Env      map[string]string
}

func readStreamCase(r *record) (*streamCase, error) {
	read := &streamCase{}
	for key, target := range map[string]any{
		"function": &read.Function, "args": &read.Args, "mode": &read.Mode,
		"scenario": &read.Scenario, "dead": &read.Dead, "repeat": &read.Repeat,
		"abort": &read.Abort, "env": &read.Env,
	} {
		if err := r.into(key, target); err != nil {
			return nil, err
		}
	}
	return read, nil
}

// environment points FAKE_A … FAKE_D to the routes of the server.
func (c *streamCase) environment(url string) map[string]string {
	env := map[string]string{}
	for name, value := range c.Env {
		env[name] = value
	}
	for _, route := range []string{"A", "B", "C", "D"} {
		env["FAKE_"+route] = url + "/" + strings.ToLower(route)
	}
	if c.Dead != "" {
		env["FAKE_"+c.Dead] = deadAddress
	}
	return env
}

func askStream(ctx context.Context, r *record) (answer, error) {
	read, err := readStreamCase(r)
	if err != nil {
		return nil, err
	}
	files, err := r.sources()
	if err != nil {
		return nil, err
	}
	watch := &watcher{}
	server, err := modelserver.Start(read.Scenario, modelserver.Options{Observe: watch.observe})
	if err != nil {
		return nil, err
	}
	defer server.Close()
	project, err := baml.LoadFiles(files, baml.WithLookupEnv(noEnvironment))
	if err != nil {
		return answer{"error": map[string]any{"class": "load", "message": err.Error()}}, nil
	}
	defer func() { _ = project.Close() }()
	run := &streamRun{
		plan: read, project: project, watch: watch, env: read.environment(server.URL),
		port: strings.TrimPrefix(server.URL, "http://127.0.0.1:"),
	}
	got := answer{}
	var infos []any
	if read.Repeat > 1 {
		var runs []any
		for range read.Repeat {
			one, info := run.once(ctx)
			runs, infos = append(runs, one), append(infos, info)
		}
		got["runs"] = runs
	} else {
		one, info := run.once(ctx)
		for key, value := range one {
			got[key] = value
		}
		infos = append(infos, info)
	}
	got["calls"], got["usage"] = infos, usageOf(infos)
	if last, ok := infos[len(infos)-1].(map[string]any); ok {
		got["finish_reason"] = last["finish_reason"]
	}
	if value, shown, err := project.ParsePartial(read.Function, ""); err == nil && shown {
		got["empty"] = plainJSON(value)
	}
	got["server"], got["gaps_ms"] = serverSide(ctx, server)
	return got, nil
}

// serverSide waits until every exchange has ended, and writes the log as the records do.
func serverSide(ctx context.Context, server *modelserver.Server) (exchanges, gaps []any) {
	ctx, cancel := context.WithTimeout(ctx, settlePatience)
	defer cancel()
	// An exchange that does not end in time shows as one that nobody closed.
	_ = server.Wait(ctx, func(log []modelserver.Exchange) bool {
		for _, exchange := range log {
			if exchange.Closed == "" {
				return false
			}
		}
		return true
	})
	exchanges, gaps = []any{}, []any{}
	log := server.Log()
	for i, exchange := range log {
		exchanges = append(exchanges, map[string]any{
			"route": exchange.Route, "path": exchange.Path, "stream": exchange.Stream,
			"closed": exchange.Closed,
		})
		if i > 0 {
			gaps = append(gaps, float64(exchange.Start.Sub(log[i-1].Start).Milliseconds()))
		}
	}
	return exchanges, gaps
}

// watcher passes the server's observations to the abort plan of the run under way.
type watcher struct {
	mutex  sync.Mutex
	listen func(modelserver.Exchange)
}

func (w *watcher) observe(exchange modelserver.Exchange) {
	w.mutex.Lock()
	listen := w.listen
	w.mutex.Unlock()
	if listen != nil {
		listen(exchange)
	}
}

func (w *watcher) set(listen func(modelserver.Exchange)) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.listen = listen
}

// streamRun makes the calls of one record.
type streamRun struct {
	plan    *streamCase
	project *baml.Runtime
	watch   *watcher
	env     map[string]string
	port    string
}

// once makes one call: its events and how it ended, and what is known about it.
func (s *streamRun) once(ctx context.Context) (made, info map[string]any) {
	ctx, cancel := context.WithTimeout(ctx, streamPatience)
	defer cancel()
	tripwire, err := baml.NewTripwire()
	if err != nil {
		return map[string]any{"error": s.failure(err)}, nil
	}
	defer func() { _ = tripwire.Close() }()
	plan := s.plan.Abort.start(tripwire)
	s.watch.set(plan.observe)
	defer s.watch.set(nil)
	defer plan.stop()
	options := []baml.Option{baml.WithEnv(s.env), baml.WithTripwire(tripwire)}
	events := []any{}
	var final *baml.Final
	if s.plan.Mode == modeCall {
		final, err = s.project.Call(ctx, s.plan.Function, s.plan.Args, options...)
	} else {
		var stream *baml.Stream
		stream, err = s.project.Stream(ctx, s.plan.Function, s.plan.Args, options...)
		if err == nil {
			defer func() { _ = stream.Close() }()
			for partial, problem := range stream.Partials() {
				if problem != nil {
					break
				}
				events = append(events, map[string]any{"v": s.value(partial)})
				plan.delivered(len(events))
			}
			final, err = stream.Final(ctx)
			info = s.info(stream.Info())
		}
	}
	plan.ended()
	made = map[string]any{"events": events}
	if err != nil {
		made["error"] = s.failure(err)
		var failure *baml.Error
		if info == nil && errors.As(err, &failure) {
			info = s.info(failure.Info())
		}
		return made, info
	}
	made["final"] = s.value(final)
	if info == nil {
		info = s.info(final.Info())
	}
	return made, info
}

// value writes a partial or final value without the port of the run.
func (s *streamRun) value(value json.Marshaler) any {
	text, err := value.MarshalJSON()
	if err != nil {
		return map[string]any{"unreadable": err.Error()}
	}
	return decoded([]byte(s.portless(string(text))))
}

func (s *streamRun) portless(text string) string {
	return strings.ReplaceAll(text, "127.0.0.1:"+s.port, "127.0.0.1:PORT")
}

func (s *streamRun) info(info baml.Info) map[string]any {
	made, _ := plainJSON(info).(map[string]any)
	if detail, ok := decoded([]byte(s.portless(string(info.Detail)))).(map[string]any); ok {
		for key, value := range detail {
			made[key] = value
		}
	}
	return made
}

// abortPlan is a record's key "abort".
type abortPlan struct {
	Before      bool    `json:"before"`
	OnRequest   int     `json:"on_request"`
	MS          float64 `json:"ms"`
	OnPieces    int     `json:"on_pieces"`
	AfterEvents int     `json:"after_events"`
	AfterDone   bool    `json:"after_done"`
	Twice       bool    `json:"twice"`
	Reason      any     `json:"reason"`
}

// aborting is an abort plan under way. A nil plan never aborts.
type aborting struct {
	plan     *abortPlan
	tripwire *baml.Tripwire
	once     sync.Once
	mutex    sync.Mutex
	timer    *time.Timer
}

func (p *abortPlan) start(tripwire *baml.Tripwire) *aborting {
	made := &aborting{plan: p, tripwire: tripwire}
	if p != nil && p.Before {
		made.trip()
	}
	return made
}

func (a *aborting) trip() {
	a.once.Do(func() {
		a.tripwire.Trip(fmt.Errorf("record: %v", a.plan.Reason))
		if a.plan.Twice {
			a.tripwire.Trip(nil)
		}
	})
}

func (a *aborting) observe(exchange modelserver.Exchange) {
	switch {
	case a.plan == nil || exchange.Closed != "":
	case a.plan.OnRequest > 0 && exchange.Seq == a.plan.OnRequest && exchange.Pieces == 0:
		a.mutex.Lock()
		defer a.mutex.Unlock()
		if a.timer == nil {
			pause := time.Duration(a.plan.MS * float64(time.Millisecond))
			a.timer = time.AfterFunc(pause, a.trip)
		}
	case a.plan.OnPieces > 0 && exchange.Seq == 1 && exchange.Pieces >= a.plan.OnPieces:
		go a.trip()
	}
}

func (a *aborting) delivered(events int) {
	if a.plan != nil && a.plan.AfterEvents > 0 && events >= a.plan.AfterEvents {
		a.trip()
	}
}

func (a *aborting) ended() {
	if a.plan != nil && a.plan.AfterDone {
		a.trip()
	}
}

func (a *aborting) stop() {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if a.timer != nil {
		a.timer.Stop()
	}
}
