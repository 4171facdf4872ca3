/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/call/client.h"

#include <stdatomic.h>
#include <string.h>

#include "aws/call/presign.h"
#include "aws/call/reply.h"
#include "aws/call/retry.h"
#include "aws/call/sigv4.h"
#include "aws/call/skew.h"
#include "aws/crypto.h"
#include "aws/endpoint.h"
#include "aws/http/curl.h"
#include "aws/http/transfer.h"
#include "aws/http/url.h"
#include "aws/limits.h"
#include "aws/wire/json.h"
#include "aws/wire/query.h"
#include "aws/wire/xml.h"

static const struct service {
    const char *name;    /* in host names and signatures */
    const char *version; /* of the query protocol's API */
    const char *target;  /* JSON 1.1: before the operation, in X-Amz-Target; NULL: query */
    bool no_host;        /* not regional: only with a custom endpoint */
} services[] = {
    [AWS_RDS] = { .name = "rds", .version = "2014-10-31" },
    [AWS_KMS] = { .name = "kms", .target = "TrentService" },
    [AWS_STS] = { .name = "sts", .version = "2011-06-15" },
    [AWS_IAM] = { .name = "iam", .version = "2010-05-08", .no_host = true },
};

struct aws_client {
    struct http_transport transport;
    struct clock clock;
    struct aws_credentials_cache *credentials;
    struct str endpoints[AWS_SERVICE_COUNT];
    bool use_fips, use_dualstack, no_skew_correction;
    int max_attempts;
    struct str user_agent;
    struct arena *arena;     /* of the texts above */
    _Atomic int64_t skew_ms; /* AWS's clock minus ours, as last measured */
};

/* One call, over all its attempts. */
struct exchange {
    const struct aws_call *call;
    const struct aws_operation *operation;
    const void *input;
    const struct service *service;
    struct arena *arena;        /* of what ends with the call */
    struct arena *scratch;      /* of what ends with the attempt: its request, the answer */
    struct wire_budget *budget; /* of what is found */
    struct str url, signing_region, body, invocation_id;
    int attempt;    /* from 1 */
    bool refreshed; /* expired credentials have been replaced once */
    bool set_clock; /* the clock was corrected once */
    bool in_doubt;  /* an attempt was not answered and may have taken effect */
};

/* How one attempt ended. */
struct outcome {
    struct aws_credentials credentials; /* after the attempt, only which they were */
    bool had_token;                     /* a session token was among them */
    struct str presigned;               /* the signature in PreSignedUrl */
    int64_t skew_used_ms;
    int64_t duration_ms;
    int status; /* 0: no answer; the reply then says only whether to repeat */
    size_t reply_bytes;
    struct aws_reply reply;
    int64_t hint_ms;
};

DEFINE_CLEANUP(drop_arena, struct arena *, arena_free)

bool aws_init(struct err *err)
{
    if (!crypto_init(err) || !http_curl_init(err)) /* OpenSSL first: the order decides who reads its configuration */
        return false;
    wire_xml_init();
    wire_json_init();
    return true;
}

static bool check_endpoint(const struct aws_client_options *options, enum aws_service service, struct err *err)
{
    struct str url = options->endpoints[service];
    if (str_is_empty(url))
        return true;
    return http_endpoint_check(url, err) || err_wrap(err, "%s", services[service].name);
}

bool aws_client_new(const struct aws_client_options *options, struct aws_client **out, struct err *err)
{
    for (int service = 0; service < AWS_SERVICE_COUNT; service++)
        if (!check_endpoint(options, (enum aws_service)service, err))
            return false;
    struct aws_client *client = mem_alloc(sizeof(*client));
    client->transport = *options->transport;
    client->clock = *options->clock;
    client->credentials = options->credentials;
    client->arena = arena_new();
    for (int service = 0; service < AWS_SERVICE_COUNT; service++)
        client->endpoints[service] = str_copy(client->arena, options->endpoints[service]);
    client->use_fips = options->use_fips;
    client->use_dualstack = options->use_dualstack;
    client->no_skew_correction = options->no_skew_correction;
    client->max_attempts = options->max_attempts > 0 ? options->max_attempts : RETRY_ATTEMPTS;
    client->user_agent = str_copy(client->arena, options->user_agent);
    *out = client;
    return true;
}

