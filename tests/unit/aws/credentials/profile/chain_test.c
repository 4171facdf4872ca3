/* SPDX-License-Identifier: MPL-2.0
 *
 * Profiles whose credentials are those of other profiles, and their roles.
 */
#include "aws/credentials/role.h"

#include <string.h>

#include "tests/support/fake_files.h"
#include "tests/support/fake_sts.h"
#include "tests/support/harness.h"

#define ROLE(name) "role_arn = arn:aws:iam::1:role/" name "\n"
#define LOGIN_FILE "/h/.aws/sso/cache/a51746d4aa793ae07b25e90c3a5db96fc7832bd7.json" /* of the start URL */
#define KEYS "aws_access_key_id = AK\naws_secret_access_key = hush\n"

/* What the profile "p" comes to: "ARN < ARN < kind", the last role first. */
static bool resolve(struct credentials_world *world, const char *const *entries, const char *config,
                    struct aws_credentials *out, struct err *err)
{
    struct fake_file table[] = {
        { "/h/.aws/config", str_from(config), ERR_NONE },
        { "/token", STR("tok"), ERR_NONE },
        { LOGIN_FILE, STR("{\"accessToken\":\"t\",\"expiresAt\":\"2026-01-01T08:00:00Z\"}"), ERR_NONE },
        { 0 }
    };
    const struct env env = { entries };
    const struct file_reader reader = fake_files_reader(table);
    struct aws_profile_files *files;
    const struct aws_profile_files_options options = { .env = &env, .reader = &reader };
    assert_true(aws_profile_files_new(&options, &files, err));
    world->doors.env = &env;
    world->doors.reader = &reader;
    if (world->doors.metadata_switch == AWS_METADATA_AS_ENVIRONMENT)
        world->doors.metadata_switch = AWS_METADATA_OFF;
    const struct aws_profile_source_options profile = {
        .doors = &world->doors, .files = files, .profile = STR("p"), .naming = AWS_PROFILE_BY_ARGUMENT
    };
    struct aws_credentials_source source = aws_credentials_profile(&profile);
    const bool is_done = source.fetch(source.self, &world->call, out, err);
    out->source = is_done ? str_c(world->arena, str_from(out->source)) : NULL;
    world->sts.asked = role_copy(world->arena, &world->sts.asked);
    aws_credentials_source_clear(&source);
    aws_profile_files_free(files);
    return is_done;
}

static const char *const home[] = { "HOME=/h", NULL };
static const char *const with_keys[] = { "HOME=/h", "AWS_ACCESS_KEY_ID=ENV", "AWS_SECRET_ACCESS_KEY=s", NULL };

static void roles_are_assumed_from_the_base_to_the_profile(void **state)
{
    static const struct {
        const char *config, *kind, *last_role, *with;
        unsigned roles;
    } rows[] = {
        { "[profile p]\n" KEYS,                                                                                         "profile",      "",       "",      0 },
        { "[profile p]\n" ROLE("p") KEYS,                                                                               "assume-role",  "role/p", "AK",    1 },
        { "[profile p]\n" ROLE("p") "source_profile=p\n" KEYS,                                                          "assume-role",  "role/p", "AK",    1 },
        { "[profile p]\n" ROLE("p") "source_profile=b\n[profile b]\n" KEYS,                                             "assume-role",  "role/p", "AK",    1 },
        { "[profile p]\n" ROLE("p") "source_profile=b\n" KEYS "[profile b]\n" KEYS,                                     "assume-role",  "role/p", "AK",    1 },
        { "[profile p]\n" ROLE("p") "source_profile=q\n[profile q]\n" ROLE("q") "source_profile=b\n[profile b]\n" KEYS,
         "assume-role",                                                                                                                 "role/p", "ASIA1", 2 },
        /* Keys end the row; the role beside them is assumed, as in aws-sdk-go-v2. */
        { "[profile p]\n" ROLE("p") "source_profile=q\n[profile q]\n" ROLE("q") KEYS "source_profile=gone\n",
         "assume-role",                                                                                                                 "role/p", "ASIA1", 2 },
        /* A loop ends with the keys of a profile that comes again: its role is not assumed twice. */
        { "[profile p]\n" ROLE("p") KEYS "source_profile=q\n[profile q]\n" ROLE("q") "source_profile=p\n",
         "assume-role",                                                                                                                 "role/p", "ASIA1", 2 },
        { "[profile p]\n" ROLE("p") "credential_source=Environment\n",                                                  "assume-role",  "role/p", "ENV",   1 },
        /* A token needs no code of a device. */
        { "[profile p]\n" ROLE("p") "mfa_serial=m\nweb_identity_token_file=/token\n",                                   "web-identity", "role/p", "",      1 },
        { "[profile p]\n" ROLE("p") "web_identity_token_file=/token\n",                                                 "web-identity", "role/p", "",      1 },
        { "[profile p]\n" ROLE("p") "source_profile=w\n[profile w]\n" ROLE("w") "web_identity_token_file=/token\n",
         "assume-role",                                                                                                                 "role/p", "ASIA1", 2 },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct credentials_world *world = credentials_world_new();
        struct aws_credentials got = { 0 };
        CLEANUP(err_clear) struct err err = { 0 };
        (void)state;
        if (!resolve(world, with_keys, rows[i].config, &got, &err))
            fail_msg("row %zu: %s", i, err_text(&err));
        assert_string_equal(got.kind, rows[i].kind);
        assert_int_equal(world->sts.calls, rows[i].roles);
        assert_true(str_ends_with(world->sts.asked.role_arn, str_from(rows[i].last_role)));
        assert_true(str_equal(world->sts.with_key_id, str_from(rows[i].with)));
        credentials_world_free(world);
    }
}

