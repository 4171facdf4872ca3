/* SPDX-License-Identifier: MPL-2.0 */
#include <pthread.h>

#include "plugin/aws_provider/configuration.h"
#include "tests/unit/plugin/aws_provider/block_fixture.h"

#define ROLE "arn:aws:iam::444455556666:role/migration"
#define OTHER_ROLE "arn:aws:iam::444455556666:role/other"

/* STS: answers with the identity of `account`, or a refusal, and keeps count. */
struct fake_sts_service {
    const char *account;
    bool hangs;
    const char *refusal; /* an error code; NULL: answers */
    pthread_mutex_t lock;
    int identities, roles, others, documents;
    const char *instance_region;
    struct str last_url;  /* of STS */
    struct str last_key;  /* access key id of the last GetCallerIdentity */
    struct str last_role; /* body of the last AssumeRole */
    struct str last_agent;
    struct arena *arena; /* of the above */
};

static bool has_action(const struct http_request *request, const char *action)
{
    return str_find(request->body, str_from(action)) >= 0;
}

static struct str key_of(const struct http_request *request)
{
    const struct str authorization = http_header_find(request->headers, request->header_count, STR("Authorization"));
    const ptrdiff_t at = str_find(authorization, STR("Credential="));
    struct str rest = str_slice(authorization, at < 0 ? authorization.len : (size_t)at + 11, authorization.len);
    struct str key = STR("");
    return str_next(&rest, '/', &key) ? key : STR("");
}

static struct str answer_to(struct fake_sts_service *sts, struct arena *arena, const struct http_request *request)
{
    if (has_action(request, "Action=GetCallerIdentity")) {
        sts->identities++;
        sts->last_key = str_copy(sts->arena, key_of(request));
        return str_format(arena,
                          "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws-cn:sts::%s:assumed-role/a/b"
                          "</Arn><UserId>U</UserId><Account>%s</Account></GetCallerIdentityResult>"
                          "<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></GetCallerIdentityResponse>",
                          sts->account, sts->account);
    }
    if (has_action(request, "Action=AssumeRole")) {
        const char *web = has_action(request, "Action=AssumeRoleWithWebIdentity") ? "WithWebIdentity" : "";
        sts->roles++;
        sts->last_role = str_copy(sts->arena, request->body);
        return str_format(arena,
                          "<AssumeRole%sResponse><AssumeRole%sResult><Credentials><AccessKeyId>ASIA%d</AccessKeyId>"
                          "<SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>"
                          "<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRole%sResult>"
                          "</AssumeRole%sResponse>",
                          web, web, sts->roles, web, web);
    }
    sts->others++;
    return STR("");
}

/* EC2 metadata, which the block's address leads to. */
static struct str metadata_of(struct fake_sts_service *sts, struct arena *arena, const struct http_request *request)
{
    if (str_ends_with(request->url, STR("/latest/api/token")))
        return STR("tok");
    if (str_ends_with(request->url, STR("/security-credentials/")))
        return STR("host");
    if (str_ends_with(request->url, STR("/document"))) {
        sts->documents++;
        return str_format(arena, "{\"region\": \"%s\"}", sts->instance_region);
    }
    return STR("{\"Code\": \"Success\", \"AccessKeyId\": \"ASIAEC2\", \"SecretAccessKey\": \"s\", \"Token\": \"t\", "
               "\"Expiration\": \"2099-01-01T00:00:00Z\"}");
}

static bool fake_send(void *self, struct arena *arena, struct waiter *waiter, int64_t deadline_ms,
                      const struct http_request *request, struct http_response *out, struct err *err)
{
    struct fake_sts_service *sts = self;
    if (sts->hangs)
        return waiter_pause(waiter, deadline_ms, err) && err_set(err, ERR_TIMEOUT, "no answer");
    pthread_mutex_lock(&sts->lock);
    *out = (struct http_response){ .status = 200, .received_wall_ms = 1700000000000 };
    const bool is_metadata = str_starts_with(request->url, STR("http://metadata"));
    out->body = is_metadata ? metadata_of(sts, arena, request) : answer_to(sts, arena, request);
    if (!is_metadata)
        sts->last_url = str_copy(sts->arena, request->url);
    sts->last_agent =
        str_copy(sts->arena, http_header_find(request->headers, request->header_count, STR("User-Agent")));
    if (sts->refusal) {
        out->status = 403;
        out->body = str_format(arena,
                               "<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>no</Message></Error>"
                               "<RequestId>r</RequestId></ErrorResponse>",
                               sts->refusal);
    }
    pthread_mutex_unlock(&sts->lock);
    return true;
}

struct identity_fixture {
    struct block_fixture *base;
    struct fake_sts_service sts;
    struct http_transport transport;
};

