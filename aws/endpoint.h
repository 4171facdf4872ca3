/* SPDX-License-Identifier: MPL-2.0
 *
 * Partitions and hosts, from one table of AWS's own rules (endpoint_table.h). No
 * network, no configuration.
 */
#ifndef AWS_ENDPOINT_H
#define AWS_ENDPOINT_H

#include "base/str.h"

struct aws_partition {
    const char *name;       /* "aws-cn" */
    const char *dns_suffix; /* "amazonaws.com.cn" */
    const char *dualstack_suffix;
};

/* The partition a Region belongs to; a name that matches none is in "aws". */
const struct aws_partition *aws_partition_of_region(struct str region);
const struct aws_partition *aws_partition_find(struct str name); /* NULL = unknown */

/* Looks like the name of a Region, "eu-west-1": lower-case words between hyphens,
 * the last one a number. Known or not. */
bool aws_is_region(struct str text);
/* In the table, which also has names that stand for no place: "aws-global". */
bool aws_is_known_region(struct str text);

struct aws_endpoint_options {
    struct str service; /* the name before the Region: "rds", "kms", "sts", "portal.sso", "oidc" */
    struct str region;
    bool fips, dualstack;
};

/* "https://rds.eu-west-1.amazonaws.com". Errors: ERR_INVALID for a missing
 * Region, one that is no host label, and a variant that its partition lacks. */
MUST_USE bool aws_endpoint_url(struct arena *arena, const struct aws_endpoint_options *options, struct str *out,
                               struct err *err);
/* The Region in the signatures for that host: STS's global host has the one of "us-east-1". */
struct str aws_endpoint_signing_region(const struct aws_endpoint_options *options);

#endif
