/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/copy/apply/removal.h"

#include "plugin/snapshot/copy/apply/successor.h"
#include "tests/unit/plugin/snapshot/copy/apply/removal_fixture.h"

/* ---- A delete that was ordered: every case ---------------------------------- */

struct holder {
    const char *what, *mark, *source, *key, *time;
    bool is_ours;
};

static const struct holder holders[] = {
    { "our mark",                         "1 hhhh - - " SOURCE_TIME, SNAPSHOT("a"), KEY("k1"), COPY_TIME,  true  },
    { "our mark, all else differs",       "1 hhhh - y " SOURCE_TIME, SNAPSHOT("b"), KEY("k2"), LATER_TIME, true  },
    { "another's mark, all else agrees",  "1 other - - -",           SNAPSHOT("a"), KEY("k1"), COPY_TIME,  false },
    { "a mark of a later version",        "2 hhhh - - -",            SNAPSHOT("a"), KEY("k1"), COPY_TIME,  false },
    { "no mark, all agrees",              NULL,                      SNAPSHOT("a"), KEY("k1"), COPY_TIME,  true  },
    { "no mark, another source",          NULL,                      SNAPSHOT("b"), KEY("k1"), COPY_TIME,  false },
    { "no mark, no source: made by hand", NULL,                      NULL,          KEY("k1"), COPY_TIME,  false },
    { "no mark, another key",             NULL,                      SNAPSHOT("a"), KEY("k2"), COPY_TIME,  false },
    { "no mark, made at another time",    NULL,                      SNAPSHOT("a"), KEY("k1"), LATER_TIME, false },
};

static const char *const statuses[] = { "available",           "copying", "creating", "pending", "failed", "deleting",
                                        "incompatible-restore" };

static const char *const policies[] = { NULL, "delete", "retain" };

enum wanted { NOTHING_FOLLOWS, SAME_DATA, OTHER_DATA, OTHER_PLACE, UNREADABLE_NOTE };

struct note {
    const char *what;
    const char *arn, *source, *key; /* arn NULL: `text` is the whole note */
    const char *text;
    const char *source_time; /* of the source by now */
    enum wanted wanted;
};

static const struct note notes[] = {
    { "a plain destroy", .text = "", .source_time = SOURCE_TIME, .wanted = NOTHING_FOLLOWS },
    { "a note of an update", .text = "place not known", .source_time = SOURCE_TIME, .wanted = UNREADABLE_NOTE },
    { "garbage", .text = "1\n\xff", .source_time = SOURCE_TIME, .wanted = UNREADABLE_NOTE },
    { "the same", SNAPSHOT("t"), SNAPSHOT("a"), KEY("k1"), NULL, SOURCE_TIME, SAME_DATA },
    { "another source", SNAPSHOT("t"), SNAPSHOT("b"), KEY("k1"), NULL, SOURCE_TIME, OTHER_DATA },
    { "a source that is not known", SNAPSHOT("t"), "", KEY("k1"), NULL, SOURCE_TIME, OTHER_DATA },
    { "another key", SNAPSHOT("t"), SNAPSHOT("a"), KEY("k2"), NULL, SOURCE_TIME, OTHER_DATA },
    { "a key that is not known", SNAPSHOT("t"), SNAPSHOT("a"), "", NULL, SOURCE_TIME, OTHER_DATA },
    { "a newer source", SNAPSHOT("t"), SNAPSHOT("a"), KEY("k1"), NULL, LATER_TIME, OTHER_DATA },
    { "another name", SNAPSHOT("t2"), SNAPSHOT("a"), KEY("k1"), NULL, SOURCE_TIME, OTHER_PLACE },
    { "a name that is not known", "", SNAPSHOT("a"), KEY("k1"), NULL, SOURCE_TIME, OTHER_PLACE },
};

struct test_case {
    const struct holder *holder;
    const char *status, *policy;
    const struct note *note;
    bool is_claimed; /* by a create of this connection */
};

enum fate {
    IS_DELETED,
    IS_AWAITED, /* somebody else deletes it */
    IS_LEFT,
    IS_LEFT_TO_ADOPT,
    IS_LEFT_TO_OTHERS, /* and a warning says so */
    IS_REFUSED,
};

/* The rules, in the order in which they count. */
static enum fate fate_of(const struct test_case *given)
{
    const bool is_retained = given->policy && strcmp(given->policy, "retain") == 0;
    const bool is_leaving = strcmp(given->status, "deleting") == 0;
    if (!given->holder->is_ours || given->is_claimed)
        return IS_LEFT_TO_OTHERS;
    if (is_leaving || strcmp(given->status, "failed") == 0)
        return is_retained ? IS_LEFT : is_leaving ? IS_AWAITED : IS_DELETED;
    if (given->note->wanted == SAME_DATA)
        return IS_LEFT_TO_ADOPT;
    if (given->note->wanted == OTHER_DATA || given->note->wanted == UNREADABLE_NOTE ||
        (given->note->wanted == OTHER_PLACE && !is_retained))
        return IS_REFUSED;
    return is_retained ? IS_LEFT : IS_DELETED;
}

