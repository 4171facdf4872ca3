/* SPDX-License-Identifier: MPL-2.0
 *
 * The one waiting loop of the stand-in: describe until the object is as wanted.
 */
#ifndef TESTS_STANDIN_AWS_WAIT_H
#define TESTS_STANDIN_AWS_WAIT_H

#include "aws/call/operation.h"

/* The status of one object. Errors: ERR_NOT_FOUND when it is not there. */
typedef bool status_fn(const struct aws_call *call, struct str id, struct str *out_status, struct err *err);

/* A new object may not be found for a while; a status that cannot become
 * `available` any more is an error. */
MUST_USE bool standin_wait_available(const struct aws_call *call, status_fn *status, struct str id, struct err *err);
MUST_USE bool standin_wait_gone(const struct aws_call *call, status_fn *status, struct str id, struct err *err);

#endif
