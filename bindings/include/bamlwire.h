/* bamlwire: BAML functions behind a small C interface.
 *
 * Made from rust/baml-ffi/src/abi by scripts/check-header --write; do not edit.
 *
 * Rules that hold for every function:
 * - Handles are numbers, never pointers. 0 is the handle of nothing. A stale, doubled, foreign or
 *   invented handle gives BAMLWIRE_BAD_HANDLE, never undefined behaviour.
 * - Every function may be called from any thread at any time; nothing ever calls back. No function
 *   waits for a provider but bamlwire_request.
 * - What a function is given belongs to the caller and is read during the call only. What it gives
 *   (handles, buffers, descriptors) belongs to the caller, who frees it.
 * - NULL for an input means no bytes (its length must be 0). NULL for an output gives
 *   BAMLWIRE_BAD_ARGUMENT unless its description allows it.
 * - Outputs are set on every return: to zero where there is nothing to give.
 * - After fork(), a runtime of the parent has no workers in the child: starting a call there gives
 *   BAMLWIRE_BAD_ARGUMENT. What was inherited may be freed or left; the parent notices nothing. New
 *   runtimes are fine, unless another thread of the parent was inside a call when it forked.
 */

#ifndef BAMLWIRE_H
#define BAMLWIRE_H

#include <stddef.h>
#include <stdint.h>

/*
 The version of this interface. A library and a caller go together if their versions are equal.
 */
#define BAMLWIRE_ABI_VERSION 1

/*
 It worked.
 */
#define BAMLWIRE_OK 0

/*
 Nothing new.
 */
#define BAMLWIRE_PENDING 1

/*
 A partial value is there.
 */
#define BAMLWIRE_PARTIAL 2

/*
 The stream ended with its value. Terminal.
 */
#define BAMLWIRE_DONE 3

/*
 The stream was aborted. Terminal.
 */
#define BAMLWIRE_ABORTED 4

/*
 It failed; the error is there as JSON. Terminal for a stream.
 */
#define BAMLWIRE_FAILED 5

/*
 Somebody was faster, or it was over already.
 */
#define BAMLWIRE_ALREADY 6

/*
 The handle is stale, doubled, foreign or made up.
 */
#define BAMLWIRE_BAD_HANDLE 7

/*
 A pointer is NULL that must not be, or a length is impossible.
 */
#define BAMLWIRE_BAD_ARGUMENT 8

/*
 A defect of the library, caught. Handles stay valid and can be freed.
 */
#define BAMLWIRE_PANIC 9

/*
 `bamlwire_poll.form`: no data.
 */
#define BAMLWIRE_FORM_NONE 0

/*
 `bamlwire_poll.form`: the data is JSON.
 */
#define BAMLWIRE_FORM_JSON 1

/*
 `bamlwire_poll.form`: the data is in the form of bindings/WIRE.md.
 */
#define BAMLWIRE_FORM_WIRE 2

/*
 The reason of an abort because a stream or its runtime was freed. Others are the caller's own.
 */
#define BAMLWIRE_REASON_CLOSED 3

/*
 Bytes of the library. They stay where they are until `bamlwire_buffer_free(owner)`, whatever
 else happens to the runtime or the stream that they came from. An empty buffer is all zeroes.
 */
typedef struct bamlwire_buffer {
  /*
   The first byte; NULL if there are none.
   */
  const uint8_t *data;
  /*
   How many there are. No zero byte follows.
   */
  size_t len;
  /*
   What to free; 0 if there is nothing to free.
   */
  uint64_t owner;
} bamlwire_buffer;

/*
 What a poll found.
 */
typedef struct bamlwire_poll {
  /*
   BAMLWIRE_PENDING, PARTIAL, DONE, FAILED or ABORTED, or what the function returned.
   */
  int32_t status;
  /*
   The form of `data`; errors are always JSON.
   */
  uint32_t form;
  /*
   The attempt that the data belongs to, from 1. A higher one than before means that the reply
   began anew: a retry or a fallback.
   */
  uint32_t attempt;
  /*
   Counts what was handed out, from 1.
   */
  uint64_t sequence;
  /*
   The value (PARTIAL, DONE), whole or as changes, or the error (FAILED, ABORTED); NULL if
   there is none.
   */
  const uint8_t *data;
  /*
   How many bytes.
   */
  size_t len;
  /*
   To be given to `bamlwire_buffer_free`; 0 if there is no data.
   */
  uint64_t owner;
} bamlwire_poll;

/*
 What lives. Handles are counted over the whole process.
 */
