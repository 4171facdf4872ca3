/* SPDX-License-Identifier: MPL-2.0
 *
 * The source of a copy, as AWS shows it: can RDS copy it, and is it still the one that was copied?
 */
#ifndef PLUGIN_SNAPSHOT_COPY_SOURCE_H
#define PLUGIN_SNAPSHOT_COPY_SOURCE_H

#include "plugin/snapshot/copy/model.h"

/* CopyDBClusterSnapshot refuses a key for a source without encryption, CopyDBSnapshot does not (API reference). */
MUST_USE bool copy_source_check(const struct rds_snapshot *source, enum rds_kind kind, struct err *err);

/* A copy keeps the Transparent Data Encryption of its source, and RDS shares no such snapshot (user guide). */
MUST_USE bool copy_source_check_readers(const struct rds_snapshot *source, const struct tf_string_set *readers,
                                        struct err *err);

/* How old the source was when it was copied is in the state; the source tells how old it is now, and
 * what key it is encrypted with. A newer one is warned of. */
void copy_source_read(struct tf_call *call, const struct aws_call *aws, struct reencrypt_copy *state);

#endif
