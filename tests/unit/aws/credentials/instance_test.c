/* SPDX-License-Identifier: MPL-2.0 */
#include <string.h>

#include "aws/credentials/sources.h"
#include "aws/wire/json.h"
#include "tests/support/fake_sts.h"
#include "tests/support/harness.h"

#define ROLES "http://169.254.169.254/latest/meta-data/iam/security-credentials/"
#define IDENTITY "http://169.254.169.254/latest/dynamic/instance-identity/document"
#define KEYS                                                                                                           \
    "{\"Code\": \"Success\", \"Type\": \"AWS-HMAC\", \"AccessKeyId\": \"ASIA1\", \"SecretAccessKey\": \"hush\", "      \
    "\"Token\": \"hush-token\", \"Expiration\": \"2026-01-01T06:00:00Z\"}"
#define TOKEN { 200, .text = "tok" }

static bool fetch(struct credentials_world *world, const struct fake_answer *answers, size_t count,
                  struct aws_credentials *out, struct err *err)
{
    struct aws_credentials_source source = aws_credentials_instance(&world->doors, NULL, STR("default"));
    fake_transport_script(&world->transport, answers, count);
    const bool is_done = source.fetch(source.self, &world->call, out, err);
    aws_credentials_source_clear(&source);
    return is_done;
}

#define FETCH(world, out, err, ...)                                                                                    \
    fetch((world), (const struct fake_answer[]){ __VA_ARGS__ },                                                        \
          ARRAY_LENGTH(((const struct fake_answer[]){ __VA_ARGS__ })), (out), (err))

static void the_keys_of_the_first_role_are_taken(void **state)
{
    struct credentials_world *world = *state;
    struct aws_credentials got = { 0 };
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(FETCH(world, &got, &err, TOKEN, { 200, .text = "my-Role_1\r\nother\n" }, { 200, .text = KEYS }));
    assert_str_equal(world->transport.requests[1].url, ROLES);
    assert_str_equal(world->transport.requests[2].url, ROLES "my-Role_1");
    assert_str_equal(fake_transport_header(&world->transport, 2, "X-aws-ec2-metadata-token"), "tok");
    assert_str_equal(got.access_key_id, "ASIA1");
    assert_str_equal(got.secret_access_key, "hush");
    assert_str_equal(got.session_token, "hush-token");
    assert_string_equal(got.kind, "instance");
    assert_string_equal(got.source, "the role \"my-Role_1\" of this EC2 instance (http://169.254.169.254)");
    assert_true(got.expires_wall_ms == (int64_t)WORLD_START_S * SECOND_MS + 6 * HOUR_MS);
    assert_int_equal(got.ends_wall_ms, AWS_ENDS_NEVER);
}

static void a_service_that_has_answered_is_asked_again(void **state)
{
    struct aws_credentials got;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(FETCH(*state, &got, &err, { .status = 0 }, { 200, .text = "r" }, { .status = 0, .repeats = 1 },
                      { 200, .text = KEYS }));
}

static void an_instance_without_a_role_has_none(void **state)
{
    static const struct fake_answer lists[] = {
        { 404, .text = "<html>" },
        { 200, .text = ""       },
        { 200, .text = "\n"     }
    };
    for (size_t i = 0; i < ARRAY_LENGTH(lists); i++) {
        struct aws_credentials got;
        CLEANUP(err_clear) struct err err = { 0 };
        assert_false(FETCH(*state, &got, &err, TOKEN, lists[i]));
        assert_int_equal(err.kind, ERR_NOT_FOUND);
        assert_string_equal(err_text(&err), "EC2 metadata: this EC2 instance (http://169.254.169.254) has no role: an "
                                            "instance profile would give it one");
    }
}

