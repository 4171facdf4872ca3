/* SPDX-License-Identifier: MPL-2.0
 *
 * The maxima of everything that aws/ reads or builds.
 */
#ifndef AWS_LIMITS_H
#define AWS_LIMITS_H

enum {
    HTTP_BODY_MAX_BYTES = 8 * 1024 * 1024, /* of a response; 100 snapshots with 50 long tags each are 2 MiB */
    HTTP_ERROR_BODY_MAX_BYTES = 64 * 1024, /* of a response that is no success; the rest is not kept */
    HTTP_HEADERS_MAX_BYTES = 256 * 1024,   /* of a response, together */
    HTTP_HEADERS_MAX_COUNT = 256,

    AWS_BODY_MAX_BYTES = 1024 * 1024, /* of a request */
    AWS_URL_MAX_BYTES = 8 * 1024,
    AWS_PAGES_MAX_COUNT = 1000,     /* of up to 100 items; a marker that never ends is a defect of the server */
    KMS_GRANT_PAGES_MAX_COUNT = 20, /* of 100: every encrypted volume is a grant, and one look need not see them all */

    /* Of a canonical request. Bodies enter it as a hash; in a presigned URL, 50 tags of 128 and 256 characters of three
     * bytes are 174,400 bytes. */
    SIGV4_MAX_BYTES = 256 * 1024,

    WIRE_MAX_DEPTH = 32,
    WIRE_MAX_NODES = 150 * 1000, /* of an answer's tree; 100 snapshots with 50 tags each are half of that */
    WIRE_MAX_VALUES = 500,       /* of one list of tags or texts; AWS allows 50 tags, and 20 accounts of a share */
    WIRE_MAX_ATTRIBUTES = 1000,  /* of an element: libxml2 compares each with all */
    /* Of the answers to one call, which may come in pages, together with what is made of them. With a body, or
     * its tree, a call takes at most 64 MiB. */
    AWS_ITEMS_MAX_COUNT = 20 * 1000,
    WIRE_MAX_BYTES = 24 * 1024 * 1024,
};

#endif
