/* SPDX-License-Identifier: MPL-2.0
 *
 * What a configuration comes to, for a person who asks: which Region and
 * endpoints, set by what, whose credentials, from where, and for how long. What the
 * configuration does for calls to AWS is in provider_block.h.
 */
#ifndef PLUGIN_AWS_PROVIDER_REPORT_H
#define PLUGIN_AWS_PROVIDER_REPORT_H

#include "aws/credentials/cache.h"
#include "plugin/aws_provider/provider_block.h"

struct aws_setting {
    struct str value;
    struct str set_by; /* "AWS_REGION"; empty: AWS's own rules */
};

struct aws_places {
    struct aws_setting region;
    struct aws_setting endpoints[AWS_SERVICE_COUNT]; /* without a value: the service is not called */
};

/* No network, unless no Region is set: then that of an EC2 instance is looked for. Errors: ERR_INVALID where there is
 * none, or one that has no endpoint. */
MUST_USE bool aws_configuration_places(struct aws_configuration *configuration, struct tf_call *call,
                                       struct aws_places *out, struct err *err);

/* Fetches them, unless that has been done. `trail` gets what was tried; NULL: nobody wants to know. */
MUST_USE bool aws_configuration_credentials(struct aws_configuration *configuration, struct tf_call *call,
                                            struct aws_credentials_trail *trail, struct aws_credentials *out,
                                            struct err *err);

/* As aws_configuration_identity, but STS is always asked, skip_requesting_account_id or not. */
MUST_USE bool aws_configuration_caller(struct aws_configuration *configuration, struct tf_call *call,
                                       struct aws_identity *out, struct err *err);

#endif
