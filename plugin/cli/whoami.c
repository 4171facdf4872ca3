/* SPDX-License-Identifier: MPL-2.0
 *
 * Which credentials the provider would use, whose they are, where its calls go.
 */
#include "plugin/cli/whoami.h"

#include "plugin/cli/commands.h"
#include "plugin/snapshot/account.h"
#include "plugin/snapshot/registry.h"

/* Of an access key id: enough to find it in a list, and shown only of one that is much longer. */
enum { KEY_ENDING_BYTES = 4, KEY_MIN_BYTES = 16 };

const struct tf_option whoami_rows[] = {
    SESSION_ROWS(struct whoami_options),
    TF_OPTION(struct whoami_options, explain, NULL, "also list every source that was tried, and why"),
    TF_OPTION(struct whoami_options, json, NULL, "print one JSON object"),
    { .name = NULL },
};

static struct str ending_of(struct str access_key_id)
{
    return access_key_id.len < KEY_MIN_BYTES
               ? STR("")
               : str_slice(access_key_id, access_key_id.len - KEY_ENDING_BYTES, access_key_id.len);
}

static bool find_places(struct tf_call *call, struct whoami *out, const char **out_summary, struct err *err)
{
    *out_summary = "No Region";
    return aws_configuration_places(account_aws(call), call, &out->places, err);
}

/* Each step leaves what it found in `out`; `*out_summary` is of the one that failed. Where no Region is set the
 * credentials may know it. */
static bool find(struct tf_call *call, struct whoami *out, const char **out_summary, struct err *err)
{
    struct aws_configuration *aws = account_aws(call);
    const bool has_region = aws_configuration_region(aws).state == TF_KNOWN;
    if (has_region && !find_places(call, out, out_summary, err))
        return false;
    *out_summary = "No credentials";
    if (!aws_configuration_credentials(aws, call, &out->trail, &out->credentials, err))
        return false;
    out->key_ending = ending_of(out->credentials.access_key_id);
    if (!has_region && !find_places(call, out, out_summary, err))
        return false;
    *out_summary = "The credentials do not work";
    return aws_configuration_caller(aws, call, &out->identity, err);
}

static enum tf_exit open_and_find(struct tf_call *call, const struct whoami_options *options, struct whoami *out,
                                  const char **out_summary, struct err *err)
{
    const struct session_options session = {
        .profile = options->profile, .region = options->region, .config = options->config, .alias = options->alias
    };
    enum tf_exit code = session_open(call, &session, out_summary, err);
    if (code == TF_EXIT_DONE && !find(call, out, out_summary, err))
        code = TF_EXIT_FAILED;
    return code;
}

static bool print(struct tf_call *call, const struct whoami_options *options, const struct whoami *found,
                  const struct whoami_failure *failure, struct str *out_text, struct err *err)
{
    const bool explains = tf_is_true(options->explain);
    if (tf_is_true(options->json))
        return whoami_json(call, found, explains, failure, out_text, err);
    *out_text = whoami_text(call->arena, found, explains);
    return true;
}

enum tf_exit whoami_run(struct tf_call *call, const void *options, struct str *out_text)
{
    const struct whoami_options *given = options;
    struct whoami found = { .trail = { .arena = call->arena },
                            .now_wall_ms = clock_wall_ms(waiter_clock(call->waiter)) };
    struct whoami_failure failure = { 0 };
    CLEANUP(err_clear) struct err err = { 0 };
    CLEANUP(err_clear) struct err unprinted = { 0 };
    const enum tf_exit code = open_and_find(call, given, &found, &failure.summary, &err);
    snapshot_provider.explain(&err);
    failure.why = &err;
    if (!print(call, given, &found, code == TF_EXIT_DONE ? NULL : &failure, out_text, &unprinted)) {
        tf_report(call, "The result cannot be printed", &unprinted);
        return TF_EXIT_FAILED;
    }
    if (err.kind && !tf_is_true(given->json))
        tf_report(call, failure.summary, &err);
    return code;
}
