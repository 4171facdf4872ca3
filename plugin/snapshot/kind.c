/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/kind.h"

#include "aws/arn.h"

static const struct snapshot_kind kinds[] = {
    [RDS_CLUSTER] = { "cluster",  "cluster-snapshot", "cluster snapshot",  63  },
    [RDS_INSTANCE] = { "instance", "snapshot",         "instance snapshot", 255 },
};

const struct snapshot_kind *snapshot_kind_of(enum rds_kind kind)
{
    return &kinds[kind];
}

bool snapshot_kind_find(struct str name, enum rds_kind *out)
{
    for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++)
        if (str_equal(name, str_from(kinds[i].name))) {
            *out = (enum rds_kind)i;
            return true;
        }
    return false;
}

static bool kind_find_resource(struct str resource, enum rds_kind *out)
{
    for (size_t i = 0; i < ARRAY_LENGTH(kinds); i++)
        if (str_equal(resource, str_from(kinds[i].arn_resource))) {
            *out = (enum rds_kind)i;
            return true;
        }
    return false;
}

bool snapshot_ref_parse(struct arena *arena, struct str arn, struct snapshot_ref *out, struct err *err)
{
    struct aws_arn parts;
    if (!aws_arn_parse(arn, &parts, err))
        return false;
    if (!str_equal(parts.service, STR("rds")))
        return err_set(err, ERR_INVALID, "\"%.*s\" is an ARN of the service \"%.*s\", not of \"rds\"", STR_ARG(arn),
                       STR_ARG(parts.service));
    if (!aws_is_account_id(parts.account) || str_is_empty(parts.region) || str_is_empty(parts.partition))
        return err_set(err, ERR_INVALID, "\"%.*s\" lacks a partition, a Region or a 12-digit account", STR_ARG(arn));
    ptrdiff_t colon = str_find_char(parts.resource, ':');
    struct str resource = str_slice(parts.resource, 0, colon < 0 ? 0 : (size_t)colon);
    struct snapshot_ref ref = { .partition = parts.partition, .region = parts.region, .account = parts.account };
    if (!kind_find_resource(resource, &ref.kind))
        return err_set(err, ERR_INVALID,
                       "\"%.*s\" is not the ARN of a snapshot: after the account it must continue with "
                       "\"cluster-snapshot:\" or \"snapshot:\"",
                       STR_ARG(arn));
    ref.name = str_lower(arena, str_slice(parts.resource, (size_t)colon + 1, parts.resource.len));
    if (str_is_empty(ref.name))
        return err_set(err, ERR_INVALID, "\"%.*s\" has no snapshot name at its end", STR_ARG(arn));
    *out = ref;
    return true;
}

struct str snapshot_ref_arn(struct arena *arena, const struct snapshot_ref *ref)
{
    const struct str name = str_lower(arena, ref->name);
    return str_format(arena, "arn:%.*s:rds:%.*s:%.*s:%s:%.*s", STR_ARG(ref->partition), STR_ARG(ref->region),
                      STR_ARG(ref->account), kinds[ref->kind].arn_resource, STR_ARG(name));
}

bool snapshot_ref_resolve(struct arena *arena, struct str text, const struct snapshot_ref *home,
                          struct snapshot_ref *out, struct err *err)
{
    if (!aws_is_arn(text)) {
        *out = *home;
        out->name = str_lower(arena, text);
        return true;
    }
    struct snapshot_ref ref;
    if (!snapshot_ref_parse(arena, text, &ref, err))
        return false;
    if (ref.kind != home->kind)
        return err_set(
            err, ERR_INVALID,
            "\"%.*s\" is the ARN of the kind \"%s\", but snapshot_kind is \"%s\": one of the two is to be changed",
            STR_ARG(text), kinds[ref.kind].name, kinds[home->kind].name);
    *out = ref;
    return true;
}

static bool is_letter(char character)
{
    return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z');
}

static bool is_name_character(char character)
{
    return is_letter(character) || (character >= '0' && character <= '9') || character == '-';
}

bool snapshot_name_is_automated(struct str name)
{
    return str_starts_with(name, STR("rds:")) || str_starts_with(name, STR("awsbackup:"));
}

