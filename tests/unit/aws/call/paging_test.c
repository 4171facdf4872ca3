/* SPDX-License-Identifier: MPL-2.0
 *
 * Pages that do harm; how pages are read together is in rds_test.c and kms_test.c.
 */
#include "aws/call/paging.h"

#include <string.h>

#include "tests/support/aws_world.h"
#include "tests/support/bounded.h"
#include "tests/support/harness.h"
#include "tests/support/noise.h"

enum { MIB = 1024 * 1024 };

struct item {
    struct str name;
};

struct input {
    struct str marker;
};

static const struct wire_row item_rows[] = {
    WIRE_BOTH(struct item, name, "n"),
    WIRE_END,
};

static const struct wire_row input_rows[] = {
    WIRE_BOTH(struct input, marker, "Marker"),
    WIRE_END,
};

static const struct wire_row page_rows[] = {
    AWS_PAGE_ITEMS(item_rows, struct item, "l", "i", "l", "i"),
    WIRE_BOTH(struct aws_page, marker, "Marker"),
    WIRE_END,
};

static const struct aws_operation look = { .service = AWS_RDS,
                                           .name = "Look",
                                           .input = input_rows,
                                           .output = page_rows,
                                           .output_size = sizeof(struct aws_page),
                                           .result = "A" };

static bool read_pages(struct aws_world *world, struct wire_structs *out)
{
    struct input input = { 0 };
    const struct aws_paging paging = {
        .operation = &look, .input = &input, .marker = &input.marker, .item_size = sizeof(struct item)
    };
    return aws_paging_call(&world->call, &paging, out, &world->err);
}

/* Two pages in turn, each naming the other as the next one. */
static void script(struct aws_world *world, struct fake_answer *answers, size_t count, struct str items)
{
    for (size_t i = 0; i < count; i++) {
        answers[i] = (struct fake_answer){ .status = 200 };
        if (i < 2)
            answers[i].body =
                str_format(world->arena, "<LookResponse><A><Marker>%c</Marker><l>%.*s</l></A></LookResponse>",
                           i ? 'a' : 'b', STR_ARG(items));
        else
            answers[i].body = answers[i - 2].body;
    }
    fake_transport_script(&world->transport, answers, count);
}

static void a_page_that_names_itself_as_the_next_one_is_an_error(void **state)
{
    struct aws_world *world = *state;
    struct wire_structs list;
    aws_world_answers(world, { .status = 200,
                               .text = "<LookResponse><A><Marker>m</Marker></A></LookResponse>",
                               .repeats = REPEATS_FOR_EVER });
    assert_false(read_pages(world, &list));
    assert_int_equal(world->err.kind, ERR_INVALID);
    assert_int_equal(world->transport.request_count, 2);
}

static void the_items_of_all_pages_are_counted(void **state)
{
    struct aws_world *world = *state;
    struct fake_answer answers[FAKE_REQUESTS_MAX];
    struct wire_structs list;
    char items[9000 * 4];
    for (size_t i = 0; i < sizeof(items); i++)
        items[i] = "<i/>"[i % 4];
    script(world, answers, FAKE_REQUESTS_MAX, (struct str){ items, sizeof(items) });
    assert_false(read_pages(world, &list));
    assert_int_equal(world->err.kind, ERR_INVALID);
    assert_non_null(strstr(err_text(&world->err), "more than 20000 items"));
    assert_string_equal(err_part(&world->err, ERR_OPERATION), "Look");
    assert_int_equal(world->transport.request_count, 3);
}

static bool pages_end_in_an_error(void *self)
{
    struct aws_world *world = self;
    struct wire_structs list;
    return !read_pages(world, &list) && world->err.kind == ERR_INVALID && strstr(err_text(&world->err), "more than");
}

static void the_bytes_of_all_pages_are_counted(void **state)
{
    struct aws_world *world = *state;
    struct fake_answer answers[FAKE_REQUESTS_MAX];
    const struct str text = noise(world->arena, 1, 7 * MIB, STR("a"));
    script(world, answers, FAKE_REQUESTS_MAX, str_format(world->arena, "<i><n>%.*s</n></i>", STR_ARG(text)));
    bounded_run(64 * MIB, pages_end_in_an_error, world);
}

/* Memory is taken in blocks, and each page begins one. */
static void the_memory_of_many_small_pages_is_counted(void **state)
{
    enum { SMALL_PAGES = 950, SMALL_PAGE_BYTES = 25 * 1024, LARGE_PAGE_ELEMENTS = 74000 };
    struct aws_world *world = *state;
    struct fake_answer answers[SMALL_PAGES + 1];
    char elements[LARGE_PAGE_ELEMENTS * 4];
    const struct str large = { elements, sizeof(elements) };
    const struct str text = noise(world->arena, 1, SMALL_PAGE_BYTES, STR("a"));
    for (size_t i = 0; i < sizeof(elements); i++)
        elements[i] = "<a/>"[i % 4];
    script(world, answers, SMALL_PAGES, str_format(world->arena, "<i><n>%.*s</n></i>", STR_ARG(text)));
    answers[SMALL_PAGES] = (struct fake_answer){
        .status = 200, .body = str_format(world->arena, "<LookResponse><A>%.*s</A></LookResponse>", STR_ARG(large))
    };
    fake_transport_script(&world->transport, answers, ARRAY_LENGTH(answers));
    bounded_run(64 * MIB, pages_end_in_an_error, world);
}

#define PAGING_TEST(function) cmocka_unit_test_setup_teardown(function, aws_world_setup, aws_world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        PAGING_TEST(a_page_that_names_itself_as_the_next_one_is_an_error),
        PAGING_TEST(the_items_of_all_pages_are_counted),
        PAGING_TEST(the_bytes_of_all_pages_are_counted),
        PAGING_TEST(the_memory_of_many_small_pages_is_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
