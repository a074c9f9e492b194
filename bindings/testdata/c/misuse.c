/* Does everything wrong that a caller can do: stale, doubled, foreign and invented handles, NULL,
 * garbage, calls from several threads while handles are freed, calls after the runtime is gone. */
#include <pthread.h>

#include "check.h"
#include "server.h"

enum { THREADS = 8, ROUNDS = 50 };

static const uint64_t GARBAGE[] = {0, 1, 42, UINT64_MAX, UINT64_MAX / 3, (uint64_t)1 << 63};

static void use_bad_handles(void) {
  for (size_t at = 0; at < sizeof GARBAGE / sizeof *GARBAGE; at++) {
    uint64_t bad = GARBAGE[at], tags[2], stream = 9;
    bamlwire_poll news;
    bamlwire_buffer out;
    bamlwire_counts counts;
    CHECK(bamlwire_runtime_free(bad) == BAMLWIRE_BAD_HANDLE);
    CHECK(bamlwire_runtime_wakeup_fd(bad) < 0);
    CHECK(bamlwire_runtime_ready(bad, tags, 2) < 0);
    CHECK(start_stream(bad, 1, 0, &stream) == BAMLWIRE_BAD_HANDLE && stream == 0);
    CHECK(bamlwire_stream_poll(bad, &news) == BAMLWIRE_BAD_HANDLE && news.data == NULL);
    CHECK(bamlwire_stream_info(bad, &out) == BAMLWIRE_BAD_HANDLE && out.owner == 0);
    CHECK(bamlwire_stream_record(bad, &out) == BAMLWIRE_BAD_HANDLE && out.owner == 0);
    CHECK(bamlwire_stream_abort(bad, 1) == BAMLWIRE_BAD_HANDLE);
    CHECK(bamlwire_stream_free(bad) == BAMLWIRE_BAD_HANDLE);
    CHECK(bad == 0 || bamlwire_tripwire_new(bad) == 0);
    CHECK(bamlwire_tripwire_abort(bad, 1) == BAMLWIRE_BAD_HANDLE);
    CHECK(bamlwire_tripwire_is_tripped(bad) < 0);
    CHECK(bamlwire_tripwire_free(bad) == BAMLWIRE_BAD_HANDLE);
    CHECK(bamlwire_describe(bad, &out) == BAMLWIRE_BAD_HANDLE);
    CHECK(bamlwire_names(bad, &out) == BAMLWIRE_BAD_HANDLE);
    CHECK(bad == 0 || bamlwire_stats(bad, &counts) == BAMLWIRE_BAD_HANDLE);
    bamlwire_buffer_free(bad);
  }
}

static void use_null(uint64_t runtime) {
  bamlwire_buffer out;
  uint64_t handle;
  const uint8_t byte = '{';
  CHECK(bamlwire_runtime_new(NULL, 5, &handle, NULL) == BAMLWIRE_BAD_ARGUMENT);
  CHECK(bamlwire_runtime_new(&byte, 1, NULL, NULL) == BAMLWIRE_BAD_ARGUMENT);
  CHECK(bamlwire_runtime_new(NULL, 0, &handle, &out) == BAMLWIRE_BAD_ARGUMENT && out.len > 0);
  bamlwire_buffer_free(out.owner);
  CHECK(bamlwire_runtime_new(&byte, SIZE_MAX, &handle, NULL) == BAMLWIRE_BAD_ARGUMENT);
  CHECK(bamlwire_runtime_ready(runtime, NULL, 3) < 0);
  CHECK(bamlwire_runtime_ready(runtime, NULL, 0) == 0);
  CHECK(bamlwire_stream_start(runtime, NULL, 0, 0, 0, &handle, NULL) == BAMLWIRE_BAD_ARGUMENT);
  CHECK(bamlwire_stream_start(runtime, &byte, 1, 0, 0, NULL, NULL) == BAMLWIRE_BAD_ARGUMENT);
  CHECK(bamlwire_stream_poll(1, NULL) == BAMLWIRE_BAD_ARGUMENT);
  CHECK(bamlwire_stream_info(1, NULL) == BAMLWIRE_BAD_ARGUMENT);
  CHECK(bamlwire_stream_record(1, NULL) == BAMLWIRE_BAD_ARGUMENT);
  CHECK(bamlwire_check(NULL, 0, NULL) == BAMLWIRE_BAD_ARGUMENT);
  CHECK(bamlwire_format(&byte, 1, NULL) == BAMLWIRE_BAD_ARGUMENT);
  CHECK(bamlwire_format(&byte, 1, &out) == BAMLWIRE_BAD_ARGUMENT && out.len > 0);
  bamlwire_buffer_free(out.owner);
  CHECK(bamlwire_explain(NULL, 0, NULL) == BAMLWIRE_BAD_ARGUMENT);
  CHECK(bamlwire_explain(NULL, 5, &out) == BAMLWIRE_BAD_ARGUMENT && out.data == NULL);
  CHECK(bamlwire_explain(&byte, 1, &out) == BAMLWIRE_BAD_ARGUMENT && out.len > 0);
  bamlwire_buffer_free(out.owner);
  CHECK(bamlwire_describe(runtime, NULL) == BAMLWIRE_BAD_ARGUMENT);
  CHECK(bamlwire_names(runtime, NULL) == BAMLWIRE_BAD_ARGUMENT);
  CHECK(bamlwire_stats(0, NULL) == BAMLWIRE_BAD_ARGUMENT);
  CHECK(bamlwire_parse(runtime, &byte, 1, &out) == BAMLWIRE_BAD_ARGUMENT && out.len > 0);
  bamlwire_buffer_free(out.owner);
  bamlwire_buffer_free(out.owner);
}

