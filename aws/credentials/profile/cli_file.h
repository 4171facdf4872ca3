/* SPDX-License-Identifier: MPL-2.0
 *
 * A file that the AWS CLI keeps for a person who has signed in: a JSON object below ~/.aws, named by a hash. What is
 * wrong with one ends with the command that signs in. No part of such a file is in an error.
 */
#ifndef AWS_CREDENTIALS_PROFILE_CLI_FILE_H
#define AWS_CREDENTIALS_PROFILE_CLI_FILE_H

#include "aws/credentials/sources.h"
#include "aws/wire/json.h"

struct cli_file {
    struct str path;
    const char *shown; /* the path, for messages */
    const char *what;  /* "SSO session" */
    const char *whose; /* "the profile "work"" */
    const char *login; /* the command that signs in: "aws sso login --profile work" */
};

/* Its texts are in the arena. `folder`: with a leading ~. */
struct cli_file cli_file_at(struct arena *arena, const struct env *env, struct str folder, struct str hash);

/* Errors: ERR_DENIED for a missing file. */
MUST_USE bool cli_file_read(const struct cli_file *file, const struct file_reader *reader, struct arena *arena,
                            struct str *out, struct err *err);
/* Errors: ERR_INVALID. */
MUST_USE bool cli_file_parse(const struct cli_file *file, struct arena *arena, struct str text,
                             const struct wire_json *shape, void *out, struct err *err);
/* A text of the file that must not be empty, by the member's name; one that is a time. Errors: ERR_INVALID. */
MUST_USE bool cli_file_check(const struct cli_file *file, const char *name, struct str value, struct err *err);
MUST_USE bool cli_file_time(const struct cli_file *file, const char *name, struct str value, int64_t *out_wall_ms,
                            struct err *err);

/* Versions of the AWS CLI and of the SDKs empty the file before they write: what cannot be read may be half of one, and
 * is read again after the pause. False after CLI_FILE_LOOKS of them, and where stop was asked for. */
enum { CLI_FILE_LOOKS = 5 };
bool cli_file_pause(const struct aws_credentials_call *call, int looks);

/* Both are false. */
bool cli_file_refuse_expired(const struct cli_file *file, struct arena *arena, int64_t expired_wall_ms,
                             struct err *err);                             /* ERR_DENIED */
bool cli_file_ask_for_login(const struct cli_file *file, struct err *err); /* the remedy, where a login is one */

#endif
