/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/credentials/profile/sso_token.h"

#include <string.h>

#include "aws/credentials/ask.h"
#include "aws/credentials/profile/cli_file.h"
#include "aws/time.h"

enum { EARLY_MS = 15 * MINUTE_MS /* before its end a token is renewed, as botocore does */, ATTEMPTS = 3 };

#define GRANT_TYPE "refresh_token"

struct sso_token_file {
    struct arena *arena;
    const struct aws_credentials_doors *doors;
    struct cli_file cli;
    struct str token_url; /* empty: it cannot be renewed */
    /* A renewed token that could not be written, used in place of the one in the file. */
    struct arena *held_arena; /* NULL: none */
    struct str held_text;
    unsigned char held_instead_of[CRYPTO_SHA256_BYTES];
};

/* The file's members that are used here. */
struct content {
    struct str access_token, expires_at;
    struct str refresh_token, client_id, client_secret, registration_expires_at;
};

static const struct wire_row content_rows[] = {
    WIRE_BOTH(struct content, access_token, "accessToken"),
    WIRE_BOTH(struct content, expires_at, "expiresAt"),
    WIRE_BOTH(struct content, refresh_token, "refreshToken"),
    WIRE_BOTH(struct content, client_id, "clientId"),
    WIRE_BOTH(struct content, client_secret, "clientSecret"),
    WIRE_BOTH(struct content, registration_expires_at, "registrationExpiresAt"),
    WIRE_END,
};

/* The file as it was at one look, or what is held in its place. */
struct reading {
    struct str text;
    struct content content;
    int64_t expires_wall_ms;
    unsigned char mark[CRYPTO_SHA256_BYTES];         /* of the token */
    unsigned char mark_in_file[CRYPTO_SHA256_BYTES]; /* of the file's own */
};

/* ---- The file ---- */

struct sso_token_file *sso_token_file_new(const struct sso_token_options *options)
{
    struct sso_token_file *file = mem_alloc(sizeof(*file));
    unsigned char hash[CRYPTO_SHA1_BYTES];
    file->arena = arena_new();
    file->doors = options->doors;
    crypto_sha1(options->name, hash);
    file->cli = cli_file_at(file->arena, options->doors->env, STR("~/.aws/sso/cache"),
                            crypto_hex(file->arena, hash, sizeof(hash)));
    file->cli.what = "SSO session";
    file->cli.whose = str_c(file->arena, str_from(options->whose));
    file->cli.login = str_c(file->arena, str_from(options->login));
    if (!str_is_empty(options->oidc_url))
        file->token_url = str_format(file->arena, "%.*s/token", STR_ARG(options->oidc_url));
    return file;
}

void sso_token_file_free(struct sso_token_file *file)
{
    if (!file)
        return;
    arena_free(file->held_arena);
    arena_free(file->arena);
    mem_free(file);
}

static bool parse(const struct sso_token_file *file, struct arena *arena, struct reading *reading, struct err *err)
{
    const struct wire_json shape = { .rows = content_rows, .out_size = sizeof(reading->content) };
    const struct content *content = &reading->content;
    if (!cli_file_parse(&file->cli, arena, reading->text, &shape, &reading->content, err) ||
        !cli_file_check(&file->cli, "accessToken", content->access_token, err) ||
        !cli_file_time(&file->cli, "expiresAt", content->expires_at, &reading->expires_wall_ms, err))
        return false;
    if (!http_is_header_word(content->access_token))
        return err_set(err, ERR_INVALID, "the accessToken in %s contains a blank or a character that is not ASCII",
                       file->cli.shown);
    crypto_sha256(content->access_token, reading->mark);
    return true;
}

/* What is held counts while the file still has the token that it replaces: a person may have signed in, or out. */
static bool take_held(const struct sso_token_file *file, struct arena *arena, struct reading *reading, struct err *err)
{
    memcpy(reading->mark_in_file, reading->mark, sizeof(reading->mark));
    if (!file->held_arena || memcmp(reading->mark, file->held_instead_of, sizeof(reading->mark)) != 0)
        return true;
    reading->text = str_copy(arena, file->held_text);
    return parse(file, arena, reading, err);
}

static bool look(const struct sso_token_file *file, struct arena *arena, struct reading *out, struct err *err)
{
    *out = (struct reading){ 0 };
    return cli_file_read(&file->cli, file->doors->reader, arena, &out->text, err) && parse(file, arena, out, err) &&
           take_held(file, arena, out, err);
}

static bool look_until_whole(const struct sso_token_file *file, const struct aws_credentials_call *call,
                             struct reading *out, struct err *err)
{
    for (int looks = 1;; looks++) {
        if (look(file, call->arena, out, err))
            return true;
        if (err->kind != ERR_INVALID || !cli_file_pause(call, looks))
            return cli_file_ask_for_login(&file->cli, err);
    }
}

