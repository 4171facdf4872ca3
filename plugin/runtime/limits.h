/* SPDX-License-Identifier: MPL-2.0
 *
 * Every maximum of the runtime. A length that was read is compared with the
 * bytes that are there, and with these, before anything is allocated for it.
 */
#ifndef PLUGIN_RUNTIME_LIMITS_H
#define PLUGIN_RUNTIME_LIMITS_H

enum {
    MESSAGE_MAX_BYTES = 256 * 1024 * 1024,  /* one request or reply, as HashiCorp's own SDKs have it */
    REQUESTS_MAX_BYTES = 512 * 1024 * 1024, /* of all requests in flight; further calls wait unread */
    UNPACK_BASE_BYTES = 1024 * 1024,        /* memory for a request's message: this ... */
    UNPACK_FACTOR = 4,                      /* ... and so many times its size */
    READING_PATIENCE_MS = 2000,             /* a request that takes longer to arrive no longer holds others up */

    WORKERS_MAX = 128,
    WORKER_STACK_BYTES = 512 * 1024, /* texts of errors are made on it, 4 KiB each */
    WORKER_LINGER_MS = 10 * 1000,
    POLLERS = 2,
    ACCEPTS_ARMED = 8,

    VALUE_MAX_DEPTH = 24,              /* msgpack-c's unpacker fails at 33 */
    VALUE_MAX_ITEMS = 4 * 1024 * 1024, /* nodes of one value; each costs 24 bytes while it is decoded */
    NOTE_MAX_BYTES = 64 * 1024,        /* what a plan may hand to its apply */

    DIAGNOSTICS_MAX = 200, /* of one call */
    SUMMARY_MAX_BYTES = 500,
    DETAIL_MAX_BYTES = 16 * 1024,
    WARNINGS_REMEMBERED_MAX = 4096, /* by a connection, so as not to give them twice */

    OUTPUT_MAX_BYTES = 1024 * 1024, /* of one text for standard output: the host's line, a help, a command's answer */

    LATE_LINES_MAX = 64, /* log lines of threads that may not wait for the host to read them */
    LATE_LINE_MAX_BYTES = 512,

    SHUTDOWN_PATIENCE_MS = 1500,   /* the host kills after 2 s */
    HOST_GONE_PATIENCE_MS = 15000, /* a call that changes something gets 10 s for its answer */

    DOCS_PAGE_MAX_BYTES = 500 * 1000, /* the registry cuts what is longer */
    DOCS_EXAMPLE_MAX_BYTES = 100 * 1000,

    TIME_SCALE_MAX = 100000
};

#endif
