/* SPDX-License-Identifier: MPL-2.0
 *
 * `moved` into snapshot_reencrypt_copy from hashicorp/aws's two resources for
 * copies: aws_rds_cluster_snapshot_copy (plugin framework) and
 * aws_db_snapshot_copy (SDKv2, which keeps an unset text as ""). Both name the
 * same things after their kind, so one struct takes either. Their option group
 * is what AWS told, not what was configured, and is left out: the argument would
 * then seem to be removed, and that is an error.
 */
#include "aws/arn.h"
#include "plugin/snapshot/copy/model.h"
#include "plugin/snapshot/keys/key.h"

struct aws_snapshot_copy {
    struct tf_string db_cluster_snapshot_arn;
    struct tf_string db_snapshot_arn;
    struct tf_string source_db_cluster_snapshot_identifier;
    struct tf_string source_db_snapshot_identifier;
    struct tf_string target_db_cluster_snapshot_identifier;
    struct tf_string target_db_snapshot_identifier;
    struct tf_string kms_key_id;
    struct tf_string target_custom_availability_zone;
    struct tf_bool copy_tags;
    struct tf_string_set shared_accounts;
    struct tf_string_map tags;
    struct tf_string_map tags_all;
    struct tf_blocks_timeouts timeouts;
};

#define OLD(member, text) TF_ATTR(struct aws_snapshot_copy, member, .flags = TF_OPTIONAL, .description = (text))

static const struct tf_attribute aws_snapshot_copy_rows[] = {
    OLD(db_cluster_snapshot_arn, "ARN of a cluster snapshot's copy."),
    OLD(db_snapshot_arn, "ARN of an instance snapshot's copy."),
    OLD(source_db_cluster_snapshot_identifier, "Source; its ARN once AWS has told it."),
    OLD(source_db_snapshot_identifier, "Source; its ARN once AWS has told it."),
    OLD(target_db_cluster_snapshot_identifier, "Name."),
    OLD(target_db_snapshot_identifier, "Name."),
    OLD(kms_key_id, "Key; its ARN once AWS has told it."),
    OLD(target_custom_availability_zone, "As here."),
    OLD(copy_tags, "As here."),
    OLD(shared_accounts, "What a snapshot_share manages here; cluster snapshots only."),
    OLD(tags, "As here."),
    OLD(tags_all, "As here."),
    TF_BLOCK(struct aws_snapshot_copy, timeouts, TF_BLOCK_SINGLE, struct timeouts, &copy_timeouts_model,
             .description = "Has `create` only."),
    TF_END,
};

static struct tf_string given(struct tf_string text)
{
    return tf_string_or_null(tf_text(text, STR("")));
}

static struct tf_string either(struct tf_string a, struct tf_string b)
{
    return given(a).state == TF_KNOWN ? a : given(b);
}

static void warn_of_shares(struct tf_call *call, const struct aws_snapshot_copy *old, struct str arn)
{
    struct str accounts = STR("");
    for (size_t i = 0; i < old->shared_accounts.count; i++)
        str_join(call->arena, &accounts, ",", "%.*s", STR_ARG(old->shared_accounts.items[i].value));
    if (old->shared_accounts.count)
        tf_warn(call, NULL, "The shares are not moved",
                "%.*s stays shared with %.*s, but its resource does not manage that any more. To manage it, add a "
                "snapshot_share and import it by the id\n\n%.*s/%.*s",
                STR_ARG(arn), STR_ARG(accounts), STR_ARG(arn), STR_ARG(accounts));
}

static bool run(struct tf_call *call, const void *source, void *state, struct err *err)
{
    const struct aws_snapshot_copy *old = source;
    struct reencrypt_copy *copy = state;
    struct snapshot_ref ref;
    struct snapshot_ref from;
    const struct str arn = tf_text(either(old->db_cluster_snapshot_arn, old->db_snapshot_arn), STR(""));
    if (!snapshot_ref_parse(call->arena, arn, &ref, err))
        return err_wrap(err, "the ARN of the copy");
    copy->arn = copy->id = tf_known_string(snapshot_ref_arn(call->arena, &ref));
    copy->account_id = tf_known_string(ref.account);
    copy->region = tf_known_string(ref.region);
    copy->snapshot_kind = tf_known_string(str_from(snapshot_kind_of(ref.kind)->name));
    copy->target_snapshot_identifier =
        either(either(old->target_db_cluster_snapshot_identifier, old->target_db_snapshot_identifier),
               tf_known_string(ref.name));
    copy->source_snapshot_identifier =
        either(old->source_db_cluster_snapshot_identifier, old->source_db_snapshot_identifier);
    if (copy->source_snapshot_identifier.state == TF_KNOWN) {
        if (!snapshot_ref_resolve(call->arena, copy->source_snapshot_identifier.value, &ref, &from, err))
            return err_wrap(err, "the source of the copy");
        copy->source_snapshot_arn = tf_known_string(snapshot_ref_arn(call->arena, &from));
    }
    copy->kms_key_id = given(old->kms_key_id);
    if (aws_is_arn(copy->kms_key_id.value) && !key_is_alias(copy->kms_key_id.value))
        copy->kms_key_arn = copy->kms_key_id;
    copy->target_custom_availability_zone = given(old->target_custom_availability_zone);
    if (tf_is_true(old->copy_tags))
        copy->copy_tags = old->copy_tags;
    if (old->tags.count)
        copy->tags = old->tags;
    copy->tags_all = old->tags_all;
    copy->tags_all.state = TF_KNOWN; /* says to the next read that tags are known, if there are none too */
    copy->timeouts = old->timeouts;
    warn_of_shares(call, old, copy->arn.value);
    return true;
}

const struct tf_move copy_moves[] = {
    { "hashicorp/aws", "aws_rds_cluster_snapshot_copy", TF_MODEL(struct aws_snapshot_copy, aws_snapshot_copy_rows),
     run },
    { "hashicorp/aws", "aws_db_snapshot_copy", TF_MODEL(struct aws_snapshot_copy, aws_snapshot_copy_rows), run },
    { .source_type = NULL },
};
