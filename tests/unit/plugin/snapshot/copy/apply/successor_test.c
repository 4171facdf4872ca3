/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/copy/apply/successor.h"

#include "tests/unit/plugin/snapshot/copy/apply/removal_fixture.h"

#define FAR_SOURCE "arn:aws:rds:us-east-1:222222222222:cluster-snapshot:a"

/* What differs from a copy "t" of "a" with k1, that is wanted again just so. NULL: as
 * usual; "": not known, or not there. */
struct scene {
    const char *arn, *source, *key;              /* of the note */
    const char *was_source, *was_key, *was_time; /* of the state */
    const char *mark;                            /* that the snapshot bears */
    const char *key_now;                         /* what DescribeKey says */
    const char *time_now;                        /* of the source */
    const char *policy;
};

static const char *or_usual(const char *given, const char *usual)
{
    return !given ? usual : *given ? given : NULL;
}

static struct reencrypt_copy prior_of(const struct scene *scene)
{
    struct reencrypt_copy prior = copy_state();
    prior.source_snapshot_arn = text(or_usual(scene->was_source, SNAPSHOT("a")));
    prior.kms_key_arn = text(or_usual(scene->was_key, KEY("k1")));
    prior.source_snapshot_create_time = text(or_usual(scene->was_time, SOURCE_TIME));
    prior.deletion_policy = text(scene->policy);
    return prior;
}

static struct small_aws *aws_of(struct snapshot_world *world, const struct scene *scene)
{
    struct shown shown = shown_copy("available");
    shown.mark = or_usual(scene->mark, "1 hhhh - - " SOURCE_TIME);
    struct small_aws *aws = small_aws_new(world, shown);
    aws->source_time = or_usual(scene->time_now, SOURCE_TIME);
    aws->key = or_usual(scene->key_now, KEY("k1"));
    return aws;
}

static struct str note_of(struct snapshot_world *world, const struct scene *scene)
{
    const char *arn = or_usual(scene->arn, SNAPSHOT("t")), *source = or_usual(scene->source, SNAPSHOT("a"));
    return note_text(world, arn, source, or_usual(scene->key, KEY("k1")));
}

/* After it only what the judging asked is in the transport's records. */
static bool judge(struct snapshot_world *world, const struct scene *scene, struct str note, enum successor *out)
{
    const struct reencrypt_copy prior = prior_of(scene);
    struct snapshot_ref ref;
    struct rds_snapshot found;
    const struct aws_call aws = call_to(world, &prior, &ref);
    assert_true(rds_describe_snapshot(&aws, ref.kind, ref.name, &found, &world->err));
    no_answers(world);
    return successor_judge(world->call, &aws, &prior, &found, note, out, &world->err);
}

/* ---- Nothing follows ----------------------------------------------------------- */

static void without_a_note_nothing_is_asked(void **state)
{
    struct snapshot_world *world = *state;
    const struct scene usual = { 0 };
    enum successor successor = SUCCESSOR_ADOPTS;
    aws_of(world, &usual);
    assert_true(judge(world, &usual, STR(""), &successor));
    assert_int_equal(successor, SUCCESSOR_NONE);
    assert_asked(world, "");
}

static void a_note_that_cannot_be_read_is_an_error(void **state)
{
    static const char *const rows[] = { "1", "place not known", "2\n" SNAPSHOT("t2") "\na\nk", "\xff\n\n\n" };
    struct snapshot_world *world = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        const struct scene usual = { 0 };
        enum successor successor = SUCCESSOR_NONE;
        aws_of(world, &usual);
        assert_false(judge(world, &usual, str_from(rows[i]), &successor));
        assert_err(world, ERR_CONFLICT, "another version of the provider: plan again");
        assert_asked(world, "");
    }
}

/* ---- Another ARN ----------------------------------------------------------------- */