void aws_client_free(struct aws_client *client)
{
    if (!client)
        return;
    arena_free(client->arena);
    mem_free(client);
}

/* The request: where to, what, and under which name. */

static bool is_unsigned(const struct exchange *exchange)
{
    return exchange->operation->flags & AWS_UNSIGNED;
}

static bool mutates(const struct exchange *exchange)
{
    return exchange->operation->flags & AWS_MUTATES;
}

/* A URL with a path keeps it. */
static struct str with_path(struct arena *arena, struct str url)
{
    struct str rest = str_slice(url, (size_t)str_find(url, STR("://")) + 3, url.len);
    return str_find_char(rest, '/') < 0 ? str_format(arena, "%.*s/", STR_ARG(url)) : url;
}

static bool find_url(struct exchange *exchange, struct err *err)
{
    const struct aws_client *client = exchange->call->client;
    struct str url = client->endpoints[exchange->operation->service];
    const struct aws_endpoint_options options = { .service = str_from(exchange->service->name),
                                                  .region = exchange->call->region,
                                                  .fips = client->use_fips,
                                                  .dualstack = client->use_dualstack };
    exchange->signing_region = options.region;
    if (str_is_empty(url)) {
        if (exchange->service->no_host)
            return err_set(err, ERR_INVALID, "no endpoint is configured for %s", exchange->service->name);
        if (!aws_endpoint_url(exchange->arena, &options, &url, err))
            return false;
        exchange->signing_region = aws_endpoint_signing_region(&options);
    }
    exchange->url = with_path(exchange->arena, url);
    return true;
}

static bool write_body(struct exchange *exchange, const void *input, struct err *err)
{
    const struct aws_operation *operation = exchange->operation;
    if (exchange->service->target) {
        const struct wire_json shape = { .rows = operation->input, .column = operation->column };
        return wire_json_write(exchange->arena, &shape, input, &exchange->body, err);
    }
    const struct wire_query query = { .action = operation->name,
                                      .version = exchange->service->version,
                                      .rows = operation->input,
                                      .column = operation->column,
                                      .input = input };
    return wire_query_write(exchange->arena, &query, &exchange->body, err);
}

static bool get_credentials(const struct exchange *exchange, struct aws_credentials *out, struct err *err)
{
    const struct aws_call *call = exchange->call;
    if (!call->client->credentials)
        return err_set(err, ERR_INTERNAL, "%s is to be signed, but the client has no credentials",
                       exchange->operation->name);
    const struct aws_credentials_call asking = {
        .arena = exchange->scratch, .waiter = call->waiter, .deadline_ms = call->deadline_ms, .log = call->log
    };
    return aws_credentials_cache_get(call->client->credentials, &asking, out, err);
}

static struct str text_in_input(const struct exchange *exchange, size_t offset)
{
    return *(const struct str *)((const char *)exchange->input + offset);
}

static bool add_presigned_url(const struct exchange *exchange, const struct sigv4_key *key,
                              struct http_request *request, struct outcome *outcome, struct err *err)
{
    const struct aws_operation *operation = exchange->operation;
    const bool may_need = operation->flags & AWS_PRESIGNS;
    const struct presign_request unsigned_request = {
        .url = exchange->url,
        .region = exchange->call->region,
        .source_region = may_need ? text_in_input(exchange, operation->presign_offset) : STR(""),
        .body = exchange->body,
    };
    return str_is_empty(unsigned_request.source_region) ||
           presign(exchange->scratch, &unsigned_request, key, &request->body, &outcome->presigned, err);
}

/* Adds the signature's headers to the request, and a presigned URL where it needs one. */
static bool sign(const struct exchange *exchange, struct http_request *request, struct outcome *outcome,
                 struct err *err)
{
    struct aws_client *client = exchange->call->client;
    if (!get_credentials(exchange, &outcome->credentials, err))
        return false;
    outcome->skew_used_ms = client->no_skew_correction ? 0 : atomic_load(&client->skew_ms);
    const struct sigv4_key key = {
        .access_key_id = outcome->credentials.access_key_id,
        .secret_access_key = outcome->credentials.secret_access_key,
        .session_token = outcome->credentials.session_token,
        .region = exchange->signing_region,
        .service = str_from(exchange->service->name),
        .wall_ms = clock_wall_ms(&client->clock) + outcome->skew_used_ms,
    };
    struct sigv4_result result;
    if (!add_presigned_url(exchange, &key, request, outcome, err) ||
        !sigv4_sign(exchange->scratch, request, &key, &result, err))
        return false;
    request->headers = result.headers;
    request->header_count = result.header_count;
    return true;
}

