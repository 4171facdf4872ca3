/* SPDX-License-Identifier: MPL-2.0 */
#include <string.h>

#include "aws/credentials/profile/way.h"
#include "tests/support/fake_files.h"
#include "tests/support/fake_sts.h"
#include "tests/support/harness.h"
#include "tests/support/noise.h"

#define CORP "/h/.aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json"   /* of "corp" */
#define LEGACY "/h/.aws/sso/cache/a51746d4aa793ae07b25e90c3a5db96fc7832bd7.json" /* of the start URL */
#define URL "https://corp.awsapps.com/start"
#define ROLE "sso_account_id = 111122223333\nsso_role_name = Admin\n"
#define SECTION "[sso-session corp]\nsso_region = eu-west-1\nsso_start_url = " URL "\n"
#define SESSION "[profile p]\nsso_session = corp\n" ROLE SECTION
#define FLAT "[profile p]\nsso_start_url = " URL "\nsso_region = eu-west-1\n" ROLE
#define KEYS                                                                                                           \
    "{\"roleCredentials\":{\"accessKeyId\":\"ASIA1\",\"secretAccessKey\":\"hush-k\",\"sessionToken\":\"hush-t\","      \
    "\"expiration\":1767229200000}}"
#define RENEWAL "\"refreshToken\":\"hush-r1\",\"clientId\":\"hush-c\",\"clientSecret\":\"hush-s\""
#define TOKEN(text) "{\"accessToken\":\"" text "\",\"expiresAt\":\"2026-01-01T08:00:00Z\"}"

enum { CONFIG, CORP_TOKEN, LEGACY_TOKEN, FILES };

struct fixture {
    struct credentials_world *world;
    struct fake_file table[FILES + 1];
    struct file_reader reader;
    struct fake_writer writer;
    struct env env;
    struct aws_profile_files *files;
    struct aws_credentials_source source;
};

static const char *const home[] = { "HOME=/h", NULL };

static int set_up(void **state)
{
    static const char *const paths[] = { "/h/.aws/config", CORP, LEGACY };
    struct fixture *fixture = mem_alloc(sizeof(*fixture));
    fixture->world = credentials_world_new();
    for (size_t i = 0; i < FILES; i++)
        fixture->table[i] = (struct fake_file){ .path = paths[i], .failure = i == CONFIG ? ERR_NONE : ERR_NOT_FOUND };
    fixture->reader = fake_files_reader(fixture->table);
    fake_writer_init(&fixture->writer, fixture->table, fixture->world->arena);
    fixture->env.entries = home;
    fixture->world->doors.env = &fixture->env;
    fixture->world->doors.reader = &fixture->reader;
    fixture->world->doors.writer = &fixture->writer.writer;
    *state = fixture;
    return 0;
}

static void close_source(struct fixture *fixture)
{
    aws_credentials_source_clear(&fixture->source);
    aws_profile_files_free(fixture->files);
    fixture->files = NULL;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    close_source(fixture);
    credentials_world_free(fixture->world);
    mem_free(fixture);
    return 0;
}

static void set_token(struct fixture *fixture, int row, const char *text)
{
    fixture->table[row].text = str_from(text);
    fixture->table[row].failure = ERR_NONE;
}

static bool open_source(struct fixture *fixture, const char *config, struct err *err)
{
    const struct aws_profile_files_options options = { .env = &fixture->env, .reader = &fixture->reader };
    fixture->table[CONFIG].text = str_from(config);
    close_source(fixture);
    assert_true(aws_profile_files_new(&options, &fixture->files, err));
    const struct profile_opening opening = { .doors = &fixture->world->doors,
                                             .files = fixture->files,
                                             .profile = STR("p"),
                                             .selected = STR("p"),
                                             .arena = fixture->world->arena };
    return profile_open_sso(&opening, &fixture->source, err);
}

static void must_open(struct fixture *fixture, const char *config)
{
    CLEANUP(err_clear) struct err err = { 0 };
    if (!open_source(fixture, config, &err))
        fail_msg("%s", err_text(&err));
}

static bool fetch(struct fixture *fixture, struct aws_credentials *out, struct err *err)
{
    const bool is_done = fixture->source.fetch(fixture->source.self, &fixture->world->call, out, err);
    assert_null(strstr(err_text(err), "hush"));
    assert_null(strstr(err_remedy(err), "hush"));
    return is_done;
}

