/* SPDX-License-Identifier: MPL-2.0
 *
 * The account that one provider configuration acts in: its AWS client, the check
 * that a call goes to the right account, and, for the time of one connection of
 * the host, what AWS said of keys and sources, its memory, and the lines in which
 * copies that need a slot and the shares of one snapshot wait for their turn.
 */
#ifndef PLUGIN_SNAPSHOT_ACCOUNT_H
#define PLUGIN_SNAPSHOT_ACCOUNT_H

#include "plugin/aws_provider/provider_block.h"
#include "plugin/snapshot/kind.h"
#include "plugin/snapshot/memory.h"

struct key_cache;
struct look_cache;
struct turn_line;

/* tf_provider's `provider`; provider.c makes it and frees its parts. */
struct account {
    struct aws_configuration *aws;
    struct key_cache *keys;
    struct memory *memory;
    struct turn_line *turns;
    struct look_cache *looks;
};

struct aws_configuration *account_aws(const struct tf_call *call); /* borrowed */
struct turn_line *account_turns(const struct tf_call *call);       /* borrowed */
struct memory *account_memory(const struct tf_call *call);         /* borrowed */
struct look_cache *account_looks(const struct tf_call *call);      /* borrowed */

/* What AWS said of keys on this connection; borrowed. */
struct key_cache *account_keys(const struct tf_call *call);

/* Who calls. Empty members: unavailable. */
MUST_USE bool account_identity(struct tf_call *call, struct aws_identity *out, struct err *err);

/* Are account and partition of `ref` the caller's? What is empty says nothing against
 * it. Errors: ERR_DENIED naming both accounts. */
MUST_USE bool account_check(const struct snapshot_ref *ref, const struct aws_identity *identity, struct err *err);

/* An AWS call on what `ref` names: in its Region, after that check. Errors: those of
 * account_check and of aws_configuration_call. An empty ref.account is filled in, and
 * stays empty where the identity is unavailable. */
MUST_USE bool account_call(struct tf_call *call, struct snapshot_ref *ref, int64_t deadline_ms, struct aws_call *out,
                           struct err *err);

/* The same on what a state holds: an error about another account also says how to part from it. */
MUST_USE bool account_held_call(struct tf_call *call, struct snapshot_ref *ref, int64_t deadline_ms,
                                struct aws_call *out, struct err *err);

#endif
