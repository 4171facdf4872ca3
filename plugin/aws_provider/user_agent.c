/* SPDX-License-Identifier: MPL-2.0
 *
 * How the provider names itself: product, the block's user_agent, TF_APPEND_USER_AGENT.
 */
#include <ctype.h>

#include "plugin/aws_provider/configuration.h"

enum { USER_AGENT_MAX_BYTES = 4096 };

/* What an HTTP header cannot hold becomes a space. */
static struct str header_text(struct arena *arena, struct str text)
{
    char *copy = arena_copy(arena, text.ptr, text.len);
    for (size_t i = 0; i < text.len; i++)
        if (!isprint((unsigned char)copy[i]))
            copy[i] = ' ';
    return str_trim((struct str){ copy, text.len });
}

bool configuration_build_user_agent(struct aws_configuration *configuration, const char *product, struct err *err)
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