static void must_fetch(struct fixture *fixture, struct aws_credentials *out)
{
    CLEANUP(err_clear) struct err err = { 0 };
    if (!fetch(fixture, out, &err))
        fail_msg("%s", err_text(&err));
}

static void script(struct fixture *fixture, const struct fake_answer *answers, size_t count)
{
    fake_transport_script(&fixture->world->transport, answers, count);
}

static void a_session_gives_the_keys_of_its_role(void **state)
{
    static const struct fake_answer answers[] = {
        { .status = 200, .text = KEYS }
    };
    struct fixture *fixture = *state;
    struct aws_credentials got;
    must_open(fixture, SESSION);
    set_token(fixture, CORP_TOKEN, "{\"accessToken\":\"hush-a\",\"expiresAt\":\"2026-01-01T08:00:00Z\"," RENEWAL "}");
    script(fixture, answers, 1);
    must_fetch(fixture, &got);
    const struct http_request *request = &fixture->world->transport.requests[0];
    assert_str_equal(request->method, "GET");
    assert_str_equal(request->url, "https://portal.sso.eu-west-1.amazonaws.com/federation/credentials"
                                   "?role_name=Admin&account_id=111122223333");
    assert_str_equal(fake_transport_header(&fixture->world->transport, 0, "x-amz-sso_bearer_token"), "hush-a");
    assert_int_equal(request->header_count, 1);
    assert_true(str_is_empty(request->body));
    assert_int_equal(request->timeout_ms, 30 * SECOND_MS);
    assert_str_equal(got.access_key_id, "ASIA1");
    assert_str_equal(got.secret_access_key, "hush-k");
    assert_str_equal(got.session_token, "hush-t");
    assert_true(got.expires_wall_ms == ((int64_t)WORLD_START_S + 3600) * SECOND_MS);
    assert_int_equal(got.ends_wall_ms, AWS_ENDS_NEVER);
    assert_null(got.renewal);
    assert_string_equal(got.kind, "sso");
    assert_string_equal(got.source, "the role \"Admin\" of account 111122223333, by sso_session of the profile \"p\" "
                                    "(/h/.aws/config, line 2)");
}

static void a_session_whose_token_ends_is_renewed_first(void **state)
{
    static const struct fake_answer answers[] = {
        { .status = 200, .text = "{\"accessToken\":\"hush-a2\",\"expiresIn\":28800,\"refreshToken\":\"hush-r2\"}" },
        { .status = 200, .text = KEYS                                                                             },
    };
    struct fixture *fixture = *state;
    struct aws_credentials got;
    must_open(fixture, SESSION);
    set_token(fixture, CORP_TOKEN, "{\"accessToken\":\"hush-a\",\"expiresAt\":\"2025-01-01T00:00:00Z\"," RENEWAL "}");
    script(fixture, answers, ARRAY_LENGTH(answers));
    must_fetch(fixture, &got);
    assert_str_equal(fixture->world->transport.requests[0].url, "https://oidc.eu-west-1.amazonaws.com/token");
    assert_str_equal(fake_transport_header(&fixture->world->transport, 1, "x-amz-sso_bearer_token"), "hush-a2");
    assert_int_equal(fixture->writer.written, 1);
    assert_int_equal(got.ends_wall_ms, AWS_ENDS_NEVER);
}

static void the_legacy_form_ends_with_its_token(void **state)
{
    static const struct fake_answer answers[] = {
        { .status = 200, .text = KEYS }
    };
    struct fixture *fixture = *state;
    struct aws_credentials got;
    must_open(fixture, FLAT);
    set_token(fixture, LEGACY_TOKEN, "{\"accessToken\":\"hush-a\",\"expiresAt\":\"2026-01-01T00:05:00Z\"," RENEWAL "}");
    script(fixture, answers, 1);
    must_fetch(fixture, &got);
    assert_true(got.ends_wall_ms == ((int64_t)WORLD_START_S + 300) * SECOND_MS);
    assert_string_equal(got.renewal, "run aws sso login --profile p");
    assert_string_equal(got.source, "the role \"Admin\" of account 111122223333, by sso_start_url of the profile \"p\" "
                                    "(/h/.aws/config, line 2)");
    assert_int_equal(fixture->world->transport.request_count, 1);
}

