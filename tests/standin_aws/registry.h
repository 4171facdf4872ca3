/* SPDX-License-Identifier: MPL-2.0
 *
 * Everything the stand-in serves.
 */
#ifndef TESTS_STANDIN_AWS_REGISTRY_H
#define TESTS_STANDIN_AWS_REGISTRY_H

#include "plugin/runtime/provider.h"

extern const struct tf_resource db_cluster_snapshot_resource, db_snapshot_resource, kms_alias_resource,
    kms_key_resource, rds_cluster_resource, rds_cluster_instance_resource;
extern const struct tf_data_source caller_identity_data_source, region_data_source;

extern const struct tf_provider standin_provider;

#endif
