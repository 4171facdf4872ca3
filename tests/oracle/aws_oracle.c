/* SPDX-License-Identifier: MPL-2.0
 *
 * Our side of the comparison with botocore: makes the calls that it reads from
 * stdin, through the whole client, and writes the requests that would go out.
 * Values go both ways as netstrings ("3:abc,"). Commands:
 *
 *   sign  METHOD URL BODY KEY SECRET TOKEN REGION SERVICE WALL_MS N (NAME VALUE)*N
 *         -> canonical request, string to sign, signature, Authorization
 *   call  OPERATION WALL_MS N (NAME VALUE)*N
 *         -> URL, body, M, (NAME VALUE)*M of the headers
 *   decide POLICY ACCOUNT CALLER_ARN ACTION RESOURCE own|key N (KEY VALUE)*N
 *         -> the verdict of that policy; a KEY with an empty VALUE is absent
 *   endpoint SERVICE REGION FIPS DUALSTACK
 *         -> URL, signing Region, partition; the first is "!" and the error where there is none
 *   split COMMAND_LINE
 *         -> "words", N, the words; or "refused"
 *   configured CONFIG PROFILE SERVICE N (NAME VALUE)*N
 *         -> the endpoint that the environment (the pairs) and a profile of that config file set; empty: none
 *   direct URL NO_PROXY
 *         -> "direct" or "proxy"
 *   profile WORLD PROFILE N (KEY)*N
 *         -> "yes" or "no": the profile exists; its access key, secret key and
 *            token; the values of the keys, empty for none
 *   services WORLD SECTION SERVICE KEY
 *         -> the value, empty for none
 *   resolve WORLD PROFILE N (ROLE_ARN CODE)*N M (URL STATUS BODY)*M
 *         -> the credentials of the chain, and the calls that were made for them
 *            (credentials_oracle.c says how)
 *
 * A WORLD is N (NAME VALUE)*N of the environment, M (PATH TEXT)*M of the files.
 *
 * In a call, a NAME that comes several times is a list; a tag is NAME "tag" with
 * "key=value"; "region", "endpoint" and "token" say how the client is configured.
 * The exit code is 1 for anything that is not understood.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/call/client.h"
#include "aws/call/sigv4.h"
#include "aws/credentials/config/endpoint.h"
#include "aws/credentials/profile/command_line.h"
#include "aws/endpoint.h"
#include "aws/http/proxy.h"
#include "aws/kms.h"
#include "aws/policy/decision.h"
#include "aws/rds.h"
#include "aws/sts.h"
#include "tests/oracle/oracle.h"
#include "tests/support/fake_files.h"
#include "tests/support/fake_transport.h"

DEFINE_CLEANUP(drop_arena, struct arena *, arena_free)

enum { VALUE_MAX_BYTES = 1024 * 1024, ARGUMENTS_MAX = 256 };

static const char access_key[] = "AKIDEXAMPLE";
static const char secret_key[] = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
static const char session_token[] = "a/session+token==";

void complain(const char *what)
{
    fprintf(stderr, "aws_oracle: %s\n", what);
    exit(1);
}

/* False at the end of the input. */
static bool read_value(struct arena *arena, struct str *out)
{
    char digits[20];
    size_t count = 0;
    int character;
    while ((character = getchar()) >= '0' && character <= '9' && count < sizeof(digits))
        digits[count++] = (char)character;
    if (character == EOF && !count)
        return false;
    int64_t number = 0;
    if (character != ':' || !str_to_int64((struct str){ digits, count }, &number) || number > VALUE_MAX_BYTES)
        complain("not a netstring");
    size_t length = (size_t)number;
    char *bytes = arena_alloc(arena, length + 1);
    if (fread(bytes, 1, length, stdin) != length || getchar() != ',')
        complain("a netstring that is cut");
    *out = (struct str){ bytes, length };
    return true;
}

struct str must_read(struct arena *arena)
{
    struct str value;
    if (!read_value(arena, &value))
        complain("a command that is cut");
    return value;
}

int64_t must_read_number(struct arena *arena)
{
    int64_t number;
    if (!str_to_int64(must_read(arena), &number))
        complain("not a number");
    return number;
}

void write_value(struct str value)
{
    fprintf(stdout, "%zu:", value.len);
    if (value.len)
        fwrite(value.ptr, 1, value.len, stdout);
    fputc(',', stdout);
}

