/* SPDX-License-Identifier: MPL-2.0 */
#include <string.h>

#include "aws/credentials/profile/way.h"
#include "tests/support/fake_files.h"
#include "tests/support/fake_sts.h"
#include "tests/support/harness.h"
#include "tests/support/noise.h"

/* Of the session's name. */
#define NAME "6eeec053fe13079aaf7fd81065ec5ecbdb93674f20700e51842d0c769b240c8a.json"
#define PATH "/h/.aws/login/cache/" NAME
#define SESSION "arn:aws:iam::111122223333:user/me"
#define KEYS(when)                                                                                                     \
    "{\"accessToken\":{\"accessKeyId\":\"ASIA1\",\"secretAccessKey\":\"hush-k\",\"sessionToken\":\"hush-t\","          \
    "\"accountId\":\"111122223333\",\"expiresAt\":\"" when "\"},\"tokenType\":\"aws_sigv4\",\"refreshToken\":"         \
    "\"hush-r\",\"clientId\":\"arn:aws:signin:::devtools/same-device\",\"dpopKey\":\"hush-d\"}"

enum { LOOKS_MAX = 8 };

/* The file has another text at each look; the last one stays. NULL: it is missing. */
struct fixture {
    struct credentials_world *world;
    const char *path;
    const char *looks[LOOKS_MAX];
    size_t look_count, looked;
    struct file_reader reader;
    struct env env;
    struct aws_profile_files *files;
    struct aws_credentials_source source;
};

static bool read_look(void *self, struct arena *arena, struct str path, size_t max_bytes, struct str *out,
                      struct err *err)
{
    struct fixture *fixture = self;
    (void)max_bytes;
    assert_str_equal(path, fixture->path);
    const size_t look = fixture->looked < fixture->look_count ? fixture->looked : fixture->look_count - 1;
    fixture->looked++;
    if (!fixture->looks[look])
        return err_set(err, ERR_NOT_FOUND, "%.*s: no such file", STR_ARG(path));
    *out = str_copy(arena, str_from(fixture->looks[look]));
    return true;
}

static const char *const home[] = { "HOME=/h", NULL };

static int set_up(void **state)
{
    struct fixture *fixture = mem_alloc(sizeof(*fixture));
    fixture->world = credentials_world_new();
    fixture->reader = (struct file_reader){ .read = read_look, .self = fixture };
    fixture->env.entries = home;
    fixture->path = PATH;
    fixture->world->doors.env = &fixture->env;
    fixture->world->doors.reader = &fixture->reader;
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

static void open_source(struct fixture *fixture, const char *session)
{
    const struct str config = str_format(fixture->world->arena, "[profile p]\nlogin_session = %s\n", session);
    struct fake_file table[] = {
        { "/h/.aws/config", config, ERR_NONE },
        { 0 }
    };
    const struct file_reader reader = fake_files_reader(table);
    const struct aws_profile_files_options options = { .env = &fixture->env, .reader = &reader };
    CLEANUP(err_clear) struct err err = { 0 };
    close_source(fixture);
    assert_true(aws_profile_files_new(&options, &fixture->files, &err));
    const struct profile_opening opening = { .doors = &fixture->world->doors,
                                             .files = fixture->files,
                                             .profile = STR("p"),
                                             .selected = STR("p"),
                                             .arena = fixture->world->arena };
    assert_true(profile_open_login(&opening, &fixture->source, &err));
}

static void set_looks(struct fixture *fixture, const char *const *looks, size_t count)
{
    memcpy(fixture->looks, looks, count * sizeof(*looks));
    fixture->look_count = count;
    fixture->looked = 0;
}

static bool fetch(struct fixture *fixture, struct aws_credentials *out, struct err *err)
{
    const bool is_done = fixture->source.fetch(fixture->source.self, &fixture->world->call, out, err);
    assert_null(strstr(err_text(err), "hush"));
    assert_null(strstr(err_remedy(err), "hush"));
    assert_int_equal(fixture->world->transport.request_count, 0); /* read-only */
    return is_done;
}

static void must_fetch(struct fixture *fixture, struct aws_credentials *out)
{
    CLEANUP(err_clear) struct err err = { 0 };
    if (!fetch(fixture, out, &err))
        fail_msg("%s", err_text(&err));
}

static void the_keys_of_the_file_are_read_at_each_fetch(void **state)
{
    static const char *const looks[] = { KEYS("2026-01-01T00:15:00Z"), KEYS("2026-01-01T01:30:00.123456789+01:00") };
    struct fixture *fixture = *state;
    struct aws_credentials got;
    open_source(fixture, SESSION);
    set_looks(fixture, looks, 2);
    must_fetch(fixture, &got);
    assert_str_equal(got.access_key_id, "ASIA1");
    assert_str_equal(got.secret_access_key, "hush-k");
    assert_str_equal(got.session_token, "hush-t");
    assert_true(got.expires_wall_ms == ((int64_t)WORLD_START_S + 900) * SECOND_MS);
    assert_true(got.ends_wall_ms == got.expires_wall_ms);
    assert_string_equal(got.renewal, "run aws login --profile p, or any aws command with that profile");
    assert_string_equal(got.kind, "login");
    assert_string_equal(got.source, "login_session of the profile \"p\" (/h/.aws/config, line 2)");
    must_fetch(fixture, &got);
    assert_true(got.expires_wall_ms == ((int64_t)WORLD_START_S + 1800) * SECOND_MS + 123);
}

static void the_folder_is_that_of_the_environment(void **state)
{
    static const char *const looks[] = { KEYS("2026-01-01T00:15:00Z") };
    static const struct {
        const char *entries[4], *path;
    } rows[] = {
        { { "HOME=/h", "AWS_LOGIN_CACHE_DIRECTORY=/x/y" },               "/x/y/" NAME },
        { { "HOME=/h", "AWS_LOGIN_CACHE_DIRECTORY=~/z" },                "/h/z/" NAME },
        { { "HOME=/h", "AWS_LOGIN_CACHE_DIRECTORY=$ROOT/z", "ROOT=/r" }, "/r/z/" NAME },
        { { "HOME=/h", "AWS_LOGIN_CACHE_DIRECTORY=" },                   PATH         },
    };
    struct fixture *fixture = *state;
    set_looks(fixture, looks, 1);
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct aws_credentials got;
        fixture->env.entries = rows[i].entries;
        fixture->path = rows[i].path;
        open_source(fixture, "\" " SESSION " \""); /* blanks do not count */
        must_fetch(fixture, &got);
    }
}

