/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/ca_bundle.h"

#include <string.h>

#include "tests/support/harness.h"

static const char *const no_entries[] = { NULL };
static const struct env no_env = { no_entries };

static void what_is_given_wins(void **state)
{
    static const char *const entries[] = { "SSL_CERT_FILE=/other", NULL };
    const struct env env = { entries };
    const struct ca_bundle given = { .file = STR("/etc/passwd") };
    struct ca_bundle found;
    struct err err;
    (void)state;
    assert_true(ca_bundle_find(&given, &env, &found, &err));
    assert_str_equal(found.file, "/etc/passwd");
    assert_str_equal(found.folder, "");
}

static void what_is_given_and_cannot_be_read_is_an_error(void **state)
{
    const struct ca_bundle file = { .file = STR("/nowhere/ca.pem") };
    const struct ca_bundle folder = { .folder = STR("/nowhere") };
    struct ca_bundle found;
    struct err err = { 0 };
    (void)state;
    assert_false(ca_bundle_find(&file, &no_env, &found, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    assert_non_null(strstr(err.text, "/nowhere/ca.pem"));
    assert_false(ca_bundle_find(&folder, &no_env, &found, &err));
}

static void the_environment_comes_next_the_file_first(void **state)
{
    static const char *const both[] = { "SSL_CERT_DIR=/d", "SSL_CERT_FILE=/f", NULL };
    static const char *const folder[] = { "SSL_CERT_FILE=", "SSL_CERT_DIR=/d", NULL };
    const struct env both_env = { both }, folder_env = { folder };
    const struct ca_bundle nothing = { 0 };
    struct ca_bundle found;
    struct err err;
    (void)state;
    assert_true(ca_bundle_find(&nothing, &both_env, &found, &err));
    assert_str_equal(found.file, "/f");
    assert_true(ca_bundle_find(&nothing, &folder_env, &found, &err));
    assert_str_equal(found.file, "");
    assert_str_equal(found.folder, "/d");
}

static void then_the_system_is_searched(void **state)
{
    const struct ca_bundle nothing = { 0 };
    struct ca_bundle with_env, without;
    struct err err;
    (void)state;
    assert_true(ca_bundle_find(&nothing, &no_env, &with_env, &err));
    assert_true(ca_bundle_find(&nothing, NULL, &without, &err));
    assert_true(str_equal(with_env.file, without.file));
    assert_true(str_is_empty(with_env.file) || str_is_empty(with_env.folder));
}

static void a_path_longer_than_any_is_refused(void **state)
{
    static char path[10000];
    struct ca_bundle found;
    struct err err;
    (void)state;
    memset(path, 'a', sizeof(path));
    const struct ca_bundle given = {
        .file = { path, sizeof(path) }
    };
    assert_false(ca_bundle_find(&given, NULL, &found, &err));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_given_wins),
        cmocka_unit_test(what_is_given_and_cannot_be_read_is_an_error),
        cmocka_unit_test(the_environment_comes_next_the_file_first),
        cmocka_unit_test(then_the_system_is_searched),
        cmocka_unit_test(a_path_longer_than_any_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
