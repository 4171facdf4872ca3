/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/cli/session.h"

#include <string.h>

#include "base/file.h"
#include "plugin/aws_provider/block.h"
#include "plugin/aws_provider/provider_block.h"
#include "plugin/runtime/model/config_json.h"

/* People try the block that they have. */
static const char *const names[] = { "snapshot", "aws", NULL };

static bool is_given(struct tf_string option)
{
    return option.state == TF_KNOWN;
}

static bool check_options(const struct session_options *options, struct err *err)
{
    if (is_given(options->config) && (is_given(options->profile) || is_given(options->region)))
        return err_set(err, ERR_INVALID, "--config and %s exclude each other: the block says which %s",
                       is_given(options->profile) ? "--profile" : "--region",
                       is_given(options->profile) ? "profile" : "Region");
    if (is_given(options->alias) && !is_given(options->config))
        return err_set(err, ERR_INVALID,
                       "--alias chooses among the provider blocks of a file, and there is no --config");
    return true;
}

static bool read_file(struct tf_call *call, struct str path, const struct session_options *options, void **out,
                      struct err *err)
{
    const struct file_reader reader = file_reader_real();
    const struct config_json_wanted wanted = { .names = names, .alias = tf_text(options->alias, STR("")) };
    const char *name;
    struct str bytes;
    if (!file_read(&reader, call->arena, path, SESSION_FILE_MAX_BYTES, &bytes, err))
        return err_wrap(err, "--config");
    if (!config_json_provider(call->arena, &aws_provider_block_model, bytes, &wanted, out, &name, err)) {
        const struct str shown = str_printable(call->arena, path);
        return err_wrap(err, "%.*s", STR_ARG(shown));
    }
    if (strcmp(name, names[0]) != 0)
        tf_warn(call, NULL, "The block of provider \"aws\" is used",
                "The file has no block of provider \"snapshot\". Terraform gives this provider only a block of that "
                "name: copy the block and rename the copy.");
    return true;
}

/* A person waits for the answer: as often as the AWS CLI, unless somebody has said how often. */
static void limit_attempts(const struct tf_call *call, struct aws_provider_block *block)
{
    enum { ATTEMPTS = 3 };
    struct str ignored;
    if (block->max_retries.state == TF_NULL && !env_find(call->env, "AWS_MAX_ATTEMPTS", &ignored))
        block->max_retries = tf_known_int64(ATTEMPTS);
}

static bool read_block(struct tf_call *call, const struct session_options *options, void **out, struct err *err)
{
    if (is_given(options->config))
        return read_file(call, options->config.value, options, out, err);
    struct aws_provider_block *block = ARENA_NEW(call->arena, struct aws_provider_block);
    block->profile = options->profile;
    block->region = options->region;
    *out = block;
    return true;
}

enum tf_exit session_open(struct tf_call *call, const struct session_options *options, const char **out_summary,
                          struct err *err)
{
    void *block;
    *out_summary = "These options do not go together";
    if (!check_options(options, err))
        return TF_EXIT_USAGE;
    *out_summary = "The file cannot be used";
    if (!read_block(call, options, &block, err))
        return TF_EXIT_USAGE;
    limit_attempts(call, block);
    *out_summary = "The provider block is wrong";
    if (!tf_validate(call, block))
        return TF_EXIT_USAGE;
    *out_summary = "The provider cannot be configured";
    return tf_configure(call, block, err) ? TF_EXIT_DONE : TF_EXIT_FAILED;
}
