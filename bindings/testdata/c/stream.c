/* Streams a function, waiting with poll(2) on the wake-up descriptor; then starts a second stream
 * and trips its wire half way. Ends with 0 only if every handle and socket is gone. */
#include "check.h"
#include "server.h"

enum { REASON = 2 };

static void finish_a_stream(uint64_t runtime, int wakeup) {
  struct server server;
  uint64_t stream;
  int partials = 0;
  CHECK(server_start(&server, SERVER_FINISH) == 0);
  CHECK(start_stream(runtime, server.port, 0, &stream) == BAMLWIRE_OK);
  bamlwire_poll news = next_news(runtime, wakeup, stream);
  for (; news.status == BAMLWIRE_PARTIAL; news = next_news(runtime, wakeup, stream)) {
    CHECK(news.form == BAMLWIRE_FORM_JSON && news.attempt == 1 && holds(news.data, news.len, "\"name\""));
    bamlwire_buffer_free(news.owner);
    partials++;
  }
  CHECK(news.status == BAMLWIRE_DONE);
  CHECK(holds(news.data, news.len, "Ada Lovelace") && holds(news.data, news.len, "engines"));
  bamlwire_buffer_free(news.owner);
  CHECK(partials >= 3);
  CHECK(bamlwire_stream_abort(stream, REASON) == BAMLWIRE_ALREADY);
  CHECK(bamlwire_stream_free(stream) == BAMLWIRE_OK);
  printf("finished after %d partials\n", partials);
}

static void trip_a_stream(uint64_t runtime, int wakeup) {
  struct server server;
  uint64_t stream;
  uint64_t tripwire = bamlwire_tripwire_new(0);
  CHECK(tripwire != 0 && bamlwire_tripwire_is_tripped(tripwire) == 0);
  CHECK(server_start(&server, SERVER_DRIP) == 0);
  CHECK(start_stream(runtime, server.port, tripwire, &stream) == BAMLWIRE_OK);
  for (int partials = 0; partials < 3; partials++) {
    bamlwire_poll news = next_news(runtime, wakeup, stream);
    CHECK(news.status == BAMLWIRE_PARTIAL);
    bamlwire_buffer_free(news.owner);
  }
  CHECK(bamlwire_tripwire_abort(tripwire, REASON) == BAMLWIRE_OK);
  CHECK(bamlwire_tripwire_abort(tripwire, REASON) == BAMLWIRE_ALREADY);
  CHECK(bamlwire_tripwire_is_tripped(tripwire) == 1);
  for (int again = 0; again < 2; again++) {
    bamlwire_poll news = next_news(runtime, wakeup, stream);
    CHECK(news.status == BAMLWIRE_ABORTED && holds(news.data, news.len, "\"reason\":2"));
    bamlwire_buffer_free(news.owner);
  }
  CHECK(server_wait(&server.cut, 1));
  CHECK(bamlwire_stream_free(stream) == BAMLWIRE_OK);
  CHECK(bamlwire_tripwire_free(tripwire) == BAMLWIRE_OK);
  printf("tripped; the server saw the connection close\n");
}

int main(void) {
  bamlwire_counts counts;
  CHECK(bamlwire_abi_version() == BAMLWIRE_ABI_VERSION);
  uint64_t runtime = load_project();
  int wakeup = bamlwire_runtime_wakeup_fd(runtime);
  CHECK(wakeup >= 0);
  finish_a_stream(runtime, wakeup);
  trip_a_stream(runtime, wakeup);
  CHECK(bamlwire_runtime_free(runtime) == BAMLWIRE_OK);
  struct pollfd last = {.fd = wakeup, .events = POLLIN};
  CHECK(poll(&last, 1, NEWS_MS_MAX) == 1);
  close(wakeup);
  check_nothing_lives();
  CHECK(bamlwire_stats(0, &counts) == BAMLWIRE_OK && counts.aborts[REASON] == 1);
  return 0;
}
