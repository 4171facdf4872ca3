/* SPDX-License-Identifier: MPL-2.0
 *
 * What `--version` prints: the provider, the protocol, and what the binary was
 * made of. As text, whose first line is name and version, and as JSON.
 */
#ifndef PLUGIN_RUNTIME_PROCESS_VERSION_H
#define PLUGIN_RUNTIME_PROCESS_VERSION_H

#include "plugin/runtime/provider.h"

/* "linux_amd64", as in the names of packages. */
extern const char *const version_platform;

struct str version_text(struct arena *arena, const struct tf_provider *provider);
struct str version_json(struct arena *arena, const struct tf_provider *provider);

#endif
