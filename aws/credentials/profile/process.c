/* SPDX-License-Identifier: MPL-2.0
 *
 * credential_process: a program of the user prints keys (AWS SDKs and Tools reference, "Process credential
 * provider"). It has the user's environment, working folder and terminal, and a minute. What it prints to standard
 * output is in no error and no log.
 *
 * Two traces of the plugin reach it. Its core files are off until it raises the limit itself
 * (plugin/runtime/process/crash.h). It has no GRPC_* and no SSLKEYLOGFILE: the plugin has dropped them for its own
 * libraries (plugin/runtime/serve.c).
 */
#include <string.h>

#include "aws/credentials/document.h"
#include "aws/credentials/profile/command_line.h"
#include "aws/credentials/profile/way.h"
#include "base/program.h"

enum {
    OUTPUT_MAX_BYTES = 64 * 1024,
    ERRORS_MAX_BYTES = 4 * 1024,
    ERRORS_SHOWN_BYTES = 1200, /* an error's text has room for little more */
    LIMIT_MS = MINUTE_MS,      /* as in aws-sdk-go-v2 */
    KEY_BYTES = 40,            /* of a secret access key; tokens are longer */
    KEY_ID_BYTES = 16,
    PART_BYTES = 16 /* so much that is in both outputs is no chance */
};

struct process_source {
    struct arena *arena;
    const struct aws_credentials_doors *doors;
    const char *const *words;
    const char *whole[2]; /* the command as one word: a path with blanks, whose quotes the config file took; or none */
    const char *program;  /* the first of `words`, for messages */
    const char *label;    /* credential_process of the profile "x" (/f, line 3) */
    bool is_for_shell;    /* the command has signs that only a shell understands */
};

/* ---- What may be shown ------------------------------------------------------ */

static bool is_upper_or_digit(char character)
{
    return (character >= 'A' && character <= 'Z') || (character >= '0' && character <= '9');
}

/* Of the alphabets of base64. */
static bool is_of_key(char character)
{
    return is_upper_or_digit(character) || (character >= 'a' && character <= 'z') ||
           (character && strchr("+/=_-", character));
}

static bool has_key_id(struct str run)
{
    for (size_t at = 0; at + KEY_ID_BYTES <= run.len; at++) {
        const struct str rest = str_slice(run, at, run.len);
        size_t length = 0;
        if (!str_starts_with(rest, STR("AKIA")) && !str_starts_with(rest, STR("ASIA")))
            continue;
        while (length < rest.len && is_upper_or_digit(rest.ptr[length]))
            length++;
        if (length >= KEY_ID_BYTES)
            return true;
    }
    return false;
}

/* A path is as long, but seldom has all three. */
static bool is_like_secret(struct str run)
{
    bool has_upper = false, has_lower = false, has_digit = false;
    for (size_t i = 0; i < run.len; i++) {
        has_upper |= run.ptr[i] >= 'A' && run.ptr[i] <= 'Z';
        has_lower |= run.ptr[i] >= 'a' && run.ptr[i] <= 'z';
        has_digit |= run.ptr[i] >= '0' && run.ptr[i] <= '9';
    }
    return run.len >= KEY_BYTES && has_upper && has_lower && has_digit;
}

static bool is_partly_in(struct str run, struct str output)
{
    for (size_t at = 0; at + PART_BYTES <= run.len; at++)
        if (str_find(output, str_slice(run, at, at + PART_BYTES)) >= 0)
            return true;
    return false;
}

/* Each run of characters that keys are made of is judged. */
static bool may_hold_secret(struct str errors, struct str output)
{
    for (size_t at = 0; at < errors.len; at++) {
        const size_t from = at;
        while (at < errors.len && is_of_key(errors.ptr[at]))
            at++;
        const struct str run = str_slice(errors, from, at);
        if (has_key_id(run) || is_like_secret(run) || is_partly_in(run, output))
            return true;
    }
    return false;
}

