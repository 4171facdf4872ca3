/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/watch/turn.h"
#include "tests/support/noise.h"
#include "tests/unit/plugin/snapshot/share/fixture.h"

#define CUSTOMERS is_key(world->arena, KEY("k1"), "CUSTOMER", "Enabled")

/* "222222222222" from ...ValuesToAdd.AttributeValue.1=222222222222 */
static struct str values(struct snapshot_world *world, size_t request, const char *list)
{
    struct str rest = body_of(world, request), piece, all = STR("");
    while (str_next(&rest, '&', &piece)) {
        ptrdiff_t equals = str_find_char(piece, '=');
        if (!str_starts_with(piece, str_from(list)) || equals <= 0)
            continue;
        const struct str value = str_slice(piece, (size_t)equals + 1, piece.len);
        all = str_format(world->arena, "%.*s%s%.*s", STR_ARG(all), all.len ? "," : "", STR_ARG(value));
    }
    return all;
}

/* ---- Validation --------------------------------------------------------------- */

static void wrong_arguments_are_named(void **state)
{
    static const struct {
        const char *identifier, *accounts, *region, *says;
    } rows[] = {
        { "a",                            "222222222222",              NULL,        ""                               },
        { SNAPSHOT("a"),                  "222222222222,333333333333", "eu-west-1", ""                               },
        { "",                             "222222222222",              NULL,        "error snapshot_identifier"      },
        { "rds:a",                        "222222222222",              NULL,        "Automatic snapshots"            },
        { SNAPSHOT("awsbackup:a"),        "222222222222",              NULL,        "Automatic snapshots"            },
        { "arn:aws:rds:eu-west-1:1:db:a", "222222222222",              NULL,        "error snapshot_identifier"      },
        { "a",                            "",                          NULL,        "No account is given"            },
        { "a",                            "all",                       NULL,        "would make the snapshot public" },
        { "a",                            "22222222222",               NULL,        "loses its leading zeros"        },
        { "a",                            "222222222222,root",         NULL,        "\"root\" is not an account id"  },
        { "a",                            "222222222222",              "",          "error region"                   },
        { "a",                            "222222222222",              "eu west",   "error region"                   },
    };
    struct snapshot_world *world = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct share config = share_config(world);
        config.snapshot_identifier = text(rows[i].identifier);
        config.account_ids = accounts(world, rows[i].accounts);
        config.region = text(rows[i].region);
        fake_call_again(world->fake);
        validate_rows(world->call, &share_resource.model, &config);
        if (*rows[i].says ? !is_said(world, rows[i].says) : *fake_call_said(world->fake))
            fail_msg("row %zu: \"%s\"", i, fake_call_said(world->fake));
    }
}

static void a_snapshot_has_at_most_twenty_accounts(void **state)
{
    struct snapshot_world *world = *state;
    struct share config = share_config(world);
    struct str texts[21];
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++)
        texts[i] = str_format(world->arena, "2222222222%02zu", i);
    config.account_ids = tf_string_set_from(world->arena, texts, 20);
    validate_rows(world->call, &share_resource.model, &config);
    assert_string_equal(fake_call_said(world->fake), "");
    config.account_ids = tf_string_set_from(world->arena, texts, 21);
    validate_rows(world->call, &share_resource.model, &config);
    assert_said(world, "21 accounts are given; at most 20");
}

static void a_null_account_is_refused(void **state)
{
    struct snapshot_world *world = *state;
    struct share config = share_config(world);
    struct tf_string null = { 0 };
    config.account_ids = (struct tf_string_set){ TF_KNOWN, &null, 1 };
    validate_rows(world->call, &share_resource.model, &config);
    assert_said(world, "Invalid account id");
}

/* ---- Create -------------------------------------------------------------------- */

