/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/credentials/cache.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "tests/support/fake_clock.h"
#include "tests/support/harness.h"
#include "tests/support/heap.h"

enum { START_WALL_MS = 1000 * 1000, THREADS = 16 };

/* Gives numbered credentials: "AK1", "AK2", ... */
struct fake_source {
    atomic_uint fetches;
    int64_t expires_wall_ms; /* of the next ones; 0: never */
    enum err_kind failure;   /* ERR_NONE: none */
    struct str key_id;       /* instead of the numbered one */
    struct str token;
    bool was_freed;
    bool takes_time;
    bool hangs; /* until it is stopped or its limit has passed */
};

static bool fake_fetch(void *self, const struct aws_credentials_call *call, struct aws_credentials *out,
                       struct err *err)
{
    struct fake_source *fake = self;
    unsigned number = atomic_fetch_add(&fake->fetches, 1) + 1;
    if (fake->hangs)
        return waiter_pause(call->waiter, call->deadline_ms, err) && err_set(err, ERR_TIMEOUT, "no answer");
    if (fake->takes_time) {
        CLEANUP(err_clear) struct err ignored = { 0 };
        (void)!waiter_pause(call->waiter, clock_after_ms(waiter_clock(call->waiter), 50), &ignored);
    }
    if (fake->failure != ERR_NONE)
        return err_set(err, fake->failure, "fetch %u failed", number);
    *out = (struct aws_credentials){
        .access_key_id = fake->key_id.ptr ? fake->key_id : str_format(call->arena, "AK%u", number),
        .secret_access_key = STR("secret"),
        .session_token = fake->token,
        .expires_wall_ms = fake->expires_wall_ms,
        .source = "a fake",
    };
    return true;
}

static void fake_free(void *self)
{
    ((struct fake_source *)self)->was_freed = true;
}

struct fixture {
    struct arena *arena;
    struct fake_clock clock;
    struct waiter *waiter;
    struct fake_source source;
    struct aws_credentials_cache *cache;
    struct aws_credentials_call call;
};

static int set_up(void **state)
{
    struct fixture *fixture = mem_alloc(sizeof(*fixture));
    fixture->arena = arena_new();
    fake_clock_init(&fixture->clock, START_WALL_MS);
    fixture->waiter = waiter_new(&fixture->clock.clock);
    fixture->source.token = STR("token");
    const struct aws_credentials_source source = { .fetch = fake_fetch, .free = fake_free, .self = &fixture->source };
    fixture->cache = aws_credentials_cache_new(source, &fixture->clock.clock);
    fixture->call =
        (struct aws_credentials_call){ .arena = fixture->arena, .waiter = fixture->waiter, .deadline_ms = CLOCK_NEVER };
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    aws_credentials_cache_free(fixture->cache);
    assert_true(fixture->source.was_freed);
    waiter_free(fixture->waiter);
    arena_free(fixture->arena);
    mem_free(fixture);
    return 0;
}

static void assert_gets(struct fixture *fixture, const char *key_id)
{
    struct aws_credentials got;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(aws_credentials_cache_get(fixture->cache, &fixture->call, &got, &err));
    assert_str_equal(got.access_key_id, key_id);
    assert_str_equal(got.secret_access_key, "secret");
    assert_string_equal(got.source, "a fake");
}

static void assert_fails(struct fixture *fixture, enum err_kind kind)
{
    struct aws_credentials got = { .source = "untouched" };
    CLEANUP(err_clear) struct err err = { 0 };
    assert_false(aws_credentials_cache_get(fixture->cache, &fixture->call, &got, &err));
    assert_int_equal(err.kind, kind);
    assert_string_equal(got.source, "untouched");
}

static void credentials_without_expiry_are_fetched_once(void **state)
{
    struct fixture *fixture = *state;
    assert_gets(fixture, "AK1");
    fake_clock_advance(&fixture->clock, 1000 * (int64_t)HOUR_MS);
    assert_gets(fixture, "AK1");
    assert_int_equal(fixture->source.fetches, 1);
}

