/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/copy/apply/send.h"

#include "tests/unit/plugin/snapshot/copy/apply/fixture.h"

#define REFUSED(code, message) refuses(world->arena, 400, code, message)
#define TAKEN REFUSED("DBClusterSnapshotAlreadyExistsFault", "t already exists")
#define BUSY REFUSED("InvalidDBClusterSnapshotStateFault", "it is busy")

/* Two answers again and again, after those that are there. */
static void script_pairs(struct snapshot_world *world, struct fake_answer *answers, size_t count, size_t used,
                         struct fake_answer first, struct fake_answer second)
{
    for (; used + 1 < count; used += 2) {
        answers[used] = first;
        answers[used + 1] = second;
    }
    script_answers(world, answers, used);
}

/* ---- A name that is taken by nothing --------------------------------------- */

static void a_deletion_that_is_not_known_everywhere_is_waited_for(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, NOTHING, SOURCE("available"), GOOD_KEY, TAKEN, NOTHING, TAKEN, OLD("deleting"), COPIED,
            COPY("available"));
    assert_true(create(world, &config, &apply));
}

static void and_for_minutes_only(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    struct fake_answer answers[128] = { CALLER, NOTHING, SOURCE("available"), GOOD_KEY };
    script_pairs(world, answers, ARRAY_LENGTH(answers) - 1, 4, TAKEN, NOTHING);
    int64_t began_ms = world->clock.monotonic_ms;
    assert_false(create(world, &config, &apply));
    assert_err(world, ERR_CONFLICT, "t already exists");
    assert_string_equal(err_code(&world->err), "DBClusterSnapshotAlreadyExistsFault");
    assert_between(world->clock.monotonic_ms - began_ms, 5 * MINUTE_MS, 6 * MINUTE_MS);
}

static void failures_in_between_do_not_make_it_longer(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    struct fake_answer answers[400] = { CALLER, NOTHING, SOURCE("available"), GOOD_KEY };
    for (size_t used = 4; used + 3 < ARRAY_LENGTH(answers); used += 3) {
        answers[used] = TAKEN;
        answers[used + 1] = NOTHING;
        answers[used + 2] = REFUSED("Throttling", "Rate exceeded");
    }
    int64_t began_ms = world->clock.monotonic_ms;
    script_answers(world, answers, ARRAY_LENGTH(answers) - 1);
    assert_false(create(world, &config, &apply));
    assert_err(world, ERR_CONFLICT, "t already exists");
    /* Two pauses of at most 33 s lie between two refusals. */
    assert_between(world->clock.monotonic_ms - began_ms, 5 * MINUTE_MS, 5 * MINUTE_MS + 66 * SECOND_MS);
}

/* ---- Busy ------------------------------------------------------------------- */

static void a_busy_source_is_waited_for_until_it_is_available(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, NOTHING, SOURCE("available"), GOOD_KEY, BUSY, repeated(SOURCE("modifying"), 400),
            SOURCE("available"), BUSY, SOURCE("available"), COPIED, COPY("available"));
    assert_true(create(world, &config, &apply));
    assert_true(world->clock.monotonic_ms - 1000000 > 3 * HOUR_MS);
}

static void a_busy_source_is_looked_at_in_its_own_region(void **state)
{
    struct snapshot_world *world = *state;
    struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    config.source_snapshot_identifier = text("arn:aws:rds:us-east-1:111111111111:cluster-snapshot:a");
    ANSWERS(world, CALLER, NOTHING, SOURCE("available"), GOOD_KEY, BUSY, SOURCE("available"), COPIED,
            COPY("available"));
    assert_true(create(world, &config, &apply));
    assert_true(is_in_body(world, 4, "Action=CopyDBClusterSnapshot"));
    assert_true(str_find(world->transport.requests[5].url, STR("rds.us-east-1.")) >= 0);
}