static void names_are_encoded_in_the_address(void **state)
{
    static const struct fake_answer answers[] = {
        { .status = 200, .text = KEYS }
    };
    struct fixture *fixture = *state;
    struct aws_credentials got;
    must_open(fixture, "[profile p]\nsso_session = corp\nsso_account_id = 1&2\nsso_role_name = a b/c?#%\n" SECTION);
    set_token(fixture, CORP_TOKEN, TOKEN("hush-a"));
    script(fixture, answers, 1);
    must_fetch(fixture, &got);
    assert_true(str_ends_with(fixture->world->transport.requests[0].url,
                              STR("?role_name=a%20b%2Fc%3F%23%25&account_id=1%262")));
}

static void endpoints_are_those_of_the_environment_and_the_profile(void **state)
{
    static const char *const by_service[] = { "HOME=/h", "AWS_ENDPOINT_URL_SSO=http://127.0.0.1:1/p/",
                                              "AWS_ENDPOINT_URL_SSO_OIDC=http://127.0.0.1:2", NULL };
    static const struct {
        const char *const *entries;
        const char *config, *portal, *oidc;
    } rows[] = {
        { by_service, SESSION,                                                                                               "http://127.0.0.1:1/p/federation/credentials?", "http://127.0.0.1:2/token"                       },
        { home,
         SESSION "[profile p]\nservices = s\n[services s]\nsso =\n endpoint_url = https://a\nsso_oidc =\n "
                  "endpoint_url = https://b/\n",                                                                             "https://a/federation/credentials?",            "https://b/token"                                },
        { home,       "[profile p]\nsso_session = c\n" ROLE "[sso-session c]\nsso_region = cn-north-1\nsso_start_url = u\n",
         "https://portal.sso.cn-north-1.amazonaws.com.cn/federation/credentials?",                                                                                           "https://oidc.cn-north-1.amazonaws.com.cn/token" },
    };
    static const struct fake_answer answers[] = {
        { .status = 200, .text = "{\"accessToken\":\"hush-a2\",\"expiresIn\":28800}" },
        { .status = 200, .text = KEYS                                                },
    };
    struct fixture *fixture = *state;
    fixture->table[CORP_TOKEN + 1].path = "/h/.aws/sso/cache/84a516841ba77a5b4648de2cd0dfcb30ea46dbb4.json"; /* "c" */
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        static const char expired[] = "{\"accessToken\":\"hush-a\",\"expiresAt\":\"2025-01-01T00:00:00Z\"," RENEWAL "}";
        struct aws_credentials got;
        fixture->env.entries = rows[i].entries;
        must_open(fixture, rows[i].config);
        set_token(fixture, CORP_TOKEN, expired);
        set_token(fixture, CORP_TOKEN + 1, expired);
        script(fixture, answers, ARRAY_LENGTH(answers));
        must_fetch(fixture, &got);
        assert_str_equal(fixture->world->transport.requests[0].url, rows[i].oidc);
        assert_true(str_starts_with(fixture->world->transport.requests[1].url, str_from(rows[i].portal)));
    }
}

static void the_provider_blocks_endpoint_is_the_portals_alone(void **state)
{
    static const char *const by_service[] = { "HOME=/h", "AWS_ENDPOINT_URL_SSO=http://127.0.0.1:1",
                                              "AWS_ENDPOINT_URL_SSO_OIDC=http://127.0.0.1:2", NULL };
    static const char *const ignoring[] = { "HOME=/h", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true", NULL };
    static const struct {
        const char *const *entries;
        const char *oidc;
    } rows[] = {
        { by_service, "http://127.0.0.1:2/token"                   },
        { home,       "https://oidc.eu-west-1.amazonaws.com/token" },
        { ignoring,   "https://oidc.eu-west-1.amazonaws.com/token" },
    };
    static const struct fake_answer answers[] = {
        { .status = 200, .text = "{\"accessToken\":\"hush-a2\",\"expiresIn\":28800}" },
        { .status = 200, .text = KEYS                                                },
    };
    struct fixture *fixture = *state;
    fixture->world->doors.sso_endpoint = STR("http://127.0.0.1:3/p//");
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct aws_credentials got;
        fixture->env.entries = rows[i].entries;
        must_open(fixture, SESSION);
        set_token(fixture, CORP_TOKEN,
                  "{\"accessToken\":\"hush-a\",\"expiresAt\":\"2025-01-01T00:00:00Z\"," RENEWAL "}");
        script(fixture, answers, ARRAY_LENGTH(answers));
        must_fetch(fixture, &got);
        assert_str_equal(fixture->world->transport.requests[0].url, rows[i].oidc);
        assert_true(str_starts_with(fixture->world->transport.requests[1].url,
                                    STR("http://127.0.0.1:3/p/federation/credentials?")));
    }
}

