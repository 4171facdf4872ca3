/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/copy_job.h"
#include "tests/unit/plugin/snapshot/copy_fixture.h"

/* ---- A world that echoes ---------------------------------------------------- */

/* "@MARK@" in an answer stands for the mark that the last Copy call sent. */
struct echo {
    struct snapshot_world *world;
    struct http_transport inner, outer;
    struct str mark;
};

static struct str decoded(struct arena *arena, struct str text)
{
    char *out = arena_alloc(arena, text.len + 1);
    size_t used = 0;
    for (size_t i = 0; i < text.len; i++) {
        bool escaped = text.ptr[i] == '%' && i + 2 < text.len;
        char digits[3] = { escaped ? text.ptr[i + 1] : '0', escaped ? text.ptr[i + 2] : '0', '\0' };
        out[used++] = escaped ? (char)strtol(digits, NULL, 16) : text.ptr[i];
        i += escaped ? 2 : 0;
    }
    return (struct str){ out, used };
}

/* The value of the mark's tag in a query body; empty when there is none. */
static struct str sent_mark(struct arena *arena, struct str body)
{
    struct str rest = body, piece, before = STR("");
    while (str_next(&rest, '&', &piece)) {
        if (str_ends_with(before, STR("Key=" MARK_TAG))) {
            ptrdiff_t equals = str_find_char(piece, '=');
            return decoded(arena, str_slice(piece, (size_t)equals + 1, piece.len));
        }
        before = piece;
    }
    return STR("");
}

static bool echo_send(void *self, struct arena *arena, struct waiter *waiter, int64_t deadline_ms,
                      const struct http_request *request, struct http_response *out, struct err *err)
{
    struct echo *echo = self;
    if (str_starts_with(request->body, STR("Action=Copy")))
        echo->mark = str_copy(echo->world->arena, sent_mark(echo->world->arena, request->body));
    if (!echo->inner.send(echo->inner.self, arena, waiter, deadline_ms, request, out, err))
        return false;
    ptrdiff_t at = str_find(out->body, STR("@MARK@"));
    if (at >= 0)
        out->body = str_format(arena, "%.*s%.*s%.*s", STR_ARG(str_slice(out->body, 0, (size_t)at)), STR_ARG(echo->mark),
                               STR_ARG(str_slice(out->body, (size_t)at + 6, out->body.len)));
    return true;
}

static int setup(void **state)
{
    struct snapshot_world *world = world_new(&reencrypt_copy_resource.model);
    struct echo *echo = ARENA_NEW(world->arena, struct echo);
    echo->world = world;
    echo->inner = world->transport.transport;
    echo->outer = (struct http_transport){ .send = echo_send, .self = echo };
    world->block.max_retries = tf_known_int64(1);
    world_configure(world);
    account_aws(world->call)->transport = &echo->outer;
    *state = world;
    return 0;
}

#define ECHOED(test) cmocka_unit_test_setup_teardown(test, setup, world_teardown)

/* ---- Pieces of scripts ------------------------------------------------------- */

#define CALLER is_caller(world->arena, "111111111111")
#define NOTHING knows_nothing(world->arena)
#define SOURCE(status) describes(world->arena, shown_source(status))
#define GOOD_KEY is_key(world->arena, KEY("k1"), "CUSTOMER", "Enabled")
#define COPIED copies(world->arena, ours("copying"))
#define COPY(status) describes(world->arena, ours(status))
#define OLD(status) describes(world->arena, shown_copy(status))
#define DELETED done(world->arena, "DeleteDBClusterSnapshot")
#define TAGGED done(world->arena, "AddTagsToResource")

/* The copy that this test's apply makes. */
static struct shown ours(const char *status)
{
    struct shown shown = shown_copy(status);
    shown.mark = "@MARK@";
    return shown;
}

/* The wanted copy, made by somebody else. */
static struct fake_answer theirs(struct snapshot_world *world, const char *status, const char *version)
{
    struct shown shown = shown_copy(status);
    shown.mark = str_format(world->arena, "1 their-copy their-holder - - %.*s " SOURCE_TIME,
                            STR_ARG(mark_digest(world->arena, str_from(version))))
                     .ptr;
    return describes(world->arena, shown);
}