typedef struct bamlwire_counts {
  /*
   Runtimes that were not freed.
   */
  uint64_t runtimes;
  /*
   Streams that were not freed.
   */
  uint64_t streams;
  /*
   Tripwires that were not freed; a stream's own is not counted.
   */
  uint64_t tripwires;
  /*
   Buffers that were not freed.
   */
  uint64_t buffers;
  /*
   Calls that still run: of the given runtime, or of all if it is 0.
   */
  uint64_t tasks;
  /*
   Exchanges with a provider under way, each of which holds a socket.
   */
  uint64_t sockets;
  /*
   First aborts by their reason; the last entry counts all reasons from 7 on.
   */
  uint64_t aborts[8];
} bamlwire_counts;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/*
 The version of the ABI that this library speaks. Callable always, from any thread.
 */
uint32_t bamlwire_abi_version(void);

/*
 Gives the bytes of a buffer or of a poll back. 0, a stale and a foreign owner are ignored, so
 freeing twice does no harm. Callable from any thread.
 */
void bamlwire_buffer_free(uint64_t owner);

/*
 Loads a project. `config` is JSON: `{"files": {path: text, …}, "worker_threads": n}`; 0 or
 absent workers mean one for each core. On BAMLWIRE_OK, `*runtime` is to be freed by
 `bamlwire_runtime_free`. Otherwise it is 0, and `*error` (may be NULL) is a JSON error to be
 freed by the caller. Takes the time of reading the project; starts no thread, reads no file, no
 network and no environment. The bytes of `config` are read during the call only. Callable from
 any thread.

 # Safety
 `config` is readable for `len` bytes; `runtime` and `error`, unless NULL, are writable.
 */
int32_t bamlwire_runtime_new(const uint8_t *config,
                             size_t len,
                             uint64_t *runtime,
                             struct bamlwire_buffer *error);

/*
 Aborts every stream of the runtime with BAMLWIRE_REASON_CLOSED, makes its descriptor readable a
 last time and frees the handle. Streams keep their handles, to be polled (they are terminal) and
 freed. Workers are told to stop and not awaited. BAMLWIRE_BAD_HANDLE if it was freed before.
 Never blocks; callable from any thread.
 */
int32_t bamlwire_runtime_free(uint64_t runtime);

/*
 A descriptor that is readable whenever `bamlwire_runtime_ready` has something to give, and once
 more when the runtime was freed. Each call makes a new one, non-blocking and close-on-exec, that
 belongs to the caller, who closes it. All of one runtime share their state: one reader is
 enough. The reader first reads (8 bytes are enough; more does no harm) until the read would
 block, then drains the ready list. Negative if the handle is bad or the platform has no such
 descriptor.
 */
int32_t bamlwire_runtime_wakeup_fd(uint64_t runtime);

/*
 Moves the tags of up to `cap` streams with news into `tags` and says how many. A stream stands
 in the list once, until it is polled. If tags are left, the descriptor becomes readable again. A
 tag may belong to a stream that was freed meanwhile: ignore it. Negative if the handle is bad or
 `tags` is NULL. Never blocks; callable from any thread.

 # Safety
 `tags`, unless NULL, is writable for `cap` numbers.
 */
int64_t bamlwire_runtime_ready(uint64_t runtime, uint64_t *tags, size_t cap);

/*
 Takes what the runtime logged, as JSON (see bindings/WIRE.md). BAMLWIRE_OK with `*out`, to be
 freed; BAMLWIRE_PENDING if there is nothing. Nothing is logged unless the configuration says so;
 when something is, the descriptor becomes readable. Entries wait in a bounded ring: what finds
 it full is dropped and counted. Never blocks; callable from any thread.

 # Safety
 `out`, unless NULL, is writable.
 */
int32_t bamlwire_runtime_logs(uint64_t runtime, struct bamlwire_buffer *out);

/*
 Starts a call; waits for nothing. The prompt is rendered and the request made before it returns,
 unless several start at once; media, credentials and answers are what workers wait for.
 `request` is JSON: `{"function", "args": {}, "env": {}, "tags": {}, "client",
 "client_registry": {"primary", "clients": []}, "type_builder": [], "mode":
 "stream" | "call", "form": "wire" | "json", "partials": "whole" | "changes" | "off"}`; all but
 `function` may be absent. A `tripwire` of 0 means none; else the stream is aborted with it, and
 at once if it was tripped before. `tag` is the caller's number for `bamlwire_runtime_ready`;
 register it first, as its news may come before this returns. On BAMLWIRE_OK, `*stream` is to be
 freed by `bamlwire_stream_free`. Otherwise it is 0, and `*error` (may be NULL) is a JSON error
 to be freed. Anything that depends on the request (an unknown function, a wrong argument) fails
 here; anything that takes time fails in the stream. The bytes of `request` are read during the
 call only. Callable from any thread.

 # Safety
 `request` is readable for `len` bytes; `stream` and `error`, unless NULL, are writable.
 */
