/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/replacement_note.h"
#include "tests/unit/plugin/snapshot/copy_fixture.h"

#define CALLER is_caller(world->arena, "111111111111")
#define NOTHING knows_nothing(world->arena)
#define FOUND(shown) describes(world->arena, shown)
#define DELETED done(world->arena, "DeleteDBClusterSnapshot")
#define ROOM quota(world->arena, 100, 100)
#define GOOD_KEY is_key(world->arena, KEY("k1"), "CUSTOMER", "Enabled")

static int setup(void **state)
{
    struct snapshot_world *world = world_new(&reencrypt_copy_resource.model);
    world->block.max_retries = tf_known_int64(1);
    world_configure(world);
    *state = world;
    return 0;
}

#define HERE(test) cmocka_unit_test_setup_teardown(test, setup, world_teardown)

static bool read_copy(struct snapshot_world *world, const struct reencrypt_copy *prior, struct tf_read *out)
{
    fake_call_again(world->fake);
    return run_read(world, &reencrypt_copy_resource, prior, out);
}

static bool is_unchanged(const struct tf_read *read)
{
    return model_equal(&reencrypt_copy_resource.model, read->prior, read->state);
}

static bool delete_copy(struct snapshot_world *world, const struct reencrypt_copy *prior, struct str note)
{
    struct tf_apply apply = { .note = note };
    fake_call_again(world->fake);
    return run_apply(world, &reencrypt_copy_resource, NULL, prior, NULL, &apply);
}

static bool was_deleted(struct snapshot_world *world)
{
    return str_find(operations(&world->transport, world->arena), STR("DeleteDBClusterSnapshot")) >= 0;
}

/* ---- Read ------------------------------------------------------------------------- */

static void a_copy_that_has_not_changed_reads_as_it_is_in_state(void **state)
{
    struct snapshot_world *world = *state;
    struct reencrypt_copy prior = copy_state();
    struct shown shown = shown_copy("available");
    struct tf_read read;
    shown.percent = 100;
    ANSWERS(world, CALLER, FOUND(shown));
    assert_true(read_copy(world, &prior, &read));
    assert_true(is_unchanged(&read));
    assert_false(read.gone);
    assert_string_equal(fake_call_said(world->fake), "");
}

static void status_and_details_are_aws_word(void **state)
{
    static const char *const statuses[] = { "copying", "failed", "deleting", "brand-new" };
    struct snapshot_world *world = *state;
    const struct reencrypt_copy prior = copy_state();
    struct tf_read read;
    ANSWERS(world, CALLER, NOTHING);
    assert_true(read_copy(world, &prior, &read));
    for (size_t i = 0; i < ARRAY_LENGTH(statuses); i++) {
        ANSWERS(world, FOUND(shown_copy(statuses[i])));
        assert_true(read_copy(world, &prior, &read));
        assert_str_equal(((struct reencrypt_copy *)read.state)->status.value, statuses[i]);
        assert_int_equal(((struct reencrypt_copy *)read.state)->percent_progress.value, 50);
        assert_str_equal(((struct reencrypt_copy *)read.state)->copy_id.value, "cccc");
        assert_str_equal(((struct reencrypt_copy *)read.state)->kms_key_id.value, KEY("k1"));
    }
}

static void only_not_found_means_gone(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy prior = copy_state();
    struct tf_read read;
    ANSWERS(world, CALLER, NOTHING);
    assert_true(read_copy(world, &prior, &read));
    assert_true(read.gone);
    const struct fake_answer rows[] = {
        refuses(world->arena, 403, "AccessDenied", "no"),
        refuses(world->arena, 404, "SomethingElse", "no"),
        { .status = 404, .text = "<html>a proxy</html>" },
        { .status = 200, .text = "" },
        { .status = 200, .text = "<DescribeDBClusterSnapshotsResponse><DescribeDBClust" },
        { .kind = ERR_IO },
        { .kind = ERR_CANCELLED },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        script_answers(world, &rows[i], 1);
        if (read_copy(world, &prior, &read) || read.gone)
            fail_msg("row %zu", i);
        assert_true(is_unchanged(&read));
    }
}

static void another_account_is_an_error_naming_both_never_gone(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy prior = copy_state();
    struct tf_read read;
    ANSWERS(world, is_caller(world->arena, "999999999999"));
    assert_false(read_copy(world, &prior, &read));
    assert_false(read.gone);
    assert_err(world, ERR_DENIED, "111111111111");
    assert_err(world, ERR_DENIED, "999999999999");
    assert_asked(world, "GetCallerIdentity");
}

