/* SPDX-License-Identifier: MPL-2.0 */
#include "tests/unit/plugin/runtime/toy_provider.h"

#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* What ConfigureProvider makes. */
struct toy {
    struct str prefix;
    int64_t delay_ms;
};

static struct str outcome_of(const struct toy_thing *thing)
{
    return tf_text(thing->outcome, STR(""));
}

/* ---- toy_thing ------------------------------------------------------------- */

static bool same_but_for_case(const void *prior, const void *configured)
{
    return str_equal_ignore_case(((const struct tf_string *)prior)->value,
                                 ((const struct tf_string *)configured)->value);
}

static void check_size(struct tf_call *call, const char *path, const void *member)
{
    const struct tf_int64 *size = member;
    if (size->value < 0)
        tf_error(call, path, "Negative", "%lld is below zero.", (long long)size->value);
}

static const struct tf_attribute timeouts_rows[] = {
    TF_ATTR(struct toy_timeouts, create, .flags = TF_OPTIONAL, .description = "How long a create may take."),
    TF_END,
};
static const struct tf_model timeouts_model = TF_MODEL(struct toy_timeouts, timeouts_rows);

static const struct tf_attribute part_rows[] = {
    TF_ATTR(struct toy_part, name, .flags = TF_REQUIRED | TF_FORCE_NEW, .description = "Name of the part."),
    TF_ATTR(struct toy_part, count, .flags = TF_OPTIONAL, .validate = check_size, .description = "How many."),
    TF_ATTR(struct toy_part, serial, .flags = TF_COMPUTED, .description = "Number of the part."),
    TF_END,
};
static const struct tf_attribute piece_rows[] = {
    TF_ATTR(struct toy_piece, name, .flags = TF_REQUIRED, .description = "Name of the piece."),
    TF_ATTR(struct toy_piece, serial, .flags = TF_COMPUTED, .description = "Number of the piece."),
    TF_END,
};
static const struct tf_model piece_model = TF_MODEL(struct toy_piece, piece_rows);

static const struct tf_model part_model = TF_MODEL(struct toy_part, part_rows);

static const struct tf_attribute thing_rows[] = {
    TF_ATTR(struct toy_thing, name, .flags = TF_REQUIRED | TF_FORCE_NEW, .description = "Name."),
    TF_ATTR(struct toy_thing, note, .flags = TF_OPTIONAL, .equal = same_but_for_case, .description = "A remark."),
    TF_ATTR(struct toy_thing, flag, .flags = TF_OPTIONAL, .description = "Yes or no."),
    TF_ATTR(struct toy_thing, size, .flags = TF_OPTIONAL, .validate = check_size, .description = "Size."),
    TF_ATTR(struct toy_thing, steps, .flags = TF_OPTIONAL, .description = "In order."),
    TF_ATTR(struct toy_thing, labels, .flags = TF_OPTIONAL, .description = "In no order."),
    TF_ATTR(struct toy_thing, tags, .flags = TF_OPTIONAL, .description = "By name."),
    TF_ATTR(struct toy_thing, zone, .flags = TF_OPTIONAL | TF_COMPUTED | TF_FORCE_NEW, .description = "Where."),
    TF_ATTR(struct toy_thing, password, .flags = TF_OPTIONAL | TF_SENSITIVE, .description = "Secret."),
    TF_ATTR(struct toy_thing, outcome, .flags = TF_OPTIONAL),
    TF_ATTR(struct toy_thing, id, .flags = TF_COMPUTED | TF_STABLE, .description = "Identity."),
    TF_ATTR(struct toy_thing, revision, .flags = TF_COMPUTED, .description = "Counts changes."),
    TF_BLOCK(struct toy_thing, timeouts, TF_BLOCK_SINGLE, struct toy_timeouts, &timeouts_model, .flags = TF_OPTIONAL,
             .description = "Limits."),
    TF_BLOCK(struct toy_thing, part, TF_BLOCK_LIST, struct toy_part, &part_model, .flags = TF_OPTIONAL, .max_items = 3,
             .description = "Parts in order."),
    TF_BLOCK(struct toy_thing, piece, TF_BLOCK_SET, struct toy_piece, &piece_model, .flags = TF_OPTIONAL,
             .description = "Parts in no order."),
    TF_END,
};

