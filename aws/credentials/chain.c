/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/credentials/sources.h"

enum { CHAIN_MAX_LINKS = 3 };

struct chain_source {
    const struct env *env;
    struct aws_credentials_source links[CHAIN_MAX_LINKS]; /* order of trial */
    size_t count;
    bool is_of_block;                            /* the profile; it is the only link then */
    const struct aws_credentials_source *chosen; /* the first that had any; kept to from then on */
};

/* Where these point to credentials, they are what the user has: say that they are not used. */
static const struct later_source {
    const char *variable, *what;
} later_sources[] = {
    { "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "container credentials (AWS_CONTAINER_CREDENTIALS_RELATIVE_URI)" },
    { "AWS_CONTAINER_CREDENTIALS_FULL_URI",     "container credentials (AWS_CONTAINER_CREDENTIALS_FULL_URI)"     },
};

static bool refuse_all(const struct chain_source *chain, const struct str *reasons, struct arena *arena,
                       struct err *err)
{
    struct str looked_at = STR("");
    struct str ignored;
    for (size_t i = 0; i < chain->count; i++)
        str_join(arena, &looked_at, "; ", "%.*s", STR_ARG(reasons[i]));
    for (size_t i = 0; i < ARRAY_LENGTH(later_sources); i++)
        if (env_find(chain->env, later_sources[i].variable, &ignored))
            str_join(arena, &looked_at, "; ", "%s are offered but not supported yet", later_sources[i].what);
    err_set(err, ERR_DENIED, "no AWS credentials were found. Looked at: %.*s", STR_ARG(looked_at));
    if (chain->is_of_block) {
        err_set_remedy(err, "Give the profile keys, or remove `profile` from the provider block, which goes before "
                            "environment variables and the other sources.");
        return false;
    }
    err_set_remedy(err, "Sources here are, in this order: the provider's arguments, environment variables, a web "
                        "identity token file, static keys of a profile; and roles assumed with them. Container and EC2 "
                        "instance credentials, SSO and credential_process are not supported yet: `aws configure "
                        "export-credentials --format env` turns them into environment variables.");
    return false;
}

static bool chain_fetch(void *self, const struct aws_credentials_call *call, struct aws_credentials *out,
                        struct err *err)
{
    struct chain_source *chain = self;
    struct str reasons[CHAIN_MAX_LINKS];
    if (chain->chosen)
        return chain->chosen->fetch(chain->chosen->self, call, out, err);
    for (size_t i = 0; i < chain->count; i++) {
        const struct aws_credentials_source *link = &chain->links[i];
        CLEANUP(err_clear) struct err reason = { 0 };
        if (link->fetch(link->self, call, out, &reason)) {
            chain->chosen = link;
            return true;
        }
        if (reason.kind != ERR_NOT_FOUND) {
            err_move(err, &reason);
            return false;
        }
        reasons[i] = str_copy(call->arena, str_from(err_text(&reason)));
    }
    return refuse_all(chain, reasons, call->arena, err);
}

static void chain_free(void *self)
{
    struct chain_source *chain = self;
    for (size_t i = 0; i < chain->count; i++)
        aws_credentials_source_clear(&chain->links[i]);
    mem_free(chain);
}

struct aws_credentials_source aws_credentials_chain(const struct aws_credentials_chain_options *options)
{
    struct chain_source *chain = mem_alloc(sizeof(*chain));
    const struct aws_profile_source_options profile = { .files = options->files,
                                                        .reader = options->reader,
                                                        .profile = aws_profile_name(options->env, options->profile),
                                                        .naming = aws_profile_naming(options->env, options->profile) };
    chain->env = options->env;
    chain->is_of_block = !str_is_empty(options->profile);
    if (!chain->is_of_block) {
        chain->links[chain->count++] = aws_credentials_environment(options->env);
        chain->links[chain->count++] =
            aws_credentials_web_identity_environment(options->env, options->sts, options->reader);
    }
    chain->links[chain->count++] = aws_credentials_profile(&profile);
    return (struct aws_credentials_source){ .fetch = chain_fetch, .free = chain_free, .self = chain };
}
