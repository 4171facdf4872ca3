/* SPDX-License-Identifier: MPL-2.0 */
#include "base/home.h"

#include "tests/support/fake_files.h"
#include "tests/support/harness.h"

static const char users[] = "root:x:0:0:root:/root:/bin/sh\n"
                            "half:x:7\n"
                            "\n"
                            "odd::1000::/wrong\n"
                            "ann:x:100:100:Ann, 1000:/home/ann:/bin/sh\n"
                            "bob:x:1000:1000::/home/bob:/bin/sh\n"
                            "empty:x:1001:1001:::/bin/sh\n";

static void a_home_that_is_missing_is_that_of_the_user(void **state)
{
    static const struct {
        const char *home; /* "HOME=..." */
        unsigned long user;
        const char *expected;
    } cases[] = {
        { "HOME=/set",  1000, "/set"      },
        { "HOME=",      1000, "/home/bob" },
        { "OTHER=/set", 1000, "/home/bob" },
        { "OTHER=/set", 0,    "/root"     },
        { "OTHER=/set", 7,    "?"         },
        { "OTHER=/set", 1001, "?"         },
        { "OTHER=/set", 99,   "?"         },
    };
    struct fake_file table[] = {
        { "/etc/passwd", str_from(users), ERR_NONE },
        { 0 }
    };
    const struct file_reader reader = fake_files_reader(table);
    struct arena *arena = arena_new();
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        const char *const given[] = { "FIRST=1", cases[i].home, "LAST=2", NULL };
        const struct env with = env_with_home(arena, (struct env){ given }, &reader, cases[i].user);
        assert_str_equal(env_get(&with, "HOME", STR("?")), cases[i].expected);
        assert_str_equal(env_get(&with, "FIRST", STR("?")), "1");
        assert_str_equal(env_get(&with, "LAST", STR("?")), "2");
    }
    arena_free(arena);
}

static void without_a_list_of_users_no_home_is_made_up(void **state)
{
    struct fake_file table[] = { { 0 } };
    const struct file_reader reader = fake_files_reader(table);
    struct arena *arena = arena_new();
    (void)state;
    const struct env with = env_with_home(arena, (struct env){ NULL }, &reader, 0);
    assert_str_equal(env_get(&with, "HOME", STR("?")), "?");
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_home_that_is_missing_is_that_of_the_user),
        cmocka_unit_test(without_a_list_of_users_no_home_is_made_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