/* " It said: ...", or nothing. */
static struct str describe_errors(struct arena *arena, const struct program_outcome *outcome)
{
    struct str text = str_trim(outcome->errors);
    const char *dots = "";
    if (str_is_empty(text))
        return STR("");
    if (may_hold_secret(text, outcome->output))
        return STR(". What it wrote to standard error is not shown: a part of it looks like a key, or like a part of "
                   "what it wrote to standard output");
    if (text.len > ERRORS_SHOWN_BYTES) {
        text = str_slice(text, text.len - ERRORS_SHOWN_BYTES, text.len);
        dots = "...";
    }
    text = str_printable(arena, text);
    return str_format(arena, ". It wrote to standard error:\n\n%s%.*s", dots, STR_ARG(text));
}

/* ---- What it came to -------------------------------------------------------- */

static const char document_advice[] =
    "It must write one JSON object to standard output and end with status 0: {\"Version\": 1, \"AccessKeyId\": "
    "\"...\", "
    "\"SecretAccessKey\": \"...\", \"SessionToken\": \"...\", \"Expiration\": \"2026-01-31T12:00:00Z\"}. The last two "
    "may be missing.";
static const char shell_advice[] =
    "The command is started without a shell: variables, patterns, pipes and redirections mean nothing in it. Where it "
    "needs them, write credential_process = sh -c '...'.";

/* False. */
static bool refuse(const struct process_source *source, const char *remedy, struct err *err)
{
    if (remedy)
        err_set_remedy(err, "%s", remedy);
    if (source->is_for_shell)
        err_add_remedy(err, "%s", shell_advice);
    return err_wrap(err, "%s", source->label);
}

static bool refuse_start(const struct process_source *source, struct err *err)
{
    const bool is_path = strchr(source->program, '/') != NULL;
    const char *remedy = NULL;
    if (err->kind == ERR_NOT_FOUND) {
        /* ERR_INVALID: a chain must not go on to the next source */
        err_set(err, ERR_INVALID, "there is no program \"%s\"%s", source->program,
                is_path ? ", or the interpreter that its first line names does not exist"
                        : " in the folders that PATH names");
        remedy = "Give the full path of the program; quote it where it has blanks.";
    } else if (err->kind == ERR_DENIED) {
        err_set(err, ERR_INVALID, "\"%s\" exists, and this user has no permission to execute it", source->program);
        remedy = "Make it executable (chmod +x), and check that its file system is not mounted noexec.";
    } else if (err->kind == ERR_INVALID) {
        err_wrap(err, "\"%s\"", source->program);
        remedy = "A script needs a first line that names its interpreter: #!/bin/sh.";
    } else
        return err_wrap(err, "%s: \"%s\"", source->label, source->program);
    return refuse(source, remedy, err);
}

/* The end of one that was killed, or should have been. */
static bool refuse_killed(const struct process_source *source, const struct program_outcome *outcome,
                          const char *remedy, struct err *err)
{
    (void)refuse(source, remedy, err);
    if (outcome->is_left)
        err_add_remedy(err, "It may still be running: it became another user's, as sudo does, or the system holds it.");
    return false;
}

static bool check_end(const struct process_source *source, const struct aws_credentials_call *call,
                      const struct program_outcome *outcome, struct err *err)
{
    const struct str said = describe_errors(call->arena, outcome);
    const char *fate = outcome->is_left ? "could not be killed" : "was killed";
    switch (outcome->end) {
    case PROGRAM_TOO_LONG:
        err_set(err, ERR_IO, "\"%s\" had not ended after %d s and %s%.*s", source->program, LIMIT_MS / SECOND_MS, fate,
                STR_ARG(said));
        return refuse_killed(source, outcome,
                             "A program that waits for somebody must say so on the terminal (/dev/tty): its standard "
                             "input is empty, and its standard error is read here.",
                             err);
    case PROGRAM_TOO_MUCH:
        err_set(err, ERR_IO, "\"%s\" wrote more than %d KiB to standard output and %s%.*s", source->program,
                OUTPUT_MAX_BYTES / 1024, fate, STR_ARG(said));
        return refuse_killed(source, outcome, document_advice, err);
    case PROGRAM_KILLED:
        err_set(err, ERR_IO, "\"%s\" was ended by signal %d%.*s", source->program, outcome->code, STR_ARG(said));
        return refuse(source, NULL, err);
    case PROGRAM_EXITED:
        break;
    }
    if (outcome->code != 0) {
        err_set(err, ERR_IO, "\"%s\" ended with status %d%.*s", source->program, outcome->code, STR_ARG(said));
        return refuse(source, NULL, err);
    }
    if (str_is_empty(str_trim(outcome->output))) {
        err_set(err, ERR_IO, "\"%s\" wrote nothing to standard output%.*s", source->program, STR_ARG(said));
        return refuse(source, document_advice, err);
    }
    return true;
}

