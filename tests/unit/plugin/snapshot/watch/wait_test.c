/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/watch/wait.h"

#include "tests/unit/plugin/snapshot/watch/fixture.h"

/* ---- Figures --------------------------------------------------------------- */

static void the_interval_is_a_tenth_of_the_age_from_2_to_30_seconds(void **state)
{
    static const struct {
        int64_t age_ms, low_ms, high_ms;
    } rows[] = {
        { 0,               1800,  2200  },
        { 19 * SECOND_MS,  1800,  2200  },
        { 20 * SECOND_MS,  1800,  2200  },
        { 100 * SECOND_MS, 9000,  11000 },
        { 5 * MINUTE_MS,   27000, 33000 },
        { 24 * HOUR_MS,    27000, 33000 },
        { INT64_MAX,       27000, 33000 },
        { -1,              1800,  2200  },
        { INT64_MIN,       1800,  2200  },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        assert_int_equal(wait_interval_ms(rows[i].age_ms, 0), rows[i].low_ms);
        assert_int_equal(wait_interval_ms(rows[i].age_ms, UINT32_MAX), rows[i].high_ms);
        int64_t middle = wait_interval_ms(rows[i].age_ms, UINT32_MAX / 2);
        assert_between(middle, rows[i].low_ms + 190, rows[i].high_ms - 190);
    }
}

static void network_and_throttling_pass_and_nothing_else(void **state)
{
    (void)state;
    for (enum err_kind kind = ERR_NONE; kind <= ERR_INTERNAL; kind++) {
        const struct err err = { .kind = kind };
        assert_int_equal(wait_is_passing(&err), kind == ERR_IO || kind == ERR_THROTTLED);
    }
}

/* ---- Tries ------------------------------------------------------------------- */

/* What the tries of a wait do, one after the other; the last one again and again. */
struct step {
    enum wait_verdict verdict;
    struct err says;
    bool is_even;
};

struct script {
    const struct step *steps;
    size_t count, used;
    struct str kept; /* of the last try that was answered: its own number, in the try's arena */
    struct str seen; /* what was kept, as the last try found it */
};

static enum wait_verdict next(struct wait *wait, const struct aws_call *call, struct err *err)
{
    struct script *script = wait->self;
    const struct step *step = &script->steps[script->used < script->count ? script->used : script->count - 1];
    script->seen = str_copy(wait->call->arena, script->kept.ptr ? script->kept : STR("nothing"));
    script->used++;
    if (step->verdict == WAIT_AGAIN)
        script->kept = str_format(call->arena, "try %zu", script->used);
    if (call->request_id && step->verdict != WAIT_DONE)
        *call->request_id = str_format(call->arena, "request %zu", script->used);
    wait->is_even = step->is_even;
    err_copy(err, &step->says);
    return step->verdict;
}

static bool run(struct aws_world *world, struct script *script)
{
    struct wait wait = { .call = &world->call, .try = next, .self = script };
    err_clear(&world->err);
    return wait_run(&wait, &world->err);
}

static const struct err refused = {
    .kind = ERR_THROTTLED,
    .parts = { [ERR_TEXT] = "Rate exceeded", [ERR_CODE] = "Throttling", [ERR_OPERATION] = "CopyDBSnapshot" },
};

static void a_wait_lasts_until_a_try_is_done(void **state)
{
    static const struct step steps[] = { { .verdict = WAIT_AGAIN },
                                         { .verdict = WAIT_AGAIN },
                                         { .verdict = WAIT_DONE } };
    struct aws_world *world = world_of(state);
    struct script script = { steps, ARRAY_LENGTH(steps), 0, STR(""), STR("") };
    assert_true(run(world, &script));
    assert_int_equal(script.used, 3);
    assert_between(passed_ms(world), 2 * 1800, 2 * 2200);
}

static void the_pace_is_even_where_several_wait_for_the_same(void **state)
{
    static const struct step steps[] = {
        { .verdict = WAIT_AGAIN, .is_even = true },
        { .verdict = WAIT_DONE }
    };
    struct aws_world *world = world_of(state);
    struct script script = { steps, ARRAY_LENGTH(steps), 0, STR(""), STR("") };
    assert_true(run(world, &script));
    assert_between(passed_ms(world), 27000, 33000);
}

static void what_a_try_found_lives_until_another_one_finds_something(void **state)
{
    static const struct step steps[] = { { .verdict = WAIT_AGAIN },
                                         { .verdict = WAIT_AGAIN_BLIND },
                                         { .verdict = WAIT_AGAIN_BLIND },
                                         { .verdict = WAIT_DONE } };
    struct aws_world *world = world_of(state);
    struct script script = { steps, ARRAY_LENGTH(steps), 0, STR(""), STR("") };
    assert_true(run(world, &script));
    assert_str_equal(script.seen, "try 1");
    assert_str_equal(script.kept, "try 1"); /* as long as the wait's own arena */
}