static bool create(struct snapshot_world *world, const struct reencrypt_copy *config, struct tf_apply *out)
{
    struct reencrypt_copy *planned = model_copy(world->arena, &reencrypt_copy_resource.model, config);
    planned->snapshot_kind = text("cluster");
    planned->region = text("eu-west-1");
    planned->arn = planned->id = text(SNAPSHOT("t"));
    planned->account_id = text("111111111111");
    planned->source_snapshot_arn = text(SNAPSHOT("a"));
    planned->tags_all = (struct tf_string_map){ .state = TF_KNOWN };
    for (size_t i = 0; i < config->tags.count; i++)
        tf_string_map_put(world->arena, &planned->tags_all, config->tags.items[i].key, config->tags.items[i].value);
    reencrypt_copy_forget(planned);
    return run_apply(world, &reencrypt_copy_resource, config, NULL, planned, out);
}

static bool update(struct snapshot_world *world, const struct reencrypt_copy *config,
                   const struct reencrypt_copy *prior, struct tf_apply *out)
{
    struct tf_plan plan = { 0 };
    assert_true(run_plan(world, &reencrypt_copy_resource, config, prior, &plan));
    return run_apply(world, &reencrypt_copy_resource, config, prior, plan.planned, out);
}

static bool remake(struct snapshot_world *world, struct tf_apply *out)
{
    static struct reencrypt_copy config, prior; /* outlive the call: kept in `out` */
    config = copy_config();
    prior = copy_state();
    config.source_version = text("2");
    return update(world, &config, &prior, out);
}

static const struct reencrypt_copy *state_of(const struct tf_apply *apply)
{
    return apply->state;
}

static void assert_nothing_is_deleted(struct snapshot_world *world)
{
    if (str_find(operations(&world->transport, world->arena), STR("Delete")) >= 0)
        fail_msg("%.*s", STR_ARG(operations(&world->transport, world->arena)));
}

/* ---- Create ------------------------------------------------------------------ */

static void a_copy_is_made_and_waited_for(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, NOTHING, SOURCE("available"), GOOD_KEY, COPIED, repeated(COPY("copying"), 9),
            COPY("available"));
    assert_true(create(world, &config, &apply));
    assert_true(str_starts_with(operations(&world->transport, world->arena),
                                STR("GetCallerIdentity DescribeDBClusterSnapshots DescribeDBClusterSnapshots "
                                    "DescribeKey CopyDBClusterSnapshot DescribeDBClusterSnapshots ")));
    assert_str_equal(state_of(&apply)->arn.value, SNAPSHOT("t"));
    assert_str_equal(state_of(&apply)->status.value, "available");
    assert_str_equal(state_of(&apply)->kms_key_arn.value, KEY("k1"));
    assert_str_equal(state_of(&apply)->source_kms_key_arn.value, KEY("rds"));
    assert_str_equal(state_of(&apply)->engine.value, "aurora-mysql");
    assert_int_equal(state_of(&apply)->copy_id.value.len, 16);
    assert_int_equal(state_of(&apply)->holder_id.value.len, 16);
    assert_string_equal(fake_call_said(world->fake), "");
}

static void the_copy_call_carries_the_mark_and_what_was_configured(void **state)
{
    struct snapshot_world *world = *state;
    struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    config.kms_key_id = text("alias/mine");
    tf_string_map_put(world->arena, &config.tags, STR("Name"), text("x"));
    ANSWERS(world, CALLER, NOTHING, SOURCE("available"), GOOD_KEY, COPIED, COPY("available"));
    assert_true(create(world, &config, &apply));
    struct str body = body_of(world, 4);
    assert_true(str_find(body, STR("TargetDBClusterSnapshotIdentifier=t&")) >= 0);
    assert_true(str_find(body, STR("SourceDBClusterSnapshotIdentifier=a&")) >= 0);
    assert_true(str_find(body, STR("KmsKeyId=alias%2Fmine")) >= 0);
    assert_true(str_find(body, STR("CopyTags")) < 0);
    struct aws_tag tag = { STR(MARK_TAG), sent_mark(world->arena, body) };
    struct mark mark;
    assert_int_equal(mark_find(&(const struct aws_tags){ &tag, 1 }, &mark), MARK_FOUND);
    assert_true(str_equal(mark.copy_id, state_of(&apply)->copy_id.value));
    assert_true(str_equal(mark.holder_id, state_of(&apply)->holder_id.value));
    assert_true(str_equal(mark.source, mark_digest(world->arena, STR(SNAPSHOT("a")))));
    assert_true(str_equal(mark.key, mark_digest(world->arena, STR(KEY("k1"))))); /* what the alias means */
    assert_true(str_equal(mark.version, mark_digest(world->arena, STR("1"))));
    assert_str_equal(mark.time, SOURCE_TIME);
}