static void use_foreign_handles(uint64_t runtime, int port) {
  uint64_t stream, tripwire = bamlwire_tripwire_new(0);
  bamlwire_poll news;
  CHECK(start_stream(runtime, port, runtime, &stream) == BAMLWIRE_BAD_HANDLE);
  CHECK(start_stream(runtime, port, tripwire, &stream) == BAMLWIRE_OK);
  CHECK(bamlwire_tripwire_abort(stream, 1) == BAMLWIRE_BAD_HANDLE);
  CHECK(bamlwire_stream_free(tripwire) == BAMLWIRE_BAD_HANDLE);
  CHECK(bamlwire_stream_poll(runtime, &news) == BAMLWIRE_BAD_HANDLE);
  bamlwire_buffer_free(stream);
  CHECK(bamlwire_tripwire_free(tripwire) == BAMLWIRE_OK);
  CHECK(bamlwire_tripwire_free(tripwire) == BAMLWIRE_BAD_HANDLE);
  CHECK(bamlwire_stream_free(stream) == BAMLWIRE_OK);
  CHECK(bamlwire_stream_free(stream) == BAMLWIRE_BAD_HANDLE);
  CHECK(bamlwire_stream_poll(stream, &news) == BAMLWIRE_BAD_HANDLE);
}

/* One handle, many hands: exactly one abort is the first, exactly one free frees. */
struct storm {
  uint64_t stream;
  atomic_int aborted, freed;
};

static void *rage(void *given) {
  struct storm *storm = given;
  bamlwire_poll news;
  bamlwire_buffer info;
  if (bamlwire_stream_poll(storm->stream, &news) != BAMLWIRE_BAD_HANDLE)
    bamlwire_buffer_free(news.owner);
  if (bamlwire_stream_abort(storm->stream, 1) == BAMLWIRE_OK) atomic_fetch_add(&storm->aborted, 1);
  if (bamlwire_stream_info(storm->stream, &info) == BAMLWIRE_OK) bamlwire_buffer_free(info.owner);
  if (bamlwire_stream_free(storm->stream) == BAMLWIRE_OK) atomic_fetch_add(&storm->freed, 1);
  return NULL;
}

static void storm_a_stream(uint64_t runtime, int port) {
  pthread_t threads[THREADS];
  struct storm storm;
  atomic_init(&storm.aborted, 0);
  atomic_init(&storm.freed, 0);
  CHECK(start_stream(runtime, port, 0, &storm.stream) == BAMLWIRE_OK);
  for (int at = 0; at < THREADS; at++)
    CHECK(pthread_create(&threads[at], NULL, rage, &storm) == 0);
  for (int at = 0; at < THREADS; at++) CHECK(pthread_join(threads[at], NULL) == 0);
  CHECK(atomic_load(&storm.aborted) == 1 && atomic_load(&storm.freed) == 1);
}

