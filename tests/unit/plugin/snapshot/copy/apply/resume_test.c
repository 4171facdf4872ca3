/* SPDX-License-Identifier: MPL-2.0 */
#include "tests/unit/plugin/snapshot/copy/apply/removal_fixture.h"

static struct reencrypt_copy unfinished(void)
{
    struct reencrypt_copy state = copy_state();
    state.status = text("copying");
    state.percent_progress = tf_known_int64(20);
    return state;
}

static void a_resume_waits_and_copies_nothing(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config(), prior = unfinished();
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, OLD("copying"), OLD("available"));
    assert_true(update(world, &config, &prior, &apply));
    assert_str_equal(state_of(&apply)->status.value, "available");
    assert_str_equal(state_of(&apply)->holder_id.value, "hhhh");
    assert_asked(world, "GetCallerIdentity DescribeDBClusterSnapshots DescribeDBClusterSnapshots");
}

static void a_resume_stopped_at_once_keeps_the_last_known_status(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config(), prior = unfinished();
    struct tf_apply apply = { 0 };
    struct fake_answer stopping = OLD("copying");
    stopping.kind = ERR_CANCELLED;
    stopping.status = 0;
    stopping.cancels = world->call->waiter;
    ANSWERS(world, CALLER, stopping);
    assert_true(update(world, &config, &prior, &apply));
    assert_str_equal(state_of(&apply)->status.value, "copying");
    assert_int_equal(state_of(&apply)->percent_progress.value, 20);
    assert_said(world, "warning: Stopped while copying: ");
}

/* The very first call of a resume may be about its tags. */
static void a_resume_stopped_at_its_tags_is_a_warning_that_names_what_stays(void **state)
{
    struct snapshot_world *world = *state;
    struct reencrypt_copy config = copy_config(), prior = unfinished();
    struct tf_apply apply = { 0 };
    tf_string_map_put(world->arena, &config.tags, STR("new"), text("1"));
    tf_string_map_put(world->arena, &prior.tags_all, STR("old"), text("1"));
    ANSWERS(world, CALLER, { .kind = ERR_CANCELLED, .cancels = world->call->waiter, .unanswered = true });
    assert_true(update(world, &config, &prior, &apply));
    assert_asked(world, "GetCallerIdentity AddTagsToResource");
    assert_str_equal(state_of(&apply)->status.value, "copying");
    assert_int_equal(state_of(&apply)->percent_progress.value, 20);
    assert_said(world, "warning: Stopped while copying: ");
    assert_said(world, "warning tags: Tags were not changed yet: ");
    assert_said(world, "may still bear: old");
}

static void tags_that_are_refused_while_copying_do_not_end_a_resume(void **state)
{
    struct snapshot_world *world = *state;
    struct reencrypt_copy config = copy_config();
    const struct reencrypt_copy prior = unfinished();
    struct tf_apply apply = { 0 };
    tf_string_map_put(world->arena, &config.tags, STR("new"), text("1"));
    ANSWERS(world, CALLER, refuses(world->arena, 400, "InvalidDBClusterSnapshotStateFault", "copying"),
            OLD("available"));
    assert_true(update(world, &config, &prior, &apply));
    assert_str_equal(state_of(&apply)->status.value, "available");
    assert_said(world, "Apply again");
    assert_false(is_said(world, "may still bear"));
}

static void a_resume_that_fails_keeps_the_state(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config(), prior = unfinished();
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, OLD("failed"));
    assert_false(update(world, &config, &prior, &apply));
    assert_true(apply.keep_state);
    assert_str_equal(state_of(&apply)->status.value, "failed");
}

static void a_resume_that_finds_no_copy_of_its_own_says_what_it_finds(void **state)
{
    const struct {
        const char *status, *mark, *summary;
    } rows[] = {
        { NULL,       NULL,               "The copy is gone"                    },
        { "deleting", "1 hhhh - - -",     "The copy is being deleted"           },
        { "copying",  "1 other - - -",    "The copy was taken over or replaced" },
        { "copying",  "9 of a later one", "The copy has an unknown mark"        },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct snapshot_world *world = *state;
        const struct reencrypt_copy config = copy_config(), prior = unfinished();
        struct shown shown = shown_copy(rows[i].status);
        struct fake_answer found = repeated(knows_nothing(world->arena), REPEATS_FOR_EVER);
        struct tf_apply apply = { 0 };
        shown.mark = rows[i].mark;
        if (rows[i].status)
            found = describes(world->arena, shown);
        ANSWERS(world, CALLER, found);
        assert_false(update(world, &config, &prior, &apply));
        assert_string_equal(apply.summary, rows[i].summary);
    }
}