static void fips_and_dualstack_hosts_are_taken_where_they_are_wanted(void **state)
{
    static const struct {
        bool use_fips, use_dualstack;
        const char *portal, *oidc;
    } rows[] = {
        { true,  false, "https://portal.sso-fips.eu-west-1.amazonaws.com/f",
         "https://oidc-fips.eu-west-1.amazonaws.com/t"                                                               },
        { false, true,  "https://portal.sso.eu-west-1.api.aws/f",            "https://oidc.eu-west-1.api.aws/t"      },
        { true,  true,  "https://portal.sso-fips.eu-west-1.api.aws/f",       "https://oidc-fips.eu-west-1.api.aws/t" },
    };
    static const struct fake_answer answers[] = {
        { .status = 200, .text = "{\"accessToken\":\"hush-a2\",\"expiresIn\":28800}" },
        { .status = 200, .text = KEYS                                                },
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct aws_credentials got;
        fixture->world->doors.use_fips = rows[i].use_fips;
        fixture->world->doors.use_dualstack = rows[i].use_dualstack;
        must_open(fixture, SESSION);
        set_token(fixture, CORP_TOKEN,
                  "{\"accessToken\":\"hush-a\",\"expiresAt\":\"2025-01-01T00:00:00Z\"," RENEWAL "}");
        script(fixture, answers, ARRAY_LENGTH(answers));
        must_fetch(fixture, &got);
        assert_true(str_starts_with(fixture->world->transport.requests[0].url, str_from(rows[i].oidc)));
        assert_true(str_starts_with(fixture->world->transport.requests[1].url, str_from(rows[i].portal)));
    }
}

