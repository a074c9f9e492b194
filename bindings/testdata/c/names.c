/* A name service that does not answer, and one that leads to where clouds keep credentials. Whoever
 * waits for the first is let go by an abort, by the limit of time for connections and by the end of
 * the runtime, all at once; what still hangs in the service is nobody's any more. Media are not
 * fetched from where the second leads. */
#include <arpa/inet.h>
#include <netdb.h>
#include <stdatomic.h>

#include "check.h"

enum { AT_ONCE_MS = 1000, LIMIT_MS = 300 };

static atomic_int asked, released;

/* An answer and its address in one piece. */
struct answer {
  struct addrinfo info;
  struct sockaddr_in address;
};

/* The next two stand before the C library's own, for the library under test too. */
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                struct addrinfo **out) {
  (void)service, (void)hints;
  atomic_fetch_add(&asked, 1);
  if (!strcmp(name, "metadata.test")) {
    struct answer *answer = calloc(1, sizeof *answer);
    answer->address.sin_family = AF_INET;
    inet_pton(AF_INET, "169.254.169.254", &answer->address.sin_addr);
    answer->info = (struct addrinfo){
      .ai_family = AF_INET, .ai_socktype = SOCK_STREAM, .ai_addrlen = sizeof answer->address,
      .ai_addr = (struct sockaddr *)&answer->address};
    *out = &answer->info;
    return 0;
  }
  while (!atomic_load(&released)) nanosleep(&(struct timespec){0, 1000000}, NULL);
  return EAI_AGAIN;
}

void freeaddrinfo(struct addrinfo *info) { free(info); }

static const char NAMES[] =
  "{\"worker_threads\": 2, \"files\": {\"main.baml\": \""
  "client<llm> Patient {\\n  provider openai-generic\\n"
  "  options {\\n    base_url \\\"http://model.test\\\"\\n    model \\\"m\\\"\\n"
  "    http {\\n      connect_timeout_ms 0\\n      request_timeout_ms 0\\n    }\\n  }\\n}\\n"
  "client<llm> Hasty {\\n  provider openai-generic\\n"
  "  options {\\n    base_url \\\"http://model.test\\\"\\n    model \\\"m\\\"\\n"
  "    http {\\n      connect_timeout_ms 300\\n    }\\n  }\\n}\\n"
  "function Patience(text: string) -> string {\\n  client Patient\\n"
  "  prompt #\\\"{{ text }}\\\"#\\n}\\n"
  "function Haste(text: string) -> string {\\n  client Hasty\\n"
  "  prompt #\\\"{{ text }}\\\"#\\n}\\n"
  "client<llm> Looking {\\n  provider anthropic\\n"
  "  options {\\n    base_url \\\"http://127.0.0.1:1\\\"\\n    api_key \\\"k\\\"\\n"
  "    model \\\"m\\\"\\n    media_url_handler {\\n      image \\\"send_base64\\\"\\n    }\\n  }\\n}\\n"
  "function Look(text: image) -> string {\\n  client Looking\\n"
  "  prompt #\\\"{{ text }}\\\"#\\n}\\n\"}}";

static const char LOOK[] =
  "{\"function\": \"Look\", \"form\": \"json\","
  " \"args\": {\"text\": {\"$media\": \"image\", \"url\": \"http://metadata.test/keys\"}}}";

static long now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Starts a call and waits until its name is looked up. */
static uint64_t looked_up(uint64_t runtime, const char *function, uint64_t tripwire) {
  uint64_t stream;
  int before = atomic_load(&asked);
  CHECK(start_function(runtime, function, 1, tripwire, &stream, NULL) == BAMLWIRE_OK);
  for (int waited = 0; atomic_load(&asked) == before; waited++) {
    CHECK(waited < NEWS_MS_MAX);
    nanosleep(&(struct timespec){0, 1000000}, NULL);
  }
  return stream;
}

int main(void) {
  uint64_t runtime = 0;
  bamlwire_buffer error;
  CHECK(bamlwire_runtime_new((const uint8_t *)NAMES, strlen(NAMES), &runtime, &error) ==
        BAMLWIRE_OK);
  int wakeup = bamlwire_runtime_wakeup_fd(runtime);

  uint64_t tripwire = bamlwire_tripwire_new(0);
  uint64_t stream = looked_up(runtime, "Patience", tripwire);
  long begun = now_ms();
  CHECK(bamlwire_tripwire_abort(tripwire, 1) == BAMLWIRE_OK);
  bamlwire_poll news = last_news(runtime, wakeup, stream);
  CHECK(news.status == BAMLWIRE_ABORTED);
  bamlwire_buffer_free(news.owner);
  CHECK(bamlwire_stream_free(stream) == BAMLWIRE_OK);
  CHECK(bamlwire_tripwire_free(tripwire) == BAMLWIRE_OK);
  bamlwire_counts counts;
  do {
    CHECK(bamlwire_stats(runtime, &counts) == BAMLWIRE_OK);
    CHECK(now_ms() - begun < AT_ONCE_MS);
  } while (counts.tasks || counts.sockets);

  begun = now_ms();
  stream = looked_up(runtime, "Haste", 0);
  news = last_news(runtime, wakeup, stream);
  CHECK(news.status == BAMLWIRE_FAILED && holds(news.data, news.len, "\"connect\""));
  CHECK(now_ms() - begun >= LIMIT_MS && now_ms() - begun < LIMIT_MS + AT_ONCE_MS);
  bamlwire_buffer_free(news.owner);
  CHECK(bamlwire_stream_free(stream) == BAMLWIRE_OK);

  CHECK(bamlwire_stream_start(runtime, (const uint8_t *)LOOK, strlen(LOOK), 0, TAG, &stream,
                              NULL) == BAMLWIRE_OK);
  news = last_news(runtime, wakeup, stream);
  CHECK(news.status == BAMLWIRE_FAILED && holds(news.data, news.len, "link-local"));
  bamlwire_buffer_free(news.owner);
  CHECK(bamlwire_stream_free(stream) == BAMLWIRE_OK);

  stream = looked_up(runtime, "Patience", 0);
  begun = now_ms();
  CHECK(bamlwire_runtime_free(runtime) == BAMLWIRE_OK);
  CHECK(now_ms() - begun < AT_ONCE_MS);
  CHECK(bamlwire_stream_free(stream) == BAMLWIRE_OK);
  close(wakeup);
  check_nothing_lives();
  CHECK(atomic_load(&asked) == 4);
  atomic_store(&released, 1);
  printf("a name service that hangs holds up nobody\n");
  return 0;
}