static void a_read_goes_to_the_region_of_the_arn(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy prior = copy_state();
    struct tf_read read;
    world->block.region = text("us-east-1");
    world_configure(world);
    ANSWERS(world, CALLER, FOUND(shown_copy("available")));
    assert_true(read_copy(world, &prior, &read));
    assert_true(str_find(world->transport.requests[1].url, STR("rds.eu-west-1.")) >= 0);
}

static void while_the_provider_is_not_known_a_read_changes_nothing(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy prior = copy_state();
    struct tf_read read;
    world->block.secret_key = unknown_text;
    world_configure(world);
    no_answers(world);
    assert_true(read_copy(world, &prior, &read));
    assert_true(is_unchanged(&read) && !read.gone);
    assert_said(world, "warning: Not refreshed: ");
    assert_asked(world, "");
}

/* What a state knows of its copy must outlive what somebody else puts there. */
static void somebody_elses_snapshot_leaves_the_state_as_it_was(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy prior = copy_state();
    struct tf_read read;
    const struct shown rows[] = {
        { .name = "t", .status = "copying", .mark = "1 xxxx yyyy - - - -", .source = SNAPSHOT("a"), .key = KEY("k1") },
        { .name = "t", .status = "available", .mark = "2 new", .source = SNAPSHOT("a"), .key = KEY("k1") },
        { .name = "t", .status = "available", .key = KEY("k9"), .time = COPY_TIME },
        { .name = "t",
         .status = "available",
         .key = KEY("k1"),
         .time = "2027-01-01T00:00:00Z",
         .source = SNAPSHOT("a") },
    };
    ANSWERS(world, CALLER, NOTHING);
    assert_true(read_copy(world, &prior, &read));
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        ANSWERS(world, FOUND(rows[i]));
        assert_true(read_copy(world, &prior, &read));
        if (!is_unchanged(&read) || read.gone)
            fail_msg("row %zu", i);
        assert_said(world, "warning: Another configuration holds this copy: ");
    }
}

static void a_mark_that_a_cleaner_removed_says_nothing(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy prior = copy_state();
    struct shown shown = shown_copy("copying");
    struct tf_read read;
    shown.mark = NULL;
    ANSWERS(world, CALLER, FOUND(shown));
    assert_true(read_copy(world, &prior, &read));
    assert_str_equal(((struct reencrypt_copy *)read.state)->status.value, "copying");
    assert_string_equal(fake_call_said(world->fake), "");
}

static void a_source_taken_anew_under_its_name_is_a_warning(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy prior = copy_state();
    struct shown shown = shown_copy("available"), source = shown_source("available");
    struct tf_read read;
    shown.mark = "1 cccc hhhh - - - " SOURCE_TIME;
    ANSWERS(world, CALLER, FOUND(shown), FOUND(source));
    assert_true(read_copy(world, &prior, &read));
    assert_string_equal(fake_call_said(world->fake), "");
    source.time = "2026-02-02T00:00:00Z";
    ANSWERS(world, FOUND(shown), FOUND(source));
    assert_true(read_copy(world, &prior, &read));
    assert_said(world, "warning source_version: The source is newer than the copy: ");
}

static void a_source_that_is_gone_or_hidden_is_no_drift(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy prior = copy_state();
    struct shown shown = shown_copy("available");
    struct tf_read read;
    shown.mark = "1 cccc hhhh - - - " SOURCE_TIME;
    shown.percent = 100;
    ANSWERS(world, CALLER, FOUND(shown), NOTHING);
    assert_true(read_copy(world, &prior, &read));
    assert_true(is_unchanged(&read));
    ANSWERS(world, FOUND(shown), refuses(world->arena, 403, "AccessDenied", "no"));
    assert_true(read_copy(world, &prior, &read));
    assert_true(is_unchanged(&read));
    assert_string_equal(fake_call_said(world->fake), "");
}

/* ---- Tags -------------------------------------------------------------------------- */