static void a_snapshot_is_shared_with_the_accounts(void **state)
{
    struct snapshot_world *world = *state;
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, shared_snapshot(world, KEY("k1")), CUSTOMERS, MODIFIED);
    assert_true(create(world, "222222222222,333333333333", &apply));
    assert_asked(world, "GetCallerIdentity DescribeDBClusterSnapshots DescribeKey ModifyDBClusterSnapshotAttribute");
    assert_true(is_in_body(world, 3, "AttributeName=restore"));
    assert_str_equal(values(world, 3, "ValuesToAdd"), "222222222222,333333333333");
    assert_str_equal(values(world, 3, "ValuesToRemove"), "");
    assert_str_equal(((struct share *)apply.state)->snapshot_arn.value, SNAPSHOT("a"));
}

static void a_snapshot_under_aws_rds_is_never_shared(void **state)
{
    struct snapshot_world *world = *state;
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, shared_snapshot(world, KEY("rds")), is_key(world->arena, KEY("rds"), "AWS", "Enabled"));
    assert_false(create(world, "222222222222", &apply));
    assert_err(world, ERR_INVALID, "AWS-managed key " KEY("rds"));
    assert_non_null(strstr(err_remedy(&world->err), "snapshot_reencrypt_copy"));
    assert_false(apply.keep_state);
    assert_asked(world, "GetCallerIdentity DescribeDBClusterSnapshots DescribeKey");
}

static void what_cannot_be_told_of_the_key_is_left_to_aws(void **state)
{
    struct snapshot_world *world = *state;
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, shared_snapshot(world, KEY("k1")), no_key("AccessDeniedException"),
            no_key("AccessDeniedException"), MODIFIED);
    assert_true(create(world, "222222222222", &apply));
    assert_asked(world, "GetCallerIdentity DescribeDBClusterSnapshots DescribeKey GetKeyPolicy "
                        "ModifyDBClusterSnapshotAttribute");
    ANSWERS(world, shared_snapshot(world, NULL), MODIFIED); /* sse-rds, or not encrypted */
    assert_true(create(world, "222222222222", &apply));
}

static void a_copy_that_is_still_being_made_is_waited_for(void **state)
{
    struct snapshot_world *world = *state;
    struct tf_apply apply = { 0 };
    struct shown copying = { .name = "a", .status = "copying" };
    ANSWERS(world, CALLER, repeated(describes(world->arena, copying), 20), shared_snapshot(world, NULL), MODIFIED);
    assert_true(create(world, "222222222222", &apply));
}

static void a_refused_share_leaves_no_state_an_unanswered_one_does(void **state)
{
    struct snapshot_world *world = *state;
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, shared_snapshot(world, NULL),
            refuses(world->arena, 400, "SharedSnapshotQuotaExceeded", "too many"));
    assert_false(create(world, "222222222222", &apply));
    assert_false(apply.keep_state);
    assert_non_null(strstr(err_remedy(&world->err), "20 accounts"));
    ANSWERS(world, shared_snapshot(world, NULL), { .kind = ERR_IO, .unanswered = true });
    assert_false(create(world, "222222222222", &apply));
    assert_true(apply.keep_state);
    assert_str_equal(((struct share *)apply.state)->snapshot_arn.value, SNAPSHOT("a"));
}

static void another_accounts_snapshot_is_refused_before_any_call(void **state)
{
    struct snapshot_world *world = *state;
    struct tf_apply apply = { 0 };
    ANSWERS(world, is_caller(world->arena, "999999999999"));
    assert_false(create(world, "222222222222", &apply));
    assert_err(world, ERR_DENIED, "999999999999");
    assert_asked(world, "GetCallerIdentity");
}

static void without_an_identity_the_account_is_learned_from_the_snapshot(void **state)
{
    struct snapshot_world *world = *state;
    struct share planned = share_state(world);
    struct tf_apply apply = { 0 };
    world->block.skip_requesting_account_id = tf_known_bool(true);
    world_configure(world);
    planned.id = planned.snapshot_arn = unknown_text;
    ANSWERS(world, shared_snapshot(world, NULL), MODIFIED);
    assert_true(run_apply(world, &share_resource, &planned, NULL, &planned, &apply));
    assert_str_equal(((struct share *)apply.state)->snapshot_arn.value, SNAPSHOT("a"));
    assert_true(memory_knows(account_memory(world->call), MEMORY_GRANTED,
                             memory_pair(world->call->arena, STR(SNAPSHOT("a")), STR("222222222222"))));
}

