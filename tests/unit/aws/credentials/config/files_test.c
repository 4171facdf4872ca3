/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/credentials/config/files.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aws/credentials/config/profile.h"
#include "aws/credentials/config/services.h"
#include "aws/credentials/config/sso_session.h"
#include "tests/support/bounded.h"
#include "tests/support/fake_files.h"
#include "tests/support/harness.h"
#include "tests/support/noise.h"

struct fixture {
    struct arena *arena;
    struct aws_profile_files *files;
};

static int set_up(void **state)
{
    struct fixture *fixture = mem_alloc(sizeof(*fixture));
    fixture->arena = arena_new();
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    aws_profile_files_free(fixture->files);
    arena_free(fixture->arena);
    mem_free(fixture);
    return 0;
}

static const char *const home_only[] = { "HOME=/home/x", NULL };

static bool open_files(struct fixture *fixture, const char *const *entries, struct fake_file *table, struct err *err)
{
    const struct env env = { entries };
    const struct file_reader reader = fake_files_reader(table);
    const struct aws_profile_files_options options = { .env = &env, .reader = &reader };
    aws_profile_files_free(fixture->files);
    fixture->files = NULL;
    return aws_profile_files_new(&options, &fixture->files, err);
}

static void open_texts(struct fixture *fixture, struct str config, struct str credentials)
{
    CLEANUP(err_clear) struct err err = { 0 };
    struct fake_file table[] = {
        { "/home/x/.aws/config", config, ERR_NONE },
        { "/home/x/.aws/credentials", credentials, ERR_NONE },
        { 0 }
    };
    assert_true(open_files(fixture, home_only, table, &err));
}

static void open_config_files(struct fixture *fixture, const char *const *entries, struct fake_file *table,
                              const struct str *paths, size_t count)
{
    const struct env env = { entries };
    const struct file_reader reader = fake_files_reader(table);
    const struct aws_profile_files_options options = {
        .env = &env, .reader = &reader, .config_paths = paths, .config_path_count = count
    };
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(aws_profile_files_new(&options, &fixture->files, &err));
}

static void assert_value(const struct fixture *fixture, const char *profile, const char *key, const char *expected)
{
    struct str value = { 0 };
    bool found = aws_profile_get(fixture->files, str_from(profile), key, &value);
    if (expected) {
        assert_true(found);
        assert_str_equal(value, expected);
    } else {
        assert_false(found);
    }
}

static void files_are_found_in_the_home_folder(void **state)
{
    struct fixture *fixture = *state;
    open_texts(fixture, STR("[profile p]\nregion = eu-west-1\n"), STR("[p]\naws_access_key_id = AKIA\n"));
    assert_value(fixture, "p", "region", "eu-west-1");
    assert_value(fixture, "p", "aws_access_key_id", "AKIA");
    assert_value(fixture, "p", "output", NULL);
    assert_value(fixture, "q", "region", NULL);
}

static void the_environment_names_other_files(void **state)
{
    static const char *const entries[] = { "HOME=/home/x", "AWS_CONFIG_FILE=/etc/c",
                                           "AWS_SHARED_CREDENTIALS_FILE=~/keys", NULL };
    struct fake_file table[] = {
        { "/etc/c", STR("[default]\nregion = from-c\n"), ERR_NONE },
        { "/home/x/keys", STR("[default]\nx = from-keys\n"), ERR_NONE },
        { "/home/x/.aws/config", STR("[default]\nregion = no\n"), ERR_NONE },
        { 0 }
    };
    struct fixture *fixture = *state;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(open_files(fixture, entries, table, &err));
    assert_value(fixture, "default", "region", "from-c");
    assert_value(fixture, "default", "x", "from-keys");
}

