/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/credentials/sources.h"

#include <string.h>

#include "tests/support/fake_sts.h"
#include "tests/support/harness.h"

static const struct sts_assume_role_options first_role = {
    .role_arn = { "arn:aws:iam::1:role/first", 25 }
};
static const struct sts_assume_role_options second_role = {
    .role_arn = { "arn:aws:iam::2:role/second", 26 }
};

static struct aws_credentials_cache *static_cache(struct credentials_world *world)
{
    return aws_credentials_cache_new(aws_credentials_static(STR("AKIA"), STR("secret"), STR("")), &world->clock.clock);
}

/* A cache over roles assumed one with the other. */
static struct aws_credentials_cache *chained_cache(struct credentials_world *world)
{
    struct aws_credentials_source first = aws_credentials_assume_role(&world->doors, static_cache(world), &first_role);
    struct aws_credentials_cache *below = aws_credentials_cache_new(first, &world->clock.clock);
    struct aws_credentials_source second = aws_credentials_assume_role(&world->doors, below, &second_role);
    return aws_credentials_cache_new(second, &world->clock.clock);
}

static void a_role_is_assumed_with_the_base_credentials(void **state)
{
    struct credentials_world *world = *state;
    struct aws_credentials_source source = aws_credentials_assume_role(&world->doors, static_cache(world), &first_role);
    struct aws_credentials got;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(source.fetch(source.self, &world->call, &got, &err));
    assert_str_equal(world->sts.with_key_id, "AKIA");
    assert_str_equal(got.access_key_id, "ASIA1");
    assert_string_equal(got.source, "the role arn:aws:iam::1:role/first");
    assert_true(got.expires_wall_ms == ((int64_t)WORLD_START_S + 3600) * 1000);
    aws_credentials_source_clear(&source);
}

static void roles_are_chained_and_each_is_refreshed_when_its_time_comes(void **state)
{
    struct credentials_world *world = *state;
    struct aws_credentials_cache *cache = chained_cache(world);
    struct aws_credentials got;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(aws_credentials_cache_get(cache, &world->call, &got, &err));
    assert_str_equal(world->sts.with_key_id, "ASIA1");
    assert_str_equal(got.access_key_id, "ASIA2");
    assert_true(aws_credentials_cache_get(cache, &world->call, &got, &err));
    assert_int_equal(world->sts.calls, 2);
    fake_clock_advance(&world->clock, 51 * MINUTE_MS);
    assert_true(aws_credentials_cache_get(cache, &world->call, &got, &err));
    assert_int_equal(world->sts.calls, 4); /* the first role, then the second with it */
    assert_str_equal(world->sts.with_key_id, "ASIA3");
    assert_str_equal(got.access_key_id, "ASIA4");
    aws_credentials_cache_free(cache);
}

static void a_role_ends_with_what_is_below_it(void **state)
{
    struct credentials_world *world = *state;
    const struct aws_web_identity_options token = { .doors = &world->doors, .token = STR("t"), .role = &second_role };
    const struct {
        struct aws_credentials_source base;
        const char *base_kind;
        int64_t ends_wall_ms;
        const char *renewal; /* the beginning; NULL: none */
    } rows[] = {
        { aws_credentials_static(STR("AKIA"), STR("s"), STR("")), "arguments", AWS_ENDS_NEVER, NULL },
        { aws_credentials_static(STR("ASIA"), STR("s"), STR("t")), "arguments", AWS_ENDS_UNKNOWN, NULL },
        { aws_credentials_web_identity(&token), "web-identity", ((int64_t)WORLD_START_S + 3600) * SECOND_MS,
         "give the token in a file" },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct aws_credentials got;
        CLEANUP(err_clear) struct err err = { 0 };
        struct aws_credentials_cache *base = aws_credentials_cache_new(rows[i].base, &world->clock.clock);
        struct aws_credentials_source role = aws_credentials_assume_role(&world->doors, base, &first_role);
        assert_true(role.fetch(role.self, &world->call, &got, &err));
        assert_string_equal(got.kind, "assume-role");
        assert_string_equal(got.base_kind, rows[i].base_kind);
        assert_true(got.ends_wall_ms == rows[i].ends_wall_ms);
        assert_true(!got.renewal == !rows[i].renewal);
        if (rows[i].renewal)
            assert_true(str_starts_with(str_from(got.renewal), str_from(rows[i].renewal)));
        aws_credentials_source_clear(&role);
    }
}