static void drift_is_seen_in_managed_tags_only(void **state)
{
    struct snapshot_world *world = *state;
    struct reencrypt_copy prior = copy_state();
    struct shown shown = shown_copy("available");
    struct tf_read read;
    static const char *const managed[] = { "changed", "gone", "same", "ignored" };
    for (size_t i = 0; i < ARRAY_LENGTH(managed); i++)
        tf_string_map_put(world->arena, &prior.tags_all, str_from(managed[i]), text("v"));
    shown.tags = "<Tag><Key>changed</Key><Value>w</Value></Tag><Tag><Key>same</Key><Value>v</Value></Tag>"
                 "<Tag><Key>foreign</Key><Value>x</Value></Tag>";
    struct ignore_tags ignored = { 0 };
    const struct str key = STR("ignored");
    ignored.keys = tf_string_set_from(world->arena, &key, 1);
    world->block.ignore_tags.state = TF_KNOWN;
    world->block.ignore_tags.items = &ignored;
    world->block.ignore_tags.count = 1;
    world_configure(world);
    ANSWERS(world, CALLER, FOUND(shown));
    assert_true(read_copy(world, &prior, &read));
    const struct tf_string_map *now = &((struct reencrypt_copy *)read.state)->tags_all;
    assert_int_equal(now->count, 3);
    assert_str_equal(tf_string_map_find(now, STR("changed"))->value, "w");
    assert_str_equal(tf_string_map_find(now, STR("same"))->value, "v");
    assert_str_equal(tf_string_map_find(now, STR("ignored"))->value, "v");
}

/* ---- Import ------------------------------------------------------------------------ */

static struct reencrypt_copy import(struct snapshot_world *world, const char *id)
{
    struct reencrypt_copy imported = { 0 };
    if (!reencrypt_copy_resource.import(world->call, str_from(id), &imported, &world->err))
        fail_msg("%s", world->err.text);
    return imported;
}

static void a_copy_is_imported_by_arn_or_by_kind_and_name(void **state)
{
    struct snapshot_world *world = *state;
    struct reencrypt_copy imported = import(world, "arn:aws:rds:us-east-1:111111111111:snapshot:T");
    assert_str_equal(imported.arn.value, "arn:aws:rds:us-east-1:111111111111:snapshot:t");
    assert_str_equal(imported.region.value, "us-east-1");
    assert_str_equal(imported.snapshot_kind.value, "instance");
    assert_str_equal(imported.target_snapshot_identifier.value, "t");
    ANSWERS(world, CALLER);
    imported = import(world, "cluster:T");
    assert_str_equal(imported.arn.value, SNAPSHOT("t"));
    assert_str_equal(import(world, "instance:t").arn.value, "arn:aws:rds:eu-west-1:111111111111:snapshot:t");
}

static void anything_else_is_no_import_id(void **state)
{
    static const char *const rows[] = { "",          "t",          "cluster:",
                                        ":t",        "snapshot:t", "cluster/t",
                                        "Cluster:t", "arn:",       "arn:aws:rds:eu-west-1:111111111111:db:t",
                                        "\xff:\xff" };
    struct snapshot_world *world = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct reencrypt_copy imported = { 0 };
        ANSWERS(world, CALLER);
        assert_false(reencrypt_copy_resource.import(world->call, str_from(rows[i]), &imported, &world->err));
        assert_int_equal(world->err.kind, ERR_INVALID);
        assert_int_equal(imported.arn.state, TF_NULL);
    }
}

static void an_import_by_name_needs_an_identity(void **state)
{
    struct snapshot_world *world = *state;
    struct reencrypt_copy imported = { 0 };
    world->block.skip_requesting_account_id = tf_known_bool(true);
    world_configure(world);
    no_answers(world);
    assert_false(reencrypt_copy_resource.import(world->call, STR("cluster:t"), &imported, &world->err));
    assert_err(world, ERR_INVALID, "import by ARN");
}