static void a_session_that_is_over_asks_for_a_login(void **state)
{
    static const struct {
        const char *text, *error, *remedy;
        enum err_kind kind;
    } rows[] = {
        { NULL,                                                                                               "there is no login session for the profile \"p\": " PATH " is missing",
         "Run `aws login --profile p`, then try again.",                                                                                                                                                                                      ERR_DENIED  },
        { KEYS("2026-01-01T00:00:00Z"),
         "the login session of the profile \"p\" expired at 2026-01-01T00:00:00Z (" PATH ")",
         "Run `aws login --profile p`, then try again.\n\nWithin the hours of the session, any other aws command with "
          "that profile renews the keys, too.",                                                                                                                                                                                               ERR_DENIED  },
        { "hush",                                                                                             PATH " is not a token file as the AWS CLI writes it",                           "Run `aws login --profile p`, then try again.",
         ERR_INVALID                                                                                                                                                                                                                                      },
        { "{}",                                                                                               PATH " has no accessToken.accessKeyId",                                         "Run `aws login --profile p`, then try again.", ERR_INVALID },
        { "{\"accessToken\":\"hush\"}",                                                                       PATH " is not a token file as the AWS CLI writes it",
         "Run `aws login --profile p`, then try again.",                                                                                                                                                                                      ERR_INVALID },
        { "{\"accessToken\":{\"accessKeyId\":\"A\",\"secretAccessKey\":\"hush\"}}",
         PATH " has no accessToken.sessionToken",                                                                                                                                             "Run `aws login --profile p`, then try again.", ERR_INVALID },
        { "{\"accessToken\":{\"accessKeyId\":\"A\",\"secretAccessKey\":\"hush\",\"sessionToken\":\"hush\"}}",
         PATH " has no accessToken.expiresAt",                                                                                                                                                "Run `aws login --profile p`, then try again.", ERR_INVALID },
        { KEYS("hush"),                                                                                       "the accessToken.expiresAt in " PATH " is not a time as the AWS CLI writes it",
         "Run `aws login --profile p`, then try again.",                                                                                                                                                                                      ERR_INVALID },
    };
    struct fixture *fixture = *state;
    open_source(fixture, SESSION);
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct aws_credentials got;
        CLEANUP(err_clear) struct err err = { 0 };
        set_looks(fixture, &rows[i].text, 1);
        assert_false(fetch(fixture, &got, &err));
        assert_string_equal(err_text(&err), rows[i].error);
        assert_string_equal(err_remedy(&err), rows[i].remedy);
        assert_int_equal(err.kind, rows[i].kind);
    }
}

static void a_file_that_is_being_written_is_read_once_more(void **state)
{
    static const char *const looks[] = { "", "{\"accessToken\":{\"acc", KEYS("2026-01-01T00:15:00Z") };
    struct fixture *fixture = *state;
    struct aws_credentials got;
    open_source(fixture, SESSION);
    set_looks(fixture, looks, ARRAY_LENGTH(looks));
    must_fetch(fixture, &got);
    assert_int_equal(fixture->looked, 3);
}

static void noise_is_survived(void **state)
{
    struct fixture *fixture = *state;
    open_source(fixture, SESSION);
    for (uint64_t seed = 0; seed < 200; seed++) {
        struct aws_credentials got;
        CLEANUP(err_clear) struct err err = { 0 };
        const struct str text = noise(fixture->world->arena, seed, 1000, STR("{}[]:,\"\\u0e1.-tfn \naccessToken"));
        const char *look = str_c(fixture->world->arena, text);
        set_looks(fixture, &look, 1);
        assert_false(fetch(fixture, &got, &err));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_keys_of_the_file_are_read_at_each_fetch, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_folder_is_that_of_the_environment, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_session_that_is_over_asks_for_a_login, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_that_is_being_written_is_read_once_more, set_up, tear_down),
        cmocka_unit_test_setup_teardown(noise_is_survived, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
