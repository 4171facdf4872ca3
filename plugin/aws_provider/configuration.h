/* SPDX-License-Identifier: MPL-2.0
 *
 * What a provider block, the environment and the shared files come to. Filled
 * once by aws_configuration_new; afterwards only what stands below `lock`
 * changes, and each of that only once.
 */
#ifndef PLUGIN_AWS_PROVIDER_CONFIGURATION_H
#define PLUGIN_AWS_PROVIDER_CONFIGURATION_H

#include <pthread.h>

#include "aws/call/client.h"
#include "aws/credentials/sources.h"
#include "aws/http/curl.h"
#include "base/flight.h"
#include "plugin/aws_provider/block.h"
#include "plugin/aws_provider/provider_block.h"

/* Of one attempt to find out who calls, repetitions included. */
enum { IDENTITY_LIMIT_MS = 5 * MINUTE_MS };

struct aws_configuration {
    struct arena *arena; /* everything made at the start, and the identity */
    const struct aws_provider_block *block;
    const char *unknown_argument; /* NULL: all is known that decides */
    struct env env;
    struct file_reader reader;
    struct file_writer writer;
    struct clock clock;
    struct aws_profile_files *files;
    struct tf_string region;
    struct str sts_region;                          /* empty: the Region of the call that needs STS */
    struct str endpoints[AWS_SERVICE_COUNT];        /* empty: AWS's own */
    struct str endpoints_set_by[AWS_SERVICE_COUNT]; /* "AWS_ENDPOINT_URL_RDS" */
    struct str sso_endpoint;                        /* empty: what environment and profile say */
    bool use_fips, use_dualstack;
    int max_attempts; /* 0: the client's own */
    struct http_curl_options http_options;
    struct str user_agent;
    struct tf_string_map default_tags;
    struct tf_string_set ignored_keys, ignored_prefixes;

    pthread_mutex_t connecting; /* held while `http`, `credentials` and `client` are made, which takes no network */
    pthread_mutex_t lock;
    struct flight *flight;                  /* brings about what follows */
    struct flight *region_flight;           /* and this one the Region */
    struct http_curl *http;                 /* NULL also where a test brings its transport */
    const struct http_transport *transport; /* the way out: of `http`, or a test's */
    struct aws_sts_door sts;
    struct aws_credentials_doors doors;
    struct aws_credentials_cache *credentials;
    struct aws_client *client;
    bool is_identified;
    struct aws_identity identity;
    struct str instance_region; /* where none is set; empty: not asked, or not known */
};

/* ---- configuration.c: what follows from it alone ---- */

/* For a client that signs with `credentials`. */
struct aws_client_options configuration_client_options(const struct aws_configuration *configuration,
                                                       struct aws_credentials_cache *credentials);
/* The block for a web identity; NULL: there is none, or one that sets nothing, which hashicorp/aws ignores, too. */
const struct assume_role_with_web_identity *configuration_web_identity(const struct aws_provider_block *block);

/* ---- settings.c ---- */

/* What the environment, else the profile says. */
struct configuration_setting {
    struct str value;
    struct str set_by; /* for messages: "AWS_RETRY_MODE", "retry_mode of the profile \"p\" (FILE, line 3)" */
};
/* False: neither says anything. */
bool configuration_find_setting(const struct aws_configuration *configuration, const char *variable, const char *key,
                                struct configuration_setting *out);
bool configuration_find_in_profile(const struct aws_configuration *configuration, const char *key, struct str *out);
/* A key of the profile with where it stands, for messages. */
struct str configuration_name_in_profile(const struct aws_configuration *configuration, const char *key);

/* ---- What configure.c has read, a file each. Errors: ERR_INVALID for a value that cannot be used. ---- */

MUST_USE bool configuration_read_region(struct aws_configuration *configuration, struct err *err);
/* What has set the Region, for messages: "AWS_REGION". The Region is known. */
struct str configuration_region_set_by(const struct aws_configuration *configuration);
/* The error where a Region is needed; `why_not_ec2`, unless NULL, says why EC2 metadata gave none. False. */
bool configuration_refuse_region(const struct aws_configuration *configuration, struct arena *arena,
                                 const char *why_not_ec2, struct err *err);

/* Endpoints, proxies and CA certificates, of the block, the environment and the profile. */
MUST_USE bool configuration_read_addresses(struct aws_configuration *configuration, struct tf_call *call,
                                           struct err *err);
/* How often a call is sent, and in which mode, of the block, the environment and the profile. */
MUST_USE bool configuration_read_retries(struct aws_configuration *configuration, struct tf_call *call,
                                         struct err *err);
/* default_tags and ignore_tags, with what the environment adds. */
void configuration_read_tags(struct aws_configuration *configuration);
/* `product` comes first. */
MUST_USE bool configuration_build_user_agent(struct aws_configuration *configuration, const char *product,
                                             struct err *err);
MUST_USE bool configuration_read_variants(struct aws_configuration *configuration, struct tf_call *call,
                                          struct err *err);
void configuration_warn(const struct aws_configuration *configuration, struct tf_call *call);

/* ---- instance_region.c ---- */

/* The Region of the EC2 instance whose role `with` is of; asked for once. Errors: a reason that fits behind "no Region
 * is set". */
MUST_USE bool configuration_region_of_instance(struct aws_configuration *configuration,
                                               const struct aws_credentials_call *call,
                                               const struct aws_credentials *with, struct str *out, struct err *err);
/* That, where it has been asked for; else empty. */
struct str configuration_known_region(struct aws_configuration *configuration);

/* ---- doors.c, credentials.c, connection.c: the way to AWS ---- */

/* How the sources reach the world, STS for their roles included. */
void configuration_open_doors(struct aws_configuration *configuration);
/* The source that block and environment ask for, with the roles on top. No network. */
MUST_USE bool configuration_credentials(struct aws_configuration *configuration, struct aws_credentials_source *out,
                                        struct err *err);
/* Starts the transport and makes the client, unless that has been done: the
 * costly part, which a schema or a validation never needs. No network. */
MUST_USE bool configuration_connect(struct aws_configuration *configuration, struct err *err);
void configuration_disconnect(struct aws_configuration *configuration);

#endif
