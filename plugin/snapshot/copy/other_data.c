/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/copy/other_data.h"

#include "plugin/snapshot/watch/status.h"

static struct str how_to_cancel(struct arena *arena, const struct reencrypt_copy *prior, const struct snapshot_ref *ref)
{
    const struct str status = tf_text(prior->status, STR("available"));
    if (!status_is_under_way(status))
        return STR("");
    const struct str how = snapshot_how_to_cancel(arena, ref, status);
    return str_is_empty(how)
               ? how
               : str_format(arena, "\nThe copy is still under way. %.*s; the next apply copies again.", STR_ARG(how));
}

static struct str when_made(struct arena *arena, const struct reencrypt_copy *prior)
{
    const struct str time = tf_text(prior->snapshot_create_time, STR(""));
    return str_is_empty(time) ? time : str_format(arena, " at %.*s", STR_ARG(time));
}

/* The error without its remedy, and the name that the remedy proposes. */
static bool begin(struct arena *arena, const struct reencrypt_copy *prior, const char *path, struct str was,
                  struct str wanted, struct snapshot_ref *out_ref, struct str *out_next, struct err *err)
{
    const struct str when = when_made(arena, prior);
    if (!copy_ref(arena, prior, out_ref, err))
        return false;
    *out_next = snapshot_name_next(arena, out_ref->kind, out_ref->name);
    err_set(err, ERR_CONFLICT, "a snapshot never changes: %.*s was made%.*s %.*s, and %s now means %.*s",
            STR_ARG(prior->arn.value), STR_ARG(when), STR_ARG(was), path, STR_ARG(wanted));
    err_set_path(err, path);
    return true;
}

#define OTHER_NAME                                                                                                     \
    "Other data needs another name: give the copy another target_snapshot_identifier, \"%.*s\" for example (whether "  \
    "it is free was not looked up), with lifecycle { create_before_destroy = true }."

bool other_data_refuse(struct arena *arena, const struct reencrypt_copy *prior, const char *path, struct str was,
                       struct str wanted, struct err *err)
{
    struct snapshot_ref ref;
    struct str next;
    if (!begin(arena, prior, path, was, wanted, &ref, &next, err))
        return false;
    const struct str cancel = how_to_cancel(arena, prior, &ref);
    err_set_remedy(err,
                   OTHER_NAME " Or put %s back as it was.%.*s\nThis error stops every plan of this copy, that of a "
                              "destroy too. To destroy all the same: terraform destroy -refresh=false",
                   STR_ARG(next), path, STR_ARG(cancel));
    return false;
}

bool other_data_keep(struct arena *arena, const struct reencrypt_copy *prior, const char *path, struct str was,
                     struct str wanted, struct err *err)
{
    struct snapshot_ref ref;
    struct str next;
    if (!begin(arena, prior, path, was, wanted, &ref, &next, err))
        return false;
    err_set_remedy(err,
                   "The copy was not deleted. To keep it, plan without -replace; where it is tainted, run terraform "
                   "untaint ADDRESS first. " OTHER_NAME,
                   STR_ARG(next));
    return err_wrap(err, "the create that follows wants another copy");
}
