/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/copy/apply/failure.h"

#include "tests/unit/plugin/snapshot/copy/apply/fixture.h"

#define BEFORE_THE_END CALLER, NOTHING, SOURCE("available"), GOOD_KEY, copied_as("copy-request"), COPY("failed")
#define SOURCE_KEY(state) is_key(world->arena, KEY("k1"), "AWS", state)

static struct fake_answer with_id(struct fake_answer answer, const char *headers)
{
    answer.headers = headers;
    return answer;
}

#define copied_as(id) with_id(COPIED, "x-amzn-RequestId: " id)

static void assert_told(const struct snapshot_world *world, const char *part)
{
    if (!strstr(err_text(&world->err), part))
        fail_msg("\"%s\" is not in \"%s\"", part, err_text(&world->err));
}

static void a_failed_copy_tells_all_that_is_to_be_seen_and_is_deleted(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    struct fake_answer slow = COPY("copying");
    slow.takes_ms = HOUR_MS;
    ANSWERS(world, CALLER, NOTHING, SOURCE("available"), GOOD_KEY, copied_as("copy-request"), slow, COPY("failed"),
            SOURCE("available"), SOURCE_KEY("Disabled"), GOOD_KEY, event(world->arena, "The copy ended"),
            COPY("failed"), DELETED, NOTHING);
    assert_false(create(world, &config, &apply));
    assert_false(apply.keep_state);
    assert_err(world, ERR_CONFLICT,
               "copying " SNAPSHOT("a") " to " SNAPSHOT("t") ": AWS reports \"t\" as \"failed\" "
                                                             "at 50 %, 1 h 00 min after this apply began it");
    assert_told(world, "- caller: arn:aws:iam::111111111111:user/me, account 111111111111");
    assert_told(world, "- source: " SNAPSHOT("a") ": available");
    assert_told(world, "- key of the source: " KEY("k1") ": Disabled");
    assert_told(world, "- key of the copy: " KEY("k1") ": Enabled");
    assert_told(world, "- event: 2026-01-02T03:04:05Z The copy ended");
    assert_told(world, "The likeliest cause: the key of the source became unusable");
    assert_non_null(strstr(err_remedy(&world->err), "EnableKey"));
    assert_string_equal(err_part(&world->err, ERR_OPERATION), "CopyDBClusterSnapshot");
    assert_string_equal(err_part(&world->err, ERR_REQUEST_ID), "copy-request");
    assert_string_equal(err_part(&world->err, ERR_ACCOUNT), "111111111111");
    assert_string_equal(err_part(&world->err, ERR_REGION), "eu-west-1");
    assert_asked(world, "GetCallerIdentity DescribeDBClusterSnapshots DescribeDBClusterSnapshots DescribeKey "
                        "CopyDBClusterSnapshot DescribeDBClusterSnapshots DescribeDBClusterSnapshots "
                        "DescribeDBClusterSnapshots DescribeKey DescribeKey DescribeEvents DescribeDBClusterSnapshots "
                        "DeleteDBClusterSnapshot DescribeDBClusterSnapshots");
    assert_string_equal(fake_call_said(world->fake), "");
}

static void what_may_not_be_seen_is_told_as_such(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    const struct fake_answer denied = refuses(world->arena, 403, "AccessDenied", "not for you");
    ANSWERS(world, BEFORE_THE_END, denied, no_key("AccessDeniedException"), no_key("AccessDeniedException"), denied,
            COPY("failed"), DELETED, NOTHING);
    assert_false(create(world, &config, &apply));
    assert_err(world, ERR_CONFLICT, "\"failed\" at 50 %");
    assert_told(world, "- source: " SNAPSHOT("a") ": cannot be read (not for you)");
    assert_told(world, "- key of the source: " KEY("k1") ": this caller may not read its state (kms:DescribeKey is "
                                                         "denied)");
    assert_told(world, "- key of the copy: " KEY("k1") ": this caller may not");
    assert_told(world, "- events: cannot be read (not for you)");
    assert_told(world, "policy of the source's key stopped admitting this account");
    assert_true(str_ends_with(operations(&world->transport, world->arena),
                              STR("DeleteDBClusterSnapshot DescribeDBClusterSnapshots")));
}

