/* SPDX-License-Identifier: MPL-2.0
 *
 * What a create does about a snapshot that has its name already.
 */
#include "tests/unit/plugin/snapshot/copy/apply/removal_fixture.h"

#define AGREES "- - " SOURCE_TIME
#define DISAGREES "x y " LATER_TIME

static struct shown named(const char *mark, const char *status)
{
    struct shown shown = shown_copy(status);
    shown.mark = mark;
    return shown;
}

static int count_changes(struct snapshot_world *world)
{
    return count_asked(world, "DeleteDBClusterSnapshot") + count_asked(world, "CopyDBClusterSnapshot") +
           count_asked(world, "AddTagsToResource");
}

struct meeting {
    const char *what;
    struct shown found;
    const char *changes; /* what is asked of AWS, in this order */
    const char *refusal; /* NULL: it ends with the wanted copy */
};

/* The calls that change something. */
static struct str changes(struct snapshot_world *world)
{
    struct str rest = operations(&world->transport, world->arena), one, text_of_all = STR("");
    while (str_next(&rest, ' ', &one))
        if (!str_starts_with(one, STR("Describe")) && !str_equal(one, STR("GetCallerIdentity")))
            text_of_all =
                str_format(world->arena, "%.*s%s%.*s", STR_ARG(text_of_all), text_of_all.len ? " " : "", STR_ARG(one));
    return text_of_all;
}

static void check_meeting(struct snapshot_world *world, const struct meeting *row)
{
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    small_aws_new(world, row->found);
    if (create(world, &config, &apply) != !row->refusal)
        fail_msg("%s: %s", row->what, err_text(&world->err));
    const struct str changed = changes(world);
    if (!str_equal(changed, str_from(row->changes)))
        fail_msg("%s: %.*s", row->what, STR_ARG(changed));
    if (row->refusal) {
        assert_false(apply.keep_state);
        if (!strstr(err_text(&world->err), row->refusal))
            fail_msg("%s: %s", row->what, err_text(&world->err));
        return;
    }
    assert_str_equal(state_of(&apply)->status.value, "available");
    assert_str_equal(state_of(&apply)->source_snapshot_create_time.value, SOURCE_TIME);
}

static void what_holds_nothing_makes_room_and_what_holds_data_stays(void **state)
{
    static const char copy[] = "CopyDBClusterSnapshot",
                      delete_and_copy[] = "DeleteDBClusterSnapshot CopyDBClusterSnapshot",
                      adopt[] = "AddTagsToResource";
    const struct meeting rows[] = {
        { "nothing", { 0 }, copy, NULL },
        { "failed, of another holder", named("1 other " AGREES, "failed"), delete_and_copy, NULL },
        { "failed, made from other data", named("1 other " DISAGREES, "failed"), delete_and_copy, NULL },
        { "failed, with a mark that says nothing", named("1 other - - -", "failed"), delete_and_copy, NULL },
        { "failed, without a mark", named(NULL, "failed"), "", "bears no readable mark" },
        { "failed, of a later version", named("2 other " AGREES, "failed"), "", "bears no readable mark" },
        { "deleting, of another holder", named("1 other " AGREES, "deleting"), copy, NULL },
        { "deleting, made from other data", named("1 other " DISAGREES, "deleting"), copy, NULL },
        { "deleting, without a mark", named(NULL, "deleting"), copy, NULL },
        { "deleting, of a later version", named("2 other", "deleting"), copy, NULL },
        { "available, the wanted one", named("1 other " AGREES, "available"), adopt, NULL },
        { "available, from a newer source", named("1 other - - " LATER_TIME, "available"), "",
         "the source of that name is of " SOURCE_TIME " now" },
        { "available, without a mark", named(NULL, "available"), "", "bears no readable mark" },
        { "available, of a later version", named("2 other " AGREES, "available"), "", "bears no readable mark" },
        { "copying, from a newer source", named("1 other - - " LATER_TIME, "copying"), "",
         "the source of that name is of " SOURCE_TIME " now" },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        check_meeting(*state, &rows[i]);
}

/* Whoever deletes it, and however its answer got lost: the name is free in the end. */
static void a_failed_one_that_goes_while_it_is_deleted_makes_room_too(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    const struct shown rows[] = { named("1 other " AGREES, "deleting"), { 0 } };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct small_aws *aws = small_aws_new(world, named("1 other " AGREES, "failed"));
        struct tf_apply apply = { 0 };
        aws->deletes = (struct fake_answer){ .kind = ERR_IO, .unanswered = true };
        aws->next = rows[i];
        if (!create(world, &config, &apply))
            fail_msg("row %zu: %s", i, err_text(&world->err));
        assert_str_equal(changes(world), "DeleteDBClusterSnapshot CopyDBClusterSnapshot");
    }
}

