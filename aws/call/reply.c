/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/call/reply.h"

#include "aws/limits.h"
#include "aws/wire/json.h"
#include "aws/wire/xml.h"

enum { SHOWN_BYTES = 200, REQUEST_ID_MAX_BYTES = 128 };
enum { MARK_MIN_BYTES = 8, MARK_MAX_BYTES = 16 };
enum { ENCODED_MAX_BYTES = 6 }; /* of one byte, as JSON's "\\u002b" */

/* By what a secret is found in a text. */
struct mark {
    struct str text;
    size_t before_bytes; /* at most, of what precedes it in the secret, however that is encoded */
};

/* Neither URLs nor HTML nor JSON write it in another way (RFC 3986, unreserved). */
static bool is_never_encoded(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '_' ||
           c == '.' || c == '~';
}

/* The first piece that no encoding changes and that is long enough to occur nowhere else. */
static struct mark mark_of(struct str secret)
{
    for (size_t from = 0, i = 0; i <= secret.len; i++) {
        if (i < secret.len && i - from < MARK_MAX_BYTES && is_never_encoded(secret.ptr[i]))
            continue;
        if (i - from >= MARK_MIN_BYTES)
            return (struct mark){ str_slice(secret, from, i), from * ENCODED_MAX_BYTES };
        from = i + 1;
    }
    return (struct mark){ secret, 0 };
}

/* Where the secret begins, or the text ends. */
static size_t end_before(struct str text, struct str secret, bool *is_found)
{
    const struct mark mark = mark_of(secret);
    const ptrdiff_t at = str_is_empty(mark.text) ? -1 : str_find(text, mark.text);
    /* Where the transport cut a page, less of a secret than its mark may be left. */
    const size_t whole = mark.text.len < HTTP_ERROR_BODY_MAX_BYTES ? HTTP_ERROR_BODY_MAX_BYTES - mark.text.len : 0;
    size_t end = at < 0 || (size_t)at > whole ? whole : (size_t)at;
    if (at >= 0 || text.len > whole)
        end -= end < mark.before_bytes ? end : mark.before_bytes;
    *is_found |= at >= 0;
    return end;
}

/* At most so many bytes, which end where the first secret begins. */
static struct str shown(const struct aws_reply_options *options, struct str text, size_t max_bytes)
{
    bool has_secret = false;
    struct str start = text;
    for (size_t i = 0; i < AWS_REPLY_SECRETS; i++)
        start = str_slice(start, 0, end_before(text, options->secrets[i], &has_secret));
    if (has_secret)
        start = str_format(options->scratch, "%.*s***", STR_ARG(start));
    return str_printable(options->scratch, str_slice(str_trim(start), 0, max_bytes));
}

static bool report_unreadable(const struct aws_reply_options *options, const struct http_response *response,
                              struct aws_reply *out, struct err *err)
{
    struct aws_error_class class = aws_error_classify(STR(""), response->status);
    out->verdict = AWS_REPLY_UNREADABLE;
    out->retry = class.retry;
    const enum err_kind kind = class.kind == ERR_THROTTLED ? ERR_THROTTLED : ERR_IO;
    if (options->operation->flags & AWS_SECRET_OUTPUT) /* the reason may quote it, too */
        return err_set(
            err, kind,
            "HTTP status %d with an answer that is not AWS's, and is not shown since it may hold credentials",
            response->status);
    const struct str why = shown(options, str_from(err_text(err)), err_part_limit(ERR_TEXT));
    const struct str start = shown(options, response->body, SHOWN_BYTES);
    return err_set(err, kind, "HTTP status %d with an answer that is not AWS's (%.*s): \"%.*s\"", response->status,
                   STR_ARG(why), STR_ARG(start));
}

/* Another attempt would bring the same: its kind is none that passes. */
static bool report_too_large(const struct http_response *response, struct aws_reply *out, struct err *err)
{
    out->verdict = AWS_REPLY_UNREADABLE;
    err_set_remedy(err,
                   "Something else seems to answer in place of AWS: check the endpoint, the proxy and the network.");
    return err_wrap(err, "HTTP status %d with an answer that is larger than any of AWS's", response->status);
}

static bool read_json_result(const struct aws_reply_options *options, struct str body, void *output, struct err *err)
{
    const struct aws_operation *operation = options->operation;
    /* Where nothing is told, KMS sends "an HTTP 200 response with an empty HTTP body" (EnableKeyRotation). */
    if (!operation->output && str_is_empty(body))
        return true;
    const struct wire_json shape = { .rows = operation->output,
                                     .column = operation->column,
                                     .out_size = operation->output_size,
                                     .budget = options->budget };
    return wire_json_read(options->arena, body, &shape, output, err);
}

