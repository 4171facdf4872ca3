/* SPDX-License-Identifier: MPL-2.0
 *
 * One create or update of a copy in progress: where it goes, and what its steps have
 * found so far. The steps are files of their own: inputs.c, key.c, send.c, takeover.c,
 * outcome.c; hooks.c puts them in order.
 */
#ifndef PLUGIN_SNAPSHOT_COPY_APPLY_JOB_H
#define PLUGIN_SNAPSHOT_COPY_APPLY_JOB_H

#include "plugin/snapshot/copy/mark.h"
#include "plugin/snapshot/copy/model.h"
#include "plugin/snapshot/keys/door.h"

struct copy_job {
    struct tf_call *call;
    struct aws_call aws;                 /* in the copy's Region, with the operation's deadline */
    const struct reencrypt_copy *config; /* as spelled: what calls use */
    const struct reencrypt_copy *prior;  /* NULL: create */
    struct reencrypt_copy *state;
    struct snapshot_ref target;
    struct str target_arn;
    struct str source_arn;
    struct snapshot_ref source;
    struct rds_snapshot source_found;
    struct key_lookup key;
    struct key_doubt key_doubt;
    struct mark mark; /* that a copy made by this job bears */
    struct rds_copy_options options;
    struct mark adopted_mark;   /* of the copy that was found */
    bool owes_mark;             /* adopted, but its tags could not be written while copying */
    const char *summary;        /* of an error: what is said instead of "cannot be created"; NULL: nothing */
    int64_t began_ms;           /* monotonic: when this job began, then when it began its copy */
    bool is_sent;               /* the copy is of this job's own Copy call */
    struct str copy_request_id; /* of that call; empty where its answer was lost */
    struct str last_request_id; /* of the last call that AWS answered well, a refused Copy's looks left out */
};

/* Finds the place: where the plan says, of an update where the state says; changes nothing.
 * `limit` is a member of the timeouts block. Errors: of account_call. */
MUST_USE bool copy_job_begin(struct copy_job *job, struct tf_call *call, struct tf_apply *apply,
                             const struct tf_string *limit, struct err *err);
MUST_USE bool copy_job_find_source(struct copy_job *job, struct err *err);

/* As RDS finds the source: a foreign snapshot by its ARN only. */
struct str copy_job_source_id(const struct copy_job *job);

struct aws_call copy_job_in_source_region(const struct copy_job *job);

/* For looks that say more of a failure, in the copy's Region: the operation's own
 * deadline may be over, theirs is two minutes away. */
struct aws_call copy_job_last_look(const struct copy_job *job);

/* Fills in the caller's account where the provider could not tell it. */
void copy_job_learn_account(struct copy_job *job, struct str own_arn);

/* A sentence, with the space before it; empty where there is nothing to cancel. */
struct str copy_job_how_to_cancel(const struct copy_job *job, struct str status);

/* From here on the copy exists: what was found, and whose mark it bears. */
void copy_job_to_state(struct copy_job *job, const struct rds_snapshot *found, const struct mark *mark);

#endif