static void an_import_takes_its_ids_from_the_mark(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy imported = import(world, SNAPSHOT("t"));
    struct shown shown = shown_copy("available");
    struct tf_read read;
    shown.tags = "<Tag><Key>Name</Key><Value>x</Value></Tag><Tag><Key>aws:y</Key><Value>z</Value></Tag>"
                 "<Tag><Key>default</Key><Value>d</Value></Tag>";
    struct tf_string_map defaults = { 0 };
    tf_string_map_put(world->arena, &defaults, STR("default"), text("d"));
    struct default_tags block = { .tags = defaults };
    world->block.default_tags.state = TF_KNOWN;
    world->block.default_tags.items = &block;
    world->block.default_tags.count = 1;
    world_configure(world);
    ANSWERS(world, CALLER, FOUND(shown));
    assert_true(read_copy(world, &imported, &read));
    const struct reencrypt_copy *got = read.state;
    assert_str_equal(got->copy_id.value, "cccc");
    assert_str_equal(got->holder_id.value, "hhhh");
    assert_str_equal(got->source_snapshot_identifier.value, SNAPSHOT("a"));
    assert_str_equal(got->kms_key_id.value, KEY("k1"));
    assert_int_equal(got->tags.count, 1);
    assert_str_equal(got->tags.items[0].key, "Name");
    assert_int_equal(got->tags_all.count, 2);
    assert_int_equal(got->source_version.state, TF_NULL);

    struct reencrypt_copy config = { .target_snapshot_identifier = text("t"),
                                     .source_snapshot_identifier = text("a"),
                                     .kms_key_id = text("k1"),
                                     .tags = got->tags };
    struct tf_plan plan = { 0 };
    no_answers(world);
    assert_true(run_plan(world, &reencrypt_copy_resource, &config, got, &plan));
    assert_true(model_equal(&reencrypt_copy_resource.model, got, plan.planned)); /* import, then an empty plan */
}

static void an_import_without_mark_names_the_bytes_by_arn_and_time(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy imported = import(world, SNAPSHOT("t"));
    struct shown shown = { .name = "t", .status = "available", .time = COPY_TIME, .key = KEY("k1") };
    struct tf_read read;
    ANSWERS(world, CALLER, FOUND(shown));
    assert_true(read_copy(world, &imported, &read));
    const struct reencrypt_copy *got = read.state;
    assert_true(str_equal(got->copy_id.value, mark_digest(world->arena, STR(SNAPSHOT("t") " " COPY_TIME))));
    assert_int_equal(got->source_snapshot_identifier.state, TF_NULL);
    assert_int_equal(got->tags.state, TF_NULL);
    ANSWERS(world, FOUND(shown), DELETED, NOTHING);
    assert_true(delete_copy(world, got, STR("")));
    assert_true(was_deleted(world));
}

/* ---- Delete ------------------------------------------------------------------------ */

static void our_copy_is_deleted_and_waited_for(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy prior = copy_state();
    ANSWERS(world, CALLER, FOUND(shown_copy("available")), DELETED, FOUND(shown_copy("deleting")), NOTHING);
    assert_true(delete_copy(world, &prior, STR("")));
    assert_asked(world, "GetCallerIdentity DescribeDBClusterSnapshots DeleteDBClusterSnapshot "
                        "DescribeDBClusterSnapshots DescribeDBClusterSnapshots");
    assert_true(is_in_body(world, 2, "DBClusterSnapshotIdentifier=t"));
}

static void a_copy_under_way_is_cancelled_by_its_delete(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy prior = copy_state();
    ANSWERS(world, CALLER, FOUND(shown_copy("copying")), DELETED, NOTHING);
    assert_true(delete_copy(world, &prior, STR("")));
}

static void gone_already_is_success(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy prior = copy_state();
    ANSWERS(world, CALLER, NOTHING);
    assert_true(delete_copy(world, &prior, STR("")));
    ANSWERS(world, FOUND(shown_copy("available")), NOTHING, NOTHING);
    assert_true(delete_copy(world, &prior, STR("")));
}

static void a_retained_copy_stays(void **state)
{
    struct snapshot_world *world = *state;
    struct reencrypt_copy prior = copy_state();
    prior.deletion_policy = text("retain");
    ANSWERS(world, CALLER);
    assert_true(delete_copy(world, &prior, STR("")));
    assert_asked(world, "GetCallerIdentity");
}

static void a_delete_leaves_what_is_not_held_any_more(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy prior = copy_state();
    const struct shown rows[] = {
        { .name = "t", .status = "available", .mark = "1 cccc other - - - -" },
        { .name = "t", .status = "available", .mark = "2 new" },
        { .name = "t", .status = "available", .key = KEY("k1"), .time = COPY_TIME }, /* made by hand: no source */
        { .name = "t", .status = "available", .source = SNAPSHOT("a"), .key = KEY("k9") },
        { .name = "t", .status = "available", .source = SNAPSHOT("b"), .key = KEY("k1") },
    };
    ANSWERS(world, CALLER, NOTHING);
    assert_true(delete_copy(world, &prior, STR("")));
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        ANSWERS(world, FOUND(rows[i]));
        assert_true(delete_copy(world, &prior, STR("")));
        if (was_deleted(world))
            fail_msg("row %zu", i);
        assert_said(world, "warning: The copy was left in place: ");
    }
}