static struct reencrypt_copy prior_with(const char *policy)
{
    struct reencrypt_copy prior = copy_state();
    prior.source_snapshot_create_time = text(SOURCE_TIME);
    prior.deletion_policy = text(policy);
    return prior;
}

static struct shown standing(const struct holder *holder, const char *status)
{
    return (struct shown){ .name = "t",
                           .status = status,
                           .mark = holder->mark,
                           .source = holder->source,
                           .key = holder->key,
                           .time = holder->time };
}

static struct str text_of_note(struct snapshot_world *world, const struct note *note)
{
    return note->arn ? note_text(world, note->arn, note->source, note->key) : str_from(note->text);
}

static bool remove_ordered(struct snapshot_world *world, const struct reencrypt_copy *prior, struct str note,
                           bool *out_left)
{
    struct snapshot_ref ref;
    const struct aws_call aws = call_to(world, prior, &ref);
    const struct holding held = copy_holding(prior);
    const struct removal removal = { .call = world->call,
                                     .aws = &aws,
                                     .ref = &ref,
                                     .arn = prior->arn.value,
                                     .prior = prior,
                                     .note = note,
                                     .held = &held };
    return removal_run(&removal, out_left, &world->err);
}

/* What became of it, by all that is to be seen from outside. */
static enum fate fate_seen(struct snapshot_world *world, bool is_done, bool is_left)
{
    if (!is_done)
        return IS_REFUSED;
    if (has_asked(world, "Delete"))
        return IS_DELETED;
    if (!is_left)
        return IS_AWAITED;
    return is_said(world, "warning: The copy was left in place: ")                   ? IS_LEFT_TO_OTHERS
           : is_said(world, "warning: The copy stays for the create that follows: ") ? IS_LEFT_TO_ADOPT
                                                                                     : IS_LEFT;
}

static void fail_of(const struct test_case *given, const char *what)
{
    fail_msg("%s, %s, %s, %s%s: %s", given->holder->what, given->status, given->policy ? given->policy : "no policy",
             given->note->what, given->is_claimed ? ", claimed" : "", what);
}

static void check_case(struct snapshot_world *world, const struct test_case *given)
{
    struct small_aws *aws = small_aws_new(world, standing(given->holder, given->status));
    const struct reencrypt_copy prior = prior_with(given->policy);
    const bool is_to_mark = !given->holder->mark && fate_of(given) == IS_LEFT_TO_ADOPT;
    bool is_left = false;
    aws->source_time = given->note->source_time;
    if (given->is_claimed)
        assert_true(memory_learn(account_memory(world->call), MEMORY_CLAIMED, prior.arn.value));
    const bool is_done = remove_ordered(world, &prior, text_of_note(world, given->note), &is_left);
    if (fate_seen(world, is_done, is_left) != fate_of(given))
        fail_of(given, err_text(&world->err));
    if (memory_knows(account_memory(world->call), MEMORY_LEFT,
                     memory_pair(world->call->arena, prior.arn.value, STR("hhhh"))) !=
        (fate_of(given) == IS_LEFT_TO_ADOPT))
        fail_of(given, "what its create will know");
    if (is_said(world, "warning: The copy is retained: ") != (fate_of(given) == IS_LEFT))
        fail_of(given, "what is said of its retention");
    if (has_asked(world, "AddTags") != is_to_mark)
        fail_of(given, "its mark");
    if (!is_done && world->err.kind != ERR_CONFLICT)
        fail_of(given, err_text(&world->err));
}

/* In a world of their own, so that those of thousands of cases do not add up. */
static void check_notes(const struct holder *holder, const char *status, const char *policy, bool is_claimed)
{
    void *own;
    setup(&own);
    for (size_t n = 0; n < ARRAY_LENGTH(notes); n++)
        check_case(own, &(const struct test_case){ holder, status, policy, &notes[n], is_claimed });
    world_teardown(&own);
}

static void an_ordered_delete_goes_by_holder_status_policy_and_note(void **state)
{
    (void)state;
    for (size_t h = 0; h < ARRAY_LENGTH(holders); h++)
        for (size_t s = 0; s < ARRAY_LENGTH(statuses); s++)
            for (size_t p = 0; p < ARRAY_LENGTH(policies); p++)
                check_notes(&holders[h], statuses[s], policies[p], false);
}

