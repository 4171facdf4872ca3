/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/credentials/metadata.h"

#include "aws/credentials/ask.h"
#include "aws/http/url.h"

/* Off EC2 two requests find nobody, the one for a token and the one without: that is a second. */
enum { CONNECT_LIMIT_MS = SECOND_MS / 2, ANSWER_LIMIT_MS = SECOND_MS };
enum { ATTEMPTS = 3, TOKEN_MAX_BYTES = 1024 };

static const char whom[] = "the EC2 metadata service";

/* ---- Settings -------------------------------------------------------------- */

struct setting {
    const char *variable, *older_variable; /* the older one may be NULL */
    const char *key;                       /* of the profile */
    const char *argument;                  /* of the provider block, for messages */
};

static const struct setting endpoint_setting = { "AWS_EC2_METADATA_SERVICE_ENDPOINT", "AWS_METADATA_URL",
                                                 "ec2_metadata_service_endpoint", "`ec2_metadata_service_endpoint`" };
static const struct setting mode_setting = { "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", NULL,
                                             "ec2_metadata_service_endpoint_mode",
                                             "`ec2_metadata_service_endpoint_mode`" };
static const struct setting v1_setting = { "AWS_EC2_METADATA_V1_DISABLED", NULL, "ec2_metadata_v1_disabled", NULL };

/* `argument`, else the environment's, else the profile's. `out_name` is of what set it. */
static bool find(const struct metadata_options *options, struct arena *arena, const struct setting *setting,
                 struct str argument, struct str *out, const char **out_name)
{
    const struct env *env = options->doors->env;
    *out = argument;
    *out_name = setting->argument;
    if (!str_is_empty(argument))
        return true;
    *out_name = setting->variable;
    if (env_find(env, setting->variable, out))
        return true;
    *out_name = setting->older_variable;
    if (setting->older_variable && env_find(env, setting->older_variable, out))
        return true;
    if (!options->files || !aws_profile_get(options->files, options->profile, setting->key, out))
        return false;
    *out_name = aws_profile_key_label(options->files, arena, options->profile, setting->key);
    return true;
}

static bool check_is_on(const struct aws_credentials_doors *doors, struct err *err)
{
    static const char variable[] = "AWS_EC2_METADATA_DISABLED";
    const char *by = NULL;
    if (doors->metadata_switch == AWS_METADATA_OFF)
        by = "`skip_metadata_api_check`";
    else if (doors->metadata_switch == AWS_METADATA_AS_ENVIRONMENT &&
             str_equal_ignore_case(env_get(doors->env, variable, STR("")), STR("true")))
        by = variable;
    return !by || err_set(err, ERR_NOT_FOUND, "EC2 metadata: switched off by %s", by);
}

/* An address goes before a mode. */
static bool find_address(const struct metadata_options *options, struct arena *arena, struct str *out, struct err *err)
{
    const struct aws_credentials_doors *doors = options->doors;
    const char *name;
    struct str text;
    if (find(options, arena, &endpoint_setting, doors->metadata_endpoint, &text, &name)) {
        if (!http_endpoint_check(text, err))
            return err_wrap(err, "%s", name);
        *out = str_ends_with(text, STR("/")) ? str_slice(text, 0, text.len - 1) : text;
        return true;
    }
    *out = STR("http://169.254.169.254");
    if (!find(options, arena, &mode_setting, doors->metadata_mode, &text, &name) ||
        str_equal_ignore_case(text, STR("IPv4")))
        return true;
    *out = STR("http://[fd00:ec2::254]");
    if (str_equal_ignore_case(text, STR("IPv6")))
        return true;
    const struct str shown = str_printable(arena, text);
    return err_set(err, ERR_INVALID, "%s is \"%.*s\", neither \"IPv4\" nor \"IPv6\"", name, STR_ARG(shown));
}

/* ---- What goes wrong ------------------------------------------------------- */

