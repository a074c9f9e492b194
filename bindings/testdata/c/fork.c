/* Forks with a stream under way. The child is refused where it would wait for workers that it does
 * not have, may free what it inherited, and can load a runtime of its own; the parent's stream goes
 * on as if nothing had been. */
#include <sys/wait.h>

#include "check.h"
#include "server.h"

static void stream_to_the_end(int port) {
  uint64_t runtime = load_project(), stream;
  int wakeup = bamlwire_runtime_wakeup_fd(runtime);
  CHECK(wakeup >= 0);
  CHECK(start_stream(runtime, port, 0, &stream) == BAMLWIRE_OK);
  bamlwire_poll news = last_news(runtime, wakeup, stream);
  CHECK(news.status == BAMLWIRE_DONE && holds(news.data, news.len, "Ada Lovelace"));
  bamlwire_buffer_free(news.owner);
  CHECK(bamlwire_stream_free(stream) == BAMLWIRE_OK);
  CHECK(bamlwire_runtime_free(runtime) == BAMLWIRE_OK);
  close(wakeup);
}

static void be_the_child(uint64_t runtime, uint64_t stream, int port) {
  bamlwire_poll news;
  bamlwire_buffer error;
  uint64_t late;
  CHECK(start_function(runtime, "Extract", port, 0, &late, &error) == BAMLWIRE_BAD_ARGUMENT);
  CHECK(late == 0 && holds(error.data, error.len, "fork"));
  bamlwire_buffer_free(error.owner);
  CHECK(bamlwire_stream_abort(stream, 1) == BAMLWIRE_OK);
  CHECK(bamlwire_stream_poll(stream, &news) == BAMLWIRE_ABORTED);
  bamlwire_buffer_free(news.owner);
  CHECK(bamlwire_stream_free(stream) == BAMLWIRE_OK);
  CHECK(bamlwire_runtime_free(runtime) == BAMLWIRE_OK);
  stream_to_the_end(port);
  /* The workers' stacks are not here, so what only they held would count as leaked. */
  _exit(0);
}

int main(void) {
  struct server drip, finish;
  uint64_t stream;
  int state;
  CHECK(server_start(&drip, SERVER_DRIP) == 0);
  CHECK(server_start(&finish, SERVER_FINISH) == 0);
  uint64_t runtime = load_project();
  int wakeup = bamlwire_runtime_wakeup_fd(runtime);
  CHECK(start_stream(runtime, drip.port, 0, &stream) == BAMLWIRE_OK);
  bamlwire_poll news = next_news(runtime, wakeup, stream);
  CHECK(news.status == BAMLWIRE_PARTIAL);
  bamlwire_buffer_free(news.owner);

  fflush(stdout);
  pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) be_the_child(runtime, stream, finish.port);
  CHECK(waitpid(child, &state, 0) == child);
  CHECK(WIFEXITED(state) && WEXITSTATUS(state) == 0);

  for (int more = 0; more < 3; more++) {
    news = next_news(runtime, wakeup, stream);
    CHECK(news.status == BAMLWIRE_PARTIAL);
    bamlwire_buffer_free(news.owner);
  }
  CHECK(atomic_load(&drip.cut) == 0);
  CHECK(bamlwire_stream_abort(stream, 1) == BAMLWIRE_OK);
  CHECK(server_wait(&drip.cut, 1));
  CHECK(bamlwire_stream_free(stream) == BAMLWIRE_OK);
  CHECK(bamlwire_runtime_free(runtime) == BAMLWIRE_OK);
  close(wakeup);
  check_nothing_lives();
  printf("forked; the child was refused and could begin anew, the parent went on\n");
  return 0;
}
