/* SPDX-License-Identifier: MPL-2.0 */
#include <stdlib.h>

#include "aws/credentials/document.h"
#include "aws/credentials/sources.h"
#include "aws/endpoint.h"
#include "tests/fuzz/target.h"
#include "tests/support/fake_sts.h"

static const char *const entries[] = { "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/", NULL };

/* Of the keys that a document gives none is missing. */
static void check_document(struct arena *arena, struct str text, enum document_form form)
{
    struct credentials_document document = { 0 };
    struct aws_credentials keys;
    CLEANUP(err_clear) struct err err = { 0 };
    if (!document_read(arena, text, form, &document, &err)) {
        if (err.kind != ERR_IO)
            abort();
        return;
    }
    (void)document_refusal(arena, document.code, document.message);
    if (document_take(&document, form, "process", "a test", &keys, &err)
            ? str_is_empty(keys.access_key_id) || str_is_empty(keys.secret_access_key)
            : err.kind != ERR_IO)
        abort();
}

static void check_fetch(struct credentials_world *world, struct aws_credentials_source source,
                        const struct fake_answer *answers, size_t count)
{
    struct aws_credentials keys;
    CLEANUP(err_clear) struct err err = { 0 };
    fake_transport_script(&world->transport, answers, count);
    if (!source.fetch(source.self, &world->call, &keys, &err) && err.kind == ERR_NONE)
        abort();
    aws_credentials_source_clear(&source);
}

static void check_region(struct credentials_world *world, const struct fake_answer *answers, size_t count)
{
    struct str region;
    CLEANUP(err_clear) struct err err = { 0 };
    fake_transport_script(&world->transport, answers, count);
    if (aws_instance_region(&world->doors, NULL, STR(""), &world->call, &region, &err) && !aws_is_region(region))
        abort();
}

/* The input is what each service answers, at each step. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const struct str text = { (const char *)bytes, size };
    struct credentials_world *world = credentials_world_new();
    const struct env env = { entries };
    const struct fake_answer token = { .status = 200, .text = "t" };
    const struct fake_answer role = { .status = 200, .text = "r" };
    const struct fake_answer input = { .status = 200, .text = "", .body = text };
    const struct fake_answer refusal = { .status = 400, .text = "", .body = text };
    const struct fake_answer keys[] = { token, role, input }, roles[] = { token, input, input };
    world->doors.env = &env;
    check_document(world->arena, text, DOCUMENT_OF_PROCESS);
    check_document(world->arena, text, DOCUMENT_OF_SERVICE);
    check_document(world->arena, text, DOCUMENT_OF_CONTAINER);
    check_fetch(world, aws_credentials_instance(&world->doors, NULL, STR("")), &input, 1);
    check_fetch(world, aws_credentials_instance(&world->doors, NULL, STR("")), keys, ARRAY_LENGTH(keys));
    check_fetch(world, aws_credentials_instance(&world->doors, NULL, STR("")), roles, ARRAY_LENGTH(roles));
    check_fetch(world, aws_credentials_container(&world->doors), &input, 1);
    check_fetch(world, aws_credentials_container(&world->doors), &refusal, 1);
    check_region(world, keys + 1, 2);
    credentials_world_free(world);
    return 0;
}