static void what_another_apply_made_of_a_failed_one_is_left_to_it(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct small_aws *aws = small_aws_new(world, named("1 other " AGREES, "failed"));
    struct tf_apply apply = { 0 };
    aws->deletes = refuses(world->arena, 400, "InvalidDBClusterSnapshotStateFault", "busy");
    aws->next = named("1 faster " AGREES, "copying");
    assert_false(create(world, &config, &apply));
    assert_err(world, ERR_CONFLICT, "taken over by somebody else");
    assert_str_equal(changes(world), "DeleteDBClusterSnapshot");
}

/* By another apply, or one that AWS did not delete though it said so. */
static void a_failed_one_that_took_the_name_meanwhile_is_not_adopted(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, NOTHING, SOURCE("available"), GOOD_KEY,
            refuses(world->arena, 400, "DBClusterSnapshotAlreadyExistsFault", "exists"),
            describes(world->arena, named("1 other " AGREES, "failed")),
            describes(world->arena, named("1 other " AGREES, "failed")));
    assert_false(create(world, &config, &apply));
    assert_err(world, ERR_CONFLICT, "copying " SNAPSHOT("a") " to " SNAPSHOT("t"));
    assert_non_null(strstr(err_remedy(&world->err), "Apply again: the name is cleared first."));
    assert_false(has_asked(world, "AddTags"));
}

/* It exists: that it cannot be created would be said wrongly. */
static void what_cannot_be_compared_for_now_is_not_said_to_be_uncreatable(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    struct fake_answer down = refuses(world->arena, 500, "InternalFailure", "down");
    down.repeats = REPEATS_FOR_EVER;
    ANSWERS(world, CALLER, describes(world->arena, named("1 other " AGREES, "copying")), down);
    assert_false(create(world, &config, &apply));
    assert_string_equal(apply.summary, "The copy that exists could not be adopted");
    ANSWERS(world, describes(world->arena, named("1 other - - " LATER_TIME, "copying")), SOURCE("available"), GOOD_KEY);
    assert_false(create(world, &config, &apply));
    assert_string_equal(apply.summary, "The name is taken");
}

/* ---- What the delete leg of a replacement has left ------------------------------ */

static void what_was_left_for_it_is_adopted_with_the_holder_that_it_has(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    small_aws_new(world, named("1 hhhh " AGREES, "available"));
    memory_learn(account_memory(world->call), MEMORY_LEFT,
                 memory_pair(world->call->arena, STR(SNAPSHOT("t")), STR("hhhh")));
    assert_true(create(world, &config, &apply));
    assert_str_equal(state_of(&apply)->holder_id.value, "hhhh");
    assert_int_equal(count_changes(world), 0);
    assert_said(world, "warning: An existing copy was adopted: " SNAPSHOT("t"));
    assert_said(world, "Nothing was copied, and its data is what it was. Other data needs another "
                       "target_snapshot_identifier.");
    assert_said(world, "The same: source, key, creation time of the source.");
}

/* With its new tags, and the holder it had. */
static void what_was_left_gets_the_tags_that_it_lacks(void **state)
{
    static const char *const tags_of_it[] = { NULL, "<Tag><Key>new</Key><Value>0</Value></Tag>" };
    struct snapshot_world *world = *state;
    struct reencrypt_copy config = copy_config();
    tf_string_map_put(world->arena, &config.tags, STR("new"), text("1"));
    for (size_t t = 0; t < ARRAY_LENGTH(tags_of_it); t++) {
        struct tf_apply apply = { 0 };
        struct shown left = named("1 hhhh " AGREES, "available");
        left.tags = tags_of_it[t];
        small_aws_new(world, left);
        memory_learn(account_memory(world->call), MEMORY_LEFT,
                     memory_pair(world->call->arena, STR(SNAPSHOT("t")), STR("hhhh")));
        assert_true(create(world, &config, &apply));
        assert_str_equal(state_of(&apply)->holder_id.value, "hhhh");
        assert_str_equal(changes(world), "AddTagsToResource");
        for (size_t i = 0; i < world->transport.request_count; i++)
            if (is_in_body(world, i, "Action=AddTagsToResource"))
                assert_true(is_in_body(world, i, "Key=new") && is_in_body(world, i, "hhhh"));
    }
}

static void only_the_very_copy_that_was_left(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    small_aws_new(world, named("1 hhhh " AGREES, "available"));
    memory_learn(account_memory(world->call), MEMORY_LEFT,
                 memory_pair(world->call->arena, STR(SNAPSHOT("another")), STR("hhhh")));
    assert_true(create(world, &config, &apply));
    assert_str_not_equal(state_of(&apply)->holder_id.value, "hhhh");
    assert_str_equal(changes(world), "AddTagsToResource");
    small_aws_new(world, named("1 hhhh - - " LATER_TIME, "available"));
    memory_learn(account_memory(world->call), MEMORY_LEFT,
                 memory_pair(world->call->arena, STR(SNAPSHOT("t")), STR("hhhh")));
    assert_false(create(world, &config, &apply));
    assert_err(world, ERR_CONFLICT, "is not the copy that is wanted");
}