static void given_paths_are_expanded_and_the_later_file_wins(void **state)
{
    static const char *const entries[] = { "HOME=/home/x", "DIR=/d", "TILDE=~/e", "AWS_CONFIG_FILE=/etc/c", NULL };
    const struct str paths[] = { STR("~/one"), STR("$DIR/two"), STR("${DIR}/three$"), STR("$UNSET/etc/four${"),
                                 STR("$TILDE/five") };
    struct fake_file table[] = {
        { "/home/x/one", STR("[default]\na = 1\nb = 1\nc = 1\n"), ERR_NONE },
        { "/d/two", STR("[default]\nb = 2\nc = 2\n"), ERR_NONE },
        { "/d/three$", STR("[default]\nc = 3\n"), ERR_NONE },
        { "/etc/four${", STR("[default]\nd = 4\n"), ERR_NONE },
        { "/home/x/e/five", STR("[default]\ne = 5\n"), ERR_NONE },
        { "/etc/c", STR("[default]\nd = 5\n"), ERR_NONE },
        { 0 }
    };
    struct fixture *fixture = *state;
    open_config_files(fixture, entries, table, paths, ARRAY_LENGTH(paths));
    assert_value(fixture, "default", "a", "1");
    assert_value(fixture, "default", "b", "2");
    assert_value(fixture, "default", "c", "3");
    assert_value(fixture, "default", "d", "4");
    assert_value(fixture, "default", "e", "5");
}

static void the_credentials_file_wins_key_by_key(void **state)
{
    struct fixture *fixture = *state;
    open_texts(fixture, STR("[profile p]\nregion = config\nx = config\n"), STR("[p]\nregion = credentials\ny = 1\n"));
    assert_str_equal(aws_profile_where(fixture->files, fixture->arena, STR("p"), "region"),
                     "/home/x/.aws/credentials, line 2");
    assert_str_equal(aws_profile_where(fixture->files, fixture->arena, STR("p"), "x"), "/home/x/.aws/config, line 3");
    assert_true(str_is_empty(aws_profile_where(fixture->files, fixture->arena, STR("p"), "gone")));
    assert_value(fixture, "p", "region", "credentials");
    assert_value(fixture, "p", "x", "config");
    assert_value(fixture, "p", "y", "1");
}

static void an_empty_value_in_a_later_file_takes_the_key_back(void **state)
{
    struct fixture *fixture = *state;
    open_texts(fixture, STR("[profile p]\nrole_arn = r\nregion = eu-west-1\n"), STR("[p]\nrole_arn =\n"));
    assert_value(fixture, "p", "role_arn", NULL);
    assert_value(fixture, "p", "region", "eu-west-1");
}

static void a_section_written_twice_is_one_and_its_last_value_wins(void **state)
{
    struct fixture *fixture = *state;
    open_texts(fixture, STR("[profile p]\na=1\nb=1\nb=2\n[default]\n[profile p]\na=3\n"), STR(""));
    assert_value(fixture, "p", "a", "3");
    assert_value(fixture, "p", "b", "2");
}

static void a_prefixed_default_replaces_the_plain_one(void **state)
{
    struct fixture *fixture = *state;
    open_texts(fixture, STR("[profile default]\na=1\n[default]\na=2\nb=2\n"), STR(""));
    assert_value(fixture, "default", "a", "1");
    assert_value(fixture, "default", "b", NULL);
}

static void a_prefixed_default_replaces_that_of_another_config_file(void **state)
{
    const struct str paths[] = { STR("/one"), STR("/two") };
    struct fake_file table[] = {
        { "/one", STR("[profile default]\na=1\n"), ERR_NONE },
        { "/two", STR("[default]\na=2\nb=2\n"), ERR_NONE },
        { "/home/x/.aws/credentials", STR("[default]\nc=3\n"), ERR_NONE },
        { 0 }
    };
    struct fixture *fixture = *state;
    open_config_files(fixture, home_only, table, paths, ARRAY_LENGTH(paths));
    assert_value(fixture, "default", "a", "1");
    assert_value(fixture, "default", "b", NULL);
    assert_value(fixture, "default", "c", "3");
}

