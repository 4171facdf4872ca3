/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/copy/tags.h"

#include <string.h>

#include "plugin/snapshot/copy/mark.h"
#include "tests/support/fake_call.h"
#include "tests/support/harness.h"
#include "tests/support/noise.h"

struct fixture {
    struct fake_call *fake;
    struct tf_call *call;
    struct arena *arena;
};

struct box {
    struct tf_string_map tags;
};

static const struct tf_attribute box_rows[] = {
    TF_ATTR(struct box, tags, .flags = TF_OPTIONAL, .description = "Tags."),
    TF_END,
};

static const struct tf_model box_model = TF_MODEL(struct box, box_rows);

static int setup(void **state)
{
    struct fixture *fixture = mem_alloc(sizeof(*fixture));
    fixture->fake = fake_call_new(NULL, &box_model, NULL);
    fixture->call = fake_call_of(fixture->fake);
    fixture->arena = fixture->call->arena;
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    fake_call_free(fixture->fake);
    mem_free(fixture);
    return 0;
}

/* "Name=x,Env=prod"; an element without "=" is unknown, with a "!" after it null. */
static struct tf_string_map map_of(struct fixture *fixture, const char *text)
{
    struct tf_string_map map = { .state = TF_KNOWN };
    struct str rest = str_from(text), piece;
    while (*text && str_next(&rest, ',', &piece)) {
        ptrdiff_t equals = str_find_char(piece, '=');
        struct tf_string value = { .state = TF_UNKNOWN };
        if (equals >= 0)
            value = tf_known_string(str_slice(piece, (size_t)equals + 1, piece.len));
        else if (str_ends_with(piece, STR("!")))
            value.state = TF_NULL;
        const size_t end = equals >= 0 ? (size_t)equals : piece.len - (value.state == TF_NULL);
        tf_string_map_put(fixture->arena, &map, str_slice(piece, 0, end), value);
    }
    return map;
}

static struct aws_tags tags_of(struct fixture *fixture, const char *text)
{
    struct tf_string_map map = map_of(fixture, text);
    struct aws_tags tags = { arena_array(fixture->arena, map.count + 1, sizeof(*tags.items)), map.count };
    for (size_t i = 0; i < map.count; i++)
        tags.items[i] = (struct aws_tag){ map.items[i].key, map.items[i].value.value };
    return tags;
}

static struct str text_of_tags(struct fixture *fixture, const struct aws_tags *tags)
{
    struct str text = STR("");
    for (size_t i = 0; i < tags->count; i++)
        text = str_format(fixture->arena, "%.*s%s%.*s=%.*s", STR_ARG(text), i ? "," : "", STR_ARG(tags->items[i].key),
                          STR_ARG(tags->items[i].value));
    return text;
}

static struct str text_of_map(struct fixture *fixture, const struct tf_string_map *map)
{
    struct str text = STR("");
    if (map->state != TF_KNOWN)
        return map->state == TF_NULL ? STR("null") : STR("unknown");
    for (size_t i = 0; i < map->count; i++) {
        const struct str value = tf_text(map->items[i].value, STR("?"));
        text = str_format(fixture->arena, "%.*s%s%.*s=%.*s", STR_ARG(text), i ? "," : "", STR_ARG(map->items[i].key),
                          STR_ARG(value));
    }
    return text;
}

/* ---- What users may set ---------------------------------------------------- */

static const char *said_of(struct fixture *fixture, struct str key, struct tf_string value)
{
    struct tf_string_map map = { .state = TF_KNOWN };
    tf_string_map_put(fixture->arena, &map, key, value);
    fake_call_again(fixture->fake);
    tags_validate(fixture->call, "tags", &map);
    return fake_call_said(fixture->fake);
}

static void tags_that_rds_takes_are_accepted(void **state)
{
    static const struct {
        const char *key, *value;
    } rows[] = {
        { "Name",                         "x"                        },
        { "a b_c.d:e/f=g+h-i@j",          "a b_c.d:e/f=g+h-i@j"      },
        { "empty",                        ""                         },
        { "\xc3\xbcmlaut",                "\xce\xb1\xce\xb2\xce\xb3" },
        { "terraform-provider-snapshots", "x"                        },
        { "Aws:x",                        "x"                        },
        { "my-aws:x",                     "x"                        },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++)
        assert_string_equal(said_of(*state, str_from(rows[i].key), tf_known_string(str_from(rows[i].value))), "");
}

