/* SPDX-License-Identifier: MPL-2.0
 *
 * Amazon Resource Names: arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE, where
 * the resource may itself contain colons ("cluster-snapshot:rds:db-2026-01-01").
 * Splitting only; what a resource part means is its service's business.
 */
#ifndef AWS_ARN_H
#define AWS_ARN_H

#include "base/str.h"

struct aws_arn {
    struct str partition, service, region, account, resource; /* borrow the text */
};

bool aws_is_arn(struct str text); /* begins with "arn:" */
/* Without a word on what is wrong: for texts of which there may be thousands. */
MUST_USE bool aws_arn_split(struct str text, struct aws_arn *out);
/* Errors: ERR_INVALID naming what is missing. */
MUST_USE bool aws_arn_parse(struct str text, struct aws_arn *out, struct err *err);
/* 12 decimal digits. */
bool aws_is_account_id(struct str text);

#endif