static void the_result_is_a_copy(void **state)
{
    struct fixture *fixture = *state;
    struct aws_credentials got;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(aws_credentials_cache_get(fixture->cache, &fixture->call, &got, &err));
    aws_credentials_cache_drop(fixture->cache, STR("AK1")); /* wipes the cache's own */
    assert_gets(fixture, "AK2");
    assert_str_equal(got.access_key_id, "AK1");
    assert_str_equal(got.session_token, "token");
}

static void long_lived_ones_are_refreshed_ten_minutes_early(void **state)
{
    struct fixture *fixture = *state;
    fixture->source.expires_wall_ms = START_WALL_MS + HOUR_MS;
    assert_gets(fixture, "AK1");
    fake_clock_advance(&fixture->clock, 50 * MINUTE_MS - 1);
    assert_gets(fixture, "AK1");
    fixture->source.expires_wall_ms = START_WALL_MS + 2 * HOUR_MS;
    fake_clock_advance(&fixture->clock, 1);
    assert_gets(fixture, "AK2");
}

static void short_lived_ones_are_refreshed_in_their_last_quarter(void **state)
{
    struct fixture *fixture = *state;
    fixture->source.expires_wall_ms = START_WALL_MS + 4 * MINUTE_MS;
    assert_gets(fixture, "AK1");
    fake_clock_advance(&fixture->clock, 3 * MINUTE_MS - 1);
    assert_gets(fixture, "AK1");
    fixture->source.expires_wall_ms = START_WALL_MS + HOUR_MS;
    fake_clock_advance(&fixture->clock, 1);
    assert_gets(fixture, "AK2");
}

static void old_ones_are_used_while_an_early_refresh_fails(void **state)
{
    struct fixture *fixture = *state;
    fixture->source.expires_wall_ms = START_WALL_MS + HOUR_MS;
    assert_gets(fixture, "AK1");
    fixture->source.failure = ERR_IO;
    fake_clock_advance(&fixture->clock, 55 * MINUTE_MS);
    assert_gets(fixture, "AK1");
    assert_gets(fixture, "AK1");
    assert_int_equal(fixture->source.fetches, 2); /* the second try comes a minute later */
    fake_clock_advance(&fixture->clock, MINUTE_MS);
    assert_gets(fixture, "AK1");
    assert_int_equal(fixture->source.fetches, 3);
    fake_clock_advance(&fixture->clock, 4 * MINUTE_MS);
    assert_fails(fixture, ERR_IO); /* now they have expired */
}

static void a_failure_is_not_remembered(void **state)
{
    struct fixture *fixture = *state;
    fixture->source.failure = ERR_THROTTLED;
    assert_fails(fixture, ERR_THROTTLED);
    fixture->source.failure = ERR_NONE;
    assert_gets(fixture, "AK2");
}

static void dropped_ones_are_fetched_anew_unless_already_replaced(void **state)
{
    struct fixture *fixture = *state;
    assert_gets(fixture, "AK1");
    aws_credentials_cache_drop(fixture->cache, STR("AK0"));
    assert_gets(fixture, "AK1");
    aws_credentials_cache_drop(fixture->cache, STR("AK1"));
    aws_credentials_cache_drop(fixture->cache, STR("AK1"));
    assert_gets(fixture, "AK2");
    aws_credentials_cache_drop(fixture->cache, STR("AK1")); /* somebody late */
    assert_gets(fixture, "AK2");
}

static void a_wrong_local_clock_does_not_stop_everything(void **state)
{
    struct fixture *fixture = *state;
    fixture->source.expires_wall_ms = START_WALL_MS - HOUR_MS;
    assert_gets(fixture, "AK1");
    assert_gets(fixture, "AK1");
    fake_clock_advance(&fixture->clock, 5 * MINUTE_MS);
    assert_gets(fixture, "AK2");
}