static void tags_are_changed_in_place(void **state)
{
    struct snapshot_world *world = *state;
    struct reencrypt_copy config = copy_config(), prior = copy_state();
    struct tf_apply apply = { 0 };
    tf_string_map_put(world->arena, &config.tags, STR("new"), text("1"));
    tf_string_map_put(world->arena, &prior.tags_all, STR("old"), text("1"));
    ANSWERS(world, CALLER, TAGGED, done(world->arena, "RemoveTagsFromResource"));
    assert_true(update(world, &config, &prior, &apply));
    assert_asked(world, "GetCallerIdentity AddTagsToResource RemoveTagsFromResource");
    assert_true(is_in_body(world, 1, "Key=new"));
    assert_false(is_in_body(world, 1, MARK_TAG));
    assert_true(is_in_body(world, 2, "=old"));
}

/* A source is for copying and for telling of a copy; tags need none. */
static void a_change_of_tags_does_not_ask_what_the_source_is(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy prior = copy_state();
    struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    tf_string_map_put(world->arena, &config.tags, STR("new"), text("1"));
    struct tf_plan plan = { 0 };
    assert_true(run_plan(world, &reencrypt_copy_resource, &config, &prior, &plan));
    config.source_snapshot_identifier = text("arn:aws:rds:::");
    ANSWERS(world, CALLER, TAGGED);
    assert_true(run_apply(world, &reencrypt_copy_resource, &config, &prior, plan.planned, &apply));
    assert_asked(world, "GetCallerIdentity AddTagsToResource");
}

static void a_failed_tag_change_leaves_the_prior_state(void **state)
{
    struct snapshot_world *world = *state;
    struct reencrypt_copy config = copy_config();
    const struct reencrypt_copy prior = copy_state();
    struct tf_apply apply = { 0 };
    tf_string_map_put(world->arena, &config.tags, STR("new"), text("1"));
    ANSWERS(world, CALLER, refuses(world->arena, 403, "AccessDenied", "no"));
    assert_false(update(world, &config, &prior, &apply));
    assert_false(apply.keep_state);
    assert_err(world, ERR_DENIED, "adding tags to " SNAPSHOT("t"));
}

static void half_a_tag_change_is_in_the_state(void **state)
{
    struct snapshot_world *world = *state;
    struct reencrypt_copy config = copy_config(), prior = copy_state();
    struct tf_apply apply = { 0 };
    tf_string_map_put(world->arena, &config.tags, STR("new"), text("1"));
    tf_string_map_put(world->arena, &prior.tags_all, STR("old"), text("1"));
    ANSWERS(world, CALLER, TAGGED, refuses(world->arena, 403, "AccessDenied", "no"));
    assert_false(update(world, &config, &prior, &apply));
    assert_true(apply.keep_state);
    assert_err(world, ERR_DENIED, "removing tags from " SNAPSHOT("t"));
    assert_int_equal(state_of(&apply)->tags_all.count, 2);
    assert_int_equal(state_of(&apply)->tags.count, prior.tags.count); /* so that the next plan shows the change */
}

static void an_unanswered_tag_change_may_have_been_made(void **state)
{
    struct snapshot_world *world = *state;
    struct reencrypt_copy config = copy_config();
    const struct reencrypt_copy prior = copy_state();
    struct tf_apply apply = { 0 };
    tf_string_map_put(world->arena, &config.tags, STR("new"), text("1"));
    ANSWERS(world, CALLER, { .kind = ERR_IO, .unanswered = true, .repeats = REPEATS_FOR_EVER });
    assert_false(update(world, &config, &prior, &apply));
    assert_true(apply.keep_state);
    assert_int_equal(state_of(&apply)->tags_all.count, 1);
}

static void an_update_of_arguments_only_calls_nothing(void **state)
{
    struct snapshot_world *world = *state;
    struct reencrypt_copy config = copy_config();
    const struct reencrypt_copy prior = copy_state();
    struct tf_apply apply = { 0 };
    config.deletion_policy = text("retain");
    no_answers(world);
    assert_true(update(world, &config, &prior, &apply));
    assert_asked(world, "");
    assert_str_equal(state_of(&apply)->deletion_policy.value, "retain");
}

/* ---- Whatever is there ----------------------------------------------------------- */

enum { NO_CHANGE, OTHER_TAGS, OTHER_POLICY, OTHER_SPELLING, OTHER_LIMIT, CHANGES };

