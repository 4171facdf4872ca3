/* SPDX-License-Identifier: MPL-2.0
 *
 * The arguments of instance copies in a plan, which RDS takes only when it copies: a
 * changed one is other data.
 */
#include "plugin/snapshot/copy/other_data.h"
#include "plugin/snapshot/copy/plan/planning.h"

static bool plan_option(struct planning *planning, const char *path, struct tf_string was, struct tf_string wanted,
                        struct err *err)
{
    struct arena *arena = planning->call->arena;
    const struct str before = tf_text(was, STR("")), now = tf_text(wanted, STR("nothing"));
    if (tf_string_equal(was, wanted))
        return true;
    if (wanted.state == TF_UNKNOWN) {
        planning_warn_of_unknown(planning, path);
        return true;
    }
    if (was.state != TF_NULL)
        return planning_leaves_to_apply(planning, path) ||
               other_data_refuse(arena, planning->prior, path,
                                 str_format(arena, "with %s = \"%.*s\"", path, STR_ARG(before)), now, err);
    tf_warn(planning->call, path, "No effect on this copy",
            "%s was not set when %.*s was made, or is not known of it (an import). The value goes into the state, and "
            "the copy stays as it is.",
            path, STR_ARG(planning->prior->arn.value));
    return true;
}

/* What is not set means false, beside a false: an import's may have been true. */
static struct tf_string text_of(struct tf_bool member, struct tf_bool other)
{
    const bool is_false = member.state == TF_NULL && other.state == TF_KNOWN && !other.value;
    if (member.state != TF_KNOWN && !is_false)
        return (struct tf_string){ .state = member.state };
    return tf_known_string(tf_is_true(member) ? STR("true") : STR("false"));
}

bool planning_options(struct planning *planning, struct err *err)
{
    const struct reencrypt_copy *prior = planning->prior, *planned = planning->planned;
    if (!prior)
        return true;
    const struct tf_bool was = prior->copy_option_group, wanted = planned->copy_option_group;
    return plan_option(planning, "option_group_name", prior->option_group_name, planned->option_group_name, err) &&
           plan_option(planning, "copy_option_group", text_of(was, wanted), text_of(wanted, was), err) &&
           plan_option(planning, "target_custom_availability_zone", prior->target_custom_availability_zone,
                       planned->target_custom_availability_zone, err);
}
