/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/cli/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plugin/aws_provider/block.h"
#include "plugin/aws_provider/configuration.h"
#include "plugin/aws_provider/provider_block.h"
#include "plugin/snapshot/account.h"
#include "plugin/snapshot/registry.h"
#include "tests/support/fake_call.h"
#include "tests/support/harness.h"

struct fixture {
    char path[64]; /* of the file for --config */
    const char *variables[4];
    struct env env;
    struct fake_call *fake;
    struct tf_call *call;
};

static int set_up(void **state)
{
    struct fixture *fixture = mem_alloc(sizeof(*fixture));
    (void)snprintf(fixture->path, sizeof(fixture->path), "/tmp/session_test_XXXXXX");
    const int descriptor = mkstemp(fixture->path);
    if (descriptor < 0)
        return 1;
    close(descriptor);
    fixture->variables[0] = "HOME=/nonexistent";
    fixture->env.entries = fixture->variables;
    fixture->fake = fake_call_new(&snapshot_provider, &aws_provider_block_model, NULL);
    fixture->call = fake_call_of(fixture->fake);
    fixture->call->env = &fixture->env;
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    snapshot_provider.release(fixture->call->provider);
    fake_call_free(fixture->fake);
    unlink(fixture->path);
    mem_free(fixture);
    return 0;
}

