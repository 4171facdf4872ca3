/* SPDX-License-Identifier: MPL-2.0
 *
 * A struct tf_call as the runtime makes one, for tests of hooks and of the
 * runtime's own parts: an arena, a waiter, a connection of its own, and what
 * was said and replaced, as text to compare with.
 */
#ifndef TESTS_SUPPORT_FAKE_CALL_H
#define TESTS_SUPPORT_FAKE_CALL_H

#include "plugin/runtime/provider.h"

struct fake_call;

/* `provider` and `model` may be NULL (then paths are lost); `clock` NULL is the world's. All are kept. */
struct fake_call *fake_call_new(const struct tf_provider *provider, const struct tf_model *model,
                                const struct clock *clock);
void fake_call_free(struct fake_call *fake); /* accepts NULL */

/* Lives as long as the fake; its members may be set by the test. */
struct tf_call *fake_call_of(struct fake_call *fake);

/* As in a plan hook: equal warnings about the same bytes are given once. */
void fake_call_in_plan(struct fake_call *fake, struct str about);
/* The next call of the same connection: nothing said yet, but warnings are remembered. */
void fake_call_again(struct fake_call *fake);

/* "error name: Summary: detail\nwarning: Summary: detail\n"; in the arena. */
const char *fake_call_said(struct fake_call *fake);
/* "name\npart[0].name\n" */
const char *fake_call_replaced(struct fake_call *fake);

#endif