/* What must not be signed, since it may change on the way or with the attempt. */
static void add_unsigned_headers(const struct exchange *exchange, struct http_request *request)
{
    const struct aws_client *client = exchange->call->client;
    const struct http_header added[] = {
        { STR("User-Agent"), client->user_agent },
        { STR("amz-sdk-invocation-id"), exchange->invocation_id },
        { STR("amz-sdk-request"),
         str_format(exchange->scratch, "attempt=%d; max=%d", exchange->attempt, client->max_attempts) },
    };
    size_t count = request->header_count;
    struct http_header *headers = arena_array(exchange->scratch, count + ARRAY_LENGTH(added), sizeof(*headers));
    for (size_t i = 0; i < count; i++)
        headers[i] = request->headers[i];
    for (size_t i = 0; i < ARRAY_LENGTH(added); i++)
        if (!str_is_empty(added[i].value))
            headers[count++] = added[i];
    request->headers = headers;
    request->header_count = count;
}

static bool build_request(const struct exchange *exchange, struct http_request *out, struct outcome *outcome,
                          struct err *err)
{
    struct http_header *headers = arena_array(exchange->scratch, 2, sizeof(*headers));
    size_t count = 0;
    if (exchange->service->target) {
        headers[count++] = (struct http_header){ STR("Content-Type"), STR("application/x-amz-json-1.1") };
        headers[count++] =
            (struct http_header){ STR("X-Amz-Target"), str_format(exchange->scratch, "%s.%s", exchange->service->target,
                                                                  exchange->operation->name) };
    } else {
        headers[count++] =
            (struct http_header){ STR("Content-Type"), STR("application/x-www-form-urlencoded; charset=utf-8") };
    }
    struct http_request request = { .method = STR("POST"),
                                    .url = exchange->url,
                                    .headers = headers,
                                    .header_count = count,
                                    .body = exchange->body,
                                    .mutates = mutates(exchange) };
    if (!is_unsigned(exchange) && !sign(exchange, &request, outcome, err))
        return false;
    add_unsigned_headers(exchange, &request);
    *out = request;
    return true;
}

/* One attempt. */

static void log_attempt(const struct exchange *exchange, const struct outcome *outcome, const struct err *err)
{
    const struct aws_call *call = exchange->call;
    if (!log_is_on(call->log, LOG_DEBUG))
        return;
    struct arena *arena = exchange->scratch;
    const struct log_field fields[] = {
        { "aws_service", str_from(exchange->service->name) },
        { "aws_operation", str_from(exchange->operation->name) },
        { "aws_region", call->region },
        { "aws_account", call->account },
        { "http_status", str_format(arena, "%d", outcome->status) },
        { "aws_request_id", outcome->reply.request_id },
        { "duration_ms", str_format(arena, "%lld", (long long)outcome->duration_ms) },
        { "attempt", str_format(arena, "%d", exchange->attempt) },
        { err ? "error" : NULL, err ? str_from(err_code(err)[0] ? err_code(err) : err_kind_name(err->kind)) : STR("") },
        { 0 },
    };
    log_write(call->log, LOG_DEBUG, fields, "AWS call");
    struct str origin = http_origin(exchange->url);
    if (log_is_on(call->log, LOG_TRACE))
        log_write(call->log, LOG_TRACE, fields, "AWS call to %.*s: %zu bytes sent, %zu received", STR_ARG(origin),
                  exchange->body.len, outcome->reply_bytes);
}

static void note_response(const struct exchange *exchange, const struct http_response *response, int64_t sent_wall_ms,
                          struct outcome *outcome)
{
    struct aws_client *client = exchange->call->client;
    int64_t skew_ms;
    if (skew_measure(response, sent_wall_ms, &skew_ms))
        atomic_store(&client->skew_ms, skew_ms);
    outcome->status = response->status;
    outcome->reply_bytes = response->body.len;
    outcome->hint_ms =
        retry_hint_ms(http_header_find(response->headers, response->header_count, STR("x-amz-retry-after")));
}

