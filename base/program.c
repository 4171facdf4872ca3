/* SPDX-License-Identifier: MPL-2.0 */
#include "base/program.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/linux/child.h"
#include "base/linux/error_text.h"
#include "base/linux/pollable.h"

enum {
    CHUNK_BYTES = 4096,
    PIPE_BYTES = 64 * 1024, /* what a pipe holds, pipe(7): so much can be left when the program has ended */
    ASK_MS = 20,            /* between two questions whether it has ended, where poll cannot say it */
    PATIENCE_MS = 80        /* of who stops it, so that it can leave the terminal as it was: with echo */
};

/* What comes out of a pipe. */
struct drain {
    int pipe; /* -1: at its end */
    char *bytes;
    size_t count, capacity;
    bool keeps_end; /* else the beginning */
    bool is_cut;
};

/* A run, in two threads: this module's reads, the caller's waits. */
struct run {
    struct os_child child;
    struct drain output, errors;
    int leave; /* an event: nobody waits any longer */
    struct waiter *waiter;
    atomic_bool is_over; /* set by the reading thread, at its end */
    bool was_left;
    bool is_alive; /* and could not be killed */
    int status;    /* of waitpid */
};

/* ---- Reading ---------------------------------------------------------------- */

/* Where the end is what counts: makes room for `added`. */
static void forget_beginning(struct drain *drain, size_t added)
{
    const size_t kept = added < drain->capacity ? drain->capacity - added : 0;
    if (drain->count <= kept)
        return;
    memmove(drain->bytes, drain->bytes + drain->count - kept, kept);
    drain->count = kept;
    drain->is_cut = true;
}

static void add(struct drain *drain, struct str text)
{
    if (drain->keeps_end)
        forget_beginning(drain, text.len);
    const size_t room = drain->capacity - drain->count;
    if (text.len > room) {
        text = drain->keeps_end ? str_slice(text, text.len - room, text.len) : str_slice(text, 0, room);
        drain->is_cut = true;
    }
    memcpy(drain->bytes + drain->count, text.ptr, text.len);
    drain->count += text.len;
}

/* Takes what is there, but no more than a pipe holds: somebody may write without end. */
static void read_some(struct drain *drain)
{
    char chunk[CHUNK_BYTES];
    for (size_t taken = 0; drain->pipe >= 0 && taken < PIPE_BYTES && !(drain->is_cut && !drain->keeps_end);) {
        ssize_t count = read(drain->pipe, chunk, sizeof(chunk));
        if (count > 0) {
            add(drain, (struct str){ chunk, (size_t)count });
            taken += (size_t)count;
        } else if (count == 0 || (errno != EAGAIN && errno != EINTR)) {
            close(drain->pipe);
            drain->pipe = -1;
        } else if (errno == EAGAIN)
            break;
    }
    mem_wipe(chunk, sizeof(chunk));
}

static void wait_for_news(const struct run *run)
{
    struct pollfd news[] = {
        { .fd = run->output.pipe, .events = POLLIN },
        { .fd = run->errors.pipe, .events = POLLIN },
        { .fd = run->child.end,   .events = POLLIN },
        { .fd = run->leave,       .events = POLLIN },
    };
    (void)poll(news, ARRAY_LENGTH(news), run->child.end < 0 ? ASK_MS : -1);
}

static bool is_left(const struct run *run)
{
    struct pollfd left = { .fd = run->leave, .events = POLLIN };
    return poll(&left, 1, 0) == 1;
}

static void read_to_end(struct run *run)
{
    for (;;) {
        wait_for_news(run);
        run->was_left = is_left(run);
        const bool has_ended = !run->was_left && os_child_has_ended(&run->child, &run->status);
        read_some(&run->output);
        read_some(&run->errors);
        if (has_ended)
            return;
        if (run->was_left || run->output.is_cut) {
            run->is_alive = !os_child_end(&run->child, PATIENCE_MS);
            return;
        }
    }
}

static void *run_reader(void *argument)
{
    struct run *run = argument;
    read_to_end(run);
    atomic_store(&run->is_over, true);
    waiter_wake(run->waiter);
    return NULL;
}

/* ---- Start ------------------------------------------------------------------ */

static int start_by_path(struct arena *arena, const struct program_options *options, int output, int errors,
                         struct os_child *out)
{
    const struct str name = str_from(options->words[0]);
    struct str folder, rest = env_get(&options->env, "PATH", STR("/usr/local/bin:/usr/bin:/bin"));
    int failure = ENOENT;
    if (str_is_empty(name) || str_find_char(name, '/') >= 0)
        return os_child_start(options->words[0], options->words, options->env.entries, output, errors, out);
    while (str_next(&rest, ':', &folder)) {
        const struct str path = str_format(arena, "%.*s%s%.*s", STR_ARG(folder), folder.len ? "/" : "", STR_ARG(name));
        const int tried = os_child_start(path.ptr, options->words, options->env.entries, output, errors, out);
        if (tried == EACCES)
            failure = tried; /* unless another folder has it */
        else if (tried != ENOENT && tried != ENOTDIR)
            return tried;
    }
    return failure;
}

