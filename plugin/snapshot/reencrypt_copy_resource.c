/* SPDX-License-Identifier: MPL-2.0
 *
 * resource "snapshot_reencrypt_copy": a manual snapshot made by copying another
 * one and encrypting it with a key of one's choice, in the same account or from
 * one that shares. Here: rows, validation, read, delete, import.
 */
#include "plugin/snapshot/reencrypt_copy.h"

#include "aws/arn.h"
#include "plugin/snapshot/cause.h"
#include "plugin/snapshot/connection.h"
#include "plugin/snapshot/key.h"
#include "plugin/snapshot/look.h"
#include "plugin/snapshot/mark.h"
#include "plugin/snapshot/registry.h"
#include "plugin/snapshot/tags.h"
#include "plugin/snapshot/wait.h"

enum { READ_LIMIT_MS = 10 * MINUTE_MS };

/* ---- Rows ----------------------------------------------------------------- */

static bool same_text_ignoring_case(const void *prior, const void *configured)
{
    const struct tf_string *a = prior;
    const struct tf_string *b = configured;
    return str_equal_ignore_case(a->value, b->value);
}

static void check_not_empty(struct tf_call *call, const char *path, const void *member)
{
    const struct tf_string *text = member;
    if (str_is_empty(text->value))
        tf_error(call, path, "Empty argument", "%s must not be empty.", path);
}

static void check_kind(struct tf_call *call, const char *path, const void *member)
{
    const struct tf_string *kind = member;
    enum rds_kind ignored;
    if (!snapshot_kind_find(kind->value, &ignored))
        tf_error(call, path, "Invalid snapshot_kind", "\"%.*s\" is neither \"cluster\" nor \"instance\".",
                 STR_ARG(kind->value));
}

static void check_deletion_policy(struct tf_call *call, const char *path, const void *member)
{
    const struct tf_string *policy = member;
    if (!str_equal(policy->value, STR("delete")) && !str_equal(policy->value, STR("retain")))
        tf_error(call, path, "Invalid deletion_policy", "\"%.*s\" is neither \"delete\" nor \"retain\".",
                 STR_ARG(policy->value));
}

static void check_accounts(struct tf_call *call, const char *path, const void *member)
{
    const struct tf_string_set *accounts = member;
    for (size_t i = 0; i < accounts->count; i++) {
        struct tf_string account = accounts->items[i];
        if (account.state == TF_KNOWN && !aws_is_account_id(account.value))
            tf_error(call, path, "Invalid account id", "\"%.*s\" is not an account id: it must be 12 digits%s.",
                     STR_ARG(account.value),
                     account.value.len == 11 ? " (a leading zero gets lost when it is written as a number)" : "");
    }
}

static void check_tags(struct tf_call *call, const char *path, const void *member)
{
    tags_validate(call, path, member);
}

static void check_source(struct tf_call *call, const char *path, const void *member)
{
    const struct tf_string *source = member;
    struct snapshot_ref ref;
    struct err err = { 0 };
    if (str_is_empty(source->value))
        tf_error(call, path, "Empty argument", "source_snapshot_identifier must name a snapshot.");
    else if (aws_is_arn(source->value) && !snapshot_ref_parse(call->arena, source->value, &ref, &err))
        tf_error(call, path, "Invalid source_snapshot_identifier", "%s.", err.text);
}

static void check_key(struct tf_call *call, const char *path, const void *member)
{
    const struct tf_string *key = member;
    struct aws_arn arn;
    struct err err = { 0 };
    if (str_is_empty(key->value))
        tf_error(call, path, "Empty argument", "kms_key_id must name a key: an id, an ARN, an alias or its ARN.");
    else if (aws_is_arn(key->value) && !aws_arn_parse(key->value, &arn, &err))
        tf_error(call, path, "Invalid kms_key_id", "%s.", err.text);
    else if (aws_is_arn(key->value) && !str_equal(arn.service, STR("kms")))
        tf_error(call, path, "Invalid kms_key_id", "\"%.*s\" is an ARN of the service \"%.*s\", not of \"kms\".",
                 STR_ARG(key->value), STR_ARG(arn.service));
}