static void a_copy_of_another_arn_is_to_be_made_before_this_one_goes(void **state)
{
    static const struct {
        const char *arn, *says;
    } rows[] = {
        { SNAPSHOT("t2"),                                          SNAPSHOT("t") " is not deleted: " SNAPSHOT("t2") " takes its place" },
        { "arn:aws:rds:eu-west-1:111111111111:snapshot:t",         "snapshot:t takes its place"                                        },
        { "arn:aws:rds:us-east-1:111111111111:cluster-snapshot:t",
         "us-east-1:111111111111:cluster-snapshot:t takes its place"                                                                   },
        { "arn:aws:rds:eu-west-1:222222222222:cluster-snapshot:t", "222222222222:cluster-snapshot:t takes its place"                   },
        { "",                                                      "a copy whose ARN is not known yet takes its place"                 },
    };
    struct snapshot_world *world = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        struct scene scene = { .arn = rows[i].arn };
        enum successor successor = SUCCESSOR_ADOPTS;
        aws_of(world, &scene);
        assert_false(judge(world, &scene, note_of(world, &scene), &successor));
        assert_err(world, ERR_CONFLICT, rows[i].says);
        assert_non_null(strstr(err_remedy(&world->err), "This copy was not changed."));
        assert_non_null(strstr(err_remedy(&world->err), "\n  lifecycle { create_before_destroy = true }"));
        assert_asked(world, "");
        assert_false(memory_knows(account_memory(world->call), MEMORY_LEFT,
                                  memory_pair(world->call->arena, STR(SNAPSHOT("t")), STR("hhhh"))));
        scene.policy = "retain";
        aws_of(world, &scene);
        assert_true(judge(world, &scene, note_of(world, &scene), &successor));
        assert_asked(world, "");
    }
}

/* ---- The same ARN ---------------------------------------------------------------- */

static void the_same_data_is_left_for_the_create(void **state)
{
    static const struct {
        const char *what;
        struct scene scene;
        const char *asked;
    } rows[] = {
        { "everything is the same",                { 0 },                               "DescribeDBClusterSnapshots"                   },
        { "retained, too",                         { .policy = "retain" },              "DescribeDBClusterSnapshots"                   },
        { "case of the source",                    { .was_source = SNAPSHOT("A") },     "DescribeDBClusterSnapshots"                   },
        { "the state does not know its source",    { .was_source = "" },                "DescribeDBClusterSnapshots"                   },
        { "the key by its id",                     { .key = "k1" },                     "DescribeDBClusterSnapshots"                   },
        { "an alias of the key",                   { .key = "alias/mine" },             "DescribeKey DescribeDBClusterSnapshots"       },
        { "an alias that may not be looked up",
         { .key = "alias/mine", .key_now = "" },
         "DescribeKey DescribeDBClusterSnapshots"                                                                                      },
        { "the state does not know its key",       { .was_key = "", .key = KEY("k2") }, "DescribeDBClusterSnapshots"                   },
        { "the source is gone",                    { .time_now = "" },                  "DescribeDBClusterSnapshots"                   },
        { "nobody knows how old the source was",
         { .mark = "1 hhhh - - -", .was_time = "" },
         "DescribeDBClusterSnapshots"                                                                                                  },
        { "the mark knows it, the state does not", { .was_time = "" },                  "DescribeDBClusterSnapshots"                   },
        { "without a mark",                        { .mark = "" },                      "DescribeDBClusterSnapshots AddTagsToResource" },
    };
    struct snapshot_world *world = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        enum successor successor = SUCCESSOR_NONE;
        aws_of(world, &rows[i].scene);
        if (!judge(world, &rows[i].scene, note_of(world, &rows[i].scene), &successor) ||
            successor != SUCCESSOR_ADOPTS ||
            !memory_knows(account_memory(world->call), MEMORY_LEFT,
                          memory_pair(world->call->arena, STR(SNAPSHOT("t")), STR("hhhh"))))
            fail_msg("%s: %s", rows[i].what, err_text(&world->err));
        if (!str_equal(operations(&world->transport, world->arena), str_from(rows[i].asked)))
            fail_msg("%s: another number of calls", rows[i].what);
    }
}