static void tags_that_rds_does_not_take_are_refused_at_their_key(void **state)
{
    static const struct {
        const char *key, *value, *says;
    } rows[] = {
        { "terraform-provider-snapshot", "1 a b c d e f",
         "error tags[\"terraform-provider-snapshot\"]: Reserved tag: "                                               },
        { "aws:cloudformation:stack",    "x",             "error tags[\"aws:cloudformation:stack\"]: Reserved tag: " },
        { "rds:x",                       "x",             "error tags[\"rds:x\"]: Reserved tag: "                    },
        { "a;b",                         "x",             "error tags[\"a;b\"]: Invalid tag key: "                   },
        { "a\tb",                        "x",             "error tags"                                               },
        { "Name",                        "<x>",           "error tags[\"Name\"]: Invalid tag value: "                },
        { "Name",                        "a\nb",          "error tags[\"Name\"]: Invalid tag value: "                },
        { "Name",                        "a,b",           "error tags[\"Name\"]: Invalid tag value: "                },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        const char *said = said_of(*state, str_from(rows[i].key), tf_known_string(str_from(rows[i].value)));
        if (!str_starts_with(str_from(said), str_from(rows[i].says)))
            fail_msg("\"%s\" is not \"%s\"", said, rows[i].says);
    }
    assert_string_not_equal(said_of(*state, STR(""), tf_known_string(STR("x"))), "");
    assert_string_not_equal(said_of(*state, (struct str){ 0 }, tf_known_string(STR("x"))), "");
}

static void keys_and_values_have_a_longest_length(void **state)
{
    char letters[300];
    memset(letters, 'k', sizeof(letters));
    const struct tf_string x = tf_known_string(STR("x"));
    assert_string_equal(said_of(*state, (struct str){ letters, 128 }, x), "");
    assert_string_not_equal(said_of(*state, (struct str){ letters, 129 }, x), "");
    assert_string_equal(said_of(*state, STR("k"), tf_known_string((struct str){ letters, 256 })), "");
    assert_string_not_equal(said_of(*state, STR("k"), tf_known_string((struct str){ letters, 257 })), "");
}

static void an_unknown_value_is_no_reason_to_refuse(void **state)
{
    assert_string_equal(said_of(*state, STR("Name"), (struct tf_string){ .state = TF_UNKNOWN }), "");
}

static void a_null_tag_is_left_out(void **state)
{
    assert_string_equal(said_of(*state, STR("Name"), (struct tf_string){ 0 }), "");
    assert_string_equal(said_of(*state, STR("aws:x"), (struct tf_string){ 0 }), "");
}

static struct tf_string_map many(struct fixture *fixture, size_t count)
{
    struct tf_string_map map = { .state = TF_KNOWN };
    for (size_t i = 0; i < count; i++)
        tf_string_map_put(fixture->arena, &map, str_format(fixture->arena, "key-%03zu", i), tf_known_string(STR("v")));
    return map;
}

static void the_mark_is_one_of_fifty_tags(void **state)
{
    struct fixture *fixture = *state;
    struct tf_string_map fitting = many(fixture, 49), too_many = many(fixture, 50);
    tags_validate(fixture->call, "tags", &fitting);
    assert_string_equal(fake_call_said(fixture->fake), "");
    tf_string_map_put(fixture->arena, &fitting, STR("null"), (struct tf_string){ 0 });
    tags_validate(fixture->call, "tags", &fitting);
    assert_string_equal(fake_call_said(fixture->fake), "");
    tags_validate(fixture->call, "tags", &too_many);
    assert_non_null(strstr(fake_call_said(fixture->fake), "error tags: Too many tags: 50 tags are configured"));
}

static void noise_as_a_tag_does_no_harm(void **state)
{
    struct fixture *fixture = *state;
    for (uint64_t seed = 0; seed < 300; seed++) {
        struct str key = noise(fixture->arena, seed, seed % 140, (struct str){ 0 });
        struct str value = noise(fixture->arena, seed + 1000, seed, (struct str){ 0 });
        (void)said_of(fixture, key, tf_known_string(value));
    }
}

/* ---- tags_all -------------------------------------------------------------- */

static void tags_all_is_the_default_ones_and_above_them_the_own(void **state)
{
    static const struct {
        const char *defaults, *own, *all;
    } rows[] = {
        { "",        "",        ""            },
        { "a=1",     "",        "a=1"         },
        { "",        "b=2",     "b=2"         },
        { "a=1,b=1", "b=2,c=3", "a=1,b=2,c=3" },
        { "a",       "b=2",     "a=?,b=2"     },
        { "a=1",     "a",       "a=?"         },
        { "a",       "a=2",     "a=2"         },
        { "a!,b=1",  "c!,d=",   "b=1,d="      },
        { "a=1",     "a!",      "a=1"         },
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct tf_string_map defaults = map_of(fixture, rows[i].defaults), own = map_of(fixture, rows[i].own);
        struct tf_string_map all = tags_all_of(fixture->arena, &defaults, &own);
        assert_str_equal(text_of_map(fixture, &all), rows[i].all);
    }
}

