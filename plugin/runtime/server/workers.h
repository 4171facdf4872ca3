/* SPDX-License-Identifier: MPL-2.0
 *
 * Threads that run jobs, started as they are needed and ended when they have
 * had nothing to do for a while. Jobs beyond the maximum wait in order. Any
 * thread may submit; submitting never blocks on a job.
 */
#ifndef PLUGIN_RUNTIME_SERVER_WORKERS_H
#define PLUGIN_RUNTIME_SERVER_WORKERS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"

struct workers;

/* Inside the submitter's object, which outlives the run. */
struct job {
    struct job *next;
    void (*run)(void *argument);
    void *argument;
};

struct workers *workers_new(size_t threads_max, size_t stack_bytes, int linger_ms);
/* Waits until every submitted job has run. Accepts NULL. */
void workers_free(struct workers *workers);

/* False, and the job is not taken, when there is no thread and none can be started. */
MUST_USE bool workers_submit(struct workers *workers, struct job *job);

#endif
