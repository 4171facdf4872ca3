/* SPDX-License-Identifier: MPL-2.0 */
#include "base/log.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/fake_clock.h"
#include "tests/support/harness.h"

enum { READ_MAX_BYTES = 4 * 1024 * 1024, PIPE_BYTES = 4096 };

struct fixture {
    struct arena *arena;
    struct fake_clock clock;
    int reader, writer;
    struct log *log;
};

static int set_up(void **state)
{
    struct fixture *fixture = mem_alloc(sizeof(*fixture));
    int ends[2];
    fixture->arena = arena_new();
    fake_clock_init(&fixture->clock, 1767225600123);
    if (pipe2(ends, O_CLOEXEC) != 0)
        return -1;
    fixture->reader = ends[0];
    fixture->writer = ends[1];
    fcntl(fixture->writer, F_SETPIPE_SZ, 1024 * 1024);
    fixture->log = log_new(fixture->writer, LOG_DEBUG, &fixture->clock.clock, "provider");
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    log_free(fixture->log);
    log_free(NULL);
    if (fixture->reader >= 0)
        close(fixture->reader);
    close(fixture->writer);
    arena_free(fixture->arena);
    mem_free(fixture);
    return 0;
}

/* What is in the pipe now. */
static struct str drain(struct fixture *fixture)
{
    char *bytes = arena_alloc(fixture->arena, READ_MAX_BYTES);
    size_t used = 0;
    fcntl(fixture->reader, F_SETFL, O_NONBLOCK);
    for (;;) {
        ssize_t got = read(fixture->reader, bytes + used, READ_MAX_BYTES - used);
        if (got <= 0)
            break;
        used += (size_t)got;
    }
    return (struct str){ bytes, used };
}

/* ---- a reader of the little JSON that log lines are: one object of strings ---- */

static bool take(struct str *rest, char wanted)
{
    if (!rest->len || rest->ptr[0] != wanted)
        return false;
    *rest = str_slice(*rest, 1, rest->len);
    return true;
}

static bool take_escape(struct str *rest)
{
    if (rest->len >= 2 && strchr("\"\\/bfnrt", rest->ptr[1]) && rest->ptr[1])
        *rest = str_slice(*rest, 2, rest->len);
    else if (rest->len >= 6 && rest->ptr[1] == 'u' && strspn(rest->ptr + 2, "0123456789abcdefABCDEF") >= 4)
        *rest = str_slice(*rest, 6, rest->len);
    else
        return false;
    return true;
}

static bool take_string(struct str *rest, struct str *out)
{
    if (!take(rest, '"'))
        return false;
    const char *start = rest->ptr;
    while (rest->len && rest->ptr[0] != '"') {
        if ((unsigned char)rest->ptr[0] < 0x20)
            return false;
        if (rest->ptr[0] == '\\') {
            if (!take_escape(rest))
                return false;
        } else {
            *rest = str_slice(*rest, 1, rest->len);
        }
    }
    *out = (struct str){ start, (size_t)(rest->ptr - start) };
    return take(rest, '"');
}

/* The value of `wanted` (raw, as between the quotes); false unless the line is valid. */
static bool read_line(struct str line, const char *wanted, struct str *out)
{
    struct str rest = line;
    struct str key;
    struct str value;
    *out = (struct str){ 0 };
    if (!str_is_utf8(line) || !take(&rest, '{'))
        return false;
    do {
        if (!take_string(&rest, &key) || !take(&rest, ':') || !take_string(&rest, &value))
            return false;
        if (str_equal(key, str_from(wanted)))
            *out = value;
    } while (take(&rest, ','));
    return take(&rest, '}') && rest.len == 0;
}

static void assert_line(struct str line)
{
    static const char *const needed[] = { "@timestamp", "@level", "@module", "@message" };
    assert_true(line.len < LOG_MAX_LINE_BYTES);
    const struct str start = str_slice(line, 0, 200);
    for (size_t i = 0; i < ARRAY_LENGTH(needed); i++) {
        struct str value;
        if (!read_line(line, needed[i], &value))
            fail_msg("not a log line: %.*s", STR_ARG(start));
        assert_non_null(value.ptr);
    }
}

