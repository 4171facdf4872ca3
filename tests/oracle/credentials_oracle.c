/* SPDX-License-Identifier: MPL-2.0
 *
 * The commands that ask for shared files and for credentials. `resolve` asks the
 * whole chain once, in a world of its own: STS gives numbered keys unless a code is
 * scripted for the role, the first answer for a URL that was not given yet is given
 * (its last one for ever), and every other URL refuses the connection. It writes
 *
 *   "ok", kind, access key, secret key, token   or   "error", kind of the error, text
 *   N, (CALL M (NAME VALUE)*M)*N                the calls in order, absent values left out
 *   N, TEXT*N                                   what was tried, each with its reason
 */
#include "aws/credentials/config/services.h"
#include "aws/credentials/sources.h"
#include "tests/oracle/oracle.h"
#include "tests/support/fake_files.h"

enum { CALLS_MAX = 200, PARTS_MAX = 8 };

/* A program that is run needs real time; what is waited for between attempts does not. */
static const struct clock_scale hurry = { .factor = 60 };

struct recorded_call {
    const char *name;
    struct http_header parts[PARTS_MAX];
    size_t part_count;
};

struct scripted_answer {
    struct str url, status, body;
    bool was_given;
};

struct world {
    struct arena *arena;
    struct env env;
    struct fake_file *table;
    struct file_reader reader;
    struct fake_writer writer;
    struct aws_profile_files *files;
    struct clock clock;
    struct http_header *refusals; /* role and code */
    size_t refusal_count;
    struct scripted_answer *answers;
    size_t answer_count;
    struct recorded_call calls[CALLS_MAX];
    size_t call_count;
    unsigned roles;
    struct aws_credentials_trail trail;
};

/* ---- The world -------------------------------------------------------------- */

static const char *const *read_entries(struct arena *arena)
{
    size_t count;
    const struct http_header *pairs = read_pairs(arena, &count);
    const char **entries = arena_array(arena, count + 1, sizeof(*entries));
    for (size_t i = 0; i < count; i++)
        entries[i] = str_format(arena, "%.*s=%.*s", STR_ARG(pairs[i].name), STR_ARG(pairs[i].value)).ptr;
    return entries;
}

static struct fake_file *read_table(struct arena *arena)
{
    size_t count;
    const struct http_header *pairs = read_pairs(arena, &count);
    struct fake_file *table = arena_array(arena, count + 1, sizeof(*table));
    for (size_t i = 0; i < count; i++)
        table[i] = (struct fake_file){ str_c(arena, pairs[i].name), pairs[i].value, ERR_NONE };
    return table;
}

static struct world *read_world(struct arena *arena)
{
    struct world *world = ARENA_NEW(arena, struct world);
    CLEANUP(err_clear) struct err err = { 0 };
    world->arena = arena;
    world->trail.arena = arena;
    world->env.entries = read_entries(arena);
    world->table = read_table(arena);
    world->reader = fake_files_reader(world->table);
    fake_writer_init(&world->writer, world->table, arena);
    world->clock = clock_real(&hurry);
    const struct aws_profile_files_options options = { .env = &world->env, .reader = &world->reader };
    if (!aws_profile_files_new(&options, &world->files, &err))
        complain(err_text(&err));
    return world;
}

static struct recorded_call *record(struct world *world, const char *name)
{
    if (world->call_count == CALLS_MAX)
        complain("calls without an end");
    struct recorded_call *call = &world->calls[world->call_count++];
    call->name = name;
    return call;
}

static void note(struct world *world, struct recorded_call *call, const char *name, struct str value)
{
    if (!str_is_empty(value))
        call->parts[call->part_count++] = (struct http_header){ str_from(name), str_copy(world->arena, value) };
}

/* ---- STS and HTTP ----------------------------------------------------------- */

