/* SPDX-License-Identifier: MPL-2.0
 *
 * How far this machine's clock is from AWS's: server minus local time, measured
 * from every reply's Date header, by the rules of aws-sdk-go-v2.
 */
#ifndef AWS_CALL_SKEW_H
#define AWS_CALL_SKEW_H

#include "aws/http/message.h"

/* A clock error is worth another attempt only when the measurement moved by more than this. */
enum { SKEW_SIGNIFICANT_MS = 4 * MINUTE_MS };

/* False when the reply tells nothing: no Date, one that cannot be read, an Age
 * header (a cache answered), a round trip of more than 15 minutes. */
bool skew_measure(const struct http_response *response, int64_t sent_wall_ms, int64_t *out_skew_ms);

/* "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, IMF-fixdate). */
MUST_USE bool skew_parse_date(struct str text, int64_t *out_wall_ms);

#endif