/* Checks every line and counts them; nothing may follow the last newline. */
static size_t assert_lines(struct str text)
{
    size_t count = 0;
    struct str rest = text;
    struct str line;
    while (str_next(&rest, '\n', &line) && rest.ptr) {
        assert_line(line);
        count++;
    }
    assert_int_equal(line.len, 0);
    return count;
}

static struct str member(struct str line, const char *key)
{
    struct str value;
    assert_true(read_line(str_slice(line, 0, line.len - 1), key, &value));
    return value;
}

/* ---- tests ---- */

static void a_line_is_what_the_host_expects(void **state)
{
    struct fixture *fixture = *state;
    const struct log_field fields[] = {
        { "operation", STR("CopyDBClusterSnapshot") },
        { 0 }
    };
    log_write(fixture->log, LOG_INFO, fields, "copying %d", 7);
    assert_str_equal(drain(fixture),
                     "{\"@timestamp\":\"2026-01-01T00:00:00.123000Z\",\"@level\":\"info\",\"@module\":\"provider\","
                     "\"@message\":\"copying 7\",\"operation\":\"CopyDBClusterSnapshot\"}\n");
}

static void a_byte_of_any_value_leaves_the_line_valid(void **state)
{
    struct fixture *fixture = *state;
    for (unsigned byte = 1; byte < 256; byte++) {
        char text[] = { 'a', (char)byte, 'b', (char)byte, '\0' };
        const struct log_field fields[] = {
            { "field", { text, 4 } },
            { "nul", { "x\0y", 3 } },
            { "cut", { "\xe2\x82", byte % 3 } },
            { 0 }
        };
        log_write(fixture->log, LOG_ERROR, fields, "%s", text);
    }
    assert_int_equal(assert_lines(drain(fixture)), 255);
}

static void long_texts_are_cut_and_the_line_stays_below_its_maximum(void **state)
{
    static const char *const fillers[] = { "x", "\n", "\"", "\xf0\x9f\x98\x80", "\xff", "\x01" };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(fillers); i++) {
        struct str_builder builder;
        CLEANUP(err_clear) struct err err = { 0 };
        struct log_field fields[20] = { 0 };
        str_builder_init(&builder, fixture->arena, SIZE_MAX);
        while (builder.len < 5 * LOG_MAX_LINE_BYTES)
            assert_true(str_builder_add(&builder, str_from(fillers[i]), &err));
        for (size_t f = 0; f + 1 < ARRAY_LENGTH(fields); f++)
            fields[f] = (struct log_field){ "key", str_builder_text(&builder) };
        log_write(fixture->log, LOG_INFO, fields, "%s", str_builder_text(&builder).ptr);
        log_write(fixture->log, LOG_INFO, NULL, "%s", str_builder_text(&builder).ptr);
        assert_int_equal(assert_lines(drain(fixture)), 2);
    }
}

static void lines_below_the_level_are_not_written(void **state)
{
    struct fixture *fixture = *state;
    assert_false(log_is_on(fixture->log, LOG_TRACE));
    assert_true(log_is_on(fixture->log, LOG_DEBUG));
    assert_false(log_is_on(fixture->log, LOG_OFF));
    assert_false(log_is_on(NULL, LOG_ERROR));
    log_write(fixture->log, LOG_TRACE, NULL, "nothing");
    log_write(fixture->log, LOG_OFF, NULL, "nothing");
    log_write(NULL, LOG_ERROR, NULL, "nothing");
    assert_true(str_is_empty(drain(fixture)));
}

static void the_fields_of_the_outer_logs_are_on_each_line(void **state)
{
    struct fixture *fixture = *state;
    const struct log_field call[] = {
        { "rpc", STR("Apply") },
        { 0 }
    };
    const struct log_field resource[] = {
        { "resource", STR("snapshot_share") },
        { 0 }
    };
    struct log *outer = log_with(fixture->arena, fixture->log, call);
    struct log *inner = log_with(fixture->arena, outer, resource);
    log_write(inner, LOG_WARN, NULL, "x");
    struct str line = drain(fixture);
    assert_str_equal(member(line, "rpc"), "Apply");
    assert_str_equal(member(line, "resource"), "snapshot_share");
    assert_null(log_with(fixture->arena, NULL, call));
}

