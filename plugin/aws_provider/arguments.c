/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/aws_provider/arguments.h"

#include "plugin/aws_provider/provider_block.h"
#include "plugin/runtime/model/object.h"

/* Every argument that is not listed decides who calls or where calls go. */
static const struct {
    const char *name;
    const char *ignored_because; /* NULL: it tunes; unknown, its default serves a plan */
} harmless[] = {
    { "default_tags",                       NULL                                                        },
    { "endpoints",                          NULL                                                        }, /* see below */
    { "ignore_tags",                        NULL                                                        },
    { "max_retries",                        NULL                                                        },
    { "retry_mode",                         NULL                                                        },
    { "s3_us_east_1_regional_endpoint",     "nothing here calls S3"                                     },
    { "s3_use_path_style",                  "nothing here calls S3"                                     },
    { "skip_credentials_validation",        "credentials are first used by the first call needing them" },
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

/* A row without a description is of a service that nothing here calls. */
static bool are_endpoints_known(const struct tf_blocks_endpoints *blocks)
{
    const struct tf_model *model = model_find(&aws_provider_block_model, STR("endpoints"))->element;
    for (size_t i = 0; i < blocks->count; i++)
        for (const struct tf_attribute *row = model->attributes; row->name; row++)
            if (row->description && !member_is_known(row, member_in(row, &blocks->items[i])))
                return false;
    return blocks->state != TF_UNKNOWN;
}

const char *arguments_find_unknown(const struct aws_provider_block *block)
{
    for (const struct tf_attribute *row = aws_provider_block_model.attributes; row->name; row++)
        if (!is_harmless(row->name) && !member_is_known(row, member_in(row, block)))
            return row->name;
    return are_endpoints_known(&block->endpoints) ? NULL : "endpoints";
}

static void log_ignored_endpoints(struct tf_call *call, const struct tf_blocks_endpoints *blocks)
{
    const struct tf_model *model = model_find(&aws_provider_block_model, STR("endpoints"))->element;
    for (size_t i = 0; i < blocks->count; i++)
        for (const struct tf_attribute *row = model->attributes; row->name; row++)
            if (!row->description && member_state(member_in(row, &blocks->items[i])) != TF_NULL)
                log_write(call->log, LOG_DEBUG, NULL,
                          "provider argument endpoints.%s is ignored: nothing here calls it", row->name);
}

void arguments_log_ignored(struct tf_call *call, const struct aws_provider_block *block)
{
    for (const struct tf_attribute *row = aws_provider_block_model.attributes; row->name; row++)
        for (size_t i = 0; i < ARRAY_LENGTH(harmless); i++)
            if (harmless[i].ignored_because && str_equal(str_from(harmless[i].name), str_from(row->name)) &&
                member_state(member_in(row, block)) != TF_NULL)
                log_write(call->log, LOG_DEBUG, NULL, "provider argument %s is ignored: %s", row->name,
                          harmless[i].ignored_because);
    log_ignored_endpoints(call, &block->endpoints);
}
