/* SPDX-License-Identifier: MPL-2.0
 *
 * The whole contract between the runtime and a provider. A provider is a const
 * table: its configuration block, resources, data sources and functions, each
 * with a C struct whose members are described by rows (struct tf_attribute).
 * From the rows the runtime derives schema, decoding, validation, planning,
 * encoding and error paths; a resource writes its own straight-line, blocking
 * operations and nothing of the protocol.
 *
 * The runtime knows no type names and no remote service.
 */
#ifndef PLUGIN_RUNTIME_PROVIDER_H
#define PLUGIN_RUNTIME_PROVIDER_H

#include "base/env.h"
#include "base/err.h"
#include "base/log.h"
#include "base/waiter.h"
#include "plugin/runtime/value.h"

/* ---- A call --------------------------------------------------------------- */

/* One RPC in progress, owned by the runtime. Everything a handler allocates in
 * `arena` is gone when the call ends. */
struct tf_call {
    struct arena *arena;
    struct waiter *waiter;           /* cancelled by StopProvider and when the host is gone */
    struct log *log;                 /* carries rpc, type name and request id */
    const struct env *env;           /* of the process, as it was at start */
    void *provider;                  /* what tf_provider.configure made; NULL in an unconfigured call */
    struct tf_call_private *private; /* diagnostics, replaced paths, connection */
};

/* Diagnostics. `path` names an argument: "kms_key_id", "timeouts.create",
 * "assume_role[0].role_arn", "tags[\"Name\"]"; NULL is the whole block. It ends
 * at a set. `summary` is one short sentence, the rest the detail, whose
 * paragraphs are separated by blank lines. In a plan hook an equal warning is
 * given once per connection, since core calls the hook up to three times. */
void tf_warn(struct tf_call *call, const char *path, const char *summary, const char *format, ...) PRINTF_LIKE(4, 5);
void tf_error(struct tf_call *call, const char *path, const char *summary, const char *format, ...) PRINTF_LIKE(4, 5);
/* Reports an err: its text, where it came from, and its remedy, which tf_provider.explain may add. */
void tf_report(struct tf_call *call, const char *summary, struct err *err);
bool tf_has_errors(const struct tf_call *call);
/* Plan hooks only: a change of this argument cannot be made in place. */
void tf_replace(struct tf_call *call, const char *path);

/* ---- Models --------------------------------------------------------------- */

enum tf_kind {
    TF_STRING,
    TF_BOOL,
    TF_INT64,
    TF_STRING_LIST,
    TF_STRING_SET,
    TF_STRING_MAP,
    TF_BLOCK_SINGLE,
    TF_BLOCK_LIST,
    TF_BLOCK_SET
};

enum tf_flag {
    TF_REQUIRED = 1 << 0,
    TF_OPTIONAL = 1 << 1,
    TF_COMPUTED = 1 << 2,
    TF_SENSITIVE = 1 << 3,
    TF_FORCE_NEW = 1 << 4, /* a change (by `equal`) replaces the object */
    TF_STABLE = 1 << 5     /* computed: an update keeps the prior value instead of planning unknown */
};

struct tf_attribute;

struct tf_model {
    const struct tf_attribute *attributes; /* ended by TF_END */
    size_t size;                           /* sizeof the struct that the rows tile */
};

struct tf_attribute {
    const char *name; /* of the attribute and of the member */
    enum tf_kind kind;
    size_t offset;
    size_t size;
    unsigned flags;
    const struct tf_model *element; /* blocks: the rows of one item */
    int64_t min_items, max_items;   /* list and set blocks; max 0 = no limit */
    /* Known values only. Reports through tf_error with the path it is given. */
    void (*validate)(struct tf_call *call, const char *path, const void *member);
    /* Do two known, different texts denote the same? Pure. Then the prior
     * spelling is planned and nothing changes. NULL: only equal texts do. */
    bool (*equal)(const void *prior_member, const void *configured_member);
    /* Markdown. NULL: an optional argument that is accepted and ignored; the pages leave it out. */
    const char *description;
    const char *deprecation;
};

#define TF_KIND(type, member)                                                                                          \
    _Generic(((type *)0)->member,                                                                                      \
        struct tf_string: TF_STRING,                                                                                   \
        struct tf_bool: TF_BOOL,                                                                                       \
        struct tf_int64: TF_INT64,                                                                                     \
        struct tf_string_list: TF_STRING_LIST,                                                                         \
        struct tf_string_set: TF_STRING_SET,                                                                           \
        struct tf_string_map: TF_STRING_MAP)