static void answers_that_hold_no_keys_are_explained_and_not_shown(void **state)
{
    static const struct {
        struct fake_answer list, keys;
        enum err_kind kind;
        const char *text;
    } rows[] = {
        { { 200, .text = "<html>hush</html>" }, { .status = 0 },                                                      ERR_IO,     "lists is not the name of a role"                             },
        { { 200, .text = "../hush" },           { .status = 0 },                                                      ERR_IO,     "lists is not the name of a role"                             },
        { { 200, .text = "r" },                 { .status = 404 },                                                    ERR_IO,     "lists the role \"r\" but has nothing for it"                 },
        { { 200, .text = "r" },                 { 200, .text = "hush" },                                              ERR_IO,     "is not a JSON object with credentials"                       },
        { { 200, .text = "r" },                 { 200, .text = "{\"Code\": 7}" },                                     ERR_IO,     "is not a JSON object with credentials"                       },
        { { 200, .text = "r" },
         { 200, .text = "{\"Code\": \"Success\", \"AccessKeyId\": \"hush\"}" },
         ERR_IO,                                                                                                                  "has no SecretAccessKey"                                      },
        { { 200, .text = "r" },
         { 200, .text = "{\"AccessKeyId\": \"a\", \"SecretAccessKey\": \"hush\", \"Token\": \"hush\"}" },
         ERR_IO,                                                                                                                  "has no Expiration"                                           },
        { { 200, .text = "r" },
         { 200,
            .text =
                "{\"AccessKeyId\": \"a\", \"SecretAccessKey\": \"s\", \"Token\": \"t\", \"Expiration\": \"hush\"}" },
         ERR_IO,                                                                                                                  "is not a time as AWS writes it"                              },
        { { 200, .text = "r" },
         { 200, .text = "{\"Code\": \"AssumeRoleUnauthorizedAccess\", \"Message\": \"EC2 cannot\\u0007 assume\"}" },
         ERR_DENIED,                                                                                                              "AssumeRoleUnauthorizedAccess: EC2 cannot\xef\xbf\xbd assume" },
        { { 200, .text = "r" },                 { 200, .text = "{\"Code\": \"Failed\"}" },                            ERR_DENIED, ": Failed"                                                    },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct aws_credentials got;
        CLEANUP(err_clear) struct err err = { 0 };
        assert_false(FETCH(*state, &got, &err, TOKEN, rows[i].list, rows[i].keys));
        assert_int_equal(err.kind, rows[i].kind);
        if (!strstr(err_text(&err), rows[i].text) || strstr(err_text(&err), "hush"))
            fail_msg("row %zu: %s", i, err_text(&err));
        const bool is_unauthorized = strstr(rows[i].text, "AssumeRoleUnauthorizedAccess") != NULL;
        assert_int_equal(strstr(err_remedy(&err), "ec2.amazonaws.com") != NULL, is_unauthorized);
    }
}

static void keys_without_a_code_are_taken(void **state)
{
    struct aws_credentials got;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(FETCH(*state, &got, &err, TOKEN, { 200, .text = "r" },
                      { 200, .text = "{\"AccessKeyId\": \"a\", \"SecretAccessKey\": \"s\", \"Token\": \"t\", "
                                     "\"Expiration\": \"2026-01-01T06:00:00Z\"}" }));
}

static void keys_that_have_expired_are_used_for_a_while(void **state)
{
    static const struct fake_answer answers[] = {
        TOKEN, { 200, .text = "r"  },
         { 200, .text = KEYS },
         TOKEN, { 200, .text = "r"  },
         { 200, .text = KEYS }
    };
    struct credentials_world *world = *state;
    struct aws_credentials got;
    CLEANUP(err_clear) struct err err = { 0 };
    struct aws_credentials_cache *cache =
        aws_credentials_cache_new(aws_credentials_instance(&world->doors, NULL, STR("default")), &world->clock.clock);
    fake_transport_script(&world->transport, answers, ARRAY_LENGTH(answers));
    world->clock.wall_ms += 7 * HOUR_MS;
    const bool is_first = aws_credentials_cache_get(cache, &world->call, &got, &err);
    const bool is_second = aws_credentials_cache_get(cache, &world->call, &got, &err);
    const size_t requests = world->transport.request_count;
    world->clock.wall_ms += 5 * MINUTE_MS;
    const bool is_third = aws_credentials_cache_get(cache, &world->call, &got, &err);
    aws_credentials_cache_free(cache);
    assert_true(is_first && is_second && is_third);
    assert_int_equal(requests, 3);
    assert_int_equal(world->transport.request_count, 6);
}

/* aws-sdk-go-v2, credentials/ec2rolecreds: HandleFailToRefresh. */
static void the_last_keys_are_used_while_the_service_fails(void **state)
{
    static const struct fake_answer good[] = {
        TOKEN, { 200, .text = "r"  },
         { 200, .text = KEYS }
    };
    static const struct fake_answer bad[] = {
        { .status = 500, .repeats = REPEATS_FOR_EVER }
    };
    struct credentials_world *world = *state;
    struct aws_credentials got = { 0 };
    CLEANUP(err_clear) struct err err = { 0 };
    struct aws_credentials_cache *cache =
        aws_credentials_cache_new(aws_credentials_instance(&world->doors, NULL, STR("default")), &world->clock.clock);
    fake_transport_script(&world->transport, good, ARRAY_LENGTH(good));
    const bool is_first = aws_credentials_cache_get(cache, &world->call, &got, &err);
    fake_transport_script(&world->transport, bad, ARRAY_LENGTH(bad));
    aws_credentials_cache_drop(cache, STR("ASIA1")); /* AWS does not accept them */
    const bool is_refused = !aws_credentials_cache_get(cache, &world->call, &got, &err);
    world->clock.wall_ms += 7 * HOUR_MS;
    const bool is_last = aws_credentials_cache_get(cache, &world->call, &got, &err);
    aws_credentials_cache_free(cache);
    assert_true(is_first && is_refused && is_last);
    assert_str_equal(got.access_key_id, "ASIA1");
    assert_true(world->transport.request_count > 0);
}

