/* SPDX-License-Identifier: MPL-2.0
 *
 * A provider block in the shape of hashicorp/aws (5.x and 6.x), so that people
 * paste what they have, turned into one AWS client per configuration. Immutable
 * once made; what needs the network (credentials, identity) is resolved lazily,
 * in one flight, at the first call that needs it. No AWS call precedes the check
 * of allowed_account_ids and forbidden_account_ids.
 *
 * What has no meaning here is ignored with a debug line; what decides who calls
 * or where calls go and is not supported is an error, never ignored.
 */
#ifndef PLUGIN_AWS_PROVIDER_PROVIDER_BLOCK_H
#define PLUGIN_AWS_PROVIDER_PROVIDER_BLOCK_H

#include "aws/call/operation.h"
#include "plugin/runtime/provider.h"

struct aws_provider_block; /* the C struct of the block; its rows: */
extern const struct tf_model aws_provider_block_model;

/* tf_provider.validate. */
void aws_provider_block_validate(struct tf_call *call, const void *config);

struct aws_configuration;

/* Reads the block, the environment and the shared files; no network. `config`
 * is a struct aws_provider_block that lives as long as the result. `product`
 * names the provider in User-Agent: "terraform-provider-snapshot/0.1.0". */
MUST_USE bool aws_configuration_new(struct tf_call *call, const void *config, const char *product,
                                    struct aws_configuration **out, struct err *err);
void aws_configuration_free(struct aws_configuration *configuration); /* accepts NULL */

/* False while an argument that decides who calls or where calls go is unknown
 * (possible in plan only); `out_argument`, unless NULL, names the first one. */
bool aws_configuration_is_known(const struct aws_configuration *configuration, const char **out_argument);
/* The Region that is set: unknown with its argument, null when none is set anywhere. */
struct tf_string aws_configuration_region(const struct aws_configuration *configuration);
/* That, or, with the credentials of an EC2 instance's role, the Region of the instance, asked for at the first need.
 * Unknown also while the credentials are. Errors: there is none, with the cause. */
MUST_USE bool aws_configuration_find_region(struct aws_configuration *configuration, struct tf_call *call,
                                            struct tf_string *out, struct err *err);

struct aws_identity {
    struct str account;   /* copied into the call's arena */
    struct str arn;       /* of the caller */
    struct str partition; /* of the caller's ARN */
};

/* GetCallerIdentity, once per configuration, after which the allowed and
 * forbidden accounts are checked. Returns true with an empty account when
 * skip_requesting_account_id is set and no account is guarded. Errors: everything credentials and STS can
 * say; ERR_DENIED for an account that is not allowed; ERR_INVALID while the
 * configuration is unknown. */
MUST_USE bool aws_configuration_identity(struct aws_configuration *configuration, struct tf_call *call,
                                         struct aws_identity *out, struct err *err);

/* What a call to AWS needs, after the checks above. `region` empty: the
 * provider's. `deadline_ms`: monotonic, CLOCK_NEVER for none. */
MUST_USE bool aws_configuration_call(struct aws_configuration *configuration, struct tf_call *call, struct str region,
                                     int64_t deadline_ms, struct aws_call *out, struct err *err);

/* default_tags.tags; never NULL. Values may be unknown. */
const struct tf_string_map *aws_configuration_default_tags(const struct aws_configuration *configuration);
/* ignore_tags: by key or key prefix. */
bool aws_configuration_ignores_tag(const struct aws_configuration *configuration, struct str key);
/* What to say where a copy may take longer than the credentials last, in the call's arena. Asks for the identity, as
 * the calls of a plan do. Empty: they can be refreshed, or there are none. */
struct str aws_configuration_session_warning(struct aws_configuration *configuration, struct tf_call *call);

#endif
