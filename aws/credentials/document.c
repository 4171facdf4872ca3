/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/credentials/document.h"

#include "aws/time.h"
#include "aws/wire/json.h"

/* A column for a process, and one for the others. */
static const struct wire_row rows[] = {
    WIRE_BOTH(struct credentials_document, access_key_id, "AccessKeyId"),
    WIRE_BOTH(struct credentials_document, secret_access_key, "SecretAccessKey"),
    WIRE(struct credentials_document, session_token, "SessionToken", "Token"),
    WIRE_BOTH(struct credentials_document, expiration, "Expiration"),
    WIRE(struct credentials_document, version, "Version", NULL),
    WIRE(struct credentials_document, code, NULL, "Code"),
    WIRE(struct credentials_document, message, NULL, "Message"),
    WIRE_END,
};

bool document_read(struct arena *arena, struct str text, enum document_form form, struct credentials_document *out,
                   struct err *err)
{
    const struct wire_json shape = { .rows = rows,
                                     .column = form == DOCUMENT_OF_PROCESS ? 0 : 1,
                                     .out_size = sizeof(*out) };
    CLEANUP(err_clear) struct err failure = { 0 };
    if (wire_json_read(arena, text, &shape, out, &failure))
        return true;
    return err_set(err, ERR_IO, "what came is not a JSON object with credentials"); /* the failure may quote it */
}

bool document_take(const struct credentials_document *document, enum document_form form, const char *kind,
                   const char *source, struct aws_credentials *out, struct err *err)
{
    const struct {
        const char *name;
        struct str text;
        bool is_needed;
    } parts[] = {
        { "AccessKeyId",                                          document->access_key_id,     true                        },
        { "SecretAccessKey",                                      document->secret_access_key, true                        },
        { form == DOCUMENT_OF_PROCESS ? "SessionToken" : "Token", document->session_token,
         form == DOCUMENT_OF_SERVICE                                                                                       },
        { "Expiration",                                           document->expiration,        form == DOCUMENT_OF_SERVICE },
    };
    int64_t expires_wall_ms = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(parts); i++)
        if (parts[i].is_needed && str_is_empty(parts[i].text))
            return err_set(err, ERR_IO, "the answer of %s has no %s", source, parts[i].name);
    if (!str_is_empty(document->expiration) && !aws_time_parse_zoned(document->expiration, &expires_wall_ms))
        return err_set(err, ERR_IO, "the Expiration that came from %s is not a time as AWS writes it", source);
    *out = (struct aws_credentials){
        .access_key_id = document->access_key_id,
        .secret_access_key = document->secret_access_key,
        .session_token = document->session_token,
        .expires_wall_ms = expires_wall_ms,
        .kind = kind,
        .source = source,
    };
    return true;
}

struct str document_refusal(struct arena *arena, struct str code, struct str message)
{
    enum { CODE_MAX_BYTES = 100, MESSAGE_MAX_BYTES = 400 };
    const struct str shown_code = str_printable(arena, str_slice(code, 0, CODE_MAX_BYTES));
    const struct str shown = str_printable(arena, str_slice(message, 0, MESSAGE_MAX_BYTES));
    return str_format(arena, "%.*s%s%.*s", STR_ARG(shown_code), shown_code.len && shown.len ? ": " : "",
                      STR_ARG(shown));
}