/* The answer to the request for a token makes as many hops as the instance allows; other answers do not count hops. */
static void advise_hops(struct err *err)
{
    err_set_remedy(err,
                   "The service's answer to the request for a token did not arrive. In a container on the instance it "
                   "needs one hop more than the instance allows: raise the hop limit to 2: aws ec2 "
                   "modify-instance-metadata-options --http-put-response-hop-limit 2 --instance-id INSTANCE");
}

static bool refuse_silence(const struct metadata *metadata, struct err *err)
{
    const long long tried_ms = (long long)(waiter_now_ms(metadata->call->waiter) - metadata->begun_ms);
    const char *by = metadata->v1_is_off_by;
    err_set(err, ERR_NOT_FOUND, "EC2 metadata: nothing answers at %.*s (tried for %lld ms%s%s%s)",
            STR_ARG(metadata->address), tried_ms, by ? "; a request without a token, IMDSv1, is switched off by " : "",
            by ? by : "", by ? "; in a container, the instance's hop limit may be too low" : "");
    if (by)
        advise_hops(err);
    return false;
}

static bool refuse_without_token(const struct metadata *metadata, struct err *err)
{
    err_set(err, ERR_DENIED, "%s at %.*s gave no token (%s), and requests without one (IMDSv1) are switched off by %s",
            whom, STR_ARG(metadata->address), metadata->no_token, metadata->v1_is_off_by);
    if (metadata->is_token_unanswered)
        advise_hops(err);
    return false;
}

static bool refuse_status(const struct metadata *metadata, struct str path, int status, struct err *err)
{
    const bool is_denied = status == HTTP_UNAUTHORIZED || status == HTTP_FORBIDDEN;
    err_set(err, is_denied ? ERR_DENIED : ERR_IO, "%s at %.*s answered %.*s with HTTP status %d%s%s", whom,
            STR_ARG(metadata->address), STR_ARG(path), status, metadata->no_token ? "; it had given no token: " : "",
            metadata->no_token ? metadata->no_token : "");
    if (status == HTTP_UNAUTHORIZED && metadata->is_token_unanswered)
        advise_hops(err);
    else if (status == HTTP_FORBIDDEN)
        err_set_remedy(err, "The instance's metadata may be switched off (aws ec2 modify-instance-metadata-options "
                            "--http-endpoint enabled --instance-id INSTANCE switches it on). If the role of the "
                            "instance is not meant, name other credentials, by AWS_PROFILE for example.");
    return false;
}

/* ---- The token ------------------------------------------------------------- */

static bool is_token(struct str text)
{
    return text.len && text.len <= TOKEN_MAX_BYTES && http_is_header_word(text);
}

static struct http_request request_for(const struct metadata *metadata, const char *method, struct str path,
                                       const struct http_header *header)
{
    return (struct http_request){
        .method = str_from(method),
        .url = str_format(metadata->call->arena, "%.*s%.*s", STR_ARG(metadata->address), STR_ARG(path)),
        .headers = header,
        .header_count = header ? 1 : 0,
        .is_direct = true,
        .connect_timeout_ms = CONNECT_LIMIT_MS,
        .timeout_ms = ANSWER_LIMIT_MS,
    };
}

static bool take_token(struct metadata *metadata, const struct http_response *answer, struct err *err)
{
    struct arena *arena = metadata->call->arena;
    metadata->is_token_unanswered = false;
    if (answer->status == HTTP_OK) {
        metadata->no_token = NULL;
        metadata->token = str_trim(answer->body);
        return is_token(metadata->token) ||
               err_set(err, ERR_IO, "what %s at %.*s gave as a token is not one", whom, STR_ARG(metadata->address));
    }
    metadata->no_token = str_format(arena, "HTTP status %d", answer->status).ptr;
    if (answer->status == HTTP_BAD_REQUEST)
        return refuse_status(metadata, STR("the request for a token"), HTTP_BAD_REQUEST, err);
    return !metadata->v1_is_off_by || refuse_without_token(metadata, err);
}

