/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/copy/apply/adoption.h"

#include <string.h>

#include "aws/crypto.h"
#include "tests/support/harness.h"

#define SNAPSHOT(name) "arn:aws:rds:eu-west-1:111111111111:cluster-snapshot:" name
#define KEY(id) "arn:aws:kms:eu-west-1:111111111111:key/" id
#define TIME "2026-01-01T00:00:00Z"
#define LATER "2026-01-02T00:00:00Z"

static int init(void **state)
{
    CLEANUP(err_clear) struct err err = { 0 };
    (void)state;
    return crypto_init(&err) ? 0 : -1;
}

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

/* What is wanted, where a row does not say otherwise: a copy of `a` with k1 from a
 * source of TIME; and the mark of just such a copy, made by holder "other". NULL: as
 * usual; "": absent. */
struct scene {
    const char *mark; /* whole value of the tag; NULL: from the parts below; "none": no tag */
    const char *marked_source, *marked_key, *marked_time;
    const char *found_source, *found_key, *status; /* found_source, found_key NULL: not told */
    const char *wished_key, *wished_key_text, *wished_time;
};

/* A scene as adoption.h wants it. */
struct meeting {
    struct aws_tag tag;
    struct rds_snapshot found;
    struct mark mark;
    struct adoption_wish wish;
};

static struct str or_usual(const char *text, const char *usual)
{
    return str_from(text ? text : usual);
}

static struct str mark_of(struct arena *arena, const struct scene *scene)
{
    if (scene->mark)
        return str_from(scene->mark);
    const struct mark mark = {
        .holder_id = STR("other"),
        .source = mark_digest(arena, or_usual(scene->marked_source, SNAPSHOT("a"))),
        .key = mark_digest(arena, or_usual(scene->marked_key, KEY("k1"))),
        .time = or_usual(scene->marked_time, TIME),
    };
    return mark_text(arena, &mark);
}

static const struct meeting *meeting_of(struct arena *arena, const struct scene *scene)
{
    struct meeting *meeting = ARENA_NEW(arena, struct meeting);
    meeting->tag = (struct aws_tag){ STR(MARK_TAG), mark_of(arena, scene) };
    meeting->found = (struct rds_snapshot){
        .arn = STR(SNAPSHOT("target")),
        .source_arn = str_from(scene->found_source),
        .kms_key_id = str_from(scene->found_key),
        .create_time = STR(LATER),
        .status = or_usual(scene->status, "available"),
        .tags = { &meeting->tag, str_equal(meeting->tag.value, STR("none")) ? 0 : 1 },
    };
    meeting->mark = (struct mark){
        .holder_id = STR("new-holder"),
        .source = mark_digest(arena, STR(SNAPSHOT("a"))),
        .key = mark_digest(arena, or_usual(scene->wished_key, KEY("k1"))),
        .time = or_usual(scene->wished_time, TIME),
    };
    meeting->wish = (struct adoption_wish){
        .mark = &meeting->mark,
        .source_arn = STR(SNAPSHOT("a")),
        .source_time = or_usual(scene->wished_time, TIME),
        .key_arn = or_usual(scene->wished_key, KEY("k1")),
        .key_text = or_usual(scene->wished_key_text, "alias/mine"),
    };
    return meeting;
}

static bool judge(struct arena *arena, const struct scene *scene, struct mark *out_mark, struct err *err)
{
    const struct meeting *meeting = meeting_of(arena, scene);
    return adoption_judge(arena, &meeting->found, &meeting->wish, out_mark, err);
}

struct row {
    const char *what;
    struct scene scene;
    const char *says; /* of a refusal; NULL: it is adopted */
};

static void check_rows(struct arena *arena, const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct mark mark;
        CLEANUP(err_clear) struct err err = { 0 };
        if (judge(arena, &rows[i].scene, &mark, &err) != !rows[i].says)
            fail_msg("%s: \"%s\"", rows[i].what, err_text(&err));
        if (!rows[i].says)
            continue;
        assert_int_equal(err.kind, ERR_CONFLICT);
        assert_non_null(strstr(err_text(&err), SNAPSHOT("target")));
        assert_string_not_equal(err_remedy(&err), "");
        if (!strstr(err_text(&err), rows[i].says))
            fail_msg("%s: \"%s\" does not say what it should", rows[i].what, err_text(&err));
    }
}

static void the_very_copy_that_is_wanted_is_adopted(void **state)
{
    static const struct row rows[] = {
        { "everything agrees",                                          { 0 },                                                     NULL },
        { "still copying",                                              { .status = "copying" },                                   NULL },
        { "in a status that nobody knows",                              { .status = "pending" },                                   NULL },
        { "AWS tells source and key",                                   { .found_source = SNAPSHOT("a"), .found_key = KEY("k1") }, NULL },
        { "case of the source",                                         { .found_source = SNAPSHOT("A") },                         NULL },
        { "AWS's word decides, not the mark's source",
         { .found_source = SNAPSHOT("a"), .marked_source = SNAPSHOT("b") },
         NULL                                                                                                                           },
        { "AWS's word decides, not the mark's key",                     { .found_key = KEY("k1"), .marked_key = KEY("k2") },       NULL },
        { "the source's age cannot be told",                            { .wished_time = "" },                                     NULL },
        { "the mark has no time",                                       { .marked_time = "" },                                     NULL },
        { "the key cannot be told",                                     { .wished_key = "", .found_key = KEY("k2") },              NULL },
        { "the key cannot be told, and the mark's is another's digest",
         { .wished_key = "", .marked_key = KEY("k2") },
         NULL                                                                                                                           },
        { "nothing is known but the holder",                            { .mark = "1 other - - -" },                               NULL },
    };
    check_rows(*state, rows, ARRAY_LENGTH(rows));
}