static int setup(void **state)
{
    struct identity_fixture *fixture = mem_alloc(sizeof(*fixture));
    void *base = NULL;
    block_fixture_setup(&base);
    fixture->base = base;
    fixture->sts = (struct fake_sts_service){ .account = "444455556666", .arena = arena_new() };
    pthread_mutex_init(&fixture->sts.lock, NULL);
    fixture->transport = (struct http_transport){ .send = fake_send, .self = &fixture->sts };
    fixture->base->block.region = text("cn-north-1");
    fixture->base->block.access_key = text("AKIA");
    fixture->base->block.secret_key = text("secret");
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct identity_fixture *fixture = *state;
    void *base = fixture->base;
    block_fixture_teardown(&base);
    arena_free(fixture->sts.arena);
    pthread_mutex_destroy(&fixture->sts.lock);
    mem_free(fixture);
    return 0;
}

static struct aws_configuration *start(struct identity_fixture *fixture)
{
    configure(fixture->base);
    fixture->base->configuration->transport = &fixture->transport;
    return fixture->base->configuration;
}

static bool identify(struct identity_fixture *fixture, struct aws_identity *out, struct err *err)
{
    return aws_configuration_identity(fixture->base->configuration, fixture->base->call, out, err);
}

static bool get_call(struct identity_fixture *fixture, const char *region, struct aws_call *out, struct err *err)
{
    return aws_configuration_call(fixture->base->configuration, fixture->base->call, str_from(region), CLOCK_NEVER, out,
                                  err);
}

static void nothing_is_called_before_it_is_needed(void **state)
{
    struct identity_fixture *fixture = *state;
    struct aws_configuration *configuration = start(fixture);
    assert_int_equal(fixture->sts.identities, 0);
    assert_null(configuration->client);
    assert_null(configuration->http);
}

static void the_identity_is_asked_for_once(void **state)
{
    struct identity_fixture *fixture = *state;
    struct aws_identity identity;
    CLEANUP(err_clear) struct err err = { 0 };
    start(fixture);
    for (int i = 0; i < 3; i++)
        assert_true(identify(fixture, &identity, &err));
    assert_str_equal(identity.account, "444455556666");
    assert_str_equal(identity.partition, "aws-cn");
    assert_str_equal(identity.arn, "arn:aws-cn:sts::444455556666:assumed-role/a/b");
    assert_int_equal(fixture->sts.identities, 1);
    assert_str_equal(fixture->sts.last_key, "AKIA");
    assert_true(str_starts_with(fixture->sts.last_agent, STR("test/1")));
}

struct asker {
    struct identity_fixture *fixture;
    pthread_t thread;
    bool done;
};

static void *ask_in_thread(void *argument)
{
    struct asker *asker = argument;
    struct tf_call call = *asker->fixture->base->call;
    struct aws_identity identity;
    CLEANUP(err_clear) struct err err = { 0 };
    call.arena = arena_new();
    call.waiter = waiter_new(waiter_clock(asker->fixture->base->call->waiter));
    asker->done = aws_configuration_identity(asker->fixture->base->configuration, &call, &identity, &err);
    waiter_free(call.waiter);
    arena_free(call.arena);
    return NULL;
}

static void many_callers_share_one_flight(void **state)
{
    static const struct clock_scale scale = { .factor = 1 };
    struct identity_fixture *fixture = *state;
    const struct clock clock = clock_real(&scale); /* the fake one serves one thread */
    struct waiter *waiter = waiter_new(&clock);
    struct asker askers[16];
    fixture->base->call->waiter = waiter;
    start(fixture);
    for (size_t i = 0; i < ARRAY_LENGTH(askers); i++) {
        askers[i] = (struct asker){ .fixture = fixture };
        assert_int_equal(pthread_create(&askers[i].thread, NULL, ask_in_thread, &askers[i]), 0);
    }
    bool all_done = true;
    for (size_t i = 0; i < ARRAY_LENGTH(askers); i++) {
        pthread_join(askers[i].thread, NULL);
        all_done = all_done && askers[i].done;
    }
    waiter_free(waiter);
    assert_true(all_done);
    assert_int_equal(fixture->sts.identities, 1);
}

static void an_sts_that_hangs_is_given_up_after_minutes(void **state)
{
    struct identity_fixture *fixture = *state;
    struct aws_identity identity;
    CLEANUP(err_clear) struct err err = { 0 };
    start(fixture);
    fixture->sts.hangs = true;
    const int64_t began_ms = waiter_now_ms(fixture->base->call->waiter);
    assert_false(identify(fixture, &identity, &err));
    assert_int_equal(err.kind, ERR_IO);
    assert_non_null(strstr(err_text(&err), "given up after 300 s"));
    assert_int_equal(waiter_now_ms(fixture->base->call->waiter) - began_ms, 5 * MINUTE_MS);
}

static void a_failure_is_not_remembered(void **state)
{
    struct identity_fixture *fixture = *state;
    struct aws_identity identity;
    CLEANUP(err_clear) struct err err = { 0 };
    start(fixture);
    fixture->sts.refusal = "InvalidClientTokenId";
    assert_false(identify(fixture, &identity, &err));
    assert_int_equal(err.kind, ERR_DENIED);
    fixture->sts.refusal = NULL;
    assert_true(identify(fixture, &identity, &err));
}

