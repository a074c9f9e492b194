/* Caps the memory of the process, then meets a line and a reply of a gigabyte: each ends at its bound
 * as an error of its stream, the process lives, and the next call works. */
#include <sys/resource.h>

#include "check.h"
#include "server.h"

/* What the process may take beside what it has: four times the longest reply, and the arenas and
 * stacks of its threads, which are reserved more than used. */
enum { MORE_MB = 768 };

static size_t taken_bytes(void) {
  size_t pages = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  CHECK(file && fscanf(file, "%zu", &pages) == 1);
  fclose(file);
  return pages * (size_t)sysconf(_SC_PAGESIZE);
}

static void finish_one(uint64_t runtime, int wakeup, int port) {
  uint64_t stream;
  CHECK(start_stream(runtime, port, 0, &stream) == BAMLWIRE_OK);
  bamlwire_poll news = last_news(runtime, wakeup, stream);
  CHECK(news.status == BAMLWIRE_DONE);
  bamlwire_buffer_free(news.owner);
  CHECK(bamlwire_stream_free(stream) == BAMLWIRE_OK);
}

/* The end of a call that nobody looks at until it is there. */
static void meet(uint64_t runtime, int wakeup, struct server *server, const char *expected) {
  uint64_t stream;
  CHECK(start_stream(runtime, server->port, 0, &stream) == BAMLWIRE_OK);
  CHECK(server_wait(&server->cut, 1));
  bamlwire_poll news = last_news(runtime, wakeup, stream);
  if (!holds(news.data, news.len, expected))
    fprintf(stderr, "%.*s\n", (int)(news.len < 500 ? news.len : 500), (const char *)news.data);
  CHECK(news.status == BAMLWIRE_FAILED && holds(news.data, news.len, expected));
  bamlwire_buffer_free(news.owner);
  CHECK(bamlwire_stream_free(stream) == BAMLWIRE_OK);
}

int main(void) {
  struct server line, reply, finish;
  CHECK(server_start(&line, SERVER_LINE) == 0 && server_start(&reply, SERVER_REPLY) == 0);
  CHECK(server_start(&finish, SERVER_FINISH) == 0);
  uint64_t runtime = load_project();
  int wakeup = bamlwire_runtime_wakeup_fd(runtime);
  finish_one(runtime, wakeup, finish.port);

  rlim_t most = (rlim_t)taken_bytes() + ((rlim_t)MORE_MB << 20);
  struct rlimit limit = {.rlim_cur = most, .rlim_max = most};
  CHECK(setrlimit(RLIMIT_AS, &limit) == 0);
  meet(runtime, wakeup, &line, "longer than");
  meet(runtime, wakeup, &reply, "longer than");
  finish_one(runtime, wakeup, finish.port);

  CHECK(bamlwire_runtime_free(runtime) == BAMLWIRE_OK);
  close(wakeup);
  check_nothing_lives();
  printf("with %d MB to spare, a line and a reply of a gigabyte ended at their bounds\n", MORE_MB);
  return 0;
}