static void record_role(struct world *world, const struct aws_credentials *with,
                        const struct sts_assume_role_options *options)
{
    struct recorded_call *call = record(world, with ? "AssumeRole" : "AssumeRoleWithWebIdentity");
    note(world, call, "with", with ? with->access_key_id : STR(""));
    note(world, call, "token", with ? with->session_token : STR(""));
    note(world, call, "role_arn", options->role_arn);
    note(world, call, "session_name", options->session_name);
    note(world, call, "external_id", options->external_id);
    note(world, call, "web_identity_token", options->web_identity_token);
    if (options->duration_seconds.present)
        note(world, call, "duration_seconds",
             str_format(world->arena, "%lld", (long long)options->duration_seconds.value));
}

static bool assume_role(void *self, const struct aws_credentials_call *call, const struct aws_credentials *with,
                        const struct sts_assume_role_options *options, struct sts_credentials *out, struct err *err)
{
    struct world *world = self;
    record_role(world, with, options);
    const struct str code = http_header_find(world->refusals, world->refusal_count, options->role_arn);
    if (!str_is_empty(code)) {
        err_set(err, ERR_DENIED, "refused by the script");
        err_set_part(err, ERR_CODE, "%.*s", STR_ARG(code));
        return false;
    }
    const unsigned number = ++world->roles;
    *out = (struct sts_credentials){ .access_key_id = str_format(call->arena, "ASIA%u", number),
                                     .secret_access_key = str_format(call->arena, "secret%u", number),
                                     .session_token = str_format(call->arena, "token%u", number),
                                     .expiration = STR("2099-01-01T00:00:00Z") };
    return true;
}

static struct scripted_answer *find_answer(struct world *world, struct str url)
{
    struct scripted_answer *found = NULL;
    for (size_t i = 0; i < world->answer_count; i++) {
        if (!str_equal(world->answers[i].url, url))
            continue;
        found = &world->answers[i];
        if (!found->was_given)
            break;
    }
    return found;
}

static bool send_request(void *self, struct arena *arena, struct waiter *waiter, int64_t deadline_ms,
                         const struct http_request *request, struct http_response *out, struct err *err)
{
    struct world *world = self;
    struct recorded_call *call = record(world, "HTTP");
    struct scripted_answer *answer = find_answer(world, request->url);
    int64_t status = 0;
    (void)waiter, (void)deadline_ms;
    note(world, call, "method", request->method);
    note(world, call, "url", request->url);
    note(world, call, "authorization", http_header_find(request->headers, request->header_count, STR("authorization")));
    if (!answer || !str_to_int64(answer->status, &status)) {
        err_set(err, ERR_IO, "the connection is refused");
        err_set_part(err, ERR_CODE, "%s", HTTP_CONNECTION_REFUSED);
        return false;
    }
    answer->was_given = true;
    *out = (struct http_response){ .status = (int)status,
                                   .body = str_copy(arena, answer->body),
                                   .received_wall_ms = clock_wall_ms(&world->clock) };
    return true;
}

/* ---- The commands ----------------------------------------------------------- */

void oracle_profile(struct arena *arena)
{
    struct world *world = read_world(arena);
    const struct str profile = must_read(arena);
    const int64_t count = must_read_number(arena);
    struct aws_profile_keys keys = { 0 };
    write_value(aws_profile_exists(world->files, profile) ? STR("yes") : STR("no"));
    (void)aws_profile_find_keys(world->files, profile, &keys);
    write_value(keys.access_key_id);
    write_value(keys.secret_access_key);
    write_value(keys.session_token);
    for (int64_t i = 0; i < count; i++) {
        struct str value = STR("");
        (void)aws_profile_get(world->files, profile, str_c(arena, must_read(arena)), &value);
        write_value(value);
    }
    aws_profile_files_free(world->files);
}

void oracle_services(struct arena *arena)
{
    struct world *world = read_world(arena);
    const struct str section = must_read(arena);
    const char *service = str_c(arena, must_read(arena));
    struct str value = STR("");
    (void)aws_profile_services_get(world->files, section, service, str_c(arena, must_read(arena)), &value);
    write_value(value);
    aws_profile_files_free(world->files);
}

