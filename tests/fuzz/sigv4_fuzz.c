/* SPDX-License-Identifier: MPL-2.0 */
#include <stdlib.h>

#include "aws/call/sigv4.h"
#include "tests/fuzz/target.h"

/* The first line is the URL, the others are headers. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    enum { HEADERS_MAX = 32 };
    struct arena *arena = arena_new();
    struct http_header headers[HEADERS_MAX];
    struct http_request request = { .method = STR("POST"), .headers = headers };
    struct str rest = { (const char *)bytes, size }, line;
    (void)(rest.ptr && str_next(&rest, '\n', &request.url));
    while (rest.ptr && request.header_count < HEADERS_MAX && str_next(&rest, '\n', &line)) {
        ptrdiff_t colon = str_find_char(line, ':');
        size_t end = colon < 0 ? line.len : (size_t)colon;
        headers[request.header_count++] =
            (struct http_header){ str_slice(line, 0, end), str_slice(line, end + 1, line.len) };
    }
    const struct sigv4_key key = { .access_key_id = STR("A"), .secret_access_key = STR("S") };
    struct sigv4_result result;
    CLEANUP(err_clear) struct err err = { 0 };
    bool done = sigv4_sign(arena, &request, &key, &result, &err);
    if (done ? result.signature.len != 64 : err.kind != ERR_INVALID)
        abort();
    struct str url, signature;
    done = sigv4_presign(arena, request.url, 1, &key, &url, &signature, &err);
    if (done ? !str_ends_with(url, signature) : err.kind != ERR_INVALID)
        abort();
    arena_free(arena);
    return 0;
}