static bool check_version(const struct credentials_document *document, struct err *err)
{
    if (!document->version.present)
        return err_set(err, ERR_IO, "the document has no Version; it must be 1");
    return document->version.value == 1 || err_set(err, ERR_IO, "the document has Version %lld; only Version 1 exists",
                                                   (long long)document->version.value);
}

static bool read_keys(const struct process_source *source, const struct aws_credentials_call *call,
                      const struct program_outcome *outcome, struct aws_credentials *out, struct err *err)
{
    struct credentials_document document = { 0 };
    if (!document_read(call->arena, outcome->output, DOCUMENT_OF_PROCESS, &document, err) ||
        !check_version(&document, err))
        return refuse(source, document_advice, err);
    if (document_take(&document, DOCUMENT_OF_PROCESS, "process", source->label, out, err))
        return true;
    err_set_remedy(err, "%s", document_advice);
    return false;
}

/* ---- The run ---------------------------------------------------------------- */

/* What the host of a plugin sets for it (hashicorp/go-plugin, client.go), by their whole names: a CI system may have
 * others that begin alike. */
static bool is_of_plugin(const char *entry)
{
    static const char *const names[] = {
        "TF_PLUGIN_MAGIC_COOKIE=", "PLUGIN_PROTOCOL_VERSIONS=", "PLUGIN_MIN_PORT=",        "PLUGIN_MAX_PORT=",
        "PLUGIN_CLIENT_CERT=",     "PLUGIN_MULTIPLEX_GRPC=",    "PLUGIN_UNIX_SOCKET_DIR=", "PLUGIN_UNIX_SOCKET_GROUP=",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++)
        if (strncmp(entry, names[i], strlen(names[i])) == 0)
            return true;
    return false;
}

static struct env environment_for(const struct env *own, struct arena *arena)
{
    size_t count = 0;
    while (own->entries && own->entries[count])
        count++;
    const char **entries = arena_array(arena, count + 1, sizeof(*entries));
    for (size_t i = 0, kept = 0; i < count; i++)
        if (!is_of_plugin(own->entries[i]))
            entries[kept++] = own->entries[i];
    return (struct env){ entries };
}

static int64_t limit_of(const struct aws_credentials_call *call)
{
    const int64_t until_ms = clock_after_real_ms(waiter_clock(call->waiter), LIMIT_MS);
    return until_ms < call->deadline_ms ? until_ms : call->deadline_ms;
}

static bool run(const struct process_source *source, const struct aws_credentials_call *call,
                struct program_outcome *out, struct err *err)
{
    struct program_options options = {
        .words = source->words,
        .env = environment_for(source->doors->env, call->arena),
        .output_max_bytes = OUTPUT_MAX_BYTES,
        .errors_max_bytes = ERRORS_MAX_BYTES,
    };
    const int64_t until_ms = limit_of(call);
    CLEANUP(err_clear) struct err of_whole = { 0 };
    if (program_run(call->arena, &options, call->waiter, until_ms, out, err))
        return true;
    if (err->kind != ERR_NOT_FOUND || !source->whole[0])
        return false;
    options.words = source->whole;
    if (program_run(call->arena, &options, call->waiter, until_ms, out, &of_whole))
        return true;
    if (of_whole.kind == ERR_CANCELLED) /* else it was no path: the command as it was split is what is missing */
        err_move(err, &of_whole);
    return false;
}