static void read_script(struct world *world)
{
    world->refusals = read_pairs(world->arena, &world->refusal_count);
    world->answer_count = (size_t)must_read_number(world->arena);
    world->answers = arena_array(world->arena, world->answer_count, sizeof(*world->answers));
    for (size_t i = 0; i < world->answer_count; i++) {
        world->answers[i].url = must_read(world->arena);
        world->answers[i].status = must_read(world->arena);
        world->answers[i].body = must_read(world->arena);
    }
}

static void write_calls(const struct world *world)
{
    write_count(world->arena, world->call_count);
    for (size_t i = 0; i < world->call_count; i++) {
        const struct recorded_call *call = &world->calls[i];
        write_value(str_from(call->name));
        write_count(world->arena, call->part_count);
        for (size_t part = 0; part < call->part_count; part++) {
            write_value(call->parts[part].name);
            write_value(call->parts[part].value);
        }
    }
}

static bool is_true(const struct world *world, const char *variable)
{
    return str_equal(env_get(&world->env, variable, STR("")), STR("true"));
}

static void write_trail(struct arena *arena, const struct aws_credentials_trail *trail)
{
    size_t count = 0;
    for (const struct aws_credentials_step *step = trail->first; step; step = step->next)
        count++;
    write_count(arena, count);
    for (const struct aws_credentials_step *step = trail->first; step; step = step->next)
        write_value(step->text);
}

/* With what was tried in world->trail. */
static void fetch(struct world *world, struct str profile)
{
    static const char *const kinds[] = {
        [ERR_NONE] = "none",           [ERR_INVALID] = "invalid",     [ERR_DENIED] = "denied",
        [ERR_NOT_FOUND] = "not found", [ERR_CONFLICT] = "conflict",   [ERR_THROTTLED] = "throttled",
        [ERR_TIMEOUT] = "timeout",     [ERR_CANCELLED] = "cancelled", [ERR_IO] = "io",
        [ERR_INTERNAL] = "internal"
    };
    const struct aws_sts_door sts = { .assume_role = assume_role, .self = world };
    const struct http_transport transport = { .send = send_request, .self = world };
    const struct aws_credentials_doors doors = {
        .env = &world->env,
        .reader = &world->reader,
        .writer = &world->writer.writer,
        .clock = &world->clock,
        .sts = &sts,
        .transport = &transport,
        .use_fips = is_true(world, "AWS_USE_FIPS_ENDPOINT"),
        .use_dualstack = is_true(world, "AWS_USE_DUALSTACK_ENDPOINT"),
    };
    const struct aws_credentials_chain_options options = { &doors, world->files, profile };
    struct waiter *waiter = waiter_new(&world->clock);
    const struct aws_credentials_call call = {
        .arena = world->arena, .waiter = waiter, .deadline_ms = CLOCK_NEVER, .trail = &world->trail
    };
    struct aws_credentials_source chain = aws_credentials_chain(&options);
    struct aws_credentials found = { 0 };
    CLEANUP(err_clear) struct err err = { 0 };
    if (chain.fetch(chain.self, &call, &found, &err)) {
        write_value(STR("ok"));
        write_value(str_from(found.kind));
        write_value(found.access_key_id);
        write_value(found.secret_access_key);
        write_value(found.session_token);
    } else {
        write_value(STR("error"));
        write_value(str_from(kinds[err.kind]));
        write_value(str_from(err_text(&err)));
    }
    aws_credentials_source_clear(&chain);
    waiter_free(waiter);
}

void oracle_resolve(struct arena *arena)
{
    struct world *world = read_world(arena);
    const struct str profile = must_read(arena);
    read_script(world);
    fetch(world, profile);
    write_calls(world);
    write_trail(arena, &world->trail);
    aws_profile_files_free(world->files);
}