static void any_other_copy_is_refused_field_by_field(void **state)
{
    static const struct row rows[] = {
        { "another source by AWS's word",
         { .found_source = SNAPSHOT("b") },
         "its source is " SNAPSHOT("b") ", not " SNAPSHOT("a")                                                                     },
        { "another source by the mark",
         { .marked_source = SNAPSHOT("b") },
         "its source is another snapshot than " SNAPSHOT("a")                                                                      },
        { "another key by AWS's word",                     { .found_key = KEY("k2") },  "its key is " KEY("k2") ", not " KEY("k1") },
        { "another key by the mark",                       { .marked_key = KEY("k2") }, "its key is another one than " KEY("k1")   },
        { "another key id although DescribeKey is denied",
         { .wished_key = "", .wished_key_text = "k1", .found_key = KEY("k2") },
         "its key is " KEY("k2") ", not k1"                                                                                        },
        { "a source taken again under its name",
         { .wished_time = LATER },
         "it was made from a source of " TIME ", and the source of that name is of " LATER " now"                                  },
        { "an older source of that name",
         { .marked_time = LATER },
         "it was made from a source of " LATER ", and the source of that name is of " TIME " now"                                  },
        { "several fields",
         { .found_key = KEY("k2"), .wished_time = LATER },
         "not " KEY("k1") "; it was made from a source of " TIME                                                                   },
    };
    check_rows(*state, rows, ARRAY_LENGTH(rows));
}

static void what_bears_no_readable_mark_is_refused(void **state)
{
    static const struct row rows[] = {
        { "made by hand",                           { .mark = "none" },             "bears no readable mark" },
        { "a copy of the same source without mark",
         { .mark = "none", .found_source = SNAPSHOT("a"), .found_key = KEY("k1") },
         "bears no readable mark"                                                                            },
        { "a later version's mark",                 { .mark = "2 other x" },        "bears no readable mark" },
        { "a later version's mark of this shape",   { .mark = "2 other - - -" },    "bears no readable mark" },
        { "a damaged mark",                         { .mark = "1 other" },          "bears no readable mark" },
        { "an empty mark",                          { .mark = "" },                 "bears no readable mark" },
    };
    check_rows(*state, rows, ARRAY_LENGTH(rows));
}

/* Never "the same" of what was not compared. */
static void what_was_compared_is_told_and_what_was_not(void **state)
{
    static const struct {
        struct scene scene;
        const char *told;
    } rows[] = {
        { { 0 },                                                                              "The same: source, key, creation time of the source."                             },
        { { .found_source = SNAPSHOT("a"), .found_key = KEY("k1"), .mark = "1 other - - -" },
         "The same: source, key. Not known, so not compared: creation time of the source."                                                                                      },
        { { .wished_time = "" },                                                              "The same: source, key. Not known, so not compared: creation time of the source." },
        { { .marked_time = "" },                                                              "The same: source, key. Not known, so not compared: creation time of the source." },
        { { .marked_source = "" },                                                            "The same: key, creation time of the source. Not known, so not compared: source." },
        { { .marked_key = "" },                                                               "The same: source, creation time of the source. Not known, so not compared: key." },
        { { .wished_key = "" },                                                               "The same: source, creation time of the source. Not known, so not compared: key." },
        { { .wished_key = "", .found_key = KEY("k1") },
         "The same: source, creation time of the source. Not known, so not compared: key."                                                                                      },
        { { .wished_key = "", .wished_key_text = "k1", .found_key = KEY("k1") },
         "The same: source, key, creation time of the source."                                                                                                                  },
        { { .mark = "1 other - - -" },                                                        "Not known, so not compared: source, key, creation time of the source."           },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct mark mark;
        CLEANUP(err_clear) struct err err = { 0 };
        const struct meeting *meeting = meeting_of(*state, &rows[i].scene);
        if (!adoption_judge(*state, &meeting->found, &meeting->wish, &mark, &err))
            fail_msg("row %zu: %s", i, err_text(&err));
        const struct str told = adoption_tell(*state, &meeting->found, &meeting->wish, &mark);
        if (!str_equal(told, str_from(rows[i].told)))
            fail_msg("row %zu: \"%.*s\"", i, STR_ARG(told));
    }
}

static void the_mark_that_was_found_is_handed_out(void **state)
{
    struct mark mark = { 0 };
    CLEANUP(err_clear) struct err err = { 0 };
    assert_true(judge(*state, &(const struct scene){ 0 }, &mark, &err));
    assert_str_equal(mark.holder_id, "other");
    assert_str_equal(mark.time, TIME);
}

static void a_disagreement_of_great_length_is_cut_not_lost(void **state)
{
    char name[4000];
    struct mark mark;
    CLEANUP(err_clear) struct err err = { 0 };
    memset(name, 'n', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    const struct scene scene = { .found_source = name, .wished_time = LATER };
    assert_false(judge(*state, &scene, &mark, &err));
    assert_int_equal(err.kind, ERR_CONFLICT);
}

#define WITH_ARENA(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ARENA(the_very_copy_that_is_wanted_is_adopted), WITH_ARENA(any_other_copy_is_refused_field_by_field),
        WITH_ARENA(what_bears_no_readable_mark_is_refused),  WITH_ARENA(what_was_compared_is_told_and_what_was_not),
        WITH_ARENA(the_mark_that_was_found_is_handed_out),   WITH_ARENA(a_disagreement_of_great_length_is_cut_not_lost),
    };
    return cmocka_run_group_tests(tests, init, NULL);
}