void write_count(struct arena *arena, size_t count)
{
    write_value(str_format(arena, "%zu", count));
}

struct http_header *read_pairs(struct arena *arena, size_t *out_count)
{
    int64_t count = must_read_number(arena);
    if (count < 0 || count > ARGUMENTS_MAX)
        complain("too many values");
    struct http_header *pairs = arena_array(arena, (size_t)count, sizeof(*pairs));
    for (int64_t i = 0; i < count; i++) {
        pairs[i].name = must_read(arena);
        pairs[i].value = must_read(arena);
    }
    *out_count = (size_t)count;
    return pairs;
}

static void sign(struct arena *arena)
{
    struct http_request request = { .method = must_read(arena) };
    request.url = must_read(arena);
    request.body = must_read(arena);
    struct sigv4_key key = { .access_key_id = must_read(arena) };
    key.secret_access_key = must_read(arena);
    key.session_token = must_read(arena);
    key.region = must_read(arena);
    key.service = must_read(arena);
    key.wall_ms = must_read_number(arena);
    request.headers = read_pairs(arena, &request.header_count);
    struct sigv4_result result;
    CLEANUP(err_clear) struct err err = { 0 };
    if (!sigv4_sign(arena, &request, &key, &result, &err))
        complain(err_text(&err));
    write_value(result.canonical_request);
    write_value(result.string_to_sign);
    write_value(result.signature);
    write_value(http_header_find(result.headers, result.header_count, STR("authorization")));
}

/* Arguments of a call. */

struct arguments {
    struct arena *arena;
    struct http_header *pairs;
    size_t count;
};

static struct str text_of(const struct arguments *arguments, const char *name)
{
    return http_header_find(arguments->pairs, arguments->count, str_from(name));
}

/* How the client is configured; an empty value counts. */
static struct str setting_of(const struct arguments *arguments, const char *name, const char *otherwise)
{
    for (size_t i = 0; i < arguments->count; i++)
        if (str_equal(arguments->pairs[i].name, str_from(name)))
            return arguments->pairs[i].value;
    return str_from(otherwise);
}

static struct wire_strings strings_of(const struct arguments *arguments, const char *name)
{
    struct wire_strings list = { .items = arena_array(arguments->arena, arguments->count, sizeof(struct str)) };
    for (size_t i = 0; i < arguments->count; i++)
        if (str_equal(arguments->pairs[i].name, str_from(name)))
            list.items[list.count++] = arguments->pairs[i].value;
    return list;
}

static struct aws_tags tags_of(const struct arguments *arguments)
{
    struct wire_strings texts = strings_of(arguments, "tag");
    struct aws_tags tags = { .items = arena_array(arguments->arena, texts.count, sizeof(struct aws_tag)) };
    for (size_t i = 0; i < texts.count; i++) {
        ptrdiff_t equals = str_find_char(texts.items[i], '=');
        if (equals < 0)
            complain("a tag without =");
        tags.items[tags.count++] =
            (struct aws_tag){ .key = str_slice(texts.items[i], 0, (size_t)equals),
                              .value = str_slice(texts.items[i], (size_t)equals + 1, texts.items[i].len) };
    }
    return tags;
}

static enum rds_kind kind_of(struct str operation)
{
    return str_find(operation, STR("Cluster")) >= 0 ? RDS_CLUSTER : RDS_INSTANCE;
}

/* The calls: what they answer does not matter here. */

typedef bool call_fn(const struct aws_call *call, struct str operation, const struct arguments *arguments,
                     struct err *err);

static bool call_copy(const struct aws_call *call, struct str operation, const struct arguments *arguments,
                      struct err *err)
{
    struct rds_snapshot ignored;
    struct str flag = text_of(arguments, "copy_option_group");
    const struct rds_copy_options options = {
        .source = text_of(arguments, "source"),
        .target = text_of(arguments, "target"),
        .kms_key_id = text_of(arguments, "kms_key_id"),
        .tags = tags_of(arguments),
        .option_group_name = text_of(arguments, "option_group_name"),
        .copy_option_group = { .present = flag.len > 0, .value = str_equal(flag, STR("true")) },
        .target_custom_availability_zone = text_of(arguments, "target_custom_availability_zone"),
        .presign_region = text_of(arguments, "source_region"),
    };
    return rds_copy_snapshot(call, kind_of(operation), &options, &ignored, err);
}

