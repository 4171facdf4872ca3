/* SPDX-License-Identifier: MPL-2.0
 *
 * The command whoami: its options, what it finds, and the two forms in which it
 * says so. Neither has a secret; of an access key id only its last characters.
 */
#ifndef PLUGIN_CLI_WHOAMI_H
#define PLUGIN_CLI_WHOAMI_H

#include "plugin/aws_provider/report.h"
#include "plugin/cli/session.h"

struct whoami_options {
    struct tf_string profile, region, config, alias;
    struct tf_bool explain, json;
};

extern const struct tf_option whoami_rows[];

/* As far as it was found: each without a text when a step before it failed. */
struct whoami {
    struct aws_places places;
    struct aws_credentials credentials;
    struct str key_ending; /* of the access key id */
    struct aws_identity identity;
    struct aws_credentials_trail trail;
    int64_t now_wall_ms;
};

/* "the role R, assumed with the profile P (/file, line 3)" */
struct str whoami_source(struct arena *arena, const struct whoami *found);

/* A session of which nobody says when it ends, by a source that can be asked again. */
bool whoami_is_open_ended(const struct aws_credentials *credentials);

/* In the order to show: what was not asked is last. */
const struct aws_credentials_step *whoami_steps(struct arena *arena, const struct aws_credentials_trail *trail);

/* For a person: lines of label and value. Empty when nothing was found and nothing is explained. */
struct str whoami_text(struct arena *arena, const struct whoami *found, bool explains);

/* For programs: one JSON object. `failure` NULL: all was found. */
struct whoami_failure {
    const char *summary;
    const struct err *why;
};
MUST_USE bool whoami_json(struct tf_call *call, const struct whoami *found, bool explains,
                          const struct whoami_failure *failure, struct str *out, struct err *err);

#endif