static void thing_validate(struct tf_call *call, const void *config)
{
    const struct toy_thing *thing = config;
    if (str_equal(tf_text(thing->name, STR("")), STR("invalid")))
        tf_error(call, "name", "Refused name", "Another name, please.");
}

/* Sleeps like a real call, and hears a stop. */
static bool take_time(struct tf_call *call, struct err *err)
{
    const struct toy *toy = call->provider;
    if (toy->delay_ms <= 0)
        return true;
    return waiter_pause(call->waiter, clock_after_ms(waiter_clock(call->waiter), toy->delay_ms), err);
}

/* As a call that changes something, whose answer is worth waiting for. */
static void take_time_whatever_happens(struct tf_call *call)
{
    const struct toy *toy = call->provider;
    const struct timespec delay = { .tv_sec = toy->delay_ms / 1000, .tv_nsec = toy->delay_ms % 1000 * 1000000 };
    nanosleep(&delay, NULL);
}

static void fill(struct tf_call *call, struct toy_thing *thing, int64_t revision)
{
    const struct toy *toy = call->provider;
    thing->id = tf_known_string(str_format(call->arena, "%.*s%.*s", STR_ARG(toy->prefix), STR_ARG(thing->name.value)));
    if (thing->zone.state != TF_KNOWN)
        thing->zone = tf_known_string(STR("here"));
    thing->revision = tf_known_int64(revision);
    for (size_t i = 0; i < thing->part.count; i++)
        thing->part.items[i].serial = tf_known_string(str_format(call->arena, "serial-%zu", i));
    for (size_t i = 0; i < thing->piece.count; i++)
        thing->piece.items[i].serial = tf_known_string(str_format(call->arena, "piece-%zu", i));
}

static bool thing_plan(struct tf_call *call, struct tf_plan *plan, struct err *err)
{
    const struct toy_thing *config = plan->config;
    if (plan->destroy)
        return true;
    if (str_equal(outcome_of(config), STR("warn-plan")))
        tf_warn(call, "outcome", "Asked for", "A warning of the plan.");
    if (str_equal(outcome_of(config), STR("fail-plan"))) {
        err_set(err, ERR_INVALID, "the plan fails as asked");
        err_set_path(err, "outcome");
        return false;
    }
    if (str_equal(outcome_of(config), STR("replace")))
        tf_replace(call, "outcome");
    const struct str name = tf_text(config->name, STR("?"));
    plan->note = str_format(call->arena, "note of %.*s after \"%.*s\"%s", STR_ARG(name), STR_ARG(plan->first_note),
                            plan->hands_over_notes ? ", handed over" : "");
    return true;
}

static bool thing_create(struct tf_call *call, struct tf_apply *apply, struct err *err)
{
    struct toy_thing *state = apply->state;
    struct str outcome = outcome_of(state);
    if (str_equal(outcome, STR("fail")))
        return err_set(err, ERR_IO, "failed as asked");
    if (str_equal(outcome, STR("crash")))
        raise(SIGSEGV);
    if (str_equal(outcome, STR("leave-unknown")))
        return true;
    fill(call, state, 1);
    log_write(call->log, LOG_INFO, NULL, "note: %.*s", STR_ARG(apply->note));
    if (str_equal(outcome, STR("fail-named"))) {
        apply->summary = "It was begun";
        return err_set(err, ERR_IO, "failed as asked");
    }
    if (str_equal(outcome, STR("fail-late"))) {
        apply->keep_state = true;
        return err_set(err, ERR_IO, "failed late as asked");
    }
    if (str_equal(outcome, STR("deaf"))) {
        take_time_whatever_happens(call);
        return true;
    }
    if (!take_time(call, err)) {
        tf_warn(call, NULL, "Stopped", "The rest comes with the next apply.");
        state->revision = tf_known_int64(0);
    }
    return true;
}

static bool thing_read(struct tf_call *call, struct tf_read *read, struct err *err)
{
    const struct toy_thing *prior = read->prior;
    (void)call;
    if (str_equal(outcome_of(prior), STR("fail-read")))
        return err_set(err, ERR_DENIED, "reading fails as asked");
    read->gone = str_equal(outcome_of(prior), STR("vanish"));
    return true;
}

