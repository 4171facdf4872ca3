/* SPDX-License-Identifier: MPL-2.0
 *
 * Whole numbers out of the forms in which hosts write numbers: integers,
 * floating point and decimal text ("5", "-3.0", "1e3"). Nothing is rounded: a
 * fraction, or what does not fit 64 bits, is ERR_INVALID.
 */
#ifndef PLUGIN_RUNTIME_MODEL_NUMBER_H
#define PLUGIN_RUNTIME_MODEL_NUMBER_H

#include "base/str.h"

MUST_USE bool number_from_text(struct str text, int64_t *out, struct err *err);
MUST_USE bool number_from_double(double value, int64_t *out, struct err *err);
MUST_USE bool number_from_uint64(uint64_t value, int64_t *out, struct err *err);

#endif
