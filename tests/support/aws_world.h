/* SPDX-License-Identifier: MPL-2.0
 *
 * A whole AWS client on a scripted transport and a clock moved by hand, for
 * tests of calls. Its credentials are numbered: AKID1, AKID2 after a refresh.
 */
#ifndef TESTS_SUPPORT_AWS_WORLD_H
#define TESTS_SUPPORT_AWS_WORLD_H

#include "aws/call/client.h"
#include "tests/support/fake_transport.h"

#define AWS_WORLD_TOKEN "session/token+of=the/world"

enum { AWS_WORLD_START_S = 1767225600 }; /* 2026-01-01T00:00:00Z */

struct aws_world {
    struct arena *arena;
    struct fake_clock clock;
    struct fake_transport transport;
    struct waiter *waiter;
    struct log *log; /* written to log_descriptor, at TRACE */
    int log_descriptor;
    unsigned fetches;   /* of credentials */
    const char *key_id; /* in place of numbered ones */
    bool has_no_token;
    struct aws_credentials_cache *credentials;
    struct aws_client_options options;
    struct aws_client *client;
    struct aws_call call;
    struct err err;
};

/* As cmocka's setup and teardown: *state is a struct aws_world. */
int aws_world_setup(void **state);
int aws_world_teardown(void **state);

/* Another client with the options as they are now. */
void aws_world_renew_client(struct aws_world *world);
/* Scripts answers; the array must live as long as the calls. */
#define aws_world_answers(world, ...)                                                                                  \
    fake_transport_script(&(world)->transport, (const struct fake_answer[]){ __VA_ARGS__ },                            \
                          ARRAY_LENGTH(((const struct fake_answer[]){ __VA_ARGS__ })))
/* All that was logged so far. */
struct str aws_world_log(struct aws_world *world);

#endif
