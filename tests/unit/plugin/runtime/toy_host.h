/* SPDX-License-Identifier: MPL-2.0
 *
 * A host in the same process, for tests of the RPCs: sends a request message to
 * the toy provider through the same bytes as over the wire and unpacks the
 * reply. Needs no gRPC.
 */
#ifndef TESTS_UNIT_PLUGIN_RUNTIME_TOY_HOST_H
#define TESTS_UNIT_PLUGIN_RUNTIME_TOY_HOST_H

#include "proto/tfplugin6.pb-c.h"
#include "tests/unit/plugin/runtime/toy_provider.h"

struct toy_host;

struct toy_host *toy_host_new(void);
void toy_host_free(struct toy_host *host); /* accepts NULL */
struct arena *toy_host_arena(struct toy_host *host);

/* Fails the test when the method is unknown or the bytes are refused. The reply lives as long as the host. */
void *toy_host_call(struct toy_host *host, const char *method, const void *request);
/* Configures with this prefix. */
void toy_host_configure(struct toy_host *host, const char *prefix);

Tfplugin6__DynamicValue *toy_value(struct toy_host *host, const struct tf_model *model, const void *object);
void *toy_object(struct toy_host *host, const struct tf_model *model, const Tfplugin6__DynamicValue *value);
struct str toy_bytes(ProtobufCBinaryData bytes);

/* "error: Summary: detail\n..." without paths. */
const char *toy_said(struct toy_host *host, size_t count, Tfplugin6__Diagnostic **diagnostics);

#endif