#define TF_ATTR(type, member, ...)                                                                                     \
    { .name = #member,                                                                                                 \
      .kind = TF_KIND(type, member),                                                                                   \
      .offset = offsetof(type, member),                                                                                \
      .size = sizeof(((type *)0)->member),                                                                             \
      __VA_ARGS__ }

/* A block whose items are `element_type` (checked against the member) with the
 * rows of `element_model`. */
#define TF_BLOCK(type, member, block_kind, element_type, element_model, ...)                                           \
    { .name = #member,                                                                                                 \
      .kind = (block_kind),                                                                                            \
      .offset = offsetof(type, member),                                                                                \
      .size = sizeof(((type *)0)->member),                                                                             \
      .element = _Generic(((type *)0)->member.items, element_type *: (element_model)),                                 \
      __VA_ARGS__ }

#define TF_END { .name = NULL }

#define TF_MODEL(type, rows) { .attributes = (rows), .size = sizeof(type) }

/* ---- Resources ------------------------------------------------------------ */

/* A plan that the runtime has computed generically and a hook refines: missing
 * inputs are null, re-spelled arguments keep their prior text, computed values
 * are prior, or unknown on create and (unless TF_STABLE) when something
 * changes. The hook may change computed members of `planned`, call tf_replace
 * and report warnings and errors. */
struct tf_plan {
    const void *config; /* NULL when destroying */
    const void *prior;  /* NULL when creating (also the second call of a replacement, and tainted objects) */
    void *planned;      /* NULL when destroying */
    bool destroy;
    /* Reaches the apply of this plan, including the delete that begins a
     * destroy-then-create replacement. Empty unless set. */
    struct str note;
    /* Core plans a change once more inside its apply. Hosts from Terraform 1.16 on say so:
     * they hand over the note of the first plan (protocol 6.11, store_planned_private). */
    bool hands_over_notes;
    struct str first_note;
};

/* Apply. Returning true stores `state` (null after a delete). Returning false
 * reports the error and keeps the prior state (nothing after a create) unless
 * `keep_state` is set. Afterwards, in either case, members that were planned
 * known hold the planned value unless an error is reported, and members left
 * unknown become null. Core taints an object whose create ends with an error
 * and a state. */
struct tf_apply {
    const void *config;  /* NULL when deleting */
    const void *prior;   /* NULL when creating */
    const void *planned; /* NULL when deleting */
    void *state;         /* begins as a copy of planned, of prior when deleting */
    bool keep_state;
    const char *summary; /* of the error that is reported; NULL: "The object cannot be created" and the like */
    struct str note;     /* tf_plan.note of the plan that led here */
};

struct tf_read {
    const void *prior;
    void *state; /* begins as a copy of prior */
    bool gone;   /* set: the object no longer exists */
};

/* A `moved` block from another type, of this or another provider. */
struct tf_move {
    const char *source_provider; /* "hashicorp/aws", of any registry */
    const char *source_type;     /* NULL ends a table */
    struct tf_model source;      /* what is needed of its state, by its names; the rest is skipped */
    /* Unconfigured. Fills what a following read needs; the rest stays null. */
    bool (*run)(struct tf_call *call, const void *source, void *state, struct err *err);
};

struct tf_resource {
    const char *type_name; /* "snapshot_share" */
    const char *description;
    int64_t version;
    struct tf_model model;
    /* Each may be NULL: nothing to do, or (import) not offered. */
    void (*validate)(struct tf_call *call, const void *config);
    bool (*plan)(struct tf_call *call, struct tf_plan *plan, struct err *err);
    bool (*create)(struct tf_call *call, struct tf_apply *apply, struct err *err);
    bool (*read)(struct tf_call *call, struct tf_read *read, struct err *err);
    bool (*update)(struct tf_call *call, struct tf_apply *apply, struct err *err);
    bool (*delete)(struct tf_call *call, struct tf_apply *apply, struct err *err);
    /* Fills what a following read needs; the rest stays null. */
    bool (*import)(struct tf_call *call, struct str id, void *state, struct err *err);
    const struct tf_move *moves; /* NULL: none */
};

struct tf_data_source {
    const char *type_name;
    const char *description;
    struct tf_model model;
    void (*validate)(struct tf_call *call, const void *config);
    bool (*read)(struct tf_call *call, const void *config, void *state /* begins as a copy of config */,
                 struct err *err);
};