static void an_sso_session_is_found_with_its_lines(void **state)
{
    struct fixture *fixture = *state;
    struct str value;
    struct str place;
    CLEANUP(err_clear) struct err err = { 0 };
    open_texts(fixture,
               STR("[sso-session s]\nsso_region=old\nsso_start_url=u\n[profile s]\nsso_region=other\n"
                   "[sso-session 's']\nsso_region = new\nsso_start_url =\n"),
               STR("[s]\nsso_region=x\n[sso-session s]\nsso_region=y\n"));
    assert_true(aws_profile_sso_get(fixture->files, STR("s"), "sso_region", &value));
    assert_str_equal(value, "new");
    assert_str_equal(aws_profile_sso_where(fixture->files, fixture->arena, STR("s"), "sso_region"),
                     "/home/x/.aws/config, line 7");
    assert_false(aws_profile_sso_get(fixture->files, STR("s"), "sso_start_url", &value)); /* the last one is empty */
    assert_false(aws_profile_sso_get(fixture->files, STR("S"), "sso_region", &value));
    assert_str_equal(aws_profile_sso_where(fixture->files, fixture->arena, STR("s"), "sso_start_url"), "");
    assert_true(aws_profile_sso_find(fixture->files, fixture->arena, STR("s"), &place, &err));
    assert_str_equal(place, "/home/x/.aws/config, line 1");
}

/* mergeSections in config/shared_config.go of aws-sdk-go-v2: what is empty in a later file is empty. */
static void the_later_config_file_wins_for_an_sso_session(void **state)
{
    static const struct {
        const char *key, *value, *where; /* NULL: none */
    } rows[] = {
        { "sso_region",              "b",  "/b, line 3" },
        { "sso_start_url",           "u",  "/a, line 3" },
        { "sso_registration_scopes", NULL, ""           },
    };
    struct fixture *fixture = *state;
    const struct str paths[] = { STR("/a"), STR("/b") };
    struct fake_file table[] = {
        { "/a", STR("[sso-session s]\nsso_region=a\nsso_start_url=u\nsso_registration_scopes=x\n"), ERR_NONE },
        { "/b", STR("\n[sso-session s]\nsso_region=b\nsso_registration_scopes=\n"), ERR_NONE },
        { 0 }
    };
    open_config_files(fixture, home_only, table, paths, 2);
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct str value;
        const bool is_found = aws_profile_sso_get(fixture->files, STR("s"), rows[i].key, &value);
        assert_true(is_found == (rows[i].value != NULL));
        if (is_found)
            assert_str_equal(value, rows[i].value);
        assert_str_equal(aws_profile_sso_where(fixture->files, fixture->arena, STR("s"), rows[i].key), rows[i].where);
    }
}

static void an_sso_session_that_is_not_found_comes_with_what_may_be_meant(void **state)
{
    static const struct {
        const char *config, *credentials, *remedy;
    } rows[] = {
        { "",                            "",                      ""                                               },
        { "[sso-session other]\n[xs]\n", "[s]\n",                 ""                                               },
        { "[profile s]\n",               "[profile s]\n",         ""                                               },
        { "\n[s]\n",                     "",                      "/home/x/.aws/config, line 2 has a section"      },
        { "[sso_session s]\n",           "",
         "line 1 has a section that may be meant: write "
          "[sso-session s], in the config file."                                                                   },
        { "",                            "\n\n[sso-session s]\n", "/home/x/.aws/credentials, line 3 has a section" },
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct str ignored;
        CLEANUP(err_clear) struct err err = { 0 };
        open_texts(fixture, str_from(rows[i].config), str_from(rows[i].credentials));
        assert_false(aws_profile_sso_find(fixture->files, fixture->arena, STR("s"), &ignored, &err));
        assert_int_equal(err.kind, ERR_NOT_FOUND);
        assert_string_equal(err_text(&err), "there is no [sso-session s] in /home/x/.aws/config");
        if (!strstr(err_remedy(&err), rows[i].remedy) || !rows[i].remedy[0] != !err_remedy(&err)[0])
            fail_msg("row %zu: %s", i, err_remedy(&err));
    }
}

