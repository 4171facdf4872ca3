/* SPDX-License-Identifier: MPL-2.0
 *
 * An answer of any status to an operation of either protocol: an error shows
 * neither the session token nor, of a credential operation, what cannot be read.
 * The first byte picks status and operation.
 */
#include <stdlib.h>
#include <string.h>

#include "aws/call/reply.h"
#include "aws/wire/json.h"
#include "aws/wire/xml.h"
#include "tests/fuzz/target.h"

/* A token is longer than everything that is cut to a length for a message; how it begins must not be seen. */
#define BEGINNING "IQoJb3JpZ2luX2Vj"
#define PIECE "EXAMPLETOKEN/0123456789+"
#define TOKEN BEGINNING PIECE PIECE PIECE PIECE PIECE PIECE PIECE PIECE PIECE PIECE PIECE PIECE
#define HIDDEN "HIDDEN" /* of the input; nothing of ours contains it */

struct output {
    struct str name;
    struct wire_int64 size;
};

static const struct wire_row rows[] = {
    WIRE_BOTH(struct output, name, "n"),
    WIRE_BOTH(struct output, size, "s"),
    WIRE_END,
};

#define OPERATION(operation_flags)                                                                                     \
    { .name = "Look", .flags = (operation_flags), .output = rows, .output_size = sizeof(struct output), .result = "A" }

static const struct aws_operation operations[] = { OPERATION(0), OPERATION(AWS_SECRET_OUTPUT) };

static void check(const struct aws_operation *operation, int status, const struct aws_reply *reply,
                  const struct err *err)
{
    if (str_find(reply->request_id, STR(BEGINNING)) >= 0 || str_find(str_from(err_code(err)), STR(BEGINNING)) >= 0)
        abort();
    const struct str text = str_from(err_text(err));
    if (err->kind == ERR_NONE || !str_is_utf8(text) || str_find(text, STR(BEGINNING)) >= 0)
        abort();
    if (status == 200 && (operation->flags & AWS_SECRET_OUTPUT) && str_find(text, STR(HIDDEN)) >= 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (!size)
        return 0;
    struct arena *arena = arena_new();
    const struct aws_operation *operation = &operations[bytes[0] & 1];
    const struct http_response response = {
        .status = bytes[0] & 2 ? 200 : 403, .body = { (const char *)bytes + 1, size - 1 }
    };
    const struct aws_reply_options options = {
        .operation = operation, .is_json = bytes[0] & 4, .arena = arena, .scratch = arena, .secrets = { STR(TOKEN) }
    };
    struct output output;
    struct aws_reply reply;
    CLEANUP(err_clear) struct err err = { 0 };
    wire_xml_init();
    wire_json_init();
    if (!aws_reply_read(&options, &response, &output, &reply, &err))
        check(operation, response.status, &reply, &err);
    arena_free(arena);
    return 0;
}
