/* Streams a function, waiting with poll(2) on the wake-up descriptor; then starts a second stream
 * and trips its wire half way. Ends with 0 only if every handle and socket is gone. */
#include <poll.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "server.h"

enum { NEWS_MS_MAX = 10000, TAG = 7, REASON = 2 };

/* Waits for news of the one stream and polls it. */
static bamlwire_poll next_news(uint64_t runtime, int wakeup, uint64_t stream) {
  for (;;) {
    bamlwire_poll news;
    uint64_t tags[8];
    uint64_t counter[8];
    struct pollfd wait = {.fd = wakeup, .events = POLLIN};
    CHECK(bamlwire_stream_poll(stream, &news) == news.status);
    if (news.status != BAMLWIRE_PENDING) return news;
    CHECK(poll(&wait, 1, NEWS_MS_MAX) == 1);
    CHECK(read(wakeup, counter, sizeof counter) > 0);
    int64_t count = bamlwire_runtime_ready(runtime, tags, 8);
    CHECK(count >= 0);
    for (int64_t at = 0; at < count; at++) CHECK(tags[at] == TAG);
  }
}

static int holds(const bamlwire_poll *news, const char *text) {
  return memmem(news->data, news->len, text, strlen(text)) != NULL;
}

static void finish_a_stream(uint64_t runtime, int wakeup) {
  struct server server;
  uint64_t stream;
  int partials = 0;
  CHECK(server_start(&server, SERVER_FINISH) == 0);
  CHECK(start_stream(runtime, server.port, 0, TAG, &stream) == BAMLWIRE_OK);
  bamlwire_poll news = next_news(runtime, wakeup, stream);
  for (; news.status == BAMLWIRE_PARTIAL; news = next_news(runtime, wakeup, stream)) {
    CHECK(news.form == BAMLWIRE_FORM_JSON && news.attempt == 1 && holds(&news, "\"name\""));
    bamlwire_buffer_free(news.owner);
    partials++;
  }
  CHECK(news.status == BAMLWIRE_DONE);
  CHECK(holds(&news, "Ada Lovelace") && holds(&news, "engines"));
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
  CHECK(start_stream(runtime, server.port, tripwire, TAG, &stream) == BAMLWIRE_OK);
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
    CHECK(news.status == BAMLWIRE_ABORTED && holds(&news, "\"reason\":2"));
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
  for (int waited = 0; waited < NEWS_MS_MAX; waited++) {
    struct timespec pause = {0, 1000000};
    CHECK(bamlwire_stats(0, &counts) == BAMLWIRE_OK);
    if (counts.tasks == 0 && counts.sockets == 0) break;
    nanosleep(&pause, NULL);
  }
  CHECK(counts.tasks == 0 && counts.sockets == 0 && counts.aborts[REASON] == 1);
  CHECK(counts.runtimes == 0 && counts.streams == 0);
  CHECK(counts.tripwires == 0 && counts.buffers == 0);
  return 0;
}
