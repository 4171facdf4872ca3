/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/sts.h"

#include <string.h>

#include "tests/support/aws_world.h"
#include "tests/support/harness.h"
#include "tests/support/vectors.h"

static void the_caller_has_an_account_and_an_arn(void **state)
{
    struct aws_world *world = *state;
    struct sts_identity identity;
    aws_world_answers(world, { .status = 200,
                               .text = "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
                                       "<GetCallerIdentityResult><Arn>arn:aws:iam::111111111111:user/u</Arn>"
                                       "<UserId>AIDA</UserId><Account>111111111111</Account></GetCallerIdentityResult>"
                                       "</GetCallerIdentityResponse>" });
    assert_true(sts_get_caller_identity(&world->call, &identity, &world->err));
    assert_str_equal(identity.account, "111111111111");
    assert_str_equal(identity.arn, "arn:aws:iam::111111111111:user/u");
    assert_str_equal(world->transport.requests[0].url, "https://sts.eu-west-1.amazonaws.com/");
}

static void a_role_is_assumed_with_everything_that_was_asked(void **state)
{
    struct aws_world *world = *state;
    struct str policies[] = { STR("arn:p1"), STR("arn:p2") }, keys[] = { STR("k") };
    struct aws_tag tags[] = {
        { STR("k"), STR("v") }
    };
    const struct sts_assume_role_options options = {
        .role_arn = STR("arn:r"),
        .session_name = STR("s"),
        .external_id = STR("e"),
        .policy = STR("{}"),
        .source_identity = STR("i"),
        .policy_arns = { policies,        2            },
        .duration_seconds = { .present = true, .value = 900 },
        .tags = { tags,            1            },
        .transitive_tag_keys = { keys,            1            }
    };
    struct sts_credentials made;
    aws_world_answers(world, { .status = 200, .body = vector_read(world->arena, "replies/AssumeRole.xml") });
    assert_true(sts_assume_role(&world->call, &options, &made, &world->err));
    assert_str_equal(made.access_key_id, "ASIAEXAMPLE");
    assert_str_equal(made.secret_access_key, "secret/of+the=role");
    assert_str_equal(made.session_token, "token/of+the=role");
    assert_str_equal(made.expiration, "2026-03-01T11:20:30Z");
    assert_str_equal(world->transport.requests[0].body,
                     "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Ar&RoleSessionName=s&ExternalId=e"
                     "&Policy=%7B%7D&SourceIdentity=i&PolicyArns.member.1.arn=arn%3Ap1&PolicyArns.member.2.arn=arn%3Ap2"
                     "&DurationSeconds=900&Tags.member.1.Key=k&Tags.member.1.Value=v&TransitiveTagKeys.member.1=k");
    assert_false(str_is_empty(fake_transport_header(&world->transport, 0, "authorization")));
}

static void a_web_identity_is_sent_unsigned(void **state)
{
    struct aws_world *world = *state;
    const struct sts_assume_role_options options = {
        .role_arn = STR("arn:r"), .session_name = STR("s"), .external_id = STR("e"), .web_identity_token = STR("t.t")
    };
    struct sts_credentials made;
    aws_world_answers(world,
                      { .status = 400, /* the provider of identities was away */
                        .text = "<ErrorResponse><Error><Code>IDPCommunicationError</Code></Error></ErrorResponse>" },
                      { .status = 200,
                        .text = "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>"
                                "<AccessKeyId>A</AccessKeyId><SecretAccessKey>S</SecretAccessKey><SessionToken>T"
                                "</SessionToken></Credentials></AssumeRoleWithWebIdentityResult>"
                                "</AssumeRoleWithWebIdentityResponse>" });
    assert_true(sts_assume_role(&world->call, &options, &made, &world->err));
    assert_str_equal(world->transport.requests[1].body,
                     "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Ar&RoleSessionName=s"
                     "&WebIdentityToken=t.t");
    assert_str_equal(fake_transport_header(&world->transport, 1, "authorization"), "");
    assert_int_equal(world->fetches, 0);
    struct str lines = aws_world_log(world);
    assert_true(str_find(lines, STR("t.t")) < 0);
}