static bool call_describe(const struct aws_call *call, struct str operation, const struct arguments *arguments,
                          struct err *err)
{
    struct rds_snapshot ignored;
    return rds_describe_snapshot(call, kind_of(operation), text_of(arguments, "id"), &ignored, err);
}

static bool call_delete(const struct aws_call *call, struct str operation, const struct arguments *arguments,
                        struct err *err)
{
    return rds_delete_snapshot(call, kind_of(operation), text_of(arguments, "id"), err);
}

static bool call_describe_shares(const struct aws_call *call, struct str operation, const struct arguments *arguments,
                                 struct err *err)
{
    struct wire_strings ignored;
    return rds_describe_shares(call, kind_of(operation), text_of(arguments, "id"), &ignored, err);
}

static bool call_modify_shares(const struct aws_call *call, struct str operation, const struct arguments *arguments,
                               struct err *err)
{
    return rds_modify_shares(call, kind_of(operation), text_of(arguments, "id"), strings_of(arguments, "add"),
                             strings_of(arguments, "remove"), err);
}

static bool call_list_tags(const struct aws_call *call, struct str operation, const struct arguments *arguments,
                           struct err *err)
{
    struct aws_tags ignored;
    (void)operation;
    return rds_list_tags(call, text_of(arguments, "arn"), &ignored, err);
}

static bool call_add_tags(const struct aws_call *call, struct str operation, const struct arguments *arguments,
                          struct err *err)
{
    (void)operation;
    return rds_add_tags(call, text_of(arguments, "arn"), tags_of(arguments), err);
}

static bool call_remove_tags(const struct aws_call *call, struct str operation, const struct arguments *arguments,
                             struct err *err)
{
    (void)operation;
    return rds_remove_tags(call, text_of(arguments, "arn"), strings_of(arguments, "key"), err);
}

static bool call_events(const struct aws_call *call, struct str operation, const struct arguments *arguments,
                        struct err *err)
{
    struct rds_events ignored;
    (void)operation;
    enum rds_kind kind = str_equal(text_of(arguments, "kind"), STR("cluster")) ? RDS_CLUSTER : RDS_INSTANCE;
    return rds_describe_events(call, kind, text_of(arguments, "id"), &ignored, err);
}

static bool call_quotas(const struct aws_call *call, struct str operation, const struct arguments *arguments,
                        struct err *err)
{
    struct rds_quotas ignored;
    (void)operation, (void)arguments;
    return rds_describe_quotas(call, &ignored, err);
}

static bool call_describe_key(const struct aws_call *call, struct str operation, const struct arguments *arguments,
                              struct err *err)
{
    struct kms_key ignored;
    (void)operation;
    return kms_describe_key(call, text_of(arguments, "key"), &ignored, err);
}

static bool call_key_policy(const struct aws_call *call, struct str operation, const struct arguments *arguments,
                            struct err *err)
{
    struct str ignored;
    (void)operation;
    return kms_get_key_policy(call, text_of(arguments, "key"), &ignored, err);
}

static bool call_grants(const struct aws_call *call, struct str operation, const struct arguments *arguments,
                        struct err *err)
{
    struct kms_grants ignored;
    (void)operation;
    return kms_list_grants(call, text_of(arguments, "key"), &ignored, err);
}

static bool call_identity(const struct aws_call *call, struct str operation, const struct arguments *arguments,
                          struct err *err)
{
    struct sts_identity ignored;
    (void)operation, (void)arguments;
    return sts_get_caller_identity(call, &ignored, err);
}

static bool call_assume_role(const struct aws_call *call, struct str operation, const struct arguments *arguments,
                             struct err *err)
{
    struct sts_credentials ignored;
    struct sts_assume_role_options options = {
        .role_arn = text_of(arguments, "role_arn"),
        .session_name = text_of(arguments, "session_name"),
        .external_id = text_of(arguments, "external_id"),
        .policy = text_of(arguments, "policy"),
        .source_identity = text_of(arguments, "source_identity"),
        .policy_arns = strings_of(arguments, "policy_arn"),
        .tags = tags_of(arguments),
        .transitive_tag_keys = strings_of(arguments, "transitive_tag_key"),
        .web_identity_token = text_of(arguments, "web_identity_token"),
    };
    (void)operation;
    options.duration_seconds.present =
        str_to_int64(text_of(arguments, "duration_seconds"), &options.duration_seconds.value);
    return sts_assume_role(call, &options, &ignored, err);
}

