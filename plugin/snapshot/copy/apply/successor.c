/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/copy/apply/successor.h"

#include "plugin/snapshot/account.h"
#include "plugin/snapshot/copy/mark.h"
#include "plugin/snapshot/copy/note.h"
#include "plugin/snapshot/copy/other_data.h"
#include "plugin/snapshot/keys/door.h"

/* ---- Another ARN ----------------------------------------------------------- */

static bool refuse_other_place(const struct reencrypt_copy *prior, const struct replacement_note *note, struct err *err)
{
    const struct str wanted = str_is_empty(note->arn) ? STR("a copy whose ARN is not known yet") : note->arn;
    err_set(err, ERR_CONFLICT,
            "%.*s is not deleted: %.*s takes its place, and Terraform was about to delete the old copy before it makes "
            "the new one",
            STR_ARG(prior->arn.value), STR_ARG(wanted));
    err_set_remedy(err,
                   "This copy was not changed. What depends on it, such as its share, may have been deleted already; "
                   "the next apply makes that again. Give this resource, or one that depends on it, this line and "
                   "apply again; then the new copy is made first:\n\n  lifecycle { create_before_destroy = true }\n\n"
                   "If the copy is to stay where it is, put its name, kind and Region back (without `region`, the "
                   "provider's counts).");
    return false;
}

/* ---- The same ARN ---------------------------------------------------------- */

/* The create that follows compares with the mark; a state may have its source from a configuration. */
static bool check_source(struct tf_call *call, const struct reencrypt_copy *prior, const struct mark *mark,
                         struct str wanted, struct err *err)
{
    const struct str was = tf_text(prior->source_snapshot_arn, wanted);
    if (!str_is_empty(wanted) && str_equal_ignore_case(was, wanted) &&
        mark_part_agrees(mark->source, mark_digest(call->arena, wanted)))
        return true;
    const struct str made = str_is_empty(was)        ? STR("from a source that is not known")
                            : str_equal(was, wanted) ? STR("from another source, as its mark says")
                                                     : str_format(call->arena, "from the source %.*s", STR_ARG(was));
    return other_data_keep(call->arena, prior, "source_snapshot_identifier", made,
                           str_is_empty(wanted) ? STR("a source that was not known at plan") : wanted, err);
}

/* Where DescribeKey is denied the texts alone cannot tell: no change. */
static bool is_same_key(struct tf_call *call, const struct aws_call *aws, struct str was, struct str wanted, bool *out,
                        struct err *err)
{
    struct key_lookup lookup;
    enum key_match match = key_compare(was, wanted);
    if (match == KEY_CANNOT_TELL) {
        if (!key_ask(call, aws, wanted, KEY_FRESH, &lookup, NULL, err))
            return err_wrap(err, "reading the key \"%.*s\"", STR_ARG(wanted));
        match = lookup.answer == KEY_FOUND && !str_equal(lookup.key.arn, was) ? KEY_OTHER : KEY_SAME;
    }
    *out = match == KEY_SAME;
    return true;
}

static bool check_key(struct tf_call *call, const struct aws_call *aws, const struct reencrypt_copy *prior,
                      struct str wanted, struct err *err)
{
    const struct str was = tf_text(prior->kms_key_arn, STR(""));
    bool is_same = false;
    if (str_is_empty(was))
        return true;
    if (!str_is_empty(wanted) && !is_same_key(call, aws, was, wanted, &is_same, err))
        return false;
    return is_same ||
           other_data_keep(call->arena, prior, "kms_key_id", str_format(call->arena, "with the key %.*s", STR_ARG(was)),
                           str_is_empty(wanted) ? STR("a key that was not known at plan") : wanted, err);
}