static const char *article_of(enum rds_kind kind)
{
    return kind == RDS_CLUSTER ? "a" : "an";
}

static bool refuse_name(enum rds_kind kind, struct str name, const char *why, struct err *err)
{
    return err_set(err, ERR_INVALID,
                   "\"%.*s\" %s. The name of %s %s is 1 to %zu letters, digits and hyphens: it begins with a letter, "
                   "does not end with a hyphen and has no two hyphens in a row",
                   STR_ARG(name), why, article_of(kind), kinds[kind].noun, kinds[kind].max_name_bytes);
}

static bool has_only_name_characters(struct str name)
{
    for (size_t i = 0; i < name.len; i++)
        if (!is_name_character(name.ptr[i]))
            return false;
    return true;
}

/* CopyDBClusterSnapshot, CopyDBSnapshot: TargetDB...Identifier in the API reference. */
bool snapshot_name_check(enum rds_kind kind, struct str name, struct err *err)
{
    if (snapshot_name_is_automated(name))
        return err_set(err, ERR_INVALID,
                       "\"%.*s\" is the name of an automatic snapshot; only AWS can create those, choose a name "
                       "without \"rds:\" or \"awsbackup:\"",
                       STR_ARG(name));
    if (str_starts_with(name, STR("arn:")))
        return refuse_name(kind, name, "is an ARN; give the name alone", err);
    if (name.len > kinds[kind].max_name_bytes)
        return err_set(err, ERR_INVALID, "\"%.*s\" has %zu characters; the name of %s %s has 1 to %zu", STR_ARG(name),
                       name.len, article_of(kind), kinds[kind].noun, kinds[kind].max_name_bytes);
    if (name.len == 0 || !is_letter(name.ptr[0]))
        return refuse_name(kind, name, name.len ? "does not begin with a letter" : "is empty", err);
    if (!has_only_name_characters(name))
        return refuse_name(kind, name, "contains a character other than letters, digits and hyphens", err);
    if (name.ptr[name.len - 1] == '-')
        return refuse_name(kind, name, "ends with a hyphen", err);
    if (str_find(name, STR("--")) >= 0)
        return refuse_name(kind, name, "has two hyphens in a row", err);
    return true;
}

struct str snapshot_how_to_cancel(struct arena *arena, const struct snapshot_ref *ref, struct str status)
{
    if (ref->kind == RDS_INSTANCE && str_equal(status, STR("creating")))
        return STR("");
    return str_format(arena, "To cancel it, delete the snapshot \"%.*s\" in account %.*s, Region %.*s",
                      STR_ARG(ref->name), STR_ARG(ref->account), STR_ARG(ref->region));
}

enum { COUNTER_MAX_DIGITS = 6 };

/* The number after the last hyphen; 1 where there is none. `out_base` is what stands before. */
static int64_t split_counter(struct str name, struct str *out_base)
{
    size_t begin = name.len;
    int64_t number = 0, place = 1;
    while (begin > 0 && name.ptr[begin - 1] >= '0' && name.ptr[begin - 1] <= '9') {
        begin--;
        number += place * (name.ptr[begin] - '0');
        place *= 10;
        if (name.len - begin == COUNTER_MAX_DIGITS)
            break;
    }
    const bool is_counted = begin < name.len && begin > 1 && name.ptr[begin - 1] == '-';
    *out_base = is_counted ? str_slice(name, 0, begin - 1) : name;
    return is_counted ? number : 1;
}

struct str snapshot_name_next(struct arena *arena, enum rds_kind kind, struct str name)
{
    struct str base;
    const int64_t next = split_counter(str_lower(arena, name), &base) + 1;
    const struct str counter = str_format(arena, "-%lld", (long long)next);
    if (base.len + counter.len > kinds[kind].max_name_bytes)
        base = str_slice(base, 0, kinds[kind].max_name_bytes - counter.len);
    while (base.len && base.ptr[base.len - 1] == '-')
        base.len--;
    return str_format(arena, "%.*s%.*s", STR_ARG(base), STR_ARG(counter));
}