static bool read_query_result(const struct aws_reply_options *options, struct str body, void *output, struct err *err)
{
    const struct aws_operation *operation = options->operation;
    const char *result = operation->output && operation->result ? operation->result : "";
    struct str path = str_format(options->scratch, "%sResponse%s%s", operation->name, *result ? "/" : "", result);
    const struct wire_xml shape = { .path = str_c(options->scratch, path),
                                    .rows = operation->output,
                                    .column = operation->column,
                                    .out_size = operation->output_size,
                                    .budget = options->budget };
    return wire_xml_read(options->arena, body, &shape, output, err);
}

static bool read_result(const struct aws_reply_options *options, const struct http_response *response, void *output,
                        struct aws_reply *out, struct err *err)
{
    if (options->is_json ? read_json_result(options, response->body, output, err)
                         : read_query_result(options, response->body, output, err))
        return true;
    if (err->kind == ERR_INVALID)
        return report_too_large(response, out, err);
    report_unreadable(options, response, out, err);
    out->retry = AWS_RETRY_TRANSIENT;
    out->is_hopeless = true;
    return false;
}

static bool read_json_error(const struct aws_reply_options *options, const struct http_response *response,
                            struct aws_error_text *out, struct err *err)
{
    struct aws_error_json_reply reply = { 0 };
    const struct wire_json shape = { .rows = aws_error_json_rows, .out_size = sizeof(reply) };
    struct str header = http_header_find(response->headers, response->header_count, STR("x-amzn-ErrorType"));
    if (!wire_json_read(options->scratch, response->body, &shape, &reply, err) && str_is_empty(header))
        return false;
    struct str in_body = str_is_empty(reply.type) ? reply.code : reply.type;
    out->code = aws_error_code(str_is_empty(header) ? in_body : header);
    out->message = str_is_empty(reply.message) ? reply.capital_message : reply.message;
    return true;
}

static bool read_query_error(const struct aws_reply_options *options, const struct http_response *response,
                             struct aws_reply *reply, struct aws_error_text *out, struct err *err)
{
    struct aws_error_query_reply found = { 0 };
    const struct wire_xml shape = { .path = AWS_ERROR_QUERY_PATH,
                                    .rows = aws_error_query_rows,
                                    .out_size = sizeof(found) };
    if (!wire_xml_read(options->scratch, response->body, &shape, &found, err))
        return false;
    if (str_is_empty(reply->request_id))
        reply->request_id = shown(options, found.request_id, REQUEST_ID_MAX_BYTES);
    out->code = aws_error_code(found.error.code);
    out->message = found.error.message;
    return true;
}

static bool read_error_text(const struct aws_reply_options *options, const struct http_response *response,
                            struct aws_reply *reply, struct aws_error_text *out, struct err *err)
{
    if (!(options->is_json ? read_json_error(options, response, out, err)
                           : read_query_error(options, response, reply, out, err)))
        return false;
    return !str_is_empty(out->code) || err_set(err, ERR_IO, "it names no error code");
}

static bool read_error(const struct aws_reply_options *options, const struct http_response *response,
                       struct aws_reply *out, struct err *err)
{
    struct aws_error_text text;
    if (!read_error_text(options, response, out, &text, err))
        return report_unreadable(options, response, out, err);
    struct aws_error_class class = aws_error_classify(text.code, response->status);
    const struct str code = shown(options, text.code, err_part_limit(ERR_CODE));
    const struct str message = shown(options, text.message, err_part_limit(ERR_TEXT));
    out->retry = class.retry;
    if (class.retry == AWS_RETRY_TRANSIENT || class.retry == AWS_RETRY_THROTTLED)
        out->verdict = AWS_REPLY_POSTPONES;
    if (str_is_empty(message))
        err_set(err, class.kind, "%.*s", STR_ARG(code));
    else
        err_set(err, class.kind, "%.*s", STR_ARG(message));
    aws_error_put(err, ERR_CODE, code);
    return false;
}

static struct str request_id_of(const struct aws_reply_options *options, const struct http_response *response)
{
    struct str id = http_header_find(response->headers, response->header_count, STR("x-amzn-RequestId"));
    if (str_is_empty(id))
        id = http_header_find(response->headers, response->header_count, STR("x-amz-request-id"));
    return shown(options, id, REQUEST_ID_MAX_BYTES);
}

bool aws_reply_read(const struct aws_reply_options *options, const struct http_response *response, void *output,
                    struct aws_reply *out, struct err *err)
{
    *out = (struct aws_reply){ .request_id = request_id_of(options, response), .retry = AWS_RETRY_NEVER };
    if (response->status / 100 == 2)
        return read_result(options, response, output, out, err);
    return read_error(options, response, out, err);
}
