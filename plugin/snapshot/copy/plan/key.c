/* SPDX-License-Identifier: MPL-2.0
 *
 * The key in a plan of snapshot_reencrypt_copy: whether the configured text means
 * the key that the copy has. Pure comparisons first; AWS is asked only what an alias
 * means, and its silence changes nothing.
 */
#include "plugin/snapshot/copy/plan/planning.h"

#include "aws/arn.h"
#include "plugin/snapshot/account.h"
#include "plugin/snapshot/copy/other_data.h"
#include "plugin/snapshot/keys/door.h"

enum { PLAN_CALL_LIMIT_MS = 2 * MINUTE_MS };

static bool plan_call(struct planning *planning, struct aws_call *out, struct err *err)
{
    int64_t deadline_ms = clock_after_real_ms(waiter_clock(planning->call->waiter), PLAN_CALL_LIMIT_MS);
    return account_call(planning->call, &planning->home, deadline_ms, out, err);
}

/* Asks DescribeKey what `text` means now; `out_arn` is empty when it means no key, or none yet. */
static bool compare_through_aws(struct planning *planning, struct str text, enum key_match *out_match,
                                struct str *out_arn, struct err *err)
{
    struct aws_call aws;
    struct key_lookup lookup;
    if (!plan_call(planning, &aws, err) || !key_ask(planning->call, &aws, text, KEY_FRESH, &lookup, NULL, err))
        return false;
    *out_arn = lookup.answer == KEY_FOUND ? lookup.key.arn : STR("");
    *out_match = lookup.answer != KEY_FOUND                                      ? KEY_CANNOT_TELL
                 : str_equal(lookup.key.arn, planning->prior->kms_key_arn.value) ? KEY_SAME
                                                                                 : KEY_OTHER;
    return true;
}

/* The configured text is the one in state, but an alias may have been moved. */
static bool plan_same_key_text(struct planning *planning, struct err *err)
{
    const struct str text = planning->config->kms_key_id.value;
    struct str now;
    enum key_match match;
    if (!key_is_alias(text) || planning->prior->kms_key_arn.state != TF_KNOWN ||
        !aws_configuration_is_known(account_aws(planning->call), NULL))
        return true;
    if (!compare_through_aws(planning, text, &match, &now, err))
        return false;
    if (match == KEY_OTHER)
        tf_warn(planning->call, "kms_key_id", "The alias points to another key now",
                "The copy %.*s is encrypted with %.*s; \"%.*s\" now means %.*s. The copy stays as it is. To "
                "copy with the new key, give the copy another target_snapshot_identifier.",
                STR_ARG(planning->prior->arn.value), STR_ARG(planning->prior->kms_key_arn.value), STR_ARG(text),
                STR_ARG(now));
    return true;
}

/* Of a multi-Region key each Region has a key of the same id, if it was replicated there. */
static void say_which_key(const struct aws_arn *key, struct str region, struct err *err)
{
    if (!str_starts_with(key->resource, STR("key/mrk-"))) {
        err_set_remedy(err, "Keys are regional: name a key of %.*s.", STR_ARG(region));
        return;
    }
    const struct str id = str_slice(key->resource, STR("key/").len, key->resource.len);
    err_set_remedy(err,
                   "Keys are regional: name the replica of this multi-Region key in %.*s, "
                   "arn:%.*s:kms:%.*s:%.*s:%.*s, or its id alone, \"%.*s\". If there is none yet, make it "
                   "(aws_kms_replica_key).",
                   STR_ARG(region), STR_ARG(key->partition), STR_ARG(region), STR_ARG(key->account),
                   STR_ARG(key->resource), STR_ARG(id));
}

/* RDS encrypts with a key of the copy's own Region. */
static bool check_key_region(const struct planning *planning, struct err *err)
{
    const struct tf_string key = planning->config->kms_key_id;
    const struct tf_string region = planning->planned->region;
    struct aws_arn arn;
    if (key.state != TF_KNOWN || region.state != TF_KNOWN || !aws_is_arn(key.value))
        return true;
    if (!aws_arn_parse(key.value, &arn, err))
        return false;
    if (str_equal(arn.region, region.value))
        return true;
    err_set(err, ERR_INVALID, "the key %.*s is in the Region \"%.*s\", the copy will be in \"%.*s\"",
            STR_ARG(key.value), STR_ARG(arn.region), STR_ARG(region.value));
    err_set_path(err, "kms_key_id");
    say_which_key(&arn, region.value, err);
    return false;
}

/* Without AWS: by the key in state, or, where AWS never told it, by the two texts. */
static enum key_match compare_key_texts(const struct reencrypt_copy *prior, struct str given)
{
    const struct str before = prior->kms_key_id.value;
    if (prior->kms_key_arn.state == TF_KNOWN)
        return key_compare(prior->kms_key_arn.value, given);
    if (key_is_alias(before))
        return KEY_CANNOT_TELL;
    return aws_is_arn(before) ? key_compare(before, given) : key_compare(given, before);
}

static bool refuse_other_key(struct planning *planning, struct str given, struct err *err)
{
    const struct reencrypt_copy *prior = planning->prior;
    const struct str was = tf_text(prior->kms_key_arn, prior->kms_key_id.value);
    return planning_leaves_to_apply(planning, "kms_key_id") ||
           other_data_refuse(planning->call->arena, prior, "kms_key_id",
                             str_format(planning->call->arena, "with the key %.*s", STR_ARG(was)), given, err);
}

static bool plan_other_key_text(struct planning *planning, struct str given, struct err *err)
{
    const struct reencrypt_copy *prior = planning->prior;
    enum key_match match = compare_key_texts(prior, given);
    struct str now;
    if (match == KEY_CANNOT_TELL && !aws_configuration_is_known(account_aws(planning->call), NULL)) {
        planning_warn_of_unknown(planning, "kms_key_id");
        planning->planned->kms_key_id = prior->kms_key_id;
        return true;
    }
    if (match == KEY_CANNOT_TELL && prior->kms_key_arn.state == TF_KNOWN &&
        !compare_through_aws(planning, given, &match, &now, err))
        return false;
    if (match == KEY_OTHER)
        return refuse_other_key(planning, given, err);
    planning->planned->kms_key_id = prior->kms_key_id;
    if (match == KEY_CANNOT_TELL)
        tf_warn(planning->call, "kms_key_id", "Cannot tell whether this is another key",
                "The copy %.*s was made with \"%.*s\". Whether \"%.*s\" means the same key is not known: there is no "
                "such key yet, or this caller may not ask (kms:DescribeKey). The copy stays as it is.",
                STR_ARG(prior->arn.value), STR_ARG(prior->kms_key_id.value), STR_ARG(given));
    return true;
}

bool planning_key(struct planning *planning, struct err *err)
{
    const struct reencrypt_copy *prior = planning->prior;
    const struct tf_string given = planning->config->kms_key_id;
    if (!prior || prior->kms_key_id.state != TF_KNOWN)
        return check_key_region(planning, err);
    if (given.state != TF_KNOWN) {
        planning_warn_of_unknown(planning, "kms_key_id");
        return true;
    }
    return str_equal(given.value, prior->kms_key_id.value) ? plan_same_key_text(planning, err)
                                                           : plan_other_key_text(planning, given.value, err);
}