static void an_account_that_is_not_allowed_is_refused_before_any_other_call(void **state)
{
    struct identity_fixture *fixture = *state;
    struct aws_call call;
    CLEANUP(err_clear) struct err err = { 0 };
    fixture->base->block.allowed_account_ids = set_of(fixture->base, "111122223333", "222233334444");
    start(fixture);
    assert_false(get_call(fixture, "", &call, &err));
    assert_int_equal(err.kind, ERR_DENIED);
    assert_non_null(strstr(err_text(&err), "444455556666"));
    assert_non_null(strstr(err_text(&err), "111122223333, 222233334444"));
    assert_non_null(strstr(err_remedy(&err), "allowed_account_ids"));
    assert_int_equal(fixture->sts.others, 0);
}

static void an_allowed_account_passes(void **state)
{
    struct identity_fixture *fixture = *state;
    struct aws_call call;
    CLEANUP(err_clear) struct err err = { 0 };
    fixture->base->block.allowed_account_ids = set_of(fixture->base, "444455556666", NULL);
    start(fixture);
    assert_true(get_call(fixture, "", &call, &err));
    assert_str_equal(call.account, "444455556666");
    assert_str_equal(call.region, "cn-north-1");
}

static void a_forbidden_account_is_refused(void **state)
{
    struct identity_fixture *fixture = *state;
    struct aws_call call;
    CLEANUP(err_clear) struct err err = { 0 };
    fixture->base->block.forbidden_account_ids = set_of(fixture->base, "444455556666", NULL);
    start(fixture);
    assert_false(get_call(fixture, "", &call, &err));
    assert_int_equal(err.kind, ERR_DENIED);
    assert_non_null(strstr(err_text(&err), "forbidden_account_ids"));
}

static void a_call_goes_to_the_region_it_names(void **state)
{
    struct identity_fixture *fixture = *state;
    struct aws_call call;
    CLEANUP(err_clear) struct err err = { 0 };
    fixture->base->block.region = (struct tf_string){ 0 };
    start(fixture);
    assert_true(get_call(fixture, "eu-west-1", &call, &err));
    assert_str_equal(call.region, "eu-west-1");
}

