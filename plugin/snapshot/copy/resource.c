/* SPDX-License-Identifier: MPL-2.0
 *
 * resource "snapshot_reencrypt_copy": a manual snapshot made by copying another
 * one and encrypting it with a key of one's choice, in the same account or from
 * one that shares. Here: rows, read, import.
 */
#include "plugin/snapshot/copy/model.h"

#include "aws/arn.h"
#include "plugin/snapshot/account.h"
#include "plugin/snapshot/arguments.h"
#include "plugin/snapshot/copy/source.h"
#include "plugin/snapshot/copy/tags.h"
#include "plugin/snapshot/registry.h"
#include "plugin/snapshot/watch/look.h"

enum { READ_LIMIT_MS = 10 * MINUTE_MS };

/* ---- Read ----------------------------------------------------------------- */

/* Managed tags as AWS has them now; what is ignored or foreign stays as it is in state. */
static void read_tags(struct tf_call *call, const struct rds_snapshot *found, struct reencrypt_copy *state)
{
    struct tf_string_map now = { .state = TF_KNOWN };
    for (size_t i = 0; i < state->tags_all.count; i++) {
        struct tf_string_pair managed = state->tags_all.items[i];
        const struct str *value = tags_find(&found->tags, managed.key);
        if (aws_configuration_ignores_tag(account_aws(call), managed.key))
            tf_string_map_put(call->arena, &now, managed.key, managed.value);
        else if (value)
            tf_string_map_put(call->arena, &now, managed.key, tf_known_string(*value));
    }
    state->tags_all = now;
}

/* Import: every tag but the mark, AWS's own and the default ones becomes `tags`. */
static void import_tags(struct tf_call *call, const struct rds_snapshot *found, struct reencrypt_copy *state)
{
    const struct tf_string_map *defaults = aws_configuration_default_tags(account_aws(call));
    struct tf_string_map all = { .state = TF_KNOWN };
    struct tf_string_map own = { .state = TF_NULL };
    for (size_t i = 0; i < found->tags.count; i++) {
        const struct aws_tag *tag = &found->tags.items[i];
        if (tags_key_is_reserved(tag->key) || str_equal(tag->key, STR(MARK_TAG)) ||
            aws_configuration_ignores_tag(account_aws(call), tag->key))
            continue;
        struct tf_string value = tf_known_string(tag->value.ptr ? tag->value : STR(""));
        tf_string_map_put(call->arena, &all, tag->key, value);
        const struct tf_string *usual = tf_string_map_find(defaults, tag->key);
        if (usual && tf_string_equal(*usual, value))
            continue;
        own.state = TF_KNOWN;
        tf_string_map_put(call->arena, &own, tag->key, value);
    }
    state->tags = own;
    state->tags_all = all;
}

/* What an import or a move lacks; AWS's answer fills it, where there is one. What
 * a move has brought stays. */
static void read_first(struct tf_call *call, const struct rds_snapshot *found, enum mark_found has_mark,
                       const struct mark *mark, struct reencrypt_copy *state)
{
    if (has_mark == MARK_FOUND)
        state->holder_id = tf_known_string(mark->holder_id);
    const struct tf_string source = tf_string_or_null(found->source_arn);
    if (source.state == TF_KNOWN)
        state->source_snapshot_arn = source;
    if (state->source_snapshot_identifier.state == TF_NULL)
        state->source_snapshot_identifier = source;
    if (state->kms_key_id.state == TF_NULL)
        state->kms_key_id = tf_string_or_null(found->kms_key_id);
    if (state->tags_all.state == TF_NULL)
        import_tags(call, found, state);
    else
        read_tags(call, found, state);
}

/* A state that does not know it yet learns it: an import, a mark that was written later. */
static void read_source_time(enum mark_found has_mark, const struct mark *mark, struct reencrypt_copy *state)
{
    if (has_mark == MARK_FOUND && state->source_snapshot_create_time.state == TF_NULL)
        state->source_snapshot_create_time = tf_string_or_null(mark_source_time(mark));
}

static void warn_of_other(struct tf_call *call, enum mark_found has_mark, const struct rds_snapshot *found,
                          struct str arn)
{
    const char *cure = has_mark == MARK_MISSING ? "To make the copy again, give it another target_snapshot_identifier."
                                                : holding_tell_cure(found);
    tf_warn(call, NULL,
            has_mark == MARK_MISSING ? "Another snapshot has the name of this copy"
                                     : "Another configuration holds this copy",
            "%.*s %s. The state keeps what it had, and a destroy here leaves the snapshot.%s%s", STR_ARG(arn),
            holding_tell_other(found), cure[0] ? " " : "", cure);
}

/* Somebody else may hold the same data: of that one the mark says the same source. */
static bool is_other_data(struct tf_call *call, enum mark_found has_mark, const struct mark *mark,
                          const struct reencrypt_copy *state)
{
    const struct str source = mark_digest(call->arena, tf_text(state->source_snapshot_arn, STR("")));
    const struct str time = tf_text(state->source_snapshot_create_time, STR("-"));
    return has_mark != MARK_FOUND || !mark_part_agrees(mark->source, source) || !mark_part_agrees(mark->time, time);
}

