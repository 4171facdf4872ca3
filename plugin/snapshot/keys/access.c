/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/keys/access.h"

#include "aws/arn.h"
#include "aws/endpoint.h"
#include "aws/policy/decision.h"

/* A host of RDS has some 35 bytes, and there is one per Region. A policy of 32 KiB, the most that KMS takes, that
 * names nothing else has a thousand values. */
enum { OWN_HOSTS_MAX = 4, NAMED_HOSTS_MAX = 64, HOST_MAX_BYTES = 64, VALUES_MAX = 1000 };

/* ---- One user, one action -------------------------------------------------- */

struct refused {
    struct str account;
    struct str clause; /* "kms:Decrypt, kms:CreateGrant (no statement allows it)" */
};

struct judging {
    struct arena *arena;
    const struct key_facts *facts;
    const struct key_users *users;
    struct aws_policy policy;
    const struct aws_partition *partition;
    struct str region;                       /* of the key */
    struct str named_hosts[NAMED_HOSTS_MAX]; /* of RDS, that the policy names */
    size_t named_count;
    bool has_too_many_hosts; /* or values to compare them with: of kms:ViaService nothing is known */

    /* What comes out. */
    struct refused *refused;
    size_t refused_count;
    bool lacks[NEEDS_COUNT]; /* not allowed to somebody */
    bool is_closed;          /* nor is what AWS demands */
    bool is_denied;          /* a statement says no: adding one does not help */
    struct str doubt;
};

/* kms:ViaService, by Region. Where a partition has a domain of its own both forms
 * are reckoned with: which one KMS gives is not documented for all. */
static size_t put_hosts(const struct judging *judging, struct str region, struct str *out)
{
    size_t count = 0;
    out[count++] = str_format(judging->arena, "rds.%.*s.%s", STR_ARG(region), judging->partition->dns_suffix);
    if (!str_equal(str_from(judging->partition->dns_suffix), STR("amazonaws.com")))
        out[count++] = str_format(judging->arena, "rds.%.*s.amazonaws.com", STR_ARG(region));
    return count;
}

static size_t count_values(const struct aws_policy *policy)
{
    size_t count = 0;
    for (size_t i = 0; i < policy->count; i++)
        for (size_t k = 0; k < policy->rules[i].test_count; k++)
            count += policy->rules[i].tests[k].count;
    return count;
}

/* "rds.us-east-1.amazonaws.com", in any case, or a pattern that may be for such. */
static bool may_name_rds(struct str host)
{
    const struct str prefix = STR("rds.");
    const struct str head = str_slice(host, 0, prefix.len);
    return str_equal_ignore_case(head, prefix) || str_find_char(head, '*') >= 0 || str_find_char(head, '?') >= 0;
}

/* False: more than can be looked at. */
static bool add_named_host(struct judging *judging, struct str host)
{
    for (size_t i = 0; i < judging->named_count; i++)
        if (str_equal(judging->named_hosts[i], host))
            return true;
    if (judging->named_count == NAMED_HOSTS_MAX || host.len > HOST_MAX_BYTES)
        return false;
    judging->named_hosts[judging->named_count++] = host;
    return true;
}

/* Where a reader will call RDS is not known: any host of RDS that the policy names may
 * be the one. Each is compared with each value, for each action and reader. */
static void find_named_hosts(struct judging *judging)
{
    const struct aws_policy *policy = &judging->policy;
    judging->has_too_many_hosts = count_values(policy) > VALUES_MAX;
    for (size_t i = 0; i < policy->count; i++)
        for (size_t k = 0; k < policy->rules[i].test_count; k++) {
            const struct aws_policy_test *test = &policy->rules[i].tests[k];
            const bool is_host = str_equal_ignore_case(test->key, STR("kms:ViaService"));
            for (size_t n = 0; is_host && n < test->count && !judging->has_too_many_hosts; n++)
                judging->has_too_many_hosts =
                    may_name_rds(test->values[n]) && !add_named_host(judging, test->values[n]);
        }
}

static size_t put_all_hosts(const struct judging *judging, enum key_part part, struct str **out)
{
    struct str *hosts = arena_array(judging->arena, judging->named_count + OWN_HOSTS_MAX, sizeof(*hosts));
    size_t count = put_hosts(judging, judging->region, hosts);
    for (size_t i = 0; part == KEY_PART_READER && i < judging->named_count; i++)
        hosts[count++] = judging->named_hosts[i];
    if (part != KEY_PART_READER && !str_equal(judging->users->region, judging->region))
        count += put_hosts(judging, judging->users->region, hosts + count);
    *out = hosts;
    return count;
}