/* Pure, unconfigured. Parameters in the order of the rows, all required; a row
 * with TF_OPTIONAL accepts null. A result of one row is that value, of several
 * an object. An err whose path is a parameter's name points at that argument. */
struct tf_function {
    const char *name;
    const char *summary;
    const char *description;
    struct tf_model parameters;
    struct tf_model result;
    bool (*run)(struct tf_call *call, const void *parameters, void *result, struct err *err);
};

/* ---- Provider ------------------------------------------------------------- */

struct tf_library {
    const char *name; /* NULL ends a table */
    const char *version;
};

/* What a binary was made of. */
struct tf_build {
    const char *commit;
    const struct tf_library *libraries;
};

struct tf_provider {
    const char *address; /* "registry.terraform.io/rds-snapshot/snapshot" */
    const char *name;    /* "snapshot": the binary is terraform-provider-<name> */
    const char *purpose; /* one sentence, for a person who starts the binary by hand */
    const char *description;
    const char *notes;            /* Markdown, between the example and the schema of the reference; NULL: none */
    const struct tf_build *build; /* for --version; NULL: unknown */
    const struct tf_model *model; /* of the configuration block; may be another library's */
    void (*validate)(struct tf_call *call, const void *config);
    /* Prepares the libraries beneath: once, before the first thread. May be NULL. */
    bool (*start)(struct err *err);
    /* Makes what tf_call.provider is for the rest of the connection; `config`
     * may hold unknown values and lives as long as the result. Resolves nothing
     * yet: the first call that needs it does. */
    bool (*configure)(struct tf_call *call, const void *config, void **out_provider, struct err *err);
    void (*release)(void *provider);
    /* Adds what the user can do about an error that tf_report is about to report, unless it says so. May be NULL. */
    void (*explain)(struct err *err);
    const struct tf_resource *const *resources; /* ended by NULL, like the next two */
    const struct tf_data_source *const *data_sources;
    const struct tf_function *const *functions;
};

/* ---- Commands ------------------------------------------------------------- */

/* What a person may ask of the binary: `terraform-provider-NAME COMMAND OPTIONS`. */

/* `--name VALUE` or `--name=VALUE` for a text, `--name` for a flag; null when it is not given. */
struct tf_option {
    const char *name;  /* of the option and of the member; NULL ends a table */
    const char *value; /* what the help calls the value, "NAME"; NULL for a flag */
    enum tf_kind kind; /* TF_STRING or TF_BOOL */
    size_t offset;
    const char *description; /* one line, for the help */
};

#define TF_OPTION(type, member, value_name, text)                                                                      \
    { .name = #member,                                                                                                 \
      .value = (value_name),                                                                                           \
      .kind = TF_KIND(type, member),                                                                                   \
      .offset = offsetof(type, member),                                                                                \
      .description = (text) }

/* Exit codes, for scripts. */
enum tf_exit { TF_EXIT_DONE, TF_EXIT_FAILED, TF_EXIT_USAGE };

struct tf_command {
    const char *name;    /* NULL ends a table */
    const char *summary; /* one line, for the list of commands */
    const char *description;
    const struct tf_option *options;
    size_t options_size; /* sizeof the struct that the rows fill, which may hold nothing else */
    /* `*out_text` goes to standard output, whatever the exit code; empty: nothing. Diagnostics of
     * the call that are still there go to standard error. */
    enum tf_exit (*run)(struct tf_call *call, const void *options, struct str *out_text);
};

/* For commands, which nobody configures: what a host does before the first call.
 * `config` is a struct of tf_provider.model and lives as long as the call. The
 * first reports through tf_error and is false when there are errors; after the
 * second tf_call.provider is what tf_provider.configure made. */
MUST_USE bool tf_validate(struct tf_call *call, const void *config);
MUST_USE bool tf_configure(struct tf_call *call, const void *config, struct err *err);

struct tf_diagnostic {
    bool is_error;
    struct str summary, detail;
    struct str path; /* empty: the whole block */
};

/* Moves out what the call has reported so far; in its arena. */
size_t tf_take_diagnostics(struct tf_call *call, struct tf_diagnostic **out);

/* main() of a provider's binary. `commands` may be NULL. Returns the exit code. */
int tf_main(const struct tf_provider *provider, const struct tf_command *commands, int argc, char **argv);

#endif
