/* SPDX-License-Identifier: MPL-2.0
 *
 * The order in which a plan of snapshot_reencrypt_copy decides. Answers of AWS give
 * warnings and errors, and decide whether two spellings of a key mean the same; they
 * are never planned values.
 */
#include "plugin/snapshot/account.h"
#include "plugin/snapshot/copy/note.h"
#include "plugin/snapshot/copy/plan/planning.h"
#include "plugin/snapshot/copy/plan/preflight.h"
#include "plugin/snapshot/copy/tags.h"
#include "plugin/snapshot/watch/status.h"

/* ---- Tags and readers ------------------------------------------------------ */

static bool plan_tags(struct planning *planning, struct err *err)
{
    const struct tf_string_map *defaults = aws_configuration_default_tags(account_aws(planning->call));
    struct reencrypt_copy *planned = planning->planned;
    planned->tags_all = tags_all_of(planning->call->arena, defaults, &planned->tags);
    return tags_check_all(planning->call->arena, defaults, &planned->tags_all, err);
}

static void warn_of_own_account(const struct planning *planning)
{
    if (planning->has_home && !str_is_empty(planning->home.account) &&
        tf_string_set_has(&planning->planned->reader_account_ids, planning->home.account))
        tf_warn(planning->call, "reader_account_ids", "The copy's own account among its readers",
                "%.*s will own the copy, and needs no mention; name the other accounts that will copy or restore it.",
                STR_ARG(planning->home.account));
}

/* ---- The keys of a copy that is to be made --------------------------------- */

static bool look_at_keys(const struct planning *planning, struct err *err)
{
    return planning->prior || !planning->has_home ||
           copy_preflight_plan(planning->call, planning->config, planning->planned, &planning->home, err);
}

/* ---- Keys that may expire while the copy is waited for ---------------------- */

/* In the first pass of a replacement: core drops the warnings of the second. One under the same ARN adopts, and
 * waits for nothing. */
static void warn_of_session(const struct planning *planning, const struct tf_plan *plan)
{
    const struct reencrypt_copy *planned = planning->planned;
    struct memory *memory = account_memory(planning->call);
    static const char summary[] = "These credentials cannot be refreshed";
    const bool adopts = !plan->prior && memory_knows(memory, MEMORY_HAS_ADDRESS, tf_text(planned->arn, STR("")));
    const bool waits = !adopts && (!planning->prior || planned->status.state == TF_UNKNOWN);
    const struct str text =
        waits ? aws_configuration_session_warning(account_aws(planning->call), planning->call) : STR("");
    if (!str_is_empty(text) && memory_learn(memory, MEMORY_SAID, str_from(summary)))
        tf_warn(planning->call, NULL, summary, "%.*s", STR_ARG(text));
}

/* ---- The note for the delete that may begin a replacement ------------------ */

static struct str note_of(const struct planning *planning)
{
    const struct replacement_note note = {
        .arn = tf_text(planning->planned->arn, STR("")),
        .source_arn = tf_text(planning->planned->source_snapshot_arn, STR("")),
        .kms_key_id = tf_text(planning->config->kms_key_id, STR("")),
    };
    return note_write(planning->call->arena, &note);
}

bool copy_plan(struct tf_call *call, struct tf_plan *plan, struct err *err)
{
    if (plan->destroy)
        return planning_addresses(call, plan, err);
    struct planning planning = { .call = call, .config = plan->config, .prior = plan->prior, .planned = plan->planned };
    if (!planning_place(&planning, plan, err) || !planning_addresses(call, plan, err) ||
        !planning_source(&planning, err) || !planning_key(&planning, err) || !planning_options(&planning, err) ||
        !plan_tags(&planning, err))
        return false;
    const struct tf_string status = planning.prior ? planning.prior->status : (struct tf_string){ .state = TF_NULL };
    if (status.state == TF_KNOWN && !status_is_available(status.value))
        copy_forget_unreported(planning.planned);
    if (!look_at_keys(&planning, err))
        return false;
    warn_of_session(&planning, plan);
    warn_of_own_account(&planning);
    plan->note = plan->prior ? planning_place_note(&planning) : note_of(&planning);
    return true;
}
