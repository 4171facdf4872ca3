/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/aws_provider/configuration.h"

#include <ctype.h>

#include "aws/credentials/config_endpoint.h"
#include "aws/endpoint.h"
#include "plugin/aws_provider/arguments.h"
#include "plugin/aws_provider/checks.h"

enum { USER_AGENT_MAX_BYTES = 4096 };

/* ---- Region, variants ----------------------------------------------------- */

static bool find_in_profile(const struct aws_configuration *configuration, const char *key, struct str *out)
{
    const struct str profile = aws_profile_name(&configuration->env, tf_text(configuration->block->profile, STR("")));
    return configuration->files && aws_profile_get(configuration->files, profile, key, out);
}

static struct str name_in_profile(const struct aws_configuration *configuration, const char *key)
{
    struct arena *arena = configuration->arena;
    const struct str profile = aws_profile_name(&configuration->env, tf_text(configuration->block->profile, STR("")));
    const struct str where = aws_profile_where(configuration->files, arena, profile, key);
    const struct str shown = str_printable(arena, profile);
    return str_format(arena, "%s of the profile \"%.*s\" (%.*s)", key, STR_ARG(shown), STR_ARG(where));
}

bool configuration_find_setting(const struct aws_configuration *configuration, const char *variable, const char *key,
                                struct configuration_setting *out)
{
    const bool is_set = env_find(&configuration->env, variable, &out->value);
    if (!is_set && !find_in_profile(configuration, key, &out->value))
        return false;
    out->set_by = is_set ? str_from(variable) : name_in_profile(configuration, key);
    return true;
}

/* The provider's argument -> AWS_REGION -> AWS_DEFAULT_REGION -> the profile's. */
static struct tf_string find_region(const struct aws_configuration *configuration)
{
    const struct tf_string argument = configuration->block->region;
    struct str found = { 0 };
    if (argument.state == TF_UNKNOWN || (argument.state == TF_KNOWN && !str_is_empty(argument.value)))
        return argument;
    if (env_find(&configuration->env, "AWS_REGION", &found) ||
        env_find(&configuration->env, "AWS_DEFAULT_REGION", &found) || find_in_profile(configuration, "region", &found))
        return tf_known_string(found);
    /* The profile that would say it is not known yet. */
    return (struct tf_string){ .state = configuration->files ? TF_NULL : TF_UNKNOWN };
}

/* In the order of find_region. */
struct str configuration_region_set_by(const struct aws_configuration *configuration)
{
    static const char *const variables[] = { "AWS_REGION", "AWS_DEFAULT_REGION" };
    struct str ignored;
    if (!str_is_empty(tf_text(configuration->block->region, STR(""))))
        return STR("`region`");
    for (size_t i = 0; i < ARRAY_LENGTH(variables); i++)
        if (env_find(&configuration->env, variables[i], &ignored))
            return str_from(variables[i]);
    return name_in_profile(configuration, "region");
}

static bool check_found_region(const struct aws_configuration *configuration, struct err *err)
{
    const struct tf_bool skip = configuration->block->skip_region_validation;
    if (configuration->region.state != TF_KNOWN || skip.state == TF_UNKNOWN || tf_is_true(skip) ||
        aws_is_region(configuration->region.value))
        return true;
    const struct str set_by = configuration_region_set_by(configuration);
    err_set(err, ERR_INVALID, "%.*s is \"%.*s\", which does not look like the name of a Region", STR_ARG(set_by),
            STR_ARG(configuration->region.value));
    err_set_remedy(err, "Correct AWS_REGION, AWS_DEFAULT_REGION or the profile's `region`, or set the provider's "
                        "`region` or `skip_region_validation`.");
    return false;
}

static bool check_flag(const struct aws_configuration *configuration, const char *variable, struct err *err)
{
    struct str text;
    if (!env_find(&configuration->env, variable, &text) || str_equal_ignore_case(text, STR("true")) ||
        str_equal_ignore_case(text, STR("false")))
        return true;
    const struct str shown = str_printable(configuration->arena, text);
    err_set(err, ERR_INVALID, "%s is \"%.*s\", neither \"true\" nor \"false\"", variable, STR_ARG(shown));
    err_set_remedy(err, "Correct or unset it.");
    return false;
}

