/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/credentials/sources.h"

enum { CHAIN_MAX_LINKS = 5 };

struct chain_source {
    struct aws_credentials_source links;
    bool is_of_block; /* the profile: nothing goes before it */
};

static bool chain_fetch(void *self, const struct aws_credentials_call *call, struct aws_credentials *out,
                        struct err *err)
{
    struct chain_source *chain = self;
    CLEANUP(err_clear) struct err reason = { 0 };
    if (chain->links.fetch(chain->links.self, call, out, &reason))
        return true;
    if (reason.kind != ERR_NOT_FOUND) {
        err_move(err, &reason);
        return false;
    }
    aws_credentials_close(call->trail);
    err_set(err, ERR_DENIED, "no AWS credentials were found. Checked: %s", err_text(&reason));
    err_set_remedy(err, "%s",
                   chain->is_of_block
                       ? "Give the profile credentials, or remove `profile` from the provider block (for whoami: "
                         "--profile), which "
                         "goes before environment variables and the other sources."
                       : "Set AWS_PROFILE to a profile that has credentials, or AWS_ACCESS_KEY_ID and "
                         "AWS_SECRET_ACCESS_KEY. `terraform-provider-snapshot whoami --explain` shows each source with "
                         "its reason.");
    return false;
}

static void chain_free(void *self)
{
    struct chain_source *chain = self;
    aws_credentials_source_clear(&chain->links);
    mem_free(chain);
}

static void add(struct aws_credentials_source *links, size_t *count, const char *name,
                struct aws_credentials_source link)
{
    link.name = name;
    links[(*count)++] = link;
}

struct aws_credentials_source aws_credentials_chain(const struct aws_credentials_chain_options *options)
{
    struct chain_source *chain = mem_alloc(sizeof(*chain));
    struct aws_credentials_source links[CHAIN_MAX_LINKS];
    size_t count = 0;
    const struct env *env = options->doors->env;
    const struct aws_profile_source_options profile = { .doors = options->doors,
                                                        .files = options->files,
                                                        .profile = aws_profile_name(env, options->profile),
                                                        .naming = aws_profile_naming(env, options->profile) };
    chain->is_of_block = !str_is_empty(options->profile);
    if (!chain->is_of_block) {
        add(links, &count, "environment", aws_credentials_environment(env));
        add(links, &count, "web identity", aws_credentials_web_identity_environment(options->doors));
    }
    add(links, &count, "profile", aws_credentials_profile(&profile));
    add(links, &count, "container", aws_credentials_container(options->doors));
    add(links, &count, "EC2 metadata", aws_credentials_instance(options->doors, options->files, profile.profile));
    chain->links = aws_credentials_first_of(links, count);
    return (struct aws_credentials_source){ .fetch = chain_fetch, .free = chain_free, .self = chain };
}
