/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/http/ca_bundle.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/harness.h"

static const char *const no_entries[] = { NULL };
static const struct env no_env = { no_entries };

/* A file of its own with that content; `path` ends with XXXXXX. */
static void write_new(char *path, struct str content)
{
    int descriptor = mkstemp(path);
    assert_true(descriptor >= 0 && write(descriptor, content.ptr, content.len) == (ssize_t)content.len);
    close(descriptor);
}

static void what_is_given_wins_then_comes_the_environment_the_file_first(void **state)
{
    char path[] = "/tmp/ca_bundle_testXXXXXX";
    char entry[64] = "SSL_CERT_FILE=";
    const char *const both[] = { "SSL_CERT_DIR=/d", entry, NULL };
    static const char *const folder[] = { "SSL_CERT_FILE=", "SSL_CERT_DIR=/d", NULL };
    const struct env both_env = { both }, folder_env = { folder };
    const struct ca_bundle nothing = { 0 };
    struct ca_bundle found;
    CLEANUP(err_clear) struct err err = { 0 };
    (void)state;
    write_new(path, STR("-----BEGIN CERTIFICATE-----\n"));
    memcpy(entry + strlen(entry), path, sizeof(path));
    const struct ca_bundle given = { .file = str_from(path) };
    bool by_argument = ca_bundle_find(&given, "AWS_CA_BUNDLE", &folder_env, &found, &err);
    struct ca_bundle by_environment;
    bool by_variable = ca_bundle_find(&nothing, "", &both_env, &by_environment, &err);
    unlink(path);
    assert_true(by_argument && by_variable);
    assert_str_equal(found.file, path);
    assert_str_equal(found.folder, "");
    assert_str_equal(by_environment.file, path);
    assert_true(ca_bundle_find(&nothing, "", &folder_env, &found, &err));
    assert_str_equal(found.file, "");
    assert_str_equal(found.folder, "/d");
}

static void assert_refused(struct str path, const char *reason)
{
    const struct ca_bundle given = { .file = path };
    struct ca_bundle found;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_false(ca_bundle_find(&given, "AWS_CA_BUNDLE", &no_env, &found, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    if (!strstr(err_text(&err), "AWS_CA_BUNDLE: ") || !strstr(err_text(&err), path.ptr) ||
        !strstr(err_text(&err), reason) || !err_remedy(&err)[0])
        fail_msg("not \"%s\" but: %s. %s", reason, err_text(&err), err_remedy(&err));
}

static void what_is_given_must_be_a_file_with_certificates(void **state)
{
    char path[] = "/tmp/ca_bundle_testXXXXXX";
    (void)state;
    alarm(10); /* a pipe without a writer would block for ever */
    assert_refused(STR("/nowhere/ca.pem"), "No such file");
    assert_refused(STR("/tmp"), "a folder");
    assert_refused(STR("/dev/zero"), "a device");
    assert_refused(STR("/dev/null"), "no certificate");
    write_new(path, STR("not PEM"));
    assert_refused(str_from(path), "no certificate");
    unlink(path);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_refused(str_from(path), "a pipe");
    unlink(path);
    alarm(0);
}

static void what_the_environment_names_must_be_one_too(void **state)
{
    static const char *const entries[] = { "SSL_CERT_FILE=/dev/zero", NULL };
    const struct env env = { entries };
    const struct ca_bundle nothing = { 0 };
    struct ca_bundle found;
    CLEANUP(err_clear) struct err err = { 0 };
    (void)state;
    assert_false(ca_bundle_find(&nothing, "", &env, &found, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    assert_non_null(strstr(err_text(&err), "SSL_CERT_FILE: /dev/zero is a device"));
}

static void a_folder_that_cannot_be_read_is_refused(void **state)
{
    const struct ca_bundle folder = { .folder = STR("/nowhere") };
    struct ca_bundle found;
    CLEANUP(err_clear) struct err err = { 0 };
    (void)state;
    assert_false(ca_bundle_find(&folder, "the folder", &no_env, &found, &err));
    assert_int_equal(err.kind, ERR_INVALID);
}

static void then_the_system_is_searched(void **state)
{
    const struct ca_bundle nothing = { 0 };
    struct ca_bundle with_env, without;
    CLEANUP(err_clear) struct err err = { 0 };
    (void)state;
    assert_true(ca_bundle_find(&nothing, "", &no_env, &with_env, &err));
    assert_true(ca_bundle_find(&nothing, "", NULL, &without, &err));
    assert_true(str_equal(with_env.file, without.file));
    assert_true(str_is_empty(with_env.file) || str_is_empty(with_env.folder));
}

static void the_places_searched_can_be_listed(void **state)
{
    struct arena *arena = arena_new();
    struct str places = ca_bundle_places(arena);
    bool has_first = str_starts_with(places, STR("/etc/ssl/certs/ca-certificates.crt, "));
    bool has_last = str_ends_with(places, STR(", /etc/pki/tls/certs"));
    (void)state;
    arena_free(arena);
    assert_true(has_first && has_last);
}

static void a_path_longer_than_any_is_refused(void **state)
{
    static char path[10000];
    struct ca_bundle found;
    CLEANUP(err_clear) struct err err = { 0 };
    (void)state;
    memset(path, 'a', sizeof(path));
    const struct ca_bundle given = {
        .file = { path, sizeof(path) }
    };
    assert_false(ca_bundle_find(&given, "", NULL, &found, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_given_wins_then_comes_the_environment_the_file_first),
        cmocka_unit_test(what_is_given_must_be_a_file_with_certificates),
        cmocka_unit_test(what_the_environment_names_must_be_one_too),
        cmocka_unit_test(a_folder_that_cannot_be_read_is_refused),
        cmocka_unit_test(then_the_system_is_searched),
        cmocka_unit_test(the_places_searched_can_be_listed),
        cmocka_unit_test(a_path_longer_than_any_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