static void without_tags_tags_all_is_empty_and_known(void **state)
{
    struct fixture *fixture = *state;
    const struct tf_string_map null = { 0 };
    struct tf_string_map all = tags_all_of(fixture->arena, &null, &null);
    assert_str_equal(text_of_map(fixture, &all), "");
}

static void tags_all_is_unknown_while_either_part_is(void **state)
{
    struct fixture *fixture = *state;
    const struct tf_string_map unknown = { .state = TF_UNKNOWN };
    struct tf_string_map some = map_of(fixture, "a=1");
    struct tf_string_map all = tags_all_of(fixture->arena, &some, &unknown);
    assert_str_equal(text_of_map(fixture, &all), "unknown");
    all = tags_all_of(fixture->arena, &unknown, &some);
    assert_str_equal(text_of_map(fixture, &all), "unknown");
}

static void the_inputs_are_left_as_they_were(void **state)
{
    struct fixture *fixture = *state;
    struct tf_string_map defaults = map_of(fixture, "a=1"), own = map_of(fixture, "a=2,b=3");
    (void)tags_all_of(fixture->arena, &defaults, &own);
    assert_str_equal(text_of_map(fixture, &defaults), "a=1");
    assert_str_equal(text_of_map(fixture, &own), "a=2,b=3");
}

static void default_tags_keep_the_rules_unless_an_own_one_replaces_them(void **state)
{
    static const struct {
        const char *defaults, *own, *says;
    } rows[] = {
        { "a=1",     "",     NULL                       },
        { "a;b=1",   "",     "\"a;b\" is not a tag key" },
        { "aws:x=1", "",     "begins with \"aws:\""     },
        { "a=<1>",   "",     "The value \"<1>\""        },
        { "a=<1>",   "a=ok", NULL                       },
        { "a",       "",     NULL                       },
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct tf_string_map defaults = map_of(fixture, rows[i].defaults), own = map_of(fixture, rows[i].own);
        struct tf_string_map all = tags_all_of(fixture->arena, &defaults, &own);
        CLEANUP(err_clear) struct err err = { 0 };
        assert_int_equal(tags_check_all(fixture->arena, &defaults, &all, &err), !rows[i].says);
        if (rows[i].says && !strstr(err_remedy(&err), rows[i].says))
            fail_msg("\"%s\" is not \"%s\"", err_remedy(&err), rows[i].says);
    }
}

/* ---- What a copy carries --------------------------------------------------- */

static void a_copy_carries_copied_tags_below_configured_ones_and_the_mark(void **state)
{
    static const struct {
        const char *copied, *all, *sent;
    } rows[] = {
        { "",                                    "",    "terraform-provider-snapshot=1 m"         },
        { "",                                    "a=1", "a=1,terraform-provider-snapshot=1 m"     },
        { "a=0,z=9",                             "a=1", "a=1,terraform-provider-snapshot=1 m,z=9" },
        { "aws:x=1,rds:y=2,b=3",                 "",    "b=3,terraform-provider-snapshot=1 m"     },
        { "terraform-provider-snapshot=1 other", "",    "terraform-provider-snapshot=1 m"         },
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct aws_tags copied = tags_of(fixture, rows[i].copied), sent;
        struct tf_string_map all = map_of(fixture, rows[i].all);
        CLEANUP(err_clear) struct err err = { 0 };
        assert_true(tags_for_copy(fixture->arena, &copied, &all, STR("1 m"), &sent, &err));
        assert_str_equal(text_of_tags(fixture, &sent), rows[i].sent);
    }
}

static void a_copied_tag_without_a_value_is_sent_as_an_empty_one(void **state)
{
    struct fixture *fixture = *state;
    struct aws_tag bare = { STR("bare"), { 0 } };
    const struct tf_string_map none = { .state = TF_KNOWN };
    struct aws_tags sent;
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(tags_for_copy(fixture->arena, &(const struct aws_tags){ &bare, 1 }, &none, STR("m"), &sent, &err));
    assert_str_equal(text_of_tags(fixture, &sent), "bare=,terraform-provider-snapshot=m");
}

