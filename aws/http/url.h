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

/* Of an http or https URL, in the arena: the host without brackets, the port of the scheme where none is given.
 * False for what is no URL. */
bool http_host_and_port(struct arena *arena, struct str url, struct str *out_host, struct str *out_port);
struct str http_without_brackets(struct str host); /* "[::1]" */

/* With the port that hashicorp/aws takes where none is given: 80 or 443, by the scheme; libcurl's own is 1080. The
 * text of a proxy that cannot be used stays as it is. */
struct str http_proxy_with_port(struct arena *arena, struct str proxy);

/* "http://host:port", all that a message may show of a proxy, in the arena; empty when it cannot be used. */
struct str http_proxy_shown(struct arena *arena, struct str proxy);

#endif