static void what_is_wrong_in_the_files_is_an_error_with_its_line(void **state)
{
    static const struct {
        const char *config, *text, *remedy;
    } rows[] = {
        { "[profile p]\nsso_session = corp\n" ROLE,
         "sso_session of the profile \"p\" (/h/.aws/config, line 2): there is no [sso-session corp] in /h/.aws/config",                                                          "Add the section with sso_region and sso_start_url, or run `aws configure sso-session`."                },
        { "[profile p]\nsso_session = corp\n" ROLE "[corp]\nsso_region = r\n",
         "sso_session of the profile \"p\" (/h/.aws/config, line 2): there is no [sso-session corp] in /h/.aws/config",                                                          "/h/.aws/config, line 5 has a section that may be meant: write [sso-session corp], in the config file." },
        { "[profile p]\nsso_session = corp\n" ROLE "[sso-session corp]\n",
         "[sso-session corp] (/h/.aws/config, line 5) has no sso_region, sso_start_url",                                                                                         "Add it to that section, or run `aws configure sso-session`."                                           },
        { "[profile p]\nsso_session = corp\nsso_region = eu-west-1\n" ROLE "[sso-session corp]\nsso_start_url = " URL
          "\n",                                                                                        "[sso-session corp] (/h/.aws/config, line 6) has no sso_region",
         "Add it to that section, or run `aws configure sso-session`."                                                                                                                                                                                                                   },
        { "[profile p]\nsso_session = corp\n" SECTION,
         "sso_session of the profile \"p\" (/h/.aws/config, line 2): the profile has no sso_account_id, sso_role_name",                                                          "Add it to the profile, or run `aws configure sso --profile p`."                                        },
        { "[profile p]\nsso_session = corp\nsso_region = us-east-1\n" ROLE SECTION,
         "sso_region of the profile \"p\" (/h/.aws/config, line 3) is \"us-east-1\", but [sso-session corp] says "
          "\"eu-west-1\" (/h/.aws/config, line 7)",                                                                                                                              "Remove it from the profile: the SSO session's value counts."                                           },
        { "[profile p]\nsso_session = corp\nsso_start_url = https://x\n" ROLE SECTION,
         "sso_start_url of the profile \"p\" (/h/.aws/config, line 3) is \"https://x\", but [sso-session corp] says "
          "\"" URL "\" (/h/.aws/config, line 8)",
         "Remove it from the profile: the SSO session's value counts."                                                                                                                                                                                                                   },
        { "[profile p]\nsso_start_url = " URL "\n",
         "sso_start_url of the profile \"p\" (/h/.aws/config, line 2): the profile has no sso_region, sso_account_id, "
          "sso_role_name",                                                                                                                                                       "Add it to the profile, or run `aws configure sso --profile p`."                                        },
        { "[profile p]\n\n" ROLE,
         "sso_account_id of the profile \"p\" (/h/.aws/config, line 3): the profile has no sso_start_url, sso_region",                                                           "Add it to the profile, or run `aws configure sso --profile p`."                                        },
        { "[profile p]\nsso_session = corp\n" ROLE "[sso-session corp]\nsso_region = a/b\nsso_start_url = u\n",
         "sso_region of [sso-session corp] (/h/.aws/config, line 6): ",                                                                                                          ""                                                                                                      },
        { "[profile p]\nsso_start_url = u\nsso_region = a b\n" ROLE,
         "sso_region of the profile \"p\" (/h/.aws/config, line 3): ",                                                                                                           ""                                                                                                      },
        { SESSION "[profile p]\nservices = s\n[services s]\nsso =\n endpoint_url = ftp://hush\n",
         "endpoint_url of sso in [services s] (/h/.aws/config, line 12): the endpoint cannot be used: ",                                                                         "An endpoint is an https or http URL with a host"                                                       },
        { SESSION "[profile p]\nservices = s\n[services s]\nsso_oidc =\n endpoint_url = hush\n",
         "endpoint_url of sso_oidc in [services s] (/h/.aws/config, line 12): the endpoint cannot be used: ",                                                                    "An endpoint is an https or http URL with a host"                                                       },
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        CLEANUP(err_clear) struct err err = { 0 };
        if (open_source(fixture, rows[i].config, &err))
            fail_msg("row %zu is accepted", i);
        assert_int_equal(err.kind, ERR_INVALID);
        if (!str_starts_with(str_from(err_text(&err)), str_from(rows[i].text)) ||
            !str_starts_with(str_from(err_remedy(&err)), str_from(rows[i].remedy)) || strstr(err_text(&err), "hush"))
            fail_msg("row %zu: %s. %s", i, err_text(&err), err_remedy(&err));
    }
}