#define COPY(member, ...) TF_ATTR(struct reencrypt_copy, member, __VA_ARGS__)
#define COPY_TOLD(member, text) COPY(member, .flags = TF_COMPUTED | TF_STABLE, .description = (text))

static const struct tf_attribute reencrypt_copy_attributes[] = {
    COPY(target_snapshot_identifier, .flags = TF_REQUIRED, .validate = check_not_empty,
         .equal = same_text_ignoring_case,
         .description = "Name of the copy. RDS keeps it in lower case. A new name is a new ARN and replaces the copy."),
    COPY(snapshot_kind, .flags = TF_OPTIONAL | TF_COMPUTED | TF_STABLE, .validate = check_kind,
         .description = "`cluster` (the default) or `instance`. A change replaces the copy."),
    COPY(region, .flags = TF_OPTIONAL | TF_COMPUTED | TF_STABLE, .validate = check_not_empty,
         .description = "Region of the copy, by default the provider's. A change replaces the copy."),
    COPY(source_snapshot_identifier, .flags = TF_REQUIRED, .validate = check_source,
         .description = "Name or ARN of the snapshot to copy; one that another account shares must be named by ARN. "
                        "Another source makes the copy anew under the same ARN."),
    COPY(kms_key_id, .flags = TF_REQUIRED, .validate = check_key,
         .description = "The key that encrypts the copy: key id, key ARN, alias or alias ARN. Another key makes the "
                        "copy anew under the same ARN; another spelling of the same key changes nothing."),
    COPY(source_version, .flags = TF_OPTIONAL,
         .description = "Any text that changes when the source has new bytes, such as the `copy_id` of the copy that "
                        "the source is. From one value to another makes the copy anew under the same ARN."),
    COPY(option_group_name, .flags = TF_OPTIONAL, .validate = check_not_empty,
         .description = "Instance snapshots only: the option group of the copy."),
    COPY(copy_option_group, .flags = TF_OPTIONAL,
         .description = "Instance snapshots only: copy the option group to the copy's account and Region."),
    COPY(target_custom_availability_zone, .flags = TF_OPTIONAL, .validate = check_not_empty,
         .description = "Instance snapshots only: the custom Availability Zone of the copy."),
    COPY(reader_account_ids, .flags = TF_OPTIONAL, .validate = check_accounts,
         .description = "Accounts that will copy or restore this copy. Shares nothing by itself."),
    COPY(copy_tags, .flags = TF_OPTIONAL,
         .description = "Give the copy the tags of its source too, once, when it is made. Default `false`."),
    COPY(tags, .flags = TF_OPTIONAL, .validate = check_tags, .description = "Tags of the copy."),
    COPY(deletion_policy, .flags = TF_OPTIONAL, .validate = check_deletion_policy,
         .description = "`delete` (the default), or `retain` to leave the snapshot when this resource is destroyed."),
    TF_BLOCK(struct reencrypt_copy, timeouts, TF_BLOCK_SINGLE, struct timeouts, &timeouts_model,
             .description = "How long operations may take."),
    COPY_TOLD(arn, "ARN of the copy, known at plan."),
    COPY_TOLD(id, "The same as `arn`."),
    COPY_TOLD(account_id, "The account that owns the copy."),
    COPY_TOLD(source_snapshot_arn, "ARN of the source."),
    COPY_TOLD(copy_id, "Names the bytes of the copy: changes whenever it is made anew. For `source_version` of what is "
                       "made or shared from it."),
    COPY_TOLD(holder_id, "Names who may delete the copy."),
    COPY_TOLD(status, "Status of the copy, `available` when it can be used."),
    COPY_TOLD(percent_progress, "Progress of the copy in percent."),
    COPY_TOLD(source_kms_key_arn, "ARN of the key that encrypts the source."),
    COPY_TOLD(kms_key_arn, "ARN of the key that encrypts the copy."),
    COPY_TOLD(engine, "Database engine."),
    COPY_TOLD(engine_version, "Version of the database engine."),
    COPY_TOLD(engine_mode, "Engine mode of a cluster, such as `provisioned`."),
    COPY_TOLD(master_username, "Name of the master user."),
    COPY_TOLD(port, "Port of the database."),
    COPY_TOLD(allocated_storage, "Allocated storage in GiB."),
    COPY_TOLD(storage_type, "Storage type."),
    COPY_TOLD(storage_encryption_type, "`none`, `sse-kms` or `sse-rds`."),
    COPY_TOLD(license_model, "License model."),
    COPY_TOLD(vpc_id, "VPC of the database that the snapshot was taken from."),
    COPY_TOLD(availability_zones, "Availability Zones of the database."),
    COPY_TOLD(snapshot_create_time, "When the copy was made, in UTC."),
    COPY_TOLD(tags_all, "`tags` and the provider's `default_tags` together."),
    TF_END,
};

