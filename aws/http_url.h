/* SPDX-License-Identifier: MPL-2.0
 *
 * Addresses that users give: checked with libcurl's own parser before anything
 * is sent, and shown without what may be secret (user, password, query).
 */
#ifndef AWS_HTTP_URL_H
#define AWS_HTTP_URL_H

#include "base/str.h"

/* Errors: ERR_INVALID saying what is wrong, with a remedy. They show neither: what is no
 * address may hold a password anywhere ("https://user:password", the host forgotten). */
MUST_USE bool http_endpoint_check(struct str url, struct err *err);
MUST_USE bool http_proxy_check(struct str proxy, struct err *err);

/* "http://host:port", all that a message may show of a proxy, in the arena; empty when it cannot be used. */
struct str http_proxy_shown(struct arena *arena, struct str proxy);

#endif
