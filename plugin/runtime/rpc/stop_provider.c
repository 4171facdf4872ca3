/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/rpc/table.h"
#include "proto/tfplugin6.pb-c.h"

/* Every call in flight on this connection is told to stop; those that come
 * later run normally. Answered at once: core calls one provider after another. */
static void run(struct tf_call *call, const void *request, void *response)
{
    (void)request;
    (void)response; /* its error text stays empty */
    connections_stop(call->private->connections, call->private->connection);
}

const struct rpc rpc_stop_provider = {
    .name = "StopProvider",
    .request = &tfplugin6__stop_provider__request__descriptor,
    .response = &tfplugin6__stop_provider__response__descriptor,
    .run = run,
    .at_once = true,
};