const struct tf_model reencrypt_copy_model = TF_MODEL(struct reencrypt_copy, reencrypt_copy_attributes);

/* ---- Validation of the whole --------------------------------------------- */

static void check_name(struct tf_call *call, const struct reencrypt_copy *config)
{
    enum rds_kind kind = RDS_CLUSTER;
    struct err err = { 0 };
    if (config->target_snapshot_identifier.state != TF_KNOWN || config->snapshot_kind.state == TF_UNKNOWN)
        return;
    if (config->snapshot_kind.state == TF_KNOWN && !snapshot_kind_find(config->snapshot_kind.value, &kind))
        return;
    if (!snapshot_name_check(kind, config->target_snapshot_identifier.value, &err))
        tf_error(call, "target_snapshot_identifier", "Invalid snapshot name", "%s.", err.text);
}

static void check_source_kind(struct tf_call *call, const struct reencrypt_copy *config)
{
    const struct tf_string source = config->source_snapshot_identifier;
    struct snapshot_ref ref;
    enum rds_kind kind = RDS_CLUSTER;
    struct err err = { 0 };
    if (source.state != TF_KNOWN || !aws_is_arn(source.value) || config->snapshot_kind.state == TF_UNKNOWN ||
        !snapshot_ref_parse(call->arena, source.value, &ref, &err))
        return;
    if (config->snapshot_kind.state == TF_KNOWN && !snapshot_kind_find(config->snapshot_kind.value, &kind))
        return;
    if (ref.kind != kind)
        tf_error(call, "source_snapshot_identifier", "The source is of the other kind",
                 "\"%.*s\" is the ARN of a %s, but snapshot_kind is \"%s\"%s.", STR_ARG(source.value),
                 snapshot_kind_of(ref.kind)->noun, snapshot_kind_of(kind)->name,
                 config->snapshot_kind.state == TF_NULL ? " (the default)" : "");
}

static void check_instance_only(struct tf_call *call, const struct reencrypt_copy *config)
{
    const struct {
        const char *name;
        enum tf_state state;
    } arguments[] = {
        { "option_group_name",               config->option_group_name.state               },
        { "copy_option_group",               config->copy_option_group.state               },
        { "target_custom_availability_zone", config->target_custom_availability_zone.state },
    };
    bool may_be_instance = config->snapshot_kind.state == TF_UNKNOWN ||
                           str_equal(tf_text(config->snapshot_kind, STR("cluster")), STR("instance"));
    for (size_t i = 0; i < ARRAY_LENGTH(arguments) && !may_be_instance; i++)
        if (arguments[i].state != TF_NULL)
            tf_error(call, arguments[i].name, "Instance snapshots only",
                     "%s has no meaning for a cluster snapshot; remove it, or set snapshot_kind = \"instance\".",
                     arguments[i].name);
}