/* Is there a grant that may allow it? Whatever it is tied to (an encryption
 * context, a SourceArn) is taken as met. A service holds grants for itself. */
static bool may_be_granted(const struct judging *judging, const struct aws_policy_question *question)
{
    const struct kms_grants *grants = &judging->facts->grants;
    const struct str operation = str_slice(question->action, STR("kms:").len, question->action.len);
    for (size_t i = 0; i < grants->count; i++) {
        const struct kms_grant *grant = &grants->items[i];
        bool is_service = !str_is_empty(grant->grantee_service) ||
                          (!aws_is_arn(grant->grantee) && str_find(grant->grantee, STR(".amazonaws.")) >= 0);
        if (is_service || aws_policy_names(grant->grantee, question) == AWS_POLICY_NO)
            continue;
        for (size_t k = 0; k < grant->operations.count; k++)
            if (str_equal_ignore_case(grant->operations.items[k], operation))
                return true;
    }
    return false;
}

static enum aws_policy_verdict decide(const struct judging *judging, const struct need *need, enum key_part part,
                                      struct str account, struct str arn, struct str *out_reason)
{
    const struct str is_true = STR("true");
    struct aws_policy_key keys[4] = {
        { "kms:CallerAccount",         &account, 1                             },
        { "aws:PrincipalAccount",      &account, 1                             },
        { "kms:GrantIsForAWSResource", &is_true, need->is_grant_action ? 1 : 0 },
    };
    size_t key_count = 3;
    if (!judging->has_too_many_hosts) {
        struct str *hosts;
        const size_t host_count = put_all_hosts(judging, part, &hosts);
        keys[key_count++] = (struct aws_policy_key){ "kms:ViaService", hosts, host_count };
    }
    const struct aws_policy_question question = { .account = account,
                                                  .caller_arn = arn,
                                                  .action = str_from(need->action),
                                                  .resource = judging->facts->lookup.key.arn,
                                                  .keys = keys,
                                                  .key_count = key_count };
    enum aws_policy_verdict verdict = aws_policy_decide(judging->arena, &judging->policy, &question, out_reason);
    if (verdict != AWS_POLICY_NOT_ALLOWED || judging->facts->grants_answer == KEY_GRANTS_NOT_ASKED)
        return verdict;
    if (judging->facts->grants_answer == KEY_GRANTS_UNTOLD) {
        *out_reason = str_format(judging->arena, "%.*s, and the grants cannot be listed: %.*s", STR_ARG(*out_reason),
                                 STR_ARG(judging->facts->grants_lack));
        return AWS_POLICY_CANNOT_TELL;
    }
    if (!may_be_granted(judging, &question))
        return AWS_POLICY_NOT_ALLOWED;
    *out_reason = STR("a grant allows it, if what the grant is tied to fits");
    return AWS_POLICY_CANNOT_TELL;
}

/* ---- One user -------------------------------------------------------------- */

/* A list of actions, each run of them with one reason. */
struct clause {
    struct str text, reason;
};

static struct str clause_text(struct arena *arena, const struct clause *clause)
{
    return str_is_empty(clause->text)
               ? clause->text
               : str_format(arena, "%.*s (%.*s)", STR_ARG(clause->text), STR_ARG(clause->reason));
}

static void add_action(struct arena *arena, struct clause *clause, const char *action, struct str reason)
{
    if (!str_equal(clause->reason, reason))
        clause->text = clause_text(arena, clause);
    str_join(arena, &clause->text, ", ", "%s", action);
    clause->reason = reason;
}