static bool go_on_unanswered(struct metadata *metadata, struct err *err)
{
    metadata->is_token_unanswered = true;
    metadata->no_token = "no answer";
    if (!metadata->v1_is_off_by)
        return true;
    return metadata->is_token_renewed ? refuse_without_token(metadata, err) : refuse_silence(metadata, err);
}

/* True without a token: the data may be asked for without. */
static bool get_token(struct metadata *metadata, struct err *err)
{
    const bool is_only_request = metadata->v1_is_off_by != NULL;
    const bool is_first_look = is_only_request && !metadata->is_expected;
    const struct http_header seconds = { STR("X-aws-ec2-metadata-token-ttl-seconds"), STR("21600") };
    const struct ask_question question = { .whom = whom,
                                           .request = request_for(metadata, "PUT", STR("/latest/api/token"), &seconds),
                                           .attempts = is_first_look ? ATTEMPTS - 1 : ATTEMPTS,
                                           .may_be_nobody = !is_only_request && !metadata->is_expected };
    struct http_response answer;
    CLEANUP(err_clear) struct err failure = { 0 };
    metadata->token = STR("");
    metadata->may_be_nobody = !ask(metadata->doors, metadata->call, &question, &answer, &failure);
    if (!metadata->may_be_nobody)
        return take_token(metadata, &answer, err);
    if (failure.kind != ERR_IO) {
        err_move(err, &failure);
        return false;
    }
    log_write(metadata->call->log, LOG_DEBUG, NULL, "no token: %s", err_text(&failure));
    return go_on_unanswered(metadata, err);
}

bool metadata_open(const struct metadata_options *options, const struct aws_credentials_call *call,
                   struct metadata *out, struct err *err)
{
    const char *name;
    struct str text;
    *out = (struct metadata){ .doors = options->doors,
                              .call = call,
                              .is_expected = options->is_expected,
                              .begun_ms = waiter_now_ms(call->waiter) };
    if (!check_is_on(options->doors, err) || !find_address(options, call->arena, &out->address, err))
        return false;
    if (find(options, call->arena, &v1_setting, STR(""), &text, &name) && str_equal_ignore_case(text, STR("true")))
        out->v1_is_off_by = name;
    return get_token(out, err);
}

/* ---- The data -------------------------------------------------------------- */

static bool get_once(struct metadata *metadata, struct str path, struct http_response *out, struct err *err)
{
    const struct http_header token = { STR("X-aws-ec2-metadata-token"), metadata->token };
    const struct ask_question question = {
        .whom = whom,
        .request = request_for(metadata, "GET", path, str_is_empty(metadata->token) ? NULL : &token),
        .attempts = ATTEMPTS,
        .may_be_nobody = metadata->may_be_nobody && !metadata->is_expected,
    };
    CLEANUP(err_clear) struct err failure = { 0 };
    if (ask(metadata->doors, metadata->call, &question, out, &failure)) {
        metadata->may_be_nobody = false;
        return true;
    }
    if (failure.kind == ERR_IO && metadata->may_be_nobody) {
        log_write(metadata->call->log, LOG_DEBUG, NULL, "no EC2 metadata: %s", err_text(&failure));
        return refuse_silence(metadata, err);
    }
    err_move(err, &failure);
    return false;
}

/* The token may have ended, or the service may take none but newer ones. Once. */
static bool get_again(struct metadata *metadata, struct str path, struct http_response *out, struct err *err)
{
    metadata->is_token_renewed = true;
    if (!get_token(metadata, err))
        return false;
    return str_is_empty(metadata->token) || get_once(metadata, path, out, err);
}

bool metadata_get(struct metadata *metadata, struct str path, struct http_response *out, struct err *err)
{
    struct http_response answer;
    if (!get_once(metadata, path, &answer, err))
        return false;
    if (answer.status == HTTP_UNAUTHORIZED && !metadata->is_token_renewed && !get_again(metadata, path, &answer, err))
        return false;
    if (answer.status != HTTP_OK && answer.status != HTTP_NOT_FOUND)
        return refuse_status(metadata, path, answer.status, err);
    *out = answer;
    return true;
}