static void reencrypt_copy_validate(struct tf_call *call, const void *config)
{
    check_name(call, config);
    check_source_kind(call, config);
    check_instance_only(call, config);
}

/* ---- State ---------------------------------------------------------------- */

bool reencrypt_copy_ref(struct arena *arena, const struct reencrypt_copy *state, struct snapshot_ref *out,
                        struct err *err)
{
    return snapshot_ref_parse(arena, tf_text(state->arn, STR("")), out, err) || err_wrap(err, "the ARN in the state");
}

static void take_text(struct tf_string *member, struct str told)
{
    if (!str_is_empty(told))
        *member = tf_known_string(told);
}

static void take_number(struct tf_int64 *member, struct wire_int64 told)
{
    if (told.present)
        *member = tf_known_int64(told.value);
}

void reencrypt_copy_to_state(struct arena *arena, const struct rds_snapshot *found, struct reencrypt_copy *state)
{
    take_text(&state->status, found->status);
    take_number(&state->percent_progress, found->percent_progress);
    take_text(&state->kms_key_arn, found->kms_key_id);
    take_text(&state->engine, found->engine);
    take_text(&state->engine_version, found->engine_version);
    take_text(&state->engine_mode, found->engine_mode);
    take_text(&state->master_username, found->master_username);
    take_number(&state->port, found->port);
    take_number(&state->allocated_storage, found->allocated_storage);
    take_text(&state->storage_type, found->storage_type);
    take_text(&state->storage_encryption_type, found->storage_encryption_type);
    take_text(&state->license_model, found->license_model);
    take_text(&state->vpc_id, found->vpc_id);
    take_text(&state->snapshot_create_time, found->create_time);
    if (found->availability_zones.count)
        state->availability_zones =
            tf_string_set_from(arena, found->availability_zones.items, found->availability_zones.count);
}

/* Told by AWS, as state members and their new state. */
#define FORGET_ALWAYS(planned) &(planned)->status.state, &(planned)->percent_progress.state
#define FORGET_DETAILS(planned)                                                                                        \
    &(planned)->source_kms_key_arn.state, &(planned)->kms_key_arn.state, &(planned)->engine.state,                     \
        &(planned)->engine_version.state, &(planned)->engine_mode.state, &(planned)->master_username.state,            \
        &(planned)->port.state, &(planned)->allocated_storage.state, &(planned)->storage_type.state,                   \
        &(planned)->storage_encryption_type.state, &(planned)->license_model.state, &(planned)->vpc_id.state,          \
        &(planned)->availability_zones.state, &(planned)->snapshot_create_time.state

void reencrypt_copy_forget(struct reencrypt_copy *planned)
{
    enum tf_state *const states[] = { &planned->copy_id.state, &planned->holder_id.state, FORGET_ALWAYS(planned),
                                      FORGET_DETAILS(planned) };
    for (size_t i = 0; i < ARRAY_LENGTH(states); i++)
        *states[i] = TF_UNKNOWN;
}

void reencrypt_copy_forget_unreported(struct reencrypt_copy *planned)
{
    enum tf_state *const always[] = { FORGET_ALWAYS(planned) };
    enum tf_state *const details[] = { FORGET_DETAILS(planned) };
    for (size_t i = 0; i < ARRAY_LENGTH(always); i++)
        *always[i] = TF_UNKNOWN;
    for (size_t i = 0; i < ARRAY_LENGTH(details); i++)
        if (*details[i] == TF_NULL)
            *details[i] = TF_UNKNOWN;
}

/* ---- Read ----------------------------------------------------------------- */