static void judge_user(struct judging *judging, enum key_part part, struct str account, struct str arn)
{
    struct clause no = { 0 }, maybe = { 0 };
    for (size_t i = 0; i < NEEDS_COUNT; i++) {
        struct str reason = STR("");
        if (!need_is_of(&needs[i], part))
            continue;
        switch (decide(judging, &needs[i], part, account, arn, &reason)) {
        case AWS_POLICY_ALLOWED:
            break;
        case AWS_POLICY_CANNOT_TELL:
            add_action(judging->arena, &maybe, needs[i].action, reason);
            break;
        case AWS_POLICY_DENIED:
            judging->is_denied = true;
            judging->is_closed |= needs[i].is_demanded;
            add_action(judging->arena, &no, needs[i].action, reason);
            break;
        case AWS_POLICY_NOT_ALLOWED:
            judging->lacks[i] = true;
            judging->is_closed |= needs[i].is_demanded;
            add_action(judging->arena, &no, needs[i].action, reason);
            break;
        }
    }
    const struct str doubt = clause_text(judging->arena, &maybe);
    if (!str_is_empty(no.text))
        judging->refused[judging->refused_count++] =
            (struct refused){ .account = account, .clause = clause_text(judging->arena, &no) };
    if (!str_is_empty(doubt) && str_is_empty(judging->doubt))
        judging->doubt = str_format(judging->arena, "whether account %.*s may use the key %.*s is not known: %.*s",
                                    STR_ARG(account), STR_ARG(judging->facts->lookup.key.arn), STR_ARG(doubt));
}

static void judge_users(struct judging *judging)
{
    const struct key_users *users = judging->users;
    judging->refused = arena_array(judging->arena, users->reader_count + 1, sizeof(*judging->refused));
    if (users->part != KEY_PART_NONE)
        judge_user(judging, users->part, users->account, users->arn);
    for (size_t i = 0; i < users->reader_count; i++)
        if (!str_equal(users->readers[i], judging->facts->lookup.key.account))
            judge_user(judging, KEY_PART_READER, users->readers[i], STR(""));
}

/* ---- The refusal ----------------------------------------------------------- */

static size_t put_lacking(const struct judging *judging, bool is_grant_action, const char **out)
{
    size_t count = 0;
    for (size_t i = 0; i < NEEDS_COUNT; i++)
        if (judging->lacks[i] && needs[i].is_grant_action == is_grant_action)
            out[count++] = needs[i].action;
    out[count] = NULL;
    return count;
}

/* What would make it a yes: through RDS only, and grants for AWS's resources only. */
static bool write_statements(const struct judging *judging, struct str *out, struct err *err)
{
    const struct str is_true = STR("true");
    const char *use[NEEDS_COUNT + 1], *grants[NEEDS_COUNT + 1];
    struct str *roots = arena_array(judging->arena, judging->refused_count, sizeof(*roots));
    struct str hosts[2];
    for (size_t i = 0; i < judging->refused_count; i++)
        roots[i] = str_format(judging->arena, "arn:%s:iam::%.*s:root", judging->partition->name,
                              STR_ARG(judging->refused[i].account));
    (void)put_hosts(judging, judging->region, hosts);
    struct aws_policy_statement statements[2];
    size_t count = 0;
    const struct aws_policy_statement common = {
        .principal_type = "AWS",
        .principals = roots,
        .principal_count = judging->refused_count,
        .conditions = { { "StringEquals", "kms:ViaService", hosts, 1 },
                       { "Bool", "kms:GrantIsForAWSResource", &is_true, 1 } },
        .condition_count = 1,
    };
    if (put_lacking(judging, false, use)) {
        statements[count] = common;
        statements[count++].actions = use;
    }
    if (put_lacking(judging, true, grants)) {
        statements[count] = common;
        statements[count].condition_count = 2;
        statements[count++].actions = grants;
    }
    return aws_policy_write_statements(judging->arena, statements, count, out, err);
}

/* "account A: ...; accounts B, C: ...": neighbours who lack the same share a clause. */
static struct str refusals_text(const struct judging *judging)
{
    struct str text = STR("");
    for (size_t i = 0; i < judging->refused_count;) {
        const struct refused *first = &judging->refused[i];
        struct str accounts = first->account;
        size_t next = i + 1;
        for (; next < judging->refused_count && str_equal(judging->refused[next].clause, first->clause); next++)
            str_join(judging->arena, &accounts, ", ", "%.*s", STR_ARG(judging->refused[next].account));
        str_join(judging->arena, &text, "; ", "account%s %.*s: %.*s", next - i > 1 ? "s" : "", STR_ARG(accounts),
                 STR_ARG(first->clause));
        i = next;
    }
    return text;
}

