/* SPDX-License-Identifier: MPL-2.0
 *
 * The token file of SSO: read at each use, renewed before its end, written back.
 */
#include "aws/credentials/profile/sso_token.h"

#include <string.h>

#include "tests/support/fake_files.h"
#include "tests/support/fake_sts.h"
#include "tests/support/harness.h"
#include "tests/support/noise.h"

#define PATH "/h/.aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json" /* of "corp" */
#define HOUR_LATER "2026-01-01T01:00:00Z"
#define SOON "2026-01-01T00:14:59Z"
#define PAST "2025-12-31T23:59:59Z"
#define RENEWAL "\"refreshToken\":\"hush-r1\",\"clientId\":\"hush-c\",\"clientSecret\":\"hush-s\""
#define TOKEN(text, when) "{\"accessToken\":\"" text "\",\"expiresAt\":\"" when "\"}"
#define RENEWABLE(text, when) "{\"accessToken\":\"" text "\",\"expiresAt\":\"" when "\"," RENEWAL "}"
#define ANSWER "{\"accessToken\":\"hush-a2\",\"expiresIn\":3600,\"refreshToken\":\"hush-r2\",\"tokenType\":\"Bearer\"}"

enum { LOOKS_MAX = 8 };

/* The file has another text at each look; the last one stays. NULL: it is missing. */
struct fixture {
    struct credentials_world *world;
    const char *looks[LOOKS_MAX];
    size_t look_count, looked;
    struct str written; /* instead of the looks, from then on */
    struct file_reader reader;
    struct file_writer writer;
    bool cannot_be_written;
    struct sso_token_file *file;
};

static bool read_look(void *self, struct arena *arena, struct str path, size_t max_bytes, struct str *out,
                      struct err *err)
{
    struct fixture *fixture = self;
    (void)max_bytes;
    assert_str_equal(path, PATH);
    const size_t look = fixture->looked < fixture->look_count ? fixture->looked : fixture->look_count - 1;
    const char *text = fixture->written.ptr ? fixture->written.ptr : fixture->looks[look];
    fixture->looked++;
    if (!text)
        return err_set(err, ERR_NOT_FOUND, "%.*s: no such file", STR_ARG(path));
    *out = str_copy(arena, str_from(text));
    return true;
}

static bool write_text(void *self, struct arena *arena, struct str path, struct str content, struct err *err)
{
    struct fixture *fixture = self;
    (void)arena;
    if (fixture->cannot_be_written)
        return err_set(err, ERR_IO, "%.*s: Read-only file system", STR_ARG(path));
    assert_str_equal(path, PATH);
    fixture->written = str_copy(fixture->world->arena, content);
    return true;
}

static const char *const home[] = { "HOME=/h", NULL };
static const struct env environment = { home };

static struct sso_token_file *open_file(struct fixture *fixture, struct str oidc_url)
{
    const struct sso_token_options options = { .doors = &fixture->world->doors,
                                               .name = STR("corp"),
                                               .oidc_url = oidc_url,
                                               .whose = "the profile \"p\"",
                                               .login = "aws sso login --profile p" };
    return sso_token_file_new(&options);
}

static int set_up(void **state)
{
    struct fixture *fixture = mem_alloc(sizeof(*fixture));
    fixture->world = credentials_world_new();
    fixture->reader = (struct file_reader){ .read = read_look, .self = fixture };
    fixture->writer = (struct file_writer){ .write = write_text, .self = fixture };
    fixture->world->doors.env = &environment;
    fixture->world->doors.reader = &fixture->reader;
    fixture->world->doors.writer = &fixture->writer;
    fixture->file = open_file(fixture, STR("https://oidc.test"));
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    sso_token_file_free(fixture->file);
    credentials_world_free(fixture->world);
    mem_free(fixture);
    return 0;
}

static void set_looks(struct fixture *fixture, const char *const *looks, size_t count)
{
    memcpy(fixture->looks, looks, count * sizeof(*looks));
    fixture->look_count = count;
    fixture->looked = 0;
    fixture->written = (struct str){ 0 };
}

