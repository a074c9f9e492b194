/* The scripted server of the C programs; see server.h. */
#include "server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { PIECES_MAX = 1000, SILENT_AFTER = 2, PIECE_PAUSE_MS = 20, WAIT_MS = 10000, REQUEST_BYTES_MAX = 65536 };
enum { FLOOD_BYTES = 1 << 16, FLOOD_BYTES_MAX = 1 << 30 };

static const char *const PIECES[] = {
  "{\\\"name\\\": \\\"", "Ada", " Love", "lace\\\", ", "\\\"skills\\\": [\\\"analysis\\\"", ", \\\"engines\\\"]}",
};

struct connection {
  struct server *server;
  int socket;
};

static void pause_ms(long ms) {
  struct timespec pause = {ms / 1000, ms % 1000 * 1000000};
  nanosleep(&pause, NULL);
}

static int gone(int socket) {
  struct pollfd look = {.fd = socket, .events = POLLIN};
  char byte;
  return poll(&look, 1, PIECE_PAUSE_MS) > 0 && recv(socket, &byte, 1, MSG_PEEK) <= 0;
}

static int send_text(int socket, const char *text) {
  size_t length = strlen(text);
  return send(socket, text, length, MSG_NOSIGNAL) == (ssize_t)length;
}

static int send_piece(int socket, const char *piece) {
  char event[512];
  snprintf(event, sizeof event,
           "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"%s\"}}]}\n\n", piece);
  return send_text(socket, event);
}

/* Reads the request up to the end of its body. 1 if it came. */
static int read_request(int socket) {
  static const char LENGTH[] = "content-length:";
  char text[REQUEST_BYTES_MAX + 1];
  size_t have = 0;
  while (have < REQUEST_BYTES_MAX) {
    ssize_t count = recv(socket, text + have, REQUEST_BYTES_MAX - have, 0);
    if (count <= 0) return 0;
    have += (size_t)count;
    text[have] = 0;
    const char *body = strstr(text, "\r\n\r\n");
    const char *length = strcasestr(text, LENGTH);
    if (body && length && have >= (size_t)(body + 4 - text) + strtoul(length + strlen(LENGTH), NULL, 10))
      return 1;
  }
  return 0;
}

/* Sends text without end, in one line or in pieces of a reply. Only the client ends it. */
static int flood(int socket, int in_pieces) {
  static char text[FLOOD_BYTES];
  size_t length = sizeof text;
  memset(text, 'x', length);
  if (in_pieces) {
    static const char BEFORE[] = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"";
    static const char AFTER[] = "\"}}]}\n\n";
    memcpy(text, BEFORE, strlen(BEFORE));
    memcpy(text + length - strlen(AFTER), AFTER, strlen(AFTER));
  } else if (!send_text(socket, "data: ")) {
    return 0;
  }
  for (size_t sent = 0; sent < FLOOD_BYTES_MAX; sent += length) {
    for (size_t at = 0; at < length;) {
      ssize_t count = send(socket, text + at, length - at, MSG_NOSIGNAL);
      if (count <= 0) return 0;
      at += (size_t)count;
    }
  }
  return 1;
}

static int answer(const struct connection *connection) {
  static const char HEAD[] =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n";
  int socket = connection->socket;
  enum server_manner manner = connection->server->manner;
  if (manner == SERVER_LINE || manner == SERVER_REPLY)
    return send_text(socket, HEAD) && flood(socket, manner == SERVER_REPLY);
  int drip = connection->server->manner == SERVER_DRIP;
  int silent = connection->server->manner == SERVER_SILENT;
  int count = drip || silent ? PIECES_MAX : (int)(sizeof PIECES / sizeof *PIECES);
  if (!send_text(socket, HEAD)) return 0;
  for (int at = 0; at < count; at++) {
    const char *piece = !drip && !silent ? PIECES[at] : at ? "drop " : PIECES[0];
    if (!(silent && at >= SILENT_AFTER) && !send_piece(socket, piece)) return 0;
    if (gone(socket)) return 0;
  }
  return send_text(socket, "data: [DONE]\n\n");
}

static void *serve(void *given) {
  struct connection *connection = given;
  if (read_request(connection->socket)) {
    atomic_fetch_add(&connection->server->requests, 1);
    if (!answer(connection)) atomic_fetch_add(&connection->server->cut, 1);
  }
  close(connection->socket);
  free(connection);
  return NULL;
}

static void *accept_all(void *given) {
  struct server *server = given;
  for (;;) {
    int socket = accept(server->listener, NULL, NULL);
    if (socket < 0) {
      // A program that takes every descriptor away takes them from this server too, for a while.
      if (errno != EMFILE && errno != ENFILE && errno != EINTR && errno != ECONNABORTED) return NULL;
      pause_ms(5);
      continue;
    }
    struct connection *connection = malloc(sizeof *connection);
    pthread_t thread;
    if (!connection) abort();
    *connection = (struct connection){server, socket};
    if (pthread_create(&thread, NULL, serve, connection)) abort();
    pthread_detach(thread);
  }
}

int server_start(struct server *server, enum server_manner manner) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  pthread_t thread;
  server->manner = manner;
  atomic_init(&server->requests, 0);
  atomic_init(&server->cut, 0);
  server->listener = socket(AF_INET, SOCK_STREAM, 0);
  if (server->listener < 0 || bind(server->listener, (struct sockaddr *)&address, length) ||
      listen(server->listener, 64) ||
      getsockname(server->listener, (struct sockaddr *)&address, &length))
    return -1;
  server->port = ntohs(address.sin_port);
  if (pthread_create(&thread, NULL, accept_all, server)) return -1;
  return pthread_detach(thread);
}

int server_wait(atomic_int *counter, int value) {
  for (int waited = 0; waited < WAIT_MS; waited += 5) {
    if (atomic_load(counter) >= value) return 1;
    pause_ms(5);
  }
  return 0;
}
