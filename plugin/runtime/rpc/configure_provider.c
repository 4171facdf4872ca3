/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/model/object.h"
#include "plugin/runtime/rpc/table.h"
#include "proto/tfplugin6.pb-c.h"

/* The configuration lives as long as what the provider makes of it, in an arena
 * of its own that the connection takes over. */
static void configure(struct tf_call *call, const struct tf_provider *provider, const void *decoded)
{
    CLEANUP(err_clear) struct err err = { 0 };
    struct arena *arena = arena_new();
    const void *config = model_copy(arena, provider->model, decoded);
    void *configured = NULL;
    if (provider->configure && !provider->configure(call, config, &configured, &err)) {
        tf_report(call, "The provider cannot be configured", &err);
        arena_free(arena);
        return;
    }
    connection_configure(call->private->connections, call->private->connection, configured, arena);
}

static void run(struct tf_call *call, const void *request, void *response)
{
    const Tfplugin6__ConfigureProvider__Request *in = request;
    Tfplugin6__ConfigureProvider__Response *out = response;
    const struct tf_provider *provider = call->private->provider;
    void *config;
    call->private->model = provider->model;
    log_write(call->log, LOG_DEBUG, NULL, "the host is version %s", in->terraform_version);
    if (rpc_decode_object(call, provider->model, in->config, &config))
        configure(call, provider, config);
    diagnostics_encode(call, &out->n_diagnostics, &out->diagnostics);
}

const struct rpc rpc_configure_provider = {
    .name = "ConfigureProvider",
    .request = &tfplugin6__configure_provider__request__descriptor,
    .response = &tfplugin6__configure_provider__response__descriptor,
    .run = run,
};
