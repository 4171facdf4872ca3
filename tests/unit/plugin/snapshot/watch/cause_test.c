/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/watch/cause.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/harness.h"

static struct err refused(const char *code, const char *text)
{
    struct err err = { 0 };
    err_fill(&err, ERR_DENIED, "%s", text);
    err_set_part(&err, ERR_CODE, "%s", code);
    return err;
}

/* AWS's texts as users quote them in public issues. */
static void every_known_refusal_has_its_cure_and_says_what_to_wait_for(void **state)
{
    static const struct {
        const char *code, *text;
        enum cause_wait wait;
        const char *cure;
    } rows[] = {
        { "SnapshotQuotaExceeded",               "Cannot copy more than 5 snapshots across regions",                                   CAUSE_SLOT,
         "5 cluster, 20 instance"                                                                                                                                                      },
        { "SnapshotQuotaExceeded",               "Cannot copy more than 5 snapshots",                                                  CAUSE_SLOT,        "5 cluster, 20 instance"     },
        { "SnapshotQuotaExceeded",               "Cannot create more than 100 manual snapshots",                                       CAUSE_QUOTA,       "Service Quotas"             },
        { "SnapshotQuotaExceeded",               "There are 5 copies in progress already",                                             CAUSE_SLOT,        "5 cluster, 20 instance"     },
        { "SnapshotQuotaExceeded",               "Quota exceeded",                                                                     CAUSE_SOME_LIMIT,  "Service Quotas"             },
        { "KMSKeyNotAccessibleFault",
         "The source snapshot KMS key [arn:x] does not exist, is not enabled or you do not have permissions to access "
          "it",                                                                                                                        CAUSE_PROPAGATION, "side = \"source\""          },
        { "KMSKeyNotAccessibleFault",            "The target KMS key [None] does not exist, is not enabled",                           CAUSE_PROPAGATION,
         "kms_key_id must name a key"                                                                                                                                                  },
        { "KMSKeyNotAccessibleFault",            "The target KMS key [arn:x] does not exist, is not enabled",                          CAUSE_PROPAGATION,
         "side = \"target\""                                                                                                                                                           },
        { "KMSKeyNotAccessible",                 "Specified KMS key [x]",                                                              CAUSE_PROPAGATION, "side = \"target\""          },
        { "DBClusterSnapshotNotFoundFault",      "DBClusterSnapshot not found: x",                                                     CAUSE_PROPAGATION, "full ARN"                   },
        { "DBSnapshotNotFound",                  "DBSnapshot not found: x",                                                            CAUSE_PROPAGATION, "full ARN"                   },
        { "InvalidDBClusterSnapshotStateFault",  "Only manual snapshots may be deleted.",                                              CAUSE_FINAL,
         "AWS itself deletes it"                                                                                                                                                       },
        { "InvalidDBSnapshotState",              "automated snapshots cannot be deleted.",                                             CAUSE_FINAL,       "terraform state rm"         },
        { "InvalidDBClusterSnapshotStateFault",  "x",                                                                                  CAUSE_SOURCE,      "until it is available"      },
        { "InvalidDBSnapshotState",              "x",                                                                                  CAUSE_SOURCE,      "until it is available"      },
        { "DBClusterSnapshotAlreadyExistsFault", "x",                                                                                  CAUSE_EXISTS,      "target_snapshot_identifier" },
        { "DBSnapshotAlreadyExists",             "x",                                                                                  CAUSE_EXISTS,      "target_snapshot_identifier" },
        { "SharedSnapshotQuotaExceeded",         "x",                                                                                  CAUSE_FINAL,       "20 accounts"                },
        { "InvalidParameterValue",               "The parameter X is not a valid identifier. Identifiers must ...",                    CAUSE_FINAL,
         "Automatic snapshots"                                                                                                                                                         },
        { "AccessDenied",                        "User: x is not authorized ... with an explicit deny in a service control policy",
         CAUSE_FINAL,                                                                                                                                     "service control policy"     },
        { "AccessDenied",                        "User: x is not authorized to perform: rds:CopyDBSnapshot",                           CAUSE_FINAL,       "IAM policy"                 },
        { "AccessDenied",                        "User: role/Unknown is not authorized to perform: rds:CopyDBSnapshot",                CAUSE_FINAL,
         "IAM policy"                                                                                                                                                                  },
        { "AccessDenied",                        "Unknown",                                                                            CAUSE_SHARE,       "AWS names no reason"        },
        { "AccessDenied",                        "Access denied",                                                                      CAUSE_FINAL,       "IAM policy"                 },
        { "ExpiredToken",                        "x",                                                                                  CAUSE_FINAL,       "Log in again"               },
        { "ExpiredTokenException",               "x",                                                                                  CAUSE_FINAL,       "Log in again"               },
        { "InvalidClientTokenId",                "x",                                                                                  CAUSE_FINAL,       "Region is not enabled"      },
        { "InvalidClientTokenId",                "x",                                                                                  CAUSE_FINAL,       "GovCloud"                   },
        { "ValidationError",
         "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",                         CAUSE_FINAL,       "duration_seconds"           },
        { "UnrecognizedClientException",         "x",                                                                                  CAUSE_FINAL,       "Region is not enabled"      },
        { "InvalidParameterValue",               "A pre-signed url must be specified",                                                 CAUSE_FINAL,       "within the same Region"     },
        { "InvalidParameterValue",               "PreSignedUrl could not be authenticated",                                            CAUSE_FINAL,       "sts_region"                 },
        { "InvalidParameterValue",               "The snapshot requires a target option group with the following options: [Timezone]",
         CAUSE_FINAL,                                                                                                                                     "copy_option_group"          },
        { "AccessDeniedException",               "User: x is not authorized ... with an explicit deny in a service control policy",
         CAUSE_FINAL,                                                                                                                                     "service control policy"     },
        { "AccessDenied",                        "Not authorized to perform sts:AssumeRoleWithWebIdentity",                            CAUSE_FINAL,
         "the token's issuer"                                                                                                                                                          },
        { "AccessDenied",                        "User: x is not authorized to perform: sts:AssumeRole on resource: y",                CAUSE_FINAL,
         "trust policy"                                                                                                                                                                },
        { "RegionDisabledException",             "STS is not activated in this region for account:1",                                  CAUSE_FINAL,       "sts_region"                 },
        { "InvalidSignatureException",           "x",                                                                                  CAUSE_FINAL,       "clock"                      },
        { "AccessDeniedException",               "x",                                                                                  CAUSE_FINAL,       "the key's policy"           },
        { "OptInRequired",                       "x",                                                                                  CAUSE_FINAL,       "Enable the Region"          },
        { "SignatureDoesNotMatch",               "x",                                                                                  CAUSE_FINAL,       "secret key"                 },
        { "RequestTimeTooSkewed",                "x",                                                                                  CAUSE_FINAL,       "clock"                      },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        CLEANUP(err_clear) struct err err = refused(rows[i].code, rows[i].text);
        enum cause_wait wait = cause_of(&err);
        assert_string_equal(err_remedy(&err), "");
        cause_explain(&err);
        if (wait != rows[i].wait || !strstr(err_remedy(&err), rows[i].cure))
            fail_msg("%s \"%s\": wait %d, \"%s\"", rows[i].code, rows[i].text, (int)wait, err_remedy(&err));
    }
}

