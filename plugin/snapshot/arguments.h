/* SPDX-License-Identifier: MPL-2.0
 *
 * Checks of single arguments that several resources have, for tf_attribute.validate.
 * Each names the argument, what was given and what is allowed. What is given comes from
 * files, commands and web pages: white space in it is shown as a configuration spells it.
 */
#ifndef PLUGIN_SNAPSHOT_ARGUMENTS_H
#define PLUGIN_SNAPSHOT_ARGUMENTS_H

#include "plugin/runtime/provider.h"

/* ModifyDBClusterSnapshotAttribute, ModifyDBSnapshotAttribute: SharedSnapshotQuotaExceeded. */
enum { SHARED_ACCOUNTS_MAX = 20 };

/* As a configuration spells it, so that white space is seen; its beginning, where it is long. */
struct str argument_spelled(struct arena *arena, struct str text);

/* Has it only characters that names, ids and ARNs of AWS have? `what` begins the message. */
MUST_USE bool argument_is_clean(struct arena *arena, const char *what, struct str text, struct err *err);
/* The error ends with what was probably meant. */
MUST_USE bool argument_is_account(struct arena *arena, struct str text, struct err *err);

/* Any name of AWS's. */
void argument_check_name(struct tf_call *call, const char *path, const void *string);
void argument_check_kind(struct tf_call *call, const char *path, const void *string);
void argument_check_region(struct tf_call *call, const char *path, const void *string);
/* A set of account ids, at most as many as RDS shares a snapshot with; unknown elements are skipped. */
void argument_check_accounts(struct tf_call *call, const char *path, const void *set);
/* A snapshot's name or ARN. */
void argument_check_snapshot(struct tf_call *call, const char *path, const void *string);
/* A key's id, ARN, alias or alias ARN. */
void argument_check_key(struct tf_call *call, const char *path, const void *string);

#endif
