/* SPDX-License-Identifier: MPL-2.0
 *
 * The JSON of KMS, both ways, by rows (rows.h). A number is read as its integer
 * part; null counts as absent. Depth, size and list lengths are limited.
 */
#ifndef AWS_WIRE_JSON_H
#define AWS_WIRE_JSON_H

#include "aws/wire/rows.h"

struct wire_json {
    const struct wire_row *rows; /* NULL: an object without members is written, any object is read */
    int column;
    size_t out_size;            /* reading */
    struct wire_budget *budget; /* reading; NULL: of this answer alone */
};

/* Before any thread starts, and before any JSON is read: from then on jansson's memory is wiped as it is freed. */
void wire_json_init(void);

/* In the arena. Errors: ERR_INVALID for texts that are not UTF-8 or too long. */
MUST_USE bool wire_json_write(struct arena *arena, const struct wire_json *shape, const void *input, struct str *out,
                              struct err *err);
/* An object that stands as `text`, changed: what the rows name has the values of `input`, and is taken out where that
 * has none; everything else stays as it is. In the arena. Errors: as of reading and of writing. */
MUST_USE bool wire_json_change(struct arena *arena, struct str text, const struct wire_json *shape, const void *input,
                               struct str *out, struct err *err);
/* Texts are copied into the arena. Errors: ERR_IO for what is not a JSON object,
 * or holds another type than its row says; ERR_INVALID for what passes a limit. */
MUST_USE bool wire_json_read(struct arena *arena, struct str text, const struct wire_json *shape, void *out,
                             struct err *err);

#endif
