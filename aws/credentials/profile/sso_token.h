/* SPDX-License-Identifier: MPL-2.0
 *
 * The token that `aws sso login` leaves in ~/.aws/sso/cache. It is read at each use, since the CLI and other programs
 * write it anew; where it ends soon it is renewed at the OIDC service, and the file is written back as the CLI writes
 * it: 0600, in one stroke, with what it holds besides. The token goes to SSO's own hosts and nowhere else, never into a
 * log or an error. Nobody is signed in from here: only a person can be.
 */
#ifndef AWS_CREDENTIALS_PROFILE_SSO_TOKEN_H
#define AWS_CREDENTIALS_PROFILE_SSO_TOKEN_H

#include "aws/credentials/sources.h"
#include "aws/crypto.h"

/* Of one answer of SSO's services. Renewal and keys, three attempts each, fit into the five minutes of a fetch. */
enum { SSO_TIMEOUT_MS = 30 * SECOND_MS };

struct sso_token_file;

struct sso_token_options {
    const struct aws_credentials_doors *doors;
    struct str name;     /* what the file is named by: of the session, else the start URL */
    struct str oidc_url; /* where it is renewed; empty: nowhere (the legacy form) */
    const char *whose;   /* for messages: "the profile "work"" */
    const char *login;   /* the command that signs in: "aws sso login --profile work" */
};

/* Copies the texts, keeps the doors. */
struct sso_token_file *sso_token_file_new(const struct sso_token_options *options);
void sso_token_file_free(struct sso_token_file *file); /* accepts NULL; wipes */

struct sso_token {
    struct str access_token; /* in call->arena */
    int64_t expires_wall_ms;
    bool is_renewable;
    unsigned char mark[CRYPTO_SHA256_BYTES]; /* differs where the token does */
};

/* A token that has not expired. Errors: ERR_DENIED: nobody has signed in, or that has ended, with the command as the
 * remedy; ERR_INVALID for a file that is no token file; ERR_IO when it could not be renewed for now. */
MUST_USE bool sso_token_file_get(struct sso_token_file *file, const struct aws_credentials_call *call,
                                 struct sso_token *out, struct err *err);

#endif