/* create_before_destroy: AWS's tags may lag behind what this apply has written. */
static void what_a_create_of_this_connection_claims_is_left_in_every_case(void **state)
{
    (void)state;
    for (size_t h = 0; h < ARRAY_LENGTH(holders); h++)
        for (size_t s = 0; s < ARRAY_LENGTH(statuses); s++)
            check_notes(&holders[h], statuses[s], NULL, true);
}

/* ---- What another address of this apply wants --------------------------------- */

static void what_a_create_of_this_apply_wants_is_left(void **state)
{
    struct snapshot_world *world = *state;
    static const struct {
        const char *status;
        bool is_left;
    } rows[] = {
        { "available", true  },
        { "copying",   true  },
        { "failed",    false }
    };
    struct reencrypt_copy other = prior_with(NULL);
    const struct reencrypt_copy prior = prior_with(NULL);
    bool is_left;
    other.arn = other.id = text(SNAPSHOT("t-0"));
    other.target_snapshot_identifier = text("t-0");
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        small_aws_new(world, standing(&holders[0], rows[i].status));
        successor_announce(world->call, &other, note_text(world, SNAPSHOT("t"), SNAPSHOT("a"), KEY("k1")));
        assert_true(remove_ordered(world, &prior, STR(""), &is_left));
        assert_int_equal(is_left, rows[i].is_left);
        assert_int_equal(has_asked(world, "Delete"), !rows[i].is_left);
        assert_int_equal(is_said(world, "warning: The copy was left in place: " SNAPSHOT("t") " is wanted by another"),
                         rows[i].is_left);
    }
}

/* ---- A delete that AWS does not take at once --------------------------------- */

static struct fake_answer busy(struct snapshot_world *world)
{
    return refuses(world->arena, 400, "InvalidDBClusterSnapshotStateFault", "busy");
}

static const struct fake_answer lost = { .kind = ERR_IO, .unanswered = true };

/* By the next try the name may be another apply's, or the delete was taken after all. */
static void everything_is_judged_anew_before_every_try(void **state)
{
    struct snapshot_world *world = *state;
    const struct shown ours = standing(&holders[0], "available"), others = standing(&holders[2], "available");
    struct shown deleting = ours, unread = others;
    deleting.status = "deleting";
    unread.mark = "2 x";
    const struct {
        const char *what;
        struct fake_answer refusal;
        struct shown then;
        int deletes;
        bool is_left;
    } rows[] = {
        { "busy, and still ours",          busy(world), ours,     2, false },
        { "busy, then another's",          busy(world), others,   1, true  },
        { "busy, then of a later version", busy(world), unread,   1, true  },
        { "busy, then gone",               busy(world), { 0 },    1, false },
        { "no answer, and still ours",     lost,        ours,     2, false },
        { "no answer, but it was taken",   lost,        deleting, 1, false },
        { "no answer, then another's",     lost,        others,   1, true  },
    };
    const struct reencrypt_copy prior = copy_state();
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct small_aws *aws = small_aws_new(world, ours);
        bool is_left;
        aws->deletes = rows[i].refusal;
        aws->next = rows[i].then;
        if (!remove_ordered(world, &prior, STR(""), &is_left) || is_left != rows[i].is_left)
            fail_msg("%s: %s", rows[i].what, err_text(&world->err));
        if (count_asked(world, "DeleteDBClusterSnapshot") != rows[i].deletes)
            fail_msg("%s: %d deletes", rows[i].what, count_asked(world, "DeleteDBClusterSnapshot"));
        assert_int_equal(is_said(world, "warning: The copy was left in place: "), rows[i].is_left);
    }
}

/* ---- The name while it goes --------------------------------------------------- */

/* Or a create of this apply would adopt what is about to go. */
static void a_delete_takes_its_arn_and_gives_it_back_however_it_ends(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy prior = prior_with(NULL);
    const struct {
        const char *what;
        struct shown found;
        struct str note;
        struct fake_answer deletes;
        bool is_done;
    } rows[] = {
        { "deleted", standing(&holders[0], "available"), STR(""), { 0 }, true },
        { "gone", { 0 }, STR(""), { 0 }, true },
        { "left to others", standing(&holders[2], "available"), STR(""), { 0 }, true },
        { "left for a create", standing(&holders[0], "available"), text_of_note(world, &notes[3]), { 0 }, true },
        { "refused", standing(&holders[0], "available"), text_of_note(world, &notes[4]), { 0 }, false },
        { "denied", standing(&holders[0], "available"), STR(""), refuses(world->arena, 403, "AccessDenied", "no"),
         false },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct small_aws *aws = small_aws_new(world, rows[i].found);
        bool is_left;
        aws->deletes = rows[i].deletes;
        if (remove_ordered(world, &prior, rows[i].note, &is_left) != rows[i].is_done)
            fail_msg("%s: %s", rows[i].what, err_text(&world->err));
        if (!aws->saw_claim || memory_knows(account_memory(world->call), MEMORY_CLAIMED, prior.arn.value))
            fail_msg("%s: the claim", rows[i].what);
    }
}