/* ---- Renewal ---- */

struct question {
    struct str client_id, client_secret, grant_type, refresh_token;
};

static const struct wire_row question_rows[] = {
    WIRE_BOTH(struct question, client_id, "clientId"),
    WIRE_BOTH(struct question, client_secret, "clientSecret"),
    WIRE_BOTH(struct question, grant_type, "grantType"),
    WIRE_BOTH(struct question, refresh_token, "refreshToken"),
    WIRE_END,
};

/* Of CreateToken, well or refused. */
struct answer {
    struct str access_token, refresh_token;
    struct wire_int64 expires_in;
    struct str error;
};

static const struct wire_row answer_rows[] = {
    WIRE_BOTH(struct answer, access_token, "accessToken"),
    WIRE_BOTH(struct answer, refresh_token, "refreshToken"),
    WIRE_BOTH(struct answer, expires_in, "expiresIn"),
    WIRE_BOTH(struct answer, error, "error"),
    WIRE_END,
};

static bool is_renewable(const struct sso_token_file *file, const struct content *content)
{
    int64_t registration_ends_wall_ms;
    if (str_is_empty(file->token_url) || str_is_empty(content->refresh_token) || str_is_empty(content->client_id) ||
        str_is_empty(content->client_secret))
        return false;
    return !aws_time_parse_zoned(content->registration_expires_at, &registration_ends_wall_ms) ||
           registration_ends_wall_ms > clock_wall_ms(file->doors->clock);
}

static bool refuse_answer(int status, const struct answer *answer, struct err *err)
{
    const bool is_slow_down = str_equal(answer->error, STR("slow_down"));
    if (!is_slow_down && (status == HTTP_BAD_REQUEST || status == HTTP_UNAUTHORIZED || status == HTTP_FORBIDDEN))
        return err_set(err, ERR_DENIED, "the SSO OIDC service refuses to renew it (status %d)", status);
    return err_set(err, ERR_IO, "the SSO OIDC service answers with status %d", status);
}

static bool judge(struct arena *arena, const struct http_response *response, struct answer *out, struct err *err)
{
    enum { LONGEST_S = 366 * 24 * 60 * 60 };
    const struct wire_json shape = { .rows = answer_rows, .out_size = sizeof(*out) };
    CLEANUP(err_clear) struct err failure = { 0 }; /* it may quote the answer */
    *out = (struct answer){ 0 };
    const bool is_read = wire_json_read(arena, response->body, &shape, out, &failure);
    if (response->status != HTTP_OK)
        return refuse_answer(response->status, out, err);
    if (!is_read || str_is_empty(out->access_token) || !http_is_header_word(out->access_token) ||
        out->expires_in.value <= 0 || out->expires_in.value > LONGEST_S)
        return err_set(err, ERR_IO, "the answer of the SSO OIDC service is not a token");
    return true;
}

/* CreateToken (SSO OIDC API reference). A stop does not end it: the refresh token is spent when it arrives. */
static bool ask_for_token(const struct sso_token_file *file, const struct aws_credentials_call *call,
                          const struct content *content, struct answer *out, struct err *err)
{
    const struct question question = { content->client_id, content->client_secret, STR(GRANT_TYPE),
                                       content->refresh_token };
    const struct wire_json shape = { .rows = question_rows };
    static const struct http_header json = {
        { "Content-Type",     12 },
        { "application/json", 16 }
    };
    struct ask_question asked = {
        .whom = "the SSO OIDC service",
        .request = { .method = STR("POST"),
                    .url = file->token_url,
                    .headers = &json,
                    .header_count = 1,
                    .mutates = true,
                    .timeout_ms = SSO_TIMEOUT_MS },
        .attempts = ATTEMPTS,
    };
    struct http_response response;
    return wire_json_write(call->arena, &shape, &question, &asked.request.body, err) &&
           ask(file->doors, call, &asked, &response, err) && judge(call->arena, &response, out, err);
}

static void let_go(struct sso_token_file *file)
{
    arena_free(file->held_arena);
    file->held_arena = NULL;
}

/* A person has logged in or out while the service was asked: the file is theirs. */
static bool is_replaced(const struct sso_token_file *file, struct arena *arena, const struct reading *renewed)
{
    struct reading found;
    CLEANUP(err_clear) struct err ignored = { 0 };
    return !look(file, arena, &found, &ignored) ||
           memcmp(found.mark_in_file, renewed->mark_in_file, sizeof(found.mark_in_file)) != 0;
}

