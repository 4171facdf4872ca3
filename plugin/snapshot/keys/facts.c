/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/keys/facts.h"

#include "aws/arn.h"
#include "aws/endpoint.h"

/* ---- What a key is ---------------------------------------------------------- */

/* DescribeKey is denied, perhaps because the key's policy lacks it. */
static void name_untold(const struct aws_call *call, struct key_lookup *lookup)
{
    struct aws_arn arn;
    CLEANUP(err_clear) struct err ignored = { 0 };
    struct str full = lookup->text;
    if (key_is_alias(full) || (!aws_is_arn(full) && str_is_empty(call->account)))
        return;
    if (!aws_is_arn(full))
        full = str_format(call->arena, "arn:%s:kms:%.*s:%.*s:key/%.*s", aws_partition_of_region(call->region)->name,
                          STR_ARG(call->region), STR_ARG(call->account), STR_ARG(full));
    if (aws_arn_parse(full, &arn, &ignored))
        lookup->key = (struct kms_key){ .arn = full, .account = arn.account };
}

bool key_facts_begin(const struct aws_call *call, struct str text, struct key_facts *out, struct err *err)
{
    struct key_lookup lookup = { .text = text };
    const bool is_found = kms_describe_key(call, text, &lookup.key, err);
    lookup.asked_ms = waiter_now_ms(call->waiter);
    if (!is_found && err->kind != ERR_NOT_FOUND && err->kind != ERR_DENIED)
        return err_wrap(err, "looking up the key \"%.*s\"", STR_ARG(text));
    if (!is_found)
        lookup.answer = err->kind == ERR_NOT_FOUND ? KEY_ABSENT : KEY_UNTOLD;
    if (lookup.answer == KEY_UNTOLD) {
        log_write(call->log, LOG_DEBUG, NULL, "cannot tell what the key \"%.*s\" is: %s", STR_ARG(text), err_text(err));
        name_untold(call, &lookup);
    }
    *out = (struct key_facts){ .lookup = lookup };
    return true;
}

/* ---- Policy and grants ------------------------------------------------------ */

/* "kms:GetKeyPolicy: AccessDeniedException" */
static struct str lack_of(struct arena *arena, const char *action, const struct err *refusal)
{
    return str_format(arena, "%s: %s", action, err_code(refusal)[0] ? err_code(refusal) : err_kind_name(refusal->kind));
}

static void ask_policy(const struct aws_call *call, struct key_facts *facts)
{
    const struct kms_key *key = &facts->lookup.key;
    CLEANUP(err_clear) struct err refusal = { 0 };
    facts->is_policy_asked = true;
    if (str_is_empty(key->arn)) {
        facts->policy_lack = STR("kms:DescribeKey does not tell what it is");
        return;
    }
    if (str_equal(key->key_manager, STR("AWS")))
        return;
    if (str_is_empty(call->account) || !str_equal(key->account, call->account)) {
        facts->policy_lack = str_format(call->arena, "it belongs to account %.*s", STR_ARG(key->account));
        return;
    }
    if (kms_get_key_policy(call, key->arn, &facts->policy, &refusal))
        return;
    log_write(call->log, LOG_DEBUG, NULL, "the policy of %.*s is not told: %s", STR_ARG(key->arn), err_text(&refusal));
    facts->policy_lack = lack_of(call->arena, "kms:GetKeyPolicy", &refusal);
}

static void ask_grants(const struct aws_call *call, struct key_facts *facts)
{
    const struct str arn = facts->lookup.key.arn;
    CLEANUP(err_clear) struct err refusal = { 0 };
    bool is_told = kms_list_grants(call, arn, &facts->grants, &refusal);
    facts->grants_answer = is_told ? KEY_GRANTS_TOLD : KEY_GRANTS_UNTOLD;
    if (is_told)
        return;
    facts->grants_lack = lack_of(call->arena, "kms:ListGrants", &refusal);
    log_write(call->log, LOG_DEBUG, NULL, "the grants on %.*s are not told: %s", STR_ARG(arn), err_text(&refusal));
}

bool key_facts_reach(const struct key_facts *facts, enum key_depth depth)
{
    return depth == KEY_ITSELF   ? true
           : depth == KEY_POLICY ? facts->is_policy_asked
                                 : facts->grants_answer != KEY_GRANTS_NOT_ASKED;
}

void key_facts_complete(const struct aws_call *call, enum key_depth depth, struct key_facts *facts)
{
    if (depth >= KEY_POLICY && !key_facts_reach(facts, KEY_POLICY))
        ask_policy(call, facts);
    if (depth >= KEY_GRANTS && !key_facts_reach(facts, KEY_GRANTS))
        ask_grants(call, facts);
}

void key_facts_keep(struct arena *arena, struct key_facts *facts)
{
    facts->lookup.text = str_copy(arena, facts->lookup.text);
    kms_keep_key(arena, &facts->lookup.key);
    facts->policy = str_copy(arena, facts->policy);
    facts->policy_lack = str_copy(arena, facts->policy_lack);
    facts->grants_lack = str_copy(arena, facts->grants_lack);
    kms_keep_grants(arena, &facts->grants);
}
