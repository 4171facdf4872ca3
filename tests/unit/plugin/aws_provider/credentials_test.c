/* SPDX-License-Identifier: MPL-2.0 */
#include "tests/unit/plugin/aws_provider/identity_fixture.h"

#define OTHER_ROLE "arn:aws:iam::444455556666:role/other"

static void roles_are_assumed_one_with_the_other(void **state)
{
    struct identity_fixture *fixture = *state;
    struct aws_identity identity;
    CLEANUP(err_clear) struct err err = { 0 };
    add_role(fixture->base, ROLE);
    struct assume_role *role = add_role(fixture->base, OTHER_ROLE);
    role->duration = text("20m");
    role->external_id = text("partner-1");
    start(fixture);
    assert_true(identify(fixture, &identity, &err));
    assert_int_equal(fixture->sts.roles, 2);
    assert_str_equal(fixture->sts.last_key, "ASIA2");
    assert_true(str_find(fixture->sts.last_role, STR("role%2Fother")) >= 0);
    assert_true(str_find(fixture->sts.last_role, STR("DurationSeconds=1200")) >= 0);
    assert_true(str_find(fixture->sts.last_role, STR("ExternalId=partner-1")) >= 0);
}

static void assert_sent(struct str body, const char *const *parts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str_find(body, str_from(parts[i])) < 0)
            fail_msg("%s is not in %.*s", parts[i], STR_ARG(body));
}

static void a_role_is_assumed_with_all_its_arguments(void **state)
{
    static const char *const sent[] = {
        "RoleSessionName=me",      "ExternalId=partner-1",
        "Policy=%7B%7D",           "PolicyArns.member.1.arn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2Fp",
        "SourceIdentity=somebody", "DurationSeconds=1200",
        "Tags.member.1.Key=team",  "TransitiveTagKeys.member.1=team"
    };
    struct identity_fixture *fixture = *state;
    struct aws_identity identity;
    CLEANUP(err_clear) struct err err = { 0 };
    struct assume_role *role = add_role(fixture->base, ROLE);
    role->session_name = text("me");
    role->external_id = text("partner-1");
    role->policy = text("{}");
    role->policy_arns = set_of(fixture->base, "arn:aws:iam::aws:policy/p", NULL);
    role->source_identity = text("somebody");
    role->duration = text("20m");
    role->tags.state = TF_KNOWN;
    tf_string_map_put(fixture->base->call->arena, &role->tags, STR("team"), text("data"));
    role->transitive_tag_keys = set_of(fixture->base, "team", NULL);
    start(fixture);
    assert_true(identify(fixture, &identity, &err));
    assert_sent(fixture->sts.last_role, sent, ARRAY_LENGTH(sent));
}

static void a_role_without_an_arn_is_not_assumed(void **state)
{
    struct identity_fixture *fixture = *state;
    struct aws_identity identity;
    CLEANUP(err_clear) struct err err = { 0 };
    add_role(fixture->base, "")->duration = text("15m");
    start(fixture);
    assert_true(identify(fixture, &identity, &err));
    assert_int_equal(fixture->sts.roles, 0);
    assert_str_equal(fixture->sts.last_key, "AKIA");
}

static void what_is_null_in_a_role_is_not_sent(void **state)
{
    struct identity_fixture *fixture = *state;
    struct aws_identity identity;
    CLEANUP(err_clear) struct err err = { 0 };
    struct assume_role *role = add_role(fixture->base, ROLE);
    role->transitive_tag_keys = set_of(fixture->base, "", "team");
    role->transitive_tag_keys.items[0] = (struct tf_string){ 0 };
    role->tags.state = TF_KNOWN;
    tf_string_map_put(fixture->base->call->arena, &role->tags, STR("empty"), text(""));
    tf_string_map_put(fixture->base->call->arena, &role->tags, STR("nothing"), (struct tf_string){ 0 });
    role->duration = role->policy = role->session_name = role->source_identity = text("");
    start(fixture);
    assert_true(identify(fixture, &identity, &err));
    assert_true(str_find(fixture->sts.last_role, STR("TransitiveTagKeys.member.1=team")) >= 0);
    assert_true(str_find(fixture->sts.last_role, STR("Tags.member.1.Key=empty&Tags.member.1.Value=")) >= 0);
    static const char *const absent[] = { "TransitiveTagKeys.member.2", "nothing", "DurationSeconds", "Policy",
                                          "SourceIdentity" };
    for (size_t i = 0; i < ARRAY_LENGTH(absent); i++)
        if (str_find(fixture->sts.last_role, str_from(absent[i])) >= 0)
            fail_msg("%s is in %.*s", absent[i], STR_ARG(fixture->sts.last_role));
}

