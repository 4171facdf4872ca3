/* SPDX-License-Identifier: MPL-2.0
 *
 * The side services that HashiCorp's go-plugin expects beside the provider (its
 * folder internal/plugin): Shutdown ends the process after its reply, health
 * says SERVING. The streams of stdio and broker are held open and nothing is
 * ever sent: what would go over stdio goes to the log, and no host asks a
 * provider to broker a connection. The end of stdio means that the host is gone.
 */
#ifndef PLUGIN_RUNTIME_SERVER_GOPLUGIN_H
#define PLUGIN_RUNTIME_SERVER_GOPLUGIN_H

#include "base/str.h"

enum goplugin_method { GOPLUGIN_NONE, GOPLUGIN_SHUTDOWN, GOPLUGIN_STDIO, GOPLUGIN_BROKER, GOPLUGIN_HEALTH };

enum goplugin_method goplugin_find(struct str path);
bool goplugin_is_stream(enum goplugin_method method); /* without a reply */
/* The body of the reply of one that is no stream. */
struct str goplugin_reply(struct arena *arena, enum goplugin_method method);

#endif
