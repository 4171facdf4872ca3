/* SPDX-License-Identifier: MPL-2.0
 *
 * whoami for a person: a label and a value in each line.
 */
#include <inttypes.h>

#include "aws/time.h"
#include "plugin/cli/whoami.h"

static void add_line(struct arena *arena, struct str *text, const char *label, struct str value)
{
    if (!str_is_empty(value))
        str_join(arena, text, "\n", "%-10s %.*s", label, STR_ARG(value));
}

/* Sources that are not asked are noted as soon as that is known. */
const struct aws_credentials_step *whoami_steps(struct arena *arena, const struct aws_credentials_trail *trail)
{
    struct aws_credentials_trail sorted = { .arena = arena };
    for (int asked = 1; asked >= 0; asked--)
        for (const struct aws_credentials_step *step = trail->first; step; step = step->next)
            if ((step->verdict != AWS_NOT_ASKED) == asked)
                aws_credentials_note(&sorted, step->verdict, "%.*s", STR_ARG(step->text));
    return sorted.first;
}

/* ---- Where from ------------------------------------------------------------- */

/* What was assumed with what: the trail has the base first. */
struct str whoami_source(struct arena *arena, const struct whoami *found)
{
    struct str source = STR("");
    for (const struct aws_credentials_step *step = found->trail.first; step; step = step->next)
        if (step->verdict == AWS_USED)
            source = source.len ? str_format(arena, "%.*s, assumed with %.*s", STR_ARG(step->text), STR_ARG(source))
                                : step->text;
    return source.len ? source : str_from(found->credentials.source);
}

static struct str setting(struct arena *arena, const struct aws_setting *setting)
{
    return setting->set_by.len ? str_format(arena, "%.*s (%.*s)", STR_ARG(setting->value), STR_ARG(setting->set_by))
                               : setting->value;
}

static void add_endpoints(struct arena *arena, struct str *text, const struct whoami *found)
{
    static const char *const names[AWS_SERVICE_COUNT] = { [AWS_RDS] = "rds", [AWS_KMS] = "kms", [AWS_STS] = "sts" };
    const char *label = "endpoints";
    for (int service = 0; service < AWS_SERVICE_COUNT; service++) {
        const struct str value = setting(arena, &found->places.endpoints[service]);
        if (!names[service] || !value.len)
            continue;
        add_line(arena, text, label, str_format(arena, "%s  %.*s", names[service], STR_ARG(value)));
        label = "";
    }
}

/* ---- For how long ----------------------------------------------------------- */

static struct str span(struct arena *arena, int64_t ms)
{
    static const struct {
        const char *unit;
        int64_t ms;
    } units[] = {
        { "day",    24 * (int64_t)HOUR_MS },
        { "hour",   HOUR_MS               },
        { "minute", MINUTE_MS             },
        { "second", SECOND_MS             },
    };
    size_t i = 0;
    while (i + 1 < ARRAY_LENGTH(units) && ms < 2 * units[i].ms)
        i++;
    const int64_t count = ms / units[i].ms;
    return str_format(arena, "%" PRId64 " %s%s", count, units[i].unit, count == 1 ? "" : "s");
}

/* "2026-11-30T21:00:00Z, in 52 minutes" */
static struct str moment(struct arena *arena, int64_t wall_ms, int64_t now_wall_ms)
{
    const struct str when = aws_time_text(arena, wall_ms);
    const int64_t left_ms = wall_ms - now_wall_ms;
    const struct str distance = span(arena, left_ms < 0 ? -left_ms : left_ms);
    return str_format(arena, left_ms < 0 ? "%.*s, %.*s ago" : "%.*s, in %.*s", STR_ARG(when), STR_ARG(distance));
}

bool whoami_is_open_ended(const struct aws_credentials *credentials)
{
    return !credentials->expires_wall_ms && credentials->ends_wall_ms == AWS_ENDS_NEVER &&
           !str_is_empty(credentials->session_token);
}

static struct str expiry(struct arena *arena, const struct whoami *found)
{
    const struct aws_credentials *credentials = &found->credentials;
    const int64_t expires_ms = credentials->expires_wall_ms, ends_ms = credentials->ends_wall_ms;
    const struct str expires = moment(arena, expires_ms, found->now_wall_ms);
    const struct str ends = moment(arena, ends_ms, found->now_wall_ms);
    if (whoami_is_open_ended(credentials))
        return STR("when AWS says so; the source is then asked again");
    if (!expires_ms && ends_ms == AWS_ENDS_NEVER)
        return STR("never");
    if (!expires_ms && ends_ms == AWS_ENDS_UNKNOWN)
        return STR("with their session token, at a time that is not known here");
    if (!expires_ms)
        return ends;
    if (ends_ms > 0 && ends_ms <= expires_ms)
        return expires;
    if (expires_ms <= found->now_wall_ms)
        return str_format(arena, "%.*s: they had expired when they came. Is this clock right?", STR_ARG(expires));
    if (ends_ms == AWS_ENDS_NEVER)
        return str_format(arena, "%.*s; the provider renews them before", STR_ARG(expires));
    if (ends_ms == AWS_ENDS_UNKNOWN)
        return str_format(arena,
                          "%.*s; the provider renews them until the session below ends, at a time that is not "
                          "known here",
                          STR_ARG(expires));
    return str_format(arena, "%.*s; the provider renews them until %.*s", STR_ARG(expires), STR_ARG(ends));
}

static struct str renewal(struct arena *arena, const struct aws_credentials *credentials)
{
    if (credentials->ends_wall_ms == AWS_ENDS_NEVER)
        return STR("");
    return credentials->renewal ? str_format(arena, "then %s", credentials->renewal)
                                : STR("then the provider needs fresh ones from you");
}

/* ---- All together ----------------------------------------------------------- */

static struct str explanation(struct arena *arena, const struct whoami *found)
{
    static const char *const verdicts[] = {
        [AWS_HAS_NONE] = "has none", [AWS_USED] = "used", [AWS_FAILED] = "failed", [AWS_NOT_ASKED] = "not asked"
    };
    struct str text = STR("");
    for (const struct aws_credentials_step *step = whoami_steps(arena, &found->trail); step; step = step->next)
        str_join(arena, &text, "\n", "  %-9s  %.*s", verdicts[step->verdict], STR_ARG(step->text));
    return text.len ? str_format(arena, "tried, in this order:\n%.*s", STR_ARG(text)) : text;
}

struct str whoami_text(struct arena *arena, const struct whoami *found, bool explains)
{
    struct str text = STR("");
    const struct str trail = explains ? explanation(arena, found) : STR("");
    if (found->credentials.kind)
        add_line(arena, &text, "source", whoami_source(arena, found));
    add_line(arena, &text, "account", found->identity.account);
    add_line(arena, &text, "arn", found->identity.arn);
    add_line(arena, &text, "region", setting(arena, &found->places.region));
    add_endpoints(arena, &text, found);
    if (found->key_ending.len)
        add_line(arena, &text, "key", str_format(arena, "the access key ID ends in %.*s", STR_ARG(found->key_ending)));
    if (found->credentials.kind) {
        add_line(arena, &text, "expires", expiry(arena, found));
        add_line(arena, &text, "", renewal(arena, &found->credentials));
    }
    if (trail.len)
        str_join(arena, &text, "\n\n", "%.*s", STR_ARG(trail));
    return str_printable(arena, text);
}