static void expired_base_credentials_are_fetched_anew_once(void **state)
{
    struct credentials_world *world = *state;
    struct aws_credentials_cache *cache = chained_cache(world);
    struct aws_credentials got;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(aws_credentials_cache_get(cache, &world->call, &got, &err));
    aws_credentials_cache_drop(cache, got.access_key_id);
    world->sts.failures[0] = ERR_DENIED;
    world->sts.failure_code = "ExpiredToken";
    assert_true(aws_credentials_cache_get(cache, &world->call, &got, &err));
    assert_int_equal(world->sts.calls, 5); /* refused, the first role again, the second */
    aws_credentials_cache_drop(cache, got.access_key_id);
    for (size_t i = 0; i < 3; i++)
        world->sts.failures[i] = ERR_DENIED;
    assert_false(aws_credentials_cache_get(cache, &world->call, &got, &err));
    assert_int_equal(err.kind, ERR_DENIED);
    aws_credentials_cache_free(cache);
}

static void what_is_fetched_anew_is_on_the_trail_once(void **state)
{
    struct credentials_world *world = *state;
    struct aws_credentials_cache *cache = aws_credentials_cache_new(
        aws_credentials_assume_role(&world->doors, static_cache(world), &first_role), &world->clock.clock);
    struct aws_credentials_trail trail = { .arena = world->arena };
    struct aws_credentials_call call = world->call;
    struct aws_credentials got;
    struct str text = STR("");
    CLEANUP(err_clear) struct err err = { 0 };
    call.trail = &trail;
    world->sts.failures[0] = ERR_DENIED;
    world->sts.failure_code = "ExpiredToken";
    assert_true(aws_credentials_cache_get(cache, &call, &got, &err));
    aws_credentials_cache_free(cache);
    for (const struct aws_credentials_step *step = trail.first; step; step = step->next)
        str_join(world->arena, &text, "; ", "%.*s", STR_ARG(step->text));
    assert_int_equal(world->sts.calls, 2);
    assert_str_equal(text, "the provider's arguments; the role arn:aws:iam::1:role/first");
}

static void a_refusal_names_the_roles_on_the_way(void **state)
{
    struct credentials_world *world = *state;
    struct aws_credentials_cache *cache = chained_cache(world);
    struct aws_credentials got;
    CLEANUP(err_clear) struct err err = { 0 };
    world->sts.failures[0] = ERR_DENIED;
    world->sts.failure_code = "AccessDenied";
    assert_false(aws_credentials_cache_get(cache, &world->call, &got, &err));
    assert_int_equal(err.kind, ERR_DENIED);
    assert_string_equal(err_text(&err), "assuming the role arn:aws:iam::2:role/second: assuming the role "
                                        "arn:aws:iam::1:role/first: refused by the fake");
    assert_string_equal(err_code(&err), "AccessDenied");
    assert_int_equal(world->sts.calls, 1);
    aws_credentials_cache_free(cache);
}

static void a_role_without_an_arn_is_refused(void **state)
{
    struct credentials_world *world = *state;
    const struct sts_assume_role_options no_arn = { 0 };
    struct aws_credentials_source source = aws_credentials_assume_role(&world->doors, static_cache(world), &no_arn);
    struct aws_credentials got;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_false(source.fetch(source.self, &world->call, &got, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    assert_int_equal(world->sts.calls, 0);
    aws_credentials_source_clear(&source);
}

static void an_answer_with_a_damaged_time_is_refused(void **state)
{
    struct credentials_world *world = *state;
    struct aws_credentials_cache *cache = chained_cache(world);
    struct aws_credentials got;
    CLEANUP(err_clear) struct err err = { 0 };
    world->sts.expiration = STR("2026-02-30T00:00:00Z");
    assert_false(aws_credentials_cache_get(cache, &world->call, &got, &err));
    assert_int_equal(err.kind, ERR_IO);
    aws_credentials_cache_free(cache);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_role_is_assumed_with_the_base_credentials, credentials_world_setup,
                                        credentials_world_teardown),
        cmocka_unit_test_setup_teardown(roles_are_chained_and_each_is_refreshed_when_its_time_comes,
                                        credentials_world_setup, credentials_world_teardown),
        cmocka_unit_test_setup_teardown(a_role_ends_with_what_is_below_it, credentials_world_setup,
                                        credentials_world_teardown),
        cmocka_unit_test_setup_teardown(expired_base_credentials_are_fetched_anew_once, credentials_world_setup,
                                        credentials_world_teardown),
        cmocka_unit_test_setup_teardown(what_is_fetched_anew_is_on_the_trail_once, credentials_world_setup,
                                        credentials_world_teardown),
        cmocka_unit_test_setup_teardown(a_refusal_names_the_roles_on_the_way, credentials_world_setup,
                                        credentials_world_teardown),
        cmocka_unit_test_setup_teardown(a_role_without_an_arn_is_refused, credentials_world_setup,
                                        credentials_world_teardown),
        cmocka_unit_test_setup_teardown(an_answer_with_a_damaged_time_is_refused, credentials_world_setup,
                                        credentials_world_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