static void copied_tags_are_sent_with_the_call(void **state)
{
    struct snapshot_world *world = *state;
    struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    struct shown source = shown_source("available");
    source.tags = "<Tag><Key>Team</Key><Value>db</Value></Tag><Tag><Key>aws:x</Key><Value>y</Value></Tag>";
    config.copy_tags = tf_known_bool(true);
    ANSWERS(world, CALLER, NOTHING, describes(world->arena, source), GOOD_KEY, COPIED, COPY("available"));
    assert_true(create(world, &config, &apply));
    assert_true(is_in_body(world, 4, "Key=Team"));
    assert_false(is_in_body(world, 4, "aws%3Ax"));
    assert_int_equal(state_of(&apply)->tags_all.count, 0);
}

static void a_source_that_is_being_made_is_waited_for_first(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, NOTHING, repeated(SOURCE("creating"), 200), SOURCE("available"), no_key("NotFoundException"),
            GOOD_KEY, COPIED, COPY("available"));
    assert_true(create(world, &config, &apply));
    assert_true(world->clock.monotonic_ms > 1000000 + HOUR_MS);
}

static void a_denied_describe_key_does_not_hinder_a_copy(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, NOTHING, SOURCE("available"), no_key("AccessDeniedException"), COPIED, COPY("available"));
    assert_true(create(world, &config, &apply));
}

static void before_the_copy_call_every_failure_leaves_no_state(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    const struct fake_answer stop = { .kind = ERR_CANCELLED, .cancels = world->call->waiter };
    const struct {
        struct fake_answer answers[4];
        enum err_kind kind;
    } rows[] = {
        { { refuses(world->arena, 403, "AccessDenied", "no") },                                                          ERR_DENIED    },
        { { NOTHING, SOURCE("failed") },                                                                                 ERR_CONFLICT  },
        { { NOTHING, SOURCE("deleting") },                                                                               ERR_CONFLICT  },
        { { NOTHING, SOURCE("available"), is_key(world->arena, KEY("k1"), "CUSTOMER", "Disabled") },                     ERR_DENIED    },
        { { NOTHING, repeated(NOTHING, REPEATS_FOR_EVER) },                                                              ERR_NOT_FOUND },
        { { NOTHING, SOURCE("available"), repeated(no_key("NotFoundException"), REPEATS_FOR_EVER) },                     ERR_NOT_FOUND },
        { { NOTHING, SOURCE("available"), GOOD_KEY, refuses(world->arena, 400, "SnapshotQuotaExceeded", "100 manual") },
         ERR_CONFLICT                                                                                                                  },
        { { NOTHING, stop },                                                                                             ERR_CANCELLED },
    };
    struct tf_apply first = { 0 };
    ANSWERS(world, CALLER, { .kind = ERR_IO }); /* learns who it is */
    assert_false(create(world, &config, &first));
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct tf_apply apply = { 0 };
        script_answers(world, rows[i].answers, ARRAY_LENGTH(rows[i].answers));
        assert_false(create(world, &config, &apply));
        assert_false(apply.keep_state);
        if (world->err.kind != rows[i].kind)
            fail_msg("row %zu: %s, %s", i, err_kind_name(world->err.kind), world->err.text);
        assert_nothing_is_deleted(world);
    }
}

static void a_slot_is_waited_for(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, NOTHING, SOURCE("available"), GOOD_KEY,
            repeated(
                refuses(world->arena, 400, "SnapshotQuotaExceeded", "Cannot copy more than 5 snapshots across regions"),
                30),
            COPIED, COPY("available"));
    assert_true(create(world, &config, &apply));
}

static void a_refusal_that_may_pass_is_given_up_after_minutes(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    ANSWERS(
        world, CALLER, NOTHING, SOURCE("available"), GOOD_KEY,
        repeated(refuses(world->arena, 400, "KMSKeyNotAccessibleFault", "The target KMS key [x]"), REPEATS_FOR_EVER));
    assert_false(create(world, &config, &apply));
    assert_false(apply.keep_state);
    assert_in_range(world->clock.monotonic_ms - 1000000, 5 * MINUTE_MS, 6 * MINUTE_MS);
    assert_non_null(strstr(world->err.remedy, "side = \"target\""));
}