static void write_file(const struct fixture *fixture, const char *text)
{
    FILE *file = fopen(fixture->path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
}

static struct tf_string text(const char *value)
{
    return tf_known_string(str_from(value));
}

static struct str region_of(const struct fixture *fixture)
{
    return tf_text(aws_configuration_region(account_aws(fixture->call)), STR(""));
}

static void open_session(struct fixture *fixture, const struct session_options *options)
{
    CLEANUP(err_clear) struct err err = { 0 };
    const char *summary;
    if (session_open(fixture->call, options, &summary, &err) != TF_EXIT_DONE)
        fail_msg("%s: %s", summary, err_text(&err));
}

static void assert_usage(struct fixture *fixture, const struct session_options *options, const char *wanted_summary,
                         const char *message)
{
    CLEANUP(err_clear) struct err err = { 0 };
    const char *summary;
    assert_int_equal(session_open(fixture->call, options, &summary, &err), TF_EXIT_USAGE);
    assert_string_equal(summary, wanted_summary);
    assert_string_equal(err_text(&err), message);
    assert_null(fixture->call->provider);
}

static void options_are_arguments_of_the_block(void **state)
{
    struct fixture *fixture = *state;
    fixture->variables[1] = "AWS_REGION=eu-west-1";
    open_session(fixture, &(struct session_options){ .region = text("eu-west-2"), .profile = text("work") });
    assert_str_equal(region_of(fixture), "eu-west-2");
    assert_str_equal(account_aws(fixture->call)->block->profile.value, "work");
}

static void a_person_waits_for_three_attempts_unless_somebody_says_how_many(void **state)
{
    static const struct {
        const char *variable, *retries;
        int attempts;
    } rows[] = {
        { "X=y",                ", \"max_retries\": null", 3 },
        { "AWS_MAX_ATTEMPTS=5", "",                        5 },
        { "AWS_MAX_ATTEMPTS=5", ", \"max_retries\": 7",    7 },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct fixture *fixture = *state;
        fixture->variables[1] = rows[i].variable;
        write_file(fixture, str_format(fixture->call->arena,
                                       "{\"provider\": {\"snapshot\": {\"region\": \"eu-west-1\"%s}}}", rows[i].retries)
                                .ptr);
        open_session(fixture, &(struct session_options){ .config = text(fixture->path) });
        assert_int_equal(configuration_client_options(account_aws(fixture->call), NULL).max_attempts, rows[i].attempts);
        snapshot_provider.release(fixture->call->provider);
        fixture->call->provider = NULL;
    }
}

static void the_environment_counts_without_options(void **state)
{
    struct fixture *fixture = *state;
    fixture->variables[1] = "AWS_REGION=eu-west-1";
    open_session(fixture, &(struct session_options){ 0 });
    assert_str_equal(region_of(fixture), "eu-west-1");
}

static void a_file_brings_the_block(void **state)
{
    struct fixture *fixture = *state;
    write_file(fixture, "{\"provider\": {\"snapshot\": [{\"region\": \"eu-west-1\"}, {\"alias\": \"b\", \"region\": "
                        "\"eu-west-2\"}]}}");
    open_session(fixture, &(struct session_options){ .config = text(fixture->path), .alias = text("b") });
    assert_str_equal(region_of(fixture), "eu-west-2");
    assert_string_equal(fake_call_said(fixture->fake), "");
}

static void a_block_of_aws_is_used_with_a_warning(void **state)
{
    struct fixture *fixture = *state;
    write_file(fixture, "{\"provider\": {\"aws\": {\"region\": \"eu-west-1\"}}}");
    open_session(fixture, &(struct session_options){ .config = text(fixture->path) });
    assert_str_equal(region_of(fixture), "eu-west-1");
    assert_non_null(strstr(fake_call_said(fixture->fake), "warning: The block of provider \"aws\" is used: "));
}

static void options_that_contradict_each_other_are_refused(void **state)
{
    static const char summary[] = "These options do not go together";
    struct fixture *fixture = *state;
    assert_usage(fixture, &(struct session_options){ .config = text("x"), .profile = text("y") }, summary,
                 "--config and --profile exclude each other: the block says which profile");
    assert_usage(fixture, &(struct session_options){ .config = text("x"), .region = text("y") }, summary,
                 "--config and --region exclude each other: the block says which Region");
    assert_usage(fixture, &(struct session_options){ .alias = text("y") }, summary,
                 "--alias chooses among the provider blocks of a file, and there is no --config");
}

static void a_file_that_cannot_be_used_is_named(void **state)
{
    struct fixture *fixture = *state;
    const struct session_options options = { .config = text(fixture->path) };
    const char *message = str_format(fixture->call->arena, "%s: line 1, column 8: this is not JSON", fixture->path).ptr;
    write_file(fixture, "provider \"snapshot\" {}");
    assert_usage(fixture, &options, "The file cannot be used", message);
    assert_usage(fixture, &(struct session_options){ .config = text("/nonexistent/x") }, "The file cannot be used",
                 "--config: /nonexistent/x: No such file or directory");
}

static void a_block_is_checked_as_a_plan_checks_it(void **state)
{
    struct fixture *fixture = *state;
    write_file(fixture, "{\"provider\": {\"snapshot\": {\"max_retries\": -1}}}");
    assert_usage(fixture, &(struct session_options){ .config = text(fixture->path) }, "The provider block is wrong",
                 "");
    assert_true(str_starts_with(str_from(fake_call_said(fixture->fake)), STR("error max_retries: ")));
}

static void what_the_environment_breaks_is_no_usage(void **state)
{
    struct fixture *fixture = *state;
    CLEANUP(err_clear) struct err err = { 0 };
    const char *summary;
    fixture->variables[1] = "AWS_REGION=nowhere";
    assert_int_equal(session_open(fixture->call, &(struct session_options){ 0 }, &summary, &err), TF_EXIT_FAILED);
    assert_string_equal(summary, "The provider cannot be configured");
    assert_int_equal(err.kind, ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(options_are_arguments_of_the_block, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_person_waits_for_three_attempts_unless_somebody_says_how_many, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_environment_counts_without_options, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_brings_the_block, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_block_of_aws_is_used_with_a_warning, set_up, tear_down),
        cmocka_unit_test_setup_teardown(options_that_contradict_each_other_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_that_cannot_be_used_is_named, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_block_is_checked_as_a_plan_checks_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_the_environment_breaks_is_no_usage, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