static bool copy_read(struct tf_call *call, struct tf_read *read, struct err *err)
{
    struct reencrypt_copy *state = read->state;
    struct snapshot_ref ref;
    struct aws_call aws;
    struct rds_snapshot found;
    struct mark mark;
    if (!copy_ref(call->arena, state, &ref, err))
        return false;
    memory_learn(account_memory(call), MEMORY_READ, state->arn.value);
    const char *unknown;
    if (!aws_configuration_is_known(account_aws(call), &unknown)) {
        tf_warn(call, NULL, "Not refreshed",
                "%.*s is shown as the state has it: the provider's argument %s is not known yet.",
                STR_ARG(state->arn.value), unknown);
        return true;
    }
    int64_t deadline_ms = clock_after_real_ms(waiter_clock(call->waiter), READ_LIMIT_MS);
    if (!account_held_call(call, &ref, deadline_ms, &aws, err))
        return false;
    if (!look_at_snapshot(&aws, ref.kind, ref.name, &found, err)) {
        read->gone = err->kind == ERR_NOT_FOUND;
        return read->gone || err_wrap(err, "reading %.*s", STR_ARG(state->arn.value));
    }
    enum mark_found has_mark = mark_find(&found.tags, &mark);
    if (state->status.state == TF_NULL) { /* imported or moved */
        copy_to_state(call->arena, &found, state);
        read_first(call, &found, has_mark, &mark, state);
    } else {
        const struct holding held = copy_holding(state);
        if (!holding_is_ours(&held, &found)) {
            warn_of_other(call, has_mark, &found, state->arn.value);
            memory_learn(account_memory(call), MEMORY_OTHER_HOLDER, state->arn.value);
            if (is_other_data(call, has_mark, &mark, state))
                memory_learn(account_memory(call), MEMORY_OTHER_DATA, state->arn.value);
            return true;
        }
        copy_to_state(call->arena, &found, state);
        read_tags(call, &found, state);
    }
    read_source_time(has_mark, &mark, state);
    copy_source_read(call, &aws, state);
    return true;
}

/* ---- Import --------------------------------------------------------------- */

/* "cluster:NAME" and "instance:NAME" are in the provider's account and Region. */
static bool import_ref(struct tf_call *call, struct str id, struct snapshot_ref *out, struct err *err)
{
    ptrdiff_t colon = str_find_char(id, ':');
    if (aws_is_arn(id))
        return snapshot_ref_parse(call->arena, id, out, err);
    struct snapshot_ref ref = { 0 };
    struct tf_string region;
    struct aws_call ignored;
    if (colon < 0 || !snapshot_kind_find(str_slice(id, 0, (size_t)colon), &ref.kind) || (size_t)colon + 1 == id.len)
        return err_set(err, ERR_INVALID,
                       "\"%.*s\" is not an import id: give the ARN of the copy, cluster:NAME or instance:NAME",
                       STR_ARG(id));
    if (!aws_configuration_find_region(account_aws(call), call, &region, err))
        return false;
    ref.region = tf_text(region, STR(""));
    ref.name = str_lower(call->arena, str_slice(id, (size_t)colon + 1, id.len));
    if (!account_call(call, &ref, CLOCK_NEVER, &ignored, err))
        return false;
    if (str_is_empty(ref.account))
        return err_set(err, ERR_INVALID,
                       "the provider does not know its account (skip_requesting_account_id): import by ARN");
    *out = ref;
    return true;
}

static bool copy_import(struct tf_call *call, struct str id, void *state, struct err *err)
{
    struct reencrypt_copy *copy = state;
    struct snapshot_ref ref;
    if (!argument_is_clean(call->arena, "the import id", id, err) || !import_ref(call, id, &ref, err))
        return false;
    if (snapshot_name_is_automated(ref.name)) {
        err_set(err, ERR_INVALID, "\"%.*s\" is a snapshot that AWS made, and AWS itself deletes it: it is not a copy",
                STR_ARG(ref.name));
        err_set_remedy(err, "Name it as source_snapshot_identifier of a new snapshot_reencrypt_copy.");
        return false;
    }
    copy->arn = copy->id = tf_known_string(snapshot_ref_arn(call->arena, &ref));
    copy->account_id = tf_known_string(ref.account);
    copy->region = tf_known_string(ref.region);
    copy->snapshot_kind = tf_known_string(str_from(snapshot_kind_of(ref.kind)->name));
    copy->target_snapshot_identifier = tf_known_string(ref.name);
    return true;
}

const struct tf_resource reencrypt_copy_resource = {
    .type_name = "snapshot_reencrypt_copy",
    .description =
        "Copies a DB cluster or DB instance snapshot and encrypts the copy with another key, also from an "
        "account that shares it or from another Region. Waits, hours if need be, until the copy is "
        "available.\n\nA name stands for its data: only a create copies, and only a destroy deletes. Another "
        "source or key needs another `target_snapshot_identifier`; under the same name it is an error at "
        "plan. An interrupted copy goes on at AWS and is resumed by the next apply, also after a lost "
        "state: the provider knows its copies by a tag of its own, `terraform-provider-snapshot`.",
    .version = 0,
    .model = TF_MODEL(struct reencrypt_copy, copy_attributes),
    .validate = copy_validate,
    .plan = copy_plan,
    .create = copy_create,
    .read = copy_read,
    .update = copy_update,
    .delete = copy_delete,
    .import = copy_import,
    .moves = copy_moves,
};
