/* SPDX-License-Identifier: MPL-2.0
 *
 * The metadata service of an EC2 instance, by IMDSv2: a token first, then the data with it. Where the service gives
 * no token, the data is asked for without one (IMDSv1), unless that is switched off (the rules of aws-sdk-go-v2,
 * feature/ec2/imds/token_provider.go). A token serves one fetch and is not kept. Nothing of an answer is
 * ever shown. The limits of time are fixed, as in hashicorp/aws: AWS_METADATA_SERVICE_TIMEOUT and
 * AWS_METADATA_SERVICE_NUM_ATTEMPTS are of the AWS CLI alone.
 */
#ifndef AWS_CREDENTIALS_METADATA_H
#define AWS_CREDENTIALS_METADATA_H

#include "aws/credentials/sources.h"

struct metadata_options {
    const struct aws_credentials_doors *doors;
    const struct aws_profile_files *files; /* NULL: none */
    struct str profile;                    /* of which settings of the service count */
    bool is_expected;                      /* it is known to be there: silence is not taken for its absence at once */
};

/* Of one fetch, in its arena. */
struct metadata {
    const struct aws_credentials_doors *doors;
    const struct aws_credentials_call *call;
    struct str address;       /* "http://169.254.169.254" */
    const char *v1_is_off_by; /* NULL: it may be asked without a token */
    struct str token;         /* empty: there is none, because of: */
    const char *no_token;
    bool is_token_unanswered;
    bool is_token_renewed;
    bool is_expected;
    bool may_be_nobody; /* nothing has been answered yet */
    int64_t begun_ms;   /* monotonic */
};

/* Finds the service and asks for a token. Errors: ERR_NOT_FOUND: it is switched off, or nothing answers; ERR_INVALID
 * for a setting; ERR_DENIED, ERR_IO: it gives no token and is not to be asked without. */
MUST_USE bool metadata_open(const struct metadata_options *options, const struct aws_credentials_call *call,
                            struct metadata *out, struct err *err);
/* What is at the path, with status 200; or the status 404. Errors: ERR_NOT_FOUND: nothing answers; ERR_DENIED, ERR_IO:
 * the service refuses, or cannot. */
MUST_USE bool metadata_get(struct metadata *metadata, struct str path, struct http_response *out, struct err *err);

#endif
