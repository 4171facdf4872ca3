/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/adoption.h"

#include <string.h>

#include "aws/crypto.h"
#include "tests/support/harness.h"

#define SNAPSHOT(name) "arn:aws:rds:eu-west-1:111111111111:cluster-snapshot:" name
#define KEY(id) "arn:aws:kms:eu-west-1:111111111111:key/" id
#define TIME "2026-01-01T00:00:00Z"
#define LATER "2026-01-02T00:00:00Z"

static int init(void **state)
{
    struct err err = { 0 };
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

/* What is wanted, where a row does not say otherwise: a copy of `a` with k1,
 * source_version "1", from a source of TIME; and the mark of just such a copy,
 * made by holder "other". NULL: as usual; "": absent. */
struct scene {
    const char *mark; /* whole value of the tag; NULL: from the parts below; "none": no tag */
    const char *marked_source, *marked_key, *marked_version, *marked_time;
    const char *found_source, *found_key, *found_time, *status; /* found_source, found_key NULL: not told */
    const char *held_by;                                        /* the state's holder; NULL: a create */
    const char *wished_key, *wished_key_text, *wished_version, *wished_time;
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
        .copy_id = STR("copy"),
        .holder_id = STR("other"),
        .source = mark_digest(arena, or_usual(scene->marked_source, SNAPSHOT("a"))),
        .key = mark_digest(arena, or_usual(scene->marked_key, KEY("k1"))),
        .version = mark_digest(arena, or_usual(scene->marked_version, "1")),
        .time = or_usual(scene->marked_time, TIME),
    };
    return mark_text(arena, &mark);
}

static enum adoption judge(struct arena *arena, const struct scene *scene, struct mark *out_mark, struct err *err)
{
    struct aws_tag tag = { STR(MARK_TAG), mark_of(arena, scene) };
    const struct rds_snapshot found = {
        .arn = STR(SNAPSHOT("target")),
        .source_arn = str_from(scene->found_source),
        .kms_key_id = str_from(scene->found_key),
        .create_time = or_usual(scene->found_time, LATER),
        .status = or_usual(scene->status, "available"),
        .tags = { &tag, str_equal(tag.value, STR("none")) ? 0 : 1 },
    };
    const struct mark wanted = {
        .copy_id = STR("new-copy"),
        .holder_id = STR("new-holder"),
        .source = mark_digest(arena, STR(SNAPSHOT("a"))),
        .key = mark_digest(arena, or_usual(scene->wished_key, KEY("k1"))),
        .version = mark_digest(arena, or_usual(scene->wished_version, "1")),
        .time = or_usual(scene->wished_time, TIME),
    };
    const struct holding held = {
        .kind = RDS_CLUSTER,
        .holder_id = str_from(scene->held_by),
        .source_arn = STR(SNAPSHOT("a")),
        .key_arn = STR(KEY("k1")),
        .create_time = STR(LATER),
    };
    const struct adoption_wish wish = {
        .mark = &wanted,
        .source_arn = STR(SNAPSHOT("a")),
        .source_time = or_usual(scene->wished_time, TIME),
        .key_arn = or_usual(scene->wished_key, KEY("k1")),
        .key_text = or_usual(scene->wished_key_text, "alias/mine"),
        .held = scene->held_by ? &held : NULL,
    };
    return adoption_judge(arena, &found, &wish, out_mark, err);
}

struct row {
    const char *what;
    struct scene scene;
    enum adoption verdict;
    const char *says; /* of a refusal */
};

static void check_rows(struct arena *arena, const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct mark mark;
        struct err err = { 0 };
        enum adoption verdict = judge(arena, &rows[i].scene, &mark, &err);
        if (verdict != rows[i].verdict)
            fail_msg("%s: verdict %d, \"%s\"", rows[i].what, (int)verdict, err.text);
        if (verdict != ADOPTION_REFUSE)
            continue;
        assert_int_equal(err.kind, ERR_CONFLICT);
        assert_non_null(strstr(err.text, SNAPSHOT("target")));
        assert_string_not_equal(err.remedy, "");
        if (!rows[i].says || !strstr(err.text, rows[i].says))
            fail_msg("%s: \"%s\" does not say what it should", rows[i].what, err.text);
    }
}

