/* A model server on loopback that streams a fixed answer piece by piece, one connection a thread.
 * It never outlives its bounds: a connection ends after PIECES_MAX pieces or when the client goes. */
#ifndef SERVER_H
#define SERVER_H

#include <stdatomic.h>

/* How the server answers. */
enum server_manner {
  SERVER_FINISH, /* all pieces, then the end */
  SERVER_DRIP,   /* pieces until the client goes away */
  SERVER_SILENT, /* two pieces, then nothing until the client goes away */
  SERVER_LINE,   /* one line without end */
  SERVER_REPLY,  /* long pieces without end */
};

struct server {
  int listener;
  int port;
  enum server_manner manner;
  atomic_int requests; /* that came in */
  atomic_int cut;      /* connections that the client closed before the end */
};

/* Listens and answers in threads of its own. 0 if it works. */
int server_start(struct server *server, enum server_manner manner);

/* Waits until a counter reaches a value, at most ten seconds. 1 if it did. */
int server_wait(atomic_int *counter, int value);

#endif
