/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/aws_provider/arguments.h"

#include "plugin/aws_provider/provider_block.h"

/* Every argument that is not listed decides who calls or where calls go. */
static const struct {
    const char *name;
    const char *ignored_because; /* NULL: it tunes; unknown, its default serves a plan */
} harmless[] = {
    { "default_tags",                       NULL                                                        },
    { "ignore_tags",                        NULL                                                        },
    { "max_retries",                        NULL                                                        },
    { "retry_mode",                         NULL                                                        },
    { "s3_us_east_1_regional_endpoint",     "nothing here calls S3"                                     },
    { "s3_use_path_style",                  "nothing here calls S3"                                     },
    { "skip_credentials_validation",        "credentials are first used by the first call needing them" },
    { "skip_metadata_api_check",            "the EC2 metadata service is never asked"                   },
    { "skip_region_validation",             NULL                                                        },
    { "tag_policy_compliance",              "AWS itself enforces tag policies"                          },
    { "token_bucket_rate_limiter_capacity", "retries are not limited by a token bucket"                 },
    { "user_agent",                         NULL                                                        },
};

static bool is_harmless(const char *name)
{
    for (size_t i = 0; i < ARRAY_LENGTH(harmless); i++)
        if (str_equal(str_from(harmless[i].name), str_from(name)))
            return true;
    return false;
}

static bool is_string_unknown(const struct tf_string *items, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (items[i].state == TF_UNKNOWN)
            return true;
    return false;
}

static bool is_map_unknown(const struct tf_string_map *map)
{
    for (size_t i = 0; i < map->count; i++)
        if (map->items[i].value.state == TF_UNKNOWN)
            return true;
    return false;
}

static const void *member_of(const void *model, const struct tf_attribute *row)
{
    return (const char *)model + row->offset;
}

static enum tf_state state_of(const void *member)
{
    return *(const enum tf_state *)member; /* the first member of every value (value.h) */
}

/* In whole or in part. Blocks nest once. */
static bool is_unknown(const struct tf_attribute *row, const void *member) /* NOLINT(misc-no-recursion) */
{
    if (state_of(member) != TF_KNOWN)
        return state_of(member) == TF_UNKNOWN;
    switch (row->kind) {
    case TF_STRING:
    case TF_BOOL:
    case TF_INT64:
        return false;
    case TF_STRING_LIST: {
        const struct tf_string_list *list = member;
        return is_string_unknown(list->items, list->count);
    }
    case TF_STRING_SET: {
        const struct tf_string_set *set = member;
        return is_string_unknown(set->items, set->count);
    }
    case TF_STRING_MAP:
        return is_map_unknown(member);
    case TF_BLOCK_SINGLE:
    case TF_BLOCK_LIST:
    case TF_BLOCK_SET:
        break;
    }
    const struct tf_blocks *blocks = member;
    for (size_t i = 0; i < blocks->count; i++) {
        const void *item = (const char *)blocks->items + i * row->element->size;
        for (const struct tf_attribute *inner = row->element->attributes; inner->name; inner++)
            if (is_unknown(inner, member_of(item, inner)))
                return true;
    }
    return false;
}

const char *arguments_find_unknown(const struct aws_provider_block *block)
{
    for (const struct tf_attribute *row = aws_provider_block_model.attributes; row->name; row++)
        if (!is_harmless(row->name) && is_unknown(row, member_of(block, row)))
            return row->name;
    return NULL;
}

void arguments_log_ignored(struct tf_call *call, const struct aws_provider_block *block)
{
    for (const struct tf_attribute *row = aws_provider_block_model.attributes; row->name; row++)
        for (size_t i = 0; i < ARRAY_LENGTH(harmless); i++)
            if (harmless[i].ignored_because && str_equal(str_from(harmless[i].name), str_from(row->name)) &&
                state_of(member_of(block, row)) != TF_NULL)
                log_write(call->log, LOG_DEBUG, NULL, "provider argument %s is ignored: %s", row->name,
                          harmless[i].ignored_because);
    if (str_equal_ignore_case(tf_text(block->retry_mode, STR("standard")), STR("adaptive")))
        log_write(call->log, LOG_DEBUG, NULL, "provider argument retry_mode: retries follow the standard mode");
}
