/* SPDX-License-Identifier: MPL-2.0 */
#include <string.h>

#include "aws/credentials/document.h"
#include "aws/credentials/metadata.h"
#include "aws/endpoint.h"
#include "aws/wire/json.h"

enum { ROLE_MAX_BYTES = 128 };

static const char roles_path[] = "/latest/meta-data/iam/security-credentials/";
static const char identity_path[] = "/latest/dynamic/instance-identity/document";

struct instance_source {
    struct arena *arena;
    struct metadata_options options;
    struct arena *last_arena; /* NULL: nothing was fetched yet */
    struct aws_credentials last;
    bool is_last_used; /* beyond their end */
};

/* IAM: names of roles and instance profiles. */
static bool is_role(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+=,.@-", text.ptr[i]) ||
            !text.ptr[i])
            return false;
    return text.len <= ROLE_MAX_BYTES;
}

static bool find_role(struct metadata *metadata, struct str *out, struct err *err)
{
    struct http_response answer;
    if (!metadata_get(metadata, str_from(roles_path), &answer, err))
        return false;
    struct str rest = answer.status == HTTP_OK ? str_trim(answer.body) : STR("");
    struct str line = { 0 };
    (void)str_next(&rest, '\n', &line);
    *out = str_trim(line);
    if (str_is_empty(*out))
        return err_set(err, ERR_NOT_FOUND,
                       "EC2 metadata: this EC2 instance (%.*s) has no role: an instance profile would give it one",
                       STR_ARG(metadata->address));
    return is_role(*out) ||
           err_set(err, ERR_IO, "what the EC2 metadata service at %.*s lists is not the name of a role",
                   STR_ARG(metadata->address));
}

static bool read_keys(const struct metadata *metadata, struct str text, struct str role, struct aws_credentials *out,
                      struct err *err)
{
    struct arena *arena = metadata->call->arena;
    const char *source =
        str_format(arena, "the role \"%.*s\" of this EC2 instance (%.*s)", STR_ARG(role), STR_ARG(metadata->address))
            .ptr;
    struct credentials_document document = { 0 };
    if (!document_read(arena, text, DOCUMENT_OF_SERVICE, &document, err))
        return err_wrap(err, "the EC2 metadata service, asked for %s", source);
    if (!str_is_empty(document.code) && !str_equal_ignore_case(document.code, STR("Success"))) {
        const struct str said = document_refusal(arena, document.code, document.message);
        err_set(err, ERR_DENIED, "the EC2 metadata service has no credentials for %s: %.*s", source, STR_ARG(said));
        if (str_equal(document.code, STR("AssumeRoleUnauthorizedAccess")))
            err_set_remedy(err, "EC2 may not assume that role: its trust policy must name ec2.amazonaws.com.");
        return false;
    }
    return document_take(&document, DOCUMENT_OF_SERVICE, "instance", source, out, err);
}

static bool fetch_new(const struct instance_source *source, const struct aws_credentials_call *call,
                      struct aws_credentials *out, struct err *err)
{
    struct metadata metadata;
    struct http_response answer;
    struct str role;
    if (!metadata_open(&source->options, call, &metadata, err) || !find_role(&metadata, &role, err))
        return false;
    const struct str path = str_format(call->arena, "%s%.*s", roles_path, STR_ARG(role));
    if (!metadata_get(&metadata, path, &answer, err))
        return false;
    if (answer.status != HTTP_OK)
        return err_set(err, ERR_IO, "the EC2 metadata service at %.*s lists the role \"%.*s\" but has nothing for it",
                       STR_ARG(metadata.address), STR_ARG(role));
    return read_keys(&metadata, answer.body, role, out, err);
}

