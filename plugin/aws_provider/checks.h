/* SPDX-License-Identifier: MPL-2.0
 *
 * The `validate` hooks of the provider block's rows: each looks at one known
 * value. An empty text counts as none, as in hashicorp/aws; only external_id must
 * have one. What concerns several arguments is in aws_provider_block_validate.
 * What may be a secret is reported at the whole block: Terraform prints the line
 * of the configuration that an error points at.
 */
#ifndef PLUGIN_AWS_PROVIDER_CHECKS_H
#define PLUGIN_AWS_PROVIDER_CHECKS_H

#include "plugin/runtime/provider.h"

void check_account_ids(struct tf_call *call, const char *path, const void *member);
void check_bool_text(struct tf_call *call, const char *path, const void *member);
void check_default_tags(struct tf_call *call, const char *path, const void *member);
void check_external_id(struct tf_call *call, const char *path, const void *member);
void check_ip_mode(struct tf_call *call, const char *path, const void *member);
void check_max_retries(struct tf_call *call, const char *path, const void *member);
void check_policy_arns(struct tf_call *call, const char *path, const void *member);
void check_proxy(struct tf_call *call, const char *path, const void *member);
void check_retry_mode(struct tf_call *call, const char *path, const void *member);
void check_role_arn(struct tf_call *call, const char *path, const void *member);
void check_session_duration(struct tf_call *call, const char *path, const void *member);
void check_session_name(struct tf_call *call, const char *path, const void *member);
void check_url(struct tf_call *call, const char *path, const void *member);
void check_user_agent(struct tf_call *call, const char *path, const void *member);

/* A bool in a text, in the spellings that hashicorp/aws accepts. False: it is none. */
bool checks_read_bool(struct str text, bool *out);

/* Also of the environment and a profile. */
#define RETRY_MODES "\"standard\", \"adaptive\" or \"legacy\""
bool checks_is_retry_mode(struct str text);

#endif
