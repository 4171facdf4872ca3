/* SPDX-License-Identifier: MPL-2.0
 *
 * resource "snapshot_share": its rows and their checks. plan.c decides, change.c grants
 * and revokes, resource.c has the hooks.
 */
#ifndef PLUGIN_SNAPSHOT_SHARE_MODEL_H
#define PLUGIN_SNAPSHOT_SHARE_MODEL_H

#include "plugin/runtime/provider.h"
#include "plugin/snapshot/kind.h"

struct share {
    struct tf_string snapshot_identifier;
    struct tf_string_set account_ids;
    struct tf_string snapshot_kind;
    struct tf_string region;
    struct tf_string id;
    struct tf_string snapshot_arn;
};

extern const struct tf_attribute share_attributes[];

/* Of a snapshot that AWS made. Always false. */
bool share_refuse_automatic(struct str name, struct err *err);

/* Oracle and SQL Server with Transparent Data Encryption (user guide, "Sharing a DB snapshot"). */
MUST_USE bool share_check_tde(const struct rds_snapshot *found, struct err *err);

/* Warns, once per connection, where "all" is among the accounts that AWS lists. */
void share_warn_of_public(struct tf_call *call, const struct wire_strings *listed, struct str arn);

bool share_plan(struct tf_call *call, struct tf_plan *plan, struct err *err);

#endif