static void the_role_is_assumed_as_the_profile_says(void **state)
{
    struct credentials_world *world = *state;
    struct aws_credentials got = { 0 };
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(resolve(world, home,
                        "[profile p]\n" ROLE("p") KEYS
                        "source_profile = p\nrole_session_name = me\nexternal_id = x\nduration_seconds = 3600\n",
                        &got, &err));
    assert_str_equal(world->sts.asked.session_name, "me");
    assert_str_equal(world->sts.asked.external_id, "x");
    assert_true(world->sts.asked.duration_seconds.present && world->sts.asked.duration_seconds.value == 3600);
}

/* aws-sdk-go-v2 makes its clients of the configuration of the profile that was asked for. */
static void where_services_are_is_said_by_the_profile_that_is_asked_for(void **state)
{
    static const char instance[] =
        "[profile p]\n" ROLE("p") "source_profile=b\n"
                                  "ec2_metadata_service_endpoint=http://one\nec2_metadata_v1_disabled=true\n"
                                  "[profile b]\n" ROLE("b") "credential_source=Ec2InstanceMetadata\n"
                                                            "ec2_metadata_service_endpoint=http://two\n";
    static const char sso[] =
        "[profile p]\n" ROLE("p") "source_profile=b\nservices=one\n"
                                  "[profile b]\nsso_start_url=https://corp.awsapps.com/start\nsso_region=eu-west-1\n"
                                  "sso_account_id=1\nsso_role_name=r\nservices=two\nendpoint_url=http://three\n"
                                  "[services one]\nsso=\n endpoint_url=http://one\n"
                                  "[services two]\nsso=\n endpoint_url=http://two\n";
    static const struct fake_answer answers[] = {
        { .status = 403, .repeats = REPEATS_FOR_EVER }
    };
    const char *const configs[] = { instance, sso };
    for (size_t i = 0; i < ARRAY_LENGTH(configs); i++) {
        struct credentials_world *world = *state;
        struct aws_credentials got = { 0 };
        CLEANUP(err_clear) struct err err = { 0 };
        world->doors.metadata_switch = AWS_METADATA_ON;
        fake_transport_script(&world->transport, answers, ARRAY_LENGTH(answers));
        assert_false(resolve(world, home, configs[i], &got, &err));
        assert_int_equal(world->transport.request_count, 1); /* with IMDSv1 off, as p has it */
        assert_true(str_starts_with(world->transport.requests[0].url, STR("http://one/")));
    }
}

static void the_instance_of_a_credential_source_is_known_to_be_there(void **state)
{
    static const struct fake_answer answers[] = {
        { .status = 0, .takes_ms = 500, .repeats = REPEATS_FOR_EVER }
    };
    struct credentials_world *world = *state;
    struct aws_credentials got = { 0 };
    CLEANUP(err_clear) struct err err = { 0 };
    world->doors.metadata_switch = AWS_METADATA_ON;
    fake_transport_script(&world->transport, answers, ARRAY_LENGTH(answers));
    assert_false(resolve(world, home, "[profile p]\n" ROLE("p") "credential_source=Ec2InstanceMetadata\n", &got, &err));
    assert_int_equal(world->transport.request_count, 6); /* three for the token, three without */
    assert_non_null(strstr(err_text(&err), "nothing answers at http://169.254.169.254"));
    assert_true(err.kind != ERR_NOT_FOUND); /* a chain must not go on to the next source */
}

