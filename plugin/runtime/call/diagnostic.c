/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/call/diagnostic.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "plugin/runtime/limits.h"
#include "proto/tfplugin6.pb-c.h"

/* ---- Collecting ----------------------------------------------------------- */

static struct str bounded(struct arena *arena, struct str text, size_t max_bytes)
{
    struct str clean = str_printable(arena, text);
    if (clean.len <= max_bytes)
        return clean;
    size_t length = max_bytes;
    while (length && ((unsigned char)clean.ptr[length] & 0xc0) == 0x80) /* not inside a character */
        length--;
    return str_slice(clean, 0, length);
}

static void add(struct tf_call *call, bool is_error, const char *path, const char *summary, struct str detail)
{
    struct tf_call_private *inside = call->private;
    if (!inside->diagnostics)
        inside->diagnostics = arena_array(call->arena, DIAGNOSTICS_MAX, sizeof(*inside->diagnostics));
    inside->error_count += is_error;
    bool full = inside->diagnostic_count == DIAGNOSTICS_MAX;
    if (full && !is_error)
        return;
    /* An error is never lost: without one the host would take the call for a success. */
    size_t at = full ? DIAGNOSTICS_MAX - 1 : inside->diagnostic_count++;
    inside->diagnostics[at] = (struct diagnostic){
        .is_error = is_error,
        .summary = bounded(call->arena, str_from(summary), SUMMARY_MAX_BYTES),
        .detail = bounded(call->arena, detail, DETAIL_MAX_BYTES),
        .place = bounded(call->arena, str_from(path), SUMMARY_MAX_BYTES),
        .path = path_parse(call->arena, inside->model, path),
    };
}

static struct str format_detail(struct arena *arena, const char *format, va_list arguments)
{
    va_list measure;
    va_copy(measure, arguments);
    int length = vsnprintf(NULL, 0, format, measure);
    va_end(measure);
    if (length <= 0)
        return STR("");
    size_t size = (length < DETAIL_MAX_BYTES ? (size_t)length : DETAIL_MAX_BYTES) + 1;
    char *text = arena_alloc(arena, size);
    vsnprintf(text, size, format, arguments);
    return (struct str){ text, size - 1 };
}

/* Core calls a plan hook up to three times and shows what each call says. */
static bool was_said(struct tf_call *call, const char *path, const char *summary, struct str detail)
{
    struct tf_call_private *inside = call->private;
    if (str_is_empty(inside->once_about))
        return false;
    struct str text = str_format(call->arena, "%s|%s|%.*s", path ? path : "", summary, STR_ARG(detail));
    return !connection_is_news(inside->connections, inside->connection, inside->once_about, text);
}

void tf_warn(struct tf_call *call, const char *path, const char *summary, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    struct str detail = format_detail(call->arena, format, arguments);
    va_end(arguments);
    if (!was_said(call, path, summary, detail))
        add(call, false, path, summary, detail);
}

void tf_error(struct tf_call *call, const char *path, const char *summary, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    struct str detail = format_detail(call->arena, format, arguments);
    va_end(arguments);
    add(call, true, path, summary, detail);
}

/* "RDS CopyDBSnapshot in account 1, eu-west-1: code C, request R." from what is known. */
static struct str origin_of(struct arena *arena, const struct err *err)
{
    const struct {
        const char *before;
        const char *value;
    } parts[] = {
        { "operation ", err_part(err, ERR_OPERATION) },
        { "code ", err_code(err) },
        { "request id ", err_part(err, ERR_REQUEST_ID) },
        { "account ", err_part(err, ERR_ACCOUNT) },
        { "Region ", err_part(err, ERR_REGION) },
    };
    struct str origin = STR("");
    for (size_t i = 0; i < ARRAY_LENGTH(parts); i++)
        if (parts[i].value[0])
            str_join(arena, &origin, ", ", "%s%s", parts[i].before, parts[i].value);
    return origin;
}

void tf_report(struct tf_call *call, const char *summary, struct err *err)
{
    const struct tf_provider *provider = call->private->provider;
    if (provider && provider->explain)
        provider->explain(err);
    struct str detail = err_text(err)[0] ? str_copy(call->arena, str_from(err_text(err)))
                                         : STR("No reason was given, which is a mistake in the provider.");
    struct str origin = origin_of(call->arena, err);
    if (err_remedy(err)[0])
        detail = str_format(call->arena, "%.*s\n\n%s", STR_ARG(detail), err_remedy(err));
    if (origin.len)
        detail = str_format(call->arena, "%.*s\n\n(%.*s)", STR_ARG(detail), STR_ARG(origin));
    add(call, true, err_path(err)[0] ? str_c(call->arena, str_from(err_path(err))) : NULL, summary, detail);
}

