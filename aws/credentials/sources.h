/* SPDX-License-Identifier: MPL-2.0
 *
 * The sources of credentials, one file each in this folder. Each constructor
 * copies the texts it is given and keeps the objects (doors, files), which must
 * outlive the source. A fetch is made by one thread at a time: the cache's flight
 * sees to that.
 */
#ifndef AWS_CREDENTIALS_SOURCES_H
#define AWS_CREDENTIALS_SOURCES_H

#include "aws/credentials/cache.h"
#include "aws/credentials/config/profile.h"
#include "aws/http/message.h"
#include "aws/wire/rows.h"

/* Of STS AssumeRole: RoleSessionName. */
enum { AWS_ROLE_SESSION_NAME_MIN_BYTES = 2, AWS_ROLE_SESSION_NAME_MAX_BYTES = 64 };
bool aws_is_role_session_name(struct str text);

/* What AssumeRole takes and gives (aws/sts.h calls it). */
struct sts_assume_role_options {
    struct str role_arn;
    struct str session_name;
    struct str external_id, policy, source_identity; /* empty: not sent */
    struct wire_strings policy_arns;
    struct wire_int64 duration_seconds;
    struct aws_tags tags;
    struct wire_strings transitive_tag_keys;
    struct str web_identity_token; /* with it: AssumeRoleWithWebIdentity, unsigned */
};

struct sts_credentials {
    struct str access_key_id, secret_access_key, session_token;
    struct str expiration; /* ISO 8601 UTC */
};

/* The way to STS, passed in so that credentials do not depend on the client. */
struct aws_sts_door {
    /* AssumeRole signed by `with`; NULL: AssumeRoleWithWebIdentity, unsigned.
     * The result lives in call->arena. */
    bool (*assume_role)(void *self, const struct aws_credentials_call *call, const struct aws_credentials *with,
                        const struct sts_assume_role_options *options, struct sts_credentials *out, struct err *err);
    void *self;
};

enum aws_metadata_switch {
    AWS_METADATA_AS_ENVIRONMENT, /* on unless AWS_EC2_METADATA_DISABLED is true */
    AWS_METADATA_ON,
    AWS_METADATA_OFF
};

/* How the sources reach the world. */
struct aws_credentials_doors {
    const struct env *env;
    const struct file_reader *reader;
    const struct file_writer *writer; /* of tokens that were renewed */
    const struct clock *clock;
    const struct aws_sts_door *sts;
    const struct http_transport *transport; /* to SSO, containers, EC2 metadata */
    struct str user_agent;                  /* of requests to these; may be empty */
    bool use_fips, use_dualstack;           /* of SSO's hosts */
    struct str sso_endpoint;                /* of SSO's portal, as the provider block has it, checked; may be empty */
    /* EC2 metadata, as the provider block has it. Empty: what environment and profile say. */
    struct str metadata_endpoint; /* "http://127.0.0.1:1338" */
    struct str metadata_mode;     /* "IPv4" or "IPv6" */
    enum aws_metadata_switch metadata_switch;
};

/* Keys given as arguments. A missing half is ERR_INVALID at the fetch. */
struct aws_credentials_source aws_credentials_static(struct str access_key_id, struct str secret_access_key,
                                                     struct str session_token);

/* AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (or AWS_ACCESS_KEY and
 * AWS_SECRET_KEY), AWS_SESSION_TOKEN, AWS_CREDENTIAL_EXPIRATION. ERR_NOT_FOUND for one half alone too, as in
 * aws-sdk-go-v2. */
struct aws_credentials_source aws_credentials_environment(const struct env *env);
/* Of a half alone: the variable that has it, and the one that is missing. False: both are set, or neither. */
bool aws_environment_has_half(const struct env *env, const char **out_set, const char **out_missing);

struct aws_profile_source_options {
    const struct aws_credentials_doors *doors;
    const struct aws_profile_files *files;
    struct str profile;
    enum aws_profile_naming naming; /* the absence of one that is named is an error, not "none" */
};

/* Static keys of a profile. Each fetch after the first reads the files again: AWS
 * said that the keys have expired. */
struct aws_credentials_source aws_credentials_profile_keys(const struct aws_profile_source_options *options);

/* What a profile says, with the roles of its source_profiles (the order of aws-sdk-go-v2,
 * config/resolve_credentials.go). ERR_NOT_FOUND: it says nothing of credentials. What it comes to is settled at the
 * first fetch and kept. */
struct aws_credentials_source aws_credentials_profile(const struct aws_profile_source_options *options);

struct aws_web_identity_options {
    const struct aws_credentials_doors *doors;
    struct str token_file;                      /* read again at each fetch */
    const char *token_file_name;                /* what set it, for messages; copied */
    struct str token;                           /* instead of the file */
    const struct sts_assume_role_options *role; /* copied; an empty session name becomes a generated one */
    const char *role_arn_name;                  /* what set the role's ARN, for messages; copied; NULL: `role_arn` */
};

struct aws_credentials_source aws_credentials_web_identity(const struct aws_web_identity_options *options);
/* AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN, AWS_ROLE_SESSION_NAME. */
struct aws_credentials_source aws_credentials_web_identity_environment(const struct aws_credentials_doors *doors);

/* A role, assumed with what `base` gives; takes `base` over. Chains are built
 * by putting a cache over one assumed role below the next. */
struct aws_credentials_source aws_credentials_assume_role(const struct aws_credentials_doors *doors,
                                                          struct aws_credentials_cache *base,
                                                          const struct sts_assume_role_options *role);

/* AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or AWS_CONTAINER_CREDENTIALS_FULL_URI: ECS, EKS Pod Identity.
 * ERR_NOT_FOUND: neither is set. */
struct aws_credentials_source aws_credentials_container(const struct aws_credentials_doors *doors);

/* The role of the EC2 instance, by its metadata service. `files` and `profile` may set the service's address.
 * ERR_NOT_FOUND: it is switched off, nothing answers, or the instance has no role. */
struct aws_credentials_source aws_credentials_instance(const struct aws_credentials_doors *doors,
                                                       const struct aws_profile_files *files, struct str profile);
/* The same where the service is known to be there, by credential_source: it is asked up to three times. */
struct aws_credentials_source aws_credentials_instance_expected(const struct aws_credentials_doors *doors,
                                                                const struct aws_profile_files *files,
                                                                struct str profile);
/* The Region that the instance is in, into call->arena. Errors: ERR_NOT_FOUND likewise; others: it does not say. */
MUST_USE bool aws_instance_region(const struct aws_credentials_doors *doors, const struct aws_profile_files *files,
                                  struct str profile, const struct aws_credentials_call *call, struct str *out,
                                  struct err *err);

/* Several sources in their order. Takes them over: `links` is copied. The first that has any is kept to from then
 * on, and its failure is the failure. ERR_NOT_FOUND when none has, naming all that was looked at. */
struct aws_credentials_source aws_credentials_first_of(const struct aws_credentials_source *links, size_t count);

struct aws_credentials_chain_options {
    const struct aws_credentials_doors *doors;
    const struct aws_profile_files *files;
    struct str profile; /* of the provider block; it goes ahead of the environment */
};

/* Environment, web identity of the environment, profile, container, EC2 instance: the
 * order of hashicorp/aws. ERR_DENIED when none has any, naming everything that was looked at. */
struct aws_credentials_source aws_credentials_chain(const struct aws_credentials_chain_options *options);

#endif
