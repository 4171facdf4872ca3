/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/keys/key.h"

#include <string.h>

#include "tests/support/harness.h"

#define KEY "arn:aws:kms:eu-west-1:111111111111:key/"
#define ID "1234abcd-12ab-34cd-56ef-1234567890ab"
#define MRK "mrk-1234abcd12ab34cd56ef1234567890ab"

static void spellings_are_compared_without_aws_where_that_can_be(void **state)
{
    static const struct {
        const char *arn, *text;
        enum key_match match;
    } rows[] = {
        { KEY ID,  KEY ID,                                          KEY_SAME        },
        { KEY ID,  ID,                                              KEY_SAME        },
        { KEY MRK, MRK,                                             KEY_SAME        },
        { KEY MRK, KEY MRK,                                         KEY_SAME        },
        { KEY ID,  KEY "1234abcd-12ab-34cd-56ef-1234567890ac",      KEY_OTHER       },
        { KEY ID,  "1234abcd-12ab-34cd-56ef-1234567890ac",          KEY_OTHER       },
        { KEY ID,  "arn:aws:kms:us-east-1:111111111111:key/" ID,    KEY_OTHER       },
        { KEY MRK, "arn:aws:kms:us-east-1:111111111111:key/" MRK,   KEY_OTHER       },
        { KEY ID,  "arn:aws:kms:eu-west-1:222222222222:key/" ID,    KEY_OTHER       },
        { KEY ID,  "alias/mine",                                    KEY_CANNOT_TELL },
        { KEY ID,  "alias/" ID,                                     KEY_CANNOT_TELL },
        { KEY ID,  "arn:aws:kms:eu-west-1:111111111111:alias/mine", KEY_CANNOT_TELL },
        { KEY ID,  "",                                              KEY_OTHER       },
        { KEY ID,  "key/" ID,                                       KEY_OTHER       },
        { KEY ID,  "mine",                                          KEY_OTHER       },
        { KEY ID,  "arn:",                                          KEY_OTHER       },
        { KEY ID,  "arn:aws:kms",                                   KEY_OTHER       },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        if (key_compare(str_from(rows[i].arn), str_from(rows[i].text)) != rows[i].match)
            fail_msg("%s, \"%s\": %d", rows[i].arn, rows[i].text,
                     (int)key_compare(str_from(rows[i].arn), str_from(rows[i].text)));
}

static void damaged_arns_are_other_keys_and_do_no_harm(void **state)
{
    static const char *const rows[] = { "", "arn:", "arn:aws:kms:eu-west-1:111111111111:", "arn:aws:kms:r:a:k", "x" };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        assert_int_equal(key_compare(str_from(rows[i]), STR(ID)), KEY_OTHER);
    assert_int_equal(key_compare((struct str){ 0 }, STR(ID)), KEY_OTHER);
    assert_int_equal(key_compare(STR(KEY ID), (struct str){ 0 }), KEY_OTHER);
}

static void an_alias_is_told_by_its_name_or_arn(void **state)
{
    (void)state;
    assert_true(key_is_alias(STR("alias/mine")));
    assert_true(key_is_alias(STR("arn:aws:kms:eu-west-1:111111111111:alias/mine")));
    assert_false(key_is_alias(STR(ID)));
    assert_false(key_is_alias(STR(KEY ID)));
    assert_false(key_is_alias(STR("arn:alias/mine")));
    assert_false(key_is_alias((struct str){ 0 }));
}

static void a_key_that_will_not_heal_by_itself_is_refused(void **state)
{
    static const struct {
        const char *key_state, *spec;
        enum err_kind kind;
        const char *cure;
    } rows[] = {
        { "Disabled",               "SYMMETRIC_DEFAULT", ERR_DENIED,  "kms:EnableKey"         },
        { "PendingDeletion",        "SYMMETRIC_DEFAULT", ERR_DENIED,  "kms:CancelKeyDeletion" },
        { "PendingReplicaDeletion", "SYMMETRIC_DEFAULT", ERR_DENIED,  "another key"           },
        { "PendingImport",          "SYMMETRIC_DEFAULT", ERR_DENIED,  "key material"          },
        { "Unavailable",            "SYMMETRIC_DEFAULT", ERR_DENIED,  "key store"             },
        { "Enabled",                "RSA_2048",          ERR_INVALID, "SYMMETRIC_DEFAULT"     },
        { "Enabled",                "HMAC_256",          ERR_INVALID, "SYMMETRIC_DEFAULT"     },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        const struct kms_key key = { .arn = STR(KEY ID),
                                     .key_state = str_from(rows[i].key_state),
                                     .key_spec = str_from(rows[i].spec) };
        CLEANUP(err_clear) struct err err = { 0 };
        assert_false(key_check_usable(&key, &err));
        assert_int_equal(err.kind, rows[i].kind);
        assert_string_equal(err_path(&err), "kms_key_id");
        assert_non_null(strstr(err_text(&err), KEY ID));
        if (!strstr(err_remedy(&err), rows[i].cure))
            fail_msg("%s: \"%s\"", rows[i].key_state, err_remedy(&err));
    }
}

static void a_key_in_use_or_of_a_state_not_known_is_not_refused(void **state)
{
    static const char *const states[] = { "Enabled", "Creating", "Updating", "Brand-new", "" };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(states); i++) {
        const struct kms_key key = { .key_state = str_from(states[i]), .key_spec = STR("SYMMETRIC_DEFAULT") };
        CLEANUP(err_clear) struct err err = { 0 };
        assert_true(key_check_usable(&key, &err));
    }
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(key_check_usable(&(const struct kms_key){ 0 }, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spellings_are_compared_without_aws_where_that_can_be),
        cmocka_unit_test(damaged_arns_are_other_keys_and_do_no_harm),
        cmocka_unit_test(an_alias_is_told_by_its_name_or_arn),
        cmocka_unit_test(a_key_that_will_not_heal_by_itself_is_refused),
        cmocka_unit_test(a_key_in_use_or_of_a_state_not_known_is_not_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