static bool thing_update(struct tf_call *call, struct tf_apply *apply, struct err *err)
{
    const struct toy_thing *prior = apply->prior;
    struct toy_thing *state = apply->state;
    if (str_equal(outcome_of(state), STR("fail")))
        return err_set(err, ERR_IO, "failed as asked");
    fill(call, state, prior->revision.value + 1);
    return take_time(call, err);
}

static bool thing_delete(struct tf_call *call, struct tf_apply *apply, struct err *err)
{
    const struct toy_thing *prior = apply->prior;
    log_write(call->log, LOG_INFO, NULL, "delete with note: %.*s", STR_ARG(apply->note));
    if (str_equal(outcome_of(prior), STR("fail-delete")))
        return err_set(err, ERR_CONFLICT, "not deleted, as asked");
    return true;
}

static bool thing_import(struct tf_call *call, struct str id, void *out, struct err *err)
{
    struct toy_thing *state = out;
    if (!str_starts_with(id, STR("toy-")))
        return err_set(err, ERR_INVALID, "an id that does not begin with toy-");
    state->name = tf_known_string(str_copy(call->arena, str_slice(id, 4, id.len)));
    state->id = tf_known_string(str_copy(call->arena, id));
    state->revision = tf_known_int64(1);
    return true;
}

/* What it was before: "old_thing" of the provider "tests/older". */
struct toy_old_thing {
    struct tf_string called;
    struct tf_string_set labels;
};

static const struct tf_attribute old_thing_rows[] = {
    TF_ATTR(struct toy_old_thing, called, .flags = TF_REQUIRED, .description = "Name."),
    TF_ATTR(struct toy_old_thing, labels, .flags = TF_OPTIONAL, .description = "In no order."),
    TF_END,
};

static bool old_thing_move(struct tf_call *call, const void *source, void *out, struct err *err)
{
    const struct toy_old_thing *old = source;
    struct toy_thing *state = out;
    if (old->called.state != TF_KNOWN)
        return err_set(err, ERR_INVALID, "it has no name");
    if (old->labels.count)
        tf_warn(call, NULL, "Labels", "%zu labels are taken over.", old->labels.count);
    state->name = old->called;
    state->labels = old->labels;
    return true;
}

static const struct tf_move thing_moves[] = {
    { "tests/older", "old_thing", TF_MODEL(struct toy_old_thing, old_thing_rows), old_thing_move },
    { .source_type = NULL },
};

const struct tf_resource toy_thing_resource = {
    .type_name = "toy_thing",
    .description = "A thing with **every** kind of row.",
    .model = TF_MODEL(struct toy_thing, thing_rows),
    .validate = thing_validate,
    .plan = thing_plan,
    .create = thing_create,
    .read = thing_read,
    .update = thing_update,
    .delete = thing_delete,
    .import = thing_import,
    .moves = thing_moves,
};

/* ---- toy_echo -------------------------------------------------------------- */

struct toy_echo {
    struct tf_string text;
    struct tf_string prefixed;
};

static const struct tf_attribute echo_rows[] = {
    TF_ATTR(struct toy_echo, text, .flags = TF_REQUIRED, .description = "What to say."),
    TF_ATTR(struct toy_echo, prefixed, .flags = TF_COMPUTED, .description = "The same after the provider's prefix."),
    TF_END,
};

static bool echo_read(struct tf_call *call, const void *config, void *out, struct err *err)
{
    const struct toy *toy = call->provider;
    const struct toy_echo *asked = config;
    struct toy_echo *state = out;
    if (str_equal(asked->text.value, STR("fail")))
        return err_set(err, ERR_NOT_FOUND, "nothing to echo");
    state->prefixed =
        tf_known_string(str_format(call->arena, "%.*s%.*s", STR_ARG(toy->prefix), STR_ARG(asked->text.value)));
    return true;
}

const struct tf_data_source toy_echo_data_source = {
    .type_name = "toy_echo",
    .description = "Says it again.",
    .model = TF_MODEL(struct toy_echo, echo_rows),
    .read = echo_read,
};

/* ---- Functions ------------------------------------------------------------- */

struct join_parameters {
    struct tf_string_list parts;
    struct tf_string separator;
};

struct join_result {
    struct tf_string text;
};

static const struct tf_attribute join_parameter_rows[] = {
    TF_ATTR(struct join_parameters, parts, .description = "What to join."),
    TF_ATTR(struct join_parameters, separator, .flags = TF_OPTIONAL, .description = "What goes between."),
    TF_END,
};

