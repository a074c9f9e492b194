// The table filled without cgo, from the shared library.

//go:build (!cgo || bamlwire_purego) && (linux || darwin) && (amd64 || arm64)

package bindings

import (
	"unsafe"

	"github.com/ebitengine/purego"
)

// Backend names how this build reaches the library.
const Backend = "purego"

// The C structs, field for field.
type buffer struct {
	data  *byte
	size  uintptr
	owner uint64
}

type poll struct {
	status   int32
	form     uint32
	attempt  uint32
	sequence uint64
	data     *byte
	size     uintptr
	owner    uint64
}

// symbols holds the address of each function of the library.
type symbols struct {
	abiVersion, runtimeNew, runtimeFree, runtimeWakeupFD, runtimeReady, runtimeLogs,
	streamStart, streamPoll, streamAbort, streamInfo, streamRecord, streamRaw, streamFree,
	tripwireNew, tripwireAbort, tripwireIsTripped, tripwireFree,
	bufferFree, check, format, explain, describe, names, prompt, request, parse, stats uintptr
}

func (s *symbols) named() map[string]*uintptr {
	return map[string]*uintptr{
		"bamlwire_abi_version":         &s.abiVersion,
		"bamlwire_runtime_new":         &s.runtimeNew,
		"bamlwire_runtime_free":        &s.runtimeFree,
		"bamlwire_runtime_wakeup_fd":   &s.runtimeWakeupFD,
		"bamlwire_runtime_ready":       &s.runtimeReady,
		"bamlwire_runtime_logs":        &s.runtimeLogs,
		"bamlwire_stream_start":        &s.streamStart,
		"bamlwire_stream_poll":         &s.streamPoll,
		"bamlwire_stream_abort":        &s.streamAbort,
		"bamlwire_stream_info":         &s.streamInfo,
		"bamlwire_stream_record":       &s.streamRecord,
		"bamlwire_stream_raw":          &s.streamRaw,
		"bamlwire_stream_free":         &s.streamFree,
		"bamlwire_tripwire_new":        &s.tripwireNew,
		"bamlwire_tripwire_abort":      &s.tripwireAbort,
		"bamlwire_tripwire_is_tripped": &s.tripwireIsTripped,
		"bamlwire_tripwire_free":       &s.tripwireFree,
		"bamlwire_buffer_free":         &s.bufferFree,
		"bamlwire_check":               &s.check,
		"bamlwire_format":              &s.format,
		"bamlwire_explain":             &s.explain,
		"bamlwire_describe":            &s.describe,
		"bamlwire_names":               &s.names,
		"bamlwire_prompt":              &s.prompt,
		"bamlwire_request":             &s.request,
		"bamlwire_parse":               &s.parse,
		"bamlwire_stats":               &s.stats,
	}
}

// open loads one file and finds every function in it. The problem is empty if it did.
func open(path string) (*symbols, string) {
	library, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return nil, err.Error()
	}
	found := &symbols{}
	found.abiVersion, err = purego.Dlsym(library, "bamlwire_abi_version")
	if err != nil {
		return nil, "it is not a bamlwire library: " + err.Error()
	}
	if version, _, _ := purego.SyscallN(found.abiVersion); uint32(version) != ABIVersion {
		return nil, versionProblem(uint32(version))
	}
	for name, address := range found.named() {
		*address, err = purego.Dlsym(library, name)
		if err != nil {
			return nil, "it lacks " + name + ": " + err.Error()
		}
	}
	return found, ""
}

func fill(path string) (*Table, error) {
	failure := &LibraryError{}
	for _, candidate := range candidates(path) {
		found, problem := open(candidate)
		if problem == "" {
			return found.table(), nil
		}
		failure.Places = append(failure.Places, Place{candidate, problem})
	}
	return nil, failure
}

func (s *symbols) table() *Table {
	return &Table{
		ABIVersion:        func() uint32 { return uint32(call(s.abiVersion)) },
		RuntimeNew:        s.newRuntime,
		RuntimeFree:       of[Status](s.runtimeFree),
		RuntimeWakeupFD:   of[int](s.runtimeWakeupFD),
		RuntimeReady:      s.ready,
		RuntimeLogs:       s.telling(s.runtimeLogs),
		StreamStart:       s.start,
		StreamPoll:        s.news,
		StreamAbort:       aborting(s.streamAbort),
		StreamInfo:        s.telling(s.streamInfo),
		StreamRecord:      s.telling(s.streamRecord),
		StreamRaw:         s.raw,
		StreamFree:        of[Status](s.streamFree),
		TripwireNew:       func(p uint64) uint64 { return uint64(call(s.tripwireNew, uintptr(p))) },
		TripwireAbort:     aborting(s.tripwireAbort),
		TripwireIsTripped: of[int](s.tripwireIsTripped),
		TripwireFree:      of[Status](s.tripwireFree),
		Check:             s.looking(s.check),
		Format:            s.looking(s.format),
		Explain:           s.looking(s.explain),
		Describe:          s.telling(s.describe),
		Names:             s.telling(s.names),
		Prompt:            s.asking(s.prompt),
		Request:           s.asking(s.request),
		Parse:             s.asking(s.parse),
		Stats:             s.count,
	}
}

