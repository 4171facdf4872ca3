/* SPDX-License-Identifier: MPL-2.0
 *
 * The data behind aws/endpoint.h: AWS's partitions, and the host names of the
 * services we call. endpoint_table.py makes endpoint_table.c of botocore's package
 * data; what is in there is AWS's, so a new partition or exception needs no code.
 */
#ifndef AWS_ENDPOINT_TABLE_H
#define AWS_ENDPOINT_TABLE_H

#include "aws/endpoint.h"

struct aws_endpoint_partition {
    struct aws_partition partition;
    bool has_fips, has_dualstack;
    const char *prefixes; /* of its Regions' names, PREFIX-word-digits; between spaces */
    const char *regions;  /* the known ones, also those that stand for no place: "aws-global"; between spaces */
};

/* The first rule that fits decides. */
struct aws_endpoint_rule {
    const char *service;
    bool fips, dualstack;
    const char *partition, *region; /* NULL: each */
    const char *host;           /* "{region}" and the partition's suffixes "{dns}" and "{dualstack}" are filled in */
    const char *signing_region; /* NULL: the Region itself */
};

/* Both lists end with a row without a name. Regions that no partition claims are the first one's. */
struct aws_endpoint_table {
    const struct aws_endpoint_partition *partitions;
    const struct aws_endpoint_rule *rules;
};

extern const struct aws_endpoint_table aws_endpoint_table;

/* As aws_endpoint_url, by any table. */
MUST_USE bool aws_endpoint_url_by(const struct aws_endpoint_table *table, struct arena *arena,
                                  const struct aws_endpoint_options *options, struct str *out, struct err *err);

#endif