static void fill_refusal(const struct judging *judging, struct err *out)
{
    CLEANUP(err_clear) struct err ignored = { 0 };
    struct str statements = STR("");
    (void)write_statements(judging, &statements, &ignored);
    const struct str refusals = refusals_text(judging);
    err_set(out, ERR_DENIED, "the policy of the key %.*s %s %.*s", STR_ARG(judging->facts->lookup.key.arn),
            judging->is_closed ? "does not let RDS use it for" : "does not allow what AWS's examples list for",
            STR_ARG(refusals));
    err_set_remedy(
        out, "%s%s%s%.*s",
        judging->is_denied ? "Remove or narrow the statement of the key's policy that denies it. " : "",
        str_is_empty(judging->facts->lookup.key.key_manager)
            ? "kms:DescribeKey is denied, so whose key it is is not known: if it is the AWS-managed aws/rds, whose "
              "policy cannot be edited, copy with a customer-managed key first, and share that copy. "
            : "",
        str_is_empty(statements) ? ""
                                 : "Add to the statements of the key's policy (the data source snapshot_key_policy "
                                   "writes a whole one):\n\n",
        STR_ARG(statements));
}

/* ---- Verdict --------------------------------------------------------------- */

static enum key_access doubtful(struct arena *arena, const struct key_facts *facts, struct str why, struct str *out)
{
    struct str key = str_is_empty(facts->lookup.key.arn) ? STR("(which is not told)") : facts->lookup.key.arn;
    *out = str_format(arena, "whether the policy of the key %.*s admits all who need it is not known: %.*s",
                      STR_ARG(key), STR_ARG(why));
    return KEY_MAYBE;
}

static enum key_access judge_policy(struct arena *arena, const struct key_facts *facts, const struct key_users *users,
                                    struct err *out_refusal, struct str *out_doubt)
{
    struct judging judging = { .arena = arena, .facts = facts, .users = users };
    struct aws_arn arn;
    CLEANUP(err_clear) struct err problem = { 0 };
    if (str_is_empty(facts->policy))
        return doubtful(arena, facts, facts->policy_lack, out_doubt);
    if (!aws_arn_parse(facts->lookup.key.arn, &arn, &problem) ||
        !aws_policy_read(arena, facts->policy, &judging.policy, &problem))
        return doubtful(arena, facts, str_from(err_text(&problem)), out_doubt);
    judging.region = arn.region;
    judging.partition = aws_partition_of_region(arn.region);
    find_named_hosts(&judging);
    judge_users(&judging);
    *out_doubt = str_copy(arena, judging.doubt);
    if (judging.refused_count) {
        fill_refusal(&judging, out_refusal);
        return judging.is_closed ? KEY_CLOSED : KEY_NARROW;
    }
    return str_is_empty(*out_doubt) ? KEY_OPEN : KEY_MAYBE;
}

static bool has_readers(const struct key_facts *facts, const struct key_users *users)
{
    for (size_t i = 0; i < users->reader_count; i++)
        if (!str_equal(users->readers[i], facts->lookup.key.account))
            return true;
    return false;
}

enum key_access key_access_judge(struct arena *arena, const struct key_facts *facts, const struct key_users *users,
                                 struct err *out_refusal, struct str *out_doubt)
{
    *out_doubt = STR("");
    if (str_is_empty(facts->lookup.key.arn))
        return doubtful(arena, facts, facts->policy_lack, out_doubt);
    if (!key_check_usable(&facts->lookup.key, out_refusal))
        return key_is_lost(&facts->lookup.key) ? KEY_HOPELESS : KEY_UNUSABLE;
    if (!str_equal(facts->lookup.key.key_manager, STR("AWS")))
        return judge_policy(arena, facts, users, out_refusal, out_doubt);
    /* Its policy admits whoever may use RDS in its account, and can't be edited. */
    if (!has_readers(facts, users))
        return KEY_OPEN;
    err_set(out_refusal, ERR_INVALID,
            "the key %.*s is managed by AWS (aws/rds): what is encrypted with it can never be read by another account",
            STR_ARG(facts->lookup.key.arn));
    err_set_remedy(
        out_refusal,
        "Encrypt with a customer-managed key whose policy admits the other account (data source snapshot_key_policy): "
        "copy the snapshot with a snapshot_reencrypt_copy whose kms_key_id names it, and share that copy.");
    return KEY_HOPELESS;
}
