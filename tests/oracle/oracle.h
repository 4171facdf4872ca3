/* SPDX-License-Identifier: MPL-2.0
 *
 * What the commands of aws_oracle have in common: values are read from stdin and
 * written to stdout as netstrings. What is not understood ends the program.
 */
#ifndef TESTS_ORACLE_ORACLE_H
#define TESTS_ORACLE_ORACLE_H

#include "aws/http/message.h"

void complain(const char *what) __attribute__((noreturn));
struct str must_read(struct arena *arena);
int64_t must_read_number(struct arena *arena);
/* N (NAME VALUE)*N */
struct http_header *read_pairs(struct arena *arena, size_t *out_count);
void write_value(struct str value);
void write_count(struct arena *arena, size_t count);

/* ---- credentials_oracle.c ---- */

void oracle_profile(struct arena *arena);
void oracle_services(struct arena *arena);
void oracle_resolve(struct arena *arena);

#endif
