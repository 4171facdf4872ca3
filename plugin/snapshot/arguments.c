/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/arguments.h"

#include "aws/arn.h"
#include "aws/endpoint.h"
#include "plugin/snapshot/kind.h"

enum { ACCOUNT_ID_DIGITS = 12, SHOWN_BYTES = 200 };

/* ---- Characters ----------------------------------------------------------- */

static const struct character {
    char is;
    const char *spelling; /* in a configuration, where it is another */
    const char *name;     /* of what a name cannot contain */
} characters[] = {
    { ' ',  NULL,   "a space"           },
    { '\t', "\\t",  "a tab"             },
    { '\n', "\\n",  "a line break"      },
    { '\r', "\\r",  "a carriage return" },
    { '"',  "\\\"", NULL                },
    { '\\', "\\\\", NULL                },
};

static const struct character *character_find(char c)
{
    for (size_t i = 0; i < ARRAY_LENGTH(characters); i++)
        if (characters[i].is == c)
            return &characters[i];
    return NULL;
}

static bool is_control(char c)
{
    return ((unsigned char)c < ' ') || c == 0x7f;
}

struct str argument_spelled(struct arena *arena, struct str text)
{
    struct str out = STR("");
    for (size_t i = 0; i < text.len && i < SHOWN_BYTES; i++) {
        const char c = text.ptr[i];
        const struct character *known = character_find(c);
        if (known && known->spelling)
            out = str_format(arena, "%.*s%s", STR_ARG(out), known->spelling);
        else
            out = str_format(arena, is_control(c) ? "%.*s\\u%04x" : "%.*s%c", STR_ARG(out), c);
    }
    return text.len > SHOWN_BYTES ? str_format(arena, "%.*s...", STR_ARG(out)) : out;
}

/* Of valid UTF-8. */
static unsigned code_point(struct str text)
{
    const unsigned first = (unsigned char)text.ptr[0];
    unsigned point = first < 0x80 ? first : first < 0xe0 ? first & 0x1f : first < 0xf0 ? first & 0x0f : first & 0x07;
    for (size_t i = 1; i < text.len && ((unsigned char)text.ptr[i] & 0xc0) == 0x80; i++)
        point = point << 6 | ((unsigned char)text.ptr[i] & 0x3f);
    return point;
}

static bool is_name_character(char c, const char *more)
{
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return is_letter || (c >= '0' && c <= '9') || str_find_char(str_from(more), c) >= 0;
}

/* How many of its characters, from the beginning, are letters, digits or `more`. */
static size_t name_length(struct str text, const char *more)
{
    size_t length = 0;
    while (length < text.len && is_name_character(text.ptr[length], more))
        length++;
    return length;
}

static bool consists_of(struct str text, const char *more)
{
    return name_length(text, more) == text.len;
}

static struct str character_name(struct arena *arena, struct str text)
{
    const struct character *known = character_find(text.ptr[0]);
    const bool is_seen = text.ptr[0] > ' ' && text.ptr[0] <= '~';
    if (known && known->name)
        return str_from(known->name);
    return is_seen ? str_format(arena, "the character %c", text.ptr[0])
                   : str_format(arena, "the character U+%04X", code_point(text));
}

bool argument_is_clean(struct arena *arena, const char *what, struct str text, struct err *err)
{
    const size_t length = name_length(text, "-_./:");
    if (length == text.len)
        return true;
    const struct str shown = argument_spelled(arena, text);
    const struct str found = character_name(arena, str_slice(text, length, text.len));
    const bool is_at_end = str_trim(text).len < text.len;
    return err_set(
        err, ERR_INVALID,
        "%s is \"%.*s\" and contains %.*s; names, ids and ARNs of AWS consist of letters, digits and - _ . / :. "
        "%s",
        what, STR_ARG(shown), STR_ARG(found),
        is_at_end ? "Remove it, with trimspace() where the value comes from a file or a command"
                  : "Remove or replace it");
}

/* False: there is an error. */
static bool check_clean(struct tf_call *call, const char *path, struct str text)
{
    CLEANUP(err_clear) struct err err = { 0 };
    if (argument_is_clean(call->arena, path, text, &err))
        return true;
    tf_error(call, path, "Invalid character", "%s.", err_text(&err));
    return false;
}