int32_t bamlwire_stream_start(uint64_t runtime,
                              const uint8_t *request,
                              size_t len,
                              uint64_t tripwire,
                              uint64_t tag,
                              uint64_t *stream,
                              struct bamlwire_buffer *error);

/*
 What is new. Returns the same number as `out->status`. PENDING: nothing; the tag will come in
 the ready list. PARTIAL: the newest partial value; older ones were dropped. DONE, FAILED,
 ABORTED: the terminal answer, the same at every later poll. Other numbers: the call itself went
 wrong and `*out` is empty. Never waits for the provider; takes the time of reading what came
 since the last poll. Callable from any thread; two polls of one stream take turns.

 # Safety
 `out`, unless NULL, is writable.
 */
int32_t bamlwire_stream_poll(uint64_t stream, struct bamlwire_poll *out);

/*
 What is known about the call so far, as JSON (see bindings/WIRE.md): attempts, usage, times, the
 raw reply and reasoning. Also during the call and after its end. `*out` is to be freed. Never
 waits for the provider; callable from any thread.

 # Safety
 `out`, unless NULL, is writable.
 */
int32_t bamlwire_stream_info(uint64_t stream, struct bamlwire_buffer *out);

/*
 The same with the raw events apart from the text, as they are kept (see bindings/WIRE.md): a
 tenth of the bytes, for those who unpack them only when somebody looks. `*out` is to be freed.
 Never waits for the provider; callable from any thread.

 # Safety
 `out`, unless NULL, is writable.
 */
int32_t bamlwire_stream_record(uint64_t stream, struct bamlwire_buffer *out);

/*
 The raw reply of the newest attempt as far as it has come, reasoning apart, in the form of
 bindings/WIRE.md: only what lies beyond `text_from` and `reasoning_from` bytes, or all of it if
 `attempt` is not the newest one (0 never is). From the first such call on, reasoning is news too
 and puts the stream into the ready list. `*out` is to be freed. Never waits for the provider;
 callable from any thread.

 # Safety
 `out`, unless NULL, is writable.
 */
int32_t bamlwire_stream_raw(uint64_t stream,
                            uint32_t attempt,
                            uint64_t text_from,
                            uint64_t reasoning_from,
                            struct bamlwire_buffer *out);

/*
 Aborts the stream alone, as `bamlwire_tripwire_abort` would: BAMLWIRE_OK for the one call that
 ended it, BAMLWIRE_ALREADY if it was aborted or had ended before, BAMLWIRE_BAD_HANDLE. The
 handle stays, to be polled and freed. Never blocks; callable from any thread.
 */
int32_t bamlwire_stream_abort(uint64_t stream, uint8_t reason);

/*
 Aborts the stream if it still runs (BAMLWIRE_REASON_CLOSED), then frees it. Buffers taken from
 it stay valid. BAMLWIRE_BAD_HANDLE if it was freed before: of several calls exactly one gives
 BAMLWIRE_OK. Never blocks; callable from any thread, also during a poll of the same stream.
 */
int32_t bamlwire_stream_free(uint64_t stream);

/*
 Makes a tripwire, to be freed by `bamlwire_tripwire_free`. It trips by its own abort, or with
 `parent` and for the parent's reason; parent 0 means none. Returns 0 if `parent` is no live
 tripwire. Never blocks; callable from any thread.
 */
uint64_t bamlwire_tripwire_new(uint64_t parent);

/*
 Trips it: every stream and tripwire that hangs on it is aborted when this returns, its tasks are
 told to let go of their sockets, and no further partial is taken from such a stream. `reason` is
 the caller's own number and comes back in the stream's error. BAMLWIRE_OK for the one call that
 did it, BAMLWIRE_ALREADY for all others, BAMLWIRE_BAD_HANDLE. Never blocks; callable from any
 thread at any time, also while the same handle is being freed.
 */
int32_t bamlwire_tripwire_abort(uint64_t tripwire, uint8_t reason);

/*
 1 if it was tripped, 0 if not, negative if the handle is bad. Never blocks; any thread.
 */