static void without_a_region_there_is_no_call(void **state)
{
    struct identity_fixture *fixture = *state;
    struct aws_call call;
    CLEANUP(err_clear) struct err err = { 0 };
    fixture->base->block.region = (struct tf_string){ 0 };
    start(fixture);
    assert_false(get_call(fixture, "", &call, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    assert_non_null(strstr(err_remedy(&err), "AWS_REGION"));
    assert_int_equal(fixture->sts.identities, 0);
}

/* ---- The Region of an instance ---- */

static struct aws_configuration *start_on_instance(struct identity_fixture *fixture, const char *region)
{
    struct aws_provider_block *block = &fixture->base->block;
    block->region = block->access_key = block->secret_key = (struct tf_string){ 0 };
    block->ec2_metadata_service_endpoint = text("http://metadata");
    fixture->sts.instance_region = region;
    return start(fixture);
}

static bool find_region(struct identity_fixture *fixture, struct tf_string *out, struct err *err)
{
    return aws_configuration_find_region(fixture->base->configuration, fixture->base->call, out, err);
}

static void the_role_of_an_instance_brings_its_region_once(void **state)
{
    struct identity_fixture *fixture = *state;
    struct tf_string region;
    struct aws_call call;
    CLEANUP(err_clear) struct err err = { 0 };
    struct aws_configuration *configuration = start_on_instance(fixture, "eu-west-3");
    assert_int_equal(aws_configuration_region(configuration).state, TF_NULL);
    assert_int_equal(fixture->sts.documents, 0);
    assert_true(find_region(fixture, &region, &err));
    assert_str_equal(region.value, "eu-west-3");
    assert_true(get_call(fixture, "", &call, &err));
    assert_str_equal(call.region, "eu-west-3");
    assert_true(str_find(fixture->sts.last_url, STR("sts.eu-west-3.")) >= 0);
    assert_true(find_region(fixture, &region, &err));
    assert_int_equal(fixture->sts.documents, 1);
}

static void a_call_that_names_its_region_needs_no_other(void **state)
{
    struct identity_fixture *fixture = *state;
    struct aws_call call;
    CLEANUP(err_clear) struct err err = { 0 };
    start_on_instance(fixture, "eu-west-3");
    assert_true(get_call(fixture, "eu-west-1", &call, &err));
    assert_str_equal(call.region, "eu-west-1");
    assert_int_equal(fixture->sts.documents, 0);
}

static void roles_on_top_of_an_instances_are_assumed_in_its_region(void **state)
{
    struct identity_fixture *fixture = *state;
    struct tf_string region;
    CLEANUP(err_clear) struct err err = { 0 };
    add_role(fixture->base, ROLE);
    add_role(fixture->base, OTHER_ROLE);
    start_on_instance(fixture, "eu-west-3");
    assert_true(find_region(fixture, &region, &err));
    assert_str_equal(region.value, "eu-west-3");
    assert_int_equal(fixture->sts.roles, 2);
    assert_int_equal(fixture->sts.documents, 1);
    assert_true(str_find(fixture->sts.last_url, STR("sts.eu-west-3.")) >= 0);
}

static void a_region_for_sts_alone_leaves_the_others_to_the_instance(void **state)
{
    struct identity_fixture *fixture = *state;
    struct tf_string region;
    CLEANUP(err_clear) struct err err = { 0 };
    add_role(fixture->base, ROLE);
    add_role(fixture->base, OTHER_ROLE);
    fixture->base->block.sts_region = text("eu-central-1");
    start_on_instance(fixture, "eu-west-3");
    if (!find_region(fixture, &region, &err))
        fail_msg("%s", err_text(&err));
    assert_str_equal(region.value, "eu-west-3");
    assert_true(str_find(fixture->sts.last_url, STR("sts.eu-central-1.")) >= 0);
}

static void an_instance_that_names_no_region_is_said_to(void **state)
{
    struct identity_fixture *fixture = *state;
    struct tf_string region;
    CLEANUP(err_clear) struct err err = { 0 };
    start_on_instance(fixture, "nowhere");
    assert_false(find_region(fixture, &region, &err));
    assert_non_null(strstr(err_text(&err), "no Region is set"));
    assert_non_null(strstr(err_text(&err), "EC2 metadata gave none: the instance identity document names no Region"));
}

static void other_credentials_do_not_ask_for_the_region_of_the_machine(void **state)
{
    struct identity_fixture *fixture = *state;
    struct tf_string region;
    CLEANUP(err_clear) struct err err = { 0 };
    start_on_instance(fixture, "eu-west-3");
    fixture->base->block.access_key = text("AKIA");
    fixture->base->block.secret_key = text("secret");
    assert_false(find_region(fixture, &region, &err));
    assert_non_null(strstr(err_text(&err), "EC2 metadata was not asked, since the credentials come from the provider"));
    assert_int_equal(fixture->sts.documents, 0);
}

static void without_credentials_the_region_is_not_asked_for(void **state)
{
    struct identity_fixture *fixture = *state;
    struct tf_string region;
    CLEANUP(err_clear) struct err err = { 0 };
    set_variable(fixture->base, "AWS_EC2_METADATA_DISABLED=true");
    start_on_instance(fixture, "eu-west-3");
    assert_false(find_region(fixture, &region, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    assert_non_null(strstr(err_text(&err), "since there are no credentials: no AWS credentials were found"));
}

static void while_the_caller_is_unknown_so_is_the_region(void **state)
{
    struct identity_fixture *fixture = *state;
    struct tf_string region;
    CLEANUP(err_clear) struct err err = { 0 };
    fixture->base->block.assume_role = (struct tf_blocks_assume_role){ .state = TF_UNKNOWN };
    start_on_instance(fixture, "eu-west-3");
    assert_true(find_region(fixture, &region, &err));
    assert_int_equal(region.state, TF_UNKNOWN);
    assert_int_equal(fixture->sts.documents, 0);
}

static void skipping_the_account_id_asks_nobody(void **state)
{
    struct identity_fixture *fixture = *state;
    struct aws_identity identity;
    struct aws_call call;
    CLEANUP(err_clear) struct err err = { 0 };
    fixture->base->block.skip_requesting_account_id = tf_known_bool(true);
    start(fixture);
    assert_true(identify(fixture, &identity, &err));
    assert_str_equal(identity.account, "");
    assert_true(get_call(fixture, "", &call, &err));
    assert_non_null(call.client);
    assert_int_equal(fixture->sts.identities, 0);
}

static void an_unknown_configuration_calls_nobody(void **state)
{
    struct identity_fixture *fixture = *state;
    struct aws_identity identity;
    CLEANUP(err_clear) struct err err = { 0 };
    fixture->base->block.secret_key = unknown_text();
    start(fixture);
    assert_false(identify(fixture, &identity, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    assert_non_null(strstr(err_text(&err), "secret_key"));
    assert_int_equal(fixture->sts.identities, 0);
}

static void roles_are_assumed_one_with_the_other(void **state)
{
    struct identity_fixture *fixture = *state;
    struct aws_identity identity;
    CLEANUP(err_clear) struct err err = { 0 };
    add_role(fixture->base, ROLE);
    struct assume_role *role = add_role(fixture->base, OTHER_ROLE);
    role->duration = text("20m");
    role->external_id = text("partner-1");
    start(fixture);
    assert_true(identify(fixture, &identity, &err));
    assert_int_equal(fixture->sts.roles, 2);
    assert_str_equal(fixture->sts.last_key, "ASIA2");
    assert_true(str_find(fixture->sts.last_role, STR("role%2Fother")) >= 0);
    assert_true(str_find(fixture->sts.last_role, STR("DurationSeconds=1200")) >= 0);
    assert_true(str_find(fixture->sts.last_role, STR("ExternalId=partner-1")) >= 0);
}

static void assert_sent(struct str body, const char *const *parts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (str_find(body, str_from(parts[i])) < 0)
            fail_msg("%s is not in %.*s", parts[i], STR_ARG(body));
}

static void a_role_is_assumed_with_all_its_arguments(void **state)
{
    static const char *const sent[] = {
        "RoleSessionName=me",      "ExternalId=partner-1",
        "Policy=%7B%7D",           "PolicyArns.member.1.arn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2Fp",
        "SourceIdentity=somebody", "DurationSeconds=1200",
        "Tags.member.1.Key=team",  "TransitiveTagKeys.member.1=team"
    };
    struct identity_fixture *fixture = *state;
    struct aws_identity identity;
    CLEANUP(err_clear) struct err err = { 0 };
    struct assume_role *role = add_role(fixture->base, ROLE);
    role->session_name = text("me");
    role->external_id = text("partner-1");
    role->policy = text("{}");
    role->policy_arns = set_of(fixture->base, "arn:aws:iam::aws:policy/p", NULL);
    role->source_identity = text("somebody");
    role->duration = text("20m");
    role->tags.state = TF_KNOWN;
    tf_string_map_put(fixture->base->call->arena, &role->tags, STR("team"), text("data"));
    role->transitive_tag_keys = set_of(fixture->base, "team", NULL);
    start(fixture);
    assert_true(identify(fixture, &identity, &err));
    assert_sent(fixture->sts.last_role, sent, ARRAY_LENGTH(sent));
}

static void a_role_without_an_arn_is_not_assumed(void **state)
{
    struct identity_fixture *fixture = *state;
    struct aws_identity identity;
    CLEANUP(err_clear) struct err err = { 0 };
    add_role(fixture->base, "")->duration = text("15m");
    start(fixture);
    assert_true(identify(fixture, &identity, &err));
    assert_int_equal(fixture->sts.roles, 0);
    assert_str_equal(fixture->sts.last_key, "AKIA");
}

static void what_is_null_in_a_role_is_not_sent(void **state)
{
    struct identity_fixture *fixture = *state;
    struct aws_identity identity;
    CLEANUP(err_clear) struct err err = { 0 };
    struct assume_role *role = add_role(fixture->base, ROLE);
    role->transitive_tag_keys = set_of(fixture->base, "", "team");
    role->transitive_tag_keys.items[0] = (struct tf_string){ 0 };
    role->tags.state = TF_KNOWN;
    tf_string_map_put(fixture->base->call->arena, &role->tags, STR("empty"), text(""));
    tf_string_map_put(fixture->base->call->arena, &role->tags, STR("nothing"), (struct tf_string){ 0 });
    role->duration = role->policy = role->session_name = role->source_identity = text("");
    start(fixture);
    assert_true(identify(fixture, &identity, &err));
    assert_true(str_find(fixture->sts.last_role, STR("TransitiveTagKeys.member.1=team")) >= 0);
    assert_true(str_find(fixture->sts.last_role, STR("Tags.member.1.Key=empty&Tags.member.1.Value=")) >= 0);
    static const char *const absent[] = { "TransitiveTagKeys.member.2", "nothing", "DurationSeconds", "Policy",
                                          "SourceIdentity" };
    for (size_t i = 0; i < ARRAY_LENGTH(absent); i++)
        if (str_find(fixture->sts.last_role, str_from(absent[i])) >= 0)
            fail_msg("%s is in %.*s", absent[i], STR_ARG(fixture->sts.last_role));
}

static void a_guard_asks_for_the_account_that_is_to_be_skipped(void **state)
{
    struct identity_fixture *fixture = *state;
    struct aws_identity identity;
    CLEANUP(err_clear) struct err err = { 0 };
    fixture->base->block.skip_requesting_account_id = tf_known_bool(true);
    fixture->base->block.forbidden_account_ids = set_of(fixture->base, "444455556666", NULL);
    start(fixture);
    assert_false(identify(fixture, &identity, &err));
    assert_int_equal(err.kind, ERR_DENIED);
    assert_int_equal(fixture->sts.identities, 1);
}

static void a_guard_without_members_guards_nothing(void **state)
{
    struct identity_fixture *fixture = *state;
    struct aws_identity identity;
    CLEANUP(err_clear) struct err err = { 0 };
    fixture->base->block.allowed_account_ids = set_of(fixture->base, "", NULL);
    fixture->base->block.allowed_account_ids.items[0] = (struct tf_string){ 0 };
    fixture->base->block.forbidden_account_ids = set_of(fixture->base, "", NULL);
    fixture->base->block.skip_requesting_account_id = tf_known_bool(true);
    start(fixture);
    assert_true(identify(fixture, &identity, &err));
    assert_int_equal(fixture->sts.identities, 0);
}

static void no_credentials_at_all_are_an_error(void **state)
{
    struct identity_fixture *fixture = *state;
    struct aws_identity identity;
    CLEANUP(err_clear) struct err err = { 0 };
    set_variable(fixture->base, "AWS_EC2_METADATA_DISABLED=true");
    fixture->base->block.access_key = fixture->base->block.secret_key = (struct tf_string){ 0 };
    start(fixture);
    assert_false(identify(fixture, &identity, &err));
    assert_int_equal(err.kind, ERR_DENIED);
    assert_int_equal(fixture->sts.identities, 0);
}

static void web_identity_needs_a_role_from_somewhere(void **state)
{
    struct identity_fixture *fixture = *state;
    struct aws_identity identity;
    CLEANUP(err_clear) struct err err = { 0 };
    struct assume_role_with_web_identity role = { .web_identity_token = text("hush-hush") };
    fixture->base->block.access_key = fixture->base->block.secret_key = (struct tf_string){ 0 };
    fixture->base->block.assume_role_with_web_identity =
        (struct tf_blocks_assume_role_with_web_identity){ TF_KNOWN, &role, 1 };
    start(fixture);
    assert_false(identify(fixture, &identity, &err));
    assert_non_null(strstr(err_text(&err), "role_arn"));
    assert_null(strstr(err_text(&err), "hush-hush"));
}

static void web_identity_replaces_the_environments_keys(void **state)
{
    struct identity_fixture *fixture = *state;
    struct aws_identity identity;
    CLEANUP(err_clear) struct err err = { 0 };
    struct assume_role_with_web_identity role = { .web_identity_token = text("jwt") };
    set_variable(fixture->base, "AWS_ACCESS_KEY_ID=AKIAENV");
    set_variable(fixture->base, "AWS_SECRET_ACCESS_KEY=secret");
    set_variable(fixture->base, "AWS_ROLE_ARN=" ROLE);
    fixture->base->block.access_key = fixture->base->block.secret_key = (struct tf_string){ 0 };
    fixture->base->block.assume_role_with_web_identity =
        (struct tf_blocks_assume_role_with_web_identity){ TF_KNOWN, &role, 1 };
    start(fixture);
    assert_true(identify(fixture, &identity, &err));
    assert_int_equal(fixture->sts.roles, 1);
    assert_str_equal(fixture->sts.last_key, "ASIA1");
    assert_true(str_find(fixture->sts.last_role, STR("Action=AssumeRoleWithWebIdentity")) >= 0);
    assert_true(str_find(fixture->sts.last_role, STR("WebIdentityToken=jwt")) >= 0);
}

static void use_web_identity(struct identity_fixture *fixture, struct assume_role_with_web_identity *role)
{
    fixture->base->block.access_key = fixture->base->block.secret_key = (struct tf_string){ 0 };
    fixture->base->block.assume_role_with_web_identity =
        (struct tf_blocks_assume_role_with_web_identity){ TF_KNOWN, role, 1 };
}

static void a_web_identity_is_used_with_all_its_arguments(void **state)
{
    static const char *const sent[] = {
        "Action=AssumeRoleWithWebIdentity", "WebIdentityToken=jwt", "RoleSessionName=me", "Policy=%7B%7D",
        "PolicyArns.member.1.arn=arn",      "DurationSeconds=1200"
    };
    struct identity_fixture *fixture = *state;
    struct aws_identity identity;
    CLEANUP(err_clear) struct err err = { 0 };
    struct assume_role_with_web_identity role = { .role_arn = text(ROLE),
                                                  .web_identity_token = text("jwt"),
                                                  .session_name = text("me"),
                                                  .policy = text("{}"),
                                                  .policy_arns =
                                                      set_of(fixture->base, "arn:aws:iam::aws:policy/p", NULL),
                                                  .duration = text("20m") };
    set_variable(fixture->base, "AWS_ROLE_SESSION_NAME=another");
    use_web_identity(fixture, &role);
    start(fixture);
    assert_true(identify(fixture, &identity, &err));
    assert_sent(fixture->sts.last_role, sent, ARRAY_LENGTH(sent));
}

static void a_session_name_of_the_environment_is_for_the_web_identity(void **state)
{
    struct identity_fixture *fixture = *state;
    struct aws_identity identity;
    CLEANUP(err_clear) struct err err = { 0 };
    struct assume_role_with_web_identity role = { .role_arn = text(ROLE), .web_identity_token = text("jwt") };
    set_variable(fixture->base, "AWS_ROLE_SESSION_NAME=me");
    use_web_identity(fixture, &role);
    start(fixture);
    assert_true(identify(fixture, &identity, &err));
    assert_true(str_find(fixture->sts.last_role, STR("RoleSessionName=me")) >= 0);
}

static void keys_of_the_block_go_before_its_web_identity(void **state)
{
    struct identity_fixture *fixture = *state;
    struct aws_identity identity;
    CLEANUP(err_clear) struct err err = { 0 };
    struct assume_role_with_web_identity role = { .role_arn = text(ROLE), .web_identity_token = text("jwt") };
    use_web_identity(fixture, &role);
    fixture->base->block.access_key = text("AKIA");
    fixture->base->block.secret_key = text("secret");
    start(fixture);
    assert_true(identify(fixture, &identity, &err));
    assert_int_equal(fixture->sts.roles, 0);
    assert_str_equal(fixture->sts.last_key, "AKIA");
}

/* As hashicorp/aws has it; a module writes it with variables that may be null. */
static void a_web_identity_that_sets_nothing_is_none(void **state)
{
    struct identity_fixture *fixture = *state;
    struct aws_identity identity;
    CLEANUP(err_clear) struct err err = { 0 };
    struct assume_role_with_web_identity role = { .role_arn = text("") };
    set_variable(fixture->base, "AWS_ACCESS_KEY_ID=AKIAENV");
    set_variable(fixture->base, "AWS_SECRET_ACCESS_KEY=secret");
    use_web_identity(fixture, &role);
    start(fixture);
    assert_true(identify(fixture, &identity, &err));
    assert_str_equal(fixture->sts.last_key, "AKIAENV");
}

static void a_web_identity_token_may_be_in_the_environment(void **state)
{
    struct identity_fixture *fixture = *state;
    struct aws_identity identity;
    CLEANUP(err_clear) struct err err = { 0 };
    struct assume_role_with_web_identity role = { .role_arn = text(ROLE), .web_identity_token_file = text("") };
    set_variable(fixture->base, "TF_AWS_WEB_IDENTITY_TOKEN=jwt-of-the-environment");
    use_web_identity(fixture, &role);
    start(fixture);
    assert_true(identify(fixture, &identity, &err));
    assert_true(str_find(fixture->sts.last_role, STR("WebIdentityToken=jwt-of-the-environment")) >= 0);
}

static void a_token_of_the_block_goes_before_the_environments(void **state)
{
    struct identity_fixture *fixture = *state;
    struct aws_identity identity;
    CLEANUP(err_clear) struct err err = { 0 };
    struct assume_role_with_web_identity role = { .role_arn = text(ROLE),
                                                  .web_identity_token = text("jwt-of-the-block") };
    set_variable(fixture->base, "TF_AWS_WEB_IDENTITY_TOKEN=hush-hush");
    set_variable(fixture->base, "AWS_WEB_IDENTITY_TOKEN_FILE=/nowhere");
    use_web_identity(fixture, &role);
    start(fixture);
    assert_true(identify(fixture, &identity, &err));
    assert_true(str_find(fixture->sts.last_role, STR("WebIdentityToken=jwt-of-the-block")) >= 0);
}

static void of_two_tokens_in_the_environment_the_text_goes_before_the_file(void **state)
{
    struct identity_fixture *fixture = *state;
    struct aws_identity identity;
    CLEANUP(err_clear) struct err err = { 0 };
    struct assume_role_with_web_identity role = { .role_arn = text(ROLE) };
    set_variable(fixture->base, "TF_AWS_WEB_IDENTITY_TOKEN=jwt-of-the-variable");
    set_variable(fixture->base, "AWS_WEB_IDENTITY_TOKEN_FILE=/nowhere");
    use_web_identity(fixture, &role);
    start(fixture);
    assert_true(identify(fixture, &identity, &err));
    assert_true(str_find(fixture->sts.last_role, STR("WebIdentityToken=jwt-of-the-variable")) >= 0);
}

static void a_ca_bundle_that_is_missing_is_named_with_its_remedy(void **state)
{
    struct identity_fixture *fixture = *state;
    struct aws_identity identity;
    CLEANUP(err_clear) struct err err = { 0 };
    fixture->base->block.custom_ca_bundle = text("/nowhere/corporate.pem");
    start(fixture)->transport = NULL; /* the real one */
    assert_false(identify(fixture, &identity, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    assert_non_null(strstr(err_text(&err), "`custom_ca_bundle`: /nowhere/corporate.pem"));
    assert_non_null(strstr(err_remedy(&err), "PEM"));
}

/* ---- Keys that end with their session ---- */

static struct str session_warning(struct identity_fixture *fixture)
{
    return aws_configuration_session_warning(start(fixture), fixture->base->call);
}

static void assert_session_warning(struct identity_fixture *fixture, const char *wanted, const char *absent)
{
    const struct str text = session_warning(fixture);
    assert_true(str_find(text, str_from(wanted)) >= 0);
    assert_true(str_find(text, str_from(absent)) < 0);
}

static void use_environment(struct identity_fixture *fixture)
{
    fixture->base->block.access_key = fixture->base->block.secret_key = (struct tf_string){ 0 };
    set_variable(fixture->base, "AWS_ACCESS_KEY_ID=AKIA");
    set_variable(fixture->base, "AWS_SECRET_ACCESS_KEY=secret");
    set_variable(fixture->base, "AWS_SESSION_TOKEN=token");
}

static void a_session_of_the_environment_cannot_be_refreshed(void **state)
{
    use_environment(*state);
    add_role(((struct identity_fixture *)*state)->base, ""); /* counts as none */
    assert_session_warning(*state, "(AWS_SESSION_TOKEN). They end with their session token, while", "blocks as before");
}

static void the_end_of_a_session_is_said_where_it_is_known(void **state)
{
    use_environment(*state);
    set_variable(((struct identity_fixture *)*state)->base, "AWS_CREDENTIAL_EXPIRATION=2099-01-01T00:00:00Z");
    assert_session_warning(*state, "They end at 2099-01-01T00:00:00Z, while", "session token");
}

static void a_session_of_the_block_cannot_be_refreshed(void **state)
{
    struct identity_fixture *fixture = *state;
    fixture->base->block.token = text("token");
    assert_session_warning(fixture, "the provider's arguments", "assume_role blocks as before");
}

static void a_role_ends_with_the_session_below_it(void **state)
{
    use_environment(*state);
    add_role(((struct identity_fixture *)*state)->base, ROLE);
    assert_session_warning(*state, "the assume_role blocks as before", "role_arn = ");
}

static void what_lasts_is_not_warned_of(void **state)
{
    struct identity_fixture *fixture = *state;
    add_role(fixture->base, ROLE);
    assert_true(str_is_empty(session_warning(fixture)));
}

#define IDENTITY_TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    CLEANUP(err_clear) struct err err = { 0 };
    if (!aws_init(&err))
        return 1;
    const struct CMUnitTest tests[] = {
        IDENTITY_TEST(nothing_is_called_before_it_is_needed),
        IDENTITY_TEST(the_identity_is_asked_for_once),
        IDENTITY_TEST(many_callers_share_one_flight),
        IDENTITY_TEST(an_sts_that_hangs_is_given_up_after_minutes),
        IDENTITY_TEST(a_failure_is_not_remembered),
        IDENTITY_TEST(an_account_that_is_not_allowed_is_refused_before_any_other_call),
        IDENTITY_TEST(an_allowed_account_passes),
        IDENTITY_TEST(a_forbidden_account_is_refused),
        IDENTITY_TEST(a_call_goes_to_the_region_it_names),
        IDENTITY_TEST(without_a_region_there_is_no_call),
        IDENTITY_TEST(the_role_of_an_instance_brings_its_region_once),
        IDENTITY_TEST(a_call_that_names_its_region_needs_no_other),
        IDENTITY_TEST(roles_on_top_of_an_instances_are_assumed_in_its_region),
        IDENTITY_TEST(a_region_for_sts_alone_leaves_the_others_to_the_instance),
        IDENTITY_TEST(an_instance_that_names_no_region_is_said_to),
        IDENTITY_TEST(other_credentials_do_not_ask_for_the_region_of_the_machine),
        IDENTITY_TEST(without_credentials_the_region_is_not_asked_for),
        IDENTITY_TEST(while_the_caller_is_unknown_so_is_the_region),
        IDENTITY_TEST(skipping_the_account_id_asks_nobody),
        IDENTITY_TEST(an_unknown_configuration_calls_nobody),
        IDENTITY_TEST(roles_are_assumed_one_with_the_other),
        IDENTITY_TEST(a_role_is_assumed_with_all_its_arguments),
        IDENTITY_TEST(a_role_without_an_arn_is_not_assumed),
        IDENTITY_TEST(what_is_null_in_a_role_is_not_sent),
        IDENTITY_TEST(a_guard_asks_for_the_account_that_is_to_be_skipped),
        IDENTITY_TEST(a_guard_without_members_guards_nothing),
        IDENTITY_TEST(no_credentials_at_all_are_an_error),
        IDENTITY_TEST(web_identity_needs_a_role_from_somewhere),
        IDENTITY_TEST(web_identity_replaces_the_environments_keys),
        IDENTITY_TEST(a_web_identity_is_used_with_all_its_arguments),
        IDENTITY_TEST(a_session_name_of_the_environment_is_for_the_web_identity),
        IDENTITY_TEST(keys_of_the_block_go_before_its_web_identity),
        IDENTITY_TEST(a_web_identity_that_sets_nothing_is_none),
        IDENTITY_TEST(a_web_identity_token_may_be_in_the_environment),
        IDENTITY_TEST(a_token_of_the_block_goes_before_the_environments),
        IDENTITY_TEST(of_two_tokens_in_the_environment_the_text_goes_before_the_file),
        IDENTITY_TEST(a_ca_bundle_that_is_missing_is_named_with_its_remedy),
        IDENTITY_TEST(a_session_of_the_environment_cannot_be_refreshed),
        IDENTITY_TEST(the_end_of_a_session_is_said_where_it_is_known),
        IDENTITY_TEST(a_session_of_the_block_cannot_be_refreshed),
        IDENTITY_TEST(a_role_ends_with_the_session_below_it),
        IDENTITY_TEST(what_lasts_is_not_warned_of),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