static struct reencrypt_copy changed(struct snapshot_world *world, int change)
{
    static struct timeouts timeouts;
    struct reencrypt_copy config = copy_config();
    timeouts = (struct timeouts){ .update = text("1h") };
    if (change == OTHER_TAGS)
        tf_string_map_put(world->arena, &config.tags, STR("new"), text("1"));
    else if (change == OTHER_POLICY)
        config.deletion_policy = text("retain");
    else if (change == OTHER_SPELLING)
        config.source_snapshot_identifier = text(SNAPSHOT("a"));
    else if (change == OTHER_LIMIT)
        config.timeouts = (struct tf_blocks_timeouts){ TF_KNOWN, &timeouts, 1 };
    return config;
}

/* `found` NULL: nothing. */
static void check_update(const char *known, const char *found, const char *mark, int change)
{
    void *own;
    setup(&own);
    struct snapshot_world *world = own;
    struct shown shown = shown_copy(found);
    struct reencrypt_copy prior = copy_state();
    struct tf_apply apply = { 0 };
    const bool is_ours = found && (!mark || strcmp(mark, "1 hhhh - - -") == 0);
    shown.mark = mark;
    prior.status = text(known);
    small_aws_new(world, found ? shown : (struct shown){ 0 });
    const struct reencrypt_copy config = changed(world, change);
    const bool is_done = update(world, &config, &prior, &apply);
    if (has_asked(world, "Copy") || has_asked(world, "Delete"))
        fail_msg("%s, %s, %s, change %d", known, found ? found : "gone", mark ? mark : "no mark", change);
    if (strcmp(known, "available") != 0)
        assert_int_equal(is_done, is_ours && strcmp(found, "available") == 0);
    else if (change != OTHER_TAGS)
        assert_asked(world, "");
    /* What is another one's by now, or gone, leaves the state as it was. */
    if (strcmp(known, "available") != 0 && !is_done)
        assert_int_equal(apply.keep_state, is_ours && strcmp(found, "deleting") != 0);
    if (apply.keep_state)
        assert_str_equal(state_of(&apply)->status.value, found);
    world_teardown(&own);
}

static void an_update_makes_nothing_and_deletes_nothing_whatever_is_there(void **state)
{
    static const char *const known[] = { "available", "copying", "pending", "incompatible-restore" };
    static const char *const found[] = { "available", "failed", "deleting", "incompatible-restore", NULL };
    static const char *const marks[] = { "1 hhhh - - -", "1 other - - -", "2 x", NULL };
    (void)state;
    for (size_t k = 0; k < ARRAY_LENGTH(known); k++)
        for (size_t f = 0; f < ARRAY_LENGTH(found); f++)
            for (size_t m = 0; m < ARRAY_LENGTH(marks); m++)
                for (int change = 0; change < CHANGES; change++)
                    check_update(known[k], found[f], marks[m], change);
}

static void another_account_is_refused_before_any_effect(void **state)
{
    struct snapshot_world *world = *state;
    struct reencrypt_copy config = copy_config();
    const struct reencrypt_copy prior = copy_state();
    struct tf_apply apply = { 0 };
    tf_string_map_put(world->arena, &config.tags, STR("new"), text("1"));
    ANSWERS(world, is_caller(world->arena, "999999999999"));
    assert_false(update(world, &config, &prior, &apply));
    assert_err(world, ERR_DENIED, "111111111111");
    assert_err(world, ERR_DENIED, "999999999999");
    assert_asked(world, "GetCallerIdentity");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ECHOED(a_resume_waits_and_copies_nothing),
        ECHOED(a_resume_stopped_at_once_keeps_the_last_known_status),
        ECHOED(a_resume_stopped_at_its_tags_is_a_warning_that_names_what_stays),
        ECHOED(tags_that_are_refused_while_copying_do_not_end_a_resume),
        ECHOED(a_resume_that_fails_keeps_the_state),
        ECHOED(a_resume_that_finds_no_copy_of_its_own_says_what_it_finds),
        ECHOED(tags_are_changed_in_place),
        ECHOED(a_change_of_tags_does_not_ask_what_the_source_is),
        ECHOED(a_failed_tag_change_leaves_the_prior_state),
        ECHOED(half_a_tag_change_is_in_the_state),
        ECHOED(an_unanswered_tag_change_may_have_been_made),
        ECHOED(an_update_of_arguments_only_calls_nothing),
        cmocka_unit_test(an_update_makes_nothing_and_deletes_nothing_whatever_is_there),
        ECHOED(another_account_is_refused_before_any_effect),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