static void keys_and_token_come_from_one_file(void **state)
{
    struct fixture *fixture = *state;
    struct aws_profile_keys keys;
    open_texts(fixture,
               STR("[profile p]\naws_access_key_id=C\naws_secret_access_key=CS\naws_session_token=CT\n"
                   "[profile q]\naws_access_key_id=QC\naws_secret_access_key=QS\naws_session_token=QT\n"
                   "[profile h]\naws_access_key_id=H\n[profile n]\n"),
               STR("[p]\naws_access_key_id=K\naws_secret_access_key=KS\n[q]\naws_access_key_id=half\n"));
    assert_true(aws_profile_find_keys(fixture->files, STR("p"), &keys));
    assert_str_equal(keys.access_key_id, "K");
    assert_str_equal(keys.secret_access_key, "KS");
    assert_true(str_is_empty(keys.session_token)); /* the config file's belongs to other keys */
    assert_str_equal(keys.path, "/home/x/.aws/credentials");
    assert_int_equal(keys.line, 2);
    assert_true(aws_profile_find_keys(fixture->files, STR("q"), &keys));
    assert_str_equal(keys.access_key_id, "half");
    assert_true(str_is_empty(keys.secret_access_key));
    assert_true(aws_profile_find_keys(fixture->files, STR("h"), &keys));
    assert_true(str_is_empty(keys.secret_access_key));
    assert_false(aws_profile_find_keys(fixture->files, STR("n"), &keys));
}

static void a_home_that_is_not_known_is_told(void **state)
{
    static const char *const nothing[] = { NULL };
    struct fake_file table[] = { { 0 } };
    struct fixture *fixture = *state;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(open_files(fixture, nothing, table, &err));
    assert_str_equal(aws_profile_files_describe(fixture->arena, fixture->files, STR("p")),
                     "~/.aws/config (HOME is not set), ~/.aws/credentials (HOME is not set)");
}

static void a_missing_file_counts_as_empty_and_is_told(void **state)
{
    struct fixture *fixture = *state;
    struct fake_file table[] = {
        { "/home/x/.aws/config", { 0 }, ERR_IO },
        { 0 }
    };
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(open_files(fixture, home_only, table, &err));
    assert_false(aws_profile_exists(fixture->files, STR("default")));
    assert_str_equal(aws_profile_files_describe(fixture->arena, fixture->files, STR("p")),
                     "/home/x/.aws/config (cannot be read), /home/x/.aws/credentials (missing)");
}

static void a_folder_at_the_usual_path_is_no_error(void **state)
{
    struct fixture *fixture = *state;
    char home[] = "/tmp/config_file_testXXXXXX";
    assert_non_null(mkdtemp(home));
    const char *entries[] = { str_format(fixture->arena, "HOME=%s", home).ptr, NULL };
    const char *folders[] = { str_format(fixture->arena, "%s/.aws", home).ptr,
                              str_format(fixture->arena, "%s/.aws/credentials", home).ptr };
    const struct env env = { entries };
    const struct file_reader reader = file_reader_real();
    const struct aws_profile_files_options options = { .env = &env, .reader = &reader };
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(mkdir(folders[0], 0700) == 0 && mkdir(folders[1], 0700) == 0);
    struct aws_profile_files *again = NULL;
    const bool is_read = aws_profile_files_new(&options, &fixture->files, &err) &&
                         aws_profile_files_reread(fixture->files, &reader, NULL, &again, &err);
    aws_profile_files_free(again);
    assert_true(rmdir(folders[1]) == 0 && rmdir(folders[0]) == 0 && rmdir(home) == 0);
    if (!is_read)
        fail_msg("%s", err_text(&err));
    assert_str_equal(aws_profile_files_describe(fixture->arena, fixture->files, STR("p")),
                     str_format(fixture->arena, "%s (missing), %s (cannot be read)",
                                str_format(fixture->arena, "%s/config", folders[0]).ptr, folders[1])
                         .ptr);
}

