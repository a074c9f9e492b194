// Options of runtimes and calls.

package baml

import (
	"log/slog"
	"slices"
	"time"
)

// Args are the arguments of a function by name. A struct that encoding/json writes as an object
// does as well; media are passed as Media.
type Args map[string]any

// Option changes one call.
type Option func(*callOptions)

type callOptions struct {
	env        map[string]string
	tags       map[string]any
	client     string
	registry   *ClientRegistry
	types      *TypeBuilder
	tripwire   *Tripwire
	onPartial  func(*Partial)
	collectors []*Collector
	// isAlone tells that the caller gets neither a Stream nor a Final: what is known about the call
	// can be asked of its error and its collectors only.
	isAlone bool
}

// alone is the options for a caller who gets neither a Stream nor a Final.
func alone(options []Option) []Option {
	return append(slices.Clip(options), func(o *callOptions) { o.isAlone = true })
}

// WithEnv sets environment variables for the call. They stand above those of the process.
func WithEnv(env map[string]string) Option {
	return func(o *callOptions) { o.env = env }
}

// WithTags sets what ctx.tags holds in the prompt and what the call is filed under.
func WithTags(tags map[string]any) Option {
	return func(o *callOptions) { o.tags = tags }
}

// WithClient calls through another client: a name of the sources or a shorthand such as
// "openai/gpt-4o".
func WithClient(name string) Option {
	return func(o *callOptions) { o.client = name }
}

// WithClientRegistry adds clients made at run time, and may name the one to call through.
func WithClientRegistry(registry *ClientRegistry) Option {
	return func(o *callOptions) { o.registry = registry }
}

// WithTypeBuilder extends the types of the sources for the call.
func WithTypeBuilder(types *TypeBuilder) Option {
	return func(o *callOptions) { o.types = types }
}

// WithTripwire lets the tripwire, which other streams may share, abort the call.
func WithTripwire(tripwire *Tripwire) Option {
	return func(o *callOptions) { o.tripwire = tripwire }
}

// OnPartial gives each new partial to the function while Call waits, on the caller's goroutine. The
// call is streamed then. A panic of the function is logged and the call goes on.
func OnPartial(receive func(*Partial)) Option {
	return func(o *callOptions) { o.onPartial = receive }
}

// RuntimeOption changes how a runtime is made.
type RuntimeOption func(*runtimeOptions)

type runtimeOptions struct {
	workers      int
	inFlightMax  int
	queueTimeout time.Duration
	mediaHosts   []string
	recordEvents *int
	recordBytes  *int
	library      string
	lookupEnv    func(name string) (string, bool)
	logger       *slog.Logger
	logLevel     slog.Level
	logLevelSet  bool
	logContent   bool
}

// WithWorkers sets the number of threads that drive the calls; the default fits the machine.
func WithWorkers(count int) RuntimeOption {
	return func(o *runtimeOptions) { o.workers = count }
}

// WithInFlightMax lets so many calls run at once; further ones wait for their turn, but not longer
// than queueTimeout. 0 means any number, and for ever.
func WithInFlightMax(count int, queueTimeout time.Duration) RuntimeOption {
	return func(o *runtimeOptions) { o.inFlightMax, o.queueTimeout = count, queueTimeout }
}

// WithMediaHosts lets media be fetched from these hosts only: "example.com", or "*.example.com" for
// all names below it. Without it every host will do, but link-local and metadata addresses.
func WithMediaHosts(hosts ...string) RuntimeOption {
	return func(o *runtimeOptions) { o.mediaHosts = append([]string{}, hosts...) }
}

// WithRecordLimits bounds what the record of a call keeps, for Info and for a Collector: raw events
// of one attempt, and bytes of events and bodies of one call. Without it they are 10,000 and 1 MiB;
// what goes beyond is counted (left_out in Info.Detail).
func WithRecordLimits(events, bytes int) RuntimeOption {
	return func(o *runtimeOptions) { o.recordEvents, o.recordBytes = &events, &bytes }
}

// WithLibrary names the shared library, for builds without cgo. The default is the environment
// variable BAMLWIRE_LIBRARY, then beside the program, then the module's folder.
func WithLibrary(path string) RuntimeOption {
	return func(o *runtimeOptions) { o.library = path }
}

// WithLookupEnv sets where the values of env.NAME come from instead of os.LookupEnv. It is asked at
// every call, for the names that the sources and the providers use.
func WithLookupEnv(lookup func(name string) (string, bool)) RuntimeOption {
	return func(o *runtimeOptions) { o.lookupEnv = lookup }
}

// WithLogger sets where the runtime logs; the default is slog.Default at the time of logging. What
// is logged is set by WithLogLevel.
func WithLogger(logger *slog.Logger) RuntimeOption {
	return func(o *runtimeOptions) { o.logger = logger }
}

// WithLogLevel logs calls: aborts and retries at slog.LevelInfo, failed attempts at slog.LevelWarn,
// failed calls at slog.LevelError, attempts at slog.LevelDebug. Without it the variable BAML_LOG
// decides (off, error, warn, info, debug or trace), and without that nothing is logged. Keys never
// are; prompts and replies only WithLogContent.
func WithLogLevel(level slog.Level) RuntimeOption {
	return func(o *runtimeOptions) { o.logLevel, o.logLevelSet = level, true }
}

// WithLogContent lets prompts and replies into the log, cut to a sane length.
func WithLogContent() RuntimeOption {
	return func(o *runtimeOptions) { o.logContent = true }
}

func gather(options []Option) *callOptions {
	gathered := &callOptions{}
	for _, option := range options {
		if option != nil {
			option(gathered)
		}
	}
	return gathered
}