static bool send_request(struct exchange *exchange, const struct http_request *request, struct outcome *outcome,
                         struct http_response *out, struct err *err)
{
    const struct aws_call *call = exchange->call;
    const struct http_transport *transport = &call->client->transport;
    int64_t sent_wall_ms = clock_wall_ms(&call->client->clock);
    int64_t started_ms = waiter_now_ms(call->waiter);
    bool answered =
        transport->send(transport->self, exchange->scratch, call->waiter, call->deadline_ms, request, out, err);
    outcome->duration_ms = waiter_now_ms(call->waiter) - started_ms;
    if (answered) {
        note_response(exchange, out, sent_wall_ms, outcome);
        return true;
    }
    exchange->in_doubt |= err->unanswered;
    outcome->reply.retry = err->kind == ERR_IO ? AWS_RETRY_TRANSIENT : AWS_RETRY_NEVER;
    outcome->reply.is_hopeless = err_code(err)[0] != '\0';
    return false;
}

/* Any answer but a postponing one says what became of this attempt and of those before. */
static void judge(struct exchange *exchange, enum aws_reply_verdict verdict)
{
    if (verdict == AWS_REPLY_DECIDES)
        exchange->in_doubt = false;
    if (verdict == AWS_REPLY_UNREADABLE)
        exchange->in_doubt = mutates(exchange);
}

/* What was sent beside a signature, and must not come back in a message. */
static struct str secret_of(const struct exchange *exchange, const struct outcome *outcome)
{
    const struct aws_operation *operation = exchange->operation;
    return operation->flags & AWS_SECRET_INPUT ? text_in_input(exchange, operation->secret_offset)
                                               : outcome->credentials.session_token;
}

static bool read_reply(struct exchange *exchange, const struct http_response *response, struct outcome *outcome,
                       void *output, struct err *err)
{
    struct arena *found = arena_new();
    struct wire_budget budget = *exchange->budget;
    const struct aws_reply_options options = {
        .operation = exchange->operation,
        .is_json = exchange->service->target != NULL,
        .arena = found,
        .scratch = exchange->scratch,
        .budget = &budget,
        .secrets = { secret_of(exchange, outcome), outcome->presigned }
    };
    bool done = aws_reply_read(&options, response, output, &outcome->reply, err);
    judge(exchange, outcome->reply.verdict);
    if (!done) {
        arena_free(found);
        return false;
    }
    arena_merge(exchange->call->arena, found);
    *exchange->budget = budget;
    return true;
}

/* The little that is asked for once the attempt's memory is given back. */
static void keep(const struct exchange *exchange, struct outcome *outcome)
{
    const struct str access_key_id = outcome->credentials.access_key_id;
    outcome->had_token = !str_is_empty(outcome->credentials.session_token);
    outcome->credentials = (struct aws_credentials){ .access_key_id = str_copy(exchange->arena, access_key_id) };
    outcome->presigned = STR("");
    outcome->reply.request_id = str_copy(exchange->arena, outcome->reply.request_id);
}

static bool send_and_read(struct exchange *exchange, struct outcome *outcome, void *output, struct err *err)
{
    struct http_request request;
    struct http_response response;
    if (!build_request(exchange, &request, outcome, err))
        return false;
    bool done = send_request(exchange, &request, outcome, &response, err) &&
                read_reply(exchange, &response, outcome, output, err);
    log_attempt(exchange, outcome, done ? NULL : err);
    return done;
}

static bool try_once(struct exchange *exchange, struct outcome *outcome, void *output, struct err *err)
{
    CLEANUP(drop_arena) struct arena *scratch = arena_new();
    exchange->scratch = scratch;
    bool done = send_and_read(exchange, outcome, output, err);
    keep(exchange, outcome);
    exchange->scratch = NULL;
    return done;
}

/* All attempts. */

/* A mutating request must not be sent after the stop or the deadline. */
static bool may_send(const struct exchange *exchange, struct err *err)
{
    const struct aws_call *call = exchange->call;
    if (waiter_is_cancelled(call->waiter))
        return err_set(err, ERR_CANCELLED, "stopped before it was sent");
    if (call->deadline_ms != CLOCK_NEVER && waiter_now_ms(call->waiter) >= call->deadline_ms)
        return err_set(err, ERR_TIMEOUT, "no time was left to send it");
    return true;
}

