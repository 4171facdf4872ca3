/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/copy/note.h"

#include "tests/support/harness.h"
#include "tests/support/noise.h"

static int setup(void **state)
{
    *state = arena_new();
    return 0;
}

static int teardown(void **state)
{
    arena_free(*state);
    return 0;
}

static void a_note_is_read_as_it_was_written(void **state)
{
    const struct replacement_note note = { STR("arn"), STR("source"), STR("alias/k") };
    struct replacement_note read;
    assert_true(note_parse(note_write(*state, &note), &read));
    assert_str_equal(read.arn, "arn");
    assert_str_equal(read.source_arn, "source");
    assert_str_equal(read.kms_key_id, "alias/k");
}

static void what_is_not_known_stays_empty(void **state)
{
    const struct replacement_note note = { .arn = STR("") };
    struct replacement_note read;
    assert_true(note_parse(note_write(*state, &note), &read));
    assert_true(str_is_empty(read.arn) && str_is_empty(read.source_arn) && str_is_empty(read.kms_key_id));
}

static void anything_else_is_no_note(void **state)
{
    static const char *const rows[] = { "",           "1",         "1\na\nb", "1\na\nb\nc\n", "1\na\nb\nc\nd",
                                        "2\na\nb\nc", "{\"a\":1}", "\n\n\n",  "a\nb\nc\n1" };
    struct replacement_note read = { .arn = STR("untouched") };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        assert_false(note_parse(str_from(rows[i]), &read));
    assert_false(note_parse((struct str){ 0 }, &read));
    assert_str_equal(read.arn, "untouched");
}

static void assert_no_note(void *self, struct str bytes)
{
    struct replacement_note read;
    (void)self;
    assert_false(note_parse(bytes, &read));
}

static void noise_is_no_note(void **state)
{
    static const char *const alphabets[] = { "", "2\nab" };
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(alphabets); i++)
        noise_feed(i, str_from(alphabets[i]), assert_no_note, NULL);
}

#define WITH_ARENA(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ARENA(a_note_is_read_as_it_was_written),
        WITH_ARENA(what_is_not_known_stays_empty),
        WITH_ARENA(anything_else_is_no_note),
        cmocka_unit_test(noise_is_no_note),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
