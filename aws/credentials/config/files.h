/* SPDX-License-Identifier: MPL-2.0
 *
 * AWS's shared config and credentials files: which they are, their grammar, and
 * what a profile says. Read once by each of the two that make them (_new, _reread),
 * never written. A missing or unreadable file counts as empty. What the profile's
 * keys mean is their users' business.
 *
 * Among the files the later one wins key by key, and the credentials files come
 * after the config files; access key, secret and token are taken from one file
 * together. Where one file is wrong, messages name it and the line, and never show
 * the line: it may hold a secret. The grammar is lenient as aws-sdk-go-v2 has it (hashicorp/aws reads
 * the same files): lines that cannot be understood are skipped, "key: value" is
 * a property too, and so is an indented "key = value" that follows a value.
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

/* `given`, else AWS_PROFILE, else AWS_DEFAULT_PROFILE, else "default"; without
 * the quotes that a file may have around it. */
struct str aws_profile_name(const struct env *env, struct str given);
/* What must exist. AWS_DEFAULT_PROFILE names a profile as "default" does: it may be missing, as in aws-sdk-go-v2
 * (config/config.go, resolveConfigLoaders). */
enum aws_profile_naming { AWS_PROFILE_BY_NOBODY, AWS_PROFILE_BY_ENVIRONMENT, AWS_PROFILE_BY_ARGUMENT };
enum aws_profile_naming aws_profile_naming(const struct env *env, struct str given);

bool aws_profile_exists(const struct aws_profile_files *files, struct str profile);
/* ERR_NOT_FOUND names the files and what is wrong in them. */
MUST_USE bool aws_profile_check(const struct aws_profile_files *files, struct arena *arena, struct str profile,
                                struct err *err);

/* What is found borrows `files`. False: no file has the key, or the last one that has it leaves its value empty. */
bool aws_profile_get(const struct aws_profile_files *files, struct str profile, const char *key, struct str *out);
/* Where that is written: "/home/x/.aws/config, line 3"; empty: nowhere. */
struct str aws_profile_where(const struct aws_profile_files *files, struct arena *arena, struct str profile,
                             const char *key);
/* For messages: `the profile "x"`, and `credential_process of the profile "x" (/f, line 3)`; in the arena. */
const char *aws_profile_label(struct arena *arena, struct str profile);
const char *aws_profile_key_label(const struct aws_profile_files *files, struct arena *arena, struct str profile,
                                  const char *key);

/* A property of the block below `service` in the [services NAME] section. */
bool aws_profile_services_get(const struct aws_profile_files *files, struct str services, const char *service,
                              const char *key, struct str *out);
struct str aws_profile_services_where(const struct aws_profile_files *files, struct arena *arena, struct str services,
                                      const char *service, const char *key);

/* The same of an [sso-session NAME] section of the config files. */
bool aws_profile_sso_get(const struct aws_profile_files *files, struct str session, const char *key, struct str *out);
struct str aws_profile_sso_where(const struct aws_profile_files *files, struct arena *arena, struct str session,
                                 const char *key);
/* The section itself, as "/home/x/.aws/config, line 3". ERR_NOT_FOUND says where it was looked for, and what stands
 * there in its place. */
MUST_USE bool aws_profile_sso_find(const struct aws_profile_files *files, struct arena *arena, struct str session,
                                   struct str *out_where, struct err *err);

struct aws_profile_keys {
    struct str access_key_id, secret_access_key, session_token; /* empty: absent */
    struct str path;                                            /* of the file */
    size_t line;                                                /* of the first of them */
};

/* Of the last file that has either half; false when no file has. One half alone is its user's error: the other
 * file's pair may be another caller's. */
bool aws_profile_find_keys(const struct aws_profile_files *files, struct str profile, struct aws_profile_keys *out);

/* Where a profile was looked for, for messages: "/home/x/.aws/config (line 3: write [profile p], not [p]), ...". */
struct str aws_profile_files_describe(struct arena *arena, const struct aws_profile_files *files, struct str profile);

/* A leading ~ and $NAME, as hashicorp/aws expands the paths of its arguments. */
struct str aws_expand_path(struct arena *arena, const struct env *env, struct str path);

#endif
