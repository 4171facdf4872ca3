/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/copy/other_data.h"

#include "tests/unit/plugin/snapshot/copy/fixture.h"

#define INSTANCE(name) "arn:aws:rds:eu-west-1:111111111111:snapshot:" name

static void assert_remedy(const struct snapshot_world *world, const char *part)
{
    if (!strstr(err_remedy(&world->err), part))
        fail_msg("\"%s\" is not in \"%s\"", part, err_remedy(&world->err));
}

static void refuse(struct snapshot_world *world, const struct reencrypt_copy *prior)
{
    err_clear(&world->err);
    assert_false(other_data_refuse(world->arena, prior, "kms_key_id", STR("with the key " KEY("k1")), STR(OTHER_KEY),
                                   &world->err));
}

static void it_says_what_was_and_what_is_wanted_at_the_argument(void **state)
{
    struct snapshot_world *world = *state;
    struct reencrypt_copy prior = copy_state();
    refuse(world, &prior);
    assert_string_equal(err_text(&world->err),
                        "a snapshot never changes: " SNAPSHOT("t") " was made at " COPY_TIME " with the key " KEY(
                            "k1") ", and kms_key_id now means " OTHER_KEY);
    assert_string_equal(err_path(&world->err), "kms_key_id");
    assert_int_equal(world->err.kind, ERR_CONFLICT);
    prior.snapshot_create_time = text(NULL); /* an import that AWS told nothing of */
    refuse(world, &prior);
    assert_err(world, ERR_CONFLICT, SNAPSHOT("t") " was made with the key");
}

static void it_proposes_a_name_and_says_how_to_go_on(void **state)
{
    struct snapshot_world *world = *state;
    struct reencrypt_copy prior = copy_state();
    const struct {
        const char *arn, *name;
    } rows[] = {
        { SNAPSHOT("orders"),   "\"orders-2\""  },
        { SNAPSHOT("orders-1"), "\"orders-2\""  },
        { SNAPSHOT("orders-2"), "\"orders-3\""  },
        { INSTANCE("orders-9"), "\"orders-10\"" },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        prior.arn = text(rows[i].arn);
        refuse(world, &prior);
        assert_remedy(world, rows[i].name);
    }
    assert_remedy(world, "another target_snapshot_identifier");
    assert_remedy(world, "(whether it is free was not looked up)");
    assert_remedy(world, "lifecycle { create_before_destroy = true }");
    assert_remedy(world, "Or put kms_key_id back as it was.");
}

/* The plan of a destroy reads and plans this copy, too: its error must say the way out. */
static void its_last_line_is_how_to_destroy_all_the_same(void **state)
{
    static const char *const statuses[] = { "available", "copying", "creating", "failed", NULL };
    struct snapshot_world *world = *state;
    struct reencrypt_copy prior = copy_state();
    for (size_t i = 0; i < ARRAY_LENGTH(statuses); i++) {
        prior.status = text(statuses[i]);
        refuse(world, &prior);
        const char *last = strrchr(err_remedy(&world->err), '\n');
        assert_non_null(last);
        assert_string_equal(last, "\nThis error stops every plan of this copy, that of a destroy too. To destroy all "
                                  "the same: terraform destroy -refresh=false");
    }
}

/* RDS deletes no instance snapshot that is "creating". */
static void only_a_copy_under_way_that_can_be_cancelled_is_told_how(void **state)
{
    static const struct {
        const char *arn, *status;
        bool is_told;
    } rows[] = {
        { SNAPSHOT("t"), "copying",              true  },
        { SNAPSHOT("t"), "pending",              true  },
        { SNAPSHOT("t"), "a-new-status",         true  },
        { SNAPSHOT("t"), "creating",             true  },
        { INSTANCE("t"), "copying",              true  },
        { INSTANCE("t"), "creating",             false },
        { SNAPSHOT("t"), "available",            false },
        { SNAPSHOT("t"), "failed",               false },
        { SNAPSHOT("t"), "deleting",             false },
        { SNAPSHOT("t"), "incompatible-restore", false },
        { SNAPSHOT("t"), NULL,                   false },
    };
    static const char how[] = "\nThe copy is still under way. To cancel it, delete the snapshot \"t\" in account "
                              "111111111111, Region eu-west-1; the next apply copies again.\n";
    struct snapshot_world *world = *state;
    struct reencrypt_copy prior = copy_state();
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        prior.arn = text(rows[i].arn);
        prior.status = text(rows[i].status);
        refuse(world, &prior);
        if (!strstr(err_remedy(&world->err), how) == rows[i].is_told)
            fail_msg("%s: %s", rows[i].status ? rows[i].status : "no status", err_remedy(&world->err));
        if (!rows[i].is_told)
            assert_null(strstr(err_remedy(&world->err), "cancel"));
    }
}

/* In an apply: there the copy is as it was, and no plan is stopped. */
static void a_delete_leg_says_how_to_keep_the_copy(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy prior = copy_state();
    assert_false(other_data_keep(world->arena, &prior, "kms_key_id", STR("with the key " KEY("k1")), STR(OTHER_KEY),
                                 &world->err));
    assert_string_equal(err_text(&world->err),
                        "the create that follows wants another copy: a snapshot never changes: " SNAPSHOT(
                            "t") " was made at " COPY_TIME
                                 " with the key " KEY("k1") ", and kms_key_id now means " OTHER_KEY);
    assert_string_equal(err_path(&world->err), "kms_key_id");
    assert_remedy(world, "The copy was not deleted. To keep it, plan without -replace");
    assert_remedy(world, "terraform untaint ADDRESS");
    assert_remedy(world, "\"t-2\"");
    assert_null(strstr(err_remedy(&world->err), "-refresh=false"));
}

static void a_state_whose_arn_is_damaged_is_said_to_be(void **state)
{
    struct snapshot_world *world = *state;
    struct reencrypt_copy prior = copy_state();
    prior.arn = text("arn:aws:rds:::");
    refuse(world, &prior);
    assert_err(world, ERR_INVALID, "the ARN in the state");
}

/* Whatever an ARN or an alias may hold: the message is cut, its end is not lost in silence. */
static void a_wanted_text_of_great_length_does_no_harm(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy prior = copy_state();
    char wanted[8000];
    memset(wanted, 'w', sizeof(wanted));
    assert_false(other_data_refuse(world->arena, &prior, "kms_key_id", STR("with %s%n"),
                                   (struct str){ wanted, sizeof(wanted) }, &world->err));
    assert_err(world, ERR_CONFLICT, "with %s%n, and kms_key_id now means www");
    assert_remedy(world, "\"t-2\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_WORLD(it_says_what_was_and_what_is_wanted_at_the_argument),
        IN_A_WORLD(it_proposes_a_name_and_says_how_to_go_on),
        IN_A_WORLD(its_last_line_is_how_to_destroy_all_the_same),
        IN_A_WORLD(only_a_copy_under_way_that_can_be_cancelled_is_told_how),
        IN_A_WORLD(a_delete_leg_says_how_to_keep_the_copy),
        IN_A_WORLD(a_state_whose_arn_is_damaged_is_said_to_be),
        IN_A_WORLD(a_wanted_text_of_great_length_does_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