void argument_check_name(struct tf_call *call, const char *path, const void *string)
{
    const struct tf_string *text = string;
    if (str_is_empty(text->value))
        tf_error(call, path, "Empty argument", "%s must not be empty.", path);
    else
        (void)check_clean(call, path, text->value);
}

/* ---- Kinds, Regions, accounts ---------------------------------------------- */

void argument_check_kind(struct tf_call *call, const char *path, const void *string)
{
    const struct tf_string *kind = string;
    enum rds_kind ignored;
    if (!snapshot_kind_find(kind->value, &ignored))
        tf_error(call, path, "Invalid snapshot_kind", "\"%.*s\" is neither \"cluster\" nor \"instance\".",
                 STR_ARG(kind->value));
}

void argument_check_region(struct tf_call *call, const char *path, const void *string)
{
    const struct tf_string *region = string;
    const struct str shown = argument_spelled(call->arena, region->value);
    if (!aws_is_region(region->value))
        tf_error(call, path, "Invalid region", "\"%.*s\" is not a Region, such as \"eu-west-1\".", STR_ARG(shown));
}

static struct str digits_of(struct arena *arena, struct str text)
{
    char *digits = arena_alloc(arena, text.len + 1);
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] >= '0' && text.ptr[i] <= '9')
            digits[count++] = text.ptr[i];
    return (struct str){ digits, count };
}

/* What was probably meant by something that does not have twelve digits. */
static struct str account_hint(struct arena *arena, struct str text)
{
    struct aws_arn arn;
    CLEANUP(err_clear) struct err ignored = { 0 };
    const struct str digits = digits_of(arena, text);
    const struct str account = aws_is_arn(text) && aws_arn_parse(text, &arn, &ignored) ? arn.account : digits;
    if (str_equal(text, STR("all")))
        return STR(" \"all\" is everybody: name the accounts that need it.");
    if (aws_is_account_id(account))
        return str_format(arena, " Write \"%.*s\".", STR_ARG(account));
    if (text.len && digits.len == text.len && text.len < ACCOUNT_ID_DIGITS)
        return STR(" A number loses its leading zeros: write a text, in quotes.");
    return STR("");
}

bool argument_is_account(struct arena *arena, struct str text, struct err *err)
{
    if (aws_is_account_id(text))
        return true;
    const struct str shown = argument_spelled(arena, text), hint = account_hint(arena, text);
    return err_set(err, ERR_INVALID, "\"%.*s\" is not an account id: it must be 12 digits.%.*s", STR_ARG(shown),
                   STR_ARG(hint));
}

void argument_check_accounts(struct tf_call *call, const char *path, const void *set)
{
    const struct tf_string_set *accounts = set;
    size_t known = 0; /* an unknown one may turn out to be one of these */
    for (size_t i = 0; i < accounts->count; i++) {
        struct tf_string account = accounts->items[i];
        CLEANUP(err_clear) struct err err = { 0 };
        known += account.state != TF_UNKNOWN;
        if (account.state != TF_UNKNOWN && !argument_is_account(call->arena, tf_text(account, STR("null")), &err))
            tf_error(call, path, "Invalid account id", "%s", err_text(&err));
    }
    if (known > SHARED_ACCOUNTS_MAX)
        tf_error(
            call, path, "Too many accounts",
            "%zu accounts are given; at most %d are allowed, since RDS shares a snapshot with no more. Make another "
            "copy for the others.",
            known, SHARED_ACCOUNTS_MAX);
}

/* ---- Snapshots and keys ---------------------------------------------------- */

/* A Region is of one partition only; one of a partition that is not known here may be anything. */
static bool check_place(struct str text, struct str partition, struct str region, struct err *err)
{
    const struct aws_partition *known = aws_partition_find(partition);
    const struct aws_partition *of_region = aws_partition_of_region(region);
    return !known || known == of_region ||
           err_set(err, ERR_INVALID,
                   "\"%.*s\" cannot be: the Region \"%.*s\" is one of the partition \"%s\", not of \"%s\"",
                   STR_ARG(text), STR_ARG(region), of_region->name, known->name);
}

