/* SPDX-License-Identifier: MPL-2.0
 *
 * Times as AWS writes them: ISO 8601 in UTC, "2026-01-31T23:59:59.123Z", with or
 * without fractions. Nothing here reads a clock or knows a time zone.
 */
#ifndef AWS_TIME_H
#define AWS_TIME_H

#include "base/str.h"

/* Milliseconds since 1970-01-01 UTC; a finer rest is dropped. A time with an
 * offset other than zero, or a date that does not exist, is refused. */
MUST_USE bool aws_time_parse(struct str text, int64_t *out_wall_ms);
/* The same as files have it that AWS's tools write: with any offset ("+02:00": aws-sdk-go-v2 writes that of the
 * machine), or with "UTC" at its end (early versions 2 of the AWS CLI). */
MUST_USE bool aws_time_parse_zoned(struct str text, int64_t *out_wall_ms);
/* "2026-01-31T23:59:59Z", in the arena; the nearest of the years 1970 to 9999. */
struct str aws_time_text(struct arena *arena, int64_t wall_ms);
/* The same time with "Z" at its end, as AWS writes it; imitations of AWS write "+00:00". */
struct str aws_time_with_z(struct arena *arena, struct str text);

#endif
