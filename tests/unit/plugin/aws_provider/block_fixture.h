/* SPDX-License-Identifier: MPL-2.0
 *
 * A call, an environment and a provider block to fill in, for the tests of this
 * folder. Nothing of the machine's own environment or files is seen.
 */
#ifndef TESTS_UNIT_PLUGIN_AWS_PROVIDER_BLOCK_FIXTURE_H
#define TESTS_UNIT_PLUGIN_AWS_PROVIDER_BLOCK_FIXTURE_H

#include <stdio.h>
#include <string.h>

#include "plugin/aws_provider/block.h"
#include "plugin/aws_provider/provider_block.h"
#include "plugin/runtime/call/validate.h"
#include "tests/support/fake_call.h"
#include "tests/support/fake_clock.h"
#include "tests/support/harness.h"

enum { VARIABLES_MAX = 8 };

struct block_fixture {
    struct fake_clock clock;
    const char *variables[VARIABLES_MAX + 1];
    struct env env;
    struct fake_call *fake;
    struct tf_call *call; /* of the fake */
    struct aws_provider_block block;
    struct aws_configuration *configuration;
};

static inline int block_fixture_setup(void **state)
{
    struct block_fixture *fixture = mem_alloc(sizeof(*fixture));
    fake_clock_init(&fixture->clock, 1700000000000);
    fixture->env.entries = fixture->variables;
    fixture->fake = fake_call_new(NULL, &aws_provider_block_model, &fixture->clock.clock);
    fixture->call = fake_call_of(fixture->fake);
    fixture->call->env = &fixture->env;
    *state = fixture;
    return 0;
}

static inline int block_fixture_teardown(void **state)
{
    struct block_fixture *fixture = *state;
    aws_configuration_free(fixture->configuration);
    fake_call_free(fixture->fake);
    mem_free(fixture);
    return 0;
}

static inline void write_file(const char *path, const char *content)
{
    FILE *file = fopen(path, "w");
    assert_true(file && fputs(content, file) >= 0 && fclose(file) == 0);
}

static inline void set_variable(struct block_fixture *fixture, const char *entry)
{
    size_t i = 0;
    while (fixture->variables[i])
        i++;
    assert_true(i < VARIABLES_MAX);
    fixture->variables[i] = entry;
}

static inline struct tf_string text(const char *value)
{
    return tf_known_string(str_from(value));
}

static inline struct tf_string unknown_text(void)
{
    return (struct tf_string){ .state = TF_UNKNOWN };
}

static inline struct tf_string_set set_of(struct block_fixture *fixture, const char *a, const char *b)
{
    const struct str texts[] = { str_from(a), str_from(b) };
    return tf_string_set_from(fixture->call->arena, texts, b ? 2 : 1);
}

static inline struct assume_role *add_role(struct block_fixture *fixture, const char *role_arn)
{
    struct tf_blocks_assume_role *roles = &fixture->block.assume_role;
    struct assume_role *items = arena_array(fixture->call->arena, roles->count + 1, sizeof(*items));
    if (roles->count)
        memcpy(items, roles->items, roles->count * sizeof(*items));
    roles->state = TF_KNOWN;
    roles->items = items;
    items[roles->count].role_arn = role_arn ? text(role_arn) : (struct tf_string){ 0 };
    return &items[roles->count++];
}

static inline struct endpoints *add_endpoints(struct block_fixture *fixture)
{
    struct endpoints *item = ARENA_NEW(fixture->call->arena, struct endpoints);
    fixture->block.endpoints = (struct tf_blocks_endpoints){ TF_KNOWN, item, 1 };
    return item;
}

/* As the runtime does it: each row's check, then the block's. */
static inline void validate(struct block_fixture *fixture)
{
    validate_rows(fixture->call, &aws_provider_block_model, &fixture->block);
    aws_provider_block_validate(fixture->call, &fixture->block);
}

static inline bool is_said(const struct block_fixture *fixture, const char *part)
{
    return strstr(fake_call_said(fixture->fake), part) != NULL;
}

static inline bool is_silent(const struct block_fixture *fixture)
{
    return fake_call_said(fixture->fake)[0] == '\0';
}

/* Exactly one diagnostic, of that kind, at that path; NULL: the whole block. */
static inline void assert_said_at(const struct block_fixture *fixture, const char *kind, const char *path)
{
    const char *said = fake_call_said(fixture->fake);
    const char *wanted = str_format(fixture->call->arena, "%s%s%s: ", kind, path ? " " : "", path ? path : "").ptr;
    if (strncmp(said, wanted, strlen(wanted)) != 0 || strstr(said, "\nerror ") || strstr(said, "\nwarning "))
        fail_msg("not just \"%s\" is said, but \"%s\"", wanted, said);
}

static inline void assert_refused_at(const struct block_fixture *fixture, const char *path)
{
    assert_said_at(fixture, "error", path);
}

static inline void configure(struct block_fixture *fixture)
{
    CLEANUP(err_clear) struct err err = { 0 };
    if (!aws_configuration_new(fixture->call, &fixture->block, "test/1", &fixture->configuration, &err))
        fail_msg("%s", err_text(&err));
}

#define BLOCK_TEST(function) cmocka_unit_test_setup_teardown(function, block_fixture_setup, block_fixture_teardown)

#endif
