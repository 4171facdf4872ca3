/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/model/msgpack_check.h"

#include "plugin/runtime/limits.h"
#include "tests/support/harness.h"

#define BYTES(literal) ((struct str){ "" literal, sizeof(literal) - 1 })

static void assert_refused(struct str bytes, const char *text)
{
    CLEANUP(err_clear) struct err err = { 0 };
    if (msgpack_check(bytes, &err))
        fail_msg("%zu bytes are let through", bytes.len);
    if (str_find(str_from(err_text(&err)), str_from(text)) < 0)
        fail_msg("\"%s\" does not say \"%s\"", err_text(&err), text);
}

/* A value of each form. A text is in two where a digit would prolong the escape. */
static const struct form {
    const char *bytes;
    size_t length;
} forms[] = {
#define FORM(literal) { literal, sizeof(literal) - 1 }
    FORM("\x00"),
    FORM("\x7f"),
    FORM("\xe0"),
    FORM("\xff"),
    FORM("\xc0"),
    FORM("\xc2"),
    FORM("\xc3"),
    FORM("\x80"),
    FORM("\x81\x01\x02"),
    FORM("\x90"),
    FORM("\x92\x01\x02"),
    FORM("\xa0"),
    FORM("\xa2zz"),
    FORM("\xc4\x01z"),
    FORM("\xc5\x00\x01z"),
    FORM("\xc6\x00\x00\x00\x01z"),
    FORM("\xc7\x01\x0cz"),
    FORM("\xc8\x00\x01\x0cz"),
    FORM("\xc9\x00\x00\x00\x01\x0cz"),
    FORM("\xca"
         "1234"),
    FORM("\xcb"
         "12345678"),
    FORM("\xcc"
         "1"),
    FORM("\xcd"
         "12"),
    FORM("\xce"
         "1234"),
    FORM("\xcf"
         "12345678"),
    FORM("\xd0"
         "1"),
    FORM("\xd1"
         "12"),
    FORM("\xd2"
         "1234"),
    FORM("\xd3"
         "12345678"),
    FORM("\xd4\x00z"),
    FORM("\xd5\x00zz"),
    FORM("\xd6\x00zzzz"),
    FORM("\xd7\x00zzzzzzzz"),
    FORM("\xd8\x00zzzzzzzzzzzzzzzz"),
    FORM("\xd9\x01z"),
    FORM("\xda\x00\x01z"),
    FORM("\xdb\x00\x00\x00\x01z"),
    FORM("\xdc\x00\x01\x01"),
    FORM("\xdd\x00\x00\x00\x01\x01"),
    FORM("\xde\x00\x01\x01\x02"),
    FORM("\xdf\x00\x00\x00\x01\x01\x02"),
#undef FORM
};

static void every_form_of_the_format_passes(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(forms); i++) {
        CLEANUP(err_clear) struct err err = { 0 };
        struct str bytes = { forms[i].bytes, forms[i].length };
        if (!msgpack_check(bytes, &err))
            fail_msg("form %02x: %s", (unsigned char)forms[i].bytes[0], err_text(&err));
        for (size_t length = 0; length < bytes.len; length++) /* and none of them cut short */
            if (msgpack_check((struct str){ bytes.ptr, length }, &err))
                fail_msg("form %02x passes with %zu bytes", (unsigned char)forms[i].bytes[0], length);
    }
}

static void forged_lengths_are_refused_before_anything_is_allocated(void **state)
{
    (void)state;
    assert_refused(BYTES("\xdd\xff\xff\xff\xff\x01"), "4294967295 items in 1 bytes");
    assert_refused(BYTES("\xdf\xff\xff\xff\xff\x01\x02"), "items");
    assert_refused(BYTES("\xdf\x00\x00\x00\x02\x01\x02\x03"), "2 items in 3 bytes");
    assert_refused(BYTES("\xdb\xff\xff\xff\xffz"), "4294967295 more bytes, 1 are left");
    assert_refused(BYTES("\xc6\x80\x00\x00\x00z"), "more bytes");
    assert_refused(BYTES("\xc9\xff\xff\xff\xff\x0cz"), "more bytes");
}

static void depth_is_limited(void **state)
{
    char bomb[VALUE_MAX_DEPTH + 2];
    CLEANUP(err_clear) struct err err = { 0 };
    (void)state;
    for (size_t i = 0; i < sizeof(bomb); i++)
        bomb[i] = '\x91';
    bomb[VALUE_MAX_DEPTH] = '\x01';
    assert_true(msgpack_check((struct str){ bomb, VALUE_MAX_DEPTH + 1 }, &err));
    bomb[VALUE_MAX_DEPTH] = '\x91';
    bomb[VALUE_MAX_DEPTH + 1] = '\x01';
    assert_refused((struct str){ bomb, sizeof(bomb) }, "nested deeper");
}

static void a_bomb_of_a_million_levels_is_refused_at_once(void **state)
{
    struct arena *arena = arena_new();
    char *bomb = arena_alloc(arena, 1000000);
    (void)state;
    for (size_t i = 0; i < 1000000; i++)
        bomb[i] = i % 2 ? '\xa1' : '\x81';
    assert_refused((struct str){ bomb, 1000000 }, "");
    for (size_t i = 0; i < 1000000; i++)
        bomb[i] = '\x91';
    assert_refused((struct str){ bomb, 1000000 }, "nested deeper");
    arena_free(arena);
}

static void number_of_items_is_limited(void **state)
{
    struct arena *arena = arena_new();
    size_t count = VALUE_MAX_ITEMS + 1;
    char *bytes = arena_alloc(arena, count + 5);
    (void)state;
    bytes[0] = '\xdd';
    for (int i = 0; i < 4; i++)
        bytes[1 + i] = (char)(count >> (24 - 8 * i));
    assert_refused((struct str){ bytes, count + 5 }, "a value of more than");
    arena_free(arena);
}

static void nothing_may_follow_the_value(void **state)
{
    (void)state;
    assert_refused(BYTES("\x01\x02"), "1 bytes after the end");
    assert_refused(BYTES("\xc1"), "begins no msgpack value");
    assert_refused(BYTES(""), "more bytes");
}

static void a_million_bytes_of_noise_are_survived(void **state)
{
    struct arena *arena = arena_new();
    unsigned char *noise = arena_alloc(arena, 1000000);
    unsigned seed = 11;
    (void)state;
    for (size_t i = 0; i < 1000000; i++) {
        seed = seed * 1664525u + 1013904223u;
        noise[i] = (unsigned char)(seed >> 24);
    }
    for (size_t at = 0; at < 1000000; at += 13) {
        CLEANUP(err_clear) struct err err = { 0 };
        if (!msgpack_check((struct str){ (char *)noise + at, 1000000 - at }, &err))
            assert_int_equal(err.kind, ERR_INVALID);
    }
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_of_the_format_passes),
        cmocka_unit_test(forged_lengths_are_refused_before_anything_is_allocated),
        cmocka_unit_test(depth_is_limited),
        cmocka_unit_test(a_bomb_of_a_million_levels_is_refused_at_once),
        cmocka_unit_test(number_of_items_is_limited),
        cmocka_unit_test(nothing_may_follow_the_value),
        cmocka_unit_test(a_million_bytes_of_noise_are_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