static void a_lost_answer_is_found_by_the_mark(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, NOTHING, SOURCE("available"), GOOD_KEY, { .kind = ERR_IO, .unanswered = true },
            COPY("copying"), COPY("available"));
    assert_true(create(world, &config, &apply));
    assert_str_equal(state_of(&apply)->status.value, "available");
    assert_true(str_find(operations(&world->transport, world->arena), STR("Copy")) > 0);
    assert_nothing_is_deleted(world);
}

static void an_unanswered_copy_call_leaves_no_state_and_says_what_to_do(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, NOTHING, SOURCE("available"), GOOD_KEY, { .kind = ERR_IO, .unanswered = true }, NOTHING);
    assert_false(create(world, &config, &apply));
    assert_false(apply.keep_state);
    assert_true(world->err.unanswered);
    assert_non_null(strstr(world->err.remedy, "may exist. Apply again"));
}

static void the_faster_one_of_two_applies_is_adopted(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    struct fake_answer exists = refuses(world->arena, 400, "DBClusterSnapshotAlreadyExistsFault", "exists");
    struct fake_answer found = theirs(world, "available", "1");
    struct shown taken = shown_copy("available");
    taken.mark = NULL;
    ANSWERS(world, CALLER, NOTHING, SOURCE("available"), GOOD_KEY, exists, found, found, SOURCE("available"), GOOD_KEY,
            TAGGED, describes(world->arena, taken));
    assert_true(create(world, &config, &apply));
    assert_str_equal(state_of(&apply)->copy_id.value, "their-copy");
    assert_said(world, "warning: An existing copy was adopted: ");
}

/* ---- Waiting ------------------------------------------------------------------ */

static void a_stop_while_copying_keeps_the_state_and_warns(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    struct fake_answer stopping = COPY("copying");
    stopping.cancels = world->call->waiter;
    ANSWERS(world, CALLER, NOTHING, SOURCE("available"), GOOD_KEY, COPIED, COPY("copying"), stopping);
    assert_true(create(world, &config, &apply));
    assert_str_equal(state_of(&apply)->status.value, "copying");
    assert_int_equal(state_of(&apply)->percent_progress.value, 50);
    assert_int_equal(state_of(&apply)->holder_id.value.len, 16);
    assert_said(world, "warning: Stopped while copying: ");
    assert_int_equal(world->transport.request_count, 7); /* no further call */
}

static void a_stop_while_the_answer_is_held_keeps_the_state(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    struct fake_answer held = COPIED;
    held.cancels = world->call->waiter;
    ANSWERS(world, CALLER, NOTHING, SOURCE("available"), GOOD_KEY, held);
    assert_true(create(world, &config, &apply));
    assert_str_equal(state_of(&apply)->status.value, "copying");
    assert_said(world, "warning: Stopped while copying: ");
}

static void a_stop_with_no_answer_leaves_no_state(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, NOTHING, SOURCE("available"), GOOD_KEY,
            { .kind = ERR_CANCELLED, .unanswered = true, .cancels = world->call->waiter });
    assert_false(create(world, &config, &apply));
    assert_false(apply.keep_state);
    assert_int_equal(world->transport.request_count, 5);
}

static void the_deadline_is_an_error_without_state_that_says_how_to_go_on(void **state)
{
    struct snapshot_world *world = *state;
    struct reencrypt_copy config = copy_config();
    struct timeouts timeouts = { .create = text("3h") };
    struct tf_apply apply = { 0 };
    config.timeouts = (struct tf_blocks_timeouts){ TF_KNOWN, &timeouts, 1 };
    ANSWERS(world, CALLER, NOTHING, SOURCE("available"), GOOD_KEY, COPIED, repeated(COPY("copying"), REPEATS_FOR_EVER));
    assert_false(create(world, &config, &apply));
    assert_false(apply.keep_state);
    assert_int_equal(world->clock.monotonic_ms, 1000000 + 3 * HOUR_MS);
    assert_err(world, ERR_TIMEOUT, SNAPSHOT("t"));
    assert_err(world, ERR_TIMEOUT, "copying, 50 %");
    assert_non_null(strstr(world->err.remedy, "terraform import ADDRESS " SNAPSHOT("t")));
    assert_nothing_is_deleted(world);
}

static void a_failed_copy_is_removed_and_leaves_no_state(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, NOTHING, SOURCE("available"), GOOD_KEY, COPIED, COPY("failed"), DELETED);
    assert_false(create(world, &config, &apply));
    assert_false(apply.keep_state);
    assert_err(world, ERR_CONFLICT, "\"failed\" at 50 %");
    assert_true(str_ends_with(operations(&world->transport, world->arena), STR("DeleteDBClusterSnapshot")));
}

