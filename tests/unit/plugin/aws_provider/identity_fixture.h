/* SPDX-License-Identifier: MPL-2.0
 *
 * A provider block with keys, and an STS and EC2 metadata that answer it, for the
 * tests of what asks them.
 */
#ifndef TESTS_UNIT_PLUGIN_AWS_PROVIDER_IDENTITY_FIXTURE_H
#define TESTS_UNIT_PLUGIN_AWS_PROVIDER_IDENTITY_FIXTURE_H

#include <pthread.h>

#include "plugin/aws_provider/configuration.h"
#include "tests/unit/plugin/aws_provider/block_fixture.h"

#define ROLE "arn:aws:iam::444455556666:role/migration"

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

static inline bool has_action(const struct http_request *request, const char *action)
{
    return str_find(request->body, str_from(action)) >= 0;
}

static inline struct str key_of(const struct http_request *request)
{
    const struct str authorization = http_header_find(request->headers, request->header_count, STR("Authorization"));
    const ptrdiff_t at = str_find(authorization, STR("Credential="));
    struct str rest = str_slice(authorization, at < 0 ? authorization.len : (size_t)at + 11, authorization.len);
    struct str key = STR("");
    return str_next(&rest, '/', &key) ? key : STR("");
}

static inline struct str answer_to(struct fake_sts_service *sts, struct arena *arena,
                                   const struct http_request *request)
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
static inline struct str metadata_of(struct fake_sts_service *sts, struct arena *arena,
                                     const struct http_request *request)
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

static inline bool fake_send(void *self, struct arena *arena, struct waiter *waiter, int64_t deadline_ms,
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

static inline int setup(void **state)
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

static inline int teardown(void **state)
{
    struct identity_fixture *fixture = *state;
    void *base = fixture->base;
    block_fixture_teardown(&base);
    arena_free(fixture->sts.arena);
    pthread_mutex_destroy(&fixture->sts.lock);
    mem_free(fixture);
    return 0;
}

static inline struct aws_configuration *start(struct identity_fixture *fixture)
{
    configure(fixture->base);
    fixture->base->configuration->transport = &fixture->transport;
    return fixture->base->configuration;
}

static inline bool identify(struct identity_fixture *fixture, struct aws_identity *out, struct err *err)
{
    return aws_configuration_identity(fixture->base->configuration, fixture->base->call, out, err);
}

static inline bool get_call(struct identity_fixture *fixture, const char *region, struct aws_call *out, struct err *err)
{
    return aws_configuration_call(fixture->base->configuration, fixture->base->call, str_from(region), CLOCK_NEVER, out,
                                  err);
}

#define IDENTITY_TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

#endif