// of makes a function of a handle that returns an int32 in C.
func of[T Status | int](function uintptr) func(handle uint64) T {
	return func(handle uint64) T { return T(int32(call(function, uintptr(handle)))) }
}

func aborting(function uintptr) func(handle uint64, reason uint8) Status {
	return func(handle uint64, reason uint8) Status {
		return Status(call(function, uintptr(handle), uintptr(reason)))
	}
}

// call is for functions without pointers; the others call SyscallN themselves, because only its
// own arguments are kept in place while C runs.
func call(function uintptr, arguments ...uintptr) uintptr {
	result, _, _ := purego.SyscallN(function, arguments...)
	return result
}

// take copies a buffer of the library into Go memory and gives it back.
func (s *symbols) take(data *byte, size uintptr, owner uint64) []byte {
	var copied []byte
	if data != nil && size > 0 {
		copied = make([]byte, int(size))
		copy(copied, unsafe.Slice(data, int(size)))
	}
	if owner != 0 {
		call(s.bufferFree, uintptr(owner))
	}
	return copied
}

func (s *symbols) newRuntime(config []byte) (uint64, []byte, Status) {
	var runtime uint64
	var problem buffer
	status, _, _ := purego.SyscallN(s.runtimeNew,
		uintptr(unsafe.Pointer(unsafe.SliceData(config))), uintptr(len(config)),
		uintptr(unsafe.Pointer(&runtime)), uintptr(unsafe.Pointer(&problem)))
	return runtime, s.take(problem.data, problem.size, problem.owner), Status(status)
}

func (s *symbols) ready(runtime uint64, tags []uint64) int {
	count, _, _ := purego.SyscallN(s.runtimeReady, uintptr(runtime),
		uintptr(unsafe.Pointer(unsafe.SliceData(tags))), uintptr(len(tags)))
	return int(count)
}

func (s *symbols) start(
	runtime uint64, request []byte, tripwire, tag uint64,
) (uint64, []byte, Status) {
	var stream uint64
	var problem buffer
	status, _, _ := purego.SyscallN(s.streamStart, uintptr(runtime),
		uintptr(unsafe.Pointer(unsafe.SliceData(request))), uintptr(len(request)),
		uintptr(tripwire), uintptr(tag),
		uintptr(unsafe.Pointer(&stream)), uintptr(unsafe.Pointer(&problem)))
	return stream, s.take(problem.data, problem.size, problem.owner), Status(status)
}

func (s *symbols) news(stream uint64, news *News) Status {
	var out poll
	status, _, _ := purego.SyscallN(s.streamPoll, uintptr(stream), uintptr(unsafe.Pointer(&out)))
	news.Form = out.form
	news.Attempt = out.attempt
	news.Sequence = out.sequence
	news.Data = s.take(out.data, out.size, out.owner)
	return Status(status)
}

func (s *symbols) raw(
	stream uint64, attempt uint32, textFrom, reasoningFrom uint64,
) ([]byte, Status) {
	var out buffer
	status, _, _ := purego.SyscallN(s.streamRaw, uintptr(stream), uintptr(attempt),
		uintptr(textFrom), uintptr(reasoningFrom), uintptr(unsafe.Pointer(&out)))
	return s.take(out.data, out.size, out.owner), Status(status)
}

func (s *symbols) telling(function uintptr) func(handle uint64) ([]byte, Status) {
	return func(handle uint64) ([]byte, Status) {
		var out buffer
		status, _, _ := purego.SyscallN(function, uintptr(handle), uintptr(unsafe.Pointer(&out)))
		return s.take(out.data, out.size, out.owner), Status(status)
	}
}

func (s *symbols) looking(function uintptr) func([]byte) ([]byte, Status) {
	return func(given []byte) ([]byte, Status) {
		var out buffer
		status, _, _ := purego.SyscallN(function,
			uintptr(unsafe.Pointer(unsafe.SliceData(given))), uintptr(len(given)),
			uintptr(unsafe.Pointer(&out)))
		return s.take(out.data, out.size, out.owner), Status(status)
	}
}

func (s *symbols) asking(function uintptr) func(uint64, []byte) ([]byte, Status) {
	return func(runtime uint64, request []byte) ([]byte, Status) {
		var out buffer
		status, _, _ := purego.SyscallN(function, uintptr(runtime),
			uintptr(unsafe.Pointer(unsafe.SliceData(request))), uintptr(len(request)),
			uintptr(unsafe.Pointer(&out)))
		return s.take(out.data, out.size, out.owner), Status(status)
	}
}

// count reads into a Stats directly: it has the fields of the C struct, in their order.
func (s *symbols) count(runtime uint64) (Stats, Status) {
	var out Stats
	status, _, _ := purego.SyscallN(s.stats, uintptr(runtime), uintptr(unsafe.Pointer(&out)))
	return out, Status(status)
}