static void set_text(struct fixture *fixture, const char *text)
{
    set_looks(fixture, &text, 1);
}

static void script(struct fixture *fixture, const struct fake_answer *answers, size_t count)
{
    fake_transport_script(&fixture->world->transport, answers, count);
}

static bool get(struct fixture *fixture, struct sso_token *out, struct err *err)
{
    const bool is_done = sso_token_file_get(fixture->file, &fixture->world->call, out, err);
    assert_null(strstr(err_text(err), "hush"));
    assert_null(strstr(err_remedy(err), "hush"));
    return is_done;
}

static void assert_token(struct fixture *fixture, const char *expected)
{
    struct sso_token token;
    CLEANUP(err_clear) struct err err = { 0 };
    if (!get(fixture, &token, &err))
        fail_msg("%s", err_text(&err));
    assert_str_equal(token.access_token, expected);
}

static void assert_refused(struct fixture *fixture, enum err_kind kind, const char *text, bool is_login)
{
    struct sso_token token;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_false(get(fixture, &token, &err));
    assert_int_equal(err.kind, kind);
    assert_string_equal(err_text(&err), text);
    assert_string_equal(err_remedy(&err),
                        is_login ? "Run `aws sso login --profile p`, then try again."
                        : strstr(text, "could not be renewed")
                            ? "No new login is needed: check the network and the proxy (HTTPS_PROXY), then try again."
                            : "");
}

static void a_token_that_lasts_is_used_as_it_is(void **state)
{
    struct fixture *fixture = *state;
    struct sso_token token;
    CLEANUP(err_clear) struct err err = { 0 };
    set_text(fixture, RENEWABLE("hush-a1", HOUR_LATER));
    assert_true(get(fixture, &token, &err));
    assert_str_equal(token.access_token, "hush-a1");
    assert_true(token.expires_wall_ms == ((int64_t)WORLD_START_S + 3600) * SECOND_MS);
    assert_true(token.is_renewable);
    set_text(fixture, TOKEN("hush-b", SOON));
    assert_true(get(fixture, &token, &err));
    assert_str_equal(token.access_token, "hush-b"); /* the file is read again, and this one cannot be renewed */
    assert_false(token.is_renewable);
    assert_int_equal(fixture->world->transport.request_count, 0);
}

static void a_token_that_ends_soon_is_renewed_and_written_back(void **state)
{
    struct fixture *fixture = *state;
    const struct fake_answer answers[] = {
        { .status = 200, .text = ANSWER }
    };
    const char *const texts[] = { RENEWABLE("hush-a1", SOON), RENEWABLE("hush-a1", PAST) };
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        const struct http_request *request = &fixture->world->transport.requests[0];
        set_text(fixture, texts[i]);
        script(fixture, answers, 1);
        assert_token(fixture, "hush-a2");
        assert_int_equal(fixture->world->transport.request_count, 1);
        assert_str_equal(request->method, "POST");
        assert_str_equal(request->url, "https://oidc.test/token");
        assert_str_equal(request->body, "{\"clientId\":\"hush-c\",\"clientSecret\":\"hush-s\","
                                        "\"grantType\":\"refresh_token\",\"refreshToken\":\"hush-r1\"}");
        assert_str_equal(fake_transport_header(&fixture->world->transport, 0, "content-type"), "application/json");
        assert_true(request->mutates);
        assert_str_equal(fixture->written, "{\"accessToken\":\"hush-a2\",\"expiresAt\":\"2026-01-01T01:00:00Z\","
                                           "\"refreshToken\":\"hush-r2\",\"clientId\":\"hush-c\","
                                           "\"clientSecret\":\"hush-s\"}");
        assert_token(fixture, "hush-a2");
        assert_int_equal(fixture->world->transport.request_count, 1);
    }
}

