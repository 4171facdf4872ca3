/* SPDX-License-Identifier: MPL-2.0
 *
 * The endpoint that a container gets its credentials from: ECS, EKS Pod Identity, Greengrass. Without TLS only this
 * machine and the addresses of those services are asked, since the request carries a token. aws-sdk-go-v2
 * resolves a host name to find that out; the address that it connects to may be another one. Here "localhost" is the
 * only name that may be asked without TLS, as in botocore.
 */
#include <arpa/inet.h>
#include <string.h>

#include "aws/credentials/ask.h"
#include "aws/credentials/document.h"
#include "aws/credentials/sources.h"
#include "aws/http/url.h"
#include "aws/wire/json.h"

#define ECS_HOST "169.254.170.2"

enum { LIMIT_MS = 2 * SECOND_MS, ATTEMPTS = 3, TOKEN_MAX_BYTES = 64 * 1024 };

static const char whom[] = "the container's credentials endpoint";
static const char relative_name[] = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
static const char full_name[] = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
static const char token_name[] = "AWS_CONTAINER_AUTHORIZATION_TOKEN";
static const char token_file_name[] = "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE";

/* ---- Where ----------------------------------------------------------------- */

static bool is_address(int family, const char *host, const char *wanted)
{
    unsigned char a[sizeof(struct in6_addr)] = { 0 };
    unsigned char b[sizeof(struct in6_addr)] = { 0 };
    return inet_pton(family, host, a) == 1 && inet_pton(family, wanted, b) == 1 && memcmp(a, b, sizeof(a)) == 0;
}

static bool is_loopback_v4(const char *host)
{
    unsigned char bytes[sizeof(struct in_addr)];
    return inet_pton(AF_INET, host, bytes) == 1 && bytes[0] == 127;
}

static bool is_this_machine(struct arena *arena, struct str host)
{
    const char *text = str_c(arena, host);
    return str_equal_ignore_case(host, STR("localhost")) || is_loopback_v4(text) || is_address(AF_INET6, text, "::1");
}

static bool may_be_asked_without_tls(struct arena *arena, struct str host)
{
    const char *text = str_c(arena, host);
    return is_this_machine(arena, host) || is_address(AF_INET, text, ECS_HOST) ||
           is_address(AF_INET, text, "169.254.170.23") || is_address(AF_INET6, text, "fd00:ec2::23");
}

/* Without its value: the path may be as good as a key. */
static bool refuse_setting(struct err *err, const char *name, const char *wanted, const char *remedy)
{
    err_set(err, ERR_INVALID, "%s is not %s", name, wanted);
    err_set_remedy(err, "%s", remedy);
    return false;
}

static bool check_full(struct arena *arena, struct str url, struct err *err)
{
    struct str host, port;
    const bool is_tls = str_starts_with(url, STR("https://"));
    if ((!is_tls && !str_starts_with(url, STR("http://"))) || str_find_char(url, '@') >= 0 ||
        str_find_char(url, '#') >= 0 || !http_host_and_port(arena, url, &host, &port))
        return refuse_setting(err, full_name, "an https or http URL without user and fragment",
                              "Write it like http://127.0.0.1:9911/path.");
    if (is_tls || may_be_asked_without_tls(arena, host))
        return true;
    const struct str shown = str_printable(arena, host);
    err_set(err, ERR_INVALID, "%s names the host \"%.*s\", which is not asked for credentials without TLS", full_name,
            STR_ARG(shown));
    err_set_remedy(err, "Use https. With http the host is localhost, an address of this machine (127.0.0.0/8, ::1) or "
                        "one of the container services: " ECS_HOST ", 169.254.170.23, fd00:ec2::23.");
    return false;
}

/* A text that would lead to another host is refused. */
static bool join_relative(struct arena *arena, struct str path, struct str *out, struct err *err)
{
    struct str host, port;
    *out = str_format(arena, "http://" ECS_HOST "%.*s", STR_ARG(path));
    return (str_starts_with(path, STR("/")) && http_host_and_port(arena, *out, &host, &port) &&
            str_equal(host, STR(ECS_HOST))) ||
           refuse_setting(
               err, relative_name, "a path that begins with /",
               "ECS sets it to a path of its own. A whole URL belongs into AWS_CONTAINER_CREDENTIALS_FULL_URI.");
}

static bool find_url(const struct env *env, struct arena *arena, struct str *out, const char **out_name,
                     struct err *err)
{
    struct str text;
    *out_name = relative_name;
    if (env_find(env, relative_name, &text))
        return join_relative(arena, text, out, err);
    *out_name = full_name;
    if (env_find(env, full_name, out))
        return check_full(arena, *out, err);
    return err_set(err, ERR_NOT_FOUND, "container: %s and %s are not set", relative_name, full_name);
}

/* ---- With what ------------------------------------------------------------- */

static bool read_token_file(const struct aws_credentials_doors *doors, struct arena *arena, struct str path,
                            struct str *out, struct err *err)
{
    if (file_read(doors->reader, arena, path, TOKEN_MAX_BYTES, out, err))
        return true;
    if (err->kind == ERR_NOT_FOUND)
        err->kind = ERR_INVALID; /* a chain must not go on to the next source */
    return err_wrap(err, "reading the token of %s", token_file_name);
}