void argument_check_snapshot(struct tf_call *call, const char *path, const void *string)
{
    const struct tf_string *given = string;
    struct snapshot_ref ref;
    CLEANUP(err_clear) struct err err = { 0 };
    if (str_is_empty(given->value))
        tf_error(call, path, "Empty argument", "%s must name a snapshot, by its name or its ARN.", path);
    else if (!check_clean(call, path, given->value))
        return;
    else if (aws_is_arn(given->value) && (!snapshot_ref_parse(call->arena, given->value, &ref, &err) ||
                                          !check_place(given->value, ref.partition, ref.region, &err)))
        tf_error(
            call, path, "Invalid snapshot",
            "%s.\n\nA snapshot's ARN is arn:aws:rds:REGION:ACCOUNT:cluster-snapshot:NAME for a cluster and "
            "arn:aws:rds:REGION:ACCOUNT:snapshot:NAME for an instance (aws-cn, aws-us-gov, ... in other partitions); "
            "the name alone will do for one of the same account and Region.",
            err_text(&err));
}

/* CreateAlias, AliasName: letters, digits, "/", "_" and "-". */
static bool check_key_id(struct str id, struct err *err)
{
    const struct str bare = str_starts_with(id, STR("key/")) ? str_slice(id, STR("key/").len, id.len) : STR("");
    if (!str_is_empty(id) && consists_of(id, "-"))
        return true;
    if (!str_is_empty(bare) && consists_of(bare, "-"))
        return err_set(err, ERR_INVALID, "\"%.*s\" is the end of a key's ARN. Write the id alone, \"%.*s\"",
                       STR_ARG(id), STR_ARG(bare));
    if (!str_is_empty(id) && consists_of(id, "-/_"))
        return err_set(err, ERR_INVALID,
                       "\"%.*s\" is not the id of a key, which consists of letters, digits and hyphens. If it is an "
                       "alias, write \"alias/%.*s\"",
                       STR_ARG(id), STR_ARG(id));
    return err_set(err, ERR_INVALID, "\"%.*s\" is not the id of a key, which consists of letters, digits and hyphens",
                   STR_ARG(id));
}

static bool check_key_arn(struct str text, struct err *err)
{
    struct aws_arn arn;
    if (!aws_arn_parse(text, &arn, err))
        return false;
    if (!str_equal(arn.service, STR("kms")))
        return err_set(err, ERR_INVALID, "\"%.*s\" is an ARN of the service \"%.*s\", not of \"kms\"", STR_ARG(text),
                       STR_ARG(arn.service));
    if (!aws_is_account_id(arn.account) || str_is_empty(arn.region))
        return err_set(err, ERR_INVALID, "\"%.*s\" lacks a Region or a 12-digit account", STR_ARG(text));
    const bool is_key = str_starts_with(arn.resource, STR("key/"));
    if (!is_key && !str_starts_with(arn.resource, STR("alias/")))
        return err_set(err, ERR_INVALID,
                       "\"%.*s\" is neither the ARN of a key nor of an alias: after the account it must continue with "
                       "\"key/\" or \"alias/\"",
                       STR_ARG(text));
    if (is_key && !check_key_id(str_slice(arn.resource, STR("key/").len, arn.resource.len), err))
        return err_wrap(err, "\"%.*s\"", STR_ARG(text));
    return check_place(text, arn.partition, arn.region, err);
}

static bool check_key_text(struct str text, struct err *err)
{
    if (aws_is_arn(text))
        return check_key_arn(text, err);
    return str_starts_with(text, STR("alias/")) || check_key_id(text, err);
}

void argument_check_key(struct tf_call *call, const char *path, const void *string)
{
    const struct tf_string *key = string;
    CLEANUP(err_clear) struct err err = { 0 };
    if (str_is_empty(key->value))
        tf_error(call, path, "Empty argument",
                 "%s must name a key: an id, an ARN, an alias (\"alias/...\") or its ARN.", path);
    else if (check_clean(call, path, key->value) && !check_key_text(key->value, &err))
        tf_error(
            call, path, "Invalid key",
            "%s.\n\nA key is named by its id, by arn:aws:kms:REGION:ACCOUNT:key/ID, by an alias (\"alias/NAME\") or by "
            "arn:aws:kms:REGION:ACCOUNT:alias/NAME (aws-cn, aws-us-gov, ... in other partitions).",
            err_text(&err));
}
