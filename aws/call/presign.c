/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/call/presign.h"

#include "aws/wire/query.h"
#include "base/clock.h"

enum { LASTS_SECONDS = HOUR_MS / SECOND_MS };

/* The endpoint in the source's Region. A custom one names its Region, or serves all (as botocore/handlers.py,
 * _get_cross_region_presigned_url). */
static struct str source_url(struct arena *arena, const struct presign_request *request)
{
    const struct str here = request->region;
    struct str url = STR(""), rest = request->url;
    ptrdiff_t at;
    while (here.len && (at = str_find(rest, here)) >= 0) {
        const struct str before = str_slice(rest, 0, (size_t)at);
        url = str_format(arena, "%.*s%.*s%.*s", STR_ARG(url), STR_ARG(before), STR_ARG(request->source_region));
        rest = str_slice(rest, (size_t)at + here.len, rest.len);
    }
    return str_format(arena, "%.*s%.*s", STR_ARG(url), STR_ARG(rest));
}

bool presign(struct arena *arena, const struct presign_request *request, const struct sigv4_key *key,
             struct str *out_body, struct str *out_signature, struct err *err)
{
    struct sigv4_key there = *key;
    struct str query, url;
    there.region = request->source_region;
    if (!wire_query_add(arena, request->body, "DestinationRegion", request->region, &query, err))
        return false;
    const struct str place = source_url(arena, request);
    const struct str unsigned_url = str_format(arena, "%.*s?%.*s", STR_ARG(place), STR_ARG(query));
    return sigv4_presign(arena, unsigned_url, LASTS_SECONDS, &there, &url, out_signature, err) &&
           wire_query_add(arena, request->body, "PreSignedUrl", url, out_body, err);
}
