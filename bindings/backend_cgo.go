// The table filled through cgo from the static library.

//go:build cgo && !bamlwire_purego

package bindings

// #cgo linux,amd64 LDFLAGS: ${SRCDIR}/lib/linux_amd64/libbamlwire.a -lm -ldl -lpthread
// #cgo linux,arm64 LDFLAGS: ${SRCDIR}/lib/linux_arm64/libbamlwire.a -lm -ldl -lpthread
// #cgo darwin,amd64 LDFLAGS: ${SRCDIR}/lib/darwin_amd64/libbamlwire.a
// #cgo darwin,arm64 LDFLAGS: ${SRCDIR}/lib/darwin_arm64/libbamlwire.a
// #cgo darwin LDFLAGS: -framework Security -framework CoreFoundation
// #cgo darwin LDFLAGS: -framework SystemConfiguration
// #cgo noescape bamlwire_runtime_new
// #cgo noescape bamlwire_runtime_ready
// #cgo noescape bamlwire_runtime_logs
// #cgo noescape bamlwire_stream_start
// #cgo noescape bamlwire_stream_poll
// #cgo noescape bamlwire_stream_info
// #cgo noescape bamlwire_stream_record
// #cgo noescape bamlwire_stream_raw
// #cgo noescape bamlwire_check
// #cgo noescape bamlwire_format
// #cgo noescape bamlwire_explain
// #cgo noescape bamlwire_describe
// #cgo noescape bamlwire_names
// #cgo noescape bamlwire_prompt
// #cgo noescape bamlwire_request
// #cgo noescape bamlwire_parse
// #cgo noescape bamlwire_stats
// #cgo nocallback bamlwire_abi_version
// #cgo nocallback bamlwire_runtime_new
// #cgo nocallback bamlwire_runtime_free
// #cgo nocallback bamlwire_runtime_wakeup_fd
// #cgo nocallback bamlwire_runtime_ready
// #cgo nocallback bamlwire_runtime_logs
// #cgo nocallback bamlwire_stream_start
// #cgo nocallback bamlwire_stream_poll
// #cgo nocallback bamlwire_stream_abort
// #cgo nocallback bamlwire_stream_info
// #cgo nocallback bamlwire_stream_record
// #cgo nocallback bamlwire_stream_raw
// #cgo nocallback bamlwire_stream_free
// #cgo nocallback bamlwire_tripwire_new
// #cgo nocallback bamlwire_tripwire_abort
// #cgo nocallback bamlwire_tripwire_is_tripped
// #cgo nocallback bamlwire_tripwire_free
// #cgo nocallback bamlwire_buffer_free
// #cgo nocallback bamlwire_check
// #cgo nocallback bamlwire_format
// #cgo nocallback bamlwire_explain
// #cgo nocallback bamlwire_describe
// #cgo nocallback bamlwire_names
// #cgo nocallback bamlwire_prompt
// #cgo nocallback bamlwire_request
// #cgo nocallback bamlwire_parse
// #cgo nocallback bamlwire_stats
// #include "include/bamlwire.h"
import "C"

import "unsafe"

// Backend names how this build reaches the library.
const Backend = "cgo"

func fill(string) (*Table, error) {
	if found := abiVersion(); found != ABIVersion {
		place := Place{"linked into this program", versionProblem(found)}
		return nil, &LibraryError{Places: []Place{place}}
	}
	return &Table{
		ABIVersion:        abiVersion,
		RuntimeNew:        runtimeNew,
		RuntimeFree:       runtimeFree,
		RuntimeWakeupFD:   runtimeWakeupFD,
		RuntimeReady:      runtimeReady,
		RuntimeLogs:       runtimeLogs,
		StreamStart:       streamStart,
		StreamPoll:        streamPoll,
		StreamAbort:       streamAbort,
		StreamInfo:        streamInfo,
		StreamRecord:      streamRecord,
		StreamRaw:         streamRaw,
		StreamFree:        streamFree,
		TripwireNew:       tripwireNew,
		TripwireAbort:     tripwireAbort,
		TripwireIsTripped: tripwireIsTripped,
		TripwireFree:      tripwireFree,
		Check:             check,
		Format:            format,
		Explain:           explain,
		Describe:          describe,
		Names:             names,
		Prompt:            prompt,
		Request:           request,
		Parse:             parse,
		Stats:             stats,
	}, nil
}

func abiVersion() uint32 { return uint32(C.bamlwire_abi_version()) }

func runtimeFree(runtime uint64) Status {
	return Status(C.bamlwire_runtime_free(C.uint64_t(runtime)))
}

func runtimeWakeupFD(runtime uint64) int {
	return int(C.bamlwire_runtime_wakeup_fd(C.uint64_t(runtime)))
}

func streamFree(stream uint64) Status {
	return Status(C.bamlwire_stream_free(C.uint64_t(stream)))
}

func tripwireNew(parent uint64) uint64 {
	return uint64(C.bamlwire_tripwire_new(C.uint64_t(parent)))
}

func tripwireIsTripped(tripwire uint64) int {
	return int(C.bamlwire_tripwire_is_tripped(C.uint64_t(tripwire)))
}

func tripwireFree(tripwire uint64) Status {
	return Status(C.bamlwire_tripwire_free(C.uint64_t(tripwire)))
}

// first is the address of the bytes for C, nil if there are none.
func first(data []byte) *C.uint8_t { return (*C.uint8_t)(unsafe.SliceData(data)) }

// take copies a buffer of the library into Go memory and gives it back.
func take(data *C.uint8_t, size C.size_t, owner C.uint64_t) []byte {
	var copied []byte
	if data != nil && size > 0 {
		copied = make([]byte, int(size))
		copy(copied, unsafe.Slice((*byte)(data), int(size)))
	}
	if owner != 0 {
		C.bamlwire_buffer_free(owner)
	}
	return copied
}