/* ---- Read ----------------------------------------------------------------------- */

static struct str read_accounts(struct snapshot_world *world, struct share prior, struct tf_read *out)
{
    struct share *kept = arena_copy(world->arena, &prior, sizeof(prior));
    if (!run_read(world, &share_resource, kept, out))
        return STR("(error)");
    return joined(world, &((struct share *)out->state)->account_ids);
}

static void a_read_sees_its_own_accounts_only(void **state)
{
    struct snapshot_world *world = *state;
    struct share prior = share_state(world);
    struct tf_read read;
    prior.account_ids = accounts(world, "222222222222,333333333333");
    ANSWERS(world, CALLER,
            shares(world->arena, "<AttributeValue>333333333333</AttributeValue>"
                                 "<AttributeValue>444444444444</AttributeValue>"));
    assert_str_equal(read_accounts(world, prior, &read), "333333333333");
    assert_false(read.gone);
}

static void a_share_of_which_nothing_is_left_is_gone(void **state)
{
    struct snapshot_world *world = *state;
    const struct share prior = share_state(world);
    struct tf_read read;
    ANSWERS(world, CALLER, shares(world->arena, "<AttributeValue>444444444444</AttributeValue>"));
    read_accounts(world, prior, &read);
    assert_true(read.gone);
    ANSWERS(world, knows_nothing(world->arena));
    read_accounts(world, prior, &read);
    assert_true(read.gone);
}

static void a_read_that_fails_is_an_error_never_gone(void **state)
{
    struct snapshot_world *world = *state;
    const struct share prior = share_state(world);
    struct tf_read read;
    ANSWERS(world, CALLER, refuses(world->arena, 403, "AccessDenied", "no"));
    assert_str_equal(read_accounts(world, prior, &read), "(error)");
    assert_false(read.gone);
    ANSWERS(world, { .status = 200, .text = "<Describe" });
    assert_str_equal(read_accounts(world, prior, &read), "(error)");
    assert_false(read.gone);
    world_configure(world);
    ANSWERS(world, is_caller(world->arena, "999999999999"));
    assert_str_equal(read_accounts(world, prior, &read), "(error)");
    assert_false(read.gone);
}

static void while_the_provider_is_not_known_a_read_changes_nothing(void **state)
{
    struct snapshot_world *world = *state;
    const struct share prior = share_state(world);
    struct tf_read read;
    world->block.secret_key = unknown_text;
    world_configure(world);
    no_answers(world);
    assert_str_equal(read_accounts(world, prior, &read), "222222222222");
    assert_said(world, "warning: Not refreshed: ");
    assert_asked(world, "");
}

/* ---- Update ---------------------------------------------------------------------- */

static void an_update_grants_what_is_new_and_revokes_what_goes(void **state)
{
    struct snapshot_world *world = *state;
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, shared_snapshot(world, NULL), MODIFIED);
    assert_true(update(world, "222222222222,333333333333", "333333333333,444444444444", &apply));
    assert_str_equal(values(world, 2, "ValuesToAdd"), "444444444444");
    assert_str_equal(values(world, 2, "ValuesToRemove"), "222222222222");
}

/* Who can use the snapshot already is taken to know what it does. */
static void an_update_checks_the_key_for_new_accounts_only(void **state)
{
    struct snapshot_world *world = *state;
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, shared_snapshot(world, KEY("k1")),
            own_key(world->arena, KEY("k1"), "SYMMETRIC_DEFAULT", "Enabled"),
            admits(world->arena, "111111111111,333333333333"), MODIFIED);
    assert_true(update(world, "222222222222", "222222222222,333333333333", &apply));
    assert_asked(world, "GetCallerIdentity DescribeDBClusterSnapshots DescribeKey GetKeyPolicy "
                        "ModifyDBClusterSnapshotAttribute");
}

