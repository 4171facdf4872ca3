/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/replacement_check.h"

#include "plugin/snapshot/cause.h"
#include "plugin/snapshot/key.h"
#include "plugin/snapshot/kind.h"
#include "plugin/snapshot/quota.h"
#include "plugin/snapshot/replacement_note.h"
#include "plugin/snapshot/wait.h"

static struct aws_call in_region(const struct aws_call *aws, struct str region)
{
    struct aws_call there = *aws;
    there.region = region;
    return there;
}

static bool check_source(struct tf_call *call, const struct aws_call *aws, const struct reencrypt_copy *prior,
                         struct str arn, struct err *err)
{
    struct snapshot_ref source;
    struct rds_snapshot found;
    struct err ignored = { 0 };
    if (!snapshot_ref_parse(call->arena, arn, &source, &ignored)) {
        tf_warn(call, NULL, "Replaced without a look at the source",
                "What %.*s will be copied from was not known when the replacement was planned.",
                STR_ARG(prior->arn.value));
        return true;
    }
    const struct aws_call there = in_region(aws, source.region);
    if (!rds_describe_snapshot(&there, source.kind, arn, &found, err)) {
        cause_explain(err);
        return false;
    }
    return wait_status_is_available(found.status) ||
           err_set(err, ERR_CONFLICT, "the status of the source %.*s is \"%.*s\"", STR_ARG(arn), STR_ARG(found.status));
}

static bool check_key(const struct aws_call *there, struct str text, struct err *err)
{
    struct kms_key key;
    enum key_answer answer;
    struct err refusal = { 0 };
    if (str_is_empty(text))
        return true;
    if (!key_look_up_or_why(there, text, &answer, &key, &refusal, err))
        return false;
    if (answer == KEY_ABSENT) {
        *err = refusal;
        return err_wrap(err, "there is no key \"%.*s\" in Region %.*s", STR_ARG(text), STR_ARG(there->region));
    }
    return answer == KEY_UNTOLD || key_check_usable(&key, err);
}

/* The old copy gives its place back to the wanted one only where both count in the same quota. */
static bool check_room(const struct aws_call *there, const struct snapshot_ref *old, const struct snapshot_ref *wanted,
                       struct err *err)
{
    const bool is_freed = old->kind == wanted->kind && str_equal(old->region, wanted->region);
    return quota_check_room(there, wanted->kind, is_freed, err);
}

static bool refuse(const struct reencrypt_copy *prior, struct err *err)
{
    if (!err->remedy[0])
        err_set_remedy(err, "Nothing was changed. Mend the cause and apply again.");
    return err_wrap(err,
                    "%.*s is not deleted, because its replacement could not be made (to make the copy anew in place "
                    "once its source can be copied, change source_version; or choose another "
                    "target_snapshot_identifier)",
                    STR_ARG(prior->arn.value));
}

bool replacement_check(struct tf_call *call, const struct aws_call *aws, const struct reencrypt_copy *prior,
                       struct str note_text, struct err *err)
{
    struct replacement_note note;
    struct snapshot_ref old, wanted;
    struct err ignored = { 0 };
    if (!replacement_note_parse(note_text, &note))
        return true;
    if (!reencrypt_copy_ref(call->arena, prior, &old, err))
        return false;
    if (!snapshot_ref_parse(call->arena, note.arn, &wanted, &ignored)) /* its name was not known at plan */
        wanted = old;
    const struct aws_call there = in_region(aws, wanted.region);
    return (check_source(call, aws, prior, note.source_arn, err) && check_key(&there, note.kms_key_id, err) &&
            check_room(&there, &old, &wanted, err)) ||
           refuse(prior, err);
}