static void each_sign_leads_to_its_cause(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    const struct {
        struct fake_answer source, source_key, copy_key;
        const char *cause;
    } rows[] = {
        { SOURCE("available"), SOURCE_KEY("Enabled"), GOOD_KEY, "RDS gives no reason" },
        { NOTHING, SOURCE_KEY("Enabled"), GOOD_KEY, "the source was deleted" },
        { SOURCE("deleting"), SOURCE_KEY("Enabled"), GOOD_KEY, "the source was deleted" },
        { SOURCE("available"), SOURCE_KEY("Enabled"), is_key(world->arena, KEY("k1"), "CUSTOMER", "PendingDeletion"),
         "the key of the copy became unusable" },
        { SOURCE("available"), SOURCE_KEY("Enabled"), no_key("NotFoundException"),
         "the key of the copy became unusable" },
        { SOURCE("available"), SOURCE_KEY("Enabled"), no_key("AccessDeniedException"), "policy of the copy's key" },
    };
    struct tf_apply first = { 0 };
    ANSWERS(world, CALLER, { .kind = ERR_IO }); /* learns who it is */
    assert_false(create(world, &config, &first));
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct tf_apply apply = { 0 };
        memory_forget(account_memory(world->call), MEMORY_CLAIMED, STR(SNAPSHOT("t")));
        fake_clock_advance(&world->clock, MINUTE_MS); /* what was seen is asked for again */
        ANSWERS(world, NOTHING, SOURCE("available"), GOOD_KEY, COPIED, COPY("failed"), rows[i].source,
                rows[i].source_key, rows[i].copy_key, event(world->arena, NULL), COPY("failed"), DELETED, NOTHING);
        assert_false(create(world, &config, &apply));
        if (!strstr(err_text(&world->err), rows[i].cause) || !strstr(err_text(&world->err), "- events: none"))
            fail_msg("row %zu: %s", i, err_text(&world->err));
    }
}

static void a_resumed_copy_that_failed_names_the_request_that_told(void **state)
{
    struct snapshot_world *world = *state;
    struct reencrypt_copy config = copy_config(), prior = copy_state();
    struct tf_apply apply = { 0 };
    prior.status = text("copying");
    prior.source_kms_key_arn = text(KEY("k1"));
    ANSWERS(world, CALLER, with_id(OLD("failed"), "x-amzn-RequestId: describe-request"), SOURCE("available"),
            SOURCE_KEY("Enabled"), GOOD_KEY, event(world->arena, NULL));
    assert_false(update(world, &config, &prior, &apply));
    assert_true(apply.keep_state);
    assert_told(world, "0 h 00 min after this apply began to wait for it");
    assert_told(world, "- key of the source: " KEY("k1") ": Enabled");
    assert_string_equal(err_part(&world->err, ERR_OPERATION), "DescribeDBClusterSnapshots");
    assert_string_equal(err_part(&world->err, ERR_REQUEST_ID), "describe-request");
    assert_nothing_is_deleted(world);
}

static void a_hostile_event_is_cut_and_harmless(void **state)
{
    struct snapshot_world *world = *state;
    const struct reencrypt_copy config = copy_config();
    struct tf_apply apply = { 0 };
    char message[4001];
    memset(message, 'x', sizeof(message) - 1);
    memcpy(message, "%s%n", 4);
    message[sizeof(message) - 1] = '\0';
    ANSWERS(world, BEFORE_THE_END, SOURCE("available"), SOURCE_KEY("Enabled"), GOOD_KEY, event(world->arena, message),
            COPY("failed"), DELETED, NOTHING);
    assert_false(create(world, &config, &apply));
    assert_told(world, "%s%nxxx");
    assert_told(world, "The likeliest cause:");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ECHOED(a_failed_copy_tells_all_that_is_to_be_seen_and_is_deleted),
        ECHOED(what_may_not_be_seen_is_told_as_such),
        ECHOED(each_sign_leads_to_its_cause),
        ECHOED(a_resumed_copy_that_failed_names_the_request_that_told),
        ECHOED(a_hostile_event_is_cut_and_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
