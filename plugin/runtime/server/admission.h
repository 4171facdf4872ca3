/* SPDX-License-Identifier: MPL-2.0
 *
 * Which accepted calls may have their request read. How large a request is
 * shows only when it has arrived, so each that is being read counts as the
 * largest possible; together with those that have arrived they stay within the
 * budget, and the others wait unread, in order. A request that dawdles
 * (READING_PATIENCE_MS) no longer counts until it is there: a peer that sends
 * half a request holds up nobody.
 *
 * Knows no transport and no time: the caller tells both. Any thread.
 */
#ifndef PLUGIN_RUNTIME_SERVER_ADMISSION_H
#define PLUGIN_RUNTIME_SERVER_ADMISSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct admission;

/* Inside the call's own object; zero to begin with. */
struct admission_entry {
    struct admission_entry *next;
    int64_t since_ms;
    size_t bytes;
    bool counts; /* as being read */
};

struct admission *admission_new(size_t message_max_bytes, size_t budget_bytes, int64_t patience_ms);
void admission_free(struct admission *admission); /* accepts NULL */

/* Puts the entry at the end of the line. */
void admission_ask(struct admission *admission, struct admission_entry *entry);
/* The next entry whose request is to be read now, or NULL; ask until NULL after
 * each of the other calls. */
struct admission_entry *admission_next(struct admission *admission, int64_t now_ms);
void admission_arrived(struct admission *admission, struct admission_entry *entry, size_t bytes);
/* The request's memory is gone. */
void admission_done(struct admission *admission, struct admission_entry *entry);
/* When admission_next is worth another try without any event; INT64_MAX: never. */
int64_t admission_look_again_ms(struct admission *admission);

#endif
