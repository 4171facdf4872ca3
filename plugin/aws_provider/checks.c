/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/aws_provider/checks.h"

#include <ctype.h>
#include <string.h>

#include "aws/arn.h"
#include "aws/credentials/sources.h"
#include "aws/http/url.h"
#include "aws/tag.h"
#include "plugin/aws_provider/duration.h"

/* STS AssumeRole: ExternalId, DurationSeconds. A SourceIdentity is as a RoleSessionName. */
enum { EXTERNAL_ID_MIN_BYTES = 2, EXTERNAL_ID_MAX_BYTES = 1224 };
enum { SESSION_MIN_MS = 15 * MINUTE_MS, SESSION_MAX_MS = 12 * HOUR_MS };

/* Letters, digits and the listed signs. */
static bool has_only(struct str text, const char *signs)
{
    for (size_t i = 0; i < text.len; i++) {
        char character = text.ptr[i];
        bool is_word = (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
                       (character >= '0' && character <= '9') || character == '_';
        if (!is_word && (character == '\0' || !strchr(signs, character)))
            return false;
    }
    return true;
}

void check_account_ids(struct tf_call *call, const char *path, const void *member)
{
    const struct tf_string_set *ids = member;
    size_t none = 0;
    for (size_t i = 0; i < ids->count; i++) {
        const struct str id = tf_text(ids->items[i], STR(""));
        if (str_is_empty(id))
            none++;
        else if (!aws_is_account_id(id))
            tf_error(call, path, "Invalid account id", "`%s`: \"%.*s\" is not an AWS account id, which has 12 digits.",
                     path, STR_ARG(id));
    }
    if (none && none == ids->count)
        tf_warn(call, path, "No account is named",
                "`%s` has no member that is neither null nor empty, so it guards nothing, as in hashicorp/aws.\n\nName "
                "the accounts, or remove the argument.",
                path);
}

/* Go's strconv.ParseBool. */
bool checks_read_bool(struct str text, bool *out)
{
    static const char *const spellings[][6] = {
        { "0", "f", "F", "FALSE", "false", "False" },
        { "1", "t", "T", "TRUE",  "true",  "True"  },
    };
    for (size_t value = 0; value < ARRAY_LENGTH(spellings); value++)
        for (size_t i = 0; i < ARRAY_LENGTH(spellings[value]); i++)
            if (str_equal(text, str_from(spellings[value][i]))) {
                *out = value == 1;
                return true;
            }
    return false;
}

void check_bool_text(struct tf_call *call, const char *path, const void *member)
{
    const struct str text = ((const struct tf_string *)member)->value;
    bool ignored;
    if (!str_is_empty(text) && !checks_read_bool(text, &ignored))
        tf_error(call, path, "Invalid value", "`%s` is \"%.*s\", neither \"true\" nor \"false\".", path, STR_ARG(text));
}

static const char *path_of_key(struct tf_call *call, const char *path, struct str key)
{
    return str_c(call->arena, str_format(call->arena, "%s[\"%.*s\"]", path, STR_ARG(key)));
}

void check_default_tags(struct tf_call *call, const char *path, const void *member)
{
    const struct tf_string_map *tags = member;
    for (size_t i = 0; i < tags->count; i++) {
        const struct str key = tags->items[i].key;
        if (tags->items[i].value.state == TF_NULL)
            continue;
        if (!aws_is_tag_key(key) || str_starts_with(key, STR("aws:")))
            tf_error(call, path_of_key(call, path, key), "Invalid tag key",
                     "\"%.*s\" cannot be a tag's key: 1 to %d characters, not beginning with \"aws:\".", STR_ARG(key),
                     TAG_KEY_MAX_CHARACTERS);
        else if (!aws_is_tag_value(tf_text(tags->items[i].value, STR(""))))
            tf_error(call, path_of_key(call, path, key), "Invalid tag value",
                     "The value of the tag \"%.*s\" is longer than %d characters.", STR_ARG(key),
                     TAG_VALUE_MAX_CHARACTERS);
    }
}

void check_external_id(struct tf_call *call, const char *path, const void *member)
{
    const struct str id = ((const struct tf_string *)member)->value;
    if (id.len < EXTERNAL_ID_MIN_BYTES || id.len > EXTERNAL_ID_MAX_BYTES || !has_only(id, "+=,.@:/-"))
        tf_error(call, NULL, "Invalid external id", "`%s` must have %d to %d letters, digits and _ + = , . @ : / -.",
                 path, EXTERNAL_ID_MIN_BYTES, EXTERNAL_ID_MAX_BYTES);
}

void check_ip_mode(struct tf_call *call, const char *path, const void *member)
{
    const struct str mode = ((const struct tf_string *)member)->value;
    if (!str_is_empty(mode) && !str_equal_ignore_case(mode, STR("IPv4")) && !str_equal_ignore_case(mode, STR("IPv6")))
        tf_error(call, path, "Invalid mode", "`%s` is \"%.*s\", neither \"IPv4\" nor \"IPv6\".", path, STR_ARG(mode));
}

void check_max_retries(struct tf_call *call, const char *path, const void *member)
{
    if (((const struct tf_int64 *)member)->value < 0)
        tf_error(call, path, "Invalid number of retries", "`%s` cannot be negative.", path);
}

static bool is_iam_arn(struct str text, const char *resource_type)
{
    struct aws_arn arn;
    CLEANUP(err_clear) struct err ignored = { 0 };
    return aws_arn_parse(text, &arn, &ignored) && str_equal(arn.service, STR("iam")) &&
           str_starts_with(arn.resource, str_from(resource_type)) && arn.resource.len > strlen(resource_type);
}

void check_policy_arns(struct tf_call *call, const char *path, const void *member)
{
    const struct tf_string_set *arns = member;
    for (size_t i = 0; i < arns->count; i++)
        if (!str_is_empty(tf_text(arns->items[i], STR(""))) && !is_iam_arn(arns->items[i].value, "policy/"))
            tf_error(
                call, path, "Invalid policy ARN",
                "`%s`: \"%.*s\" is not the ARN of an IAM policy, such as \"arn:aws:iam::aws:policy/ReadOnlyAccess\".",
                path, STR_ARG(arns->items[i].value));
}

static void check_address(struct tf_call *call, const char *path, const void *member,
                          bool (*check)(struct str, struct err *), const char *summary)
{
    const struct str address = ((const struct tf_string *)member)->value;
    CLEANUP(err_clear) struct err err = { 0 };
    if (!str_is_empty(address) && !check(address, &err))
        tf_error(call, NULL, summary, "`%s`: %s.\n\n%s", path, err_text(&err), err_remedy(&err));
}

void check_proxy(struct tf_call *call, const char *path, const void *member)
{
    check_address(call, path, member, http_proxy_check, "Invalid proxy");
}

bool checks_is_retry_mode(struct str text)
{
    return str_equal_ignore_case(text, STR("standard")) || str_equal_ignore_case(text, STR("adaptive")) ||
           str_equal_ignore_case(text, STR("legacy"));
}

void check_retry_mode(struct tf_call *call, const char *path, const void *member)
{
    const struct str mode = ((const struct tf_string *)member)->value;
    if (!str_is_empty(mode) && !checks_is_retry_mode(mode))
        tf_error(call, path, "Invalid retry mode", "`%s` is \"%.*s\", not %s.", path, STR_ARG(mode), RETRY_MODES);
}

/* The path before a role's name may have any sign but blanks (IAM API reference, CreateRole). */
static bool is_role_arn(struct str text)
{
    struct aws_arn arn;
    return is_iam_arn(text, "role/") && aws_arn_split(text, &arn) && aws_is_account_id(arn.account) &&
           http_is_header_word(text);
}

void check_role_arn(struct tf_call *call, const char *path, const void *member)
{
    const struct str arn = ((const struct tf_string *)member)->value;
    if (!str_is_empty(arn) && !is_role_arn(arn))
        tf_error(call, path, "Invalid role ARN",
                 "`%s` is \"%.*s\", not the ARN of an IAM role, such as \"arn:aws:iam::111122223333:role/name\".", path,
                 STR_ARG(arn));
}

void check_session_duration(struct tf_call *call, const char *path, const void *member)
{
    const struct str text = ((const struct tf_string *)member)->value;
    int64_t ms;
    CLEANUP(err_clear) struct err err = { 0 };
    if (str_is_empty(text))
        return;
    if (!duration_parse(text, &ms, &err))
        tf_error(call, path, "Invalid duration", "`%s`: %s.", path, err_text(&err));
    else if (ms < SESSION_MIN_MS || ms > SESSION_MAX_MS)
        tf_error(call, path, "Invalid duration", "`%s` is \"%.*s\", not between 15 minutes and 12 hours.", path,
                 STR_ARG(text));
}

void check_session_name(struct tf_call *call, const char *path, const void *member)
{
    const struct str name = ((const struct tf_string *)member)->value;
    if (!str_is_empty(name) && !aws_is_role_session_name(name))
        tf_error(call, path, "Invalid name",
                 "`%s` is \"%.*s\" but must have %d to %d letters, digits and _ + = , . @ -.", path, STR_ARG(name),
                 AWS_ROLE_SESSION_NAME_MIN_BYTES, AWS_ROLE_SESSION_NAME_MAX_BYTES);
}

void check_url(struct tf_call *call, const char *path, const void *member)
{
    check_address(call, path, member, http_endpoint_check, "Invalid URL");
}

void check_user_agent(struct tf_call *call, const char *path, const void *member)
{
    const struct tf_string_list *products = member;
    for (size_t i = 0; i < products->count; i++) {
        const struct str product = tf_text(products->items[i], STR("-"));
        for (size_t at = 0; at < product.len; at++)
            if (!isprint((unsigned char)product.ptr[at])) {
                tf_error(call, str_c(call->arena, str_format(call->arena, "%s[%zu]", path, i)), "Invalid product",
                         "`%s[%zu]` holds a character that cannot stand in an HTTP header: only printable ASCII can.",
                         path, i);
                break;
            }
    }
}