/* What is said of a profile "p" that was not found. */
static struct str note(struct fixture *fixture, struct str config, struct str credentials)
{
    CLEANUP(err_clear) struct err err = { 0 };
    open_texts(fixture, config, credentials);
    assert_false(aws_profile_check(fixture->files, fixture->arena, STR("p"), &err));
    assert_int_equal(err.kind, ERR_NOT_FOUND);
    assert_null(strstr(err_text(&err), "hush"));
    return str_copy(fixture->arena, str_from(err_text(&err)));
}

static void a_profile_that_is_not_found_comes_with_what_is_wrong(void **state)
{
    const struct {
        struct str config, credentials;
        const char *expected;
    } rows[] = {
        { STR("[q]\n"),                      STR("[q]\n"),
         "the profile \"p\" was not found in /home/x/.aws/config, /home/x/.aws/credentials"                                                               },
        { STR("\n[p]\nregion=hush\n"),       STR(""),                                  "/home/x/.aws/config (line 2: write [profile p], not [p]), "       },
        { STR(""),                           STR("[profile 'p']\n"),                   "/home/x/.aws/credentials (line 1: write [p], not [profile p])"    },
        { STR("[Profile P]\nregion=hush\n"), STR(""),                                  "/home/x/.aws/config (line 1 has [Profile P]), "                   },
        { STR("['profile p']\n"),            STR(""),                                  "/home/x/.aws/config (line 1 has ['profile p']), "                 },
        { STR(""),                           STR("[\\ P]\n"),                          "/home/x/.aws/credentials (line 1 has [\\ P])"                     },
        { STR(""),                           STR("\n# x\naws_access_key_id = hush\n"),
         "/home/x/.aws/credentials (line 3 comes before the first heading)"                                                                               },
        { STR("[profile p\nhush\n"),         STR(""),                                  "/home/x/.aws/config (the heading in line 1 cannot be read), "     },
        { STR(""),                           STR("# x\n[hush\n"),                      "/home/x/.aws/credentials (the heading in line 2 cannot be read)"  },
        { STR("[profile \xfc]\n"),           STR(""),                                  "/home/x/.aws/config (line 1 is not UTF-8), "                      },
        { STR("\xff\xfe[\0p\0]\0\n\0"),      STR(""),                                  "/home/x/.aws/config (not read: it is UTF-16, save it as UTF-8), " },
        { STR(""),                           STR("\xfe\xff\0[\0p\0]\0\n"),
         "/home/x/.aws/credentials (not read: it is UTF-16, save it as UTF-8)"                                                                            },
        { STR("[\0p\0]\0\n\0"),              STR(""),                                  "/home/x/.aws/config (not read: it is UTF-16, save it as UTF-8), " },
        { STR("\0[\0p\0]\0\n"),              STR(""),                                  "/home/x/.aws/config (not read: it is UTF-16, save it as UTF-8), " },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct str said = note(*state, rows[i].config, rows[i].credentials);
        if (!strstr(said.ptr, rows[i].expected))
            fail_msg("%s lacks: %s", said.ptr, rows[i].expected);
    }
}

static void files_are_read_again_as_they_are_now(void **state)
{
    struct fake_file table[] = {
        { "/home/x/.aws/config", STR("[profile p]\nregion = old\n"), ERR_NONE },
        { "/home/x/.aws/credentials", { 0 }, ERR_NOT_FOUND },
        { 0 }
    };
    struct fixture *fixture = *state;
    const struct file_reader reader = fake_files_reader(table);
    struct aws_profile_files *again = NULL;
    struct str value;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(open_files(fixture, home_only, table, &err));
    table[0].text = STR("[profile p]\nregion = new\n");
    table[1] = (struct fake_file){ "/home/x/.aws/credentials", STR("[p]\nx = 1\n"), ERR_NONE };
    assert_true(aws_profile_files_reread(fixture->files, &reader, NULL, &again, &err));
    assert_value(fixture, "p", "region", "old");
    assert_true(aws_profile_get(again, STR("p"), "region", &value));
    assert_str_equal(value, "new");
    assert_true(aws_profile_get(again, STR("p"), "x", &value));
    aws_profile_files_free(again);
    table[0].failure = ERR_INVALID; /* a pipe took its place */
    assert_false(aws_profile_files_reread(fixture->files, &reader, NULL, &again, &err));
}