static void fifty_tags_are_sent_and_fifty_one_refused(void **state)
{
    struct fixture *fixture = *state;
    struct aws_tags copied = tags_of(fixture, "a=1,b=2"), sent = { .count = 77 };
    struct tf_string_map fitting = many(fixture, 47), too_many = many(fixture, 48);
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(tags_for_copy(fixture->arena, &copied, &fitting, STR("m"), &sent, &err));
    assert_int_equal(sent.count, 50);
    sent.count = 77;
    assert_false(tags_for_copy(fixture->arena, &copied, &too_many, STR("m"), &sent, &err));
    assert_int_equal(err.kind, ERR_INVALID);
    assert_string_equal(err_path(&err), "tags");
    assert_non_null(strstr(err_text(&err), "51 tags"));
    assert_int_equal(sent.count, 77);
}

static void tags_of_aws_are_told_by_their_prefix(void **state)
{
    (void)state;
    assert_true(tags_key_is_reserved(STR("aws:x")));
    assert_true(tags_key_is_reserved(STR("rds:")));
    assert_false(tags_key_is_reserved(STR("aws")));
    assert_false(tags_key_is_reserved(STR("rdsx:")));
    assert_false(tags_key_is_reserved((struct str){ 0 }));
}

static void a_tag_is_found_by_its_exact_key(void **state)
{
    struct fixture *fixture = *state;
    struct aws_tags tags = tags_of(fixture, "Name=x,name=y");
    assert_str_equal(*tags_find(&tags, STR("name")), "y");
    assert_null(tags_find(&tags, STR("NAME")));
    assert_null(tags_find(&(const struct aws_tags){ 0 }, STR("name")));
}

/* ---- Differences ----------------------------------------------------------- */

static void a_difference_adds_changes_and_removes_no_more_than_needed(void **state)
{
    static const struct {
        const char *managed, *wanted, *add, *remove;
    } rows[] = {
        { "",        "",            "",        ""    },
        { "a=1",     "a=1",         "",        ""    },
        { "",        "a=1,b=2",     "a=1,b=2", ""    },
        { "a=1,b=2", "",            "",        "a,b" },
        { "a=1,b=2", "a=1,b=3,c=4", "b=3,c=4", ""    },
        { "a=1,b=2", "b=2",         "",        "a"   },
        { "a=1",     "A=1",         "A=1",     "a"   },
        { "a=1",     "a=",          "a=",      ""    },
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct tf_string_map managed = map_of(fixture, rows[i].managed), wanted = map_of(fixture, rows[i].wanted);
        struct tags_change change = tags_difference(fixture->arena, &managed, &wanted);
        struct str removed = STR("");
        for (size_t key = 0; key < change.remove.count; key++)
            removed = str_format(fixture->arena, "%.*s%s%.*s", STR_ARG(removed), key ? "," : "",
                                 STR_ARG(change.remove.items[key]));
        assert_str_equal(text_of_tags(fixture, &change.add), rows[i].add);
        assert_str_equal(removed, rows[i].remove);
    }
}

static void a_state_without_tags_has_nothing_to_remove(void **state)
{
    struct fixture *fixture = *state;
    const struct tf_string_map null = { 0 };
    struct tf_string_map wanted = map_of(fixture, "a=1");
    struct tags_change change = tags_difference(fixture->arena, &null, &wanted);
    assert_int_equal(change.add.count, 1);
    assert_int_equal(change.remove.count, 0);
}

#define WITH_CALL(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_CALL(tags_that_rds_takes_are_accepted),
        WITH_CALL(tags_that_rds_does_not_take_are_refused_at_their_key),
        WITH_CALL(keys_and_values_have_a_longest_length),
        WITH_CALL(an_unknown_value_is_no_reason_to_refuse),
        WITH_CALL(a_null_tag_is_left_out),
        WITH_CALL(the_mark_is_one_of_fifty_tags),
        WITH_CALL(noise_as_a_tag_does_no_harm),
        WITH_CALL(tags_all_is_the_default_ones_and_above_them_the_own),
        WITH_CALL(without_tags_tags_all_is_empty_and_known),
        WITH_CALL(tags_all_is_unknown_while_either_part_is),
        WITH_CALL(the_inputs_are_left_as_they_were),
        WITH_CALL(default_tags_keep_the_rules_unless_an_own_one_replaces_them),
        WITH_CALL(a_copy_carries_copied_tags_below_configured_ones_and_the_mark),
        WITH_CALL(a_copied_tag_without_a_value_is_sent_as_an_empty_one),
        WITH_CALL(fifty_tags_are_sent_and_fifty_one_refused),
        cmocka_unit_test(tags_of_aws_are_told_by_their_prefix),
        WITH_CALL(a_tag_is_found_by_its_exact_key),
        WITH_CALL(a_difference_adds_changes_and_removes_no_more_than_needed),
        WITH_CALL(a_state_without_tags_has_nothing_to_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
