/* SPDX-License-Identifier: MPL-2.0
 *
 * resource "snapshot_reencrypt_copy": its rows and checks (model.c),
 * what reads, deletes and imports (resource.c), what a plan decides
 * (plan/hook.c, of the key in plan/key.c), and what creates
 * and updates (apply/hooks.c, with the steps in apply/job.c).
 *
 * A name stands for its data: only a create copies, only apply/removal.c deletes. An
 * update whose planned `status` is unknown waits for the copy that is under way;
 * any other sets tags at most.
 */
#ifndef PLUGIN_SNAPSHOT_COPY_MODEL_H
#define PLUGIN_SNAPSHOT_COPY_MODEL_H

#include "plugin/aws_provider/timeouts.h"
#include "plugin/snapshot/copy/holding.h"

enum { COPY_TIMEOUT_MS = 24 * HOUR_MS, COPY_DELETE_TIMEOUT_MS = HOUR_MS };

struct reencrypt_copy {
    struct tf_string target_snapshot_identifier;
    struct tf_string snapshot_kind;
    struct tf_string region;
    struct tf_string source_snapshot_identifier;
    struct tf_string kms_key_id;
    struct tf_string option_group_name;
    struct tf_bool copy_option_group;
    struct tf_string target_custom_availability_zone;
    struct tf_string_set reader_account_ids;
    struct tf_bool copy_tags;
    struct tf_string_map tags;
    struct tf_string deletion_policy;
    struct tf_blocks_timeouts timeouts;
    struct tf_string arn;
    struct tf_string id;
    struct tf_string account_id;
    struct tf_string source_snapshot_arn;
    struct tf_string source_snapshot_create_time;
    struct tf_string holder_id;
    struct tf_string status;
    struct tf_int64 percent_progress;
    struct tf_string source_kms_key_arn;
    struct tf_string kms_key_arn;
    struct tf_string engine;
    struct tf_string engine_version;
    struct tf_string engine_mode;
    struct tf_string master_username;
    struct tf_int64 port;
    struct tf_int64 allocated_storage;
    struct tf_string storage_type;
    struct tf_string storage_encryption_type;
    struct tf_string license_model;
    struct tf_string vpc_id;
    struct tf_string_set availability_zones;
    struct tf_string snapshot_create_time;
    struct tf_string_map tags_all;
};

extern const struct tf_attribute copy_attributes[];
extern const struct tf_model copy_timeouts_model;
extern const struct tf_move copy_moves[]; /* move.c */

void copy_validate(struct tf_call *call, const void *config);
bool copy_plan(struct tf_call *call, struct tf_plan *plan, struct err *err);
bool copy_create(struct tf_call *call, struct tf_apply *apply, struct err *err);
bool copy_update(struct tf_call *call, struct tf_apply *apply, struct err *err);
bool copy_delete(struct tf_call *call, struct tf_apply *apply, struct err *err);

/* Copies what AWS told into the computed members; what it did not tell stays. */
void copy_to_state(struct arena *arena, const struct rds_snapshot *found, struct reencrypt_copy *state);

/* Sets unknown, of a copy under way, its progress and what AWS has not reported yet. */
void copy_forget_unreported(struct reencrypt_copy *planned);

/* What a state says of its copy, for judging what stands under the name. */
struct holding copy_holding(const struct reencrypt_copy *state);

/* deletion_policy = "retain": nothing that this state holds is ever deleted. */
bool copy_is_retained(const struct reencrypt_copy *state);

/* What the known ARN in a state says. Errors: ERR_INVALID. */
MUST_USE bool copy_ref(struct arena *arena, const struct reencrypt_copy *state, struct snapshot_ref *out,
                       struct err *err);

#endif
