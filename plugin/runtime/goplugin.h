/* SPDX-License-Identifier: MPL-2.0
 *
 * The side services that HashiCorp's go-plugin expects beside the provider (its
 * internal/plugin/*.proto): Shutdown ends the process after its reply, the
 * stdio stream is held open and its end means that the host is gone, health
 * says SERVING. The broker is not served: hosts open it, tolerate UNIMPLEMENTED
 * and never use it.
 */
#ifndef PLUGIN_RUNTIME_GOPLUGIN_H
#define PLUGIN_RUNTIME_GOPLUGIN_H

#include "base/str.h"

enum goplugin_method { GOPLUGIN_NONE, GOPLUGIN_SHUTDOWN, GOPLUGIN_STDIO, GOPLUGIN_HEALTH };

enum goplugin_method goplugin_find(struct str path);
/* The body of its (only) reply. */
struct str goplugin_reply(struct arena *arena, enum goplugin_method method);

#endif