static void what_else_the_file_holds_is_kept(void **state)
{
    struct fixture *fixture = *state;
    const struct fake_answer answers[] = {
        { .status = 200, .text = "{\"accessToken\":\"hush-a2\",\"expiresIn\":60}" }
    };
    set_text(fixture, "{\"startUrl\": \"https://s\", \"region\": \"eu-west-1\", \"accessToken\": \"hush-a1\", "
                      "\"expiresAt\": \"" PAST "\", \"theirs\": {\"n\": [1, 2.5, null]}, "
                      "\"registrationExpiresAt\": \"2026-02-01T00:00:00Z\", " RENEWAL "}");
    script(fixture, answers, 1);
    assert_token(fixture, "hush-a2");
    /* No new refresh token: the old one is spent. */
    assert_str_equal(fixture->written,
                     "{\"startUrl\":\"https://s\",\"region\":\"eu-west-1\",\"accessToken\":\"hush-a2\","
                     "\"expiresAt\":\"2026-01-01T00:01:00Z\",\"theirs\":{\"n\":[1,2.5,null]},"
                     "\"registrationExpiresAt\":\"2026-02-01T00:00:00Z\",\"clientId\":\"hush-c\","
                     "\"clientSecret\":\"hush-s\"}");
}

static void a_token_is_renewed_only_with_all_that_it_takes(void **state)
{
    static const char *const texts[] = {
        TOKEN("hush-a1", PAST),
        "{\"accessToken\":\"hush\",\"expiresAt\":\"" PAST "\",\"refreshToken\":\"hush-r1\",\"clientId\":\"hush-c\"}",
        "{\"accessToken\":\"hush\",\"expiresAt\":\"" PAST "\",\"refreshToken\":\"hush-r1\",\"clientSecret\":\"s\"}",
        "{\"accessToken\":\"hush\",\"expiresAt\":\"" PAST "\",\"clientId\":\"hush-c\",\"clientSecret\":\"hush-s\"}",
        "{\"accessToken\":\"hush\",\"expiresAt\":\"" PAST "\",\"registrationExpiresAt\":\"" PAST "\"," RENEWAL "}",
    };
    static const char expired[] = "the SSO session of the profile \"p\" expired at " PAST " (" PATH ")";
    struct fixture *fixture = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        set_text(fixture, texts[i]);
        assert_refused(fixture, ERR_DENIED, expired, true);
    }
    sso_token_file_free(fixture->file);
    fixture->file = open_file(fixture, STR("")); /* the legacy form */
    set_text(fixture, RENEWABLE("hush-a1", PAST));
    assert_refused(fixture, ERR_DENIED, expired, true);
    assert_int_equal(fixture->world->transport.request_count, 0);
}

static void a_renewal_that_fails_early_is_no_failure(void **state)
{
    static const struct fake_answer failures[] = {
        { .repeats = REPEATS_FOR_EVER },
        { .status = 500, .repeats = REPEATS_FOR_EVER },
        { .status = 400, .text = "{\"error\":\"invalid_grant\"}" },
        { .status = 200, .text = "{}" },
        { .status = 200, .text = "hush" },
        { .status = 200, .text = "{\"accessToken\":\"hush a2\",\"expiresIn\":60}" },
        { .status = 200, .text = "{\"accessToken\":\"hush-a2\",\"expiresIn\":-1}" },
        { .status = 200, .text = "{\"accessToken\":\"hush-a2\",\"expiresIn\":9223372036854775807}" },
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(failures); i++) {
        set_text(fixture, RENEWABLE("hush-a1", SOON));
        script(fixture, &failures[i], 1);
        assert_token(fixture, "hush-a1");
        assert_null(fixture->written.ptr);
    }
}