static void a_refusal_says_what_to_do(void **state)
{
#define ROLE_TEXT                                                                                                      \
    "the role \"Admin\" of account 111122223333, by sso_session of the profile \"p\" (/h/.aws/config, line 2)"
    static const struct {
        struct fake_answer answer;
        enum err_kind kind;
        const char *text, *remedy;
        size_t requests;
    } rows[] = {
        { { .status = 401, .text = "{\"message\":\"hush\"}" },
         ERR_DENIED,                                                                                                       "the SSO portal rejects the token of the profile \"p\": the session has ended",
         "Run `aws sso login --profile p`, then try again.",                                                                                                                                                                     1 },
        { { .status = 403 },
         ERR_DENIED,                                                                                                       "SSO does not give you " ROLE_TEXT ": it is not assigned to you, or does not exist (status 403)",
         "Correct sso_account_id (/h/.aws/config, line 3) and sso_role_name (/h/.aws/config, line 4), or ask the "
          "administrator of IAM Identity Center for the assignment.",                                                                                                                                                            1 },
        { { .status = 404 },
         ERR_DENIED,                                                                                                       "SSO does not give you " ROLE_TEXT ": it is not assigned to you, or does not exist (status 404)",
         "Correct sso_account_id",                                                                                                                                                                                               1 },
        { { .status = 400 },                                                                                       ERR_IO, "the SSO portal answers with status 400 when it is asked for " ROLE_TEXT,                         "", 1 },
        { { .status = 429, .repeats = REPEATS_FOR_EVER },
         ERR_IO,                                                                                                           "the SSO portal answers with status 429 when it is asked for " ROLE_TEXT,
         "",                                                                                                                                                                                                                     3 },
        { { .status = 500, .repeats = REPEATS_FOR_EVER },
         ERR_IO,                                                                                                           "the SSO portal answers with status 500 when it is asked for " ROLE_TEXT,
         "",                                                                                                                                                                                                                     3 },
        { { .repeats = REPEATS_FOR_EVER },                                                                         ERR_IO, "asking the SSO portal: a scripted failure",                                                      "", 3 },
        { { .status = 200, .text = "hush" },
         ERR_IO,                                                                                                           "what the SSO portal answers for " ROLE_TEXT " are not credentials",
         "",                                                                                                                                                                                                                     1 },
        { { .status = 200, .text = "{\"roleCredentials\":{\"accessKeyId\":\"A\",\"secretAccessKey\":\"hush\"}}" },
         ERR_IO,                                                                                                           "what the SSO portal answers for " ROLE_TEXT " are not credentials",
         "",                                                                                                                                                                                                                     1 },
        { { .status = 302, .headers = "Location: https://evil.test/" },
         ERR_IO,                                                                                                           "the SSO portal answers with status 302 when it is asked for " ROLE_TEXT,
         "",                                                                                                                                                                                                                     1 },
    };
    struct fixture *fixture = *state;
    must_open(fixture, SESSION);
    set_token(fixture, CORP_TOKEN, TOKEN("hush-a"));
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct aws_credentials got;
        CLEANUP(err_clear) struct err err = { 0 };
        script(fixture, &rows[i].answer, 1);
        assert_false(fetch(fixture, &got, &err));
        assert_int_equal(err.kind, rows[i].kind);
        assert_string_equal(err_text(&err), rows[i].text);
        assert_true(str_starts_with(str_from(err_remedy(&err)), str_from(rows[i].remedy)));
        assert_int_equal(fixture->world->transport.request_count, rows[i].requests);
    }
#undef ROLE_TEXT
}

static void what_may_pass_is_asked_again(void **state)
{
    static const struct fake_answer answers[] = {
        { .status = 429 },
        { .status = 0 },
        { .status = 200, .text = KEYS }
    };
    struct fixture *fixture = *state;
    struct aws_credentials got;
    must_open(fixture, SESSION);
    set_token(fixture, CORP_TOKEN, TOKEN("hush-a"));
    script(fixture, answers, ARRAY_LENGTH(answers));
    must_fetch(fixture, &got);
}

/* The portal, while a person signs in. */
struct signing_in {
    struct http_transport transport;
    struct fixture *fixture;
};

static bool send_while_signing_in(void *self, struct arena *arena, struct waiter *waiter, int64_t deadline_ms,
                                  const struct http_request *request, struct http_response *out, struct err *err)
{
    struct signing_in *signing_in = self;
    const struct http_transport *inner = &signing_in->fixture->world->transport.transport;
    set_token(signing_in->fixture, CORP_TOKEN, TOKEN("hush-new"));
    return inner->send(inner->self, arena, waiter, deadline_ms, request, out, err);
}

static void after_a_refusal_the_token_of_a_new_login_is_tried(void **state)
{
    static const struct fake_answer answers[] = {
        { .status = 401 },
        { .status = 200, .text = KEYS }
    };
    struct fixture *fixture = *state;
    struct aws_credentials got;
    struct signing_in signing_in = { .fixture = fixture };
    signing_in.transport = (struct http_transport){ .send = send_while_signing_in, .self = &signing_in };
    fixture->world->doors.transport = &signing_in.transport;
    must_open(fixture, SESSION);
    set_token(fixture, CORP_TOKEN, TOKEN("hush-old"));
    script(fixture, answers, ARRAY_LENGTH(answers));
    must_fetch(fixture, &got);
    assert_str_equal(fake_transport_header(&fixture->world->transport, 1, "x-amz-sso_bearer_token"), "hush-new");
}