static int64_t skew_change_ms(const struct exchange *exchange, const struct outcome *outcome)
{
    int64_t change = atomic_load(&exchange->call->client->skew_ms) - outcome->skew_used_ms;
    return change < 0 ? -change : change;
}

/* Signed with another time, it may be taken. */
static bool corrects_clock(const struct exchange *exchange, const struct outcome *outcome)
{
    return !exchange->call->client->no_skew_correction && skew_change_ms(exchange, outcome) > SKEW_SIGNIFICANT_MS;
}

static bool replace_credentials(struct exchange *exchange, const struct outcome *outcome)
{
    if (exchange->refreshed || is_unsigned(exchange))
        return false;
    aws_credentials_cache_drop(exchange->call->client->credentials, outcome->credentials.access_key_id);
    exchange->refreshed = true;
    return true;
}

/* A deadline tells nothing of what was wrong: what the attempt before was told does. */
static void recall(const struct exchange *exchange, const struct err *before, struct err *err)
{
    if (err->kind != ERR_TIMEOUT || before->kind == ERR_NONE)
        return;
    err_copy(err, before);
    err->kind = ERR_TIMEOUT;
    err_wrap(err, "no time was left to wait for the answer to attempt %d; the one before it", exchange->attempt);
}

/* Keeps what the last attempt said, its code above all. */
static bool give_up(struct err *err, enum err_kind kind, const char *why)
{
    err->kind = kind;
    return err_wrap(err, "%s", why);
}

static bool pause_before_next(const struct exchange *exchange, const struct outcome *outcome, struct err *err)
{
    const struct aws_call *call = exchange->call;
    uint32_t random;
    crypto_random(&random, sizeof(random));
    int64_t pause_ms =
        retry_pause_ms(exchange->attempt, outcome->reply.retry == AWS_RETRY_THROTTLED, outcome->hint_ms, random);
    int64_t until_ms = clock_after_ms(waiter_clock(call->waiter), pause_ms);
    if (until_ms >= call->deadline_ms)
        return give_up(err, ERR_TIMEOUT, "no time is left to repeat this");
    CLEANUP(err_clear) struct err stopped = { 0 };
    if (!waiter_pause(call->waiter, until_ms, &stopped))
        return give_up(err, stopped.kind, "stopped before this was repeated");
    return true;
}

/* True: another attempt is due, now. `err` is the last attempt's, and stays unless it says why there is none. */
static bool prepare_next(struct exchange *exchange, const struct outcome *outcome, struct err *err)
{
    const struct aws_client *client = exchange->call->client;
    if (outcome->reply.retry == AWS_RETRY_NEVER)
        return false;
    if (outcome->reply.retry == AWS_RETRY_CREDENTIALS)
        return replace_credentials(exchange, outcome) && may_send(exchange, err); /* not counted */
    if (outcome->reply.retry == AWS_RETRY_CLOCK && !corrects_clock(exchange, outcome))
        return false;
    if (outcome->reply.retry == AWS_RETRY_CLOCK && !exchange->set_clock) {
        exchange->set_clock = true; /* not counted either: a clock that jumped is no reason to be refused */
        return may_send(exchange, err);
    }
    int limit = client->max_attempts;
    if (outcome->reply.is_hopeless && limit > RETRY_ATTEMPTS_IF_HOPELESS)
        limit = RETRY_ATTEMPTS_IF_HOPELESS;
    if (exchange->attempt >= limit || !pause_before_next(exchange, outcome, err))
        return false;
    exchange->attempt++;
    return true;
}

/* AWS's rules give every Region a host of each variant; not all of them exist. */
static void explain_missing_variant(const struct exchange *exchange, struct err *err)
{
    const struct aws_client *client = exchange->call->client;
    const bool is_custom = !str_is_empty(client->endpoints[exchange->operation->service]);
    if (is_custom || !(client->use_fips || client->use_dualstack) || strcmp(err_code(err), HTTP_NO_SUCH_HOST) != 0)
        return;
    const char *argument = client->use_fips ? "use_fips_endpoint" : "use_dualstack_endpoint";
    err_add_remedy(err,
                   "AWS does not have %s endpoints of each service in each Region. If there is none for %s in %.*s, "
                   "set `%s` in `endpoints`, or do not set `%s`.",
                   client->use_fips ? "FIPS" : "dual-stack", exchange->service->name, STR_ARG(exchange->call->region),
                   exchange->service->name, argument);
}

