/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/credentials/config/endpoint.h"

#include "tests/support/fake_files.h"
#include "tests/support/harness.h"

struct fixture {
    struct arena *arena;
    struct aws_profile_files *files;
};

static const char config[] = "[profile p]\nservices = dev\nendpoint_url = http://profile\n"
                             "[services dev]\nrds =\n  endpoint_url = http://profile-rds\n"
                             "[profile off]\nendpoint_url = http://off\n"
                             "ignore_configured_endpoint_urls = TRUE\n[profile n]\nservices = gone\n";

static int open_files(void **state)
{
    static const char *const entries[] = { "HOME=/h", NULL };
    const struct env env = { entries };
    struct fake_file table[] = {
        { "/h/.aws/config", str_from(config), ERR_NONE },
        { 0 }
    };
    const struct file_reader reader = fake_files_reader(table);
    const struct aws_profile_files_options options = { .env = &env, .reader = &reader };
    struct fixture *fixture = mem_alloc(sizeof(*fixture));
    CLEANUP(err_clear) struct err err = { 0 };
    fixture->arena = arena_new();
    *state = fixture;
    return aws_profile_files_new(&options, &fixture->files, &err) ? 0 : -1;
}

static int close_files(void **state)
{
    struct fixture *fixture = *state;
    aws_profile_files_free(fixture->files);
    arena_free(fixture->arena);
    mem_free(fixture);
    return 0;
}

static void assert_endpoint(const struct fixture *fixture, const char *const *entries, const char *profile,
                            const char *service, const char *expected, const char *set_by)
{
    const struct env env = { entries };
    struct aws_set_endpoint endpoint = { 0 };
    bool found = aws_profile_find_endpoint(fixture->arena, fixture->files, &env, str_from(profile), service, &endpoint);
    assert_str_equal(found ? endpoint.url : STR("none"), expected);
    assert_str_equal(found ? endpoint.set_by : STR(""), set_by);
}

static void endpoints_follow_the_order_of_the_sdks(void **state)
{
    static const char *const service[] = { "AWS_ENDPOINT_URL=http://all", "AWS_ENDPOINT_URL_RDS=http://rds", NULL };
    static const char *const ignored[] = { "AWS_ENDPOINT_URL=http://all", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true",
                                           NULL };
    static const char *const heeded[] = { "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=false", NULL };
    static const char *const nothing[] = { NULL };
    struct fixture *fixture = *state;
    assert_endpoint(fixture, service, "p", "rds", "http://rds", "AWS_ENDPOINT_URL_RDS");
    assert_endpoint(fixture, service, "p", "kms", "http://all",
                    "AWS_ENDPOINT_URL"); /* any environment value beats any file's */
    assert_endpoint(fixture, nothing, "p", "rds", "http://profile-rds",
                    "endpoint_url of rds in [services dev] (/h/.aws/config, line 6)");
    assert_endpoint(fixture, nothing, "p", "kms", "http://profile",
                    "endpoint_url of the profile \"p\" (/h/.aws/config, line 3)");
    assert_endpoint(fixture, nothing, "n", "rds", "none", "");
    assert_endpoint(fixture, nothing, "default", "rds", "none", "");
    assert_endpoint(fixture, ignored, "p", "rds", "none", "");
    assert_endpoint(fixture, service, "off", "rds", "none", "");
    assert_endpoint(fixture, heeded, "off", "rds", "http://off",
                    "endpoint_url of the profile \"off\" (/h/.aws/config, line 8)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(endpoints_follow_the_order_of_the_sdks),
    };
    return cmocka_run_group_tests(tests, open_files, close_files);
}