static void other_data_under_the_same_arn_is_refused(void **state)
{
    static const struct {
        struct scene scene;
        const char *path, *was, *wanted;
    } rows[] = {
        { { .source = SNAPSHOT("b") },
         "source_snapshot_identifier",                                                   "from the source " SNAPSHOT("a"),
         "now means " SNAPSHOT("b")                                                                                                                                                                     },
        { { .source = FOREIGN("a") },
         "source_snapshot_identifier",                                                   "from the source " SNAPSHOT("a"),
         "now means " FOREIGN("a")                                                                                                                                                                      },
        { { .source = "" },
         "source_snapshot_identifier",                                                   "from the source " SNAPSHOT("a"),
         "now means a source that was not known at plan"                                                                                                                                                },
        { { .source = "", .was_source = "" },
         "source_snapshot_identifier",                                                   "was made at " COPY_TIME " from a source that is not known, and",
         "a source that was not known at plan"                                                                                                                                                          },
        { { .key = KEY("k2") },                            "kms_key_id",                 "with the key " KEY("k1"),                                        "now means " KEY("k2")                       },
        { { .key = "k2" },                                 "kms_key_id",                 "with the key " KEY("k1"),                                        "now means k2"                               },
        { { .key = "alias/mine", .key_now = KEY("k2") },
         "kms_key_id",                                                                   "with the key " KEY("k1"),
         "now means alias/mine"                                                                                                                                                                         },
        { { .key = "" },                                   "kms_key_id",                 "with the key " KEY("k1"),                                        "now means a key that was not known at plan" },
        { { .time_now = LATER_TIME },
         "source_snapshot_identifier",                                                   "from the source " SNAPSHOT("a") " of " SOURCE_TIME,
         "now means one of that name of " LATER_TIME                                                                                                                                                    },
        { { .time_now = LATER_TIME, .was_time = "" },
         "source_snapshot_identifier",                                                   " of " SOURCE_TIME,
         " of " LATER_TIME                                                                                                                                                                              },
        { { .time_now = LATER_TIME, .mark = "" },          "source_snapshot_identifier", " of " SOURCE_TIME,                                               " of " LATER_TIME                            },
        { { .source = SNAPSHOT("b"), .policy = "retain" }, "source_snapshot_identifier", SNAPSHOT("a"),                                                    SNAPSHOT("b")                                },
        { { .source = SNAPSHOT("b"), .mark = "" },         "source_snapshot_identifier", SNAPSHOT("a"),                                                    SNAPSHOT("b")                                },
        { { .mark = "1 hhhh AAAAAAAAAAAAAAAAAAAAAA - -" },
         "source_snapshot_identifier",                                                   "from another source, as its mark says",
         "now means " SNAPSHOT("a")                                                                                                                                                                     },
    };
    struct snapshot_world *world = *state;
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        enum successor successor = SUCCESSOR_NONE;
        aws_of(world, &rows[i].scene);
        if (judge(world, &rows[i].scene, note_of(world, &rows[i].scene), &successor))
            fail_msg("row %zu", i);
        assert_err(world, ERR_CONFLICT, "the create that follows wants another copy: ");
        assert_err(world, ERR_CONFLICT, rows[i].was);
        assert_err(world, ERR_CONFLICT, rows[i].wanted);
        assert_string_equal(err_path(&world->err), rows[i].path);
        assert_non_null(strstr(err_remedy(&world->err), "\"t-2\""));
        assert_false(has_asked(world, "AddTags"));
        assert_false(memory_knows(account_memory(world->call), MEMORY_LEFT,
                                  memory_pair(world->call->arena, STR(SNAPSHOT("t")), STR("hhhh"))));
    }
}

/* A guess would leave a copy that the create then refuses, out of the state. */
static void a_key_that_cannot_be_looked_up_for_now_ends_it(void **state)
{
    struct snapshot_world *world = *state;
    const struct scene scene = { .key = "alias/mine" };
    const struct reencrypt_copy prior = prior_of(&scene);
    const struct rds_snapshot found = { .arn = STR(SNAPSHOT("t")), .status = STR("available") };
    enum successor successor = SUCCESSOR_NONE;
    struct snapshot_ref ref;
    ANSWERS(world, CALLER, { .status = 400, .text = "{\"__type\":\"ValidationException\",\"message\":\"bad\"}" });
    const struct aws_call aws = call_to(world, &prior, &ref);
    assert_false(successor_judge(world->call, &aws, &prior, &found, note_of(world, &scene), &successor, &world->err));
    assert_err(world, ERR_INVALID, "reading the key \"alias/mine\": ");
    assert_false(memory_knows(account_memory(world->call), MEMORY_LEFT,
                              memory_pair(world->call->arena, STR(SNAPSHOT("t")), STR("hhhh"))));
}