static void what_a_refusal_is_about_is_told_by_its_row(void **state)
{
    static const struct {
        const char *code, *text;
        enum cause_about about;
    } rows[] = {
        { "KMSKeyNotAccessibleFault",       "The source snapshot KMS key [arn:x] does not exist",   CAUSE_ABOUT_SOURCE_KEY   },
        { "KMSKeyNotAccessibleFault",       "The target KMS key [arn:x] does not exist",            CAUSE_ABOUT_OTHER        },
        { "InvalidParameterValue",          "The snapshot requires a target option group with [x]", CAUSE_ABOUT_OPTION_GROUP },
        { "InvalidParameterValue",          "source snapshot KMS key",                              CAUSE_ABOUT_OTHER        },
        { "DBClusterSnapshotNotFoundFault", "x",                                                    CAUSE_ABOUT_SOURCE       },
        { "DBSnapshotNotFound",             "x",                                                    CAUSE_ABOUT_SOURCE       },
        { "AccessDenied",                   "x",                                                    CAUSE_ABOUT_CALLER       },
        { "DBSnapshotAlreadyExists",        "x",                                                    CAUSE_ABOUT_LIMIT        },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        CLEANUP(err_clear) struct err err = refused(rows[i].code, rows[i].text);
        err.kind = ERR_INVALID;
        assert_int_equal(cause_about(&err), rows[i].about);
    }
}