/* A runtime, a tripwire and a buffer that some use while others free them: whoever comes late is
 * told so, and of the frees of one handle exactly one is the one. */
struct ruin {
  uint64_t runtime, tripwire, buffer;
  int port;
  atomic_int runtimes, tripwires;
};

static void *wreck(void *given) {
  struct ruin *ruin = given;
  uint64_t stream, tags[4], child = bamlwire_tripwire_new(ruin->tripwire);
  bamlwire_buffer out;
  bamlwire_counts counts;
  int wakeup = bamlwire_runtime_wakeup_fd(ruin->runtime);
  int32_t status = start_stream(ruin->runtime, ruin->port, ruin->tripwire, &stream);
  CHECK(status == BAMLWIRE_OK || status == BAMLWIRE_BAD_HANDLE);
  if (bamlwire_describe(ruin->runtime, &out) == BAMLWIRE_OK) bamlwire_buffer_free(out.owner);
  (void)bamlwire_runtime_ready(ruin->runtime, tags, 4);
  (void)bamlwire_tripwire_abort(ruin->tripwire, 2);
  bamlwire_buffer_free(ruin->buffer);
  if (bamlwire_tripwire_free(ruin->tripwire) == BAMLWIRE_OK) atomic_fetch_add(&ruin->tripwires, 1);
  if (bamlwire_runtime_free(ruin->runtime) == BAMLWIRE_OK) atomic_fetch_add(&ruin->runtimes, 1);
  CHECK(bamlwire_stats(ruin->runtime, &counts) == BAMLWIRE_BAD_HANDLE);
  if (stream != 0) {
    bamlwire_poll news;
    CHECK(bamlwire_stream_poll(stream, &news) == BAMLWIRE_ABORTED);
    bamlwire_buffer_free(news.owner);
    CHECK(bamlwire_stream_free(stream) == BAMLWIRE_OK);
  }
  if (child != 0) CHECK(bamlwire_tripwire_free(child) == BAMLWIRE_OK);
  if (wakeup >= 0) close(wakeup);
  return NULL;
}

static void storm_a_runtime(int port) {
  pthread_t threads[THREADS];
  bamlwire_buffer described;
  struct ruin ruin = {.runtime = load_project(), .port = port};
  ruin.tripwire = bamlwire_tripwire_new(0);
  CHECK(bamlwire_describe(ruin.runtime, &described) == BAMLWIRE_OK);
  ruin.buffer = described.owner;
  for (int at = 0; at < THREADS; at++)
    CHECK(pthread_create(&threads[at], NULL, wreck, &ruin) == 0);
  for (int at = 0; at < THREADS; at++) CHECK(pthread_join(threads[at], NULL) == 0);
  CHECK(atomic_load(&ruin.runtimes) == 1 && atomic_load(&ruin.tripwires) == 1);
}

static void outlive_the_runtime(uint64_t runtime, int port) {
  uint64_t stream, late;
  bamlwire_poll news;
  CHECK(start_stream(runtime, port, 0, &stream) == BAMLWIRE_OK);
  CHECK(bamlwire_runtime_free(runtime) == BAMLWIRE_OK);
  CHECK(bamlwire_runtime_free(runtime) == BAMLWIRE_BAD_HANDLE);
  CHECK(bamlwire_stream_poll(stream, &news) == BAMLWIRE_ABORTED);
  bamlwire_buffer_free(news.owner);
  CHECK(start_stream(runtime, port, 0, &late) == BAMLWIRE_BAD_HANDLE);
  CHECK(bamlwire_stream_abort(stream, 1) == BAMLWIRE_ALREADY);
  CHECK(bamlwire_stream_free(stream) == BAMLWIRE_OK);
}

int main(void) {
  struct server server;
  CHECK(server_start(&server, SERVER_DRIP) == 0);
  use_bad_handles();
  uint64_t runtime = load_project();
  use_null(runtime);
  use_foreign_handles(runtime, server.port);
  for (int round = 0; round < ROUNDS; round++) storm_a_stream(runtime, server.port);
  for (int round = 0; round < ROUNDS; round++) storm_a_runtime(server.port);
  outlive_the_runtime(runtime, server.port);
  check_nothing_lives();
  printf("misuse gives statuses, nothing else\n");
  return 0;
}