/* IAM user guide, "IAM identifiers": AKIA is a user's key, ASIA a session's. AWS calls either mistake a key that it does
 * not know. */
static void explain_mismatched_token(const struct outcome *outcome, struct err *err)
{
    static const char *const codes[] = { "InvalidClientTokenId", "UnrecognizedClientException" };
    static const struct {
        const char *prefix;
        bool has_token;
        const char *advice;
    } mistakes[] = {
        { "ASIA", false,
         "The access key ID begins with ASIA: it belongs to a session, and its session token is missing. Set "
          "AWS_SESSION_TOKEN, aws_session_token in the profile, or `token`, beside the two keys." },
        { "AKIA", true,
         "The access key ID begins with AKIA: it belongs to a user and has no session token, but one is set beside "
          "it. Unset AWS_SESSION_TOKEN, aws_session_token in the profile, or `token`."            },
    };
    const bool is_unknown = strcmp(err_code(err), codes[0]) == 0 || strcmp(err_code(err), codes[1]) == 0;
    for (size_t i = 0; is_unknown && i < ARRAY_LENGTH(mistakes); i++)
        if (str_starts_with(outcome->credentials.access_key_id, str_from(mistakes[i].prefix)) &&
            outcome->had_token == mistakes[i].has_token)
            err_set_remedy(err, "%s", mistakes[i].advice);
}

static void complete_error(const struct exchange *exchange, const struct outcome *outcome, struct err *err)
{
    const struct aws_call *call = exchange->call;
    int64_t skew_ms = atomic_load(&call->client->skew_ms);
    err->unanswered = exchange->in_doubt;
    if (err_part(err, ERR_OPERATION)[0]) /* of the call that was to bring the credentials */
        return;
    explain_missing_variant(exchange, err);
    explain_mismatched_token(outcome, err);
    aws_error_put(err, ERR_OPERATION, str_from(exchange->operation->name));
    aws_error_put(err, ERR_REGION, call->region);
    aws_error_put(err, ERR_ACCOUNT, call->account);
    aws_error_put(err, ERR_REQUEST_ID, outcome->reply.request_id);
    if (outcome->reply.retry == AWS_RETRY_CLOCK && (skew_ms > SKEW_SIGNIFICANT_MS || skew_ms < -SKEW_SIGNIFICANT_MS))
        err_wrap(err, "this machine's clock is %lld s %s AWS's",
                 (long long)(skew_ms < 0 ? -skew_ms : skew_ms) / SECOND_MS, skew_ms < 0 ? "ahead of" : "behind");
}

static bool run_attempts(struct exchange *exchange, void *output, struct err *err)
{
    CLEANUP(err_clear) struct err before = { 0 };
    for (;; err_copy(&before, err)) {
        struct outcome outcome = { .hint_ms = RETRY_NO_HINT };
        if (try_once(exchange, &outcome, output, err)) {
            if (before.kind != ERR_NONE)
                err_clear(err); /* of the attempts before */
            if (exchange->call->request_id)
                *exchange->call->request_id = str_copy(exchange->call->arena, outcome.reply.request_id);
            return true;
        }
        recall(exchange, &before, err);
        if (!prepare_next(exchange, &outcome, err)) {
            complete_error(exchange, &outcome, err);
            return false;
        }
    }
}

bool aws_client_call(const struct aws_call *call, const struct aws_operation *operation, const void *input,
                     void *output, struct err *err)
{
    CLEANUP(drop_arena) struct arena *arena = arena_new();
    struct wire_budget own = wire_budget_full();
    struct exchange exchange = { .call = call,
                                 .operation = operation,
                                 .input = input,
                                 .service = &services[operation->service],
                                 .arena = arena,
                                 .budget = call->budget ? call->budget : &own,
                                 .invocation_id = crypto_uuid(arena),
                                 .attempt = 1 };
    if (!find_url(&exchange, err) || !write_body(&exchange, input, err) || !may_send(&exchange, err)) {
        complete_error(&exchange, &(struct outcome){ 0 }, err);
        return false;
    }
    return run_attempts(&exchange, output, err);
}