static void an_update_that_only_revokes_checks_nothing_first(void **state)
{
    struct snapshot_world *world = *state;
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, MODIFIED);
    assert_true(update(world, "222222222222,333333333333", "333333333333", &apply));
    assert_asked(world, "GetCallerIdentity ModifyDBClusterSnapshotAttribute");
    assert_str_equal(values(world, 1, "ValuesToRemove"), "222222222222");
}

static void an_unanswered_update_keeps_the_union(void **state)
{
    struct snapshot_world *world = *state;
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, shared_snapshot(world, NULL), { .kind = ERR_IO, .unanswered = true });
    assert_false(update(world, "222222222222,333333333333", "333333333333,444444444444", &apply));
    assert_true(apply.keep_state);
    assert_str_equal(joined(world, &((struct share *)apply.state)->account_ids),
                     "222222222222,333333333333,444444444444");
}

static void a_refused_update_keeps_the_prior_state(void **state)
{
    struct snapshot_world *world = *state;
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, shared_snapshot(world, NULL), refuses(world->arena, 403, "AccessDenied", "no"));
    assert_false(update(world, "222222222222", "333333333333", &apply));
    assert_false(apply.keep_state);
}

static void an_account_that_moves_to_another_share_keeps_its_access(void **state)
{
    struct snapshot_world *world = *state;
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, shared_snapshot(world, NULL), MODIFIED);
    assert_true(update(world, "444444444444", "222222222222,444444444444", &apply));
    ANSWERS(world, shared_snapshot(world, NULL), MODIFIED);
    assert_true(update(world, "222222222222,333333333333", "333333333333", &apply));
    assert_str_equal(values(world, 1, "ValuesToRemove"), "");
}

/* ---- Delete ---------------------------------------------------------------------- */

static void a_delete_revokes_its_own_accounts(void **state)
{
    struct snapshot_world *world = *state;
    ANSWERS(world, CALLER, MODIFIED);
    assert_true(delete_share(world, "222222222222,333333333333"));
    assert_str_equal(values(world, 1, "ValuesToRemove"), "222222222222,333333333333");
    assert_str_equal(values(world, 1, "ValuesToAdd"), "");
}

static void a_delete_leaves_what_another_share_has_just_granted(void **state)
{
    struct snapshot_world *world = *state;
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, shared_snapshot(world, NULL), MODIFIED);
    assert_true(create(world, "222222222222", &apply));
    ANSWERS(world, MODIFIED);
    assert_true(delete_share(world, "222222222222,333333333333"));
    assert_str_equal(values(world, 0, "ValuesToRemove"), "333333333333");
    no_answers(world);
    assert_true(delete_share(world, "222222222222"));
    assert_asked(world, "");
}

static void a_delete_revokes_what_another_share_was_refused(void **state)
{
    struct snapshot_world *world = *state;
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, shared_snapshot(world, NULL), refuses(world->arena, 403, "AccessDenied", "no"));
    assert_false(create(world, "222222222222", &apply));
    ANSWERS(world, MODIFIED);
    assert_true(delete_share(world, "222222222222"));
    assert_str_equal(values(world, 0, "ValuesToRemove"), "222222222222");
}

static void a_delete_leaves_what_another_share_may_have_granted(void **state)
{
    struct snapshot_world *world = *state;
    struct tf_apply apply = { 0 };
    ANSWERS(world, CALLER, shared_snapshot(world, NULL), { .kind = ERR_IO, .unanswered = true });
    assert_false(create(world, "222222222222", &apply));
    no_answers(world);
    assert_true(delete_share(world, "222222222222"));
    assert_asked(world, "");
}

