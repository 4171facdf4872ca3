/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/policies/principal.h"

#include <string.h>

#include "tests/support/harness.h"

static int setup(void **state)
{
    *state = arena_new();
    return 0;
}

static int teardown(void **state)
{
    arena_free(*state);
    return 0;
}

static void roles_and_users_are_accepted(void **state)
{
    static const char *const rows[] = {
        "arn:aws:iam::222222222222:role/mover",
        "arn:aws:iam::222222222222:role/team/a+b=c,d.e@f_g-h",
        "arn:aws:iam::222222222222:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Admin_0123456789abcdef",
        "arn:aws:iam::222222222222:user/ann",
        "arn:aws:iam::222222222222:user/people/ann",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        CLEANUP(err_clear) struct err err = { 0 };
        if (!principal_check(*state, aws_partition_find(STR("aws")), str_from(rows[i]), &err))
            fail_msg("%s", err_text(&err));
    }
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(
        principal_check(*state, aws_partition_find(STR("aws-cn")), STR("arn:aws-cn:iam::222222222222:role/m"), &err));
}

/* Each with what to write instead, where the text tells it. */
static void whatever_else_is_rejected_by_name(void **state)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        { "arn:aws:sts::222222222222:assumed-role/mover/session",
         "write the role, \"arn:aws:iam::222222222222:role/mover\", with its path if it has one"                           },
        { "arn:aws:sts::222222222222:assumed-role/mover",         "\"arn:aws:iam::222222222222:role/mover\""               },
        { "arn:aws:sts::222222222222:assumed-role//session",      "is not the ARN of an IAM role or user"                  },
        { "arn:aws:sts::222222222222:federated-user/ann",         "is not the ARN of an IAM role or user"                  },
        { "arn:aws:iam::222222222222:root",                       "write \"222222222222\" in reader_account_ids"           },
        { "222222222222",                                         "is an account, not the ARN of an IAM role or user"      },
        { "arn:aws:iam::222222222222:group/team",                 "is not the ARN of an IAM role or user"                  },
        { "arn:aws:iam::222222222222:saml-provider/idp",          "is not the ARN of an IAM role or user"                  },
        { "arn:aws:kms:eu-west-1:222222222222:key/k",             "is not the ARN of an IAM role or user"                  },
        { "arn:aws:iam:eu-west-1:222222222222:role/mover",        "is not the ARN of an IAM role or user"                  },
        { "arn:aws:iam::22222222222:role/mover",                  "is not the ARN of an IAM role or user"                  },
        { "arn:aws:iam::aws:role/mover",                          "is not the ARN of an IAM role or user"                  },
        { "arn:aws:iam::222222222222:role/",                      "is not the ARN of an IAM role or user"                  },
        { "arn:aws:iam::222222222222:role/team/",                 "is not the ARN of an IAM role or user"                  },
        { "arn:aws:iam::222222222222:role/mover ",                "is not the ARN of an IAM role or user"                  },
        { "arn:aws:iam::222222222222:role/mo\xff",                "is not the ARN of an IAM role or user"                  },
        { "arn:aws:iam::222222222222:",                           "is not the ARN of an IAM role or user"                  },
        { "rds.amazonaws.com",                                    "is not the ARN of an IAM role or user"                  },
        { "AROACKCEVSQ6C2EXAMPLE",                                "is not the ARN of an IAM role or user"                  },
        { "mover",                                                "is not the ARN of an IAM role or user"                  },
        { "",                                                     "is not the ARN of an IAM role or user"                  },
        { "*",                                                    "alone it allows everybody"                              },
        { "arn:aws:iam::222222222222:role/*",                     "within an ARN KMS rejects it"                           },
        { "arn:aws:iam::222222222222:role/move?",                 "has a wildcard"                                         },
        { "arn:aws-cn:iam::222222222222:role/mover",              "is in the partition \"aws-cn\", and the key in \"aws\"" },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        CLEANUP(err_clear) struct err err = { 0 };
        if (principal_check(*state, aws_partition_find(STR("aws")), str_from(rows[i].text), &err))
            fail_msg("%s is accepted", rows[i].text);
        assert_int_equal(err.kind, ERR_INVALID);
        if (!strstr(err_text(&err), rows[i].says))
            fail_msg("\"%s\" does not say \"%s\"", err_text(&err), rows[i].says);
    }
}

#define WITH_ARENA(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ARENA(roles_and_users_are_accepted),
        WITH_ARENA(whatever_else_is_rejected_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