static void a_copy_that_somebody_takes_over_is_left_to_him(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, NOTHING, SOURCE("available"), GOOD_KEY, COPIED, theirs(world, "copying", "1"));
    assert_false(create(world, &config, &apply));
    assert_err(world, ERR_CONFLICT, "taken over");
    assert_null(strstr(world->err.remedy, "The copy goes on in AWS"));
    assert_nothing_is_deleted(world);
}

/* ---- Adoption ------------------------------------------------------------------ */

static void an_existing_copy_is_adopted_and_nothing_copied(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    struct shown mine = shown_copy("available");
    mine.mark = NULL;
    ANSWERS(world, CALLER, theirs(world, "available", "1"), SOURCE("available"), GOOD_KEY, TAGGED,
            describes(world->arena, mine));
    assert_true(create(world, &config, &apply));
    assert_str_equal(state_of(&apply)->copy_id.value, "their-copy");
    assert_str_not_equal(state_of(&apply)->holder_id.value, "their-holder");
    struct str mark = sent_mark(world->arena, body_of(world, 4));
    assert_true(str_starts_with(
        mark, str_format(world->arena, "1 their-copy %.*s ", STR_ARG(state_of(&apply)->holder_id.value))));
    assert_said(world, "change source_version");
}

static void tags_that_are_refused_while_copying_are_written_when_it_is_available(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    struct fake_answer busy = refuses(world->arena, 400, "InvalidDBClusterSnapshotStateFault", "copying");
    ANSWERS(world, CALLER, theirs(world, "copying", "1"), SOURCE("available"), GOOD_KEY, busy,
            theirs(world, "copying", "1"), theirs(world, "available", "1"), TAGGED);
    assert_true(create(world, &config, &apply));
    assert_str_not_equal(state_of(&apply)->holder_id.value, "their-holder");
    assert_true(str_ends_with(operations(&world->transport, world->arena), STR("AddTagsToResource")));
}

static void an_adoption_that_is_not_sealed_at_a_stop_leaves_no_state(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    struct fake_answer busy = refuses(world->arena, 400, "InvalidDBClusterSnapshotStateFault", "copying");
    struct fake_answer stopping = theirs(world, "copying", "1");
    stopping.cancels = world->call->waiter;
    ANSWERS(world, CALLER, theirs(world, "copying", "1"), SOURCE("available"), GOOD_KEY, busy, stopping);
    assert_false(create(world, &config, &apply));
    assert_false(apply.keep_state);
}

static void another_copy_of_the_name_is_refused_and_left_alone(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, theirs(world, "available", "7"), SOURCE("available"), GOOD_KEY);
    assert_false(create(world, &config, &apply));
    assert_err(world, ERR_CONFLICT, "source_version is another one");
    assert_string_equal(world->err.path, "target_snapshot_identifier");
    assert_asked(world, "GetCallerIdentity DescribeDBClusterSnapshots DescribeDBClusterSnapshots DescribeKey");
}

static void nothing_is_adopted_on_a_guess(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, theirs(world, "available", "1"), { .kind = ERR_IO });
    assert_false(create(world, &config, &apply));
    assert_int_equal(world->err.kind, ERR_IO);
    ANSWERS(world, theirs(world, "available", "1"), SOURCE("available"), { .kind = ERR_IO });
    assert_false(create(world, &config, &apply));
    assert_int_equal(world->err.kind, ERR_IO);
}

static void a_source_that_is_gone_does_not_hinder_an_adoption(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    struct shown mine = shown_copy("available");
    mine.mark = NULL;
    ANSWERS(world, CALLER, theirs(world, "available", "1"), NOTHING, GOOD_KEY, TAGGED, describes(world->arena, mine));
    assert_true(create(world, &config, &apply));
}

static void two_resources_cannot_have_one_name(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, NOTHING, SOURCE("available"), GOOD_KEY, COPIED, COPY("available"));
    assert_true(create(world, &config, &apply));
    no_answers(world);
    assert_false(create(world, &config, &apply));
    assert_err(world, ERR_CONFLICT, "two resources cannot have one name");
    assert_asked(world, "");
}

static void a_create_that_made_nothing_gives_its_name_back(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, NOTHING, SOURCE("failed"));
    assert_false(create(world, &config, &apply));
    ANSWERS(world, NOTHING, SOURCE("available"), GOOD_KEY, COPIED, COPY("available"));
    assert_true(create(world, &config, &apply));
}