static bool refuse_start(int failure, struct err *err)
{
    enum err_kind kind = ERR_IO;
    if (failure == ENOENT || failure == ENOTDIR)
        kind = ERR_NOT_FOUND;
    else if (failure == EACCES || failure == EPERM)
        kind = ERR_DENIED;
    else if (failure == ENOEXEC || failure == E2BIG)
        kind = ERR_INVALID;
    return err_set(err, kind, "cannot be started (%s)", os_error_text(failure));
}

static bool start(struct arena *arena, const struct program_options *options, struct run *run, struct err *err)
{
    int output = -1, errors = -1, failure = 0;
    if (os_pipe_open(&run->output.pipe, &output) < 0 || os_pipe_open(&run->errors.pipe, &errors) < 0)
        failure = errno;
    if (!failure)
        failure = start_by_path(arena, options, output, errors, &run->child);
    if (output >= 0)
        close(output);
    if (errors >= 0)
        close(errors);
    return !failure || refuse_start(failure, err);
}

/* Signals are for the threads that expect them. */
static bool start_reader(struct run *run, pthread_t *out, struct err *err)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const int failure = pthread_create(out, NULL, run_reader, run);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return !failure || err_set(err, ERR_IO, "a thread cannot be started (%s)", os_error_text(failure));
}

/* ---- The whole -------------------------------------------------------------- */

/* Without a line whose beginning is missing: half a key does not look like one. */
static struct str text_of(const struct drain *drain)
{
    const struct str text = { drain->bytes, drain->count };
    if (!drain->is_cut || !drain->keeps_end)
        return text;
    const ptrdiff_t first = str_find_char(text, '\n');
    return str_slice(text, first < 0 ? text.len : (size_t)first + 1, text.len);
}

static void take_outcome(const struct run *run, struct program_outcome *out)
{
    *out = (struct program_outcome){ .end = PROGRAM_EXITED,
                                     .is_left = run->is_alive,
                                     .output = text_of(&run->output),
                                     .errors = text_of(&run->errors) };
    if (run->was_left)
        out->end = PROGRAM_TOO_LONG;
    else if (run->output.is_cut)
        out->end = PROGRAM_TOO_MUCH;
    else if (WIFSIGNALED(run->status)) {
        out->end = PROGRAM_KILLED;
        out->code = WTERMSIG(run->status);
    } else
        out->code = WEXITSTATUS(run->status);
}

static bool watch(struct run *run, int64_t until_ms, struct err *err)
{
    pthread_t reader;
    enum waiter_result woke = WAITER_WOKEN;
    if (!start_reader(run, &reader, err)) {
        (void)os_child_end(&run->child, 0);
        return false;
    }
    while (woke == WAITER_WOKEN && !atomic_load(&run->is_over))
        woke = waiter_wait(run->waiter, until_ms);
    os_event_set(run->leave);
    pthread_join(reader, NULL);
    return woke != WAITER_CANCELLED || err_set(err, ERR_CANCELLED, "stopped while the program ran%s",
                                               run->is_alive ? "; it could not be killed and goes on" : "");
}

static void clear(const struct run *run)
{
    const int descriptors[] = { run->output.pipe, run->errors.pipe, run->leave };
    for (size_t i = 0; i < ARRAY_LENGTH(descriptors); i++)
        if (descriptors[i] >= 0)
            close(descriptors[i]);
}

bool program_run(struct arena *arena, const struct program_options *options, struct waiter *waiter, int64_t until_ms,
                 struct program_outcome *out, struct err *err)
{
    struct run run = {
        .child = { .end = -1 },
        .output = { .pipe = -1,
                  .bytes = arena_alloc(arena, options->output_max_bytes),
                  .capacity = options->output_max_bytes },
        .errors = { .pipe = -1,
                  .bytes = arena_alloc(arena, options->errors_max_bytes),
                  .capacity = options->errors_max_bytes,
                  .keeps_end = true },
        .leave = os_event_open(),
        .waiter = waiter,
    };
    bool is_done = run.leave >= 0 || err_set(err, ERR_IO, "no event (%s)", os_error_text(errno));
    is_done = is_done && start(arena, options, &run, err) && watch(&run, until_ms, err);
    if (is_done)
        take_outcome(&run, out);
    clear(&run);
    return is_done;
}
