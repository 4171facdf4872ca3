/* SPDX-License-Identifier: MPL-2.0
 *
 * whoami for programs: one JSON object. Names are only ever added.
 */
#include "aws/time.h"
#include "aws/wire/json.h"
#include "plugin/cli/whoami.h"

/* ---- The form --------------------------------------------------------------- */

struct source {
    struct str kind, text;
};

struct endpoints {
    struct aws_setting rds, kms, sts;
};

struct step {
    struct str verdict, text;
};

struct steps {
    struct step *items;
    size_t count;
};

struct notice {
    struct str severity, summary, detail, path;
};

struct notices {
    struct notice *items;
    size_t count;
};

struct failure {
    struct str summary, message, remedy, kind, path;
    struct str code, operation, request_id, region;
};

struct answer {
    struct source source;
    struct str account, arn, partition, access_key_ending;
    struct aws_setting region;
    struct endpoints endpoints;
    struct str expires, ends, renewal;
    struct failure failed;
    struct steps tried;
    struct notices diagnostics;
};

static const struct wire_row source_rows[] = {
    WIRE_BOTH(struct source, kind, "kind"),
    WIRE_BOTH(struct source, text, "text"),
    WIRE_END,
};

static const struct wire_row region_rows[] = {
    WIRE_BOTH(struct aws_setting, value, "name"),
    WIRE_BOTH(struct aws_setting, set_by, "set_by"),
    WIRE_END,
};

static const struct wire_row endpoint_rows[] = {
    WIRE_BOTH(struct aws_setting, value, "url"),
    WIRE_BOTH(struct aws_setting, set_by, "set_by"),
    WIRE_END,
};

static const struct wire_row endpoints_rows[] = {
    WIRE_NESTED(struct endpoints, rds, endpoint_rows, "rds"),
    WIRE_NESTED(struct endpoints, kms, endpoint_rows, "kms"),
    WIRE_NESTED(struct endpoints, sts, endpoint_rows, "sts"),
    WIRE_END,
};

static const struct wire_row step_rows[] = {
    WIRE_BOTH(struct step, verdict, "verdict"),
    WIRE_BOTH(struct step, text, "text"),
    WIRE_END,
};

static const struct wire_row notice_rows[] = {
    WIRE_BOTH(struct notice, severity, "severity"),
    WIRE_BOTH(struct notice, summary, "summary"),
    WIRE_BOTH(struct notice, detail, "detail"),
    WIRE_BOTH(struct notice, path, "path"),
    WIRE_END,
};

static const struct wire_row failure_rows[] = {
    WIRE_BOTH(struct failure, summary, "summary"),     WIRE_BOTH(struct failure, message, "message"),
    WIRE_BOTH(struct failure, remedy, "remedy"),       WIRE_BOTH(struct failure, kind, "kind"),
    WIRE_BOTH(struct failure, path, "path"),           WIRE_BOTH(struct failure, code, "code"),
    WIRE_BOTH(struct failure, operation, "operation"), WIRE_BOTH(struct failure, request_id, "request_id"),
    WIRE_BOTH(struct failure, region, "region"),       WIRE_END,
};

#define TRAILING_ROWS                                                                                                  \
    WIRE_ITEMS(struct answer, tried, step_rows, "tried", NULL, "tried", NULL),                                         \
        WIRE_ITEMS(struct answer, diagnostics, notice_rows, "diagnostics", NULL, "diagnostics", NULL), WIRE_END

static const struct wire_row found_rows[] = {
    WIRE_NESTED(struct answer, source, source_rows, "source"),
    WIRE_BOTH(struct answer, account, "account"),
    WIRE_BOTH(struct answer, arn, "arn"),
    WIRE_BOTH(struct answer, partition, "partition"),
    WIRE_NESTED(struct answer, region, region_rows, "region"),
    WIRE_NESTED(struct answer, endpoints, endpoints_rows, "endpoints"),
    WIRE_BOTH(struct answer, access_key_ending, "access_key_ending"),
    WIRE_BOTH(struct answer, expires, "expires"),
    WIRE_BOTH(struct answer, ends, "ends"),
    WIRE_BOTH(struct answer, renewal, "renewal"),
    TRAILING_ROWS,
};

static const struct wire_row failed_rows[] = {
    WIRE_NESTED(struct answer, failed, failure_rows, "error"),
    TRAILING_ROWS,
};

/* ---- Filling it ------------------------------------------------------------- */

/* A time, "never" or "unknown". */
static struct str time_or_word(struct arena *arena, int64_t wall_ms)
{
    if (wall_ms == AWS_ENDS_NEVER)
        return STR("never");
    return wall_ms == AWS_ENDS_UNKNOWN ? STR("unknown") : aws_time_text(arena, wall_ms);
}