/* ---- Made anew ------------------------------------------------------------------ */

static void a_remake_deletes_only_after_source_and_key_are_there(void **state)
{
    struct snapshot_world *world = *state;
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, OLD("available"), SOURCE("available"), GOOD_KEY, SOURCE("available"), GOOD_KEY,
            OLD("available"), DELETED, OLD("deleting"), NOTHING, COPIED, COPY("available"));
    assert_true(remake(world, &apply));
    assert_asked(
        world,
        "GetCallerIdentity DescribeDBClusterSnapshots DescribeDBClusterSnapshots DescribeKey "
        "DescribeDBClusterSnapshots DescribeKey DescribeDBClusterSnapshots DeleteDBClusterSnapshot "
        "DescribeDBClusterSnapshots DescribeDBClusterSnapshots CopyDBClusterSnapshot DescribeDBClusterSnapshots");
    assert_true(apply.keep_state);
    assert_str_equal(state_of(&apply)->arn.value, SNAPSHOT("t"));
    assert_str_not_equal(state_of(&apply)->copy_id.value, "cccc");
    assert_str_not_equal(state_of(&apply)->holder_id.value, "hhhh");
}

static void a_remake_that_cannot_be_done_deletes_nothing(void **state)
{
    struct snapshot_world *world = *state;
    struct fake_answer disabled = is_key(world->arena, KEY("k1"), "CUSTOMER", "Disabled");
    struct fake_answer stopping = SOURCE("creating");
    stopping.cancels = world->call->waiter;
    const struct fake_answer rows[][6] = {
        { OLD("available"), SOURCE("failed"), GOOD_KEY, SOURCE("failed") },
        { OLD("available"), NOTHING, GOOD_KEY, repeated(NOTHING, REPEATS_FOR_EVER) },
        { OLD("available"), SOURCE("available"), disabled, SOURCE("available"), disabled },
        { OLD("available"), SOURCE("available"), no_key("NotFoundException"), SOURCE("available"),
         repeated(no_key("NotFoundException"), REPEATS_FOR_EVER) },
        { refuses(world->arena, 403, "AccessDenied", "no") },
        { OLD("available"), SOURCE("creating"), GOOD_KEY, stopping },
    };
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, { .kind = ERR_IO }); /* learns who it is */
    assert_false(remake(world, &apply));
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        apply = (struct tf_apply){ 0 };
        script_answers(world, rows[i], ARRAY_LENGTH(rows[i]));
        assert_false(remake(world, &apply));
        assert_false(apply.keep_state);
        assert_nothing_is_deleted(world);
    }
}

static void what_was_taken_over_while_a_remake_waited_is_left_alone(void **state)
{
    struct snapshot_world *world = *state;
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, OLD("available"), SOURCE("available"), GOOD_KEY, SOURCE("available"), GOOD_KEY,
            theirs(world, "available", "1"));
    assert_false(remake(world, &apply));
    assert_false(apply.keep_state);
    assert_err(world, ERR_CONFLICT, "was taken over, or made anew, by somebody else");
    assert_nothing_is_deleted(world);
}

static void what_vanished_while_a_remake_waited_makes_room_by_itself(void **state)
{
    struct snapshot_world *world = *state;
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, OLD("available"), SOURCE("available"), GOOD_KEY, SOURCE("available"), GOOD_KEY, NOTHING,
            COPIED, COPY("available"));
    assert_true(remake(world, &apply));
    assert_nothing_is_deleted(world);
}

static void too_many_tags_are_found_out_before_anything_is_deleted(void **state)
{
    struct snapshot_world *world = *state;
    struct reencrypt_copy prior = copy_state(), config = copy_config();
    struct tf_apply apply = { 0 };
    struct str tags = STR("");
    for (int i = 0; i < 50; i++)
        tags = str_format(world->arena, "%.*s<Tag><Key>k%d</Key><Value>v</Value></Tag>", STR_ARG(tags), i);
    struct shown source = shown_source("available");
    source.tags = tags.ptr;
    config.source_version = text("2");
    config.copy_tags = prior.copy_tags = tf_known_bool(true);
    ANSWERS(world, CALLER, OLD("available"), describes(world->arena, source), GOOD_KEY, describes(world->arena, source),
            GOOD_KEY);
    assert_false(update(world, &config, &prior, &apply));
    assert_err(world, ERR_INVALID, "51 tags");
    assert_nothing_is_deleted(world);
    assert_false(apply.keep_state);
}

