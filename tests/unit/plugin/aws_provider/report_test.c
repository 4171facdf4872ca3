/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/aws_provider/report.h"

#include "tests/unit/plugin/aws_provider/block_fixture.h"

static struct aws_places places_of(struct block_fixture *fixture)
{
    CLEANUP(err_clear) struct err err = { 0 };
    struct aws_places places;
    configure(fixture);
    if (!aws_configuration_places(fixture->configuration, fixture->call, &places, &err))
        fail_msg("%s", err_text(&err));
    return places;
}

static void assert_setting(struct aws_setting setting, const char *value, const char *set_by)
{
    assert_str_equal(setting.value, value);
    assert_str_equal(setting.set_by, set_by);
}

static void awss_own_places_are_set_by_nobody(void **state)
{
    struct block_fixture *fixture = *state;
    fixture->block.region = text("eu-west-1");
    const struct aws_places places = places_of(fixture);
    assert_setting(places.region, "eu-west-1", "`region`");
    assert_setting(places.endpoints[AWS_RDS], "https://rds.eu-west-1.amazonaws.com", "");
    assert_setting(places.endpoints[AWS_KMS], "https://kms.eu-west-1.amazonaws.com", "");
    assert_setting(places.endpoints[AWS_STS], "https://sts.eu-west-1.amazonaws.com", "");
    assert_setting(places.endpoints[AWS_IAM], "", "");
}

static void places_that_are_set_name_what_sets_them(void **state)
{
    struct block_fixture *fixture = *state;
    set_variable(fixture, "AWS_REGION=eu-west-1");
    set_variable(fixture, "AWS_ENDPOINT_URL_KMS=http://127.0.0.1:1");
    fixture->block.sts_region = text("eu-west-2");
    add_endpoints(fixture)->rds = text("http://127.0.0.1:2");
    const struct aws_places places = places_of(fixture);
    assert_setting(places.region, "eu-west-1", "AWS_REGION");
    assert_setting(places.endpoints[AWS_RDS], "http://127.0.0.1:2", "`rds` of `endpoints`");
    assert_setting(places.endpoints[AWS_KMS], "http://127.0.0.1:1", "AWS_ENDPOINT_URL_KMS");
    assert_setting(places.endpoints[AWS_STS], "https://sts.eu-west-2.amazonaws.com", "");
}

static void without_a_region_there_is_no_place(void **state)
{
    struct block_fixture *fixture = *state;
    CLEANUP(err_clear) struct err err = { 0 };
    struct aws_places places;
    set_variable(fixture, "AWS_ACCESS_KEY_ID=AK");
    set_variable(fixture, "AWS_SECRET_ACCESS_KEY=s");
    configure(fixture);
    assert_false(aws_configuration_places(fixture->configuration, fixture->call, &places, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    assert_non_null(strstr(err_text(&err), "no Region is set"));
}

static void credentials_leave_a_trail(void **state)
{
    struct block_fixture *fixture = *state;
    CLEANUP(err_clear) struct err err = { 0 };
    struct aws_credentials found;
    struct aws_credentials_trail trail = { .arena = fixture->call->arena };
    set_variable(fixture, "AWS_REGION=eu-west-1");
    set_variable(fixture, "AWS_ACCESS_KEY_ID=AK");
    set_variable(fixture, "AWS_SECRET_ACCESS_KEY=s");
    configure(fixture);
    assert_true(aws_configuration_credentials(fixture->configuration, fixture->call, &trail, &found, &err));
    assert_string_equal(found.kind, "environment");
    assert_non_null(trail.last);
    assert_int_equal(trail.last->verdict, AWS_USED);
    assert_str_equal(trail.last->text, "the environment");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BLOCK_TEST(awss_own_places_are_set_by_nobody),
        BLOCK_TEST(places_that_are_set_name_what_sets_them),
        BLOCK_TEST(without_a_region_there_is_no_place),
        BLOCK_TEST(credentials_leave_a_trail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