func takeBuffer(buffer *C.struct_bamlwire_buffer) []byte {
	return take(buffer.data, buffer.len, buffer.owner)
}

func runtimeNew(config []byte) (uint64, []byte, Status) {
	var runtime C.uint64_t
	var problem C.struct_bamlwire_buffer
	status := C.bamlwire_runtime_new(first(config), C.size_t(len(config)), &runtime, &problem)
	return uint64(runtime), takeBuffer(&problem), Status(status)
}

func runtimeReady(runtime uint64, tags []uint64) int {
	first := (*C.uint64_t)(unsafe.SliceData(tags))
	return int(C.bamlwire_runtime_ready(C.uint64_t(runtime), first, C.size_t(len(tags))))
}

func runtimeLogs(runtime uint64) ([]byte, Status) {
	var out C.struct_bamlwire_buffer
	status := C.bamlwire_runtime_logs(C.uint64_t(runtime), &out)
	return takeBuffer(&out), Status(status)
}

func streamStart(runtime uint64, request []byte, tripwire, tag uint64) (uint64, []byte, Status) {
	var stream C.uint64_t
	var problem C.struct_bamlwire_buffer
	status := C.bamlwire_stream_start(C.uint64_t(runtime), first(request), C.size_t(len(request)),
		C.uint64_t(tripwire), C.uint64_t(tag), &stream, &problem)
	return uint64(stream), takeBuffer(&problem), Status(status)
}

func streamPoll(stream uint64, news *News) Status {
	var poll C.struct_bamlwire_poll
	status := Status(C.bamlwire_stream_poll(C.uint64_t(stream), &poll))
	news.Form = uint32(poll.form)
	news.Attempt = uint32(poll.attempt)
	news.Sequence = uint64(poll.sequence)
	news.Data = take(poll.data, poll.len, poll.owner)
	return status
}

func streamInfo(stream uint64) ([]byte, Status) {
	var out C.struct_bamlwire_buffer
	status := C.bamlwire_stream_info(C.uint64_t(stream), &out)
	return takeBuffer(&out), Status(status)
}

func streamRecord(stream uint64) ([]byte, Status) {
	var out C.struct_bamlwire_buffer
	status := C.bamlwire_stream_record(C.uint64_t(stream), &out)
	return takeBuffer(&out), Status(status)
}

func streamRaw(
	stream uint64, attempt uint32, textFrom, reasoningFrom uint64,
) ([]byte, Status) {
	var out C.struct_bamlwire_buffer
	status := C.bamlwire_stream_raw(C.uint64_t(stream), C.uint32_t(attempt),
		C.uint64_t(textFrom), C.uint64_t(reasoningFrom), &out)
	return takeBuffer(&out), Status(status)
}

func streamAbort(stream uint64, reason uint8) Status {
	return Status(C.bamlwire_stream_abort(C.uint64_t(stream), C.uint8_t(reason)))
}

func tripwireAbort(tripwire uint64, reason uint8) Status {
	return Status(C.bamlwire_tripwire_abort(C.uint64_t(tripwire), C.uint8_t(reason)))
}

func check(files []byte) ([]byte, Status) {
	var out C.struct_bamlwire_buffer
	status := C.bamlwire_check(first(files), C.size_t(len(files)), &out)
	return takeBuffer(&out), Status(status)
}

func format(files []byte) ([]byte, Status) {
	var out C.struct_bamlwire_buffer
	status := C.bamlwire_format(first(files), C.size_t(len(files)), &out)
	return takeBuffer(&out), Status(status)
}

func explain(id []byte) ([]byte, Status) {
	var out C.struct_bamlwire_buffer
	status := C.bamlwire_explain(first(id), C.size_t(len(id)), &out)
	return takeBuffer(&out), Status(status)
}

func names(runtime uint64) ([]byte, Status) {
	var out C.struct_bamlwire_buffer
	status := C.bamlwire_names(C.uint64_t(runtime), &out)
	return takeBuffer(&out), Status(status)
}

func describe(runtime uint64) ([]byte, Status) {
	var out C.struct_bamlwire_buffer
	status := C.bamlwire_describe(C.uint64_t(runtime), &out)
	return takeBuffer(&out), Status(status)
}

func prompt(runtime uint64, request []byte) ([]byte, Status) {
	var out C.struct_bamlwire_buffer
	status := C.bamlwire_prompt(C.uint64_t(runtime), first(request), C.size_t(len(request)), &out)
	return takeBuffer(&out), Status(status)
}

func request(runtime uint64, request []byte) ([]byte, Status) {
	var out C.struct_bamlwire_buffer
	status := C.bamlwire_request(C.uint64_t(runtime), first(request), C.size_t(len(request)), &out)
	return takeBuffer(&out), Status(status)
}

func parse(runtime uint64, request []byte) ([]byte, Status) {
	var out C.struct_bamlwire_buffer
	status := C.bamlwire_parse(C.uint64_t(runtime), first(request), C.size_t(len(request)), &out)
	return takeBuffer(&out), Status(status)
}

func stats(runtime uint64) (Stats, Status) {
	var out C.struct_bamlwire_counts
	status := C.bamlwire_stats(C.uint64_t(runtime), &out)
	found := Stats{
		Runtimes:  uint64(out.runtimes),
		Streams:   uint64(out.streams),
		Tripwires: uint64(out.tripwires),
		Buffers:   uint64(out.buffers),
		Tasks:     uint64(out.tasks),
		Sockets:   uint64(out.sockets),
	}
	for reason := range found.Aborts {
		found.Aborts[reason] = uint64(out.aborts[reason])
	}
	return found, Status(status)
}