static struct steps steps_of(struct arena *arena, const struct aws_credentials_trail *trail)
{
    static const char *const verdicts[] = {
        [AWS_HAS_NONE] = "has_none", [AWS_USED] = "used", [AWS_FAILED] = "failed", [AWS_NOT_ASKED] = "not_asked"
    };
    struct steps steps = { 0 };
    for (const struct aws_credentials_step *step = trail->first; step; step = step->next)
        steps.count++;
    steps.items = arena_array(arena, steps.count, sizeof(*steps.items));
    size_t i = 0;
    for (const struct aws_credentials_step *step = whoami_steps(arena, trail); step; step = step->next)
        steps.items[i++] = (struct step){ str_from(verdicts[step->verdict]), str_printable(arena, step->text) };
    return steps;
}

static struct notices notices_of(struct tf_call *call)
{
    struct tf_diagnostic *said;
    struct notices notices = { .count = tf_take_diagnostics(call, &said) };
    notices.items = arena_array(call->arena, notices.count, sizeof(*notices.items));
    for (size_t i = 0; i < notices.count; i++)
        notices.items[i] = (struct notice){ said[i].is_error ? STR("error") : STR("warning"), said[i].summary,
                                            said[i].detail, said[i].path };
    return notices;
}

static struct failure failure_of(struct arena *arena, const char *summary, const struct err *err)
{
    return (struct failure){
        .summary = str_from(summary),
        .message = str_printable(arena, str_from(err_text(err))),
        .remedy = str_printable(arena, str_from(err_remedy(err))),
        .kind = str_from(err_kind_name(err->kind)),
        .path = str_printable(arena, str_from(err_path(err))),
        .code = str_printable(arena, str_from(err_code(err))),
        .operation = str_from(err_part(err, ERR_OPERATION)),
        .request_id = str_printable(arena, str_from(err_part(err, ERR_REQUEST_ID))),
        .region = str_printable(arena, str_from(err_part(err, ERR_REGION))),
    };
}

/* What a check of the block found is among the diagnostics: the first is the error. */
static struct failure first_of(const struct notices *notices, struct failure otherwise)
{
    for (size_t i = 0; i < notices->count; i++)
        if (str_equal(notices->items[i].severity, STR("error")))
            return (struct failure){ .summary = notices->items[i].summary,
                                     .message = notices->items[i].detail,
                                     .kind = STR("invalid"),
                                     .path = notices->items[i].path };
    return otherwise;
}

static struct aws_setting printable(struct arena *arena, struct aws_setting setting)
{
    return (struct aws_setting){ str_printable(arena, setting.value), str_printable(arena, setting.set_by) };
}

static struct endpoints endpoints_of(struct arena *arena, const struct aws_places *places)
{
    return (struct endpoints){ .rds = printable(arena, places->endpoints[AWS_RDS]),
                               .kms = printable(arena, places->endpoints[AWS_KMS]),
                               .sts = printable(arena, places->endpoints[AWS_STS]) };
}

static struct answer answer_of(struct tf_call *call, const struct whoami *found)
{
    struct arena *arena = call->arena;
    const struct aws_credentials *credentials = &found->credentials;
    const bool is_bound = !credentials->expires_wall_ms && credentials->ends_wall_ms != AWS_ENDS_NEVER;
    return (struct answer){
        .source = { str_from(credentials->kind), str_printable(arena, whoami_source(arena, found)) },
        .account = found->identity.account,
        .arn = str_printable(arena, found->identity.arn),
        .partition = found->identity.partition,
        .access_key_ending = found->key_ending,
        .region = printable(arena, found->places.region),
        .endpoints = endpoints_of(arena, &found->places),
        .expires = whoami_is_open_ended(credentials)
                       ? STR("unknown")
                       : time_or_word(arena, is_bound ? credentials->ends_wall_ms : credentials->expires_wall_ms),
        .ends = time_or_word(arena, credentials->ends_wall_ms),
        .renewal = str_printable(arena, str_from(credentials->renewal)),
    };
}

bool whoami_json(struct tf_call *call, const struct whoami *found, bool explains, const struct whoami_failure *failure,
                 struct str *out, struct err *err)
{
    const struct wire_json shape = { .rows = failure ? failed_rows : found_rows };
    struct answer answer = answer_of(call, found);
    answer.diagnostics = notices_of(call);
    if (failure)
        answer.failed = failure_of(call->arena, failure->summary, failure->why);
    if (failure && !failure->why->kind)
        answer.failed = first_of(&answer.diagnostics, answer.failed);
    if (explains)
        answer.tried = steps_of(call->arena, &found->trail);
    return wire_json_write(call->arena, &shape, &answer, out, err);
}