size_t tf_take_diagnostics(struct tf_call *call, struct tf_diagnostic **out)
{
    struct tf_call_private *inside = call->private;
    const size_t count = inside->diagnostic_count;
    *out = arena_array(call->arena, count, sizeof(**out));
    for (size_t i = 0; i < count; i++) {
        const struct diagnostic *from = &inside->diagnostics[i];
        (*out)[i] = (struct tf_diagnostic){ from->is_error, from->summary, from->detail, from->place };
    }
    inside->diagnostic_count = 0;
    inside->error_count = 0;
    return count;
}

bool tf_has_errors(const struct tf_call *call)
{
    return call->private->error_count > 0;
}

static bool step_equal(const struct path_step *a, const struct path_step *b)
{
    return a->kind == b->kind && a->index == b->index && str_equal(a->text, b->text);
}

static bool path_equal(const struct path *a, const struct path *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (!step_equal(&a->steps[i], &b->steps[i]))
            return false;
    return true;
}

void tf_replace(struct tf_call *call, const char *path)
{
    struct path parsed = path_parse(call->arena, call->private->model, path);
    if (!parsed.count) {
        log_write(call->log, LOG_WARN, NULL, "the plan replaces \"%s\", which is no argument", path ? path : "");
        return;
    }
    for (const struct replaced *at = call->private->replaced; at; at = at->next)
        if (path_equal(&at->path, &parsed))
            return;
    struct replaced *replaced = ARENA_NEW(call->arena, struct replaced);
    *replaced = (struct replaced){ .next = call->private->replaced, .path = parsed };
    call->private->replaced = replaced;
}

/* ---- Encoding ------------------------------------------------------------- */

static char *text_out(struct arena *arena, struct str text)
{
    return (char *)str_c(arena, str_printable(arena, text));
}

static Tfplugin6__AttributePath__Step *encode_step(struct arena *arena, const struct path_step *step)
{
    Tfplugin6__AttributePath__Step *out = ARENA_NEW(arena, Tfplugin6__AttributePath__Step);
    tfplugin6__attribute_path__step__init(out);
    switch (step->kind) {
    case PATH_NAME:
        out->selector_case = TFPLUGIN6__ATTRIBUTE_PATH__STEP__SELECTOR_ATTRIBUTE_NAME;
        out->attribute_name = text_out(arena, step->text);
        break;
    case PATH_INDEX:
        out->selector_case = TFPLUGIN6__ATTRIBUTE_PATH__STEP__SELECTOR_ELEMENT_KEY_INT;
        out->element_key_int = step->index;
        break;
    case PATH_KEY:
        out->selector_case = TFPLUGIN6__ATTRIBUTE_PATH__STEP__SELECTOR_ELEMENT_KEY_STRING;
        out->element_key_string = text_out(arena, step->text);
        break;
    }
    return out;
}

/* NULL without steps: the whole block is meant. */
static Tfplugin6__AttributePath *encode_path(struct arena *arena, const struct path *path)
{
    if (!path->count)
        return NULL;
    Tfplugin6__AttributePath *out = ARENA_NEW(arena, Tfplugin6__AttributePath);
    tfplugin6__attribute_path__init(out);
    out->n_steps = path->count;
    out->steps = arena_array(arena, path->count, sizeof(*out->steps));
    for (size_t i = 0; i < path->count; i++)
        out->steps[i] = encode_step(arena, &path->steps[i]);
    return out;
}

static Tfplugin6__Diagnostic *encode_diagnostic(struct arena *arena, const struct diagnostic *diagnostic)
{
    Tfplugin6__Diagnostic *out = ARENA_NEW(arena, Tfplugin6__Diagnostic);
    tfplugin6__diagnostic__init(out);
    out->severity =
        diagnostic->is_error ? TFPLUGIN6__DIAGNOSTIC__SEVERITY__ERROR : TFPLUGIN6__DIAGNOSTIC__SEVERITY__WARNING;
    out->summary = text_out(arena, diagnostic->summary);
    out->detail = text_out(arena, diagnostic->detail);
    out->attribute = encode_path(arena, &diagnostic->path);
    return out;
}

void diagnostics_encode(struct tf_call *call, size_t *out_count, struct Tfplugin6__Diagnostic ***out)
{
    const struct tf_call_private *inside = call->private;
    *out_count = inside->diagnostic_count;
    *out = arena_array(call->arena, *out_count, sizeof(**out));
    for (size_t i = 0; i < *out_count; i++)
        (*out)[i] = encode_diagnostic(call->arena, &inside->diagnostics[i]);
}

void replaced_encode(struct tf_call *call, size_t *out_count, struct Tfplugin6__AttributePath ***out)
{
    size_t count = 0;
    for (const struct replaced *at = call->private->replaced; at; at = at->next)
        count++;
    *out_count = count;
    *out = arena_array(call->arena, count, sizeof(**out));
    for (const struct replaced *at = call->private->replaced; at; at = at->next)
        (*out)[--count] = encode_path(call->arena, &at->path);
}