/* ---- What a create clears away ------------------------------------------------ */

/* Only what failed, and only with a mark that can be read; `held`: only its own. */
static bool remove_failed(struct snapshot_world *world, const struct holding *held, bool *out_left)
{
    const struct reencrypt_copy place = copy_state();
    struct snapshot_ref ref;
    const struct aws_call aws = call_to(world, &place, &ref);
    const struct removal removal = {
        .call = world->call, .aws = &aws, .ref = &ref, .arn = place.arn.value, .held = held
    };
    return removal_run(&removal, out_left, &world->err);
}

static void check_clearing(struct snapshot_world *world, const struct holder *holder, const char *status, bool is_held)
{
    const struct reencrypt_copy state_of_it = copy_state();
    const struct holding held = copy_holding(&state_of_it);
    const bool has_mark = holder->mark && str_starts_with(str_from(holder->mark), STR("1 "));
    const bool may_go = is_held ? holder->is_ours : has_mark;
    const bool is_failed = strcmp(status, "failed") == 0, is_leaving = strcmp(status, "deleting") == 0;
    bool is_left = false;
    small_aws_new(world, standing(holder, status));
    if (!remove_failed(world, is_held ? &held : NULL, &is_left))
        fail_msg("%s, %s: %s", holder->what, status, err_text(&world->err));
    if (has_asked(world, "Delete") != (may_go && is_failed) || is_left != !(may_go && (is_failed || is_leaving)))
        fail_msg("%s, %s, %s", holder->what, status, is_held ? "held" : "whoever made it");
    assert_string_equal(fake_call_said(world->fake), "");
}

static void what_was_not_ordered_goes_only_when_it_failed(void **state)
{
    for (size_t h = 0; h < ARRAY_LENGTH(holders); h++)
        for (size_t s = 0; s < ARRAY_LENGTH(statuses); s++)
            for (int is_held = 0; is_held < 2; is_held++)
                check_clearing(*state, &holders[h], statuses[s], is_held);
}

/* The create has taken the name, and goes on to copy into it. */
static void clearing_a_name_leaves_it_to_the_create_that_took_it(void **state)
{
    struct snapshot_world *world = *state;
    bool is_left;
    small_aws_new(world, standing(&holders[0], "failed"));
    assert_true(memory_learn(account_memory(world->call), MEMORY_CLAIMED, STR(SNAPSHOT("t"))));
    assert_true(remove_failed(world, NULL, &is_left));
    assert_int_equal(count_asked(world, "DeleteDBClusterSnapshot"), 1);
    assert_true(memory_knows(account_memory(world->call), MEMORY_CLAIMED, STR(SNAPSHOT("t"))));
}

static void and_so_it_is_before_every_try(void **state)
{
    struct snapshot_world *world = *state;
    const struct shown failed = standing(&holders[2], "failed");
    struct shown deleting = failed, by_hand = failed, copying = standing(&holders[2], "copying");
    deleting.status = "deleting";
    by_hand.mark = NULL;
    const struct {
        const char *what;
        struct fake_answer refusal;
        struct shown then;
        bool is_left;
    } rows[] = {
        { "its answer was lost, and it was taken", lost,        deleting, false },
        { "gone by then",                          busy(world), { 0 },    false },
        { "copied anew by then",                   busy(world), copying,  true  },
        { "made by hand by then",                  busy(world), by_hand,  true  },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct small_aws *aws = small_aws_new(world, failed);
        bool is_left;
        aws->deletes = rows[i].refusal;
        aws->next = rows[i].then;
        if (!remove_failed(world, NULL, &is_left) || is_left != rows[i].is_left)
            fail_msg("%s: %s", rows[i].what, err_text(&world->err));
        assert_int_equal(count_asked(world, "DeleteDBClusterSnapshot"), 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ECHOED(what_a_create_of_this_apply_wants_is_left),
        cmocka_unit_test(an_ordered_delete_goes_by_holder_status_policy_and_note),
        cmocka_unit_test(what_a_create_of_this_connection_claims_is_left_in_every_case),
        ECHOED(everything_is_judged_anew_before_every_try),
        ECHOED(a_delete_takes_its_arn_and_gives_it_back_however_it_ends),
        ECHOED(clearing_a_name_leaves_it_to_the_create_that_took_it),
        ECHOED(what_was_not_ordered_goes_only_when_it_failed),
        ECHOED(and_so_it_is_before_every_try),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
