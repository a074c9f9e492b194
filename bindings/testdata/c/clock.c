/* Lets the wall clock jump by years at every look. Time limits are on the monotonic clock: none
 * strikes early, and one that is due strikes. */
#include <stdatomic.h>
#include <sys/syscall.h>

#include "check.h"
#include "server.h"

enum { IDLE_MS = 1000, YEARS = 10 };

static atomic_int wall_looks;

static long real_time(clockid_t clock, struct timespec *out) {
  return syscall(SYS_clock_gettime, clock, out);
}

/* Stands before the C library's own, for the library under test too. */
int clock_gettime(clockid_t clock, struct timespec *out) {
  if (real_time(clock, out)) return -1;
  if (clock == CLOCK_REALTIME) {
    int look = atomic_fetch_add(&wall_looks, 1);
    time_t leap = (time_t)YEARS * 365 * 24 * 3600;
    out->tv_sec += look % 2 ? leap : -leap;
  }
  return 0;
}

static long elapsed_ms(const struct timespec *since) {
  struct timespec now;
  real_time(CLOCK_MONOTONIC, &now);
  return (now.tv_sec - since->tv_sec) * 1000 + (now.tv_nsec - since->tv_nsec) / 1000000;
}

int main(void) {
  struct server finish, silent;
  struct timespec start;
  uint64_t stream;
  CHECK(server_start(&finish, SERVER_FINISH) == 0);
  CHECK(server_start(&silent, SERVER_SILENT) == 0);
  uint64_t runtime = load_project();
  int wakeup = bamlwire_runtime_wakeup_fd(runtime);

  CHECK(start_function(runtime, "Hurry", finish.port, 0, &stream, NULL) == BAMLWIRE_OK);
  bamlwire_poll news = last_news(runtime, wakeup, stream);
  CHECK(news.status == BAMLWIRE_DONE && holds(news.data, news.len, "Ada Lovelace"));
  bamlwire_buffer_free(news.owner);
  CHECK(bamlwire_stream_free(stream) == BAMLWIRE_OK);

  real_time(CLOCK_MONOTONIC, &start);
  CHECK(start_function(runtime, "Hurry", silent.port, 0, &stream, NULL) == BAMLWIRE_OK);
  news = last_news(runtime, wakeup, stream);
  CHECK(news.status == BAMLWIRE_FAILED && holds(news.data, news.len, "\"timeout\""));
  CHECK(elapsed_ms(&start) >= IDLE_MS);
  bamlwire_buffer_free(news.owner);
  CHECK(server_wait(&silent.cut, 1));
  CHECK(bamlwire_stream_free(stream) == BAMLWIRE_OK);

  CHECK(atomic_load(&wall_looks) > 0);
  CHECK(bamlwire_runtime_free(runtime) == BAMLWIRE_OK);
  close(wakeup);
  check_nothing_lives();
  printf("the wall clock jumped %d times; the limits did not mind\n", atomic_load(&wall_looks));
  return 0;
}