static void a_role_without_a_base_is_assumed_with_the_keys_of_the_machine(void **state)
{
#define KEYS_OF(id)                                                                                                    \
    "{\"Code\":\"Success\",\"AccessKeyId\":\"" id                                                                      \
    "\",\"SecretAccessKey\":\"s\",\"Token\":\"t\",\"Expiration\":\"2026-01-01T01:00:00Z\"}"
    static const char *const in_container[] = { "HOME=/h", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/c", NULL };
    static const struct {
        const char *const *entries;
        struct fake_answer answers[3];
        const char *with;
    } rows[] = {
        { in_container, { { .status = 200, .text = KEYS_OF("ASIAECS") } }, "ASIAECS" },
        { home,
         { { .status = 200, .text = "token" },
            { .status = 200, .text = "host" },
            { .status = 200, .text = KEYS_OF("ASIAEC2") } },
         "ASIAEC2"                                                                   },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct credentials_world *world = *state;
        struct aws_credentials got = { 0 };
        CLEANUP(err_clear) struct err err = { 0 };
        world->doors.metadata_switch = AWS_METADATA_ON;
        fake_transport_script(&world->transport, rows[i].answers, ARRAY_LENGTH(rows[i].answers));
        if (!resolve(world, rows[i].entries, "[profile p]\n" ROLE("p"), &got, &err))
            fail_msg("row %zu: %s", i, err_text(&err));
        assert_string_equal(got.kind, "assume-role");
        assert_true(str_equal(world->sts.with_key_id, str_from(rows[i].with)));
    }
#undef KEYS_OF
}

static void a_role_that_nobody_can_assume_lacks_a_source_profile(void **state)
{
    struct credentials_world *world = *state;
    struct aws_credentials got = { 0 };
    CLEANUP(err_clear) struct err err = { 0 };
    world->doors.metadata_switch = AWS_METADATA_OFF;
    assert_false(resolve(world, home, "[profile p]\n" ROLE("p"), &got, &err));
    assert_true(
        str_starts_with(str_from(err_remedy(&err)),
                        STR("role_arn of the profile \"p\" (/h/.aws/config, line 2) has neither source_profile")));
}

static void a_duration_that_sts_does_not_take_is_left_out(void **state)
{
    static const char *const texts[] = { "1h", "899", "-3600", "" };
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        struct credentials_world *world = *state;
        struct aws_credentials got = { 0 };
        CLEANUP(err_clear) struct err err = { 0 };
        const struct str config =
            str_format(world->arena, "[profile p]\n" ROLE("p") KEYS "duration_seconds = %s\n", texts[i]);
        assert_true(resolve(world, home, config.ptr, &got, &err));
        assert_false(world->sts.asked.duration_seconds.present);
    }
}

