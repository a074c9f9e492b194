/* What the programs share: a check that ends the program, a project, a request, waiting for news. */
#ifndef CHECK_H
#define CHECK_H

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bamlwire.h"

#define CHECK(condition)                                                        \
  do {                                                                          \
    if (!(condition)) {                                                         \
      fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);   \
      exit(1);                                                                  \
    }                                                                           \
  } while (0)

enum { NEWS_MS_MAX = 10000, TAG = 7 };

/* Two clients: one that waits for as long as it takes, and one that does not. */
static const char PROJECT[] =
  "{\"worker_threads\": 2, \"files\": {\"main.baml\": \""
  "class Person {\\n  name string\\n  skills string[]\\n}\\n"
  "client<llm> Local {\\n  provider openai-generic\\n"
  "  options {\\n    base_url env.MODEL_URL\\n    model \\\"m\\\"\\n  }\\n}\\n"
  "client<llm> Hasty {\\n  provider openai-generic\\n"
  "  options {\\n    base_url env.MODEL_URL\\n    model \\\"m\\\"\\n"
  "    http {\\n      idle_timeout_ms 1000\\n    }\\n  }\\n}\\n"
  "function Extract(text: string) -> Person {\\n  client Local\\n"
  "  prompt #\\\"{{ text }} {{ ctx.output_format }}\\\"#\\n}\\n"
  "function Hurry(text: string) -> Person {\\n  client Hasty\\n"
  "  prompt #\\\"{{ text }} {{ ctx.output_format }}\\\"#\\n}\\n\"}}";

static inline uint64_t load_project(void) {
  uint64_t runtime = 0;
  bamlwire_buffer error;
  int32_t status =
    bamlwire_runtime_new((const uint8_t *)PROJECT, strlen(PROJECT), &runtime, &error);
  if (status != BAMLWIRE_OK) {
    fprintf(stderr, "%.*s\n", (int)error.len, (const char *)error.data);
    exit(1);
  }
  return runtime;
}

static inline int32_t start_function(uint64_t runtime, const char *function, int port,
                                     uint64_t tripwire, uint64_t *stream,
                                     bamlwire_buffer *error) {
  char request[512];
  snprintf(request, sizeof request,
           "{\"function\": \"%s\", \"args\": {\"text\": \"Ada\"}, \"form\": \"json\","
           " \"env\": {\"MODEL_URL\": \"http://127.0.0.1:%d\"}}",
           function, port);
  return bamlwire_stream_start(runtime, (const uint8_t *)request, strlen(request), tripwire, TAG,
                               stream, error);
}

static inline int32_t start_stream(uint64_t runtime, int port, uint64_t tripwire,
                                   uint64_t *stream) {
  return start_function(runtime, "Extract", port, tripwire, stream, NULL);
}

/* Waits for news of the one stream and polls it. */
static inline bamlwire_poll next_news(uint64_t runtime, int wakeup, uint64_t stream) {
  for (;;) {
    bamlwire_poll news;
    uint64_t tags[8];
    uint64_t counter[8];
    struct pollfd wait = {.fd = wakeup, .events = POLLIN};
    CHECK(bamlwire_stream_poll(stream, &news) == news.status);
    if (news.status != BAMLWIRE_PENDING) return news;
    CHECK(poll(&wait, 1, NEWS_MS_MAX) == 1);
    /* Somebody else may have been faster: a copy of the descriptor in another process. */
    (void)!read(wakeup, counter, sizeof counter);
    int64_t count = bamlwire_runtime_ready(runtime, tags, 8);
    CHECK(count >= 0);
    for (int64_t at = 0; at < count; at++) CHECK(tags[at] == TAG);
  }
}

/* Reads the stream to its end, which is to be freed by the caller. */
static inline bamlwire_poll last_news(uint64_t runtime, int wakeup, uint64_t stream) {
  for (;;) {
    bamlwire_poll news = next_news(runtime, wakeup, stream);
    if (news.status != BAMLWIRE_PARTIAL) return news;
    bamlwire_buffer_free(news.owner);
  }
}

static inline int holds(const uint8_t *data, size_t len, const char *text) {
  return memmem(data, len, text, strlen(text)) != NULL;
}

/* Waits until no call and no socket is left, then wants every handle freed. */
static inline void check_nothing_lives(void) {
  bamlwire_counts counts;
  for (int waited = 0; waited < NEWS_MS_MAX; waited++) {
    struct timespec pause = {0, 1000000};
    CHECK(bamlwire_stats(0, &counts) == BAMLWIRE_OK);
    if (counts.tasks == 0 && counts.sockets == 0) break;
    nanosleep(&pause, NULL);
  }
  CHECK(counts.tasks == 0 && counts.sockets == 0);
  CHECK(counts.runtimes == 0 && counts.streams == 0);
  CHECK(counts.tripwires == 0 && counts.buffers == 0);
}

#endif
