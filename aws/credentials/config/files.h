/* SPDX-License-Identifier: MPL-2.0
 *
 * AWS's shared config and credentials files: which they are, in which order. Read
 * once by each of the two that make them (_new, _reread), never written. A missing
 * or unreadable file counts as empty. profile.h, services.h and sso_session.h say
 * what is in them.
 *
 * Where one file is wrong, messages name it and the line, and never show the line:
 * it may hold a secret.
 */
#ifndef AWS_CREDENTIALS_CONFIG_FILES_H
#define AWS_CREDENTIALS_CONFIG_FILES_H

#include "base/env.h"
#include "base/file.h"
#include "base/log.h"

enum { AWS_PROFILE_FILE_MAX_BYTES = 4 * 1024 * 1024 };

struct aws_profile_files;

struct aws_profile_files_options {
    const struct env *env;
    const struct file_reader *reader;
    struct log *log; /* NULL: silent */
    /* Later files win. A leading ~ and $NAME are expanded. Empty: the
     * environment's file (AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE), else
     * the one in ~/.aws. */
    const struct str *config_paths;
    size_t config_path_count;
    const char *config_paths_name; /* who gave them, for messages: "`shared_config_files`" */
    const struct str *credentials_paths;
    size_t credentials_path_count;
    const char *credentials_paths_name;
};

/* Keeps nothing of the options. Errors: ERR_INVALID for a file of more than
 * AWS_PROFILE_FILE_MAX_BYTES and for what is no file, a pipe for example. The
 * result does not change: any thread may read. */
MUST_USE bool aws_profile_files_new(const struct aws_profile_files_options *options, struct aws_profile_files **out,
                                    struct err *err);
/* The same files as they are now: tools write new keys into them. */
MUST_USE bool aws_profile_files_reread(const struct aws_profile_files *files, const struct file_reader *reader,
                                       struct log *log, struct aws_profile_files **out, struct err *err);
void aws_profile_files_free(struct aws_profile_files *files); /* accepts NULL; wipes */

/* A leading ~ and $NAME, as hashicorp/aws expands the paths of its arguments. */
struct str aws_expand_path(struct arena *arena, const struct env *env, struct str path);

#endif
