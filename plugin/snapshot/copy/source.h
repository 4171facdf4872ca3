/* SPDX-License-Identifier: MPL-2.0
 *
 * The source of a copy, as AWS shows it: what is open about its encryption, and is it still the one that was copied?
 */
#ifndef PLUGIN_SNAPSHOT_COPY_SOURCE_H
#define PLUGIN_SNAPSHOT_COPY_SOURCE_H

#include "plugin/snapshot/copy/model.h"

/* Where AWS's pages do not settle whether RDS copies a source with a key. RDS is asked, whatever they say. */
struct copy_source_doubt {
    const char *open;  /* "is not encrypted. AWS's pages ..." */
    struct str remedy; /* of a refusal; in the arena */
};

/* `ref` is complete, `account` the caller's or empty. False: AWS documents that RDS copies it with a key. */
bool copy_source_doubt(struct arena *arena, const struct rds_snapshot *found, const struct snapshot_ref *ref,
                       struct str account, struct copy_source_doubt *out);

/* A copy keeps the Transparent Data Encryption of its source, and RDS shares no such snapshot (user guide). */
MUST_USE bool copy_source_check_readers(const struct rds_snapshot *source, const struct tf_string_set *readers,
                                        struct err *err);

/* How old the source was when it was copied is in the state; the source tells how old it is now, and
 * what key it is encrypted with. A newer one is warned of. */
void copy_source_read(struct tf_call *call, const struct aws_call *aws, struct reencrypt_copy *state);

#endif
