/* SPDX-License-Identifier: MPL-2.0
 *
 * Only what needs no output; the texts are tested with the binary (serve_test).
 */
#include "plugin/runtime/process/settings.h"

#include <unistd.h>

#include "tests/support/harness.h"

static const struct tf_provider provider = { .address = "registry.terraform.io/a/two-words",
                                             .name = "two-words",
                                             .purpose = "serves a test" };

/* The process's own environment is what settings_read reads. */
static struct settings read_with(struct arena *arena, const char *const *entries, bool *out_serves)
{
    char **own = environ;
    char *argv[] = { (char *)"terraform-provider-two-words", (char *)"-debug", NULL };
    struct settings settings = { 0 };
    int exit_code = -1;
    environ = (char **)entries;
    *out_serves = settings_read(&settings, arena, &provider, NULL, 2, argv, &exit_code);
    environ = own;
    return settings;
}

static void assert_level(const char *const *entries, enum log_level expected)
{
    struct arena *arena = arena_new();
    bool serves;
    struct settings settings = read_with(arena, entries, &serves);
    arena_free(arena);
    assert_true(serves);
    assert_int_equal(settings.log_level, expected);
}

static void most_particular_log_variable_decides(void **state)
{
    const char *const none[] = { NULL };
    const char *const general[] = { "TF_LOG=debug", NULL };
    const char *const providers[] = { "TF_LOG=debug", "TF_LOG_PROVIDER=ERROR", NULL };
    const char *const own[] = { "TF_LOG=debug", "TF_LOG_PROVIDER_TWO_WORDS=off", "TF_LOG_PROVIDER=ERROR", NULL };
    const char *const strange[] = { "TF_LOG=1", NULL };
    (void)state;
    assert_level(none, LOG_WARN);
    assert_level(general, LOG_DEBUG);
    assert_level(providers, LOG_ERROR);
    assert_level(own, LOG_OFF);
    assert_level(strange, LOG_TRACE);
}

static void only_sensible_time_scales_are_taken(void **state)
{
    static const struct {
        const char *entry;
        int64_t factor;
    } rows[] = {
        { "TF_TWO_WORDS_TIME_SCALE=60",                      60 },
        { "TF_TWO_WORDS_TIME_SCALE=0",                       1  },
        { "TF_TWO_WORDS_TIME_SCALE=-5",                      1  },
        { "TF_TWO_WORDS_TIME_SCALE=99999999999",             1  },
        { "TF_TWO_WORDS_TIME_SCALE=2x",                      1  },
        { "TF_TIME_SCALE=60",                                1  },
        { "TF_TWO_WORDS_TIME_SCALE=",                        1  },
        { "TF_TWO_WORDS_TIME_SCALE=99999999999999999999999", 1  },
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        const char *const entries[] = { rows[i].entry, NULL };
        struct arena *arena = arena_new();
        bool serves;
        struct settings settings = read_with(arena, entries, &serves);
        arena_free(arena);
        assert_int_equal(settings.scale.factor, rows[i].factor);
    }
}

static void certificate_of_the_host_is_kept_as_it_is(void **state)
{
    const char *const entries[] = { "PLUGIN_CLIENT_CERT=-----BEGIN\nX\n", NULL };
    struct arena *arena = arena_new();
    bool serves;
    struct settings settings = read_with(arena, entries, &serves);
    (void)state;
    arena_free(arena);
    assert_str_equal(settings.client_certificate, "-----BEGIN\nX\n");
    assert_true(settings.debug);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(most_particular_log_variable_decides),
        cmocka_unit_test(only_sensible_time_scales_are_taken),
        cmocka_unit_test(certificate_of_the_host_is_kept_as_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
