/* SPDX-License-Identifier: MPL-2.0
 *
 * The files as they were read, for this room alone.
 */
#ifndef AWS_CREDENTIALS_CONFIG_OPENED_H
#define AWS_CREDENTIALS_CONFIG_OPENED_H

#include "aws/credentials/config/files.h"
#include "aws/credentials/config/parser.h"

struct file {
    enum aws_config_kind kind;
    struct str path;
    bool is_usual;    /* no argument and no variable named the path */
    const char *note; /* "missing"; NULL when it was read */
    struct aws_config_sections sections;
};

struct aws_profile_files {
    struct arena *arena;
    struct file *files; /* later ones win */
    size_t count;
};

/* "/home/x/.aws/config, line 3" */
struct str aws_profile_place(struct arena *arena, const struct file *file, size_t line);

#endif