int32_t bamlwire_tripwire_is_tripped(uint64_t tripwire);

/*
 Frees the handle. Streams and tripwires that hang on it go on and can no longer be reached
 through it. BAMLWIRE_BAD_HANDLE if it was freed before. Never blocks; any thread.
 */
int32_t bamlwire_tripwire_free(uint64_t tripwire);

/*
 Diagnoses sources without loading them. `files` is a JSON object path → text. The answer:
 `{"ok": bool, "diagnostics": [{id, severity, message, file, start, end, help, labels}],
 "text", "styled"}`, the text as people read it, and the same with colours for a terminal.
 Callable from any thread; takes the time of its work.

 # Safety
 `files` is readable for `len` bytes; `out`, unless NULL, is writable.
 */
int32_t bamlwire_check(const uint8_t *files, size_t len, struct bamlwire_buffer *out);

/*
 Formats sources. `files` is a JSON object path → text. The answer is that of `bamlwire_check`
 with `"files"`, the formatted texts; a file that cannot be parsed is not among them, and the
 diagnostics say why. Callable from any thread; takes the time of its work.

 # Safety
 `files` is readable for `len` bytes; `out`, unless NULL, is writable.
 */
int32_t bamlwire_format(const uint8_t *files, size_t len, struct bamlwire_buffer *out);

/*
 Says what the id of a diagnostic stands for; of no bytes, what all of them do. The answer:
 `[{"id", "severity", "summary", "fix", "example", "fixed", "shown"}]`, `shown` being what is
 told about the example. An id that does not exist gives BAMLWIRE_BAD_ARGUMENT and a JSON error
 that names the nearest ones. Callable from any thread.

 # Safety
 `id` is readable for `len` bytes; `out`, unless NULL, is writable.
 */
int32_t bamlwire_explain(const uint8_t *id, size_t len, struct bamlwire_buffer *out);

/*
 What the project declares, as JSON: functions with their parameters and types, classes, enums,
 clients, and `env`, the names of the variables that a call may need. Callable from any thread.

 # Safety
 `out`, unless NULL, is writable.
 */
int32_t bamlwire_describe(uint64_t runtime, struct bamlwire_buffer *out);

/*
 The names that a binding needs before the first call, as JSON: `functions`, and `env`, the names
 of the variables that a call may need. Both stand in `bamlwire_describe` too, which takes long
 for a large project. Callable from any thread.

 # Safety
 `out`, unless NULL, is writable.
 */
int32_t bamlwire_names(uint64_t runtime, struct bamlwire_buffer *out);

/*
 Renders the prompt of a call. `request` is that of `bamlwire_stream_start`. The answer:
 `{"client", "provider", "messages": [{"role", "parts": […]}]}`. Takes no network.

 # Safety
 `request` is readable for `len` bytes; `out`, unless NULL, is writable.
 */
int32_t bamlwire_prompt(uint64_t runtime,
                        const uint8_t *request,
                        size_t len,
                        struct bamlwire_buffer *out);

/*
 Builds the HTTP request of a call. `request` is that of `bamlwire_stream_start`. The answer:
 `{"method", "url", "headers": {}, "body"}`, credentials included. Media that the provider wants
 embedded are downloaded and tokens are fetched, so this may wait for the network, up to a bound.

 # Safety
 `request` is readable for `len` bytes; `out`, unless NULL, is writable.
 */
int32_t bamlwire_request(uint64_t runtime,
                         const uint8_t *request,
                         size_t len,
                         struct bamlwire_buffer *out);

/*
 Reads a model's text as the value that a function promises. `request` is JSON: `{"function",
 "text", "partial": bool, "type_builder", "form": "wire" | "json", "explain": bool}`. The answer
 is the value in that form; of a partial that may not be shown, nothing at all. With `explain` it
 is JSON that tells how the reply was read, even where it does not fit: see bindings/WIRE.md.

 # Safety
 `request` is readable for `len` bytes; `out`, unless NULL, is writable.
 */
int32_t bamlwire_parse(uint64_t runtime,
                       const uint8_t *request,
                       size_t len,
                       struct bamlwire_buffer *out);

/*
 Reads the counters; runtime 0 means the whole process. BAMLWIRE_BAD_HANDLE,
 BAMLWIRE_BAD_ARGUMENT if `out` is NULL. Never blocks; callable from any thread.

 # Safety
 `out`, unless NULL, is writable.
 */
int32_t bamlwire_stats(uint64_t runtime, struct bamlwire_counts *out);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* BAMLWIRE_H */
