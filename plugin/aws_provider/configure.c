/* SPDX-License-Identifier: MPL-2.0
 *
 * Makes a configuration: the files are read, then each part takes what is its own.
 */
#include "plugin/aws_provider/arguments.h"
#include "plugin/aws_provider/configuration.h"

static bool is_list_known(const struct tf_string_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].state == TF_UNKNOWN)
            return false;
    return list->state != TF_UNKNOWN;
}

/* No files while it is not known which. */
static bool read_files(struct aws_configuration *configuration, struct tf_call *call, struct err *err)
{
    const struct aws_provider_block *block = configuration->block;
    if (block->profile.state == TF_UNKNOWN || !is_list_known(&block->shared_config_files) ||
        !is_list_known(&block->shared_credentials_files))
        return true;
    struct aws_profile_files_options options = {
        .env = &configuration->env,
        .reader = &configuration->reader,
        .log = call->log,
        .config_paths_name = "`shared_config_files`",
        .credentials_paths_name = "`shared_credentials_files`",
    };
    const struct tf_string_list *config = &block->shared_config_files;
    const struct tf_string_list *credentials = &block->shared_credentials_files;
    options.config_paths = tf_given_texts(call->arena, config->items, config->count, &options.config_path_count);
    options.credentials_paths =
        tf_given_texts(call->arena, credentials->items, credentials->count, &options.credentials_path_count);
    return aws_profile_files_new(&options, &configuration->files, err);
}

/* What needs every deciding argument. */
static bool settle(struct aws_configuration *configuration, struct tf_call *call, struct err *err)
{
    configuration->sts_region = tf_text(configuration->block->sts_region, STR(""));
    configuration_warn(configuration, call);
    return configuration_read_variants(configuration, call, err) &&
           configuration_read_retries(configuration, call, err) &&
           configuration_read_addresses(configuration, call, err);
}

static bool fill(struct aws_configuration *configuration, struct tf_call *call, const char *product, struct err *err)
{
    if (!configuration_build_user_agent(configuration, product, err) || !read_files(configuration, call, err))
        return false;
    configuration_read_tags(configuration);
    arguments_log_ignored(call, configuration->block);
    configuration->unknown_argument = arguments_find_unknown(configuration->block);
    if (!configuration_read_region(configuration, err))
        return false;
    return configuration->unknown_argument || settle(configuration, call, err);
}

bool aws_configuration_new(struct tf_call *call, const void *config, const char *product,
                           struct aws_configuration **out, struct err *err)
{
    struct aws_configuration *configuration = mem_alloc(sizeof(*configuration));
    configuration->arena = arena_new();
    configuration->block = config;
    configuration->env = *call->env;
    configuration->reader = file_reader_real();
    configuration->writer = file_writer_real();
    configuration->clock = *waiter_clock(call->waiter);
    configuration->flight = flight_new(IDENTITY_LIMIT_MS);
    configuration->region_flight = flight_new(IDENTITY_LIMIT_MS);
    pthread_mutex_init(&configuration->connecting, NULL);
    pthread_mutex_init(&configuration->lock, NULL);
    if (!fill(configuration, call, product, err)) {
        aws_configuration_free(configuration);
        return false;
    }
    *out = configuration;
    return true;
}

void aws_configuration_free(struct aws_configuration *configuration)
{
    if (!configuration)
        return;
    configuration_disconnect(configuration);
    aws_profile_files_free(configuration->files);
    flight_free(configuration->flight);
    flight_free(configuration->region_flight);
    pthread_mutex_destroy(&configuration->connecting);
    pthread_mutex_destroy(&configuration->lock);
    arena_free(configuration->arena);
    mem_free(configuration);
}