static void keep(struct instance_source *source, const struct aws_credentials *fetched)
{
    if (source->last_arena)
        arena_free(source->last_arena);
    source->last_arena = arena_new();
    source->last = *fetched;
    source->last.access_key_id = str_copy(source->last_arena, fetched->access_key_id);
    source->last.secret_access_key = str_copy(source->last_arena, fetched->secret_access_key);
    source->last.session_token = str_copy(source->last_arena, fetched->session_token);
    source->last.source = str_c(source->last_arena, str_from(fetched->source));
    source->is_last_used = false;
    source->options.is_expected = true;
}

/* Where the service has failed since they were fetched, AWS goes on to accept the last keys for a while. Those that
 * have not expired are still in the cache. Once: afterwards the service's failure is the cause that has to be seen. */
static bool take_last(struct instance_source *source, const struct aws_credentials_call *call,
                      struct aws_credentials *out, struct err *err)
{
    if (!source->last_arena || source->is_last_used || err->kind == ERR_CANCELLED || err->kind == ERR_TIMEOUT ||
        clock_wall_ms(source->options.doors->clock) < source->last.expires_wall_ms)
        return false;
    log_write(call->log, LOG_WARN, NULL, "the last keys are used, for some minutes: %s", err_text(err));
    err_clear(err);
    source->is_last_used = true;
    *out = source->last;
    return true;
}

static bool instance_fetch(void *self, const struct aws_credentials_call *call, struct aws_credentials *out,
                           struct err *err)
{
    struct instance_source *source = self;
    if (!fetch_new(source, call, out, err))
        return take_last(source, call, out, err);
    keep(source, out);
    return true;
}

static void instance_free(void *self)
{
    struct instance_source *source = self;
    if (source->last_arena)
        arena_free(source->last_arena);
    arena_free(source->arena);
    mem_free(source);
}

static struct aws_credentials_source make(const struct metadata_options *options)
{
    struct instance_source *source = mem_alloc(sizeof(*source));
    source->arena = arena_new();
    source->options = *options;
    source->options.profile = str_copy(source->arena, options->profile);
    return (struct aws_credentials_source){ .fetch = instance_fetch, .free = instance_free, .self = source };
}

struct aws_credentials_source aws_credentials_instance(const struct aws_credentials_doors *doors,
                                                       const struct aws_profile_files *files, struct str profile)
{
    return make(&(struct metadata_options){ .doors = doors, .files = files, .profile = profile });
}

struct aws_credentials_source aws_credentials_instance_expected(const struct aws_credentials_doors *doors,
                                                                const struct aws_profile_files *files,
                                                                struct str profile)
{
    return make(&(struct metadata_options){ .doors = doors, .files = files, .profile = profile, .is_expected = true });
}

/* ---- Region ---------------------------------------------------------------- */

struct identity_document {
    struct str region;
};

static bool read_region(struct arena *arena, struct str text, struct str *out, struct err *err)
{
    static const struct wire_row rows[] = { WIRE_BOTH(struct identity_document, region, "region"), WIRE_END };
    struct identity_document document = { 0 };
    const struct wire_json shape = { .rows = rows, .out_size = sizeof(document) };
    CLEANUP(err_clear) struct err ignored = { 0 }; /* it may quote what came */
    if (!wire_json_read(arena, text, &shape, &document, &ignored) || !aws_is_region(document.region))
        return err_set(err, ERR_IO, "the instance identity document names no Region");
    *out = document.region;
    return true;
}

bool aws_instance_region(const struct aws_credentials_doors *doors, const struct aws_profile_files *files,
                         struct str profile, const struct aws_credentials_call *call, struct str *out, struct err *err)
{
    const struct metadata_options options = {
        .doors = doors, .files = files, .profile = profile, .is_expected = true /* it has given keys */
    };
    struct metadata metadata;
    struct http_response answer;
    if (!metadata_open(&options, call, &metadata, err) ||
        !metadata_get(&metadata, str_from(identity_path), &answer, err))
        return false;
    if (answer.status != HTTP_OK)
        return err_set(err, ERR_IO, "the EC2 metadata service at %.*s has no instance identity document",
                       STR_ARG(metadata.address));
    return read_region(call->arena, answer.body, out, err);
}