static void a_remake_whose_copy_is_refused_says_that_the_old_one_is_gone_and_why(void **state)
{
    struct snapshot_world *world = *state;
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, OLD("available"), SOURCE("available"), GOOD_KEY, SOURCE("available"), GOOD_KEY,
            OLD("available"), DELETED, NOTHING,
            refuses(world->arena, 400, "SnapshotQuotaExceeded", "Cannot create more than 100 manual snapshots"));
    assert_false(remake(world, &apply));
    assert_false(apply.keep_state);
    assert_err(world, ERR_CONFLICT, "was deleted to make room");
    assert_err(world, ERR_CONFLICT, "more than 100 manual snapshots");
    assert_non_null(strstr(world->err.remedy, "Service Quotas"));
}

static void a_stop_between_delete_and_copy_says_that_the_old_one_goes(void **state)
{
    struct snapshot_world *world = *state;
    struct tf_apply apply = { 0 };
    struct fake_answer stopping = OLD("deleting");
    stopping.cancels = world->call->waiter;
    ANSWERS(world, CALLER, OLD("available"), SOURCE("available"), GOOD_KEY, SOURCE("available"), GOOD_KEY,
            OLD("available"), DELETED, stopping);
    assert_false(remake(world, &apply));
    assert_false(apply.keep_state);
    assert_err(world, ERR_CANCELLED, "the old copy " SNAPSHOT("t") " is being deleted");
}

static void a_failed_remake_stays_in_the_state_for_the_next_plan(void **state)
{
    struct snapshot_world *world = *state;
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, OLD("available"), SOURCE("available"), GOOD_KEY, SOURCE("available"), GOOD_KEY,
            OLD("available"), DELETED, NOTHING, COPIED, COPY("failed"));
    assert_false(remake(world, &apply));
    assert_true(apply.keep_state);
    assert_str_equal(state_of(&apply)->status.value, "failed");
    assert_str_equal(state_of(&apply)->source_version.value, "2");
    assert_str_not_equal(state_of(&apply)->copy_id.value, "cccc");
    assert_false(str_ends_with(operations(&world->transport, world->arena), STR("DeleteDBClusterSnapshot")));
}

static void the_copy_of_a_killed_remake_is_adopted(void **state)
{
    struct snapshot_world *world = *state;
    struct tf_apply apply = { 0 };
    struct shown mine = shown_copy("available");
    mine.mark = NULL;
    ANSWERS(world, CALLER, theirs(world, "available", "2"), SOURCE("available"), GOOD_KEY, TAGGED,
            describes(world->arena, mine));
    assert_true(remake(world, &apply));
    assert_str_equal(state_of(&apply)->copy_id.value, "their-copy");
    assert_nothing_is_deleted(world);
}

static void a_remake_refuses_what_was_made_by_hand_under_its_name(void **state)
{
    struct snapshot_world *world = *state;
    struct tf_apply apply = { 0 };
    struct shown by_hand = { .name = "t", .status = "available", .key = KEY("k1"), .time = COPY_TIME };
    ANSWERS(world, CALLER, describes(world->arena, by_hand), SOURCE("available"), GOOD_KEY);
    assert_false(remake(world, &apply));
    assert_err(world, ERR_CONFLICT, "bears no readable mark");
    assert_nothing_is_deleted(world);
}

/* ---- Resumed, and other updates --------------------------------------------------- */

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
    assert_str_equal(state_of(&apply)->copy_id.value, "cccc");
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

static void an_update_of_arguments_only_calls_nothing_but_sts(void **state)
{
    struct snapshot_world *world = *state;
    struct reencrypt_copy config = copy_config();
    const struct reencrypt_copy prior = copy_state();
    struct tf_apply apply = { 0 };
    config.deletion_policy = text("retain");
    ANSWERS(world, CALLER);
    assert_true(update(world, &config, &prior, &apply));
    assert_asked(world, "GetCallerIdentity");
    assert_str_equal(state_of(&apply)->deletion_policy.value, "retain");
}

static void another_account_is_refused_before_any_effect(void **state)
{
    struct snapshot_world *world = *state;
    struct tf_apply apply = { 0 };
    ANSWERS(world, is_caller(world->arena, "999999999999"));
    assert_false(remake(world, &apply));
    assert_err(world, ERR_DENIED, "111111111111");
    assert_err(world, ERR_DENIED, "999999999999");
    assert_asked(world, "GetCallerIdentity");
}