static void what_could_break_a_header_is_refused_without_showing_it(void **state)
{
    static const char *const refused[] = { "", "AK\nX-Evil: 1", "AK 1", "AK\x7f", "AK\xc3\xa9" };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(refused); i++) {
        struct aws_credentials got;
        CLEANUP(err_clear) struct err err = { 0 };
        fixture->source.key_id = str_from(refused[i]);
        assert_false(aws_credentials_cache_get(fixture->cache, &fixture->call, &got, &err));
        assert_int_equal(err.kind, ERR_INVALID);
        assert_null(strstr(err_text(&err), "AK"));
    }
}

/* The secret in its place is base64; quotes and placeholders come from files of variables. */
static void what_is_no_key_id_is_refused_without_showing_it(void **state)
{
    static const char *const refused[] = { "\"AK\"", "'AK'", "${AK}", "$AK", "<AK>", "AK/secret", "AK,1", "AK=" };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(refused); i++) {
        struct aws_credentials got;
        CLEANUP(err_clear) struct err err = { 0 };
        fixture->source.key_id = str_from(refused[i]);
        assert_false(aws_credentials_cache_get(fixture->cache, &fixture->call, &got, &err));
        assert_int_equal(err.kind, ERR_INVALID);
        assert_null(strstr(err_text(&err), "AK"));
        assert_non_null(strstr(err_remedy(&err), "placeholder"));
    }
}

static void a_key_id_of_an_imitation_is_taken(void **state)
{
    static const char *const taken[] = { "test", "mock_access_key", "mock-access.key", "000000000000" };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(taken); i++) {
        struct aws_credentials got;
        CLEANUP(err_clear) struct err err = { 0 };
        fixture->source.key_id = str_from(taken[i]);
        assert_true(aws_credentials_cache_get(fixture->cache, &fixture->call, &got, &err));
        assert_str_equal(got.access_key_id, taken[i]);
        aws_credentials_cache_drop(fixture->cache, got.access_key_id);
    }
}

static void a_missing_token_is_allowed(void **state)
{
    struct fixture *fixture = *state;
    fixture->source.token = (struct str){ 0 };
    assert_gets(fixture, "AK1");
}

static void a_source_that_hangs_is_given_up_after_minutes(void **state)
{
    struct fixture *fixture = *state;
    const int64_t began_ms = fixture->clock.monotonic_ms;
    fixture->source.hangs = true;
    assert_fails(fixture, ERR_IO); /* nobody's deadline but the fetch's own */
    assert_int_equal(fixture->clock.monotonic_ms - began_ms, 5 * MINUTE_MS);
}

static void a_stop_ends_a_source_that_hangs(void **state)
{
    struct fixture *fixture = *state;
    const int64_t began_ms = fixture->clock.monotonic_ms;
    fixture->source.hangs = true;
    waiter_cancel(fixture->waiter);
    assert_fails(fixture, ERR_CANCELLED);
    assert_int_equal(fixture->clock.monotonic_ms, began_ms);
}

/* ---- threads ---- */

struct crowd {
    struct clock_scale scale;
    struct clock clock;
    struct fake_source source;
    struct aws_credentials_cache *cache;
    atomic_uint successes;
    atomic_uint failures;
    bool drops;
};

static void crowd_init(struct crowd *crowd)
{
    crowd->scale.factor = 1;
    crowd->clock = clock_real(&crowd->scale);
    const struct aws_credentials_source source = { .fetch = fake_fetch, .free = fake_free, .self = &crowd->source };
    crowd->cache = aws_credentials_cache_new(source, &crowd->clock);
}

static void *get_once(void *argument)
{
    struct crowd *crowd = argument;
    struct arena *arena = arena_new();
    struct waiter *waiter = waiter_new(&crowd->clock);
    const struct aws_credentials_call call = { .arena = arena, .waiter = waiter, .deadline_ms = CLOCK_NEVER };
    for (unsigned round = 0; round < (crowd->drops ? 200U : 1U); round++) {
        struct aws_credentials got;
        CLEANUP(err_clear) struct err err = { 0 };
        bool is_done = aws_credentials_cache_get(crowd->cache, &call, &got, &err);
        atomic_fetch_add(is_done ? &crowd->successes : &crowd->failures, 1);
        if (is_done && crowd->drops)
            aws_credentials_cache_drop(crowd->cache, got.access_key_id);
    }
    waiter_free(waiter);
    arena_free(arena);
    return NULL;
}

