/* What both programs use: a check that ends the program, a project, and a request. */
#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bamlwire.h"

#define CHECK(condition)                                                        \
  do {                                                                          \
    if (!(condition)) {                                                         \
      fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);   \
      exit(1);                                                                  \
    }                                                                           \
  } while (0)

static const char PROJECT[] =
  "{\"worker_threads\": 2, \"files\": {\"main.baml\": \""
  "class Person {\\n  name string\\n  skills string[]\\n}\\n"
  "client<llm> Local {\\n  provider openai-generic\\n"
  "  options {\\n    base_url env.MODEL_URL\\n    model \\\"m\\\"\\n  }\\n}\\n"
  "function Extract(text: string) -> Person {\\n  client Local\\n"
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

static inline int32_t start_stream(uint64_t runtime, int port, uint64_t tripwire, uint64_t tag,
                                   uint64_t *stream) {
  char request[512];
  snprintf(request, sizeof request,
           "{\"function\": \"Extract\", \"args\": {\"text\": \"Ada\"}, \"form\": \"json\","
           " \"env\": {\"MODEL_URL\": \"http://127.0.0.1:%d\"}}",
           port);
  return bamlwire_stream_start(runtime, (const uint8_t *)request, strlen(request), tripwire, tag,
                               stream, NULL);
}

#endif