/* ---- Without an identity ------------------------------------------------------------ */

static void the_account_is_learned_from_what_aws_describes(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    const struct http_transport *echoing = account_aws(world->call)->transport;
    world->block.skip_requesting_account_id = tf_known_bool(true);
    world_configure(world);
    account_aws(world->call)->transport = echoing;
    ANSWERS(world, NOTHING, SOURCE("available"), GOOD_KEY, COPIED, COPY("available"));
    struct reencrypt_copy planned = config;
    planned.snapshot_kind = text("cluster");
    planned.region = text("eu-west-1");
    planned.tags_all = (struct tf_string_map){ .state = TF_KNOWN };
    planned.arn = planned.id = planned.account_id = planned.source_snapshot_arn = unknown_text;
    reencrypt_copy_forget(&planned);
    assert_true(run_apply(world, &reencrypt_copy_resource, &config, NULL, &planned, &apply));
    assert_str_equal(state_of(&apply)->arn.value, SNAPSHOT("t"));
    assert_str_equal(state_of(&apply)->account_id.value, "111111111111");
    assert_str_equal(state_of(&apply)->source_snapshot_arn.value, SNAPSHOT("a"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ECHOED(a_copy_is_made_and_waited_for),
        ECHOED(the_copy_call_carries_the_mark_and_what_was_configured),
        ECHOED(copied_tags_are_sent_with_the_call),
        ECHOED(a_source_that_is_being_made_is_waited_for_first),
        ECHOED(a_denied_describe_key_does_not_hinder_a_copy),
        ECHOED(before_the_copy_call_every_failure_leaves_no_state),
        ECHOED(a_slot_is_waited_for),
        ECHOED(a_refusal_that_may_pass_is_given_up_after_minutes),
        ECHOED(a_lost_answer_is_found_by_the_mark),
        ECHOED(an_unanswered_copy_call_leaves_no_state_and_says_what_to_do),
        ECHOED(the_faster_one_of_two_applies_is_adopted),
        ECHOED(a_stop_while_copying_keeps_the_state_and_warns),
        ECHOED(a_stop_while_the_answer_is_held_keeps_the_state),
        ECHOED(a_stop_with_no_answer_leaves_no_state),
        ECHOED(the_deadline_is_an_error_without_state_that_says_how_to_go_on),
        ECHOED(a_failed_copy_is_removed_and_leaves_no_state),
        ECHOED(a_copy_that_somebody_takes_over_is_left_to_him),
        ECHOED(an_existing_copy_is_adopted_and_nothing_copied),
        ECHOED(tags_that_are_refused_while_copying_are_written_when_it_is_available),
        ECHOED(an_adoption_that_is_not_sealed_at_a_stop_leaves_no_state),
        ECHOED(another_copy_of_the_name_is_refused_and_left_alone),
        ECHOED(nothing_is_adopted_on_a_guess),
        ECHOED(a_source_that_is_gone_does_not_hinder_an_adoption),
        ECHOED(two_resources_cannot_have_one_name),
        ECHOED(a_create_that_made_nothing_gives_its_name_back),
        ECHOED(a_remake_deletes_only_after_source_and_key_are_there),
        ECHOED(a_remake_that_cannot_be_done_deletes_nothing),
        ECHOED(what_was_taken_over_while_a_remake_waited_is_left_alone),
        ECHOED(what_vanished_while_a_remake_waited_makes_room_by_itself),
        ECHOED(too_many_tags_are_found_out_before_anything_is_deleted),
        ECHOED(a_remake_whose_copy_is_refused_says_that_the_old_one_is_gone_and_why),
        ECHOED(a_stop_between_delete_and_copy_says_that_the_old_one_goes),
        ECHOED(a_failed_remake_stays_in_the_state_for_the_next_plan),
        ECHOED(the_copy_of_a_killed_remake_is_adopted),
        ECHOED(a_remake_refuses_what_was_made_by_hand_under_its_name),
        ECHOED(a_resume_waits_and_copies_nothing),
        ECHOED(a_resume_stopped_at_once_keeps_the_last_known_status),
        ECHOED(a_resume_that_fails_keeps_the_state),
        ECHOED(tags_are_changed_in_place),
        ECHOED(a_failed_tag_change_leaves_the_prior_state),
        ECHOED(an_update_of_arguments_only_calls_nothing_but_sts),
        ECHOED(another_account_is_refused_before_any_effect),
        ECHOED(the_account_is_learned_from_what_aws_describes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
