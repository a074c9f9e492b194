// What the library logs, handed to slog: one goroutine a runtime that logs, none otherwise.

package baml

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/bamlwire/bamlwire/bindings"
)

// LevelTrace is below slog.LevelDebug.
const LevelTrace = slog.Level(-8)

// logEnd bounds how long Close waits for a handler that does not return.
const logEnd = time.Second

// logConfig is what the library is told to log.
type logConfig struct {
	Level   string `json:"level"`
	Content bool   `json:"content,omitempty"`
}

// levelOf is the level of a name as BAML_LOG has it; false for "off", an error for no level.
func levelOf(name string) (slog.Level, bool, error) {
	switch strings.ToLower(strings.TrimSpace(name)) {
	case "", "off":
		return 0, false, nil
	case "error":
		return slog.LevelError, true, nil
	case "warn":
		return slog.LevelWarn, true, nil
	case "info":
		return slog.LevelInfo, true, nil
	case "debug":
		return slog.LevelDebug, true, nil
	case "trace":
		return LevelTrace, true, nil
	default:
		return 0, false, fmt.Errorf(
			"BAML_LOG is %q; it can be off, error, warn, info, debug or trace", name)
	}
}

// nameOf is the library's name of the least grave level that is wanted.
func nameOf(level slog.Level) string {
	switch {
	case level < slog.LevelDebug:
		return "trace"
	case level < slog.LevelInfo:
		return "debug"
	case level < slog.LevelWarn:
		return "info"
	case level < slog.LevelError:
		return "warn"
	default:
		return "error"
	}
}

// logging is what the options and BAML_LOG ask for; nil for silence.
func (o *runtimeOptions) logging() *logConfig {
	level, wanted := o.logLevel, o.logLevelSet
	if !wanted {
		var err error
		if name, isSet := o.lookupEnv("BAML_LOG"); isSet {
			level, wanted, err = levelOf(name)
		}
		if err != nil {
			o.target().Warn("baml: " + err.Error())
		}
	}
	if !wanted {
		return nil
	}
	return &logConfig{Level: nameOf(level), Content: o.logContent}
}

// target is where to log now.
func (o *runtimeOptions) target() *slog.Logger {
	if o.logger != nil {
		return o.logger
	}
	return slog.Default()
}

// logPump hands what the library logged to slog, on a goroutine of its own: a handler that is slow
// holds up nothing but the log, of which the library keeps a bounded part.
//
// Invariant: it holds the core alone, and ends when end is called.
type logPump struct {
	core  *runtimeCore
	more  chan struct{}
	stop  chan struct{}
	ended chan struct{}
}

func pumpLogs(core *runtimeCore) *logPump {
	made := &logPump{
		core: core, more: make(chan struct{}, 1),
		stop: make(chan struct{}), ended: make(chan struct{}),
	}
	go made.run()
	return made
}

// announce says that there may be more. It never blocks.
func (p *logPump) announce() {
	if p == nil {
		return
	}
	select {
	case p.more <- struct{}{}:
	default:
	}
}

func (p *logPump) run() {
	defer close(p.ended)
	for {
		select {
		case <-p.more:
			p.drain()
		case <-p.stop:
			p.drain()
			return
		}
	}
}

// end hands out the rest and waits for it, up to a bound.
func (p *logPump) end() {
	if p == nil {
		return
	}
	close(p.stop)
	timer := time.NewTimer(logEnd)
	defer timer.Stop()
	select {
	case <-p.ended:
	case <-timer.C:
	}
}

// logEntry is one entry of the library's log.
type logEntry struct {
	TimeUS     int64                `json:"time_us"`
	Level      string               `json:"level"`
	Message    string               `json:"message"`
	Attributes [][2]json.RawMessage `json:"attributes"`
}

func (p *logPump) drain() {
	for {
		text, status := p.core.table.RuntimeLogs(p.core.handle)
		if status != bindings.StatusOK {
			return
		}
		var batch struct {
			Entries []logEntry `json:"entries"`
			Dropped uint64     `json:"dropped"`
		}
		logger := p.core.logger()
		if err := json.Unmarshal(text, &batch); err != nil {
			logger.Error("baml: the log of the library is not readable: " + err.Error())
			return
		}
		for _, entry := range batch.Entries {
			entry.hand(logger.Handler())
		}
		if batch.Dropped > 0 {
			logger.Warn("baml: log entries were dropped", slog.Uint64("count", batch.Dropped))
		}
	}
}

// hand gives the entry to the handler, whose panic is its own.
func (e *logEntry) hand(handler slog.Handler) {
	defer func() { _ = recover() }()
	level, _, err := levelOf(e.Level)
	if err != nil || !handler.Enabled(context.Background(), level) {
		return
	}
	record := slog.NewRecord(time.UnixMicro(e.TimeUS), level, "baml: "+e.Message, 0)
	for _, pair := range e.Attributes {
		var name string
		if json.Unmarshal(pair[0], &name) == nil {
			record.AddAttrs(slog.Attr{Key: name, Value: attributeValue(pair[1])})
		}
	}
	// A handler that cannot write has nobody to tell.
	_ = handler.Handle(context.Background(), record)
}

// attributeValue keeps whole numbers whole.
func attributeValue(text json.RawMessage) slog.Value {
	var whole int64
	if json.Unmarshal(text, &whole) == nil {
		return slog.Int64Value(whole)
	}
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		return slog.StringValue(string(text))
	}
	return slog.AnyValue(value)
}