static void a_portal_that_fails_after_a_new_login_is_an_error(void **state)
{
    static const struct fake_answer answers[] = { { .status = 401 }, { .repeats = REPEATS_FOR_EVER } };
    struct fixture *fixture = *state;
    struct aws_credentials got;
    struct signing_in signing_in = { .fixture = fixture };
    CLEANUP(err_clear) struct err err = { 0 };
    signing_in.transport = (struct http_transport){ .send = send_while_signing_in, .self = &signing_in };
    fixture->world->doors.transport = &signing_in.transport;
    must_open(fixture, SESSION);
    set_token(fixture, CORP_TOKEN, TOKEN("hush-old"));
    script(fixture, answers, ARRAY_LENGTH(answers));
    assert_false(fetch(fixture, &got, &err));
    assert_string_equal(err_text(&err), "asking the SSO portal: a scripted failure");
}

static void a_token_file_that_cannot_be_read_is_an_error(void **state)
{
    struct fixture *fixture = *state;
    struct aws_credentials got;
    CLEANUP(err_clear) struct err err = { 0 };
    must_open(fixture, SESSION);
    fixture->table[CORP_TOKEN].failure = ERR_IO;
    assert_false(fetch(fixture, &got, &err));
    assert_int_equal(err.kind, ERR_IO);
    assert_string_equal(err_text(&err), "reading the SSO session of the profile \"p\": " CORP ": refused");
    assert_string_equal(err_remedy(&err), ""); /* a login would not help */
}

static void the_command_is_written_as_a_shell_takes_it(void **state)
{
    static const struct {
        const char *profile, *expected;
    } rows[] = {
        { "dev/eu-1.x_y@corp", "aws sso login --profile dev/eu-1.x_y@corp" },
        { "my team",           "aws sso login --profile 'my team'"         },
        { "$(x)",              "aws sso login --profile '$(x)'"            },
        { "Someone's",         "aws sso login --profile \"Someone's\""     },
    };
    const struct fixture *fixture = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        assert_string_equal(profile_command(fixture->world->arena, "aws sso login", str_from(rows[i].profile)),
                            rows[i].expected);
}

static void without_a_login_nothing_is_asked(void **state)
{
    struct fixture *fixture = *state;
    struct aws_credentials got;
    CLEANUP(err_clear) struct err err = { 0 };
    must_open(fixture, FLAT);
    assert_false(fetch(fixture, &got, &err));
    assert_int_equal(err.kind, ERR_DENIED);
    assert_string_equal(err_text(&err), "there is no SSO session for the profile \"p\": " LEGACY " is missing");
    assert_string_equal(err_remedy(&err), "Run `aws sso login --profile p`, then try again.");
    assert_int_equal(fixture->world->transport.request_count, 0);
}

static void noise_is_survived(void **state)
{
    struct fixture *fixture = *state;
    must_open(fixture, SESSION);
    set_token(fixture, CORP_TOKEN, TOKEN("hush-a"));
    for (uint64_t seed = 0; seed < 200; seed++) {
        struct aws_credentials got;
        CLEANUP(err_clear) struct err err = { 0 };
        const struct fake_answer answer = { .status = 200,
                                            .body = noise(fixture->world->arena, seed, 1000,
                                                          STR("{}[]:,\"\\u0e1.-tfn \nroleCredentials")) };
        script(fixture, &answer, 1);
        assert_false(fetch(fixture, &got, &err));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_session_gives_the_keys_of_its_role, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_session_whose_token_ends_is_renewed_first, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_legacy_form_ends_with_its_token, set_up, tear_down),
        cmocka_unit_test_setup_teardown(names_are_encoded_in_the_address, set_up, tear_down),
        cmocka_unit_test_setup_teardown(endpoints_are_those_of_the_environment_and_the_profile, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_provider_blocks_endpoint_is_the_portals_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(fips_and_dualstack_hosts_are_taken_where_they_are_wanted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_wrong_in_the_files_is_an_error_with_its_line, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_refusal_says_what_to_do, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_may_pass_is_asked_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(after_a_refusal_the_token_of_a_new_login_is_tried, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_portal_that_fails_after_a_new_login_is_an_error, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_token_file_that_cannot_be_read_is_an_error, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_command_is_written_as_a_shell_takes_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_a_login_nothing_is_asked, set_up, tear_down),
        cmocka_unit_test_setup_teardown(noise_is_survived, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
