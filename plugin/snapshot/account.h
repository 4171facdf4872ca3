/* SPDX-License-Identifier: MPL-2.0
 *
 * The account that one provider configuration acts in: its AWS client, the check
 * that a call goes to the right account, and, for the time of one connection of
 * the host, what its plans were told of keys, what its own creates have made so
 * far and what it has read. That memory is what lets a share's delete leave the
 * accounts that its replacement has just granted, lets a create adopt what the delete
 * before it has left, tells two resources of one name apart from an adoption, and a rename that a plan shows from one that only its
 * apply finds out; and it puts in line the copies that need a slot and the shares
 * of one snapshot.
 */
#ifndef PLUGIN_SNAPSHOT_ACCOUNT_H
#define PLUGIN_SNAPSHOT_ACCOUNT_H

#include "plugin/aws_provider/provider_block.h"
#include "plugin/snapshot/key_facts.h"
#include "plugin/snapshot/kind.h"
#include "plugin/snapshot/turn_line.h"

struct account;

/* tf_provider.configure and .release. */
bool account_configure(struct tf_call *call, const void *config, void **out_provider, struct err *err);
void account_release(void *provider);

struct aws_configuration *account_aws(const struct tf_call *call); /* borrowed */
struct turn_line *account_turns(const struct tf_call *call);       /* borrowed */

/* True once per connection and text: for what is to be said once. */
bool account_says_first(const struct tf_call *call, struct str text);

/* What AWS told plans of this connection about keys; borrowed. */
struct key_cache *account_keys(const struct tf_call *call);

/* A create takes its ARN before it looks at AWS, and gives it back when it ends
 * with nothing made. False: another create of this connection has it. */
bool account_claim(const struct tf_call *call, struct str arn);
void account_unclaim(const struct tf_call *call, struct str arn);
bool account_has_claimed(const struct tf_call *call, struct str arn);

/* Copies that this connection has been asked to read. Core reads before it plans
 * (unless told not to refresh) and applies through another connection, so a plan
 * for what was never read is the one that an apply makes with all values known. */
void account_record_read(const struct tf_call *call, struct str arn);
bool account_has_read(const struct tf_call *call, struct str arn);

/* A copy that this connection has read, and under whose name it found a snapshot with other data. */
void account_record_other_data(const struct tf_call *call, struct str arn);
bool account_has_other_data(const struct tf_call *call, struct str arn);

/* A copy that the delete leg of a replacement of this connection left standing, for the
 * create leg to adopt with the holder that it had then. */
void account_record_left(const struct tf_call *call, struct str arn, struct str holder_id);
bool account_has_left(const struct tf_call *call, struct str arn, struct str holder_id);

/* What this connection has planned for the copy with this ARN: "a create", "a destroy", or
 * anything for "an address" that has a copy in its state. */
void account_record_plan(const struct tf_call *call, const char *what, struct str arn);
bool account_has_planned(const struct tf_call *call, const char *what, struct str arn);

/* Shares: an account that a create or update of this connection has granted, or may have, on a snapshot. */
void account_record_grant(const struct tf_call *call, struct str arn, struct str account);
bool account_has_granted(const struct tf_call *call, struct str arn, struct str account);

/* Plans of shares: an account that a share lists which this connection's plan keeps, or deletes. */
enum account_listing { LISTED_BY_KEPT, LISTED_BY_DELETED };
void account_record_listing(const struct tf_call *call, enum account_listing listing, struct str arn,
                            struct str account);
bool account_has_listing(const struct tf_call *call, enum account_listing listing, struct str arn, struct str account);

/* Who calls; an error says the likeliest cause. Empty members: not to be had. */
MUST_USE bool account_identity(struct tf_call *call, struct aws_identity *out, struct err *err);

/* Are account and partition of `ref` the caller's? What is empty says nothing against
 * it. Errors: ERR_DENIED naming both accounts. */
MUST_USE bool account_check(const struct snapshot_ref *ref, const struct aws_identity *identity, struct err *err);

/* An AWS call on what `ref` names: in its Region, after that check. Errors: those of
 * account_check and of aws_configuration_call. An empty ref.account is filled in, and
 * stays empty where the identity is not to be had. */
MUST_USE bool account_call(struct tf_call *call, struct snapshot_ref *ref, int64_t deadline_ms, struct aws_call *out,
                           struct err *err);

/* The same on what a state holds: an error about another account also says how to part from it. */
MUST_USE bool account_held_call(struct tf_call *call, struct snapshot_ref *ref, int64_t deadline_ms,
                                struct aws_call *out, struct err *err);

#endif
