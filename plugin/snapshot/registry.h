/* SPDX-License-Identifier: MPL-2.0
 *
 * What the provider offers: a descriptor per resource, data source and
 * function, each defined in the file named after it, and the provider itself.
 */
#ifndef PLUGIN_SNAPSHOT_REGISTRY_H
#define PLUGIN_SNAPSHOT_REGISTRY_H

#include "plugin/runtime/provider.h"

extern const struct tf_resource reencrypt_copy_resource;
extern const struct tf_resource share_resource;

extern const struct tf_data_source key_policy_data_source;
extern const struct tf_data_source caller_policy_data_source;

extern const struct tf_function source_key_policy_function;
extern const struct tf_function target_key_policy_function;
extern const struct tf_function snapshot_arn_function;
extern const struct tf_function parse_snapshot_arn_function;

extern const struct tf_provider snapshot_provider;

#endif