/* Else two states would hold it under one name, and each could delete it. */
static void what_somebody_adopted_since_it_was_left_gets_a_holder_of_its_own(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    small_aws_new(world, named("1 another " AGREES, "available"));
    memory_learn(account_memory(world->call), MEMORY_LEFT,
                 memory_pair(world->call->arena, STR(SNAPSHOT("t")), STR("hhhh")));
    assert_true(create(world, &config, &apply));
    assert_int_equal(state_of(&apply)->holder_id.value.len, 16);
    assert_str_equal(changes(world), "AddTagsToResource");
}

/* A delete and a create of one connection, as core runs the legs of -replace. */
static void both_legs_of_a_replacement_change_nothing(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config(), prior = copy_state();
    struct tf_apply delete_leg = { .note = note_text(world, SNAPSHOT("t"), SNAPSHOT("a"), KEY("k1")) };
    struct tf_apply create_leg = { 0 };
    small_aws_new(world, named("1 hhhh " AGREES, "available"));
    assert_true(run_apply(world, &reencrypt_copy_resource, NULL, &prior, NULL, &delete_leg));
    assert_true(create(world, &config, &create_leg));
    assert_int_equal(count_changes(world), 0);
    assert_str_equal(state_of(&create_leg)->holder_id.value, "hhhh");
}

/* A tag cleaner took it, or an import or a move never had one: without a mark it could not be adopted. */
static void both_legs_of_a_replacement_keep_a_copy_that_had_no_mark(void **state)
{
    static const char *const holders[] = { "hhhh", NULL }; /* of the state */
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    for (size_t i = 0; i < ARRAY_LENGTH(holders); i++) {
        struct reencrypt_copy prior = copy_state();
        struct tf_apply delete_leg = { .note = note_text(world, SNAPSHOT("t"), SNAPSHOT("a"), KEY("k1")) };
        struct tf_apply create_leg = { 0 };
        struct small_aws *aws = small_aws_new(world, named(NULL, "available"));
        prior.holder_id = text(holders[i]);
        assert_true(run_apply(world, &reencrypt_copy_resource, NULL, &prior, NULL, &delete_leg));
        assert_true(create(world, &config, &create_leg));
        assert_str_equal(changes(world), "AddTagsToResource");
        const struct str holder = state_of(&create_leg)->holder_id.value;
        assert_int_equal(holder.len, holders[i] ? 4 : 16);
        assert_true(!holders[i] || str_equal(holder, STR("hhhh")));
        assert_true(str_starts_with(str_from(aws->copy.mark), str_format(world->arena, "1 %.*s ", STR_ARG(holder))));
    }
}

/* Two resources of one configuration, and core does not order the two. */
static void a_create_of_what_is_just_being_deleted_is_refused(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    small_aws_new(world, named("1 hhhh " AGREES, "available"));
    assert_true(memory_learn(account_memory(world->call), MEMORY_CLAIMED,
                             STR(SNAPSHOT("t")))); /* as a delete does (removal_test.c) */
    assert_false(create(world, &config, &apply));
    assert_err(world, ERR_CONFLICT, "another resource of this configuration makes or deletes " SNAPSHOT("t") " too");
    assert_non_null(strstr(err_remedy(&world->err), "moved { from = OLD_ADDRESS, to = NEW_ADDRESS }"));
    assert_true(memory_knows(account_memory(world->call), MEMORY_CLAIMED, STR(SNAPSHOT("t")))); /* still the other's */
    assert_int_equal(count_changes(world), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ECHOED(what_holds_nothing_makes_room_and_what_holds_data_stays),
        ECHOED(a_failed_one_that_goes_while_it_is_deleted_makes_room_too),
        ECHOED(what_another_apply_made_of_a_failed_one_is_left_to_it),
        ECHOED(a_failed_one_that_took_the_name_meanwhile_is_not_adopted),
        ECHOED(what_cannot_be_compared_for_now_is_not_said_to_be_uncreatable),
        ECHOED(what_was_left_for_it_is_adopted_with_the_holder_that_it_has),
        ECHOED(what_was_left_gets_the_tags_that_it_lacks),
        ECHOED(only_the_very_copy_that_was_left),
        ECHOED(what_somebody_adopted_since_it_was_left_gets_a_holder_of_its_own),
        ECHOED(both_legs_of_a_replacement_change_nothing),
        ECHOED(both_legs_of_a_replacement_keep_a_copy_that_had_no_mark),
        ECHOED(a_create_of_what_is_just_being_deleted_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