static void a_file_that_is_too_large_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct fake_file table[] = {
        { "/home/x/.aws/config", noise(fixture->arena, 1, AWS_PROFILE_FILE_MAX_BYTES + 1, STR("a")), ERR_NONE },
        { 0 }
    };
    CLEANUP(err_clear) struct err err = { 0 };
    assert_false(open_files(fixture, home_only, table, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    assert_non_null(strstr(err_text(&err), "/home/x/.aws/config"));
}

static void a_file_that_is_none_is_refused_by_what_names_it(void **state)
{
    static const char *const entries[] = { "AWS_CONFIG_FILE=/pipe", NULL };
    struct fake_file table[] = {
        { "/pipe", { 0 }, ERR_CONFLICT },
        { 0 }
    };
    const struct env env = { entries };
    const struct str paths[] = { STR("/missing"), STR("/pipe") };
    const struct file_reader reader = fake_files_reader(table);
    const struct aws_profile_files_options options = { .env = &(struct env){ home_only },
                                                       .reader = &reader,
                                                       .credentials_paths = paths,
                                                       .credentials_path_count = ARRAY_LENGTH(paths),
                                                       .credentials_paths_name = "`shared_credentials_files`" };
    struct fixture *fixture = *state;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_false(open_files(fixture, env.entries, table, &err));
    assert_string_equal(err_text(&err), "AWS_CONFIG_FILE: /pipe: refused");
    assert_false(aws_profile_files_new(&options, &fixture->files, &err));
    assert_string_equal(err_text(&err), "`shared_credentials_files`: /pipe: refused");
}

/* A secret may stand on a wrong line. */
static void no_line_of_a_file_is_logged(void **state)
{
    struct fake_file table[] = {
        { "/home/x/.aws/credentials", STR("[default]\n[profile aws_secret_access_key = hush]\nhush\n = hush\n"),
         ERR_NONE },
        { 0 }
    };
    const struct env env = { home_only };
    const struct file_reader reader = fake_files_reader(table);
    const struct clock_scale real_time = { .factor = 1 };
    const struct clock clock = clock_real(&real_time);
    struct fixture *fixture = *state;
    CLEANUP(err_clear) struct err err = { 0 };
    char said[4096] = "";
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    struct log *log = log_new(ends[1], LOG_TRACE, &clock, "test");
    const struct aws_profile_files_options options = { .env = &env, .reader = &reader, .log = log };
    assert_true(aws_profile_files_new(&options, &fixture->files, &err));
    log_free(log);
    close(ends[1]);
    assert_true(read(ends[0], said, sizeof(said) - 1) > 0);
    close(ends[0]);
    assert_non_null(strstr(said, "/home/x/.aws/credentials: the section of line 2 is not used"));
    assert_null(strstr(said, "hush"));
}

static void without_a_home_nothing_is_found(void **state)
{
    static const char *const nothing[] = { NULL };
    struct fake_file table[] = { { 0 } };
    struct fixture *fixture = *state;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(open_files(fixture, nothing, table, &err));
    assert_false(aws_profile_exists(fixture->files, STR("default")));
}

static void the_profile_is_the_argument_the_environment_or_default(void **state)
{
    static const char *const both[] = { "AWS_DEFAULT_PROFILE=d", "AWS_PROFILE=p", NULL };
    static const char *const older[] = { "AWS_PROFILE=", "AWS_DEFAULT_PROFILE=d", NULL };
    static const char *const nothing[] = { NULL };
    (void)state;
    assert_str_equal(aws_profile_name(&(struct env){ both }, STR("given")), "given");
    assert_str_equal(aws_profile_name(&(struct env){ both }, STR("")), "p");
    assert_str_equal(aws_profile_name(&(struct env){ older }, STR("")), "d");
    assert_str_equal(aws_profile_name(&(struct env){ nothing }, STR("")), "default");
    assert_str_equal(aws_profile_name(&(struct env){ nothing }, STR("'Foo Bar'")), "Foo Bar");
    assert_int_equal(aws_profile_naming(&(struct env){ both }, STR("given")), AWS_PROFILE_BY_ARGUMENT);
    assert_int_equal(aws_profile_naming(&(struct env){ both }, STR("")), AWS_PROFILE_BY_ENVIRONMENT);
    assert_int_equal(aws_profile_naming(&(struct env){ older }, STR("")), AWS_PROFILE_BY_NOBODY);
    assert_int_equal(aws_profile_naming(&(struct env){ nothing }, STR("")), AWS_PROFILE_BY_NOBODY);
}

static void noise_is_survived_by_every_look_up(void **state)
{
    struct fixture *fixture = *state;
    struct str text = noise(fixture->arena, 9, 1000 * 1000, STR("[p]\n= ar\t#;:services default"));
    struct aws_profile_keys keys;
    struct str value;
    open_texts(fixture, text, text);
    (void)aws_profile_exists(fixture->files, STR("p"));
    (void)aws_profile_get(fixture->files, STR("default"), "r", &value);
    (void)aws_profile_services_get(fixture->files, STR("s"), "rds", "endpoint_url", &value);
    (void)aws_profile_sso_get(fixture->files, STR("s"), "r", &value);
    (void)aws_profile_find_keys(fixture->files, STR("p"), &keys);
}

struct long_path {
    struct arena *arena;
    struct str path;
};

static bool is_expanded(void *self)
{
    const struct long_path *asked = self;
    const struct env env = { home_only };
    return aws_expand_path(asked->arena, &env, asked->path).len == asked->path.len;
}

/* Piece by piece it would be put together in gigabytes. */
static void a_path_of_dollars_is_expanded_in_little_memory(void **state)
{
    struct fixture *fixture = *state;
    struct long_path asked = { fixture->arena, noise(fixture->arena, 1, 100 * 1000, STR("$")) };
    bounded_run(16 * 1024 * 1024, is_expanded, &asked);
    asked.path.len = 3000;
    bounded_run(16 * 1024 * 1024, is_expanded, &asked);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(files_are_found_in_the_home_folder, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_environment_names_other_files, set_up, tear_down),
        cmocka_unit_test_setup_teardown(given_paths_are_expanded_and_the_later_file_wins, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_credentials_file_wins_key_by_key, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_empty_value_in_a_later_file_takes_the_key_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_section_written_twice_is_one_and_its_last_value_wins, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_prefixed_default_replaces_the_plain_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_prefixed_default_replaces_that_of_another_config_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_sso_session_is_found_with_its_lines, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_later_config_file_wins_for_an_sso_session, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_sso_session_that_is_not_found_comes_with_what_may_be_meant, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(keys_and_token_come_from_one_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_home_that_is_not_known_is_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_missing_file_counts_as_empty_and_is_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_folder_at_the_usual_path_is_no_error, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_profile_that_is_not_found_comes_with_what_is_wrong, set_up, tear_down),
        cmocka_unit_test_setup_teardown(files_are_read_again_as_they_are_now, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_that_is_too_large_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_that_is_none_is_refused_by_what_names_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_line_of_a_file_is_logged, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_a_home_nothing_is_found, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_profile_is_the_argument_the_environment_or_default, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_path_of_dollars_is_expanded_in_little_memory, set_up, tear_down),
        cmocka_unit_test_setup_teardown(noise_is_survived_by_every_look_up, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
