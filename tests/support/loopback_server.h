/* SPDX-License-Identifier: MPL-2.0
 *
 * A small HTTP server on 127.0.0.1 that misbehaves on request. What it does is
 * asked for by the path (of an absolute URL too, as a proxy gets it):
 *
 *   /echo        200 and the request's own bytes as body
 *   /hold/MS     /echo, after so many milliseconds
 *   /hang        no answer at all
 *   /close       reads the request and closes
 *   /once        200, and closes without having said so
 *   /cut         half of a body
 *   /endless     a body without end        /headers     headers without end
 *   /garbage     bytes that are not HTTP   /redirect    302 to /echo
 *   /interim     103 with a header, then 200
 *
 * One thread per connection; any number of clients.
 */
#ifndef TESTS_SUPPORT_LOOPBACK_SERVER_H
#define TESTS_SUPPORT_LOOPBACK_SERVER_H

#include "base/str.h"

struct loopback_server;

struct loopback_counts {
    unsigned connections, requests; /* so far */
    unsigned busy_max;              /* requests at the same time, at most */
};

struct loopback_server *loopback_server_new(void);
void loopback_server_free(struct loopback_server *server);
int loopback_server_port(const struct loopback_server *server);
/* "http://127.0.0.1:PORT" + path, in the arena. */
struct str loopback_server_url(const struct loopback_server *server, struct arena *arena, const char *path);
struct loopback_counts loopback_server_counts(struct loopback_server *server);
/* Waits until so many requests have arrived, a few seconds at most. */
bool loopback_server_wait_requests(struct loopback_server *server, unsigned count);

#endif
