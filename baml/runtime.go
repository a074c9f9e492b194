// Runtime, the handle of a loaded project. What it does lies in runtime_core.go.

package baml

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path"
	"runtime"
	"slices"

	"github.com/bamlwire/bamlwire/bindings"
)

// Runtime holds one loaded project and runs its functions. It is safe for concurrent use.
//
// Close it when done. One that is forgotten is closed once it is garbage collected, but not before
// its streams are forgotten too.
type Runtime struct {
	core    *runtimeCore
	cleanup runtime.Cleanup
}

// Load loads the .baml files of a folder and of the folders in it.
func Load(dir string, options ...RuntimeOption) (*Runtime, error) {
	info, err := os.Stat(dir)
	if err != nil {
		return nil, invalidBecause("load", err)
	}
	if !info.IsDir() {
		return nil, invalidError("load: %s is not a folder", dir)
	}
	return LoadFS(os.DirFS(dir), options...)
}

// LoadFS loads all .baml files of a file system, such as an embed.FS.
func LoadFS(files fs.FS, options ...RuntimeOption) (*Runtime, error) {
	texts, err := ReadFS(files)
	if err != nil {
		return nil, err
	}
	return LoadFiles(texts, options...)
}

// ReadFS reads all .baml files of a file system, as Check and LoadFiles take them.
func ReadFS(files fs.FS) (map[string]string, error) {
	texts := map[string]string{}
	err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Ext(name) != ".baml" {
			return err
		}
		text, err := fs.ReadFile(files, name)
		texts[name] = string(text)
		return err
	})
	if err == nil && len(texts) == 0 {
		err = errors.New("no .baml files found")
	}
	if err != nil {
		return nil, invalidBecause("load", err)
	}
	return texts, nil
}

// LoadFiles loads sources from memory: text by file name. Sources that do not check give an *Error
// with Diagnostics.
func LoadFiles(files map[string]string, options ...RuntimeOption) (*Runtime, error) {
	if err := mustBeText(files); err != nil {
		return nil, err
	}
	chosen := &runtimeOptions{lookupEnv: os.LookupEnv}
	for _, option := range options {
		if option != nil {
			option(chosen)
		}
	}
	table, err := bindings.Load(chosen.library)
	if err != nil {
		return nil, err
	}
	core, err := newRuntimeCore(table, files, chosen)
	if err != nil {
		return nil, err
	}
	made := &Runtime{core: core}
	// The cleanup must not hold the Runtime itself, or it would never be collected.
	made.cleanup = runtime.AddCleanup(made, func(core *runtimeCore) { go core.rescue() }, core)
	return made, nil
}

// Close aborts the streams that still run, ends the runtime's goroutine and frees it. Closing twice
// does nothing.
func (r *Runtime) Close() error {
	r.cleanup.Stop()
	r.core.close(bindings.ReasonClosed)
	runtime.KeepAlive(r)
	return nil
}

// Functions names the functions of the project, in the order of the sources.
func (r *Runtime) Functions() []string {
	defer runtime.KeepAlive(r)
	return slices.Clone(r.core.project.Functions)
}

// Stats counts what lives in the runtime.
func (r *Runtime) Stats() (Stats, error) {
	defer runtime.KeepAlive(r)
	found, status := r.core.table.Stats(r.core.handle)
	if status != bindings.StatusOK {
		return Stats{}, r.core.plainError(nil, status, "")
	}
	return found, nil
}

// Stats counts the live parts of a runtime.
type Stats = bindings.Stats

// config is what the runtime is made from.
func configFor(
	files map[string]string, options *runtimeOptions, log *logConfig,
) ([]byte, error) {
	return json.Marshal(struct {
		Files   map[string]string `json:"files"`
		Workers int               `json:"worker_threads,omitempty"`
		Running int               `json:"in_flight_max,omitempty"`
		QueueMS int64             `json:"queue_timeout_ms,omitempty"`
		Hosts   []string          `json:"media_hosts,omitzero"`
		Events  *int              `json:"record_events_max,omitempty"`
		Bytes   *int              `json:"record_bytes_max,omitempty"`
		Log     *logConfig        `json:"log,omitempty"`
	}{
		files, options.workers, options.inFlightMax, options.queueTimeout.Milliseconds(),
		options.mediaHosts, options.recordEvents, options.recordBytes, log,
	})
}

// project is what the package itself needs to know of it.
type project struct {
	Functions   []string `json:"functions"`
	Environment []string `json:"env"`
}

// environment collects the variables for a call: those that the project and the providers name, and
// those given with the call, which stand above.
func (r *runtimeCore) environment(given map[string]string) map[string]string {
	found := make(map[string]string, len(r.project.Environment)+len(given))
	for _, name := range r.project.Environment {
		if value, ok := r.lookupEnv(name); ok {
			found[name] = value
		}
	}
	for name, value := range given {
		found[name] = value
	}
	return found
}
