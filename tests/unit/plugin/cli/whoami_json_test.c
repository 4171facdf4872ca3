/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/cli/whoami.h"

#include "tests/support/fake_call.h"
#include "tests/support/harness.h"

static int set_up(void **state)
{
    *state = fake_call_new(NULL, NULL, NULL);
    return 0;
}

static int tear_down(void **state)
{
    fake_call_free(*state);
    return 0;
}

static struct str json_of(struct tf_call *call, const struct whoami *found, bool explains,
                          const struct whoami_failure *failure)
{
    CLEANUP(err_clear) struct err err = { 0 };
    struct str out = { 0 };
    if (!whoami_json(call, found, explains, failure, &out, &err))
        fail_msg("%s", err_text(&err));
    return out;
}

static struct whoami example(struct arena *arena)
{
    return (struct whoami){
        .places = { .region = { STR("eu-west-1"), STR("AWS_REGION") },
                   .endpoints = { [AWS_RDS] = { STR("https://rds"), STR("") },
                                   [AWS_KMS] = { STR("https://kms"), STR("") },
                                   [AWS_STS] = { STR("https://sts"), STR("AWS_ENDPOINT_URL_STS") } } },
        .credentials = { .kind = "environment", .source = "the \"environment\"" },
        .key_ending = STR("ABCD"),
        .identity = { .account = STR("111122223333"), .arn = STR("arn"), .partition = STR("aws") },
        .trail = { .arena = arena },
    };
}

static void everything_has_its_name(void **state)
{
    struct tf_call *call = fake_call_of(*state);
    struct whoami found = example(call->arena);
    aws_credentials_note(&found.trail, AWS_HAS_NONE, "a");
    found.credentials.expires_wall_ms = found.credentials.ends_wall_ms = 1767225600000;
    found.credentials.renewal = "run it";
    tf_warn(call, "region", "Look", "out");
    assert_str_equal(json_of(call, &found, true, NULL),
                     "{\"source\":{\"kind\":\"environment\",\"text\":\"the \\\"environment\\\"\"},"
                     "\"account\":\"111122223333\",\"arn\":\"arn\",\"partition\":\"aws\","
                     "\"region\":{\"name\":\"eu-west-1\",\"set_by\":\"AWS_REGION\"},"
                     "\"endpoints\":{\"rds\":{\"url\":\"https://rds\"},\"kms\":{\"url\":\"https://kms\"},"
                     "\"sts\":{\"url\":\"https://sts\",\"set_by\":\"AWS_ENDPOINT_URL_STS\"}},"
                     "\"access_key_ending\":\"ABCD\",\"expires\":\"2026-01-01T00:00:00Z\","
                     "\"ends\":\"2026-01-01T00:00:00Z\",\"renewal\":\"run it\","
                     "\"tried\":[{\"verdict\":\"has_none\",\"text\":\"a\"}],"
                     "\"diagnostics\":[{\"severity\":\"warning\",\"summary\":\"Look\",\"detail\":\"out\","
                     "\"path\":\"region\"}]}");
    assert_string_equal(fake_call_said(*state), ""); /* not on standard error, too */
}

static void times_that_are_none_are_words(void **state)
{
    struct tf_call *call = fake_call_of(*state);
    struct whoami found = example(call->arena);
    assert_true(str_find(json_of(call, &found, false, NULL), STR("\"expires\":\"never\",\"ends\":\"never\"")) > 0);
    found.credentials.session_token = STR("t");
    assert_true(str_find(json_of(call, &found, false, NULL), STR("\"expires\":\"unknown\",\"ends\":\"never\"")) > 0);
    found.credentials.ends_wall_ms = AWS_ENDS_UNKNOWN;
    assert_true(str_find(json_of(call, &found, false, NULL), STR("\"expires\":\"unknown\",\"ends\":\"unknown\"")) > 0);
    found.credentials.expires_wall_ms = 1767225600000;
    assert_true(str_find(json_of(call, &found, false, NULL),
                         STR("\"expires\":\"2026-01-01T00:00:00Z\",\"ends\":\"unknown\"")) > 0);
}

static void a_failure_is_an_error_and_nothing_that_was_found(void **state)
{
    struct tf_call *call = fake_call_of(*state);
    const struct whoami found = example(call->arena);
    CLEANUP(err_clear) struct err err = { 0 };
    const struct whoami_failure failure = { "No credentials", &err };
    (void)err_set(&err, ERR_DENIED, "no \"keys\"");
    err_set_remedy(&err, "Get some.");
    err_set_part(&err, ERR_CODE, "AccessDenied");
    assert_str_equal(json_of(call, &found, false, &failure),
                     "{\"error\":{\"summary\":\"No credentials\",\"message\":\"no \\\"keys\\\"\","
                     "\"remedy\":\"Get some.\",\"kind\":\"denied\",\"code\":\"AccessDenied\"}}");
}

static void the_first_error_of_the_checks_is_the_error(void **state)
{
    struct tf_call *call = fake_call_of(*state);
    const struct whoami found = { 0 };
    CLEANUP(err_clear) struct err err = { 0 };
    const struct whoami_failure failure = { "The provider block is wrong", &err };
    tf_warn(call, NULL, "Look", "out");
    tf_error(call, "region", "Invalid Region", "It is none.");
    assert_true(str_starts_with(json_of(call, &found, false, &failure),
                                STR("{\"error\":{\"summary\":\"Invalid Region\",\"message\":\"It is none.\","
                                    "\"kind\":\"invalid\",\"path\":\"region\"},\"diagnostics\":[")));
}

static void text_that_is_not_utf_8_is_made_so(void **state)
{
    struct tf_call *call = fake_call_of(*state);
    struct whoami found = example(call->arena);
    found.credentials.source = "the \xff";
    found.places.region.set_by = STR("\xfe");
    const struct str json = json_of(call, &found, false, NULL);
    assert_true(str_is_utf8(json));
    assert_true(str_find(json, STR("the \xef\xbf\xbd")) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(everything_has_its_name, set_up, tear_down),
        cmocka_unit_test_setup_teardown(times_that_are_none_are_words, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_failure_is_an_error_and_nothing_that_was_found, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_first_error_of_the_checks_is_the_error, set_up, tear_down),
        cmocka_unit_test_setup_teardown(text_that_is_not_utf_8_is_made_so, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