/* In the file; where that cannot be written, in memory. */
static void keep(struct sso_token_file *file, const struct aws_credentials_call *call, const struct reading *renewed)
{
    CLEANUP(err_clear) struct err failure = { 0 };
    const bool is_theirs = is_replaced(file, call->arena, renewed);
    let_go(file);
    if (is_theirs || file_write_private(file->doors->writer, call->arena, file->cli.path, renewed->text, &failure))
        return;
    log_write(call->log, LOG_WARN, NULL,
              "the SSO token was renewed, but it could not be written back: %s. Other programs must log in again.",
              err_text(&failure));
    file->held_arena = arena_new();
    file->held_text = str_copy(file->held_arena, renewed->text);
    memcpy(file->held_instead_of, renewed->mark_in_file, sizeof(file->held_instead_of));
}

/* Changes `reading` to what it is from now on. */
static bool renew(struct sso_token_file *file, const struct aws_credentials_call *call, struct reading *reading,
                  struct err *err)
{
    const struct wire_json shape = { .rows = content_rows };
    struct reading renewed = *reading;
    struct answer answer;
    if (!ask_for_token(file, call, &reading->content, &answer, err))
        return false;
    const int64_t ends_wall_ms = clock_wall_ms(file->doors->clock) + answer.expires_in.value * SECOND_MS;
    renewed.content.access_token = answer.access_token;
    renewed.content.refresh_token = answer.refresh_token; /* none: the old one is spent, too */
    renewed.content.expires_at = aws_time_text(call->arena, ends_wall_ms);
    if (!wire_json_change(call->arena, reading->text, &shape, &renewed.content, &renewed.text, err) ||
        !parse(file, call->arena, &renewed, err))
        return false;
    log_write(call->log, LOG_DEBUG, NULL, "the SSO token of %s was renewed; it lasts until %.*s", file->cli.whose,
              STR_ARG(renewed.content.expires_at));
    keep(file, call, &renewed);
    *reading = renewed;
    return true;
}

/* ---- Together ---- */

static bool is_valid(const struct sso_token_file *file, const struct reading *reading)
{
    return clock_wall_ms(file->doors->clock) < reading->expires_wall_ms;
}

/* A refresh token can be used once. Where somebody else has used it, theirs is in the file, or will be in a moment. */
static bool find_other(const struct sso_token_file *file, const struct aws_credentials_call *call,
                       struct reading *reading)
{
    for (int looks = 1;; looks++) {
        struct reading found;
        CLEANUP(err_clear) struct err ignored = { 0 };
        if (look(file, call->arena, &found, &ignored) && is_valid(file, &found) &&
            memcmp(found.mark, reading->mark, sizeof(found.mark)) != 0) {
            *reading = found;
            return true;
        }
        if (is_valid(file, reading) || !cli_file_pause(call, looks))
            return false;
    }
}

/* A renewal that fails while the token lasts is tried again with the next fetch. */
static bool renew_or_go_on(struct sso_token_file *file, const struct aws_credentials_call *call,
                           struct reading *reading, struct err *err)
{
    CLEANUP(err_clear) struct err failure = { 0 };
    if (renew(file, call, reading, &failure) || find_other(file, call, reading))
        return true;
    if (is_valid(file, reading)) {
        log_write(call->log, LOG_WARN, NULL, "the SSO token of %s could not be renewed early: %s", file->cli.whose,
                  err_text(&failure));
        return true;
    }
    (void)cli_file_refuse_expired(&file->cli, call->arena, reading->expires_wall_ms, err);
    const struct str expired = str_copy(call->arena, str_from(err_text(err)));
    err_move(err, &failure);
    if (err->kind == ERR_IO)
        err_add_remedy(err, "No new login is needed: check the network and the proxy (HTTPS_PROXY), then try again.");
    return err_wrap(err, "%.*s, and could not be renewed", STR_ARG(expired));
}

bool sso_token_file_get(struct sso_token_file *file, const struct aws_credentials_call *call, struct sso_token *out,
                        struct err *err)
{
    struct reading reading;
    if (!look_until_whole(file, call, &reading, err))
        return false;
    const bool ends_soon = reading.expires_wall_ms - clock_wall_ms(file->doors->clock) < EARLY_MS;
    if (ends_soon && is_renewable(file, &reading.content) && !renew_or_go_on(file, call, &reading, err))
        return cli_file_ask_for_login(&file->cli, err);
    if (!is_valid(file, &reading)) {
        (void)cli_file_refuse_expired(&file->cli, call->arena, reading.expires_wall_ms, err);
        return cli_file_ask_for_login(&file->cli, err);
    }
    *out = (struct sso_token){ .access_token = reading.content.access_token,
                               .expires_wall_ms = reading.expires_wall_ms,
                               .is_renewable = is_renewable(file, &reading.content) };
    memcpy(out->mark, reading.mark, sizeof(out->mark));
    return true;
}
