/* SPDX-License-Identifier: MPL-2.0
 *
 * The rows of snapshot_reencrypt_copy, the checks of its configuration, and its
 * state members as AWS tells them.
 */
#include "plugin/snapshot/copy/model.h"

#include "aws/arn.h"
#include "plugin/snapshot/arguments.h"
#include "plugin/snapshot/copy/tags.h"

/* ---- Rows ----------------------------------------------------------------- */

static bool same_text_ignoring_case(const void *prior, const void *configured)
{
    const struct tf_string *a = prior;
    const struct tf_string *b = configured;
    return str_equal_ignore_case(a->value, b->value);
}

static void check_deletion_policy(struct tf_call *call, const char *path, const void *member)
{
    const struct tf_string *policy = member;
    if (!str_equal(policy->value, STR("delete")) && !str_equal(policy->value, STR("retain")))
        tf_error(call, path, "Invalid deletion_policy", "\"%.*s\" is neither \"delete\" nor \"retain\".",
                 STR_ARG(policy->value));
}

static void check_tags(struct tf_call *call, const char *path, const void *member)
{
    tags_validate(call, path, member);
}

static const struct tf_attribute timeouts_attributes[] = {
    TF_ATTR(struct timeouts, create, .flags = TF_OPTIONAL, .validate = timeouts_check,
            .description = "How long creating may take, with what it waits for: the source, the key, a free slot, the "
                           "copy. Default `24h`."),
    TF_ATTR(struct timeouts, update, .flags = TF_OPTIONAL, .validate = timeouts_check,
            .description = "How long an update may take, which waits for a copy that is under way. Default `24h`."),
    TF_ATTR(struct timeouts, delete, .flags = TF_OPTIONAL, .validate = timeouts_check,
            .description = "How long deleting may take. Default `1h`."),
    TF_END,
};

const struct tf_model copy_timeouts_model = TF_MODEL(struct timeouts, timeouts_attributes);

#define COPY(member, ...) TF_ATTR(struct reencrypt_copy, member, __VA_ARGS__)
#define COPY_TOLD(member, text) COPY(member, .flags = TF_COMPUTED | TF_STABLE, .description = (text))