/* What another one is about to grant is neither left nor revoked before it has ended. */
static void shares_of_one_snapshot_change_it_one_after_the_other(void **state)
{
    struct snapshot_world *world = *state;
    struct turn_ticket elsewhere = { .goal = STR("a change of the shares of " SNAPSHOT("b")),
                                     .waiter = waiter_new(&world->clock.clock) };
    struct turn_ticket other = { .goal = STR("a change of the shares of " SNAPSHOT("a")), .waiter = elsewhere.waiter };
    turn_line_join(account_turns(world->call), &elsewhere);
    ANSWERS(world, CALLER, MODIFIED);
    assert_true(delete_share(world, "222222222222"));
    turn_line_join(account_turns(world->call), &other);
    no_answers(world);
    assert_false(delete_share(world, "222222222222"));
    assert_err(world, ERR_TIMEOUT, "in line for a change of the shares of " SNAPSHOT("a"));
    waiter_cancel(world->call->waiter);
    assert_false(delete_share(world, "222222222222"));
    assert_err(world, ERR_CANCELLED, "in line for a change of the shares of " SNAPSHOT("a"));
    assert_asked(world, "");
    turn_line_leave(account_turns(world->call), &other);
    turn_line_leave(account_turns(world->call), &elsewhere);
    assert_int_equal(turn_line_ahead(account_turns(world->call), NULL), 0); /* nobody is left in it */
    waiter_free(elsewhere.waiter);
}

static void a_snapshot_that_is_gone_needs_no_revoking(void **state)
{
    struct snapshot_world *world = *state;
    ANSWERS(world, CALLER, knows_nothing(world->arena));
    assert_true(delete_share(world, "222222222222"));
    ANSWERS(world, refuses(world->arena, 403, "AccessDenied", "no"));
    assert_false(delete_share(world, "222222222222"));
}

/* ---- Import ---------------------------------------------------------------------- */

static void an_arn_imports_all_accounts_or_those_named(void **state)
{
    struct snapshot_world *world = *state;
    struct share imported = { 0 };
    struct tf_read read;
    assert_true(share_resource.import(world->call, STR(SNAPSHOT("a")), &imported, &world->err));
    assert_int_equal(imported.account_ids.state, TF_NULL);
    ANSWERS(world, CALLER,
            shares(world->arena, "<AttributeValue>333333333333</AttributeValue>"
                                 "<AttributeValue>222222222222</AttributeValue>"));
    assert_str_equal(read_accounts(world, imported, &read), "222222222222,333333333333");

    imported = (struct share){ 0 };
    assert_true(
        share_resource.import(world->call, STR(SNAPSHOT("A") "/333333333333,222222222222"), &imported, &world->err));
    assert_str_equal(joined(world, &imported.account_ids), "222222222222,333333333333");
    assert_str_equal(imported.snapshot_arn.value, SNAPSHOT("a"));
    assert_str_equal(imported.region.value, "eu-west-1");
    assert_str_equal(imported.snapshot_kind.value, "cluster");
}

static void anything_else_is_no_import_id(void **state)
{
    static const char *const rows[] = { "",
                                        "a",
                                        "cluster:a",
                                        SNAPSHOT("a") "/",
                                        SNAPSHOT("a") "/all",
                                        SNAPSHOT("a") "/222222222222,",
                                        SNAPSHOT("a") "/222222222222;333333333333",
                                        "/222222222222",
                                        "arn:aws:rds:eu-west-1:111111111111:db:a",
                                        "\xff" };
    struct snapshot_world *world = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct share imported = { 0 };
        if (share_resource.import(world->call, str_from(rows[i]), &imported, &world->err))
            fail_msg("%s", rows[i]);
        assert_int_equal(world->err.kind, ERR_INVALID);
        assert_int_equal(imported.snapshot_arn.state, TF_NULL);
    }
    struct str many = STR(SNAPSHOT("a") "/222222222222");
    for (int i = 0; i < 20; i++)
        many = str_format(world->arena, "%.*s,2222222222%02d", STR_ARG(many), i);
    struct share imported = { 0 };
    assert_false(share_resource.import(world->call, many, &imported, &world->err));
}

