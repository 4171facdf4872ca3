/* SPDX-License-Identifier: MPL-2.0
 *
 * Looks a msgpack value over before the unpacker allocates for it: every form
 * is complete, no length exceeds the bytes that are left, nesting and the
 * number of items stay within limits.h, and nothing follows the value.
 */
#ifndef PLUGIN_RUNTIME_MODEL_MSGPACK_CHECK_H
#define PLUGIN_RUNTIME_MODEL_MSGPACK_CHECK_H

#include "base/str.h"

MUST_USE bool msgpack_check(struct str bytes, struct err *err);

#endif