static void a_renewal_that_fails_too_late_says_why(void **state)
{
#define EXPIRED "the SSO session of the profile \"p\" expired at " PAST " (" PATH "), and could not be renewed: "
    static const struct {
        struct fake_answer answer;
        enum err_kind kind;
        const char *text;
        size_t requests;
        bool is_login;
    } rows[] = {
        { { .repeats = REPEATS_FOR_EVER },
         ERR_IO,     EXPIRED "asking the SSO OIDC service: a scripted failure",
         3, false },
        { { .status = 503, .repeats = REPEATS_FOR_EVER },
         ERR_IO,     EXPIRED "the SSO OIDC service answers with status 503",
         3, false },
        { { .status = 400, .text = "{\"error\":\"slow_down\"}" },
         ERR_IO,     EXPIRED "the SSO OIDC service answers with status 400",
         1, false },
        { { .status = 400, .text = "{\"error\":\"invalid_grant\",\"error_description\":\"hush\"}" },
         ERR_DENIED, EXPIRED "the SSO OIDC service refuses to renew it (status 400)",
         1, true  },
        { { .status = 401, .text = "{\"error\":\"invalid_client\"}" },
         ERR_DENIED, EXPIRED "the SSO OIDC service refuses to renew it (status 401)",
         1, true  },
        { { .status = 200, .text = "{\"accessToken\":7}" },
         ERR_IO,     EXPIRED "the answer of the SSO OIDC service is not a token",
         1, false },
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        set_text(fixture, RENEWABLE("hush-a1", PAST));
        script(fixture, &rows[i].answer, 1);
        assert_refused(fixture, rows[i].kind, rows[i].text, rows[i].is_login);
        assert_int_equal(fixture->world->transport.request_count, rows[i].requests);
    }
#undef EXPIRED
}

static void the_token_of_somebody_who_was_faster_is_used(void **state)
{
    static const struct fake_answer refused[] = {
        { .status = 400, .text = "{\"error\":\"invalid_grant\"}" }
    };
    static const char *const written_in_a_moment[] = { RENEWABLE("hush-a1", PAST), RENEWABLE("hush-a1", PAST),
                                                       RENEWABLE("hush-a1", PAST),
                                                       RENEWABLE("hush-theirs", HOUR_LATER) };
    static const char *const written_early[] = { RENEWABLE("hush-a1", SOON), RENEWABLE("hush-theirs", HOUR_LATER) };
    struct fixture *fixture = *state;
    set_looks(fixture, written_in_a_moment, ARRAY_LENGTH(written_in_a_moment));
    script(fixture, refused, 1);
    assert_token(fixture, "hush-theirs");
    assert_int_equal(fixture->world->transport.request_count, 1);
    set_looks(fixture, written_early, ARRAY_LENGTH(written_early));
    script(fixture, refused, 1);
    assert_token(fixture, "hush-theirs");
    assert_null(fixture->written.ptr);
}

/* Between the question and its answer. */
static void a_login_or_logout_meanwhile_is_not_undone(void **state)
{
    static const char *const rows[][2] = {
        { RENEWABLE("hush-a1", SOON), RENEWABLE("hush-theirs", HOUR_LATER) },
        { RENEWABLE("hush-a1", SOON), NULL },
    };
    const struct fake_answer answer = { .status = 200, .text = ANSWER };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        set_looks(fixture, rows[i], ARRAY_LENGTH(rows[i]));
        script(fixture, &answer, 1);
        assert_token(fixture, "hush-a2");
        assert_null(fixture->written.ptr);
    }
}

static void a_token_that_cannot_be_written_is_used_until_the_file_changes(void **state)
{
    static const struct fake_answer answers[] = {
        { .status = 200, .text = ANSWER                                                                          },
        { .status = 200, .text = "{\"accessToken\":\"hush-a3\",\"expiresIn\":3600,\"refreshToken\":\"hush-r3\"}" },
    };
    struct fixture *fixture = *state;
    fixture->cannot_be_written = true;
    set_text(fixture, RENEWABLE("hush-a1", SOON));
    script(fixture, answers, ARRAY_LENGTH(answers));
    assert_token(fixture, "hush-a2");
    assert_token(fixture, "hush-a2");
    assert_int_equal(fixture->world->transport.request_count, 1);
    fake_clock_advance(&fixture->world->clock, HOUR_MS);
    assert_token(fixture, "hush-a3");
    assert_non_null(strstr(fixture->world->transport.requests[1].body.ptr, "hush-r2"));
    assert_token(fixture, "hush-a3");
    set_text(fixture, TOKEN("hush-new-login", "2026-01-01T09:00:00Z"));
    assert_token(fixture, "hush-new-login");
    set_text(fixture, NULL); /* aws sso logout */
    assert_refused(fixture, ERR_DENIED, "there is no SSO session for the profile \"p\": " PATH " is missing", true);
}

