/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/policy/decision.h"

#include "aws/arn.h"

enum { SHOWN_BYTES = 128 }; /* of a text of the policy */

static enum aws_policy_match both(enum aws_policy_match a, enum aws_policy_match b)
{
    if (a < b)
        return a;
    return b;
}

static enum aws_policy_match either(enum aws_policy_match a, enum aws_policy_match b)
{
    if (a > b)
        return a;
    return b;
}

static enum aws_policy_match opposite(enum aws_policy_match match)
{
    if (match == AWS_POLICY_MAYBE)
        return AWS_POLICY_MAYBE;
    return match == AWS_POLICY_YES ? AWS_POLICY_NO : AWS_POLICY_YES;
}

static enum aws_policy_match when(bool is_so)
{
    return is_so ? AWS_POLICY_YES : AWS_POLICY_NO;
}

/* ---- Texts ---------------------------------------------------------------- */

static char folded(char byte)
{
    return byte >= 'A' && byte <= 'Z' ? (char)(byte - 'A' + 'a') : byte;
}

/* "*" stands for any run of characters, "?" for one. A mismatch goes back to the
 * last star only: earlier ones have nothing to gain. */
static bool is_like(struct str pattern, struct str text, bool folds)
{
    size_t p = 0, t = 0, star = pattern.len, resume = 0;
    while (t < text.len) {
        if (p < pattern.len && pattern.ptr[p] == '*') {
            star = p++;
            resume = t;
        } else if (p < pattern.len && (pattern.ptr[p] == '?' || pattern.ptr[p] == text.ptr[t] ||
                                       (folds && folded(pattern.ptr[p]) == folded(text.ptr[t])))) {
            p++;
            t++;
        } else if (star < pattern.len) {
            p = star + 1;
            t = ++resume;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.ptr[p] == '*')
        p++;
    return p == pattern.len;
}

/* "${aws:username}": what it becomes is AWS's to know. */
static bool has_variable(struct str text)
{
    return str_find(text, STR("${")) >= 0;
}

static enum aws_policy_match covers(const struct aws_policy_element *element, struct str text, bool folds)
{
    enum aws_policy_match match = AWS_POLICY_NO;
    for (size_t i = 0; i < element->count; i++)
        match = either(match, has_variable(element->values[i]) ? AWS_POLICY_MAYBE
                                                               : when(is_like(element->values[i], text, folds)));
    return element->form == AWS_POLICY_NEGATED ? opposite(match) : match;
}

/* ---- Principals ----------------------------------------------------------- */

static bool take_prefix(struct str *text, const char *prefix)
{
    if (!str_starts_with(*text, str_from(prefix)))
        return false;
    *text = str_slice(*text, str_from(prefix).len, text->len);
    return true;
}

static struct str last_segment(struct str path)
{
    struct str segment = path;
    while (str_next(&path, '/', &segment))
        continue;
    return segment;
}

static struct str first_segment(struct str path)
{
    struct str segment = path;
    return str_next(&path, '/', &segment) ? segment : path;
}

/* A principal of the caller's own account, which is not all of it. A session
 * knows its role's name but not its path; names are unique in an account. */
static enum aws_policy_match names_within_account(struct str named, struct str caller)
{
    bool is_session = take_prefix(&caller, "assumed-role/");
    if (!is_session && !take_prefix(&caller, "user/"))
        return AWS_POLICY_MAYBE;
    struct str role = is_session ? first_segment(caller) : STR("");
    if (take_prefix(&named, "role/"))
        return when(is_session && str_equal_ignore_case(last_segment(named), role));
    /* The next session of the role may well have the name that is asked for. */
    if (take_prefix(&named, "assumed-role/"))
        return is_session && str_equal_ignore_case(first_segment(named), role) ? AWS_POLICY_MAYBE : AWS_POLICY_NO;
    if (take_prefix(&named, "user/"))
        return when(!is_session && str_equal_ignore_case(named, caller));
    return AWS_POLICY_MAYBE;
}

enum aws_policy_match aws_policy_names(struct str principal, const struct aws_policy_question *question)
{
    struct aws_arn named, caller;
    if (str_equal(principal, STR("*")))
        return AWS_POLICY_YES;
    if (aws_is_account_id(principal))
        return when(str_equal(principal, question->account));
    if (has_variable(principal) || str_find_char(principal, '*') >= 0 || str_find_char(principal, '?') >= 0 ||
        !aws_arn_split(principal, &named) || !aws_is_account_id(named.account))
        return AWS_POLICY_MAYBE; /* such as the id of a principal that was deleted */
    if (!str_equal(named.account, question->account))
        return AWS_POLICY_NO;
    if (str_equal(named.resource, STR("root")) || str_equal(principal, question->caller_arn))
        return AWS_POLICY_YES;
    if (str_is_empty(question->caller_arn) || !aws_arn_split(question->caller_arn, &caller))
        return AWS_POLICY_MAYBE;
    return names_within_account(named.resource, caller.resource);
}

/* A service principal is never the caller: AWS services reach a key with the
 * rights of whoever called them (forward access sessions). */
static enum aws_policy_match names(const struct aws_policy_principal *principal,
                                   const struct aws_policy_question *question)
{
    if (str_is_empty(principal->type) || str_equal(principal->type, STR("AWS")))
        return aws_policy_names(principal->name, question);
    return str_equal(principal->type, STR("Service")) ? AWS_POLICY_NO : AWS_POLICY_MAYBE;
}

static enum aws_policy_match admits(const struct aws_policy_rule *rule, const struct aws_policy_question *question)
{
    if (rule->principal_form == AWS_POLICY_ABSENT)
        return question->is_own_policy ? AWS_POLICY_YES : AWS_POLICY_MAYBE;
    enum aws_policy_match match = AWS_POLICY_NO;
    bool names_everybody = false;
    for (size_t i = 0; i < rule->principal_count; i++) {
        match = either(match, names(&rule->principals[i], question));
        names_everybody = names_everybody || str_equal(rule->principals[i].name, STR("*"));
    }
    if (rule->principal_form == AWS_POLICY_PLAIN || names_everybody)
        return rule->principal_form == AWS_POLICY_PLAIN ? match : AWS_POLICY_NO;
    /* Whether a role is excepted when its account is listed, or the reverse, depends
     * on more than this element (IAM user guide, NotPrincipal). */
    return match == AWS_POLICY_NO ? AWS_POLICY_YES : AWS_POLICY_MAYBE;
}

/* ---- Conditions ----------------------------------------------------------- */

static enum aws_policy_match equal(struct str want, struct str have)
{
    return when(str_equal(want, have));
}

static enum aws_policy_match equal_ignoring_case(struct str want, struct str have)
{
    return when(str_equal_ignore_case(want, have));
}

static enum aws_policy_match like(struct str want, struct str have)
{
    return when(is_like(want, have, false));
}

static enum aws_policy_match same_truth(struct str want, struct str have)
{
    bool is_truth = str_equal_ignore_case(want, STR("true")) || str_equal_ignore_case(want, STR("false"));
    return is_truth ? when(str_equal_ignore_case(want, have)) : AWS_POLICY_MAYBE;
}

struct operator_row {
    const char *name;
    enum aws_policy_match (*compare)(struct str want, struct str have);
    bool is_negated;
};

static const struct operator_row operators[] = {
    { "StringEquals",              equal,               false },
    { "StringNotEquals",           equal,               true  },
    { "StringEqualsIgnoreCase",    equal_ignoring_case, false },
    { "StringNotEqualsIgnoreCase", equal_ignoring_case, true  },
    { "StringLike",                like,                false },
    { "StringNotLike",             like,                true  },
    { "Bool",                      same_truth,          false },
};

static const struct operator_row *find_operator(struct str name, bool *out_if_exists)
{
    const struct str suffix = STR("IfExists");
    *out_if_exists =
        name.len > suffix.len && str_equal_ignore_case(str_slice(name, name.len - suffix.len, name.len), suffix);
    if (*out_if_exists)
        name.len -= suffix.len;
    for (size_t i = 0; i < ARRAY_LENGTH(operators); i++)
        if (str_equal_ignore_case(name, str_from(operators[i].name)))
            return &operators[i];
    return NULL;
}

static const struct aws_policy_key *find_key(const struct aws_policy_question *question, struct str name)
{
    for (size_t i = 0; i < question->key_count; i++)
        if (str_equal_ignore_case(name, str_from(question->keys[i].name)))
            return &question->keys[i];
    return NULL;
}

static enum aws_policy_match passes(const struct operator_row *row, const struct aws_policy_test *test, struct str have)
{
    enum aws_policy_match match = AWS_POLICY_NO;
    for (size_t i = 0; i < test->count; i++)
        match = either(match, has_variable(test->values[i]) ? AWS_POLICY_MAYBE : row->compare(test->values[i], have));
    return row->is_negated ? opposite(match) : match;
}

/* "Null": is the key absent? */
static enum aws_policy_match is_null(const struct aws_policy_test *test, const struct aws_policy_key *key)
{
    if (test->count != 1)
        return AWS_POLICY_MAYBE;
    return same_truth(test->values[0], key->count ? STR("false") : STR("true"));
}

static enum aws_policy_match holds(const struct aws_policy_test *test, const struct aws_policy_question *question)
{
    const struct aws_policy_key *key = find_key(question, test->key);
    bool if_exists;
    const struct operator_row *row = find_operator(test->operator, & if_exists);
    if (!key)
        return AWS_POLICY_MAYBE;
    if (str_equal_ignore_case(test->operator, STR("Null")))
        return is_null(test, key);
    if (!row)
        return AWS_POLICY_MAYBE;
    /* An absent key fails a positive test and passes a negated one. */
    if (!key->count)
        return when(if_exists || row->is_negated);
    enum aws_policy_match match = passes(row, test, key->values[0]);
    for (size_t i = 1; i < key->count; i++)
        if (passes(row, test, key->values[i]) != match)
            return AWS_POLICY_MAYBE;
    return match;
}

/* ---- Statements and verdict ----------------------------------------------- */

/* How one statement bears on the question. Texts of the policy are borrowed: of many statements the words of two
 * at most are needed. */
struct bearing {
    size_t rule;
    enum aws_policy_match match;
    struct str doubt, doubted; /* MAYBE: what is not understood, in two parts */
    struct str unmet;          /* NO for a condition alone: its key */
};

static struct bearing bears(const struct aws_policy_rule *rule, const struct aws_policy_question *question)
{
    if (rule->strange)
        return (struct bearing){ .match = AWS_POLICY_MAYBE, .doubt = STR("its "), .doubted = str_from(rule->strange) };
    const enum aws_policy_match who = admits(rule, question);
    const enum aws_policy_match what = covers(&rule->action, question->action, true);
    const enum aws_policy_match which = covers(&rule->resource, question->resource, false);
    struct bearing bearing = { .match = both(who, both(what, which)) };
    const bool is_meant = bearing.match == AWS_POLICY_YES;
    bearing.doubt = who == AWS_POLICY_MAYBE    ? STR("its principal")
                    : what == AWS_POLICY_MAYBE ? STR("its actions")
                                               : STR("its resource");
    for (size_t i = 0; i < rule->test_count; i++) {
        enum aws_policy_match held = holds(&rule->tests[i], question);
        if (held == AWS_POLICY_NO && is_meant)
            bearing.unmet = rule->tests[i].key;
        if (held == AWS_POLICY_MAYBE && bearing.match == AWS_POLICY_YES) {
            bearing.doubt = STR("its condition on ");
            bearing.doubted = rule->tests[i].key;
        }
        bearing.match = both(bearing.match, held);
    }
    return bearing;
}

static struct str name_of(struct arena *arena, const struct aws_policy *policy, size_t i)
{
    const struct str sid = str_printable(arena, str_slice(policy->rules[i].sid, 0, SHOWN_BYTES));
    return str_is_empty(sid) ? str_format(arena, "number %zu", i + 1) : str_format(arena, "\"%.*s\"", STR_ARG(sid));
}

static struct str why_not_allowed(struct arena *arena, const struct aws_policy *policy, const struct bearing *almost)
{
    if (str_is_empty(almost->unmet))
        return STR("no statement allows it");
    const struct str name = name_of(arena, policy, almost->rule);
    const struct str unmet = str_slice(almost->unmet, 0, SHOWN_BYTES);
    return str_format(arena, "no statement allows it; the statement %.*s would, but its condition on %.*s is not met",
                      STR_ARG(name), STR_ARG(unmet));
}

static struct str why_in_doubt(struct arena *arena, const struct aws_policy *policy, const struct bearing *doubtful)
{
    if (doubtful->match != AWS_POLICY_MAYBE)
        return STR("");
    const struct str name = name_of(arena, policy, doubtful->rule);
    const struct str doubted = str_slice(doubtful->doubted, 0, SHOWN_BYTES);
    const struct str reason =
        str_format(arena, "whether the statement %.*s applies is not known from outside, for %.*s%.*s", STR_ARG(name),
                   STR_ARG(doubtful->doubt), STR_ARG(doubted));
    return str_printable(arena, reason);
}

enum aws_policy_verdict aws_policy_decide(struct arena *arena, const struct aws_policy *policy,
                                          const struct aws_policy_question *question, struct str *out_reason)
{
    enum aws_policy_match allowed = AWS_POLICY_NO, denied = AWS_POLICY_NO;
    struct bearing doubtful = { 0 }, almost = { 0 };
    for (size_t i = 0; i < policy->count; i++) {
        const struct aws_policy_rule *rule = &policy->rules[i];
        struct bearing bearing = bears(rule, question);
        bearing.rule = i;
        if (rule->is_deny && bearing.match == AWS_POLICY_YES) {
            const struct str name = name_of(arena, policy, i);
            *out_reason = str_format(arena, "the statement %.*s denies it", STR_ARG(name));
            return AWS_POLICY_DENIED;
        }
        if (bearing.match == AWS_POLICY_MAYBE && doubtful.match != AWS_POLICY_MAYBE)
            doubtful = bearing;
        if (!rule->is_deny && !str_is_empty(bearing.unmet))
            almost = bearing;
        if (rule->is_deny || rule->strange)
            denied = either(denied, bearing.match);
        if (!rule->is_deny || rule->strange)
            allowed = either(allowed, bearing.match);
    }
    if (allowed == AWS_POLICY_NO) {
        *out_reason = why_not_allowed(arena, policy, &almost);
        return AWS_POLICY_NOT_ALLOWED;
    }
    *out_reason = why_in_doubt(arena, policy, &doubtful);
    return allowed == AWS_POLICY_YES && denied == AWS_POLICY_NO ? AWS_POLICY_ALLOWED : AWS_POLICY_CANNOT_TELL;
}
