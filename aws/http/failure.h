/* SPDX-License-Identifier: MPL-2.0
 *
 * Why libcurl's transfer failed, in words of ours. libcurl's own name proxies
 * with their password and URLs with their query; they are not shown.
 */
#ifndef AWS_HTTP_FAILURE_H
#define AWS_HTTP_FAILURE_H

#include "base/str.h"

struct http_failure {
    void *easy;                    /* libcurl's handle, as the transfer left it */
    int result;                    /* CURLcode, not CURLE_OK */
    const char *message;           /* libcurl's; only the reason that OpenSSL gives is taken from it */
    struct str proxy;              /* as it may be shown; empty: none */
    bool is_direct;                /* past the proxy */
    struct str ca_file, ca_folder; /* at most one is set */
};

/* "the name of the host could not be resolved", in the arena. */
struct str http_failure_text(struct arena *arena, const struct http_failure *failure);
/* What the user can do about it, in the arena; empty when unknown. */
struct str http_failure_remedy(struct arena *arena, const struct http_failure *failure);
/* HTTP_NO_SUCH_HOST, HTTP_CONNECTION_REFUSED, HTTP_NOT_TRUSTED or "". Static. */
const char *http_failure_code(const struct http_failure *failure);

#endif