/* Managed tags as AWS has them now; what is ignored or foreign stays as it is in state. */
static void read_tags(struct tf_call *call, const struct rds_snapshot *found, struct reencrypt_copy *state)
{
    struct tf_string_map now = { .state = TF_KNOWN };
    for (size_t i = 0; i < state->tags_all.count; i++) {
        struct tf_string_pair managed = state->tags_all.items[i];
        const struct str *value = tags_find(&found->tags, managed.key);
        if (aws_configuration_ignores_tag(connection_aws(call), managed.key))
            tf_string_map_put(call->arena, &now, managed.key, managed.value);
        else if (value)
            tf_string_map_put(call->arena, &now, managed.key, tf_known_string(*value));
    }
    state->tags_all = now;
}

/* Import: every tag but the mark, AWS's own and the default ones becomes `tags`. */
static void import_tags(struct tf_call *call, const struct rds_snapshot *found, struct reencrypt_copy *state)
{
    const struct tf_string_map *defaults = aws_configuration_default_tags(connection_aws(call));
    struct tf_string_map all = { .state = TF_KNOWN };
    struct tf_string_map own = { .state = TF_NULL };
    for (size_t i = 0; i < found->tags.count; i++) {
        const struct aws_tag *tag = &found->tags.items[i];
        if (tags_key_is_reserved(tag->key) || str_equal(tag->key, STR(MARK_TAG)) ||
            aws_configuration_ignores_tag(connection_aws(call), tag->key))
            continue;
        struct tf_string value = tf_known_string(tag->value.ptr ? tag->value : STR(""));
        tf_string_map_put(call->arena, &all, tag->key, value);
        const struct tf_string *usual = tf_string_map_find(defaults, tag->key);
        if (usual && tf_string_equal(*usual, value))
            continue;
        own.state = TF_KNOWN;
        tf_string_map_put(call->arena, &own, tag->key, value);
    }
    state->tags = own;
    state->tags_all = all;
}

/* What only an import lacks; AWS's answer fills it, where there is one. */
static void read_import(struct tf_call *call, const struct rds_snapshot *found, enum mark_found has_mark,
                        const struct mark *mark, struct reencrypt_copy *state)
{
    struct str own_id = mark_digest(
        call->arena, str_format(call->arena, "%.*s %.*s", STR_ARG(state->arn.value), STR_ARG(found->create_time)));
    state->copy_id = tf_known_string(has_mark == MARK_FOUND ? mark->copy_id : own_id);
    state->holder_id = tf_known_string(has_mark == MARK_FOUND ? mark->holder_id : own_id);
    take_text(&state->source_snapshot_arn, found->source_arn);
    take_text(&state->source_snapshot_identifier, found->source_arn);
    take_text(&state->kms_key_id, found->kms_key_id);
    import_tags(call, found, state);
}

/* The mark says how old the source was when it was copied. A source that is
 * younger now has been taken again under its old name. */
static void warn_of_new_source(struct tf_call *call, const struct aws_call *aws, const struct mark *mark,
                               const struct reencrypt_copy *state)
{
    struct snapshot_ref source;
    struct rds_snapshot found;
    struct err err = { 0 };
    if (state->source_snapshot_arn.state != TF_KNOWN || str_equal(mark->time, STR("-")) ||
        !snapshot_ref_parse(call->arena, state->source_snapshot_arn.value, &source, &err))
        return;
    struct aws_call there = *aws;
    there.region = source.region;
    if (!rds_describe_snapshot(&there, source.kind, state->source_snapshot_arn.value, &found, &err)) {
        log_write(call->log, LOG_DEBUG, NULL, "cannot look at the source: %s", err.text);
        return;
    }
    if (wait_status_is_available(found.status) && !mark_part_agrees(mark->time, found.create_time))
        tf_warn(call, "source_version", "The source is newer than the copy",
                "%.*s was made from a source of %.*s; %.*s is now of %.*s. The copy is left as it is. Give "
                "source_version another value to copy the new bytes.",
                STR_ARG(state->arn.value), STR_ARG(mark->time), STR_ARG(state->source_snapshot_arn.value),
                STR_ARG(found.create_time));
}

