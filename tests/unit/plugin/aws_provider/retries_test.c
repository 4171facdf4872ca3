/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/aws_provider/configuration.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/plugin/aws_provider/block_fixture.h"

/* Each way of the two settings; NULL: not set. */
struct ways {
    struct tf_int64 max_retries;
    const char *max_attempts_variable, *max_attempts_key;
    const char *retry_mode, *retry_mode_variable, *retry_mode_key;
};

static void write_profile(const char *path, const struct ways *ways)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("[profile work]\n", file);
    if (ways->max_attempts_key)
        fprintf(file, "max_attempts = %s\n", ways->max_attempts_key);
    if (ways->retry_mode_key)
        fprintf(file, "retry_mode = %s\n", ways->retry_mode_key);
    assert_int_equal(fclose(file), 0);
}

static void set_variable_to(struct block_fixture *fixture, const char *name, const char *value)
{
    if (value)
        set_variable(fixture, str_c(fixture->call->arena, str_format(fixture->call->arena, "%s=%s", name, value)));
}

/* False with the error. */
static bool configure_by(struct block_fixture *fixture, const struct ways *ways, struct err *err)
{
    char path[] = "/tmp/retries-test-XXXXXX";
    struct tf_string files[] = { text(path) };
    aws_configuration_free(fixture->configuration);
    fixture->configuration = NULL;
    memset(fixture->variables, 0, sizeof(fixture->variables));
    close(mkstemp(path));
    write_profile(path, ways);
    fixture->block.shared_config_files = (struct tf_string_list){ TF_KNOWN, files, 1 };
    fixture->block.profile = text("work");
    fixture->block.max_retries = ways->max_retries;
    fixture->block.retry_mode = ways->retry_mode ? text(ways->retry_mode) : (struct tf_string){ 0 };
    set_variable_to(fixture, "AWS_MAX_ATTEMPTS", ways->max_attempts_variable);
    set_variable_to(fixture, "AWS_RETRY_MODE", ways->retry_mode_variable);
    const bool done = aws_configuration_new(fixture->call, &fixture->block, "test/1", &fixture->configuration, err);
    unlink(path);
    return done;
}

static void attempts_come_from_the_argument_then_the_environment_then_the_profile(void **state)
{
    static const struct {
        struct ways ways;
        int attempts;
    } rows[] = {
        { { .max_retries = { TF_NULL, 0 } },                                                         0       },
        { { .max_retries = { TF_KNOWN, 0 } },                                                        0       },
        { { .max_retries = { TF_KNOWN, 7 } },                                                        7       },
        { { .max_retries = { TF_KNOWN, INT64_MAX } },                                                INT_MAX },
        { { .max_retries = { TF_KNOWN, 7 }, .max_attempts_variable = "5", .max_attempts_key = "3" }, 7       },
        { { .max_retries = { TF_KNOWN, 0 }, .max_attempts_variable = "5", .max_attempts_key = "3" }, 5       },
        { { .max_attempts_variable = "5", .max_attempts_key = "3" },                                 5       },
        { { .max_attempts_variable = "", .max_attempts_key = "3" },                                  3       },
        { { .max_attempts_key = "3" },                                                               3       },
        { { .max_attempts_variable = "0" },                                                          0       },
        { { .max_attempts_variable = "9999999999" },                                                 INT_MAX },
        { { .max_retries = { TF_UNKNOWN, 0 }, .max_attempts_variable = "5" },                        5       },
        { { .max_retries = { TF_KNOWN, 7 }, .max_attempts_variable = "many" },                       7       },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct block_fixture *fixture = *state;
        CLEANUP(err_clear) struct err err = { 0 };
        if (!configure_by(fixture, &rows[i].ways, &err))
            fail_msg("row %zu: %s", i, err_text(&err));
        assert_int_equal(configuration_client_options(fixture->configuration, NULL).max_attempts, rows[i].attempts);
    }
}

static void a_value_that_is_none_is_refused_by_the_name_of_who_set_it(void **state)
{
    static const struct {
        struct ways ways;
        const char *fragments[3];
    } rows[] = {
        { { .max_attempts_variable = "many" },                    { "AWS_MAX_ATTEMPTS is \"many\"", "number" }                      },
        { { .max_attempts_variable = "-1" },                      { "AWS_MAX_ATTEMPTS is \"-1\"", "or 0 for the default" }          },
        { { .max_attempts_variable = "3.5" },                     { "AWS_MAX_ATTEMPTS", "3.5" }                                     },
        { { .max_attempts_key = "three" },                        { "max_attempts of the profile \"work\"", "line 2", "\"three\"" } },
        { { .retry_mode_variable = "hasty" },                     { "AWS_RETRY_MODE is \"hasty\"", "legacy" }                       },
        { { .retry_mode_key = "hasty", .max_attempts_key = "3" },
         { "retry_mode of the profile \"work\"", "line 3", "\"hasty\"" }                                                            },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        CLEANUP(err_clear) struct err err = { 0 };
        assert_false(configure_by(*state, &rows[i].ways, &err));
        assert_int_equal(err.kind, ERR_INVALID);
        for (size_t at = 0; at < ARRAY_LENGTH(rows[i].fragments) && rows[i].fragments[at]; at++)
            if (!strstr(err_text(&err), rows[i].fragments[at]))
                fail_msg("\"%s\" is not in \"%s\"", rows[i].fragments[at], err_text(&err));
        assert_true(err_remedy(&err)[0]);
    }
}

static void each_mode_is_accepted_from_each_place(void **state)
{
    static const char *const modes[] = { "standard", "adaptive", "legacy", "LEGACY", "" };
    for (size_t i = 0; i < ARRAY_LENGTH(modes); i++) {
        const struct ways ways[] = {
            { .retry_mode = modes[i] },
            { .retry_mode_variable = modes[i] },
            { .retry_mode_key = modes[i] },
            { .retry_mode = modes[i] },
            { .retry_mode = "standard", .retry_mode_variable = "hasty" }
        };
        for (size_t at = 0; at < ARRAY_LENGTH(ways); at++) {
            CLEANUP(err_clear) struct err err = { 0 };
            if (!configure_by(*state, &ways[at], &err))
                fail_msg("%s: %s", modes[i], err_text(&err));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BLOCK_TEST(attempts_come_from_the_argument_then_the_environment_then_the_profile),
        BLOCK_TEST(a_value_that_is_none_is_refused_by_the_name_of_who_set_it),
        BLOCK_TEST(each_mode_is_accepted_from_each_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