/* What AWS does not tell of the source speaks for no other one. */
static bool check_time(struct tf_call *call, const struct aws_call *aws, const struct reencrypt_copy *prior,
                       const struct mark *mark, struct str source_arn, struct err *err)
{
    struct snapshot_ref source;
    struct rds_snapshot found;
    CLEANUP(err_clear) struct err ignored = { 0 };
    struct aws_call there = *aws;
    if (!snapshot_ref_parse(call->arena, source_arn, &source, &ignored))
        return true;
    there.region = source.region;
    if (!rds_describe_snapshot(&there, source.kind, source_arn, &found, &ignored) ||
        mark_part_agrees(mark->time, found.create_time))
        return true;
    return other_data_keep(
        call->arena, prior, "source_snapshot_identifier",
        str_format(call->arena, "from the source %.*s of %.*s", STR_ARG(source_arn), STR_ARG(mark->time)),
        str_format(call->arena, "one of that name of %.*s", STR_ARG(found.create_time)), err);
}

/* After an import, a move or a tag cleaner: without a mark the create could not adopt it. */
static bool give_mark(struct tf_call *call, const struct aws_call *aws, const struct reencrypt_copy *prior,
                      struct mark *out, struct err *err)
{
    const struct mark mark = {
        .holder_id = tf_text(prior->holder_id, mark_new_id(call->arena)),
        .source = mark_digest(call->arena, tf_text(prior->source_snapshot_arn, STR(""))),
        .key = mark_digest(call->arena, tf_text(prior->kms_key_arn, STR(""))),
        .time = tf_text(prior->source_snapshot_create_time, STR("")),
    };
    struct aws_tag tag = { .key = STR(MARK_TAG), .value = mark_text(call->arena, &mark) };
    if (rds_add_tags(aws, prior->arn.value, (struct aws_tags){ .items = &tag, .count = 1 }, err)) {
        *out = mark;
        return true;
    }
    return err_wrap(err, "marking %.*s, so that it can be adopted", STR_ARG(prior->arn.value));
}

static bool leave(struct tf_call *call, const struct aws_call *aws, const struct reencrypt_copy *prior,
                  const struct rds_snapshot *found, const struct replacement_note *note, struct err *err)
{
    struct mark mark = { .source = STR("-"), .time = tf_text(prior->source_snapshot_create_time, STR("")) };
    const bool is_marked = mark_find(&found->tags, &mark) == MARK_FOUND;
    if (!check_source(call, prior, &mark, note->source_arn, err) ||
        !check_key(call, aws, prior, note->kms_key_id, err) ||
        !check_time(call, aws, prior, &mark, note->source_arn, err) ||
        (!is_marked && !give_mark(call, aws, prior, &mark, err)))
        return false;
    memory_learn(account_memory(call), MEMORY_LEFT, memory_pair(call->arena, prior->arn.value, mark.holder_id));
    tf_warn(
        call, NULL, "The copy stays for the create that follows",
        "%.*s is not deleted: the create of the same address adopts it. If this apply ends before that, the copy is "
        "in no state: apply again, or take it back with terraform import ADDRESS %.*s",
        STR_ARG(prior->arn.value), STR_ARG(prior->arn.value));
    return true;
}

void successor_announce(struct tf_call *call, const struct reencrypt_copy *prior, struct str note_text)
{
    struct replacement_note note;
    if (note_parse(note_text, &note) && !str_equal(note.arn, prior->arn.value))
        memory_learn(account_memory(call), MEMORY_TO_CREATE, note.arn);
}

bool successor_judge(struct tf_call *call, const struct aws_call *aws, const struct reencrypt_copy *prior,
                     const struct rds_snapshot *found, struct str note_text, enum successor *out, struct err *err)
{
    struct replacement_note note;
    *out = SUCCESSOR_NONE;
    if (str_is_empty(note_text))
        return true;
    if (!note_parse(note_text, &note))
        return err_set(err, ERR_CONFLICT, "this plan was made by another version of the provider: plan again");
    if (!str_equal(note.arn, prior->arn.value))
        return copy_is_retained(prior) || refuse_other_place(prior, &note, err);
    *out = SUCCESSOR_ADOPTS;
    return leave(call, aws, prior, found, &note, err);
}