static void warn_of_other_holder(struct tf_call *call, struct str arn)
{
    tf_warn(call, NULL, "Another configuration holds this copy",
            "%.*s bears the mark of another holder: another configuration, or another state of this one, has adopted "
            "or made it since. It is not changed, and a destroy here leaves it.",
            STR_ARG(arn));
}

static bool reencrypt_copy_read(struct tf_call *call, struct tf_read *read, struct err *err)
{
    struct reencrypt_copy *state = read->state;
    struct snapshot_ref ref;
    struct aws_call aws;
    struct rds_snapshot found;
    struct mark mark;
    if (!reencrypt_copy_ref(call->arena, state, &ref, err))
        return false;
    const char *unknown;
    if (!aws_configuration_is_known(connection_aws(call), &unknown)) {
        tf_warn(call, NULL, "Not refreshed",
                "%.*s is shown as the state has it: the provider's argument %s is not "
                "known yet.",
                STR_ARG(state->arn.value), unknown);
        return true;
    }
    int64_t deadline_ms = clock_after_ms(waiter_clock(call->waiter), READ_LIMIT_MS);
    if (!connection_call(call, &ref, deadline_ms, &aws, err))
        return false;
    if (!look_at_snapshot(&aws, ref.kind, ref.name, &found, err)) {
        read->gone = err->kind == ERR_NOT_FOUND;
        cause_explain(err);
        return read->gone || err_wrap(err, "reading %.*s", STR_ARG(state->arn.value));
    }
    enum mark_found has_mark = mark_find(&found.tags, &mark);
    reencrypt_copy_to_state(call->arena, &found, state);
    if (state->copy_id.state == TF_NULL)
        read_import(call, &found, has_mark, &mark, state);
    else
        read_tags(call, &found, state);
    if (has_mark == MARK_FOUND && !str_equal(mark.holder_id, tf_text(state->holder_id, STR(""))))
        warn_of_other_holder(call, state->arn.value);
    else if (has_mark == MARK_FOUND)
        warn_of_new_source(call, &aws, &mark, state);
    return true;
}

/* ---- Delete --------------------------------------------------------------- */

/* A missing mark (a tag cleaner) is ours if AWS's own fields agree. */
static bool is_ours(const struct reencrypt_copy *state, const struct rds_snapshot *found)
{
    struct mark mark;
    switch (mark_find(&found->tags, &mark)) {
    case MARK_FOUND:
        return str_equal(mark.holder_id, tf_text(state->holder_id, STR("")));
    case MARK_UNREADABLE:
        return false;
    case MARK_MISSING:
        break;
    }
    struct str key = tf_text(state->kms_key_arn, found->kms_key_id);
    struct str source = tf_text(state->source_snapshot_arn, found->source_arn);
    return (str_is_empty(found->kms_key_id) || str_equal(found->kms_key_id, key)) &&
           (str_is_empty(found->source_arn) || str_equal_ignore_case(found->source_arn, source));
}

/* Busy states are tried again until the deadline. */
static bool delete_until_accepted(const struct aws_call *aws, const struct snapshot_ref *ref, struct err *err)
{
    const int64_t began_ms = clock_monotonic_ms(waiter_clock(aws->waiter));
    while (!rds_delete_snapshot(aws, ref->kind, ref->name, err)) {
        if (err->kind == ERR_NOT_FOUND)
            return true;
        if (cause_explain(err) != CAUSE_SOURCE)
            return false;
        struct err pause = { 0 };
        if (!wait_pause(aws, began_ms, &pause)) {
            err->kind = pause.kind;
            return err_wrap(err, "%s", pause.text);
        }
    }
    return true;
}