static const struct call_row {
    const char *operation;
    call_fn *run;
} calls[] = {
    { "CopyDBClusterSnapshot",               call_copy            },
    { "CopyDBSnapshot",                      call_copy            },
    { "DescribeDBClusterSnapshots",          call_describe        },
    { "DescribeDBSnapshots",                 call_describe        },
    { "DeleteDBClusterSnapshot",             call_delete          },
    { "DeleteDBSnapshot",                    call_delete          },
    { "DescribeDBClusterSnapshotAttributes", call_describe_shares },
    { "DescribeDBSnapshotAttributes",        call_describe_shares },
    { "ModifyDBClusterSnapshotAttribute",    call_modify_shares   },
    { "ModifyDBSnapshotAttribute",           call_modify_shares   },
    { "ListTagsForResource",                 call_list_tags       },
    { "AddTagsToResource",                   call_add_tags        },
    { "RemoveTagsFromResource",              call_remove_tags     },
    { "DescribeEvents",                      call_events          },
    { "DescribeAccountAttributes",           call_quotas          },
    { "DescribeKey",                         call_describe_key    },
    { "GetKeyPolicy",                        call_key_policy      },
    { "ListGrants",                          call_grants          },
    { "GetCallerIdentity",                   call_identity        },
    { "AssumeRole",                          call_assume_role     },
    { "AssumeRoleWithWebIdentity",           call_assume_role     },
};

static call_fn *find_call(struct str operation)
{
    for (size_t i = 0; i < ARRAY_LENGTH(calls); i++)
        if (str_equal(operation, str_from(calls[i].operation)))
            return calls[i].run;
    complain("no such operation");
    return NULL;
}

static bool fetch_fixed(void *self, const struct aws_credentials_call *call, struct aws_credentials *out,
                        struct err *err)
{
    const struct arguments *arguments = self;
    (void)call, (void)err;
    *out = (struct aws_credentials){ .access_key_id = str_from(access_key),
                                     .secret_access_key = str_from(secret_key),
                                     .session_token = setting_of(arguments, "token", session_token),
                                     .source = "fixed" };
    return true;
}

static void write_request(struct arena *arena, const struct http_request *request)
{
    write_value(request->url);
    write_value(request->body);
    write_count(arena, request->header_count);
    for (size_t i = 0; i < request->header_count; i++) {
        write_value(request->headers[i].name);
        write_value(request->headers[i].value);
    }
}

static void call(struct arena *arena)
{
    static const struct fake_answer refusal[] = {
        { .status = 400, .text = "refused" }
    };
    struct fake_clock clock;
    struct fake_transport transport;
    struct str operation = must_read(arena);
    fake_clock_init(&clock, must_read_number(arena));
    fake_transport_init(&transport, &clock, arena);
    fake_transport_script(&transport, refusal, ARRAY_LENGTH(refusal));
    struct arguments arguments = { .arena = arena };
    arguments.pairs = read_pairs(arena, &arguments.count);

    struct aws_credentials_cache *cache = aws_credentials_cache_new(
        (struct aws_credentials_source){ .fetch = fetch_fixed, .self = &arguments }, &clock.clock);
    const struct aws_client_options options = {
        .transport = &transport.transport,
        .clock = &clock.clock,
        .credentials = cache,
        .endpoints[AWS_RDS] = text_of(&arguments, "endpoint"),
        .user_agent = STR("oracle"),
    };
    struct waiter *waiter = waiter_new(&clock.clock);
    struct aws_client *client;
    CLEANUP(err_clear) struct err err = { 0 };
    if (!aws_client_new(&options, &client, &err))
        complain(err_text(&err));
    const struct aws_call aws = {
        .client = client,
        .region = setting_of(&arguments, "region", "eu-west-1"),
        .arena = arena,
        .waiter = waiter,
        .deadline_ms = CLOCK_NEVER,
    };
    bool done = find_call(operation)(&aws, operation, &arguments, &err);
    if (done || transport.request_count != 1)
        complain(err_text(&err));
    write_request(arena, &transport.requests[0]);
    aws_client_free(client);
    aws_credentials_cache_free(cache);
    waiter_free(waiter);
}

static void split(struct arena *arena)
{
    struct command_line line;
    CLEANUP(err_clear) struct err err = { 0 };
    if (!command_line_split(arena, must_read(arena), &line, &err)) {
        write_value(STR("refused"));
        return;
    }
    write_value(STR("words"));
    write_count(arena, line.count);
    for (size_t i = 0; i < line.count; i++)
        write_value(str_from(line.words[i]));
}