static void the_last_keys_are_used_once_and_then_the_services_failure_is_seen(void **state)
{
    static const struct fake_answer good[] = {
        TOKEN, { 200, .text = "r"  },
         { 200, .text = KEYS }
    };
    static const struct fake_answer bad[] = {
        { .status = 500, .repeats = REPEATS_FOR_EVER }
    };
    struct credentials_world *world = *state;
    struct aws_credentials_cache *cache =
        aws_credentials_cache_new(aws_credentials_instance(&world->doors, NULL, STR("default")), &world->clock.clock);
    for (size_t i = 0; i < 2; i++) { /* keys that came since may be used once, too */
        struct aws_credentials got = { 0 };
        CLEANUP(err_clear) struct err err = { 0 };
        fake_transport_script(&world->transport, good, ARRAY_LENGTH(good));
        assert_true(aws_credentials_cache_get(cache, &world->call, &got, &err));
        fake_transport_script(&world->transport, bad, ARRAY_LENGTH(bad));
        aws_credentials_cache_drop(cache, STR("ASIA1"));
        world->clock.wall_ms = (int64_t)WORLD_START_S * SECOND_MS + 7 * HOUR_MS;
        assert_true(aws_credentials_cache_get(cache, &world->call, &got, &err));
        aws_credentials_cache_drop(cache, STR("ASIA1")); /* AWS does not accept them any more */
        assert_false(aws_credentials_cache_get(cache, &world->call, &got, &err));
        assert_non_null(strstr(err_text(&err), "HTTP status 500"));
        world->clock.wall_ms = (int64_t)WORLD_START_S * SECOND_MS;
    }
    aws_credentials_cache_free(cache);
}

static void a_service_that_has_given_keys_is_known_to_be_there(void **state)
{
    static const struct fake_answer answers[] = {
        TOKEN, { 200,         .text = "r"  },
         { 200,         .text = KEYS },
         { .status = 0, .repeats = 1 },
        TOKEN, { 200,         .text = "r"  },
         { 200,         .text = KEYS }
    };
    struct credentials_world *world = *state;
    struct aws_credentials got = { 0 };
    CLEANUP(err_clear) struct err err = { 0 };
    struct aws_credentials_source source = aws_credentials_instance(&world->doors, NULL, STR("default"));
    fake_transport_script(&world->transport, answers, ARRAY_LENGTH(answers));
    const bool is_first = source.fetch(source.self, &world->call, &got, &err);
    const bool is_second = source.fetch(source.self, &world->call, &got, &err);
    aws_credentials_source_clear(&source);
    assert_true(is_first);
    if (!is_second)
        fail_msg("%s", err_text(&err));
}

/* ---- Region ---- */

static bool find_region(struct credentials_world *world, const char *document, int status, struct str *out,
                        struct err *err)
{
    const struct fake_answer answers[] = {
        TOKEN, { status, .text = document }
    };
    fake_transport_script(&world->transport, answers, ARRAY_LENGTH(answers));
    return aws_instance_region(&world->doors, NULL, STR("default"), &world->call, out, err);
}

static void the_region_is_that_of_the_instance(void **state)
{
    struct credentials_world *world = *state;
    struct str region = { 0 };
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(
        find_region(world, "{\"accountId\": \"111122223333\", \"region\": \"eu-central-1\"}", 200, &region, &err));
    assert_str_equal(region, "eu-central-1");
    assert_str_equal(world->transport.requests[1].url, IDENTITY);
}

static void a_document_without_a_region_is_an_error(void **state)
{
    static const char *const documents[] = { "", "{}", "hush", "{\"region\": \"hush.example/\"}",
                                             "{\"region\": null}" };
    struct str region;
    for (size_t i = 0; i < ARRAY_LENGTH(documents); i++) {
        CLEANUP(err_clear) struct err err = { 0 };
        assert_false(find_region(*state, documents[i], 200, &region, &err));
        assert_string_equal(err_text(&err), "the instance identity document names no Region");
    }
    CLEANUP(err_clear) struct err err = { 0 };
    assert_false(find_region(*state, "", 404, &region, &err));
    assert_non_null(strstr(err_text(&err), "has no instance identity document"));
}

#define INSTANCE_TEST(function)                                                                                        \
    cmocka_unit_test_setup_teardown(function, credentials_world_setup, credentials_world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        INSTANCE_TEST(the_keys_of_the_first_role_are_taken),
        INSTANCE_TEST(a_service_that_has_answered_is_asked_again),
        INSTANCE_TEST(an_instance_without_a_role_has_none),
        INSTANCE_TEST(answers_that_hold_no_keys_are_explained_and_not_shown),
        INSTANCE_TEST(keys_without_a_code_are_taken),
        INSTANCE_TEST(keys_that_have_expired_are_used_for_a_while),
        INSTANCE_TEST(the_last_keys_are_used_while_the_service_fails),
        INSTANCE_TEST(the_last_keys_are_used_once_and_then_the_services_failure_is_seen),
        INSTANCE_TEST(a_service_that_has_given_keys_is_known_to_be_there),
        INSTANCE_TEST(the_region_is_that_of_the_instance),
        INSTANCE_TEST(a_document_without_a_region_is_an_error),
    };
    wire_json_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
