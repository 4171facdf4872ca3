/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/encryption.h"

#include "tests/support/harness.h"

#define ARN "arn:aws:kms:eu-west-1:111111111111:key/k1"

static void the_type_decides_and_the_older_fields_only_without_one(void **state)
{
    static const struct {
        const char *type;
        struct wire_bool encrypted;
        const char *key;
        enum encryption encryption;
        const char *seen_key;
    } rows[] = {
        { "sse-kms",  { true, true },   ARN, ENCRYPTION_KMS,  ARN },
        { "sse-kms",  { false, false }, "",  ENCRYPTION_KMS,  ""  },
        { "sse-rds",  { true, false },  "",  ENCRYPTION_RDS,  ""  },
        { "sse-rds",  { true, true },   ARN, ENCRYPTION_RDS,  ""  },
        { "none",     { true, false },  "",  ENCRYPTION_NONE, ""  },
        { "none",     { true, true },   ARN, ENCRYPTION_NONE, ""  },
        { "sse-next", { true, false },  "",  ENCRYPTION_KMS,  ""  },
        { "",         { true, true },   ARN, ENCRYPTION_KMS,  ARN },
        { "",         { true, false },  ARN, ENCRYPTION_KMS,  ARN },
        { "",         { true, false },  "",  ENCRYPTION_NONE, ""  },
        { "",         { true, true },   "",  ENCRYPTION_KMS,  ""  },
        { "",         { false, false }, "",  ENCRYPTION_KMS,  ""  },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        const struct rds_snapshot snapshot = { .storage_encryption_type = str_from(rows[i].type),
                                               .encrypted = rows[i].encrypted,
                                               .kms_key_id = str_from(rows[i].key) };
        if (encryption_of(&snapshot) != rows[i].encryption)
            fail_msg("row %zu: %d", i, (int)encryption_of(&snapshot));
        assert_str_equal(encryption_key(&snapshot), rows[i].seen_key);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_type_decides_and_the_older_fields_only_without_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