/* Argument -> environment -> profile. An argument that is false leaves it to the others, and what a profile has
 * besides "true" is false, both as in hashicorp/aws. */
static bool find_flag(const struct aws_configuration *configuration, struct tf_bool argument, const char *variable,
                      const char *key)
{
    struct configuration_setting setting;
    return tf_is_true(argument) || (configuration_find_setting(configuration, variable, key, &setting) &&
                                    str_equal_ignore_case(setting.value, STR("true")));
}

static bool set_variants(struct aws_configuration *configuration, struct err *err)
{
    const struct aws_provider_block *block = configuration->block;
    if (!check_flag(configuration, "AWS_USE_FIPS_ENDPOINT", err) ||
        !check_flag(configuration, "AWS_USE_DUALSTACK_ENDPOINT", err) ||
        !check_flag(configuration, AWS_IGNORE_ENDPOINTS_VARIABLE, err))
        return false;
    configuration->use_fips =
        find_flag(configuration, block->use_fips_endpoint, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint");
    configuration->use_dualstack =
        find_flag(configuration, block->use_dualstack_endpoint, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint");
    return true;
}

/* STS's endpoint is always that of a Region, as in hashicorp/aws: tokens of the global one are refused by the Regions
 * that an account must opt in to. */
static void log_legacy_sts(const struct aws_configuration *configuration, struct tf_call *call)
{
    struct configuration_setting setting;
    if (configuration_find_setting(configuration, "AWS_STS_REGIONAL_ENDPOINTS", "sts_regional_endpoints", &setting) &&
        str_equal_ignore_case(setting.value, STR("legacy")))
        log_write(call->log, LOG_DEBUG, NULL, "%.*s is \"legacy\" and ignored: STS is called in a Region",
                  STR_ARG(setting.set_by));
}

/* hashicorp/aws warns likewise: many expect the environment to win. */
static void warn_of_conflict(const struct aws_configuration *configuration, struct tf_call *call)
{
    struct str key;
    const struct aws_provider_block *block = configuration->block;
    if (str_is_empty(tf_text(block->profile, STR(""))) || !str_is_empty(tf_text(block->access_key, STR(""))) ||
        configuration_web_identity(block) || !env_find(&configuration->env, "AWS_ACCESS_KEY_ID", &key))
        return;
    tf_warn(call, "profile", "The profile is used, not the keys of the environment",
            "Both `profile` (for whoami: --profile) and AWS_ACCESS_KEY_ID are set; a profile that is named there goes "
            "first, other than one that AWS_PROFILE names.");
}

/* hashicorp/aws goes on without a word, often as somebody else. */
static void warn_of_half_a_pair(const struct aws_configuration *configuration, struct tf_call *call)
{
    const char *set, *missing;
    const struct aws_provider_block *block = configuration->block;
    if (!str_is_empty(tf_text(block->profile, STR(""))) || !str_is_empty(tf_text(block->access_key, STR(""))) ||
        configuration_web_identity(block) || !aws_environment_has_half(&configuration->env, &set, &missing))
        return;
    tf_warn(call, NULL, "Half a pair of keys in the environment",
            "%s is set and %s is not, and one without the other is not used. The credentials come from the next source "
            "that has some instead: a web identity, a profile, the container or the EC2 instance.\n\nSet both or "
            "neither. `terraform-provider-snapshot whoami` shows whose credentials are used.",
            set, missing);
}

/* The former name of a variable, which hashicorp/aws still reads with this warning. */
static void warn_of_former_name(const struct aws_configuration *configuration, struct tf_call *call)
{
    static const char name[] = "AWS_EC2_METADATA_SERVICE_ENDPOINT";
    struct str ignored;
    if (!str_is_empty(tf_text(configuration->block->ec2_metadata_service_endpoint, STR(""))) ||
        !env_find(&configuration->env, "AWS_METADATA_URL", &ignored))
        return;
    const bool is_used = !env_find(&configuration->env, name, &ignored);
    tf_warn(call, NULL, "A former name of a variable",
            is_used ? "AWS_METADATA_URL is set, the former name of %s.\n\nSet %s instead."
                    : "AWS_METADATA_URL is not used, since %s is set. %s is its name today.",
            name, name);
}

/* What an HTTP header cannot hold becomes a space. */
static struct str header_text(struct arena *arena, struct str text)
{
    char *copy = arena_copy(arena, text.ptr, text.len);
    for (size_t i = 0; i < text.len; i++)
        if (!isprint((unsigned char)copy[i]))
            copy[i] = ' ';
    return str_trim((struct str){ copy, text.len });
}

static bool build_user_agent(struct aws_configuration *configuration, const char *product, struct err *err)
{
    struct str_builder builder;
    struct str appended = { 0 };
    str_builder_init(&builder, configuration->arena, USER_AGENT_MAX_BYTES);
    if (!str_builder_add(&builder, str_from(product), err))
        return false;
    const struct tf_string_list *products = &configuration->block->user_agent;
    for (size_t i = 0; i < products->count; i++)
        if (!str_is_empty(tf_text(products->items[i], STR(""))) &&
            !str_builder_format(&builder, err, " %.*s", STR_ARG(products->items[i].value)))
            return err_wrap(err, "user_agent");
    if (env_find(&configuration->env, "TF_APPEND_USER_AGENT", &appended)) {
        appended = header_text(configuration->arena, appended);
        if (!str_builder_format(&builder, err, " %.*s", STR_ARG(appended)))
            return err_wrap(err, "TF_APPEND_USER_AGENT");
    }
    configuration->user_agent = str_builder_text(&builder);
    return true;
}

/* ---- All together --------------------------------------------------------- */

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
    const struct aws_provider_block *block = configuration->block;
    configuration->sts_region = tf_text(block->sts_region, STR(""));
    log_legacy_sts(configuration, call);
    warn_of_conflict(configuration, call);
    warn_of_half_a_pair(configuration, call);
    warn_of_former_name(configuration, call);
    return set_variants(configuration, err) && configuration_read_retries(configuration, call, err) &&
           configuration_read_addresses(configuration, call, err);
}

static bool fill(struct aws_configuration *configuration, struct tf_call *call, const char *product, struct err *err)
{
    if (!build_user_agent(configuration, product, err) || !read_files(configuration, call, err))
        return false;
    configuration_read_tags(configuration);
    arguments_log_ignored(call, configuration->block);
    configuration->unknown_argument = arguments_find_unknown(configuration->block);
    configuration->region = find_region(configuration);
    if (!check_found_region(configuration, err))
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

bool aws_configuration_is_known(const struct aws_configuration *configuration, const char **out_argument)
{
    if (out_argument)
        *out_argument = configuration->unknown_argument;
    return !configuration->unknown_argument;
}

struct tf_string aws_configuration_region(const struct aws_configuration *configuration)
{
    return configuration->region;
}

/* A profile that cannot be found is the cause, not the Region that it would have set. */
bool configuration_refuse_region(const struct aws_configuration *configuration, struct arena *arena,
                                 const char *why_not_ec2, struct err *err)
{
    const struct str argument = tf_text(configuration->block->profile, STR(""));
    const struct str profile = aws_profile_name(&configuration->env, argument);
    if (aws_profile_naming(&configuration->env, argument) != AWS_PROFILE_BY_NOBODY &&
        !aws_profile_check(configuration->files, arena, profile, err)) {
        err->kind = ERR_INVALID;
        return false;
    }
    const struct str shown = str_printable(arena, profile);
    const struct str looked_at = aws_profile_files_describe(arena, configuration->files, profile);
    err_set(err, ERR_INVALID,
            "no Region is set, neither here nor in the provider; the profile \"%.*s\" has none in %.*s%s%s",
            STR_ARG(shown), STR_ARG(looked_at), why_not_ec2 ? "; " : "", why_not_ec2 ? why_not_ec2 : "");
    err_set_remedy(err, "Set `region` here or in the provider block, or AWS_REGION, or `region` in the profile.");
    return false;
}