const struct tf_attribute copy_attributes[] = {
    COPY(
        target_snapshot_identifier, .flags = TF_REQUIRED, .equal = same_text_ignoring_case,
        .description =
            "Name of the copy: letters, digits and hyphens, a letter first, no hyphen last and no two in a row, at "
            "most 63 characters (cluster) or 255 (instance). RDS keeps it in lower case. The name stands for the data: "
            "another source or key needs another name. **A change replaces the copy** and needs `lifecycle { "
            "create_before_destroy = true }`. Restored clusters need `ignore_changes = [snapshot_identifier, "
            "final_snapshot_identifier]`: the first, so that they are not replaced; the second, so that each keeps its "
            "own name for its final snapshot."),
    COPY(snapshot_kind, .flags = TF_OPTIONAL | TF_COMPUTED | TF_STABLE, .validate = argument_check_kind,
         .description = "`cluster` or `instance`. Default `cluster`. **A change replaces the copy** and needs "
                        "`lifecycle { create_before_destroy = true }`."),
    COPY(region, .flags = TF_OPTIONAL | TF_COMPUTED | TF_STABLE, .validate = argument_check_region,
         .description = "Region of the copy. Default: the provider's. **A change replaces the copy** and needs "
                        "`lifecycle { create_before_destroy = true }`."),
    COPY(source_snapshot_identifier, .flags = TF_REQUIRED, .validate = argument_check_snapshot,
         .description =
             "Name or ARN of the snapshot to copy: a manual, automatic or AWS Backup one of this account and Region, "
             "by name or ARN; one of another Region, or one that another account shares, by ARN. AWS copies nothing "
             "from one partition to another (`aws`, the China Regions, GovCloud). For an unencrypted cluster snapshot "
             "and for one encrypted with a key that AWS owns (`sse-rds`), the plan warns: RDS decides whether it "
             "copies them with a key. **Another source needs another "
             "`target_snapshot_identifier`**: under the same name it is an error at plan. Another spelling of the same "
             "source changes nothing."),
    COPY(kms_key_id, .flags = TF_REQUIRED, .validate = argument_check_key,
         .description = "The key that encrypts the copy, in the copy's Region: key id, key ARN, alias (`alias/...`) or "
                        "alias ARN. The id of a multi-Region key (`mrk-...`) means the one in the copy's Region. "
                        "**Another key needs another `target_snapshot_identifier`**: under the same name it is an "
                        "error at plan. Another spelling of the same key, and an alias that points to another key by "
                        "now, change nothing."),
    COPY(option_group_name, .flags = TF_OPTIONAL, .validate = argument_check_name,
         .description =
             "Instance snapshots only: the option group of the copy. It is needed between accounts and between "
             "Regions, if the source's is not a default and `copy_option_group` is not set. Another one needs another "
             "`target_snapshot_identifier`."),
    COPY(copy_option_group, .flags = TF_OPTIONAL,
         .description = "Instance snapshots only: copy the option group as well, where the source is in another "
                        "account or Region. Default `false`. If it is not set, plan and state contain null, "
                        "and policy tools see null. A change needs another `target_snapshot_identifier`."),
    COPY(target_custom_availability_zone, .flags = TF_OPTIONAL, .validate = argument_check_name,
         .description = "Instance snapshots only: the custom Availability Zone of the copy. Another one needs another "
                        "`target_snapshot_identifier`."),
    COPY(reader_account_ids, .flags = TF_OPTIONAL, .validate = argument_check_accounts,
         .description = "The accounts, 12 digits each and at most 20, that will copy or restore this copy. They are of "
                        "the same AWS partition. "
                        "Before copying, the provider checks that these accounts can use the key, if it may read the "
                        "policy. Shares nothing (`snapshot_share` does), and a change calls nothing."),
    COPY(copy_tags, .flags = TF_OPTIONAL,
         .description = "Give the copy the tags of its source too, once, when it is made; `tags` and `default_tags` "
                        "take precedence. Default `false`. If it is not set, plan and state contain null, and policy "
                        "tools see null. Such tags are not managed afterwards; a change has no "
                        "effect on an existing copy."),
    COPY(tags, .flags = TF_OPTIONAL, .validate = check_tags,
         .description = "Tags of the copy, over the provider's `default_tags`: 50 in all, one of which is the "
                        "provider's own mark. A change is made in place, while the copy stays."),
    COPY(deletion_policy, .flags = TF_OPTIONAL, .validate = check_deletion_policy,
         .description =
             "What a destroy does: `delete` the snapshot, or `retain` it, out of the state. Default "
             "`delete`. If it is not set, plan and state contain null, and policy tools see null. A change only "
             "changes the state. **A destroy reads the state: apply a change before you destroy.**"),
    TF_BLOCK(struct reencrypt_copy, timeouts, TF_BLOCK_SINGLE, struct timeouts, &copy_timeouts_model,
             .description = "How long operations may take, as `30m` or `36h`. A change only changes the state."),
    COPY_TOLD(arn, "ARN of the copy, known at plan."),
    COPY_TOLD(id, "The same as `arn`."),
    COPY_TOLD(account_id, "The account that owns the copy: the provider's."),
    COPY_TOLD(source_snapshot_arn, "ARN of the source."),
    COPY_TOLD(source_snapshot_create_time,
              "When the source snapshot was created, in UTC, as AWS said when the copy was made. Null where AWS did "
              "not say."),
    COPY_TOLD(holder_id,
              "Names who may delete the copy. A state whose ID no longer matches does not delete the snapshot."),
    COPY_TOLD(status, "Status of the copy: `available` when it can be used; `copying` or `pending` after an "
                      "interrupted apply, which the next one resumes; `failed`, which the next one replaces."),
    COPY_TOLD(percent_progress, "Progress of the copy in percent, as AWS last reported it."),
    COPY_TOLD(source_kms_key_arn,
              "ARN of the key that encrypts the source. Where it is null, as after an import, a read "
              "fills it from the source as long as that exists."),
    COPY_TOLD(kms_key_arn, "ARN of the key that encrypts the copy."),
    COPY_TOLD(engine, "Database engine, such as `aurora-mysql`."),
    COPY_TOLD(engine_version, "Version of the database engine."),
    COPY_TOLD(engine_mode, "Engine mode of a cluster, such as `provisioned`."),
    COPY_TOLD(master_username, "Name of the master user."),
    COPY_TOLD(port, "Port that the database listened on."),
    COPY_TOLD(allocated_storage, "Allocated storage in GiB."),
    COPY_TOLD(storage_type, "Storage type, such as `aurora-iopt1` or `gp3`, where AWS reports it."),
    COPY_TOLD(storage_encryption_type, "`none`, `sse-kms` (a key in KMS) or `sse-rds` (a key of AWS's own)."),
    COPY_TOLD(license_model, "Licence model."),
    COPY_TOLD(vpc_id, "VPC of the database that the snapshot was taken from."),
    COPY_TOLD(availability_zones, "Availability Zones of the database that the snapshot was taken from."),
    COPY_TOLD(snapshot_create_time, "When the copy was made, in UTC."),
    COPY_TOLD(tags_all, "`default_tags` and `tags` together: what this resource manages."),
    TF_END,
};

/* ---- Validation of the whole --------------------------------------------- */