/* The whole of it: a refresh does not make somebody else's snapshot ours. */
static void what_was_made_by_hand_under_our_name_survives_refresh_and_destroy(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy prior = copy_state();
    struct shown by_hand = { .name = "t", .status = "available", .key = KEY("k9"), .time = "2027-01-01T00:00:00Z" };
    struct tf_read read;
    ANSWERS(world, CALLER, FOUND(by_hand));
    assert_true(read_copy(world, &prior, &read));
    ANSWERS(world, FOUND(by_hand));
    assert_true(delete_copy(world, read.state, STR("")));
    assert_false(was_deleted(world));
}

/* create_before_destroy: AWS's tags may lag behind what this apply has written. */
static void what_a_create_of_this_apply_took_over_is_left(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy prior = copy_state();
    assert_true(account_claim(world->call, STR(SNAPSHOT("t"))));
    ANSWERS(world, CALLER, FOUND(shown_copy("available")));
    assert_true(delete_copy(world, &prior, STR("")));
    assert_false(was_deleted(world));
    assert_said(world, "warning: The copy was left in place: ");
}

static void a_busy_copy_is_tried_again_until_the_deadline(void **state)
{
    struct snapshot_world *world = *state;
    struct reencrypt_copy prior = copy_state();
    struct timeouts timeouts = { .delete = text("30m") };
    const struct fake_answer busy = refuses(world->arena, 400, "InvalidDBClusterSnapshotStateFault", "busy");
    prior.timeouts = (struct tf_blocks_timeouts){ TF_KNOWN, &timeouts, 1 };
    ANSWERS(world, CALLER, FOUND(shown_copy("available")), repeated(busy, 20), DELETED, NOTHING);
    assert_true(delete_copy(world, &prior, STR("")));
    int64_t began_ms = world->clock.monotonic_ms;
    ANSWERS(world, FOUND(shown_copy("available")), repeated(busy, REPEATS_FOR_EVER));
    assert_false(delete_copy(world, &prior, STR("")));
    assert_int_equal(world->err.kind, ERR_TIMEOUT);
    assert_int_equal(world->clock.monotonic_ms - began_ms, 30 * MINUTE_MS);
}

static void a_delete_that_fails_is_an_error(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy prior = copy_state();
    ANSWERS(world, CALLER, refuses(world->arena, 403, "AccessDenied", "no"));
    assert_false(delete_copy(world, &prior, STR("")));
    assert_err(world, ERR_DENIED, "looking at " SNAPSHOT("t"));
    ANSWERS(world, FOUND(shown_copy("available")), refuses(world->arena, 403, "AccessDenied", "no"));
    assert_false(delete_copy(world, &prior, STR("")));
    assert_err(world, ERR_DENIED, "deleting " SNAPSHOT("t"));
    struct fake_answer stopping = FOUND(shown_copy("deleting"));
    stopping.cancels = world->call->waiter;
    ANSWERS(world, FOUND(shown_copy("available")), DELETED, stopping);
    assert_false(delete_copy(world, &prior, STR("")));
    assert_int_equal(world->err.kind, ERR_CANCELLED);
}

/* ---- The delete that begins a replacement -------------------------------------------- */

static struct str note(struct snapshot_world *world, const char *source, const char *key)
{
    const struct replacement_note text_of_note = {
        .arn = STR(SNAPSHOT("t")), .policy = STR("delete"), .source_arn = str_from(source), .kms_key_id = str_from(key)
    };
    return replacement_note_text(world->arena, &text_of_note);
}

static void a_replacement_that_can_be_made_goes_on(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy prior = copy_state();
    ANSWERS(world, CALLER, FOUND(shown_copy("available")), FOUND(shown_source("available")), GOOD_KEY, ROOM, DELETED,
            NOTHING);
    assert_true(delete_copy(world, &prior, note(world, SNAPSHOT("a"), KEY("k1"))));
    ANSWERS(world, FOUND(shown_copy("available")), FOUND(shown_source("available")), no_key("AccessDeniedException"),
            refuses(world->arena, 403, "AccessDenied", "no"), DELETED, NOTHING);
    assert_true(delete_copy(world, &prior, note(world, SNAPSHOT("a"), KEY("k1"))));
}