/* What a blind try was answered is given back with its memory. */
static void the_request_id_is_of_the_last_try_that_found_something(void **state)
{
    static const struct step steps[] = { { .verdict = WAIT_AGAIN },
                                         { .verdict = WAIT_AGAIN_BLIND },
                                         { .verdict = WAIT_DONE } };
    struct aws_world *world = world_of(state);
    struct script script = { steps, ARRAY_LENGTH(steps), 0, STR(""), STR("") };
    struct str request_id = STR("");
    world->call.request_id = &request_id;
    assert_true(run(world, &script));
    assert_str_equal(request_id, "request 1");
}

static void a_pause_ends_at_the_deadline_at_the_latest(void **state)
{
    static const struct step steps[] = { { .verdict = WAIT_AGAIN } };
    struct aws_world *world = world_of(state);
    struct script script = { steps, ARRAY_LENGTH(steps), 0, STR(""), STR("") };
    world->call.deadline_ms = world->clock.monotonic_ms + 1500;
    assert_false(run(world, &script));
    assert_int_equal(world->err.kind, ERR_TIMEOUT);
    assert_string_equal(err_text(&world->err), "the time limit has passed");
    assert_int_equal(passed_ms(world), 1500);
}

static void a_stop_ends_a_pause_at_once(void **state)
{
    static const struct step steps[] = { { .verdict = WAIT_AGAIN } };
    struct aws_world *world = world_of(state);
    struct script script = { steps, ARRAY_LENGTH(steps), 0, STR(""), STR("") };
    waiter_cancel(world->waiter);
    assert_false(run(world, &script));
    assert_int_equal(world->err.kind, ERR_CANCELLED);
    assert_int_equal(passed_ms(world), 0);
}

/* In a pause, in a call that was cut off; not where AWS refuses, or where the try says all by itself. */
static void the_end_tells_what_was_said_last(void **state)
{
    static const struct {
        struct step second;
        enum err_kind kind;
        const char *text, *code;
    } rows[] = {
        { { .verdict = WAIT_AGAIN,
            .says = { .kind = ERR_THROTTLED, .parts = { [ERR_TEXT] = "Rate exceeded", [ERR_CODE] = "Throttling" } } },
         ERR_TIMEOUT,   "the time limit has passed: Rate exceeded",
         "Throttling"   },
        { { .verdict = WAIT_ENDS, .says = { .kind = ERR_TIMEOUT, .parts = { [ERR_TEXT] = "no answer" } } },
         ERR_TIMEOUT,   "the time limit has passed: no answer; before that: Rate exceeded",
         "Throttling"   },
        { { .verdict = WAIT_ENDS, .says = { .kind = ERR_CANCELLED, .parts = { [ERR_TEXT] = "stopped" } } },
         ERR_CANCELLED, "stopped; before that: Rate exceeded",
         "Throttling"   },
        { { .verdict = WAIT_ENDS,
            .says = { .kind = ERR_DENIED, .parts = { [ERR_TEXT] = "no", [ERR_CODE] = "AccessDenied" } } },
         ERR_DENIED,    "no",
         "AccessDenied" },
        { { .verdict = WAIT_GIVES_UP, .says = { .kind = ERR_TIMEOUT, .parts = { [ERR_TEXT] = "no answer" } } },
         ERR_TIMEOUT,   "no answer",
         ""             },
    };
    struct aws_world *world = world_of(state);
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        const struct step steps[] = {
            { .verdict = WAIT_AGAIN, .says = refused },
            rows[i].second
        };
        struct script script = { steps, ARRAY_LENGTH(steps), 0, STR(""), STR("") };
        world->call.deadline_ms = world->clock.monotonic_ms + MINUTE_MS;
        assert_false(run(world, &script));
        if (world->err.kind != rows[i].kind || strcmp(err_text(&world->err), rows[i].text) != 0 ||
            strcmp(err_code(&world->err), rows[i].code) != 0)
            fail_msg("row %zu: %s, \"%s\", %s", i, err_kind_name(world->err.kind), err_text(&world->err),
                     err_code(&world->err));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_interval_is_a_tenth_of_the_age_from_2_to_30_seconds),
        cmocka_unit_test(network_and_throttling_pass_and_nothing_else),
        IN_A_WORLD(a_wait_lasts_until_a_try_is_done),
        IN_A_WORLD(the_pace_is_even_where_several_wait_for_the_same),
        IN_A_WORLD(what_a_try_found_lives_until_another_one_finds_something),
        IN_A_WORLD(the_request_id_is_of_the_last_try_that_found_something),
        IN_A_WORLD(a_pause_ends_at_the_deadline_at_the_latest),
        IN_A_WORLD(a_stop_ends_a_pause_at_once),
        IN_A_WORLD(the_end_tells_what_was_said_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
