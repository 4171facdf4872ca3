/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/copy/apply/adoption.h"

#include "plugin/snapshot/keys/key.h"

/* Each returns the sentence that says how the found copy differs, or an empty text. */
static struct str source_differs(struct arena *arena, const struct rds_snapshot *found, const struct mark *mark,
                                 const struct adoption_wish *wish)
{
    if (!str_is_empty(found->source_arn))
        return str_equal_ignore_case(found->source_arn, wish->source_arn)
                   ? STR("")
                   : str_format(arena, "its source is %.*s, not %.*s", STR_ARG(found->source_arn),
                                STR_ARG(wish->source_arn));
    return mark_part_agrees(mark->source, wish->mark->source)
               ? STR("")
               : str_format(arena, "its source is another snapshot than %.*s", STR_ARG(wish->source_arn));
}

static struct str key_differs(struct arena *arena, const struct rds_snapshot *found, const struct mark *mark,
                              const struct adoption_wish *wish)
{
    struct str wanted = str_is_empty(wish->key_arn) ? wish->key_text : wish->key_arn;
    if (!str_is_empty(found->kms_key_id))
        return key_compare(found->kms_key_id, wanted) != KEY_OTHER
                   ? STR("")
                   : str_format(arena, "its key is %.*s, not %.*s", STR_ARG(found->kms_key_id), STR_ARG(wanted));
    return str_is_empty(wish->key_arn) || mark_part_agrees(mark->key, wish->mark->key)
               ? STR("")
               : str_format(arena, "its key is another one than %.*s", STR_ARG(wanted));
}

static struct str time_differs(struct arena *arena, const struct mark *mark, const struct adoption_wish *wish)
{
    return mark_part_agrees(mark->time, wish->source_time)
               ? STR("")
               : str_format(arena, "it was made from a source of %.*s, and the source of that name is of %.*s now",
                            STR_ARG(mark->time), STR_ARG(wish->source_time));
}

static bool refuse_unmarked(const struct rds_snapshot *found, struct err *err)
{
    err_set(
        err, ERR_CONFLICT,
        "the snapshot %.*s exists already, and was not made by this provider, or by a newer version of it (it bears "
        "no readable mark)",
        STR_ARG(found->arn));
    err_set_remedy(err, "If this resource has it in its state already (an import, a tag cleaner), plan without "
                        "-replace, after terraform untaint ADDRESS where it is tainted. Otherwise choose another "
                        "target_snapshot_identifier, or take the snapshot into the state with terraform import.");
    return false;
}

static bool refuse_different(struct arena *arena, const struct rds_snapshot *found, const struct mark *mark,
                             const struct adoption_wish *wish, struct err *err)
{
    const struct str differences[] = {
        source_differs(arena, found, mark, wish),
        key_differs(arena, found, mark, wish),
        time_differs(arena, mark, wish),
    };
    struct str text = STR("");
    for (size_t i = 0; i < ARRAY_LENGTH(differences); i++)
        if (differences[i].len)
            str_join(arena, &text, "; ", "%.*s", STR_ARG(differences[i]));
    if (!text.len)
        return true;
    err_set(err, ERR_CONFLICT, "the snapshot %.*s exists already (made %.*s) and is not the copy that is wanted: %.*s",
            STR_ARG(found->arn), STR_ARG(found->create_time), STR_ARG(text));
    err_set_remedy(err, "It is left alone. Choose another target_snapshot_identifier, or configure what it was made "
                        "from and apply again to adopt it, or take it into the state with terraform import.");
    return false;
}

bool adoption_judge(struct arena *arena, const struct rds_snapshot *found, const struct adoption_wish *wish,
                    struct mark *out_mark, struct err *err)
{
    if (mark_find(&found->tags, out_mark) != MARK_FOUND)
        return refuse_unmarked(found, err);
    return refuse_different(arena, found, out_mark, wish, err);
}

/* ---- What was compared ----------------------------------------------------- */

static bool source_is_told(const struct rds_snapshot *found, const struct mark *mark)
{
    return !str_is_empty(found->source_arn) || !str_equal(mark->source, STR("-"));
}

static bool key_is_told(const struct rds_snapshot *found, const struct adoption_wish *wish, const struct mark *mark)
{
    if (!str_is_empty(found->kms_key_id))
        return key_compare(found->kms_key_id, str_is_empty(wish->key_arn) ? wish->key_text : wish->key_arn) == KEY_SAME;
    return !str_is_empty(wish->key_arn) && !str_equal(mark->key, STR("-"));
}

static bool time_is_told(const struct adoption_wish *wish, const struct mark *mark)
{
    return !str_is_empty(wish->source_time) && !str_equal(mark->time, STR("-"));
}

struct str adoption_tell(struct arena *arena, const struct rds_snapshot *found, const struct adoption_wish *wish,
                         const struct mark *mark)
{
    const struct {
        const char *what;
        bool is_told;
    } parts[] = {
        { "source", source_is_told(found, mark) },
        { "key", key_is_told(found, wish, mark) },
        { "creation time of the source", time_is_told(wish, mark) },
    };
    struct str lists[2] = { STR(""), STR("") };
    for (size_t i = 0; i < ARRAY_LENGTH(parts); i++)
        str_join(arena, &lists[parts[i].is_told], ", ", "%s", parts[i].what);
    const struct str same = lists[1].len ? str_format(arena, "The same: %.*s.", STR_ARG(lists[1])) : STR("");
    if (!lists[0].len)
        return same;
    return str_format(arena, "%.*s%sNot known, so not compared: %.*s.", STR_ARG(same), same.len ? " " : "",
                      STR_ARG(lists[0]));
}