static void a_profile_that_cannot_be_followed_is_an_error_with_its_line(void **state)
{
    static const struct {
        const char *config, *text, *remedy;
    } rows[] = {
        { "[profile p]\nsource_profile=b\n[profile b]\n" KEYS,
         "source_profile of the profile \"p\" (/h/.aws/config, line 2): the profile has no role_arn",                                                      "Add role_arn"                                     },
        { "[profile p]\ncredential_source=Environment\n",
         "credential_source of the profile \"p\" (/h/.aws/config, line 2): the profile has no role_arn",                                                   "Add role_arn"                                     },
        { "[profile p]\n" ROLE("p") "source_profile=gone\n",
         "source_profile of the profile \"p\" (/h/.aws/config, line 3): the profile \"gone\" was not found in",                                            "add the profile that it names"                    },
        { "[profile p]\n" ROLE("p") "source_profile=q\n[profile q]\n" ROLE("q") "source_profile=p\n",
         "source_profile forms a loop: p -> q -> p (source_profile of the profile \"q\" (/h/.aws/config, line 6))",                                        "credentials of its own"                           },
        { "[profile p]\n" ROLE("p") "source_profile=q\n[profile q]\nregion=r\n",
         "line 3) names a profile without credentials: the profile \"q\" has none",                                                                        "Give that profile credentials"                    },
        { "[profile p]\n" ROLE("p") "source_profile=p\n",
         "line 3) names a profile without credentials: the profile \"p\" has none",                                                                        "Give that profile credentials"                    },
        { "[profile p]\n" ROLE("p") "source_profile=q\ncredential_source=Environment\n[profile q]\n" KEYS,
         "the profile \"p\" has both source_profile (/h/.aws/config, line 3) and credential_source (/h/.aws/config, "
          "line 4)",                                                                                                                                       "Keep one of the two"                              },
        { "[profile p]\n" ROLE("p") "credential_source=Ec2\n",
         "credential_source of the profile \"p\" (/h/.aws/config, line 3) is \"Ec2\"",                                                                     "Environment, EcsContainer or Ec2InstanceMetadata" },
        { "[profile p]\n" ROLE("p") "credential_source=environment\n",                                     "is \"environment\"",                           "in this spelling"                                 },
        { "[profile p]\n" ROLE("p") "credential_source=ecscontainer\n",                                    "is \"ecscontainer\"",                          "in this spelling"                                 },
        { "[profile p]\nrole_arn = admin\n" KEYS,
         "role_arn of the profile \"p\" (/h/.aws/config, line 2) is \"admin\", which is not the ARN of a role",                                            "role/NAME"                                        },
        { "[profile p]\nrole_arn = arn:aws:iam::1:role/p q\n" KEYS,                                        "is \"arn:aws:iam::1:role/p q\", which is not",
         "role/NAME"                                                                                                                                                                                          },
        { "[profile p]\nrole_arn = admin\nweb_identity_token_file=/token\n",
         "role_arn of the profile \"p\" (/h/.aws/config, line 2) is \"admin\", which is not the ARN of a role",                                            "role/NAME"                                        },
        { "[profile p]\n" ROLE("p") KEYS "role_session_name = ann@x y\n",
         "role_session_name of the profile \"p\" (/h/.aws/config, line 5) is \"ann@x y\"",                                                                 "2 to 64"                                          },
        { "[profile p]\n" ROLE("p") "web_identity_token_file=/token\nrole_session_name = a/b\n",
         "role_session_name of the profile \"p\" (/h/.aws/config, line 4) is \"a/b\"",                                                                     "2 to 64"                                          },
        { "[profile p]\n" ROLE("p") KEYS "duration_seconds = 43201\n",
         "line 5) is 43201 seconds; a role is assumed for at most 43200",                                                                                  ""                                                 },
        { "[profile p]\n" ROLE("p") KEYS "mfa_serial = arn:aws:iam::1:mfa/hush\n",
         "mfa_serial of the profile \"p\" (/h/.aws/config, line 5) needs an MFA code",                                                                     "Get a session with the code"                      },
        { "[profile p]\nsso_region = eu-west-1\n",
         "sso_region of the profile \"p\" (/h/.aws/config, line 2): the profile has no sso_start_url, sso_account_id, "
          "sso_role_name",                                                                                                                                 "aws configure sso --profile p"                    },
        /* The first way that a profile has is taken. */
        { "[profile p]\n" ROLE("p") "credential_source=Ec2\nsso_region=r\n",                               "line 3) is \"Ec2\"",                           ""                                                 },
        { "[profile p]\n" ROLE("p") "web_identity_token_file=/gone\nsso_region=r\n",                       "reading the web identity token",
         ""                                                                                                                                                                                                   },
        { "[profile p]\nlogin_session=s\nsso_region=r\n",                                                  "the profile has no sso_start_url",             ""                                                 },
        { "[profile p]\naws_access_key_id = AK\ncredential_process = hush\n",                              "has aws_access_key_id without",                ""                                                 },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct aws_credentials got = { 0 };
        CLEANUP(err_clear) struct err err = { 0 };
        assert_false(resolve(*state, home, rows[i].config, &got, &err));
        assert_int_equal(err.kind, ERR_INVALID);
        if (!strstr(err_text(&err), rows[i].text) || !strstr(err_remedy(&err), rows[i].remedy) ||
            strstr(err_text(&err), "hush"))
            fail_msg("row %zu: %s. %s", i, err_text(&err), err_remedy(&err));
    }
}

/* p -> p1 -> ... -> the last one, which has keys. */
static struct str row_of(struct arena *arena, int count)
{
    struct str text = STR("[profile p]\n" ROLE("p") "source_profile = p1\n");
    for (int i = 1; i < count; i++)
        text = str_format(arena, "%.*s[profile p%d]\n%s%d\n%s%d\n", STR_ARG(text), i,
                          "role_arn = arn:aws:iam::1:role/p", i, "source_profile = p", i + 1);
    return str_format(arena, "%.*s[profile p%d]\n" KEYS, STR_ARG(text), count);
}

