/* SPDX-License-Identifier: MPL-2.0 */
#include "tests/unit/plugin/aws_provider/identity_fixture.h"

static struct str session_warning(struct identity_fixture *fixture)
{
    return aws_configuration_session_warning(start(fixture), fixture->base->call);
}

static void assert_session_warning(struct identity_fixture *fixture, const char *wanted, const char *absent)
{
    const struct str text = session_warning(fixture);
    assert_true(str_find(text, str_from(wanted)) >= 0);
    assert_true(str_find(text, str_from(absent)) < 0);
}

static void use_environment(struct identity_fixture *fixture)
{
    fixture->base->block.access_key = fixture->base->block.secret_key = (struct tf_string){ 0 };
    set_variable(fixture->base, "AWS_ACCESS_KEY_ID=AKIA");
    set_variable(fixture->base, "AWS_SECRET_ACCESS_KEY=secret");
    set_variable(fixture->base, "AWS_SESSION_TOKEN=token");
}

static void a_session_of_the_environment_cannot_be_refreshed(void **state)
{
    use_environment(*state);
    add_role(((struct identity_fixture *)*state)->base, ""); /* counts as none */
    assert_session_warning(*state, "(AWS_SESSION_TOKEN). They end with their session token, while", "blocks as before");
}

static void the_end_of_a_session_is_said_where_it_is_known(void **state)
{
    use_environment(*state);
    set_variable(((struct identity_fixture *)*state)->base, "AWS_CREDENTIAL_EXPIRATION=2099-01-01T00:00:00Z");
    assert_session_warning(*state, "They end at 2099-01-01T00:00:00Z, while", "session token");
}

static void a_session_of_the_block_cannot_be_refreshed(void **state)
{
    struct identity_fixture *fixture = *state;
    fixture->base->block.token = text("token");
    assert_session_warning(fixture, "the provider's arguments", "assume_role blocks as before");
}

static void a_role_ends_with_the_session_below_it(void **state)
{
    use_environment(*state);
    add_role(((struct identity_fixture *)*state)->base, ROLE);
    assert_session_warning(*state, "the assume_role blocks as before", "role_arn = ");
}

static void what_lasts_is_not_warned_of(void **state)
{
    struct identity_fixture *fixture = *state;
    add_role(fixture->base, ROLE);
    assert_true(str_is_empty(session_warning(fixture)));
}

int main(void)
{
    CLEANUP(err_clear) struct err err = { 0 };
    if (!aws_init(&err))
        return 1;
    const struct CMUnitTest tests[] = {
        IDENTITY_TEST(a_session_of_the_environment_cannot_be_refreshed),
        IDENTITY_TEST(the_end_of_a_session_is_said_where_it_is_known),
        IDENTITY_TEST(a_session_of_the_block_cannot_be_refreshed),
        IDENTITY_TEST(a_role_ends_with_the_session_below_it),
        IDENTITY_TEST(what_lasts_is_not_warned_of),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
