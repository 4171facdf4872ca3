/* SPDX-License-Identifier: MPL-2.0
 *
 * Everything the stand-in serves, and what most of its rows say: an attribute
 * that AWS tells, one that is chosen by the user or else by AWS; a change of
 * what is fixed replaces.
 */
#ifndef TESTS_STANDIN_AWS_REGISTRY_H
#define TESTS_STANDIN_AWS_REGISTRY_H

#include "plugin/runtime/provider.h"

enum { TOLD = TF_COMPUTED | TF_STABLE, CHOSEN = TF_OPTIONAL | TOLD, FIXED = TF_FORCE_NEW };

extern const struct tf_resource db_cluster_snapshot_resource, db_snapshot_resource, kms_alias_resource,
    kms_key_resource, rds_cluster_resource, rds_cluster_instance_resource;
extern const struct tf_data_source caller_identity_data_source, region_data_source;

extern const struct tf_provider standin_provider;

#endif