static const struct tf_attribute join_result_rows[] = {
    TF_ATTR(struct join_result, text, .flags = TF_COMPUTED, .description = "The text."),
    TF_END,
};

static bool join_run(struct tf_call *call, const void *given, void *out, struct err *err)
{
    const struct join_parameters *parameters = given;
    struct join_result *result = out;
    struct str text = STR("");
    struct str between = tf_text(parameters->separator, STR("-"));
    if (parameters->parts.count == 0) {
        err_set(err, ERR_INVALID, "nothing to join");
        err_set_path(err, "parts");
        return false;
    }
    for (size_t i = 0; i < parameters->parts.count; i++) {
        const struct str gap = i ? between : STR("");
        text = str_format(call->arena, "%.*s%.*s%.*s", STR_ARG(text), STR_ARG(gap),
                          STR_ARG(parameters->parts.items[i].value));
    }
    result->text = tf_known_string(text);
    return true;
}

static const struct tf_function join_function = {
    .name = "join",
    .summary = "Joins texts",
    .description = "Joins texts with something between.",
    .parameters = TF_MODEL(struct join_parameters, join_parameter_rows),
    .result = TF_MODEL(struct join_result, join_result_rows),
    .run = join_run,
};

struct split_result {
    struct tf_string head;
    struct tf_string tail;
};

static const struct tf_attribute split_parameter_rows[] = {
    TF_ATTR(struct join_result, text, .description = "What to split at its first dash."),
    TF_END,
};

static const struct tf_attribute split_result_rows[] = {
    TF_ATTR(struct split_result, head, .description = "Before the dash."),
    TF_ATTR(struct split_result, tail, .description = "After it; null without a dash."),
    TF_END,
};

static bool split_run(struct tf_call *call, const void *given, void *out, struct err *err)
{
    const struct join_result *parameters = given;
    struct split_result *result = out;
    struct str rest = parameters->text.value;
    struct str head;
    (void)call;
    (void)err;
    if (str_next(&rest, '-', &head))
        result->head = tf_known_string(head);
    if (rest.ptr)
        result->tail = tf_known_string(rest);
    return true;
}

static const struct tf_function split_function = {
    .name = "split_dash",
    .summary = "Splits a text",
    .description = "Splits a text at its first dash.",
    .parameters = TF_MODEL(struct join_result, split_parameter_rows),
    .result = TF_MODEL(struct split_result, split_result_rows),
    .run = split_run,
};

/* ---- The provider ---------------------------------------------------------- */

static const struct tf_attribute block_rows[] = {
    TF_ATTR(struct toy_block, prefix, .flags = TF_OPTIONAL, .description = "Before every id."),
    TF_ATTR(struct toy_block, delay_ms, .flags = TF_OPTIONAL, .description = "How long operations take."),
    TF_END,
};
static const struct tf_model block_model = TF_MODEL(struct toy_block, block_rows);

static bool toy_configure(struct tf_call *call, const void *config, void **out_provider, struct err *err)
{
    const struct toy_block *block = config;
    (void)call;
    if (str_equal(tf_text(block->prefix, STR("")), STR("refused")))
        return err_set(err, ERR_DENIED, "this prefix is refused");
    struct toy *toy = mem_alloc(sizeof(*toy));
    toy->prefix = tf_text(block->prefix, STR("toy-"));
    toy->delay_ms = block->delay_ms.state == TF_KNOWN ? block->delay_ms.value : 0;
    *out_provider = toy;
    return true;
}

static const struct tf_resource *const resources[] = { &toy_thing_resource, NULL };
static const struct tf_data_source *const data_sources[] = { &toy_echo_data_source, NULL };
static const struct tf_function *const functions[] = { &join_function, &split_function, NULL };

static const struct tf_build build = {
    .commit = "0123456789abcdef",
    .libraries = (const struct tf_library[]){ { "one", "1.0-1+deb12u1" }, { "two", "2~rc1" }, { 0 } },
};

const struct tf_provider toy_provider = {
    .address = "registry.terraform.io/tests/toy",
    .name = "toy",
    .purpose = "serves the tests of the runtime",
    .description = "A provider for tests.",
    .build = &build,
    .model = &block_model,
    .configure = toy_configure,
    .release = mem_free,
    .resources = resources,
    .data_sources = data_sources,
    .functions = functions,
};
