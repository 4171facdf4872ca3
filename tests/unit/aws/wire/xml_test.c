/* SPDX-License-Identifier: MPL-2.0 */
#include "aws/wire/xml.h"

#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/support/harness.h"
#include "tests/support/noise.h"
#include "tests/support/vectors.h"

enum { NOISE_BYTES = 1000 * 1000 };

struct item {
    struct str name;
    struct wire_int64 size;
};

struct sample {
    struct str text;
    struct wire_bool flag;
    struct wire_int64 number;
    struct wire_strings zones;
    struct aws_tags tags;
    struct {
        struct item *items;
        size_t count;
    } items;
    struct item nested;
};

static const struct wire_row item_rows[] = {
    WIRE_BOTH(struct item, name, "Name"),
    WIRE_BOTH(struct item, size, "Size"),
    WIRE_END,
};

static const struct wire_row rows[] = {
    WIRE(struct sample, text, "Text", "OtherText"),
    WIRE_BOTH(struct sample, flag, "Flag"),
    WIRE_BOTH(struct sample, number, "Number"),
    WIRE_LISTS(struct sample, zones, "Zones", "Zone", "Zone", NULL),
    WIRE_LIST(struct sample, tags, "TagList", "Tag"),
    WIRE_ITEMS(struct sample, items, item_rows, "Items", "Item", "Items", "Item"),
    WIRE_NESTED(struct sample, nested, item_rows, "Nested"),
    WIRE_END,
};

/* An arena, and stderr in a file, which must be empty in the end. */
struct room {
    struct arena *arena;
    int stderr_before, stderr_now;
};

static int open_room(void **state)
{
    struct room *room = mem_alloc(sizeof(*room));
    wire_xml_init();
    room->arena = arena_new();
    room->stderr_before = dup(STDERR_FILENO);
    room->stderr_now = memfd_create("stderr", MFD_CLOEXEC);
    dup2(room->stderr_now, STDERR_FILENO);
    *state = room;
    return 0;
}

static int close_room(void **state)
{
    struct room *room = *state;
    off_t written = lseek(room->stderr_now, 0, SEEK_END);
    dup2(room->stderr_before, STDERR_FILENO);
    close(room->stderr_before);
    close(room->stderr_now);
    arena_free(room->arena);
    mem_free(room);
    return written ? -1 : 0;
}

static bool read_column(void **state, struct str text, int column, struct sample *out, struct err *err)
{
    const struct room *room = *state;
    const struct wire_xml shape = { .path = "R/S", .rows = rows, .column = column, .out_size = sizeof(*out) };
    return wire_xml_read(room->arena, text, &shape, out, err);
}

static bool read_text(void **state, struct str text, struct sample *out, struct err *err)
{
    return read_column(state, text, 0, out, err);
}

static void assert_refused(void **state, struct str text)
{
    struct sample sample = { .text = STR("untouched") };
    CLEANUP(err_clear) struct err err = { 0 };
    const struct str start = str_slice(text, 0, 200);
    if (read_text(state, text, &sample, &err))
        fail_msg("accepted: %.*s", STR_ARG(start));
    assert_int_equal(err.kind, ERR_IO);
    assert_str_equal(sample.text, "untouched");
}

static void elements_are_found_by_name_in_any_order(void **state)
{
    struct sample sample;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(read_text(state,
                          STR("<?xml version=\"1.0\"?>\n<R xmlns=\"http://x/\"><Other/><S>"
                              "<Number> -5 </Number><New><Number>9</Number></New><Text>a &lt;&#233; b</Text>"
                              "<p:Flag xmlns:p=\"urn:p\">true</p:Flag><Nested><Size>1</Size></Nested>"
                              "</S></R>"),
                          &sample, &err));
    assert_str_equal(sample.text, "a <\xc3\xa9 b");
    assert_true(sample.number.present && sample.number.value == -5);
    assert_true(sample.flag.present && sample.flag.value);
    assert_true(sample.nested.size.value == 1);
    assert_null(sample.nested.name.ptr);
}

static void absent_and_empty_are_different(void **state)
{
    struct sample sample;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(read_text(state, STR("<R><S><Text></Text><Flag/><Number> </Number><TagList/></S></R>"), &sample, &err));
    assert_non_null(sample.text.ptr);
    assert_int_equal(sample.text.len, 0);
    assert_false(sample.flag.present);
    assert_false(sample.number.present);
    assert_int_equal(sample.tags.count, 0);
    assert_true(read_text(state, STR("<R><S/></R>"), &sample, &err));
    assert_null(sample.text.ptr);
}

static void lists_are_read_by_their_item_name(void **state)
{
    struct sample sample;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(read_text(state,
                          STR("<R><S><Zones><Zone>a</Zone><Unknown/><Zone>b</Zone></Zones>"
                              "<TagList><Tag><Value>v</Value><Key>k</Key></Tag><Tag><Key>alone</Key></Tag></TagList>"
                              "<Items><Item><Name>n</Name><Size>2</Size></Item><Item/></Items></S></R>"),
                          &sample, &err));
    assert_int_equal(sample.zones.count, 2);
    assert_str_equal(sample.zones.items[1], "b");
    assert_int_equal(sample.tags.count, 2);
    assert_str_equal(sample.tags.items[0].value, "v");
    assert_str_equal(sample.tags.items[1].value, "");
    assert_int_equal(sample.items.count, 2);
    assert_true(sample.items.items[0].size.value == 2);
}