static bool reencrypt_copy_delete(struct tf_call *call, struct tf_apply *apply, struct err *err)
{
    const struct reencrypt_copy *prior = apply->prior;
    struct timeouts timeouts = timeouts_of(&prior->timeouts);
    struct snapshot_ref ref;
    struct aws_call aws;
    struct rds_snapshot found;
    if (!reencrypt_copy_ref(call->arena, prior, &ref, err) ||
        !connection_call(call, &ref, timeouts_deadline_ms(call, &timeouts.delete, COPY_DELETE_TIMEOUT_MS), &aws, err))
        return false;
    if (str_equal(tf_text(prior->deletion_policy, STR("delete")), STR("retain"))) {
        log_write(call->log, LOG_INFO, NULL, "deletion_policy is retain: %.*s stays", STR_ARG(prior->arn.value));
        return true;
    }
    if (!look_at_snapshot(&aws, ref.kind, ref.name, &found, err)) {
        cause_explain(err);
        return err->kind == ERR_NOT_FOUND || err_wrap(err, "looking at %.*s", STR_ARG(prior->arn.value));
    }
    if (!is_ours(prior, &found)) {
        tf_warn(call, NULL, "The copy was left in place",
                "%.*s is held by another configuration, or another state of this one, by now; it is not deleted.",
                STR_ARG(prior->arn.value));
        return true;
    }
    if (!wait_status_is_leaving(found.status) && !delete_until_accepted(&aws, &ref, err))
        return err_wrap(err, "deleting %.*s", STR_ARG(prior->arn.value));
    return wait_gone(&aws, ref.kind, ref.name, err);
}

/* ---- Import --------------------------------------------------------------- */

/* "cluster:NAME" and "instance:NAME" are in the provider's account and Region. */
static bool import_ref(struct tf_call *call, struct str id, struct snapshot_ref *out, struct err *err)
{
    ptrdiff_t colon = str_find_char(id, ':');
    if (aws_is_arn(id))
        return snapshot_ref_parse(call->arena, id, out, err);
    struct snapshot_ref ref = { .region = tf_text(aws_configuration_region(connection_aws(call)), STR("")) };
    struct aws_call ignored;
    if (colon < 0 || !snapshot_kind_find(str_slice(id, 0, (size_t)colon), &ref.kind) || (size_t)colon + 1 == id.len)
        return err_set(err, ERR_INVALID,
                       "\"%.*s\" is not an import id: give the ARN of the copy, cluster:NAME or instance:NAME",
                       STR_ARG(id));
    ref.name = str_lower(call->arena, str_slice(id, (size_t)colon + 1, id.len));
    if (!connection_call(call, &ref, CLOCK_NEVER, &ignored, err))
        return false;
    *out = ref;
    return true;
}

static bool reencrypt_copy_import(struct tf_call *call, struct str id, void *state, struct err *err)
{
    struct reencrypt_copy *copy = state;
    struct snapshot_ref ref;
    if (!import_ref(call, id, &ref, err))
        return false;
    copy->arn = copy->id = tf_known_string(snapshot_ref_arn(call->arena, &ref));
    copy->account_id = tf_known_string(ref.account);
    copy->region = tf_known_string(ref.region);
    copy->snapshot_kind = tf_known_string(str_from(snapshot_kind_of(ref.kind)->name));
    copy->target_snapshot_identifier = tf_known_string(ref.name);
    return true;
}

const struct tf_resource reencrypt_copy_resource = {
    .type_name = "snapshot_reencrypt_copy",
    .description = "A manual DB cluster or DB instance snapshot, made by copying another one and encrypting it with "
                   "another key; also across accounts and Regions. Waits until it is available.",
    .version = 0,
    .model = TF_MODEL(struct reencrypt_copy, reencrypt_copy_attributes),
    .validate = reencrypt_copy_validate,
    .plan = reencrypt_copy_plan,
    .create = reencrypt_copy_create,
    .read = reencrypt_copy_read,
    .update = reencrypt_copy_update,
    .delete = reencrypt_copy_delete,
    .import = reencrypt_copy_import,
};