static void a_row_of_profiles_has_an_end(void **state)
{
    struct credentials_world *world = *state;
    struct aws_credentials got = { 0 };
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(resolve(world, home, row_of(world->arena, 15).ptr, &got, &err));
    assert_int_equal(world->sts.calls, 15);
    assert_false(resolve(world, home, row_of(world->arena, 16).ptr, &got, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    assert_non_null(strstr(err_text(&err), "source_profile of the profile \"p15\""));
    assert_non_null(strstr(err_text(&err), "no more are followed"));
}

static void what_a_profile_comes_to_is_settled_at_the_first_fetch(void **state)
{
    struct credentials_world *world = *state;
    struct fake_file table[] = {
        { "/h/.aws/config", STR("[profile p]\n" ROLE("p") KEYS), ERR_NONE },
        { 0 }
    };
    const struct env env = { home };
    const struct file_reader reader = fake_files_reader(table);
    const struct aws_profile_files_options files_options = { .env = &env, .reader = &reader };
    struct aws_profile_files *files;
    struct aws_credentials got = { 0 };
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(aws_profile_files_new(&files_options, &files, &err));
    world->doors.reader = &reader;
    const struct aws_profile_source_options options = {
        .doors = &world->doors, .files = files, .profile = STR("p"), .naming = AWS_PROFILE_BY_ARGUMENT
    };
    struct aws_credentials_source source = aws_credentials_profile(&options);
    assert_true(source.fetch(source.self, &world->call, &got, &err));
    table[0].text = STR("[profile p]\n" KEYS);
    assert_true(source.fetch(source.self, &world->call, &got, &err));
    assert_string_equal(got.kind, "assume-role");
    assert_int_equal(world->sts.calls, 2);
    aws_credentials_source_clear(&source);
    aws_profile_files_free(files);
}

static void a_credential_source_that_has_none_is_named(void **state)
{
    struct aws_credentials got = { 0 };
    CLEANUP(err_clear) struct err err = { 0 };
    assert_false(resolve(*state, home, "[profile p]\n" ROLE("p") "credential_source=EcsContainer\n", &got, &err));
    assert_int_equal(err.kind, ERR_DENIED);
    assert_non_null(strstr(err_remedy(&err), "credential_source of the profile \"p\" (/h/.aws/config, line 3)"));
}

static void a_profile_that_says_nothing_of_credentials_has_none(void **state)
{
    struct aws_credentials got = { 0 };
    CLEANUP(err_clear) struct err err = { 0 };
    assert_false(resolve(*state, home, "[profile p]\nregion=r\n", &got, &err));
    assert_int_equal(err.kind, ERR_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roles_are_assumed_from_the_base_to_the_profile),
        cmocka_unit_test_setup_teardown(the_role_is_assumed_as_the_profile_says, credentials_world_setup,
                                        credentials_world_teardown),
        cmocka_unit_test_setup_teardown(where_services_are_is_said_by_the_profile_that_is_asked_for,
                                        credentials_world_setup, credentials_world_teardown),
        cmocka_unit_test_setup_teardown(the_instance_of_a_credential_source_is_known_to_be_there,
                                        credentials_world_setup, credentials_world_teardown),
        cmocka_unit_test_setup_teardown(a_role_without_a_base_is_assumed_with_the_keys_of_the_machine,
                                        credentials_world_setup, credentials_world_teardown),
        cmocka_unit_test_setup_teardown(a_role_that_nobody_can_assume_lacks_a_source_profile, credentials_world_setup,
                                        credentials_world_teardown),
        cmocka_unit_test_setup_teardown(a_duration_that_sts_does_not_take_is_left_out, credentials_world_setup,
                                        credentials_world_teardown),
        cmocka_unit_test_setup_teardown(a_profile_that_cannot_be_followed_is_an_error_with_its_line,
                                        credentials_world_setup, credentials_world_teardown),
        cmocka_unit_test_setup_teardown(a_row_of_profiles_has_an_end, credentials_world_setup,
                                        credentials_world_teardown),
        cmocka_unit_test_setup_teardown(what_a_profile_comes_to_is_settled_at_the_first_fetch, credentials_world_setup,
                                        credentials_world_teardown),
        cmocka_unit_test_setup_teardown(a_credential_source_that_has_none_is_named, credentials_world_setup,
                                        credentials_world_teardown),
        cmocka_unit_test_setup_teardown(a_profile_that_says_nothing_of_credentials_has_none, credentials_world_setup,
                                        credentials_world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