static void assert_no_import_id(void *self, struct str bytes)
{
    struct snapshot_world *world = self;
    struct share imported = { 0 };
    assert_false(share_resource.import(world->call, bytes, &imported, &world->err));
    assert_int_equal(world->err.kind, ERR_INVALID);
    assert_int_equal(imported.snapshot_arn.state, TF_NULL);
}

/* By chance a few are: then all that they name are accounts. */
static void assert_accounts_or_none(void *self, struct str bytes)
{
    struct snapshot_world *world = self;
    struct share imported = { 0 };
    struct str id = str_format(world->arena, SNAPSHOT("a") "/%.*s", STR_ARG(bytes));
    if (share_resource.import(world->call, id, &imported, &world->err))
        for (size_t i = 0; i < imported.account_ids.count; i++)
            assert_int_equal(imported.account_ids.items[i].value.len, 12);
    else
        assert_int_equal(imported.account_ids.state, TF_NULL);
}

static void noise_is_no_import_id(void **state)
{
    static const char *const alphabets[] = { "", "arn:aws:rds:eu-west-1:111111111111:snapshot:/t" };
    for (size_t i = 0; i < ARRAY_LENGTH(alphabets); i++)
        noise_feed(i, str_from(alphabets[i]), assert_no_import_id, *state);
    noise_feed(0, STR(""), assert_accounts_or_none, *state);
    noise_feed(1, STR("12,"), assert_accounts_or_none, *state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_A_WORLD(wrong_arguments_are_named),
        IN_A_WORLD(a_snapshot_has_at_most_twenty_accounts),
        IN_A_WORLD(a_null_account_is_refused),
        IN_A_WORLD(a_snapshot_is_shared_with_the_accounts),
        IN_A_WORLD(a_snapshot_under_aws_rds_is_never_shared),
        IN_A_WORLD(what_cannot_be_told_of_the_key_is_left_to_aws),
        IN_A_WORLD(a_copy_that_is_still_being_made_is_waited_for),
        IN_A_WORLD(a_refused_share_leaves_no_state_an_unanswered_one_does),
        IN_A_WORLD(another_accounts_snapshot_is_refused_before_any_call),
        IN_A_WORLD(without_an_identity_the_account_is_learned_from_the_snapshot),
        IN_A_WORLD(a_read_sees_its_own_accounts_only),
        IN_A_WORLD(a_share_of_which_nothing_is_left_is_gone),
        IN_A_WORLD(a_read_that_fails_is_an_error_never_gone),
        IN_A_WORLD(while_the_provider_is_not_known_a_read_changes_nothing),
        IN_A_WORLD(an_update_grants_what_is_new_and_revokes_what_goes),
        IN_A_WORLD(an_update_checks_the_key_for_new_accounts_only),
        IN_A_WORLD(an_update_that_only_revokes_checks_nothing_first),
        IN_A_WORLD(an_unanswered_update_keeps_the_union),
        IN_A_WORLD(a_refused_update_keeps_the_prior_state),
        IN_A_WORLD(an_account_that_moves_to_another_share_keeps_its_access),
        IN_A_WORLD(a_delete_revokes_its_own_accounts),
        IN_A_WORLD(a_delete_leaves_what_another_share_has_just_granted),
        IN_A_WORLD(a_delete_revokes_what_another_share_was_refused),
        IN_A_WORLD(a_delete_leaves_what_another_share_may_have_granted),
        IN_A_WORLD(shares_of_one_snapshot_change_it_one_after_the_other),
        IN_A_WORLD(a_snapshot_that_is_gone_needs_no_revoking),
        IN_A_WORLD(an_arn_imports_all_accounts_or_those_named),
        IN_A_WORLD(anything_else_is_no_import_id),
        IN_A_WORLD(noise_is_no_import_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