static void levels_are_read_from_any_case(void **state)
{
    (void)state;
    assert_int_equal(log_level_from(STR("TRACE"), LOG_OFF), LOG_TRACE);
    assert_int_equal(log_level_from(STR("Json"), LOG_OFF), LOG_TRACE);
    assert_int_equal(log_level_from(STR("error"), LOG_OFF), LOG_ERROR);
    assert_int_equal(log_level_from(STR("off"), LOG_INFO), LOG_OFF);
    assert_int_equal(log_level_from(STR(""), LOG_WARN), LOG_WARN);
    assert_int_equal(log_level_from(STR("verbose"), LOG_INFO), LOG_INFO);
}

static int64_t now_ms(void)
{
    struct clock_scale scale = { 1 };
    struct clock clock = clock_real(&scale);
    return clock_monotonic_ms(&clock);
}

/* Lines of 10 KB into a pipe of 4 KB: one is torn before the reader's patience ends. */
static void write_until_full(struct fixture *fixture, unsigned lines)
{
    char text[4001];
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    const struct log_field fields[] = {
        { "a", STR("1") },
        { "b", str_slice(str_from(text), 0, 2000) },
        { "c", str_slice(str_from(text), 0, 2000) },
        { "d", str_slice(str_from(text), 0, 2000) },
        { 0 }
    };
    for (unsigned i = 0; i < lines; i++)
        log_write(fixture->log, LOG_INFO, fields, "%s", text);
}

static void a_reader_that_does_not_read_cannot_stop_the_program(void **state)
{
    struct fixture *fixture = *state;
    fcntl(fixture->writer, F_SETPIPE_SZ, PIPE_BYTES);
    int64_t start_ms = now_ms();
    write_until_full(fixture, 50);
    assert_true(now_ms() - start_ms < 3 * SECOND_MS);
}

static void dropped_lines_are_counted_and_no_line_is_torn(void **state)
{
    struct fixture *fixture = *state;
    fcntl(fixture->writer, F_SETPIPE_SZ, PIPE_BYTES);
    write_until_full(fixture, 5);
    struct str first = drain(fixture);
    fcntl(fixture->writer, F_SETPIPE_SZ, 1024 * 1024); /* the reader is back */
    log_write(fixture->log, LOG_INFO, NULL, "after");
    struct str second = drain(fixture);
    struct str text = str_format(fixture->arena, "%.*s%.*s", STR_ARG(first), STR_ARG(second));
    assert_int_equal(assert_lines(text), 3); /* what was begun, the note, "after" */
    assert_true(str_find(text, STR("4 log lines were dropped")) > 0);
    assert_true(str_find(text, STR("\"after\"")) > 0);
}

static void a_reader_that_has_gone_is_survived(void **state)
{
    struct fixture *fixture = *state;
    void (*before)(int) = signal(SIGPIPE, SIG_DFL);
    close(fixture->reader);
    fixture->reader = -1;
    log_write(fixture->log, LOG_INFO, NULL, "to nobody");
    log_write(fixture->log, LOG_INFO, NULL, "to nobody");
    signal(SIGPIPE, before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_line_is_what_the_host_expects, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_byte_of_any_value_leaves_the_line_valid, set_up, tear_down),
        cmocka_unit_test_setup_teardown(long_texts_are_cut_and_the_line_stays_below_its_maximum, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lines_below_the_level_are_not_written, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_fields_of_the_outer_logs_are_on_each_line, set_up, tear_down),
        cmocka_unit_test(levels_are_read_from_any_case),
        cmocka_unit_test_setup_teardown(a_reader_that_does_not_read_cannot_stop_the_program, set_up, tear_down),
        cmocka_unit_test_setup_teardown(dropped_lines_are_counted_and_no_line_is_torn, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_reader_that_has_gone_is_survived, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
