/* SPDX-License-Identifier: MPL-2.0
 *
 * How often a call is sent, and in which mode: argument -> environment -> profile.
 * There is one mode; the other names are accepted, since people have them set.
 */
#include <limits.h>

#include "plugin/aws_provider/checks.h"
#include "plugin/aws_provider/configuration.h"

static bool refuse(const struct aws_configuration *configuration, const struct configuration_setting *setting,
                   const char *allowed, struct err *err)
{
    const struct str shown = str_printable(configuration->arena, setting->value);
    err_set(err, ERR_INVALID, "%.*s is \"%.*s\", not %s", STR_ARG(setting->set_by), STR_ARG(shown), allowed);
    err_set_remedy(err, "Correct or remove it.");
    return false;
}

static int clamped(int64_t number)
{
    return number > INT_MAX ? INT_MAX : (int)number;
}

/* 0 is the default, as in hashicorp/aws. */
static bool find_max_attempts(struct aws_configuration *configuration, struct err *err)
{
    const struct tf_int64 argument = configuration->block->max_retries;
    struct configuration_setting setting;
    int64_t number = argument.state == TF_KNOWN ? argument.value : 0; /* in spite of its name it counts attempts */
    if (number == 0 && configuration_find_setting(configuration, "AWS_MAX_ATTEMPTS", "max_attempts", &setting) &&
        (!str_to_int64(setting.value, &number) || number < 0))
        return refuse(configuration, &setting, "a number of attempts, or 0 for the default", err);
    configuration->max_attempts = clamped(number);
    return true;
}

static bool find_mode(const struct aws_configuration *configuration, struct tf_call *call, struct err *err)
{
    struct configuration_setting setting = { tf_text(configuration->block->retry_mode, STR("")), STR("`retry_mode`") };
    if (str_is_empty(setting.value) &&
        !configuration_find_setting(configuration, "AWS_RETRY_MODE", "retry_mode", &setting))
        return true;
    if (!checks_is_retry_mode(setting.value))
        return refuse(configuration, &setting, RETRY_MODES, err);
    if (!str_equal_ignore_case(setting.value, STR("standard")))
        log_write(call->log, LOG_DEBUG, NULL, "%.*s is \"%.*s\": retries follow the standard mode",
                  STR_ARG(setting.set_by), STR_ARG(setting.value));
    return true;
}

bool configuration_read_retries(struct aws_configuration *configuration, struct tf_call *call, struct err *err)
{
    return find_max_attempts(configuration, err) && find_mode(configuration, call, err);
}
