/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/runtime/model/msgpack_check.h"

#include "plugin/runtime/limits.h"

/* What follows the first byte of a form: a big-endian length of so many bytes,
 * so many fixed bytes, and then `length` units. */
enum unit { NOTHING, BYTES, ITEMS, PAIRS, INVALID };

struct form {
    unsigned char length_bytes;
    unsigned char fixed_bytes;
    unsigned char unit;
};

/* https://github.com/msgpack/msgpack/blob/master/spec.md, forms 0xc0 to 0xdf */
static const struct form forms[] = {
    [0x00] = { 0, 0,  NOTHING }, /* nil */
    [0x01] = { 0, 0,  INVALID }, /* never used */
    [0x02] = { 0, 0,  NOTHING }, /* false */
    [0x03] = { 0, 0,  NOTHING }, /* true */
    [0x04] = { 1, 0,  BYTES   }, /* bin 8, 16, 32 */
    [0x05] = { 2, 0,  BYTES   },
      [0x06] = { 4, 0,  BYTES   },
      [0x07] = { 1, 1,  BYTES   }, /* ext 8, 16, 32 */
    [0x08] = { 2, 1,  BYTES   },
      [0x09] = { 4, 1,  BYTES   },
      [0x0a] = { 0, 4,  NOTHING }, /* float 32, 64 */
    [0x0b] = { 0, 8,  NOTHING },
      [0x0c] = { 0, 1,  NOTHING }, /* uint 8 to 64 */
    [0x0d] = { 0, 2,  NOTHING },
      [0x0e] = { 0, 4,  NOTHING },
      [0x0f] = { 0, 8,  NOTHING },
    [0x10] = { 0, 1,  NOTHING }, /* int 8 to 64 */
    [0x11] = { 0, 2,  NOTHING },
      [0x12] = { 0, 4,  NOTHING },
      [0x13] = { 0, 8,  NOTHING },
    [0x14] = { 0, 2,  NOTHING }, /* fixext 1 to 16, with their type */
    [0x15] = { 0, 3,  NOTHING },
      [0x16] = { 0, 5,  NOTHING },
      [0x17] = { 0, 9,  NOTHING },
    [0x18] = { 0, 17, NOTHING },
      [0x19] = { 1, 0,  BYTES   }, /* str 8, 16, 32 */
    [0x1a] = { 2, 0,  BYTES   },
      [0x1b] = { 4, 0,  BYTES   },
      [0x1c] = { 2, 0,  ITEMS   }, /* array 16, 32 */
    [0x1d] = { 4, 0,  ITEMS   },
      [0x1e] = { 2, 0,  PAIRS   }, /* map 16, 32 */
    [0x1f] = { 4, 0,  PAIRS   },
};

struct cursor {
    const unsigned char *at;
    size_t left;
    size_t items; /* seen so far */
};

static bool skip(struct cursor *in, size_t count, struct err *err)
{
    if (count > in->left)
        return err_set(err, ERR_INVALID, "a value that needs %zu more bytes, %zu are left", count, in->left);
    in->at += count;
    in->left -= count;
    return true;
}

static bool take_length(struct cursor *in, size_t bytes, size_t *out, struct err *err)
{
    const unsigned char *digits = in->at;
    if (!skip(in, bytes, err))
        return false;
    *out = 0;
    for (size_t i = 0; i < bytes; i++)
        *out = *out << 8 | digits[i];
    return true;
}

/* Each item takes at least one byte. */
static bool admit_items(struct cursor *in, size_t count, size_t per_unit, size_t *out_items, struct err *err)
{
    if (count > in->left / per_unit)
        return err_set(err, ERR_INVALID, "a collection of %zu items in %zu bytes", count, in->left);
    in->items += count * per_unit;
    if (in->items > VALUE_MAX_ITEMS)
        return err_set(err, ERR_INVALID, "a value of more than %d items", VALUE_MAX_ITEMS);
    *out_items = count * per_unit;
    return true;
}

/* One form; `*out_items` says how many values lie directly inside it. */
static bool take_form(struct cursor *in, size_t *out_items, struct err *err)
{
    size_t first;
    size_t length;
    *out_items = 0;
    if (!take_length(in, 1, &first, err))
        return false;
    if (first <= 0x7f || first >= 0xe0) /* small integers */
        return true;
    if (first <= 0x8f)
        return admit_items(in, first & 0x0f, 2, out_items, err);
    if (first <= 0x9f)
        return admit_items(in, first & 0x0f, 1, out_items, err);
    if (first <= 0xbf)
        return skip(in, first & 0x1f, err);
    const struct form *form = &forms[first - 0xc0];
    if (form->unit == INVALID)
        return err_set(err, ERR_INVALID, "a byte that begins no msgpack value");
    if (!take_length(in, form->length_bytes, &length, err) || !skip(in, form->fixed_bytes, err))
        return false;
    if (form->unit == ITEMS || form->unit == PAIRS)
        return admit_items(in, length, form->unit == PAIRS ? 2 : 1, out_items, err);
    return skip(in, length, err);
}

bool msgpack_check(struct str bytes, struct err *err)
{
    size_t pending[VALUE_MAX_DEPTH + 1] = { 1 }; /* values still to come, per level */
    size_t depth = 0;
    struct cursor in = { .at = (const unsigned char *)bytes.ptr, .left = bytes.len };
    for (;;) {
        while (pending[depth] == 0) {
            if (depth == 0)
                return in.left == 0 || err_set(err, ERR_INVALID, "%zu bytes after the end of the value", in.left);
            depth--;
        }
        size_t inside;
        pending[depth]--;
        if (!take_form(&in, &inside, err))
            return false;
        if (inside == 0)
            continue;
        if (depth == VALUE_MAX_DEPTH)
            return err_set(err, ERR_INVALID, "a value nested deeper than %d levels", VALUE_MAX_DEPTH);
        pending[++depth] = inside;
    }
}