static void decide(struct arena *arena)
{
    static const char *const verdicts[] = { "allowed", "denied", "not allowed", "cannot tell" };
    struct str text = must_read(arena);
    struct aws_policy_question question = { .account = must_read(arena) };
    question.caller_arn = must_read(arena);
    question.action = must_read(arena);
    question.resource = must_read(arena);
    question.is_own_policy = str_equal(must_read(arena), STR("own"));
    struct http_header *pairs = read_pairs(arena, &question.key_count);
    struct aws_policy_key *keys = arena_array(arena, question.key_count, sizeof(*keys));
    for (size_t i = 0; i < question.key_count; i++)
        keys[i] = (struct aws_policy_key){ str_c(arena, pairs[i].name), &pairs[i].value, pairs[i].value.len > 0 };
    question.keys = keys;
    struct aws_policy policy;
    struct str reason;
    CLEANUP(err_clear) struct err err = { 0 };
    if (!aws_policy_read(arena, text, &policy, &err))
        complain(err_text(&err));
    write_value(str_from(verdicts[aws_policy_decide(arena, &policy, &question, &reason)]));
}

static void endpoint(struct arena *arena)
{
    struct aws_endpoint_options options = { .service = must_read(arena) };
    options.region = must_read(arena);
    options.fips = str_equal(must_read(arena), STR("true"));
    options.dualstack = str_equal(must_read(arena), STR("true"));
    struct str url;
    CLEANUP(err_clear) struct err err = { 0 };
    if (!aws_endpoint_url(arena, &options, &url, &err))
        url = str_format(arena, "!%s", err_text(&err));
    write_value(url);
    write_value(aws_endpoint_signing_region(&options));
    write_value(str_from(aws_partition_of_region(options.region)->name));
}

static struct env read_env(struct arena *arena)
{
    size_t count;
    const struct http_header *pairs = read_pairs(arena, &count);
    const char **entries = arena_array(arena, count + 2, sizeof(*entries));
    entries[0] = "HOME=/h";
    for (size_t i = 0; i < count; i++)
        entries[i + 1] = str_format(arena, "%.*s=%.*s", STR_ARG(pairs[i].name), STR_ARG(pairs[i].value)).ptr;
    return (struct env){ entries };
}

static void configured(struct arena *arena)
{
    struct fake_file table[] = {
        { "/h/.aws/config", must_read(arena), ERR_NONE },
        { 0 }
    };
    const struct str profile = must_read(arena);
    const char *service = str_c(arena, must_read(arena));
    const struct env env = read_env(arena);
    const struct file_reader reader = fake_files_reader(table);
    const struct aws_profile_files_options options = { .env = &env, .reader = &reader };
    struct aws_profile_files *files;
    struct aws_set_endpoint endpoint = { 0 };
    CLEANUP(err_clear) struct err err = { 0 };
    if (!aws_profile_files_new(&options, &files, &err))
        complain(err_text(&err));
    const bool found = aws_profile_find_endpoint(arena, files, &env, profile, service, &endpoint);
    write_value(found ? endpoint.url : STR(""));
    aws_profile_files_free(files);
}

static void direct(struct arena *arena)
{
    const struct str url = must_read(arena);
    write_value(http_is_direct(url, must_read(arena)) ? STR("direct") : STR("proxy"));
}

static const struct {
    const char *name;
    void (*run)(struct arena *arena);
} commands[] = {
    { "sign",       sign            },
    { "call",       call            },
    { "decide",     decide          },
    { "endpoint",   endpoint        },
    { "split",      split           },
    { "configured", configured      },
    { "direct",     direct          },
    { "profile",    oracle_profile  },
    { "services",   oracle_services },
    { "resolve",    oracle_resolve  },
};

static void run_command(struct str name, struct arena *arena)
{
    for (size_t i = 0; i < ARRAY_LENGTH(commands); i++) {
        if (!str_equal(name, str_from(commands[i].name)))
            continue;
        commands[i].run(arena);
        return;
    }
    complain("no such command");
}

int main(void)
{
    CLEANUP(err_clear) struct err err = { 0 };
    if (!aws_init(&err))
        complain(err_text(&err));
    for (;;) {
        CLEANUP(drop_arena) struct arena *arena = arena_new();
        struct str command;
        if (!read_value(arena, &command))
            return 0;
        run_command(command, arena);
        fflush(stdout);
    }
}