static void a_create_adopts_the_very_copy_that_is_wanted(void **state)
{
    static const struct row rows[] = {
        { "everything agrees",                         { 0 },                                                     ADOPTION_ADOPT, NULL },
        { "still copying",                             { .status = "copying" },                                   ADOPTION_ADOPT, NULL },
        { "in a status that nobody knows",             { .status = "pending" },                                   ADOPTION_ADOPT, NULL },
        { "AWS tells source and key",                  { .found_source = SNAPSHOT("a"), .found_key = KEY("k1") }, ADOPTION_ADOPT, NULL },
        { "case of the source",                        { .found_source = SNAPSHOT("A") },                         ADOPTION_ADOPT, NULL },
        { "AWS's word decides, not the mark's source",
         { .found_source = SNAPSHOT("a"), .marked_source = SNAPSHOT("b") },
         ADOPTION_ADOPT,                                                                                                          NULL },
        { "AWS's word decides, not the mark's key",
         { .found_key = KEY("k1"), .marked_key = KEY("k2") },
         ADOPTION_ADOPT,                                                                                                          NULL },
        { "made without source_version",               { .marked_version = "" },                                  ADOPTION_ADOPT, NULL },
        { "wanted without source_version",             { .wished_version = "" },                                  ADOPTION_ADOPT, NULL },
        { "the source's age cannot be told",           { .wished_time = "" },                                     ADOPTION_ADOPT, NULL },
        { "the mark has no time",                      { .marked_time = "" },                                     ADOPTION_ADOPT, NULL },
        { "the key cannot be told",                    { .wished_key = "", .found_key = KEY("k2") },              ADOPTION_ADOPT, NULL },
        { "nothing is known but the ids",              { .mark = "1 copy other - - - -" },                        ADOPTION_ADOPT, NULL },
    };
    check_rows(*state, rows, ARRAY_LENGTH(rows));
}

static void a_create_refuses_any_other_copy_field_by_field(void **state)
{
    static const struct row rows[] = {
        { "another source by AWS's word",
         { .found_source = SNAPSHOT("b") },
         ADOPTION_REFUSE,                                                                              "its source is " SNAPSHOT("b") ", not " SNAPSHOT("a")                                    },
        { "another source by the mark",
         { .marked_source = SNAPSHOT("b") },
         ADOPTION_REFUSE,                                                                              "its source is another snapshot than " SNAPSHOT("a")                                     },
        { "another key by AWS's word",
         { .found_key = KEY("k2") },
         ADOPTION_REFUSE,                                                                              "its key is " KEY("k2") ", not " KEY("k1")                                               },
        { "another key by the mark",
         { .marked_key = KEY("k2") },
         ADOPTION_REFUSE,                                                                              "its key is another one than " KEY("k1")                                                 },
        { "another key id although DescribeKey is denied",
         { .wished_key = "", .wished_key_text = "k1", .found_key = KEY("k2") },
         ADOPTION_REFUSE,                                                                              "its key is " KEY("k2") ", not k1"                                                       },
        { "another source_version",                        { .wished_version = "2" }, ADOPTION_REFUSE, "its source_version is another one"                                                      },
        { "a source taken anew under its name",
         { .wished_time = LATER },
         ADOPTION_REFUSE,                                                                              "it was made from a source of " TIME ", and the source of that name is of " LATER " now" },
        { "several fields",
         { .found_key = KEY("k2"), .wished_version = "2" },
         ADOPTION_REFUSE,                                                                              "not " KEY("k1") "; its source_version is another one"                                   },
        { "a failed one of another make",
         { .status = "failed", .wished_version = "2" },
         ADOPTION_REFUSE,                                                                              "its source_version is another one"                                                      },
    };
    check_rows(*state, rows, ARRAY_LENGTH(rows));
}

static void a_create_refuses_what_bears_no_readable_mark(void **state)
{
    static const struct row rows[] = {
        { "made by hand",                           { .mark = "none" },                     ADOPTION_REFUSE, "bears no readable mark" },
        { "a copy of the same source without mark",
         { .mark = "none", .found_source = SNAPSHOT("a"), .found_key = KEY("k1") },
         ADOPTION_REFUSE,                                                                                    "bears no readable mark" },
        { "failed and by hand",                     { .mark = "none", .status = "failed" }, ADOPTION_REFUSE, "bears no readable mark" },
        { "a later version's mark",                 { .mark = "2 copy other x" },           ADOPTION_REFUSE, "bears no readable mark" },
        { "a damaged mark",                         { .mark = "1 copy other" },             ADOPTION_REFUSE, "bears no readable mark" },
        { "an empty mark",                          { .mark = "" },                         ADOPTION_REFUSE, "bears no readable mark" },
    };
    check_rows(*state, rows, ARRAY_LENGTH(rows));
}

