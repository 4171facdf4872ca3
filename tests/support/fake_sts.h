/* SPDX-License-Identifier: MPL-2.0
 *
 * A world for tests of credentials: a clock moved by hand, a waiter, and an STS
 * that gives numbered credentials and remembers what it was asked.
 */
#ifndef TESTS_SUPPORT_FAKE_STS_H
#define TESTS_SUPPORT_FAKE_STS_H

#include "aws/credentials/sources.h"
#include "aws/sts.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_transport.h"

struct fake_sts {
    struct aws_sts_door door;
    unsigned calls;
    int64_t life_ms; /* of what it gives */
    /* The next failures, first first; ERR_NONE ends. */
    enum err_kind failures[4];
    const char *failure_code;
    /* The last call; the texts are the world's. */
    bool was_signed;
    struct str with_key_id;
    struct sts_assume_role_options asked;
    struct str expiration; /* instead of now + life_ms, when not empty */
};

struct credentials_world {
    struct aws_credentials_doors doors; /* no environment and no files but a test's own; `transport` answers nothing */
    struct fake_transport transport;
    struct arena *arena;
    struct fake_clock clock;
    struct waiter *waiter;
    struct aws_credentials_call call;
    struct fake_sts sts;
};

enum { WORLD_START_S = 1767225600 }; /* 2026-01-01T00:00:00Z */

struct credentials_world *credentials_world_new(void);
void credentials_world_free(struct credentials_world *world);
/* As cmocka's setup and teardown: *state is a struct credentials_world. */
int credentials_world_setup(void **state);
int credentials_world_teardown(void **state);

#endif