static void run_crowd(struct crowd *crowd)
{
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, get_once, crowd), 0);
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    aws_credentials_cache_free(crowd->cache);
}

static void many_threads_cause_one_fetch(void **state)
{
    struct crowd crowd = { .source.takes_time = true };
    (void)state;
    crowd_init(&crowd);
    run_crowd(&crowd);
    assert_int_equal(crowd.source.fetches, 1);
    assert_int_equal(crowd.successes, THREADS);
}

static void many_threads_share_one_failure(void **state)
{
    struct crowd crowd = {
        .source = { .takes_time = true, .failure = ERR_DENIED }
    };
    (void)state;
    crowd_init(&crowd);
    run_crowd(&crowd);
    assert_int_equal(crowd.failures, THREADS);
    assert_true(crowd.source.fetches < THREADS); /* whoever came while it flew has its result */
}

static void threads_that_drop_and_get_at_once_are_all_served(void **state)
{
    struct crowd crowd = { .drops = true };
    (void)state;
    crowd_init(&crowd);
    run_crowd(&crowd);
    assert_int_equal(crowd.successes, THREADS * 200);
    assert_int_equal(crowd.failures, 0);
}

static bool fetch_secret(void *self, const struct aws_credentials_call *call, struct aws_credentials *out,
                         struct err *err)
{
    const struct str secret = heap_secret(call->arena);
    (void)self, (void)err;
    *out = (struct aws_credentials){ .access_key_id = STR("AKIA"),
                                     .secret_access_key = secret,
                                     .session_token = secret,
                                     .kind = "profile",
                                     .source = "a test" };
    return true;
}

static void what_is_freed_is_wiped(void **state)
{
    struct fixture *fixture = *state;
    struct aws_credentials got;
    CLEANUP(err_clear) struct err err = { 0 };
    if (!heap_is_known())
        skip();
    const struct aws_credentials_source source = { .fetch = fetch_secret };
    struct aws_credentials_cache *cache = aws_credentials_cache_new(source, &fixture->clock.clock);
    struct aws_credentials_call call = fixture->call;
    call.arena = arena_new();
    assert_true(aws_credentials_cache_get(cache, &call, &got, &err));
    arena_free(call.arena);
    assert_true(heap_has_secret()); /* the cache's */
    aws_credentials_cache_free(cache);
    assert_false(heap_has_secret());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(credentials_without_expiry_are_fetched_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_result_is_a_copy, set_up, tear_down),
        cmocka_unit_test_setup_teardown(long_lived_ones_are_refreshed_ten_minutes_early, set_up, tear_down),
        cmocka_unit_test_setup_teardown(short_lived_ones_are_refreshed_in_their_last_quarter, set_up, tear_down),
        cmocka_unit_test_setup_teardown(old_ones_are_used_while_an_early_refresh_fails, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_failure_is_not_remembered, set_up, tear_down),
        cmocka_unit_test_setup_teardown(dropped_ones_are_fetched_anew_unless_already_replaced, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_wrong_local_clock_does_not_stop_everything, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_could_break_a_header_is_refused_without_showing_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_key_id_is_refused_without_showing_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_key_id_of_an_imitation_is_taken, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_missing_token_is_allowed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_source_that_hangs_is_given_up_after_minutes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_stop_ends_a_source_that_hangs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_freed_is_wiped, set_up, tear_down),
        cmocka_unit_test(many_threads_cause_one_fetch),
        cmocka_unit_test(many_threads_share_one_failure),
        cmocka_unit_test(threads_that_drop_and_get_at_once_are_all_served),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
