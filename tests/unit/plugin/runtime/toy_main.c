/* SPDX-License-Identifier: MPL-2.0 */
#include "tests/unit/plugin/runtime/toy_provider.h"

struct say_options {
    struct tf_string text, prefix;
    struct tf_bool fail;
};

static const struct tf_option say_rows[] = {
    TF_OPTION(struct say_options, text, "TEXT", "what to say"),
    TF_OPTION(struct say_options, prefix, "PREFIX", "of the provider's configuration"),
    TF_OPTION(struct say_options, fail, NULL, "fail afterwards"),
    { .name = NULL },
};

/* Configures the provider, says the text, warns if there is none. */
static enum tf_exit say(struct tf_call *call, const void *options, struct str *out_text)
{
    const struct say_options *given = options;
    struct toy_block *block = ARENA_NEW(call->arena, struct toy_block);
    CLEANUP(err_clear) struct err err = { 0 };
    block->prefix = given->prefix;
    if (!tf_validate(call, block))
        return TF_EXIT_USAGE;
    if (!tf_configure(call, block, &err)) {
        tf_report(call, "The provider cannot be configured", &err);
        return TF_EXIT_FAILED;
    }
    *out_text = tf_text(given->text, STR(""));
    if (str_is_empty(*out_text))
        tf_warn(call, "text", "Nothing to say", "Give a text.");
    if (tf_is_true(given->fail))
        tf_error(call, NULL, "It failed", "As it was asked to.");
    return tf_has_errors(call) ? TF_EXIT_FAILED : TF_EXIT_DONE;
}

static const struct tf_command commands[] = {
    { .name = "say",
     .summary = "says a text",
     .description = "Says a text.",
     .options = say_rows,
     .options_size = sizeof(struct say_options),
     .run = say },
    { .name = NULL },
};

int main(int argc, char **argv)
{
    return tf_main(&toy_provider, commands, argc, argv);
}