static void a_replacement_that_cannot_be_made_deletes_nothing(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy prior = copy_state();
    const struct fake_answer rows[][4] = {
        { FOUND(shown_copy("available")), NOTHING },
        { FOUND(shown_copy("available")), FOUND(shown_source("copying")) },
        { FOUND(shown_copy("available")), FOUND(shown_source("failed")) },
        { FOUND(shown_copy("available")), refuses(world->arena, 403, "AccessDenied", "no") },
        { FOUND(shown_copy("available")), FOUND(shown_source("available")),
         is_key(world->arena, KEY("k1"), "CUSTOMER", "PendingDeletion") },
        { FOUND(shown_copy("available")), FOUND(shown_source("available")), no_key("NotFoundException") },
        { FOUND(shown_copy("available")), FOUND(shown_source("available")), { .kind = ERR_IO } },
        { FOUND(shown_copy("available")), FOUND(shown_source("available")), GOOD_KEY, quota(world->arena, 101, 100) },
    };
    ANSWERS(world, CALLER, NOTHING);
    assert_true(delete_copy(world, &prior, STR("")));
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        script_answers(world, rows[i], 4);
        if (delete_copy(world, &prior, note(world, SNAPSHOT("a"), KEY("k1"))) || was_deleted(world))
            fail_msg("row %zu", i);
        if (!strstr(world->err.text, "is not deleted, because its replacement could not be made"))
            fail_msg("row %zu: %s", i, world->err.text);
        assert_string_not_equal(world->err.remedy, "");
    }
}

static void a_replacement_of_an_unknown_source_is_a_warning(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy prior = copy_state();
    ANSWERS(world, CALLER, FOUND(shown_copy("available")), GOOD_KEY, ROOM, DELETED, NOTHING);
    assert_true(delete_copy(world, &prior, note(world, "", KEY("k1"))));
    assert_said(world, "warning: Replaced without a look at the source: ");
}

static void a_damaged_note_is_a_plain_destroy(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy prior = copy_state();
    ANSWERS(world, CALLER, FOUND(shown_copy("available")), DELETED, NOTHING);
    assert_true(delete_copy(world, &prior, STR("1\nx\n\xff")));
    assert_true(was_deleted(world));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        HERE(a_copy_that_has_not_changed_reads_as_it_is_in_state),
        HERE(status_and_details_are_aws_word),
        HERE(only_not_found_means_gone),
        HERE(another_account_is_an_error_naming_both_never_gone),
        HERE(a_read_goes_to_the_region_of_the_arn),
        HERE(while_the_provider_is_not_known_a_read_changes_nothing),
        HERE(somebody_elses_snapshot_leaves_the_state_as_it_was),
        HERE(a_mark_that_a_cleaner_removed_says_nothing),
        HERE(a_source_taken_anew_under_its_name_is_a_warning),
        HERE(a_source_that_is_gone_or_hidden_is_no_drift),
        HERE(drift_is_seen_in_managed_tags_only),
        HERE(a_copy_is_imported_by_arn_or_by_kind_and_name),
        HERE(anything_else_is_no_import_id),
        HERE(an_import_by_name_needs_an_identity),
        HERE(an_import_takes_its_ids_from_the_mark),
        HERE(an_import_without_mark_names_the_bytes_by_arn_and_time),
        HERE(our_copy_is_deleted_and_waited_for),
        HERE(a_copy_under_way_is_cancelled_by_its_delete),
        HERE(gone_already_is_success),
        HERE(a_retained_copy_stays),
        HERE(a_delete_leaves_what_is_not_held_any_more),
        HERE(what_was_made_by_hand_under_our_name_survives_refresh_and_destroy),
        HERE(what_a_create_of_this_apply_took_over_is_left),
        HERE(a_busy_copy_is_tried_again_until_the_deadline),
        HERE(a_delete_that_fails_is_an_error),
        HERE(a_replacement_that_can_be_made_goes_on),
        HERE(a_replacement_that_cannot_be_made_deletes_nothing),
        HERE(a_replacement_of_an_unknown_source_is_a_warning),
        HERE(a_damaged_note_is_a_plain_destroy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