static void no_credentials_at_all_are_an_error(void **state)
{
    struct identity_fixture *fixture = *state;
    struct aws_identity identity;
    CLEANUP(err_clear) struct err err = { 0 };
    set_variable(fixture->base, "AWS_EC2_METADATA_DISABLED=true");
    fixture->base->block.access_key = fixture->base->block.secret_key = (struct tf_string){ 0 };
    start(fixture);
    assert_false(identify(fixture, &identity, &err));
    assert_int_equal(err.kind, ERR_DENIED);
    assert_int_equal(fixture->sts.identities, 0);
}

static void web_identity_needs_a_role_from_somewhere(void **state)
{
    struct identity_fixture *fixture = *state;
    struct aws_identity identity;
    CLEANUP(err_clear) struct err err = { 0 };
    struct assume_role_with_web_identity role = { .web_identity_token = text("hush-hush") };
    fixture->base->block.access_key = fixture->base->block.secret_key = (struct tf_string){ 0 };
    fixture->base->block.assume_role_with_web_identity =
        (struct tf_blocks_assume_role_with_web_identity){ TF_KNOWN, &role, 1 };
    start(fixture);
    assert_false(identify(fixture, &identity, &err));
    assert_non_null(strstr(err_text(&err), "role_arn"));
    assert_null(strstr(err_text(&err), "hush-hush"));
}

static void web_identity_replaces_the_environments_keys(void **state)
{
    struct identity_fixture *fixture = *state;
    struct aws_identity identity;
    CLEANUP(err_clear) struct err err = { 0 };
    struct assume_role_with_web_identity role = { .web_identity_token = text("jwt") };
    set_variable(fixture->base, "AWS_ACCESS_KEY_ID=AKIAENV");
    set_variable(fixture->base, "AWS_SECRET_ACCESS_KEY=secret");
    set_variable(fixture->base, "AWS_ROLE_ARN=" ROLE);
    fixture->base->block.access_key = fixture->base->block.secret_key = (struct tf_string){ 0 };
    fixture->base->block.assume_role_with_web_identity =
        (struct tf_blocks_assume_role_with_web_identity){ TF_KNOWN, &role, 1 };
    start(fixture);
    assert_true(identify(fixture, &identity, &err));
    assert_int_equal(fixture->sts.roles, 1);
    assert_str_equal(fixture->sts.last_key, "ASIA1");
    assert_true(str_find(fixture->sts.last_role, STR("Action=AssumeRoleWithWebIdentity")) >= 0);
    assert_true(str_find(fixture->sts.last_role, STR("WebIdentityToken=jwt")) >= 0);
}

static void use_web_identity(struct identity_fixture *fixture, struct assume_role_with_web_identity *role)
{
    fixture->base->block.access_key = fixture->base->block.secret_key = (struct tf_string){ 0 };
    fixture->base->block.assume_role_with_web_identity =
        (struct tf_blocks_assume_role_with_web_identity){ TF_KNOWN, role, 1 };
}

static void a_web_identity_is_used_with_all_its_arguments(void **state)
{
    static const char *const sent[] = {
        "Action=AssumeRoleWithWebIdentity", "WebIdentityToken=jwt", "RoleSessionName=me", "Policy=%7B%7D",
        "PolicyArns.member.1.arn=arn",      "DurationSeconds=1200"
    };
    struct identity_fixture *fixture = *state;
    struct aws_identity identity;
    CLEANUP(err_clear) struct err err = { 0 };
    struct assume_role_with_web_identity role = { .role_arn = text(ROLE),
                                                  .web_identity_token = text("jwt"),
                                                  .session_name = text("me"),
                                                  .policy = text("{}"),
                                                  .policy_arns =
                                                      set_of(fixture->base, "arn:aws:iam::aws:policy/p", NULL),
                                                  .duration = text("20m") };
    set_variable(fixture->base, "AWS_ROLE_SESSION_NAME=another");
    use_web_identity(fixture, &role);
    start(fixture);
    assert_true(identify(fixture, &identity, &err));
    assert_sent(fixture->sts.last_role, sent, ARRAY_LENGTH(sent));
}

static void a_session_name_of_the_environment_is_for_the_web_identity(void **state)
{
    struct identity_fixture *fixture = *state;
    struct aws_identity identity;
    CLEANUP(err_clear) struct err err = { 0 };
    struct assume_role_with_web_identity role = { .role_arn = text(ROLE), .web_identity_token = text("jwt") };
    set_variable(fixture->base, "AWS_ROLE_SESSION_NAME=me");
    use_web_identity(fixture, &role);
    start(fixture);
    assert_true(identify(fixture, &identity, &err));
    assert_true(str_find(fixture->sts.last_role, STR("RoleSessionName=me")) >= 0);
}

