/* SPDX-License-Identifier: MPL-2.0
 *
 * The source of a copy in a plan: the ARN that it denotes, where that is known. Another
 * one under the name of a copy is other data. No call.
 */
#include "aws/arn.h"
#include "aws/endpoint.h"
#include "plugin/snapshot/copy/other_data.h"
#include "plugin/snapshot/copy/plan/planning.h"

/* The ARN that the configured source denotes; an empty text where that needs an
 * account that is not known yet. */
static bool source_arn_of(const struct planning *planning, struct str text, struct str *out, struct err *err)
{
    *out = STR("");
    struct snapshot_ref ref;
    if (!planning->has_home && !aws_is_arn(text))
        return true;
    if (!planning->has_home) {
        if (!snapshot_ref_parse(planning->call->arena, text, &ref, err))
            return false;
    } else if (!snapshot_ref_resolve(planning->call->arena, text, &planning->home, &ref, err)) {
        return false;
    }
    *out = snapshot_ref_arn(planning->call->arena, &ref);
    return true;
}

static bool refuse_own_source(const struct planning *planning, struct str source_arn, struct err *err)
{
    if (planning->planned->arn.state != TF_KNOWN || !str_equal(source_arn, planning->planned->arn.value))
        return true;
    err_set(err, ERR_INVALID, "source and target are the same snapshot, %.*s", STR_ARG(source_arn));
    err_set_remedy(err, "A copy is a snapshot of its own: choose another target_snapshot_identifier, or name another "
                        "source.");
    return false;
}

/* AWS copies within a partition only. */
static bool refuse_foreign_partition(const struct planning *planning, struct str text, struct err *err)
{
    const struct tf_string region = planning->planned->region;
    struct snapshot_ref source;
    CLEANUP(err_clear) struct err ignored = { 0 };
    if (region.state != TF_KNOWN || !snapshot_ref_parse(planning->call->arena, text, &source, &ignored))
        return true;
    const char *partition = aws_partition_of_region(region.value)->name;
    if (str_equal(source.partition, str_from(partition)))
        return true;
    err_set(err, ERR_INVALID,
            "the source %.*s is in the partition %.*s, the copy will be in %s (Region %.*s): AWS copies no snapshot "
            "from one partition to another",
            STR_ARG(text), STR_ARG(source.partition), partition, STR_ARG(region.value));
    err_set_remedy(err, "Name a source of the partition %s, or copy within %.*s, with a provider of that one.",
                   partition, STR_ARG(source.partition));
    return false;
}

/* As configured, in a create or where the state does not know its source. */
static void take_source(struct planning *planning, struct str arn)
{
    struct tf_string denoted = tf_string_or_null(arn);
    if (denoted.state == TF_NULL)
        denoted.state = TF_UNKNOWN;
    planning->planned->source_snapshot_arn = denoted;
}

/* `out_arn` is empty where it is not known yet. */
static bool check_source(const struct planning *planning, struct str given, struct str *out_arn, struct err *err)
{
    return refuse_foreign_partition(planning, given, err) && source_arn_of(planning, given, out_arn, err) &&
           refuse_own_source(planning, *out_arn, err);
}

static bool plan_known_source(struct planning *planning, struct str given, struct err *err)
{
    static const char path[] = "source_snapshot_identifier";
    const struct reencrypt_copy *prior = planning->prior;
    struct str arn;
    const bool is_held = prior && prior->source_snapshot_arn.state == TF_KNOWN;
    if (!(is_held ? source_arn_of(planning, given, &arn, err) : check_source(planning, given, &arn, err))) {
        err_set_path(err, path);
        return planning_leaves_to_apply(planning, path);
    }
    if (!is_held) {
        take_source(planning, arn);
        return true;
    }
    const struct str was = prior->source_snapshot_arn.value;
    if (!str_equal_ignore_case(arn, was))
        return planning_leaves_to_apply(planning, path) ||
               other_data_refuse(planning->call->arena, prior, path,
                                 str_format(planning->call->arena, "from the source %.*s", STR_ARG(was)), arn, err);
    if (prior->source_snapshot_identifier.state == TF_KNOWN)
        planning->planned->source_snapshot_identifier = prior->source_snapshot_identifier;
    return true;
}

bool planning_source(struct planning *planning, struct err *err)
{
    const struct tf_string given = planning->config->source_snapshot_identifier;
    if (given.state == TF_KNOWN)
        return plan_known_source(planning, given.value, err);
    if (planning->prior)
        planning_warn_of_unknown(planning, "source_snapshot_identifier");
    if (!planning->prior || planning->prior->source_snapshot_arn.state != TF_KNOWN)
        planning->planned->source_snapshot_arn.state = TF_UNKNOWN;
    return true;
}
