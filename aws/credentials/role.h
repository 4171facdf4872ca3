/* SPDX-License-Identifier: MPL-2.0
 *
 * What the two sources that assume a role have in common: they keep a copy of
 * its options, name the session, and take over what STS gave.
 */
#ifndef AWS_CREDENTIALS_ROLE_H
#define AWS_CREDENTIALS_ROLE_H

#include "aws/credentials/sources.h"

/* A deep copy. */
struct sts_assume_role_options role_copy(struct arena *arena, const struct sts_assume_role_options *role);
/* The role with a session name: its own, or one from the time. */
struct sts_assume_role_options role_with_session(const struct aws_credentials_call *call,
                                                 const struct sts_assume_role_options *role);
/* `label` is kept: "the role arn:..."; lives as long as its source. */
const char *role_label(struct arena *arena, const struct sts_assume_role_options *role);
/* ERR_INVALID for what is no ARN or has a blank in it, by `name`: what set it. */
MUST_USE bool role_check_arn(struct arena *arena, struct str role_arn, const char *name, struct err *err);
/* ERR_INVALID for a session name that STS refuses, by `name`: what set it. None is fine. */
MUST_USE bool role_check_session_name(struct arena *arena, struct str session_name, const char *name, struct err *err);
/* Wraps a failure; "not found" would send a chain on to its next source and becomes ERR_DENIED. */
bool role_refuse(const char *label, struct err *err);
/* Errors: ERR_IO when STS's answer lacks a part. */
MUST_USE bool role_take(const struct sts_credentials *given, const char *label, struct aws_credentials *out,
                        struct err *err);

#endif
