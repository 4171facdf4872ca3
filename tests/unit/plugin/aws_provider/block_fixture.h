/* SPDX-License-Identifier: MPL-2.0
 *
 * A call, an environment and a provider block to fill in, for the tests of this
 * folder. Nothing of the machine's own environment or files is seen.
 */
#ifndef TESTS_UNIT_PLUGIN_AWS_PROVIDER_BLOCK_FIXTURE_H
#define TESTS_UNIT_PLUGIN_AWS_PROVIDER_BLOCK_FIXTURE_H

#include <string.h>

#include "plugin/aws_provider/block.h"
#include "plugin/aws_provider/provider_block.h"
#include "plugin/runtime/diagnostic.h"
#include "plugin/runtime/validate.h"
#include "tests/support/fake_clock.h"
#include "tests/support/harness.h"

enum { VARIABLES_MAX = 8 };

struct block_fixture {
    struct fake_clock clock;
    const char *variables[VARIABLES_MAX + 1];
    struct env env;
    struct tf_call_private private;
    struct tf_call call;
    struct aws_provider_block block;
    struct aws_configuration *configuration;
};

static inline int block_fixture_setup(void **state)
{
    struct block_fixture *fixture = mem_alloc(sizeof(*fixture));
    fake_clock_init(&fixture->clock, 1700000000000);
    fixture->env.entries = fixture->variables;
    fixture->private.model = &aws_provider_block_model;
    fixture->call = (struct tf_call){ .arena = arena_new(),
                                      .waiter = waiter_new(&fixture->clock.clock),
                                      .env = &fixture->env,
                                      .private = &fixture->private };
    *state = fixture;
    return 0;
}

static inline int block_fixture_teardown(void **state)
{
    struct block_fixture *fixture = *state;
    aws_configuration_free(fixture->configuration);
    waiter_free(fixture->call.waiter);
    arena_free(fixture->call.arena);
    mem_free(fixture);
    return 0;
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
    return tf_string_set_from(fixture->call.arena, texts, b ? 2 : 1);
}

static inline struct assume_role *add_role(struct block_fixture *fixture, const char *role_arn)
{
    struct tf_blocks_assume_role *roles = &fixture->block.assume_role;
    struct assume_role *items = arena_array(fixture->call.arena, roles->count + 1, sizeof(*items));
    if (roles->count)
        memcpy(items, roles->items, roles->count * sizeof(*items));
    roles->state = TF_KNOWN;
    roles->items = items;
    items[roles->count].role_arn = role_arn ? text(role_arn) : (struct tf_string){ 0 };
    return &items[roles->count++];
}

static inline struct endpoints *add_endpoints(struct block_fixture *fixture)
{
    struct endpoints *item = ARENA_NEW(fixture->call.arena, struct endpoints);
    fixture->block.endpoints = (struct tf_blocks_endpoints){ TF_KNOWN, item, 1 };
    return item;
}

/* As the runtime does it: each row's check, then the block's. */
static inline void validate(struct block_fixture *fixture)
{
    validate_rows(&fixture->call, &aws_provider_block_model, &fixture->block);
    aws_provider_block_validate(&fixture->call, &fixture->block);
}

static inline size_t said_count(const struct block_fixture *fixture)
{
    return fixture->private.diagnostic_count;
}

/* The path of a diagnostic, its steps joined by dots. */
static inline struct str said_path(const struct block_fixture *fixture, size_t index)
{
    struct str joined = STR("");
    const struct path *path = &fixture->private.diagnostics[index].path;
    for (size_t i = 0; i < path->count; i++) {
        const struct path_step *step = &path->steps[i];
        joined =
            step->kind == PATH_INDEX
                ? str_format(fixture->call.arena, "%.*s[%d]", STR_ARG(joined), (int)step->index)
                : str_format(fixture->call.arena, "%.*s%s%.*s", STR_ARG(joined), i ? "." : "", STR_ARG(step->text));
    }
    return joined;
}

/* Exactly one error, at that path. */
static inline void assert_refused_at(const struct block_fixture *fixture, const char *path)
{
    for (size_t i = 0; said_count(fixture) != 1 && i < said_count(fixture); i++)
        print_error("%.*s: %.*s\n", STR_ARG(said_path(fixture, i)), STR_ARG(fixture->private.diagnostics[i].detail));
    assert_int_equal(said_count(fixture), 1);
    assert_true(fixture->private.diagnostics[0].is_error);
    assert_str_equal(said_path(fixture, 0), path);
}

static inline bool is_said(const struct block_fixture *fixture, const char *part)
{
    for (size_t i = 0; i < said_count(fixture); i++)
        if (str_find(fixture->private.diagnostics[i].detail, str_from(part)) >= 0 ||
            str_find(fixture->private.diagnostics[i].summary, str_from(part)) >= 0)
            return true;
    return false;
}

static inline void configure(struct block_fixture *fixture)
{
    struct err err = { 0 };
    if (!aws_configuration_new(&fixture->call, &fixture->block, "test/1", &fixture->configuration, &err))
        fail_msg("%s", err.text);
}

#define BLOCK_TEST(function) cmocka_unit_test_setup_teardown(function, block_fixture_setup, block_fixture_teardown)

#endif