static void a_file_that_is_being_written_is_read_once_more(void **state)
{
    static const char *const looks[] = { "", "{\"accessToken\":\"hush", TOKEN("hush-a1", HOUR_LATER) };
    struct fixture *fixture = *state;
    set_looks(fixture, looks, ARRAY_LENGTH(looks));
    assert_token(fixture, "hush-a1");
    assert_int_equal(fixture->looked, 3);
}

static void a_file_that_is_no_token_file_is_refused(void **state)
{
    static const struct {
        const char *text, *error;
    } rows[] = {
        { "", PATH " is not a token file as the AWS CLI writes it" },
        { "hush", PATH " is not a token file as the AWS CLI writes it" },
        { "[\"hush\"]", PATH " is not a token file as the AWS CLI writes it" },
        { "{\"accessToken\":7,\"expiresAt\":\"hush\"}", PATH " is not a token file as the AWS CLI writes it" },
        { "{}", PATH " has no accessToken" },
        { "{\"accessToken\":\"\",\"expiresAt\":\"" PAST "\"}", PATH " has no accessToken" },
        { "{\"accessToken\":\"hush\"}", PATH " has no expiresAt" },
        { TOKEN("hush", "tomorrow"), "the expiresAt in " PATH " is not a time as the AWS CLI writes it" },
        { TOKEN("hush\\nHost: evil", HOUR_LATER),
         "the accessToken in " PATH " contains a blank or a character that is not ASCII" },
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        set_text(fixture, rows[i].text);
        assert_refused(fixture, ERR_INVALID, rows[i].error, true);
    }
}

static void times_are_read_as_all_tools_write_them(void **state)
{
    static const char *const texts[] = { TOKEN("hush", "2026-01-01T01:00:00UTC"),
                                         TOKEN("hush", "2026-01-01T03:00:00.123+02:00") };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        set_text(fixture, texts[i]);
        assert_token(fixture, "hush");
    }
}

static void the_marks_of_tokens_tell_them_apart(void **state)
{
    struct fixture *fixture = *state;
    struct sso_token tokens[3];
    CLEANUP(err_clear) struct err err = { 0 };
    set_text(fixture, TOKEN("hush-a", HOUR_LATER));
    assert_true(get(fixture, &tokens[0], &err));
    assert_true(get(fixture, &tokens[1], &err));
    set_text(fixture, TOKEN("hush-b", HOUR_LATER));
    assert_true(get(fixture, &tokens[2], &err));
    assert_memory_equal(tokens[0].mark, tokens[1].mark, sizeof(tokens[0].mark));
    assert_memory_not_equal(tokens[0].mark, tokens[2].mark, sizeof(tokens[0].mark));
}

static void noise_is_survived(void **state)
{
    struct fixture *fixture = *state;
    for (uint64_t seed = 0; seed < 200; seed++) {
        struct sso_token token;
        CLEANUP(err_clear) struct err err = { 0 };
        const struct str text = noise(fixture->world->arena, seed, 1000, STR("{}[]:,\"\\u0e1.-tfn \n"));
        const struct fake_answer answer = { .status = 200, .body = text };
        set_text(fixture, str_c(fixture->world->arena, text));
        assert_false(get(fixture, &token, &err));
        set_text(fixture, RENEWABLE("hush-a1", PAST));
        script(fixture, &answer, 1);
        assert_false(get(fixture, &token, &err));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_token_that_lasts_is_used_as_it_is, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_token_that_ends_soon_is_renewed_and_written_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_else_the_file_holds_is_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_token_is_renewed_only_with_all_that_it_takes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_renewal_that_fails_early_is_no_failure, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_renewal_that_fails_too_late_says_why, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_token_of_somebody_who_was_faster_is_used, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_login_or_logout_meanwhile_is_not_undone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_token_that_cannot_be_written_is_used_until_the_file_changes, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_file_that_is_being_written_is_read_once_more, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_that_is_no_token_file_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(times_are_read_as_all_tools_write_them, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_marks_of_tokens_tell_them_apart, set_up, tear_down),
        cmocka_unit_test_setup_teardown(noise_is_survived, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