static void check_name(struct tf_call *call, const struct reencrypt_copy *config)
{
    enum rds_kind kind = RDS_CLUSTER;
    CLEANUP(err_clear) struct err err = { 0 };
    if (config->target_snapshot_identifier.state != TF_KNOWN || config->snapshot_kind.state == TF_UNKNOWN)
        return;
    if (config->snapshot_kind.state == TF_KNOWN && !snapshot_kind_find(config->snapshot_kind.value, &kind))
        return;
    static const char path[] = "target_snapshot_identifier";
    const struct str name = config->target_snapshot_identifier.value;
    if (!argument_is_clean(call->arena, path, name, &err) || !snapshot_name_check(kind, name, &err))
        tf_error(call, path, "Invalid snapshot name", "%s.", err_text(&err));
}

static void check_source_kind(struct tf_call *call, const struct reencrypt_copy *config)
{
    const struct tf_string source = config->source_snapshot_identifier;
    struct snapshot_ref ref;
    enum rds_kind kind = RDS_CLUSTER;
    CLEANUP(err_clear) struct err err = { 0 };
    if (source.state != TF_KNOWN || !aws_is_arn(source.value) || config->snapshot_kind.state == TF_UNKNOWN ||
        !snapshot_ref_parse(call->arena, source.value, &ref, &err))
        return;
    if (config->snapshot_kind.state == TF_KNOWN && !snapshot_kind_find(config->snapshot_kind.value, &kind))
        return;
    if (ref.kind != kind)
        tf_error(call, "source_snapshot_identifier", "The source is of the other kind",
                 "\"%.*s\" is the ARN of the kind \"%s\", but snapshot_kind is \"%s\"%s. Set snapshot_kind = \"%s\", "
                 "or name %s snapshot.",
                 STR_ARG(source.value), snapshot_kind_of(ref.kind)->name, snapshot_kind_of(kind)->name,
                 config->snapshot_kind.state == TF_NULL ? " (the default)" : "", snapshot_kind_of(ref.kind)->name,
                 kind == RDS_CLUSTER ? "a cluster" : "an instance");
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

void copy_validate(struct tf_call *call, const void *config)
{
    check_name(call, config);
    check_source_kind(call, config);
    check_instance_only(call, config);
}

/* ---- State ---------------------------------------------------------------- */

bool copy_ref(struct arena *arena, const struct reencrypt_copy *state, struct snapshot_ref *out, struct err *err)
{
    return snapshot_ref_parse(arena, tf_text(state->arn, STR("")), out, err) || err_wrap(err, "the ARN in the state");
}

bool copy_is_retained(const struct reencrypt_copy *state)
{
    return str_equal(tf_text(state->deletion_policy, STR("delete")), STR("retain"));
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

void copy_to_state(struct arena *arena, const struct rds_snapshot *found, struct reencrypt_copy *state)
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

/* Members that the plan of a copy under way may leave unknown. */
#define TOLD(member, always) { offsetof(struct reencrypt_copy, member.state), always }
static const struct {
    size_t offset;  /* of the member's enum tf_state */
    bool is_moving; /* reported each time; the others once */
} told_members[] = {
    TOLD(status, true),
    TOLD(percent_progress, true),
    TOLD(source_kms_key_arn, false),
    TOLD(kms_key_arn, false),
    TOLD(engine, false),
    TOLD(engine_version, false),
    TOLD(engine_mode, false),
    TOLD(master_username, false),
    TOLD(port, false),
    TOLD(allocated_storage, false),
    TOLD(storage_type, false),
    TOLD(storage_encryption_type, false),
    TOLD(license_model, false),
    TOLD(vpc_id, false),
    TOLD(availability_zones, false),
    TOLD(snapshot_create_time, false),
};

static enum tf_state *state_at(struct reencrypt_copy *copy, size_t offset)
{
    return (enum tf_state *)((char *)copy + offset);
}

void copy_forget_unreported(struct reencrypt_copy *planned)
{
    for (size_t i = 0; i < ARRAY_LENGTH(told_members); i++) {
        enum tf_state *state = state_at(planned, told_members[i].offset);
        if (told_members[i].is_moving || *state == TF_NULL)
            *state = TF_UNKNOWN;
    }
}

struct holding copy_holding(const struct reencrypt_copy *state)
{
    struct holding holding = {
        .holder_id = tf_text(state->holder_id, STR("")),
        .source_arn = tf_text(state->source_snapshot_arn, STR("")),
        .key_arn = tf_text(state->kms_key_arn, STR("")),
    };
    if (!snapshot_kind_find(tf_text(state->snapshot_kind, STR("")), &holding.kind))
        holding.kind = RDS_CLUSTER;
    if (str_equal(tf_text(state->status, STR("")), STR("available")))
        holding.create_time = tf_text(state->snapshot_create_time, STR(""));
    return holding;
}
