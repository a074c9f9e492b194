// Package bindings is the C ABI of bamlwire seen from Go: one table of functions, one to one with
// include/bamlwire.h, filled either by cgo (static library) or by purego (shared library, builds
// without cgo or with the tag bamlwire_purego).
//
// No rule of BAML and no lifetime lives here: handles are plain numbers, and whoever holds one
// frees it. Bytes that the library returns are copied into Go memory and given back at once, so
// nothing here has to be freed but handles. Nothing happens at import.
package bindings

// Table is the C ABI as Go functions. It is a struct so that a test can stand in for the library.
// Only bamlwire_buffer_free is missing: whoever fills the table calls it.
//
// Every function may be called from any goroutine at any time and none blocks, except RuntimeNew,
// RuntimeFree and the plain calls, which take the time of their work.
type Table struct {
	// ABIVersion (bamlwire_abi_version) is the version of the ABI that the library speaks; it must
	// equal ABIVersion.
	ABIVersion func() uint32

	// RuntimeNew (bamlwire_runtime_new) makes a runtime from a JSON configuration. Unless the
	// status is StatusOK the second result is the JSON error.
	RuntimeNew func(config []byte) (runtime uint64, problem []byte, status Status)
	// RuntimeFree (bamlwire_runtime_free) aborts what still runs and frees the runtime.
	RuntimeFree func(runtime uint64) Status
	// RuntimeWakeupFD (bamlwire_runtime_wakeup_fd) is a new descriptor, non-blocking, that turns
	// readable when streams have news. The caller closes it. Negative if there is none.
	RuntimeWakeupFD func(runtime uint64) int
	// RuntimeReady (bamlwire_runtime_ready) takes up to len(tags) tags of streams with news;
	// negative on a bad handle.
	RuntimeReady func(runtime uint64, tags []uint64) int

	// RuntimeLogs (bamlwire_runtime_logs) takes what was logged as JSON; StatusPending if nothing
	// was.
	RuntimeLogs func(runtime uint64) ([]byte, Status)

	// StreamStart (bamlwire_stream_start) starts a call. The tag is what RuntimeReady names later.
	// A tripwire of 0 means none.
	StreamStart func(
		runtime uint64, request []byte, tripwire, tag uint64,
	) (stream uint64, problem []byte, status Status)
	// StreamPoll (bamlwire_stream_poll) fills news with what is new, if anything, and returns its
	// status.
	StreamPoll func(stream uint64, news *News) Status
	// StreamAbort (bamlwire_stream_abort) aborts: StatusOK for the call that ended the stream,
	// StatusAlready for the rest.
	StreamAbort func(stream uint64, reason uint8) Status
	// StreamInfo (bamlwire_stream_info) is the JSON metadata of the call so far.
	StreamInfo func(stream uint64) ([]byte, Status)
	// StreamRecord (bamlwire_stream_record) is the same with the raw events packed, apart from the
	// text.
	StreamRecord func(stream uint64) ([]byte, Status)
	// StreamRaw (bamlwire_stream_raw) is what the raw reply holds beyond the given bytes of text
	// and reasoning, or all of it if the attempt is not the newest.
	StreamRaw func(stream uint64, attempt uint32, textFrom, reasoningFrom uint64) ([]byte, Status)
	// StreamFree (bamlwire_stream_free) aborts the stream if it still runs and frees it.
	StreamFree func(stream uint64) Status

	// TripwireNew (bamlwire_tripwire_new) makes a tripwire that trips with its parent; 0 means no
	// parent. It returns 0 if the parent is not a live tripwire.
	TripwireNew func(parent uint64) uint64
	// TripwireAbort (bamlwire_tripwire_abort) trips: StatusOK for the first, StatusAlready for the
	// rest.
	TripwireAbort func(tripwire uint64, reason uint8) Status
	// TripwireIsTripped (bamlwire_tripwire_is_tripped) is 1 or 0, or a negative number for a bad
	// handle.
	TripwireIsTripped func(tripwire uint64) int
	// TripwireFree (bamlwire_tripwire_free) frees the handle; streams started with it go on.
	TripwireFree func(tripwire uint64) Status

	// Check, Format and Explain (bamlwire_check, bamlwire_format and bamlwire_explain) are asked
	// of sources or of an id, without a runtime. With a status other than StatusOK the bytes are
	// the JSON error.
	Check   func(files []byte) ([]byte, Status)
	Format  func(files []byte) ([]byte, Status)
	Explain func(id []byte) ([]byte, Status)

	// Names, Describe, Prompt, Request and Parse (bamlwire_names, bamlwire_describe and so on) are
	// plain calls: JSON in, JSON or a wire value out. With a status other than StatusOK the bytes
	// are the JSON error.
	Names    func(runtime uint64) ([]byte, Status)
	Describe func(runtime uint64) ([]byte, Status)
	Prompt   func(runtime uint64, request []byte) ([]byte, Status)
	Request  func(runtime uint64, request []byte) ([]byte, Status)
	Parse    func(runtime uint64, request []byte) ([]byte, Status)

	// Stats (bamlwire_stats) counts what lives. Runtime 0 means the whole process for what is not
	// a handle.
	Stats func(runtime uint64) (Stats, Status)
}

// News is what a poll found. Data is Go memory and belongs to the caller.
type News struct {
	Form     uint32
	Attempt  uint32
	Sequence uint64
	Data     []byte
}

// The forms of News.Data.
const (
	FormNone uint32 = 0
	FormJSON uint32 = 1
	FormWire uint32 = 2
)

// The reasons of TripwireAbort, counted in Stats.
const (
	ReasonCancel   uint8 = 1
	ReasonContext  uint8 = 2
	ReasonClosed   uint8 = 3
	ReasonTripwire uint8 = 4
	ReasonRescued  uint8 = 5
)

// Stats counts what lives. Handles are counted over the whole process.
type Stats struct {
	Runtimes  uint64
	Streams   uint64
	Tripwires uint64
	// Buffers are those that the library handed out and did not get back.
	Buffers uint64
	// Tasks are the calls that still run, of one runtime or of all.
	Tasks uint64
	// Sockets are exchanges with a provider under way, of one runtime or of all.
	Sockets uint64
	// Aborts are the first aborts by reason.
	Aborts [8]uint64
}

// Handles is the number of live handles and buffers: 0 if all was given back.
func (s Stats) Handles() uint64 { return s.Runtimes + s.Streams + s.Tripwires + s.Buffers }
