/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/keys/door.h"

#include "plugin/snapshot/account.h"
#include "plugin/snapshot/keys/key.h"
#include "plugin/snapshot/watch/wait.h"

void key_users_fill_caller(struct tf_call *call, struct key_users *users)
{
    struct aws_identity identity;
    CLEANUP(err_clear) struct err ignored = { 0 };
    if (!account_identity(call, &identity, &ignored))
        return;
    users->account = identity.account;
    users->arn = identity.arn;
}

void key_users_fill_readers(struct tf_call *call, const struct tf_string_set *accounts, struct key_users *users)
{
    users->readers = tf_given_texts(call->arena, accounts->items, accounts->count, &users->reader_count);
}

int64_t key_preflight_deadline_ms(const struct tf_call *call)
{
    return clock_after_real_ms(waiter_clock(call->waiter), KEY_PLAN_LOOK_MS);
}

/* A share is made under a disabled key too: somebody can enable it later. */
static const char *consequence(const struct key_access_found *found, const struct key_users *users)
{
    return found->access == KEY_UNUSABLE && users->part == KEY_PART_NONE
               ? "The share is made all the same, but nobody can copy or restore the snapshot until that has changed"
               : "Unless that has changed by then, the apply ends here before it copies or shares anything";
}

/* Once for all resources that name the key. */
static void warn(struct tf_call *call, const char *path, const struct key_access_found *found,
                 const struct key_users *users)
{
    if (!memory_learn(account_memory(call), MEMORY_SAID, str_from(err_text(&found->refusal))))
        return;
    tf_warn(call, path,
            found->access == KEY_CLOSED ? "The key does not admit all who need it" : "The key cannot be used",
            "As it is now, %s. %s.\n\n%s", err_text(&found->refusal), consequence(found, users),
            err_remedy(&found->refusal));
}

bool key_preflight_plan(struct tf_call *call, const struct aws_call *aws, struct str key, const char *path,
                        const struct key_users *users, struct err *err)
{
    CLEANUP(key_access_drop) struct key_access_found found = { 0 };
    CLEANUP(err_clear) struct err ignored = { 0 };
    if (!key_access_find(aws, account_keys(call), key, users, &found, &ignored))
        return true;
    switch (found.access) {
    case KEY_OPEN:
        return true;
    case KEY_MAYBE:
        log_write(call->log, LOG_INFO, NULL, "%.*s", STR_ARG(found.doubt));
        return true;
    case KEY_HOPELESS:
        if (!key_is_alias(key)) {
            err_move(err, &found.refusal);
            err_set_path(err, path);
            return false;
        }
        break;
    case KEY_CLOSED:
    case KEY_UNUSABLE:
        break;
    }
    warn(call, path, &found, users);
    return true;
}

struct preflight {
    const struct kms_key *key;
    const struct key_users *users;
    struct arena *arena; /* of the doubts */
    struct str before;   /* what was refused a moment before */
    struct str *doubt;
    const char *path;
};

static enum wait_verdict look_at_access(struct wait *wait, const struct aws_call *call, struct err *err)
{
    struct preflight *preflight = wait->self;
    CLEANUP(key_access_drop) struct key_access_found found = { 0 };
    const struct aws_call brief = key_brief_call(call);
    key_access_look(&brief, preflight->key, preflight->users, &found);
    const struct str before = found.access == KEY_MAYBE ? preflight->before : STR("");
    const struct str doubt = str_format(preflight->arena, "%.*s%.*s", STR_ARG(found.doubt), STR_ARG(before));
    *preflight->doubt = doubt;
    if (found.access == KEY_MAYBE)
        log_write(call->log, LOG_INFO, NULL, "%.*s", STR_ARG(doubt));
    if (found.access == KEY_OPEN || found.access == KEY_MAYBE)
        return WAIT_DONE;
    err_move(err, &found.refusal);
    if (found.access != KEY_CLOSED || wait_age_ms(wait) >= WAIT_PROPAGATION_MS) {
        err_set_path(err, preflight->path);
        return WAIT_GIVES_UP;
    }
    preflight->before = str_format(preflight->arena, "; a moment before, %s", err_text(err));
    log_write(call->log, LOG_INFO, NULL, "asking again for up to %d minutes, in case the policy is new: %s",
              (int)(WAIT_PROPAGATION_MS / MINUTE_MS), err_text(err));
    return WAIT_AGAIN;
}

bool key_preflight_apply(const struct aws_call *call, const struct kms_key *key, const char *path,
                         const struct key_users *users, struct str *out_doubt, struct err *err)
{
    struct preflight preflight = {
        .key = key, .users = users, .arena = call->arena, .before = STR(""), .doubt = out_doubt, .path = path
    };
    struct wait wait = { .call = call, .try = look_at_access, .self = &preflight };
    return wait_run(&wait, err);
}
