/* SPDX-License-Identifier: MPL-2.0 */
#include "tests/support/noise.h"
#include "tests/unit/plugin/snapshot/copy/apply/hooks_fixture.h"

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
        assert_str_equal(((struct reencrypt_copy *)read.state)->holder_id.value, "hhhh");
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
        { .name = "t", .status = "copying", .mark = "1 yyyy - - -", .source = SNAPSHOT("a"), .key = KEY("k1") },
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
        assert_said(world, rows[i].mark ? "warning: Another configuration holds this copy: "
                                        : "warning: Another snapshot has the name of this copy: ");
    }
}

static void a_source_is_read_in_its_own_region(void **state)
{
    struct snapshot_world *world = *state;
    struct reencrypt_copy prior = copy_state();
    struct shown shown = shown_copy("available");
    struct tf_read read;
    shown.source = "arn:aws:rds:us-east-1:111111111111:cluster-snapshot:a";
    prior.source_snapshot_arn = text(shown.source);
    prior.source_snapshot_create_time = text(SOURCE_TIME);
    ANSWERS(world, CALLER, FOUND(shown), FOUND(shown_source("available")));
    assert_true(read_copy(world, &prior, &read));
    const size_t last = world->transport.request_count - 1;
    assert_true(str_find(world->transport.requests[last].url, STR("rds.us-east-1.")) >= 0);
}

/* A share of the copy must not become one of other data. */
static void a_read_remembers_that_the_name_has_other_data(void **state)
{
    struct snapshot_world *world = *state;
    struct reencrypt_copy prior = copy_state();
    const struct str same = mark_digest(world->arena, STR(SNAPSHOT("a")));
    const struct str other = mark_digest(world->arena, STR(SNAPSHOT("b")));
    const struct {
        const char *what;
        struct str mark; /* empty: none, and made by hand */
        bool is_other;
    } rows[] = {
        { "ours", STR("1 hhhh - - -"), false },
        { "another holder of the same data", str_format(world->arena, "1 other %.*s - " SOURCE_TIME, STR_ARG(same)),
         false },
        { "another holder, who says nothing of it", STR("1 other - - -"), false },
        { "another source", str_format(world->arena, "1 other %.*s - " SOURCE_TIME, STR_ARG(other)), true },
        { "a newer source", str_format(world->arena, "1 other %.*s - 2026-02-02T00:00:00Z", STR_ARG(same)), true },
        { "made by hand", STR(""), true },
        { "a mark of a later version", STR("2 other"), true },
    };
    prior.source_snapshot_create_time = text(SOURCE_TIME);
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct shown shown = shown_copy("available");
        struct tf_read read;
        shown.mark = rows[i].mark.len ? str_c(world->arena, rows[i].mark) : NULL;
        shown.source = rows[i].mark.len ? shown.source : NULL;
        world_configure(world);
        ANSWERS(world, CALLER, FOUND(shown), FOUND(shown_source("available")));
        assert_true(read_copy(world, &prior, &read));
        if (memory_knows(account_memory(world->call), MEMORY_OTHER_DATA, STR(SNAPSHOT("t"))) != rows[i].is_other)
            fail_msg("%s", rows[i].what);
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
    shown.mark = "1 hhhh - - " SOURCE_TIME;
    ANSWERS(world, CALLER, FOUND(shown), FOUND(source));
    assert_true(read_copy(world, &prior, &read));
    assert_string_equal(fake_call_said(world->fake), "");
    source.time = "2026-02-02T00:00:00Z";
    world_configure(world); /* a later plan */
    ANSWERS(world, CALLER, FOUND(shown), FOUND(source));
    assert_true(read_copy(world, &prior, &read));
    assert_said(world, "warning source_snapshot_identifier: The source is newer than the copy: ");
}

static void a_source_that_is_gone_or_hidden_is_no_drift(void **state)
{
    struct snapshot_world *world = *state;
    struct reencrypt_copy prior = copy_state();
    struct shown shown = shown_copy("available");
    struct tf_read read;
    shown.mark = "1 hhhh - - " SOURCE_TIME;
    shown.percent = 100;
    prior.source_snapshot_create_time = text(SOURCE_TIME);
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
        fail_msg("%s", err_text(&world->err));
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

static void assert_no_import_id(void *self, struct str bytes)
{
    struct snapshot_world *world = self;
    struct reencrypt_copy imported = { 0 };
    assert_false(reencrypt_copy_resource.import(world->call, bytes, &imported, &world->err));
    assert_int_equal(world->err.kind, ERR_INVALID);
    assert_int_equal(imported.arn.state, TF_NULL);
}

static void noise_is_no_import_id(void **state)
{
    static const char *const alphabets[] = { "", "cluster:-", "arn:aws:rds:eu-west-1:111111111111:snapshot:t" };
    struct snapshot_world *world = *state;
    no_answers(world); /* what is no id asks nobody who calls */
    for (size_t i = 0; i < ARRAY_LENGTH(alphabets); i++)
        noise_feed(i, str_from(alphabets[i]), assert_no_import_id, world);
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
    assert_str_equal(got->holder_id.value, "hhhh");
    assert_str_equal(got->source_snapshot_identifier.value, SNAPSHOT("a"));
    assert_str_equal(got->kms_key_id.value, KEY("k1"));
    assert_int_equal(got->tags.count, 1);
    assert_str_equal(got->tags.items[0].key, "Name");
    assert_int_equal(got->tags_all.count, 2);

    struct reencrypt_copy config = { .target_snapshot_identifier = text("t"),
                                     .source_snapshot_identifier = text("a"),
                                     .kms_key_id = text("k1"),
                                     .tags = got->tags };
    struct tf_plan plan = { 0 };
    no_answers(world);
    assert_true(run_plan(world, &reencrypt_copy_resource, &config, got, &plan));
    assert_true(model_equal(&reencrypt_copy_resource.model, got, plan.planned)); /* import, then an empty plan */
}

static void an_import_without_mark_can_be_destroyed(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy imported = import(world, SNAPSHOT("t"));
    struct shown shown = { .name = "t", .status = "available", .time = COPY_TIME, .key = KEY("k1") };
    struct tf_read read;
    ANSWERS(world, CALLER, FOUND(shown));
    assert_true(read_copy(world, &imported, &read));
    const struct reencrypt_copy *got = read.state;
    assert_int_equal(got->holder_id.state, TF_NULL);
    assert_int_equal(got->source_snapshot_create_time.state, TF_NULL);
    assert_int_equal(got->source_snapshot_identifier.state, TF_NULL);
    assert_int_equal(got->tags.state, TF_NULL);
    ANSWERS(world, FOUND(shown), DELETED, NOTHING);
    assert_true(delete_copy(world, got, STR("")));
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
        HERE(a_source_is_read_in_its_own_region),
        HERE(a_read_remembers_that_the_name_has_other_data),
        HERE(a_mark_that_a_cleaner_removed_says_nothing),
        HERE(a_source_taken_anew_under_its_name_is_a_warning),
        HERE(a_source_that_is_gone_or_hidden_is_no_drift),
        HERE(drift_is_seen_in_managed_tags_only),
        HERE(a_copy_is_imported_by_arn_or_by_kind_and_name),
        HERE(anything_else_is_no_import_id),
        HERE(noise_is_no_import_id),
        HERE(an_import_by_name_needs_an_identity),
        HERE(an_import_takes_its_ids_from_the_mark),
        HERE(an_import_without_mark_can_be_destroyed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