static void keys_of_the_block_go_before_its_web_identity(void **state)
{
    struct identity_fixture *fixture = *state;
    struct aws_identity identity;
    CLEANUP(err_clear) struct err err = { 0 };
    struct assume_role_with_web_identity role = { .role_arn = text(ROLE), .web_identity_token = text("jwt") };
    use_web_identity(fixture, &role);
    fixture->base->block.access_key = text("AKIA");
    fixture->base->block.secret_key = text("secret");
    start(fixture);
    assert_true(identify(fixture, &identity, &err));
    assert_int_equal(fixture->sts.roles, 0);
    assert_str_equal(fixture->sts.last_key, "AKIA");
}

/* As hashicorp/aws has it; a module writes it with variables that may be null. */
static void a_web_identity_that_sets_nothing_is_none(void **state)
{
    struct identity_fixture *fixture = *state;
    struct aws_identity identity;
    CLEANUP(err_clear) struct err err = { 0 };
    struct assume_role_with_web_identity role = { .role_arn = text("") };
    set_variable(fixture->base, "AWS_ACCESS_KEY_ID=AKIAENV");
    set_variable(fixture->base, "AWS_SECRET_ACCESS_KEY=secret");
    use_web_identity(fixture, &role);
    start(fixture);
    assert_true(identify(fixture, &identity, &err));
    assert_str_equal(fixture->sts.last_key, "AKIAENV");
}

static void a_web_identity_token_may_be_in_the_environment(void **state)
{
    struct identity_fixture *fixture = *state;
    struct aws_identity identity;
    CLEANUP(err_clear) struct err err = { 0 };
    struct assume_role_with_web_identity role = { .role_arn = text(ROLE), .web_identity_token_file = text("") };
    set_variable(fixture->base, "TF_AWS_WEB_IDENTITY_TOKEN=jwt-of-the-environment");
    use_web_identity(fixture, &role);
    start(fixture);
    assert_true(identify(fixture, &identity, &err));
    assert_true(str_find(fixture->sts.last_role, STR("WebIdentityToken=jwt-of-the-environment")) >= 0);
}

static void a_token_of_the_block_goes_before_the_environments(void **state)
{
    struct identity_fixture *fixture = *state;
    struct aws_identity identity;
    CLEANUP(err_clear) struct err err = { 0 };
    struct assume_role_with_web_identity role = { .role_arn = text(ROLE),
                                                  .web_identity_token = text("jwt-of-the-block") };
    set_variable(fixture->base, "TF_AWS_WEB_IDENTITY_TOKEN=hush-hush");
    set_variable(fixture->base, "AWS_WEB_IDENTITY_TOKEN_FILE=/nowhere");
    use_web_identity(fixture, &role);
    start(fixture);
    assert_true(identify(fixture, &identity, &err));
    assert_true(str_find(fixture->sts.last_role, STR("WebIdentityToken=jwt-of-the-block")) >= 0);
}

static void of_two_tokens_in_the_environment_the_text_goes_before_the_file(void **state)
{
    struct identity_fixture *fixture = *state;
    struct aws_identity identity;
    CLEANUP(err_clear) struct err err = { 0 };
    struct assume_role_with_web_identity role = { .role_arn = text(ROLE) };
    set_variable(fixture->base, "TF_AWS_WEB_IDENTITY_TOKEN=jwt-of-the-variable");
    set_variable(fixture->base, "AWS_WEB_IDENTITY_TOKEN_FILE=/nowhere");
    use_web_identity(fixture, &role);
    start(fixture);
    assert_true(identify(fixture, &identity, &err));
    assert_true(str_find(fixture->sts.last_role, STR("WebIdentityToken=jwt-of-the-variable")) >= 0);
}

int main(void)
{
    CLEANUP(err_clear) struct err err = { 0 };
    if (!aws_init(&err))
        return 1;
    const struct CMUnitTest tests[] = {
        IDENTITY_TEST(roles_are_assumed_one_with_the_other),
        IDENTITY_TEST(a_role_is_assumed_with_all_its_arguments),
        IDENTITY_TEST(a_role_without_an_arn_is_not_assumed),
        IDENTITY_TEST(what_is_null_in_a_role_is_not_sent),
        IDENTITY_TEST(no_credentials_at_all_are_an_error),
        IDENTITY_TEST(web_identity_needs_a_role_from_somewhere),
        IDENTITY_TEST(web_identity_replaces_the_environments_keys),
        IDENTITY_TEST(a_web_identity_is_used_with_all_its_arguments),
        IDENTITY_TEST(a_session_name_of_the_environment_is_for_the_web_identity),
        IDENTITY_TEST(keys_of_the_block_go_before_its_web_identity),
        IDENTITY_TEST(a_web_identity_that_sets_nothing_is_none),
        IDENTITY_TEST(a_web_identity_token_may_be_in_the_environment),
        IDENTITY_TEST(a_token_of_the_block_goes_before_the_environments),
        IDENTITY_TEST(of_two_tokens_in_the_environment_the_text_goes_before_the_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