static void a_damaged_reply_is_an_error(void **state)
{
    struct aws_world *world = *state;
    static const char *const damaged[] = {
        "", "<html/>", "<AssumeRoleResponse><AssumeRoleResult><Credentials>",
        "<AssumeRoleResponse><AssumeRoleResult><Credentials/></AssumeRoleResult></AssumeRoleResponse>",
        "<AssumeRoleResponse/>"
    };
    for (size_t i = 0; i < ARRAY_LENGTH(damaged); i++) {
        const struct fake_answer answer = { .status = 200, .text = damaged[i], .repeats = REPEATS_FOR_EVER };
        const struct sts_assume_role_options options = { .role_arn = STR("arn:r"), .session_name = STR("s") };
        struct sts_credentials made = { .access_key_id = STR("untouched") };
        struct sts_identity identity;
        fake_transport_script(&world->transport, &answer, 1);
        assert_false(sts_assume_role(&world->call, &options, &made, &world->err));
        assert_int_equal(world->err.kind, ERR_IO);
        assert_str_equal(made.access_key_id, "untouched");
        assert_false(sts_get_caller_identity(&world->call, &identity, &world->err));
        assert_int_equal(world->err.kind, ERR_IO);
    }
}

#define STS_TEST(function) cmocka_unit_test_setup_teardown(function, aws_world_setup, aws_world_teardown)

static void the_token_of_a_web_identity_is_not_quoted(void **state)
{
    struct aws_world *world = *state;
    const struct sts_assume_role_options options = { .role_arn = STR("arn:r"),
                                                     .session_name = STR("s"),
                                                     .web_identity_token = STR("eyJhbGciOi.J9.x") };
    struct sts_credentials made;
    aws_world_answers(world, { .status = 400,
                               .text = "<ErrorResponse><Error><Code>InvalidIdentityToken</Code><Message>no: "
                                       "eyJhbGciOi.J9.x, said you</Message></Error></ErrorResponse>" });
    assert_false(sts_assume_role(&world->call, &options, &made, &world->err));
    assert_string_equal(err_text(&world->err), "no: ***");
}

/* Whatever comes instead of an answer may be one, damaged. */
static void no_part_of_an_answer_with_credentials_is_shown(void **state)
{
    struct aws_world *world = *state;
    static const char whole[] = "<R><Credentials><SecretAccessKey>secret/of+the=role</SecretAccessKey><SessionToken>"
                                "token/of+the=role</SessionToken><AccessKeyId>ASIAEXAMPLE</AccessKeyId></Credentials>";
    static const char *const secrets[] = { "secret/of", "token/of", "ASIAEX" };
    for (int status = 200; status <= 500; status += 300)
        for (int is_web = 0; is_web < 2; is_web++)
            for (size_t length = 0; length < sizeof(whole); length += 10) {
                const struct sts_assume_role_options options = { .role_arn = STR("arn:r"),
                                                                 .session_name = STR("s"),
                                                                 .web_identity_token = is_web ? STR("t.t") : STR("") };
                struct sts_credentials made;
                aws_world_answers(world, { .status = status,
                                           .text = "<",
                                           .body = str_slice(str_from(whole), 0, length),
                                           .repeats = REPEATS_FOR_EVER });
                assert_false(sts_assume_role(&world->call, &options, &made, &world->err));
                assert_int_equal(world->err.kind, ERR_IO);
                for (size_t i = 0; i < ARRAY_LENGTH(secrets); i++)
                    assert_null(strstr(err_text(&world->err), secrets[i]));
            }
    struct str lines = aws_world_log(world);
    for (size_t i = 0; i < ARRAY_LENGTH(secrets); i++)
        assert_true(str_find(lines, str_from(secrets[i])) < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STS_TEST(the_caller_has_an_account_and_an_arn),
        STS_TEST(a_role_is_assumed_with_everything_that_was_asked),
        STS_TEST(a_web_identity_is_sent_unsigned),
        STS_TEST(the_token_of_a_web_identity_is_not_quoted),
        STS_TEST(no_part_of_an_answer_with_credentials_is_shown),
        STS_TEST(a_damaged_reply_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
