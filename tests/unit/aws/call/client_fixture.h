/* SPDX-License-Identifier: MPL-2.0
 *
 * Operations of no service, one that reads and one that changes something, for
 * the two programs about aws/call/client.h.
 */
#ifndef TESTS_UNIT_AWS_CALL_CLIENT_FIXTURE_H
#define TESTS_UNIT_AWS_CALL_CLIENT_FIXTURE_H

#include "aws/call/client.h"

#include <string.h>

#include "tests/support/aws_world.h"
#include "tests/support/harness.h"

struct reply {
    struct str name;
    struct wire_int64 size;
};

static const struct wire_row reply_rows[] = {
    WIRE_BOTH(struct reply, name, "Name"),
    WIRE_BOTH(struct reply, size, "Size"),
    WIRE_END,
};

#define READING(service_row, operation_name, column_number)                                                            \
    { .service = (service_row),                                                                                        \
      .name = (operation_name),                                                                                        \
      .input = reply_rows,                                                                                             \
      .output = reply_rows,                                                                                            \
      .output_size = sizeof(struct reply),                                                                             \
      .result = "Result",                                                                                              \
      .column = (column_number) }

static const struct aws_operation reading = READING(AWS_RDS, "Look", 0);
static const struct aws_operation changing = { .service = AWS_RDS, .name = "Change", .flags = AWS_MUTATES };

static const char look_done[] = "<LookResponse><Result><Name>n</Name></Result></LookResponse>";

#define QUERY_ERROR(code, message)                                                                                     \
    "<ErrorResponse xmlns=\"http://rds.amazonaws.com/doc/2014-10-31/\"><Error><Type>Sender</Type><Code>" code          \
    "</Code><Message>" message "</Message></Error><RequestId>id-in-body</RequestId></ErrorResponse>"

static inline bool look(struct aws_world *world, struct reply *out)
{
    const struct reply input = { .name = STR("x") };
    return aws_client_call(&world->call, &reading, &input, out, &world->err);
}

static inline bool change(struct aws_world *world)
{
    return aws_client_call(&world->call, &changing, NULL, NULL, &world->err);
}

static inline void assert_failed(struct aws_world *world, bool done, enum err_kind kind, const char *code)
{
    assert_false(done);
    if (world->err.kind != kind || strcmp(err_code(&world->err), code) != 0)
        fail_msg("%s, code %s: %s", err_kind_name(world->err.kind), err_code(&world->err), err_text(&world->err));
}

#define CALL_TEST(function) cmocka_unit_test_setup_teardown(function, aws_world_setup, aws_world_teardown)

#endif