static void a_column_may_have_items_without_a_list(void **state)
{
    struct sample sample;
    CLEANUP(err_clear) struct err err = { 0 };
    struct str text = STR("<R><S><OtherText>o</OtherText><Zone>a</Zone><Text>t</Text></S></R>");
    assert_true(read_column(state, text, 1, &sample, &err));
    assert_int_equal(sample.zones.count, 1);
    assert_str_equal(sample.zones.items[0], "a");
    assert_str_equal(sample.text, "o");
}

static void a_path_alone_can_be_asked_for(void **state)
{
    const struct room *room = *state;
    const struct wire_xml shape = { .path = "R" };
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(wire_xml_read(room->arena, STR("<R><any/></R>"), &shape, NULL, &err));
    assert_false(wire_xml_read(room->arena, STR("<Q/>"), &shape, NULL, &err));
    assert_int_equal(err.kind, ERR_IO);
}

static void what_is_not_the_expected_document_is_refused(void **state)
{
    static const char *const refused[] = {
        "",
        " ",
        "no XML",
        "<R><S>",
        "<R><S></R></S>",
        "<R/>",
        "<S><Text>t</Text></S>",
        "<html><body>502 Bad Gateway</body></html>",
        "<R><S><Number>twelve</Number></S></R>",
        "<R><S><Number>99999999999999999999</Number></S></R>",
        "<R><S><Flag>yes</Flag></S></R>",
        "<R><S><Text>\xff</Text></S></R>",
        "<R><S><Text>&unknown;</Text></S></R>",
        "{\"R\":1}",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(refused); i++)
        assert_refused(state, str_from(refused[i]));
}

static void document_types_and_entities_are_refused_unread(void **state)
{
    assert_refused(state,
                   STR("<!DOCTYPE R [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><R><S><Text>&x;</Text></S></R>"));
    assert_refused(state, STR("<!DOCTYPE R [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;\">]>"
                              "<R><S><Text>&b;</Text></S></R>"));
    assert_refused(state, STR("<!DOCTYPE html><html></html>"));
}

static void deep_nesting_is_refused(void **state)
{
    const struct room *room = *state;
    enum { DEPTH = 10000 };
    char *bytes = arena_alloc(room->arena, DEPTH * 3);
    for (size_t i = 0; i < DEPTH; i++) {
        bytes[3 * i] = '<';
        bytes[3 * i + 1] = 'R';
        bytes[3 * i + 2] = '>';
    }
    assert_refused(state, (struct str){ bytes, DEPTH * 3 });
}

static void every_truncation_of_a_reply_is_refused_in_silence(void **state)
{
    const struct room *room = *state;
    struct str reply = str_trim(vector_read(room->arena, "replies/DescribeDBClusterSnapshots.xml"));
    const struct wire_xml shape = { .path = "DescribeDBClusterSnapshotsResponse" };
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(wire_xml_read(room->arena, reply, &shape, NULL, &err));
    for (size_t length = 0; length < reply.len; length++)
        assert_false(wire_xml_read(room->arena, str_slice(reply, 0, length), &shape, NULL, &err));
}

static void noise_is_survived_in_silence(void **state)
{
    const struct room *room = *state;
    struct sample sample;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_refused(state, noise(room->arena, 1, NOISE_BYTES, STR("")));
    struct str head = STR("<R><S><Text>");
    for (uint64_t seed = 0; seed < 1000; seed++) {
        struct str part = noise(room->arena, seed, NOISE_BYTES / 1000, STR("<>/RS&;#x\"'![]-?= \n\xc3\xa9"));
        (void)!read_text(state, str_format(room->arena, "%.*s%.*s", STR_ARG(head), STR_ARG(part)), &sample, &err);
        (void)!read_text(state, part, &sample, &err);
    }
}

static void *read_an_id_with_a_space(void *state)
{
    struct sample sample;
    CLEANUP(err_clear) struct err err = { 0 };
    (void)!read_text(state, STR("<R><S xml:id=\"1 2\"><Text>t</Text></S></R>"), &sample, &err);
    return NULL;
}

/* libxml2 prints this one whatever its options say. */
static void a_validity_error_is_silent_in_every_thread(void **state)
{
    read_an_id_with_a_space(state);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, read_an_id_with_a_space, state), 0);
    pthread_join(thread, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elements_are_found_by_name_in_any_order),
        cmocka_unit_test(absent_and_empty_are_different),
        cmocka_unit_test(lists_are_read_by_their_item_name),
        cmocka_unit_test(a_column_may_have_items_without_a_list),
        cmocka_unit_test(a_path_alone_can_be_asked_for),
        cmocka_unit_test_setup_teardown(what_is_not_the_expected_document_is_refused, open_room, close_room),
        cmocka_unit_test_setup_teardown(document_types_and_entities_are_refused_unread, open_room, close_room),
        cmocka_unit_test_setup_teardown(deep_nesting_is_refused, open_room, close_room),
        cmocka_unit_test_setup_teardown(every_truncation_of_a_reply_is_refused_in_silence, open_room, close_room),
        cmocka_unit_test_setup_teardown(noise_is_survived_in_silence, open_room, close_room),
        cmocka_unit_test_setup_teardown(a_validity_error_is_silent_in_every_thread, open_room, close_room),
    };
    return cmocka_run_group_tests(tests, open_room, close_room);
}
