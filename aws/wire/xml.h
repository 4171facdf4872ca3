/* SPDX-License-Identifier: MPL-2.0
 *
 * Reads the XML replies of the query services, by rows (rows.h). No network, no
 * DTD, no entities but the five of XML, nothing on stderr; namespaces are
 * ignored; depth, size and list lengths are limited.
 */
#ifndef AWS_WIRE_XML_H
#define AWS_WIRE_XML_H

#include "aws/wire/rows.h"

struct wire_xml {
    const char *path;            /* from the root, "ErrorResponse/Error" */
    const struct wire_row *rows; /* of the struct `out`; NULL: only that the path is there */
    int column;
    size_t out_size;
    struct wire_budget *budget; /* NULL: of this answer alone */
};

/* Before any thread starts. */
void wire_xml_init(void);

/* Texts are copied into the arena. Errors: ERR_IO for what is not XML, lacks the
 * path, or holds something else where a number or a boolean belongs; ERR_INVALID
 * for what passes a limit. */
MUST_USE bool wire_xml_read(struct arena *arena, struct str text, const struct wire_xml *shape, void *out,
                            struct err *err);

#endif