static void a_failed_one_of_ours_may_be_replaced(void **state)
{
    static const struct row rows[] = {
        { "failed",         { .status = "failed" },               ADOPTION_OWN_OLD, NULL },
        { "incompatible",   { .status = "incompatible-restore" }, ADOPTION_OWN_OLD, NULL },
        { "on its way out", { .status = "deleting" },             ADOPTION_OWN_OLD, NULL },
    };
    check_rows(*state, rows, ARRAY_LENGTH(rows));
}

static void a_remake_replaces_what_the_state_holds(void **state)
{
    static const struct row rows[] = {
        { "its own mark",                                 { .held_by = "other" },                              ADOPTION_OWN_OLD, NULL },
        { "its own mark, all arguments changed",
         { .held_by = "other", .found_source = SNAPSHOT("z"), .found_key = KEY("k9"), .wished_version = "9" },
         ADOPTION_OWN_OLD,                                                                                                       NULL },
        { "no mark, AWS's fields are those of the state",
         { .held_by = "me", .mark = "none", .found_source = SNAPSHOT("a"), .found_key = KEY("k1") },
         ADOPTION_OWN_OLD,                                                                                                       NULL },
    };
    check_rows(*state, rows, ARRAY_LENGTH(rows));
}

static void a_remake_adopts_or_refuses_what_somebody_else_holds(void **state)
{
    static const struct row rows[] = {
        { "its own lost answer",                 { .held_by = "me" },                                ADOPTION_ADOPT,  NULL                     },
        { "another's other copy",                { .held_by = "me", .wished_version = "2" },         ADOPTION_REFUSE, "source_version"         },
        { "no mark and no source: made by hand",
         { .held_by = "me", .mark = "none", .found_key = KEY("k1") },
         ADOPTION_REFUSE,                                                                                             "bears no readable mark" },
        { "no mark and another key",
         { .held_by = "me", .mark = "none", .found_source = SNAPSHOT("a"), .found_key = KEY("k2") },
         ADOPTION_REFUSE,                                                                                             "bears no readable mark" },
        { "no mark and made at another time",
         { .held_by = "me",
            .mark = "none",
            .found_source = SNAPSHOT("a"),
            .found_key = KEY("k1"),
            .found_time = TIME },
         ADOPTION_REFUSE,                                                                                             "bears no readable mark" },
        { "a later version's mark",              { .held_by = "me", .mark = "2 copy me x" },         ADOPTION_REFUSE, "no readable mark"       },
    };
    check_rows(*state, rows, ARRAY_LENGTH(rows));
}

static void the_mark_that_was_found_is_handed_out(void **state)
{
    struct mark mark;
    struct err err = { 0 };
    assert_int_equal(judge(*state, &(const struct scene){ 0 }, &mark, &err), ADOPTION_ADOPT);
    assert_str_equal(mark.copy_id, "copy");
    assert_str_equal(mark.holder_id, "other");
    (void)judge(*state, &(const struct scene){ .mark = "none" }, &mark, &err);
    assert_str_equal(mark.copy_id, "");
}

static void a_disagreement_of_great_length_is_cut_not_lost(void **state)
{
    char name[4000];
    struct mark mark;
    struct err err = { 0 };
    memset(name, 'n', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    const struct scene scene = { .found_source = name, .wished_version = "2" };
    assert_int_equal(judge(*state, &scene, &mark, &err), ADOPTION_REFUSE);
    assert_int_equal(err.kind, ERR_CONFLICT);
}

#define WITH_ARENA(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ARENA(a_create_adopts_the_very_copy_that_is_wanted),
        WITH_ARENA(a_create_refuses_any_other_copy_field_by_field),
        WITH_ARENA(a_create_refuses_what_bears_no_readable_mark),
        WITH_ARENA(a_failed_one_of_ours_may_be_replaced),
        WITH_ARENA(a_remake_replaces_what_the_state_holds),
        WITH_ARENA(a_remake_adopts_or_refuses_what_somebody_else_holds),
        WITH_ARENA(the_mark_that_was_found_is_handed_out),
        WITH_ARENA(a_disagreement_of_great_length_is_cut_not_lost),
    };
    return cmocka_run_group_tests(tests, init, NULL);
}
