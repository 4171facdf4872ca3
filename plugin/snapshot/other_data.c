/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/other_data.h"

#include "plugin/snapshot/wait.h"

/* RDS deletes no instance snapshot that is "creating" (DeleteDBSnapshot). */
static struct str how_to_cancel(struct arena *arena, const struct reencrypt_copy *prior, const struct snapshot_ref *ref)
{
    const struct str status = tf_text(prior->status, STR("available"));
    if (!wait_status_is_under_way(status) || (ref->kind == RDS_INSTANCE && str_equal(status, STR("creating"))))
        return STR("");
    return str_format(arena,
                      "\nThe copy is still under way. To cancel it, delete the snapshot \"%.*s\" in account %.*s, "
                      "Region %.*s; the next apply copies again.",
                      STR_ARG(ref->name), STR_ARG(ref->account), STR_ARG(ref->region));
}

static struct str when_made(struct arena *arena, const struct reencrypt_copy *prior)
{
    const struct str time = tf_text(prior->snapshot_create_time, STR(""));
    return str_is_empty(time) ? time : str_format(arena, " at %.*s", STR_ARG(time));
}

static void tell(struct arena *arena, const struct reencrypt_copy *prior, const char *path, struct str was,
                 struct str wanted, struct err *err)
{
    const struct str when = when_made(arena, prior);
    err_set(err, ERR_CONFLICT, "a snapshot never changes: %.*s was made%.*s %.*s, and %s now means %.*s",
            STR_ARG(prior->arn.value), STR_ARG(when), STR_ARG(was), path, STR_ARG(wanted));
    err_set_path(err, path);
}

bool other_data_refuse(struct arena *arena, const struct reencrypt_copy *prior, const char *path, struct str was,
                       struct str wanted, struct err *err)
{
    struct snapshot_ref ref;
    if (!reencrypt_copy_ref(arena, prior, &ref, err))
        return false;
    const struct str cancel = how_to_cancel(arena, prior, &ref);
    const struct str next = snapshot_name_next(arena, ref.kind, ref.name);
    tell(arena, prior, path, was, wanted, err);
    err_set_remedy(err,
                   "Other data needs another name: give the copy another target_snapshot_identifier, \"%.*s\" for "
                   "example (whether it is free was not looked up), with lifecycle { create_before_destroy = true }. "
                   "Or put %s back as it was.%.*s\nThis error stops every plan of this copy, that of a destroy too. "
                   "To destroy all the same: terraform destroy -refresh=false",
                   STR_ARG(next), path, STR_ARG(cancel));
    return false;
}

bool other_data_keep(struct arena *arena, const struct reencrypt_copy *prior, const char *path, struct str was,
                     struct str wanted, struct err *err)
{
    struct snapshot_ref ref;
    if (!reencrypt_copy_ref(arena, prior, &ref, err))
        return false;
    const struct str next = snapshot_name_next(arena, ref.kind, ref.name);
    tell(arena, prior, path, was, wanted, err);
    err_set_remedy(err,
                   "The copy was not deleted. To keep it, plan without -replace; where it is tainted, run terraform "
                   "untaint ADDRESS first. Other data needs another name: give the copy another "
                   "target_snapshot_identifier, \"%.*s\" for example (whether it is free was not looked up), with "
                   "lifecycle { create_before_destroy = true }.",
                   STR_ARG(next));
    return err_wrap(err, "the create that follows wants another copy");
}
