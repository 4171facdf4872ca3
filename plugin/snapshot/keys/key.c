/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/keys/key.h"

#include "aws/arn.h"

/* "key/1234..." or "alias/name": what stands after the account of an ARN, or the text itself. */
static struct str resource_of(struct str text)
{
    struct aws_arn arn;
    CLEANUP(err_clear) struct err ignored = { 0 };
    return aws_is_arn(text) && aws_arn_parse(text, &arn, &ignored) ? arn.resource : text;
}

bool key_is_alias(struct str text)
{
    return str_starts_with(resource_of(text), STR("alias/"));
}

enum key_match key_compare(struct str arn, struct str text)
{
    if (str_equal(arn, text))
        return KEY_SAME;
    if (key_is_alias(text))
        return KEY_CANNOT_TELL;
    if (aws_is_arn(text) || !aws_is_arn(arn))
        return KEY_OTHER;
    struct str resource = resource_of(arn);
    return str_equal(str_slice(resource, STR("key/").len, resource.len), text) ? KEY_SAME : KEY_OTHER;
}

/* KeyState of DescribeKey that does not change without somebody's doing. */
static const struct {
    const char *state;
    const char *remedy;
} unusable_states[] = {
    { "Disabled",               "Enable the key (kms:EnableKey), or choose another one."                            },
    { "PendingDeletion",        "Cancel its deletion (kms:CancelKeyDeletion) and enable it, or choose another key." },
    { "PendingReplicaDeletion", "Choose another key: this one is to be deleted."                                    },
    { "PendingImport",          "Import its key material, or choose another key."                                   },
    { "Unavailable",            "Connect its custom key store, or choose another key."                              },
};

bool key_check_usable(const struct kms_key *key, struct err *err)
{
    for (size_t i = 0; i < ARRAY_LENGTH(unusable_states); i++)
        if (str_equal(key->key_state, str_from(unusable_states[i].state))) {
            err_set(err, ERR_DENIED, "the key %.*s cannot be used: its state is %s", STR_ARG(key->arn),
                    unusable_states[i].state);
            err_set_remedy(err, "%s", unusable_states[i].remedy);
            err_set_path(err, "kms_key_id");
            return false;
        }
    if (!str_is_empty(key->key_spec) && !str_equal(key->key_spec, STR("SYMMETRIC_DEFAULT"))) {
        err_set(err, ERR_INVALID, "the key %.*s is of type %.*s; RDS encrypts with symmetric keys only",
                STR_ARG(key->arn), STR_ARG(key->key_spec));
        err_set_remedy(err, "Create a key with the default spec (SYMMETRIC_DEFAULT, ENCRYPT_DECRYPT).");
        err_set_path(err, "kms_key_id");
        return false;
    }
    return true;
}

bool key_is_lost(const struct kms_key *key)
{
    bool is_symmetric = str_is_empty(key->key_spec) || str_equal(key->key_spec, STR("SYMMETRIC_DEFAULT"));
    return !is_symmetric || str_equal(key->key_state, STR("PendingDeletion")) ||
           str_equal(key->key_state, STR("PendingReplicaDeletion"));
}
