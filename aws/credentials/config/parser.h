/* SPDX-License-Identifier: MPL-2.0
 *
 * The grammar of AWS's shared files: text in, sections and properties out, in
 * the order of the text. Nothing is merged: the same name may come again, and
 * the last value wins. It never fails: lines that cannot be understood are
 * skipped, and below a heading that cannot be, nothing counts until the next.
 * Any text is a name; quotes around it are taken off. It is lenient as
 * aws-sdk-go-v2 is (hashicorp/aws reads the same files): "key: value" is a property
 * too, and so is an indented "key = value" that follows a value.
 */
#ifndef AWS_CREDENTIALS_CONFIG_PARSER_H
#define AWS_CREDENTIALS_CONFIG_PARSER_H

#include "base/str.h"

enum aws_config_kind { AWS_CONFIG_TEXT, AWS_CREDENTIALS_TEXT };

struct aws_config_property {
    struct aws_config_property *next;
    struct str key; /* lower case */
    struct str value;
    size_t line;
    struct aws_config_property *children, *last_child; /* "key = value" lines below an empty value */
};

enum aws_config_section_kind {
    AWS_CONFIG_PROFILE,
    AWS_CONFIG_SERVICES,
    AWS_CONFIG_SSO_SESSION, /* in a config file */
    AWS_CONFIG_UNUSED       /* [NAME] in a config file, [profile NAME] in a credentials file */
};

struct aws_config_section {
    struct aws_config_section *next;
    enum aws_config_section_kind kind;
    struct str heading; /* what is between the brackets */
    struct str name;
    bool has_prefix; /* [profile NAME] rather than [NAME] */
    size_t line;
    struct aws_config_property *properties, *last;
};

struct aws_config_sections {
    struct aws_config_section *first, *last;
    size_t unreadable_line; /* of the first heading that is not closed or has no name; 0: none */
    size_t foreign_line;    /* of the first heading that is not UTF-8; 0: none */
    size_t homeless_line;   /* of the first property before all headings; 0: none */
};

/* Quotes count only where the same sign is at both ends, and not where these belong to two words of a
 * credential_process: "/a b/c" --x "d e". */
struct str aws_config_without_quotes(struct str text);

/* The result borrows the text and lives in the arena. */
void aws_config_parse(struct arena *arena, enum aws_config_kind kind, struct str text, struct aws_config_sections *out);

bool aws_config_is_named(const struct aws_config_section *section, enum aws_config_section_kind kind, struct str name);
/* The one that counts; NULL: none has the key. */
const struct aws_config_property *aws_config_last_property(const struct aws_config_property *properties,
                                                           const char *key);

#endif