static void the_source_is_looked_at_where_it_is(void **state)
{
    struct snapshot_world *world = *state;
    const struct scene scene = { .source = FAR_SOURCE, .was_source = FAR_SOURCE };
    enum successor successor = SUCCESSOR_NONE;
    aws_of(world, &scene);
    assert_true(judge(world, &scene, note_of(world, &scene), &successor));
    assert_true(str_find(world->transport.requests[0].url, STR("rds.us-east-1.")) >= 0);
}

/* ---- The mark that is given --------------------------------------------------------- */

static void the_mark_that_is_given_says_what_the_state_knows(void **state)
{
    struct snapshot_world *world = *state;
    const struct scene rows[] = {
        { .mark = "" },
        { .mark = "", .was_source = "", .was_key = "", .was_time = "" }
    };
    const struct str digests[] = {
        str_format(world->arena, "%.*s %.*s " SOURCE_TIME, 22, mark_digest(world->arena, STR(SNAPSHOT("a"))).ptr, 22,
                   mark_digest(world->arena, STR(KEY("k1"))).ptr),
        STR("- - -"),
    };
    for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
        enum successor successor = SUCCESSOR_NONE;
        struct aws_tag tag = { .key = STR(MARK_TAG) };
        struct mark mark;
        struct small_aws *aws = aws_of(world, &rows[i]);
        assert_true(judge(world, &rows[i], note_of(world, &rows[i]), &successor));
        tag.value = str_from(aws->copy.mark);
        assert_int_equal(mark_find(&(const struct aws_tags){ &tag, 1 }, &mark), MARK_FOUND);
        assert_str_equal(mark.holder_id, "hhhh"); /* the state's */
        assert_true(str_ends_with(tag.value, digests[i]));
        assert_false(is_in_body(world, 1, "member.2"));
    }
}

static void without_the_mark_it_is_not_left(void **state)
{
    struct snapshot_world *world = *state;
    const struct scene scene = { .mark = "" };
    const struct reencrypt_copy prior = prior_of(&scene);
    const struct rds_snapshot found = { .arn = STR(SNAPSHOT("t")), .status = STR("available") };
    enum successor successor = SUCCESSOR_NONE;
    struct snapshot_ref ref;
    ANSWERS(world, CALLER, SOURCE("available"), refuses(world->arena, 403, "AccessDenied", "no"));
    const struct aws_call aws = call_to(world, &prior, &ref);
    assert_false(successor_judge(world->call, &aws, &prior, &found, note_of(world, &scene), &successor, &world->err));
    assert_err(world, ERR_DENIED, "marking " SNAPSHOT("t") ", so that it can be adopted");
    snapshot_provider.explain(&world->err);
    assert_non_null(strstr(err_remedy(&world->err), "IAM policy"));
    assert_false(memory_knows(account_memory(world->call), MEMORY_LEFT,
                              memory_pair(world->call->arena, STR(SNAPSHOT("t")), STR("hhhh"))));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ECHOED(without_a_note_nothing_is_asked),
        ECHOED(a_note_that_cannot_be_read_is_an_error),
        ECHOED(a_copy_of_another_arn_is_to_be_made_before_this_one_goes),
        ECHOED(the_same_data_is_left_for_the_create),
        ECHOED(other_data_under_the_same_arn_is_refused),
        ECHOED(a_key_that_cannot_be_looked_up_for_now_ends_it),
        ECHOED(the_source_is_looked_at_where_it_is),
        ECHOED(the_mark_that_is_given_says_what_the_state_knows),
        ECHOED(without_the_mark_it_is_not_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
