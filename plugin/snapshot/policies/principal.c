/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/policies/principal.h"

#include "aws/arn.h"
#include "plugin/snapshot/arguments.h"

static const char an_arn[] = "the ARN of an IAM role or user, such as arn:aws:iam::444455556666:role/migration";

static bool has_wildcard(struct str text)
{
    return str_find_char(text, '*') >= 0 || str_find_char(text, '?') >= 0;
}

/* IAM, CreateRole: the path of a role may have any visible ASCII character. */
static bool is_visible(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] <= ' ' || text.ptr[i] > '~')
            return false;
    return true;
}

/* "role/mover" and "user/team/ann" are of these kinds; "role/" names none. */
static bool is_role_or_user(const struct aws_arn *arn)
{
    const struct str role = STR("role/"), user = STR("user/");
    const struct str kind = str_starts_with(arn->resource, role) ? role : user;
    return str_equal(arn->service, STR("iam")) && str_is_empty(arn->region) && aws_is_account_id(arn->account) &&
           str_starts_with(arn->resource, kind) && arn->resource.len > kind.len &&
           !str_ends_with(arn->resource, STR("/")) && is_visible(arn->resource);
}

/* What to write instead; empty: nothing that the text tells. */
static struct str proposal(struct arena *arena, const struct aws_arn *arn)
{
    struct str rest = arn->resource, kind, name;
    if (!aws_is_account_id(arn->account))
        return STR("");
    if (str_equal(arn->service, STR("iam")) && str_equal(arn->resource, STR("root")))
        return str_format(arena, " It is the whole account: write \"%.*s\" in reader_account_ids.",
                          STR_ARG(arn->account));
    if (!str_equal(arn->service, STR("sts")) || !str_next(&rest, '/', &kind) || !str_equal(kind, STR("assumed-role")) ||
        !str_next(&rest, '/', &name) || str_is_empty(name))
        return STR("");
    return str_format(arena,
                      " It is a session of a role: write the role, \"arn:%.*s:iam::%.*s:role/%.*s\", with its path if "
                      "it has one (aws iam get-role --role-name %.*s shows it).",
                      STR_ARG(arn->partition), STR_ARG(arn->account), STR_ARG(name), STR_ARG(name));
}

bool principal_check(struct arena *arena, const struct aws_partition *partition, struct str text, struct err *err)
{
    const struct str shown = argument_spelled(arena, text);
    struct aws_arn arn;
    if (aws_is_account_id(text))
        return err_set(err, ERR_INVALID, "\"%.*s\" is an account, not %s. Write it in reader_account_ids",
                       STR_ARG(shown), an_arn);
    if (has_wildcard(text))
        return err_set(
            err, ERR_INVALID,
            "\"%.*s\" has a wildcard: alone it allows everybody, and within an ARN KMS rejects it. Name each "
            "role or user by %s",
            STR_ARG(shown), an_arn);
    if (!aws_arn_split(text, &arn))
        return err_set(err, ERR_INVALID, "\"%.*s\" is not %s", STR_ARG(shown), an_arn);
    if (!str_equal(arn.partition, str_from(partition->name)))
        return err_set(
            err, ERR_INVALID,
            "\"%.*s\" is in the partition \"%.*s\", and the key in \"%s\": a policy allows nobody of another "
            "partition. The argument partition names the key's",
            STR_ARG(shown), STR_ARG(arn.partition), partition->name);
    if (is_role_or_user(&arn))
        return true;
    const struct str instead = proposal(arena, &arn);
    return err_set(err, ERR_INVALID, "\"%.*s\" is not %s.%.*s", STR_ARG(shown), an_arn, STR_ARG(instead));
}
