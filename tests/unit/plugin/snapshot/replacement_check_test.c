/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/replacement_check.h"

#include "plugin/snapshot/replacement_note.h"
#include "tests/unit/plugin/snapshot/copy_apply_fixture.h"

#define ENABLED is_key(world->arena, KEY("k1"), "CUSTOMER", "Enabled")

static struct str note_of(struct snapshot_world *world, const char *arn)
{
    const struct replacement_note note = {
        .arn = str_from(arn), .policy = STR("delete"), .source_arn = STR(SNAPSHOT("a")), .kms_key_id = STR(KEY("k1"))
    };
    return replacement_note_text(world->arena, &note);
}

static bool begin_replacement(struct snapshot_world *world, const struct reencrypt_copy *prior, const char *new_arn)
{
    struct tf_apply apply = { .note = note_of(world, new_arn) };
    return run_apply(world, &reencrypt_copy_resource, NULL, prior, NULL, &apply);
}

/* What is deleted gives its place back where the new copy counts in the same quota, and nowhere else. */
static void the_old_copys_place_counts_where_the_new_one_will_be(void **state)
{
    static const struct {
        const char *new_arn;
        int used;
        bool goes_on;
    } rows[] = {
        { SNAPSHOT("renamed"),                                     100, true  },
        { SNAPSHOT("renamed"),                                     101, false },
        { "",                                                      100, true  }, /* a name not known yet */
        { "arn:aws:rds:us-east-1:111111111111:cluster-snapshot:t", 99,  true  },
        { "arn:aws:rds:us-east-1:111111111111:cluster-snapshot:t", 100, false },
    };
    struct snapshot_world *world = *state;
    const struct reencrypt_copy prior = copy_state();
    ANSWERS(world, CALLER, NOTHING); /* learns who it is */
    assert_true(begin_replacement(world, &prior, ""));
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        ANSWERS(world, OLD("available"), SOURCE("available"), ENABLED, quota(world->arena, rows[i].used, 100), DELETED,
                NOTHING);
        if (begin_replacement(world, &prior, rows[i].new_arn) != rows[i].goes_on)
            fail_msg("row %zu: %s", i, world->err.text);
        if (rows[i].goes_on)
            continue;
        assert_nothing_is_deleted(world);
        assert_err(world, ERR_CONFLICT, "is not deleted, because its replacement could not be made");
        assert_err(world, ERR_CONFLICT, "change source_version");
        assert_err(world, ERR_CONFLICT, "of 100 are used");
    }
}

/* The quota of instances (7 of 7 in these answers) is another one. */
static void a_new_kind_counts_in_its_own_quota(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy prior = copy_state();
    ANSWERS(world, CALLER, OLD("available"), SOURCE("available"), ENABLED, quota(world->arena, 1, 100));
    assert_false(begin_replacement(world, &prior, "arn:aws:rds:eu-west-1:111111111111:snapshot:t"));
    assert_err(world, ERR_CONFLICT, "quota of manual instance snapshots");
    assert_err(world, ERR_CONFLICT, "7 of 7");
}

/* Keys are regional: the one that counts is where the copy will be. */
static void key_and_quota_are_those_of_the_new_region(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy prior = copy_state();
    ANSWERS(world, CALLER, OLD("available"), SOURCE("available"), ENABLED, quota(world->arena, 1, 100), DELETED,
            NOTHING);
    assert_true(begin_replacement(world, &prior, "arn:aws:rds:us-east-1:111111111111:cluster-snapshot:t"));
    static const char *const hosts[] = { "sts.eu-west-1", "rds.eu-west-1", "rds.eu-west-1",
                                         "kms.us-east-1", "rds.us-east-1", "rds.eu-west-1" };
    for (size_t i = 0; i < ARRAY_LENGTH(hosts); i++)
        if (str_find(world->transport.requests[i].url, str_from(hosts[i])) < 0)
            fail_msg("request %zu: %.*s", i, STR_ARG(world->transport.requests[i].url));
}

static void a_stop_while_checking_deletes_nothing(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy prior = copy_state();
    struct fake_answer stopping = { .kind = ERR_CANCELLED, .cancels = world->call->waiter };
    ANSWERS(world, CALLER, OLD("available"), SOURCE("available"), ENABLED, stopping);
    assert_false(begin_replacement(world, &prior, SNAPSHOT("t")));
    assert_int_equal(world->err.kind, ERR_CANCELLED);
    assert_nothing_is_deleted(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ECHOED(the_old_copys_place_counts_where_the_new_one_will_be),
        ECHOED(a_new_kind_counts_in_its_own_quota),
        ECHOED(key_and_quota_are_those_of_the_new_region),
        ECHOED(a_stop_while_checking_deletes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
