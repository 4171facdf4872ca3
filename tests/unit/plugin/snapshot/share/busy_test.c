/* SPDX-License-Identifier: MPL-2.0
 *
 * A share of a snapshot that AWS calls busy.
 */
#include "tests/unit/plugin/snapshot/share/fixture.h"

#define BUSY refuses(world->arena, 400, "InvalidDBClusterSnapshotStateFault", "busy")
#define STATUS(text) describes(world->arena, (struct shown){ .name = "a", .status = text })

static void a_busy_snapshot_is_waited_for_whatever_is_done(void **state)
{
    struct snapshot_world *world = *state;
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, shared_snapshot(world, NULL), BUSY, STATUS("modifying"), STATUS("available"), BUSY,
            STATUS("available"), MODIFIED);
    assert_true(create(world, "222222222222", &apply));
    ANSWERS(world, shared_snapshot(world, NULL), BUSY, STATUS("available"), MODIFIED);
    assert_true(update(world, "222222222222", "333333333333", &apply));
    ANSWERS(world, BUSY, STATUS("available"), MODIFIED);
    assert_true(delete_share(world, "444444444444"));
}

static void a_busy_snapshot_is_waited_for_until_the_deadline_only(void **state)
{
    struct snapshot_world *world = *state;
    struct tf_apply apply = { 0 };
    struct fake_answer answers[400] = { CALLER, shared_snapshot(world, NULL) };
    for (size_t i = 2; i + 1 < ARRAY_LENGTH(answers); i += 2) {
        answers[i] = BUSY;
        answers[i + 1] = STATUS("available");
    }
    int64_t began_ms = world->clock.monotonic_ms;
    script_answers(world, answers, ARRAY_LENGTH(answers));
    assert_false(create(world, "222222222222", &apply));
    assert_err(world, ERR_TIMEOUT, "the time limit has passed: busy");
    assert_string_equal(err_code(&world->err), "InvalidDBClusterSnapshotStateFault");
    assert_int_equal(world->clock.monotonic_ms - began_ms, HOUR_MS);
}

static void a_busy_snapshot_that_fails_or_leaves_is_told(void **state)
{
    struct snapshot_world *world = *state;
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, shared_snapshot(world, NULL), BUSY, STATUS("failed"));
    assert_false(create(world, "222222222222", &apply));
    assert_err(world, ERR_CONFLICT, "its status is \"failed\"");
    assert_non_null(strstr(err_text(&world->err), "busy"));
    ANSWERS(world, BUSY, STATUS("failed"), STATUS("failed"));
    assert_false(delete_share(world, "444444444444"));
    assert_err(world, ERR_CONFLICT, "its status is \"failed\"");
}

static void what_is_being_deleted_takes_its_shares_along(void **state)
{
    struct snapshot_world *world = *state;
    ANSWERS(world, CALLER, BUSY, STATUS("deleting"), STATUS("deleting"));
    assert_true(delete_share(world, "444444444444"));
    ANSWERS(world, BUSY, STATUS("deleting"), knows_nothing(world->arena));
    assert_true(delete_share(world, "444444444444"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_WORLD(a_busy_snapshot_is_waited_for_whatever_is_done),
        IN_A_WORLD(a_busy_snapshot_is_waited_for_until_the_deadline_only),
        IN_A_WORLD(a_busy_snapshot_that_fails_or_leaves_is_told),
        IN_A_WORLD(what_is_being_deleted_takes_its_shares_along),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
