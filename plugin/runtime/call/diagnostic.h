/* SPDX-License-Identifier: MPL-2.0
 *
 * What a call tells the user, and the paths that a plan replaces: collected
 * while the call runs (tf_warn, tf_error, tf_report and tf_replace of
 * provider.h write here), turned into the protocol's messages at its end. Every
 * text is made valid UTF-8, since one bad byte would cost the whole reply.
 *
 * Also the inside of struct tf_call.
 */
#ifndef PLUGIN_RUNTIME_CALL_DIAGNOSTIC_H
#define PLUGIN_RUNTIME_CALL_DIAGNOSTIC_H

#include "plugin/runtime/call/connection.h"
#include "plugin/runtime/model/path.h"

struct Tfplugin6__AttributePath;
struct Tfplugin6__Diagnostic;

struct diagnostic {
    bool is_error;
    struct str summary;
    struct str detail;
    struct str place; /* the path as it was given; empty: the whole block */
    struct path path;
};

struct replaced {
    struct replaced *next;
    struct path path;
};

struct tf_call_private {
    const struct tf_provider *provider;
    struct connections *connections;
    struct connection *connection;
    const struct tf_model *model; /* whose arguments paths are about; NULL: they say nothing */
    /* In a plan hook: bytes that tell this object from others with the same
     * warning. Empty elsewhere. */
    struct str once_about;
    struct diagnostic *diagnostics; /* room for DIAGNOSTICS_MAX, made by the first */
    size_t diagnostic_count;
    size_t error_count;        /* the last one takes the last place, if need be */
    struct replaced *replaced; /* newest first */
};

/* In the arena of the call. */
void diagnostics_encode(struct tf_call *call, size_t *out_count, struct Tfplugin6__Diagnostic ***out);
/* The replaced paths, each once. */
void replaced_encode(struct tf_call *call, size_t *out_count, struct Tfplugin6__AttributePath ***out);

#endif