static void behind_most_refusals_may_be_the_source(void **state)
{
    static const struct {
        enum err_kind kind;
        const char *code, *text;
        bool may_be;
    } rows[] = {
        { ERR_DENIED,    "KMSKeyNotAccessibleFault",    "The source snapshot KMS key [None] does not exist",    true  },
        { ERR_DENIED,    "KMSKeyNotAccessibleFault",    "The target KMS key [arn:x] does not exist",            true  },
        { ERR_INVALID,   "InvalidParameterCombination", "KmsKeyId cannot be specified",                         true  },
        { ERR_INVALID,   "SomethingNew",                "x",                                                    true  },
        { ERR_CONFLICT,  "InvalidDBSnapshotState",      "x",                                                    true  },
        { ERR_TIMEOUT,   "InvalidDBSnapshotState",      "x",                                                    true  },
        { ERR_INVALID,   "InvalidParameterValue",       "The snapshot requires a target option group with [x]", true  },
        { ERR_DENIED,    "AccessDenied",                "x",                                                    false },
        { ERR_DENIED,    "AccessDenied",                "Unknown",                                              false },
        { ERR_DENIED,    "NotAuthorized",               "x",                                                    false },
        { ERR_CONFLICT,  "SnapshotQuotaExceeded",       "x",                                                    false },
        { ERR_TIMEOUT,   "SnapshotQuotaExceeded",       "Cannot copy more than 5 snapshots",                    false },
        { ERR_CONFLICT,  "DBSnapshotAlreadyExists",     "x",                                                    false },
        { ERR_CANCELLED, "InvalidDBSnapshotState",      "x",                                                    false },
        { ERR_INVALID,   "",                            "not AWS's",                                            false },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        CLEANUP(err_clear) struct err err = refused(rows[i].code, rows[i].text);
        err.kind = rows[i].kind;
        if (cause_may_be_source(&err) != rows[i].may_be)
            fail_msg("%s \"%s\"", rows[i].code, rows[i].text);
    }
}

static void a_context_before_the_text_hides_nothing(void **state)
{
    (void)state;
    CLEANUP(err_clear)
    struct err err = refused("SnapshotQuotaExceeded", "Cannot copy more than 5 snapshots across regions");
    (void)err_wrap(&err, "copying a to b");
    assert_int_equal(cause_of(&err), CAUSE_SLOT);
}

static void what_is_not_known_is_final_and_has_no_cure(void **state)
{
    static const char *const codes[] = { "",
                                         "Fault",
                                         "SomethingNew",
                                         "snapshotquotaexceeded",
                                         "DBSnapshotNotFoundX",
                                         "KMSKeyNotAccessibleFaultFault",
                                         "NotFound" };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(codes); i++) {
        CLEANUP(err_clear)
        struct err err = refused(codes[i], "across regions [None] explicit deny is not a valid identifier");
        assert_int_equal(cause_of(&err), CAUSE_FINAL);
        cause_explain(&err);
        assert_string_equal(err_remedy(&err), "");
    }
}

static void an_ordinary_invalid_value_is_not_taken_for_an_automatic_snapshot(void **state)
{
    (void)state;
    CLEANUP(err_clear) struct err err = refused("InvalidParameterValue", "Invalid KmsKeyId");
    assert_int_equal(cause_of(&err), CAUSE_FINAL);
    cause_explain(&err);
    assert_string_equal(err_remedy(&err), "");
}

