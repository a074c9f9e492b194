/* Uses the library while the process has no descriptor left: each call says so and harms nothing,
 * and all works again once there are descriptors. */
#include <fcntl.h>
#include <sys/resource.h>

#include "check.h"
#include "server.h"

static struct rlimit plenty;

/* Leaves no number for a new descriptor. */
static void take_all(void) {
  struct rlimit none = plenty;
  none.rlim_cur = 3;
  CHECK(setrlimit(RLIMIT_NOFILE, &none) == 0);
  CHECK(dup(0) < 0);
}

static void give_back(void) { CHECK(setrlimit(RLIMIT_NOFILE, &plenty) == 0); }

static void check_refused(int32_t status, uint64_t handle, bamlwire_buffer *error) {
  CHECK(status == BAMLWIRE_FAILED && handle == 0);
  CHECK(holds(error->data, error->len, "open files"));
  bamlwire_buffer_free(error->owner);
}

static void finish_one(uint64_t runtime, int wakeup, int port) {
  uint64_t stream;
  CHECK(start_stream(runtime, port, 0, &stream) == BAMLWIRE_OK);
  bamlwire_poll news = last_news(runtime, wakeup, stream);
  CHECK(news.status == BAMLWIRE_DONE && holds(news.data, news.len, "Ada Lovelace"));
  bamlwire_buffer_free(news.owner);
  CHECK(bamlwire_stream_free(stream) == BAMLWIRE_OK);
}

int main(void) {
  struct server server;
  uint64_t runtime, stream;
  bamlwire_buffer error;
  CHECK(getrlimit(RLIMIT_NOFILE, &plenty) == 0);
  CHECK(server_start(&server, SERVER_FINISH) == 0);

  take_all();
  int32_t status =
    bamlwire_runtime_new((const uint8_t *)PROJECT, strlen(PROJECT), &runtime, &error);
  check_refused(status, runtime, &error);
  give_back();

  runtime = load_project();
  int wakeup = bamlwire_runtime_wakeup_fd(runtime);
  CHECK(wakeup >= 0);
  take_all();
  CHECK(bamlwire_runtime_wakeup_fd(runtime) < 0);
  status = start_function(runtime, "Extract", server.port, 0, &stream, &error);
  check_refused(status, stream, &error);
  give_back();
  finish_one(runtime, wakeup, server.port);

  /* The workers are there now; what is missing is a socket. */
  take_all();
  CHECK(start_stream(runtime, server.port, 0, &stream) == BAMLWIRE_OK);
  bamlwire_poll news = last_news(runtime, wakeup, stream);
  CHECK(news.status == BAMLWIRE_FAILED && holds(news.data, news.len, "\"transport\""));
  CHECK(holds(news.data, news.len, "open files"));
  bamlwire_buffer_free(news.owner);
  CHECK(bamlwire_stream_free(stream) == BAMLWIRE_OK);
  give_back();
  finish_one(runtime, wakeup, server.port);

  CHECK(bamlwire_runtime_free(runtime) == BAMLWIRE_OK);
  close(wakeup);
  check_nothing_lives();
  printf("out of descriptors three times, each told, each survived\n");
  return 0;
}
