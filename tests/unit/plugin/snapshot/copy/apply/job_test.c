/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/copy/apply/job.h"

#include "tests/unit/plugin/snapshot/copy/apply/fixture.h"

/* ---- KMS out of reach --------------------------------------------------------- */

static void without_kms_a_copy_is_left_to_rds_after_minutes(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    const struct fake_answer outage = { .kind = ERR_IO, .takes_ms = 6 * MINUTE_MS };
    ANSWERS(world, CALLER, NOTHING, SOURCE("available"), { .kind = ERR_IO }, outage, outage, COPIED, COPY("available"));
    assert_true(create(world, &config, &apply));
    memory_forget(account_memory(world->call), MEMORY_CLAIMED, STR(SNAPSHOT("t")));
    ANSWERS(
        world, NOTHING, SOURCE("available"), outage, outage,
        repeated(refuses(world->arena, 400, "KMSKeyNotAccessibleFault", "The target KMS key [x]"), REPEATS_FOR_EVER));
    assert_false(create(world, &config, &apply));
    assert_non_null(strstr(err_remedy(&world->err), "Before the copy, the key could not be looked at (DescribeKey: "));
}

/* Hours later, when the source has come, KMS can be reached again. */
static void a_later_look_ends_the_doubt_of_an_earlier_one(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    const struct fake_answer outage = { .kind = ERR_IO, .takes_ms = 6 * MINUTE_MS };
    ANSWERS(
        world, CALLER, NOTHING, SOURCE("creating"), outage, outage, SOURCE("available"), GOOD_KEY,
        repeated(refuses(world->arena, 400, "KMSKeyNotAccessibleFault", "The target KMS key [x]"), REPEATS_FOR_EVER));
    assert_false(create(world, &config, &apply));
    assert_string_equal(err_code(&world->err), "KMSKeyNotAccessibleFault");
    assert_null(strstr(err_remedy(&world->err), "could not be looked at"));
}

/* A way to KMS on which everything gets lost: each look ends by itself. */
static void a_look_without_an_answer_is_left_in_time(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    const struct fake_answer own = own_key(world->arena, KEY("k1"), "SYMMETRIC_DEFAULT", "Enabled");
    struct fake_answer held = own; /* good, but too late */
    held.takes_ms = 2 * MINUTE_MS + SECOND_MS;
    ANSWERS(world, CALLER, NOTHING, SOURCE("available"), repeated(held, 2), held, COPIED, COPY("available"));
    assert_true(create(world, &config, &apply));
    memory_forget(account_memory(world->call), MEMORY_CLAIMED, STR(SNAPSHOT("t")));
    ANSWERS(world, NOTHING, SOURCE("available"), held, own, held, COPIED, COPY("available"));
    assert_true(create(world, &config, &apply));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ECHOED(without_kms_a_copy_is_left_to_rds_after_minutes),
        ECHOED(a_later_look_ends_the_doubt_of_an_earlier_one),
        ECHOED(a_look_without_an_answer_is_left_in_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