static void a_remedy_that_is_there_already_stays(void **state)
{
    (void)state;
    CLEANUP(err_clear) struct err err = refused("DBSnapshotNotFound", "x");
    err_set_remedy(&err, "my own");
    assert_int_equal(cause_of(&err), CAUSE_PROPAGATION);
    cause_explain(&err);
    assert_string_equal(err_remedy(&err), "my own");
}

static void the_error_itself_is_left_as_it_was(void **state)
{
    (void)state;
    CLEANUP(err_clear) struct err err = refused("AccessDenied", "no");
    cause_explain(&err);
    assert_int_equal(err.kind, ERR_DENIED);
    assert_string_equal(err_text(&err), "no");
    assert_string_equal(err_code(&err), "AccessDenied");
}

static void a_text_of_the_longest_length_is_searched_to_its_end(void **state)
{
    (void)state;
    char text[2048];
    const char end[] = "across regions";
    assert_int_equal(err_part_limit(ERR_TEXT), sizeof(text) - 1);
    memset(text, 'x', sizeof(text));
    memcpy(text + sizeof(text) - sizeof(end), end, sizeof(end));
    CLEANUP(err_clear) struct err err = refused("SnapshotQuotaExceeded", text);
    assert_int_equal(cause_of(&err), CAUSE_SLOT);
}

static void a_failed_copy_has_a_likeliest_cause_and_its_cure(void **state)
{
    static const struct {
        unsigned signs;
        const char *cause, *cure;
    } rows[] = {
        { CAUSE_SIGN_SOURCE_KEY_UNUSABLE | CAUSE_SIGN_SOURCE_GONE,     "the key of the source became unusable",
         "EnableKey"                                                                                                                },
        { CAUSE_SIGN_COPY_KEY_UNUSABLE | CAUSE_SIGN_SOURCE_KEY_UNTOLD, "the key of the copy became unusable",
         "kms_key_id"                                                                                                               },
        { CAUSE_SIGN_SOURCE_GONE | CAUSE_SIGN_SOURCE_KEY_UNTOLD,       "the source was deleted",                "share it, again"   },
        { CAUSE_SIGN_SOURCE_KEY_UNTOLD | CAUSE_SIGN_COPY_KEY_UNTOLD,   "policy of the source's key",
         "side = \"source\""                                                                                                        },
        { CAUSE_SIGN_COPY_KEY_UNTOLD,                                  "policy of the copy's key",              "side = \"target\"" },
        { CAUSE_SIGN_SOURCE_WITHOUT_KEY | CAUSE_SIGN_COPY_KEY_UNTOLD,  "policy of the copy's key",              "side = \"target\"" },
        { CAUSE_SIGN_SOURCE_WITHOUT_KEY,                               "the source has no key in KMS",          "take a snapshot"   },
        { 0,                                                           "RDS gives no reason",                   "Apply again"       },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        const struct cause_of_failure *found = cause_of_failed_copy(rows[i].signs);
        if (!strstr(found->cause, rows[i].cause) || !strstr(found->remedy, rows[i].cure))
            fail_msg("row %zu: %s %s", i, found->cause, found->remedy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_known_refusal_has_its_cure_and_says_what_to_wait_for),
        cmocka_unit_test(what_a_refusal_is_about_is_told_by_its_row),
        cmocka_unit_test(behind_most_refusals_may_be_the_source),
        cmocka_unit_test(a_context_before_the_text_hides_nothing),
        cmocka_unit_test(what_is_not_known_is_final_and_has_no_cure),
        cmocka_unit_test(an_ordinary_invalid_value_is_not_taken_for_an_automatic_snapshot),
        cmocka_unit_test(a_remedy_that_is_there_already_stays),
        cmocka_unit_test(the_error_itself_is_left_as_it_was),
        cmocka_unit_test(a_failed_copy_has_a_likeliest_cause_and_its_cure),
        cmocka_unit_test(a_text_of_the_longest_length_is_searched_to_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