static bool process_fetch(void *self, const struct aws_credentials_call *call, struct aws_credentials *out,
                          struct err *err)
{
    const struct process_source *source = self;
    struct program_outcome outcome;
    if (!run(source, call, &outcome, err))
        return refuse_start(source, err);
    log_write(call->log, LOG_DEBUG, NULL, "%s has ended: %zu bytes of standard output, %zu of standard error",
              source->label, outcome.output.len, outcome.errors.len);
    return check_end(source, call, &outcome, err) && read_keys(source, call, &outcome, out, err);
}

static void process_free(void *self)
{
    struct process_source *source = self;
    arena_free(source->arena);
    mem_free(source);
}

/* ---- From the profile ------------------------------------------------------- */

static bool is_shell(const char *program)
{
    static const char *const shells[] = { "sh", "bash", "dash", "ash", "zsh", "ksh", "mksh", "csh", "tcsh", "fish" };
    const char *slash = strrchr(program, '/');
    const char *name = slash ? slash + 1 : program;
    for (size_t i = 0; i < ARRAY_LENGTH(shells); i++)
        if (strcmp(name, shells[i]) == 0)
            return true;
    return false;
}

static bool is_for_shell(struct str text, const char *program)
{
    static const char signs[] = "$`|&;<>*?";
    if (is_shell(program))
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (strchr(signs, text.ptr[i]))
            return true;
    return false;
}

/* "/opt/my tools/keys" with quotes around all of it, which the config file takes off. */
static bool may_be_one_path(struct str text)
{
    static const char signs[] = "\"'\\";
    for (size_t i = 0; i < text.len; i++)
        if (strchr(signs, text.ptr[i]))
            return false;
    return text.ptr[0] == '/';
}

/* The one thing of a shell: under hashicorp/aws a shell runs the command, and ~/bin/program is usual. */
static const char *expand_home(struct arena *arena, const struct env *env, const char *program)
{
    struct str home;
    if (strncmp(program, "~/", 2) != 0 || !env_find(env, "HOME", &home))
        return program;
    return str_format(arena, "%.*s%s", STR_ARG(home), program + 1).ptr;
}

static bool read_command(const struct profile_opening *opening, struct process_source *source, struct err *err)
{
    struct str text = { 0 };
    struct command_line line;
    (void)aws_profile_get(opening->files, opening->profile, "credential_process", &text);
    if (!command_line_split(source->arena, text, &line, err)) {
        err_set_remedy(err, "Put a word with blanks between two \" or two ', and a backslash before a quote that is "
                            "meant as it is.");
        return false;
    }
    if (!line.count || !line.words[0][0])
        return err_set(err, ERR_INVALID, "it names no program");
    line.words[0] = expand_home(source->arena, opening->doors->env, line.words[0]);
    source->words = line.words;
    if (line.count > 1 && may_be_one_path(text))
        source->whole[0] = str_c(source->arena, text);
    const struct str shown = str_printable(source->arena, str_from(line.words[0]));
    source->program = str_c(source->arena, shown);
    source->is_for_shell = is_for_shell(text, line.words[0]);
    return true;
}

bool profile_open_process(const struct profile_opening *opening, struct aws_credentials_source *out, struct err *err)
{
    struct process_source *source = mem_alloc(sizeof(*source));
    source->arena = arena_new();
    source->doors = opening->doors;
    source->label = str_c(source->arena, str_from(profile_key_label(opening, "credential_process")));
    if (!read_command(opening, source, err)) {
        err_wrap(err, "%s", source->label);
        process_free(source);
        return false;
    }
    *out = (struct aws_credentials_source){ .fetch = process_fetch, .free = process_free, .self = source };
    return true;
}