/* It goes into a header line. A line break at its end is the file's. */
static bool check_token(struct str token, const char *name, struct err *err)
{
    if (str_is_empty(token))
        return err_set(err, ERR_INVALID, "the token of %s is empty", name);
    return http_is_header_value(token) ||
           err_set(err, ERR_INVALID,
                   "the token of %s contains a line break, another control character or one that is not ASCII", name);
}

/* Empty: none is to be sent. */
static bool find_token(const struct aws_credentials_doors *doors, struct arena *arena, struct str *out, struct err *err)
{
    struct str path;
    const char *name = token_file_name;
    *out = STR("");
    if (env_find(doors->env, token_file_name, &path)) {
        if (!read_token_file(doors, arena, path, out, err))
            return false;
    } else {
        name = token_name;
        if (!env_find(doors->env, token_name, out))
            return true;
    }
    *out = str_trim(*out);
    return check_token(*out, name, err);
}

/* ---- The answer ------------------------------------------------------------ */

struct refusal {
    struct str code, message;
};

static const struct wire_row refusal_rows[] = {
    WIRE_BOTH(struct refusal, code, "code"),
    WIRE_BOTH(struct refusal, message, "message"),
    WIRE_END,
};

static bool refuse(struct arena *arena, const char *name, const struct http_response *answer, struct err *err)
{
    const struct wire_json shape = { .rows = refusal_rows, .out_size = sizeof(struct refusal) };
    struct refusal refusal = { 0 };
    CLEANUP(err_clear) struct err ignored = { 0 }; /* what is no JSON is not shown */
    struct str said = STR("");
    if (wire_json_read(arena, answer->body, &shape, &refusal, &ignored))
        said = document_refusal(arena, refusal.code, refusal.message);
    const bool is_denied = answer->status == HTTP_UNAUTHORIZED || answer->status == HTTP_FORBIDDEN;
    const bool is_elsewhere = answer->status / 100 == 3;
    err_set(err, is_denied ? ERR_DENIED : ERR_IO, "%s of %s answered with HTTP status %d%s%s%.*s", whom, name,
            answer->status, is_elsewhere ? ", a redirect, which the provider does not follow" : "",
            said.len ? ": " : "", STR_ARG(said));
    if (is_denied)
        err_set_remedy(err, "Check that %s or %s gives the token that the endpoint expects, and %s.", token_file_name,
                       token_name,
                       name == relative_name ? "the role of the ECS task (taskRoleArn in the task definition)"
                                             : "on EKS the Pod Identity association of the service account and the "
                                               "trust policy of its role (pods.eks.amazonaws.com)");
    return false;
}

static bool refuse_silence(struct arena *arena, const char *name, struct str url, struct err *err)
{
    struct str host, port;
    const bool is_here = http_host_and_port(arena, url, &host, &port) && is_this_machine(arena, host);
    if (name == full_name && strcmp(err_code(err), HTTP_CONNECTION_REFUSED) == 0)
        err_set_remedy(err, "Nobody listens there. %s",
                       is_here ? "Start the program that gives out keys at this address again, such as aws-vault exec "
                                 "--server, and run Terraform with the variables that it sets."
                               : "Is the EKS Pod Identity Agent running on this node (kubectl get daemonset "
                                 "eks-pod-identity-agent --namespace kube-system)?");
    return err_wrap(err, "%s", name);
}

static bool container_fetch(void *self, const struct aws_credentials_call *call, struct aws_credentials *out,
                            struct err *err)
{
    const struct aws_credentials_doors *doors = self;
    struct http_header headers[2] = {
        { STR("Accept"), STR("application/json") }
    };
    struct ask_question question = {
        .whom = whom,
        .request = { .method = STR("GET"),
                    .headers = headers,
                    .header_count = 1,
                    .connect_timeout_ms = LIMIT_MS,
                    .timeout_ms = LIMIT_MS },
        .attempts = ATTEMPTS,
    };
    const char *name;
    struct str token;
    struct http_response answer;
    struct credentials_document document = { 0 };
    if (!find_url(doors->env, call->arena, &question.request.url, &name, err) ||
        !find_token(doors, call->arena, &token, err))
        return false;
    question.request.is_direct = str_starts_with(question.request.url, STR("http:"));
    if (!str_is_empty(token))
        headers[question.request.header_count++] = (struct http_header){ STR("Authorization"), token };
    if (!ask(doors, call, &question, &answer, err))
        return refuse_silence(call->arena, name, question.request.url, err);
    if (answer.status != HTTP_OK)
        return refuse(call->arena, name, &answer, err);
    const char *source = str_format(call->arena, "%s (%s)", whom, name).ptr;
    if (!document_read(call->arena, answer.body, DOCUMENT_OF_CONTAINER, &document, err))
        return err_wrap(err, "%s", source);
    return document_take(&document, DOCUMENT_OF_CONTAINER, "container", source, out, err);
}

struct aws_credentials_source aws_credentials_container(const struct aws_credentials_doors *doors)
{
    return (struct aws_credentials_source){ .fetch = container_fetch, .self = (void *)doors };
}