static void a_source_that_is_lost_while_it_is_busy_ends_the_wait(void **state)
{
    static const char *const lost[] = { "deleting", "failed" };
    struct snapshot_world *world = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(lost); i++) {
        struct tf_apply apply = { 0 };
        fake_clock_advance(&world->clock, MINUTE_MS); /* what was seen is asked for again */
        if (i == 0)
            ANSWERS(world, CALLER, NOTHING, SOURCE("available"), GOOD_KEY, BUSY, SOURCE("deleting"),
                    SOURCE("deleting"));
        else
            ANSWERS(world, NOTHING, SOURCE("available"), GOOD_KEY, BUSY, SOURCE(lost[i]), SOURCE(lost[i]));
        const struct reencrypt_copy config = copy_config();
        assert_false(create(world, &config, &apply));
        assert_err(world, ERR_CONFLICT, "AWS did not accept the copy (it is busy): ");
        assert_err(world, ERR_CONFLICT, lost[i]);
    }
}

/* Whose source is looked at before the next Copy call. */
static void a_look_that_the_time_limit_cuts_off_leaves_the_refusal(void **state)
{
    struct snapshot_world *world = *state;
    struct timeouts timeouts = { .create = text("1m") };
    struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    config.timeouts = (struct tf_blocks_timeouts){ TF_KNOWN, &timeouts, 1 };
    ANSWERS(world, CALLER, NOTHING, SOURCE("available"), GOOD_KEY, BUSY,
            { .kind = ERR_TIMEOUT, .takes_ms = MINUTE_MS });
    assert_false(create(world, &config, &apply));
    assert_err(world, ERR_TIMEOUT, "AWS did not accept the copy: the time limit has passed: it is busy");
    assert_string_equal(err_code(&world->err), "InvalidDBClusterSnapshotStateFault");
    assert_string_equal(err_part(&world->err, ERR_OPERATION), "CopyDBClusterSnapshot");
}

static void what_is_busy_though_it_is_available_is_given_an_hour(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    struct fake_answer answers[400] = { CALLER, NOTHING, SOURCE("available"), GOOD_KEY };
    script_pairs(world, answers, ARRAY_LENGTH(answers), 4, BUSY, SOURCE("available"));
    int64_t began_ms = world->clock.monotonic_ms;
    assert_false(create(world, &config, &apply));
    assert_err(world, ERR_CONFLICT, "it is busy");
    assert_between(world->clock.monotonic_ms - began_ms, HOUR_MS, HOUR_MS + MINUTE_MS);
}

/* AWS's pages disagree about an unencrypted source: it may never be copied. */
static void the_same_of_a_source_that_rds_may_refuse_is_given_minutes(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    struct shown source = shown_source("available");
    source.key = NULL;
    source.is_plain = true;
    const struct fake_answer plain = describes(world->arena, source);
    struct fake_answer answers[400] = { CALLER, NOTHING, plain, GOOD_KEY };
    script_pairs(world, answers, ARRAY_LENGTH(answers), 4, BUSY, plain);
    int64_t began_ms = world->clock.monotonic_ms;
    assert_false(create(world, &config, &apply));
    assert_err(world, ERR_CONFLICT, "it is busy");
    assert_non_null(strstr(err_remedy(&world->err), "\n\nA possible cause: " SNAPSHOT("a") " is not encrypted"));
    assert_between(world->clock.monotonic_ms - began_ms, 5 * MINUTE_MS, 6 * MINUTE_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ECHOED(a_deletion_that_is_not_known_everywhere_is_waited_for),
        ECHOED(and_for_minutes_only),
        ECHOED(failures_in_between_do_not_make_it_longer),
        ECHOED(a_busy_source_is_waited_for_until_it_is_available),
        ECHOED(a_busy_source_is_looked_at_in_its_own_region),
        ECHOED(a_source_that_is_lost_while_it_is_busy_ends_the_wait),
        ECHOED(a_look_that_the_time_limit_cuts_off_leaves_the_refusal),
        ECHOED(what_is_busy_though_it_is_available_is_given_an_hour),
        ECHOED(the_same_of_a_source_that_rds_may_refuse_is_given_minutes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
