/* SPDX-License-Identifier: MPL-2.0
 *
 * aws_region: where calls go.
 */
#include "tests/standin_aws/registry.h"
#include "tests/standin_aws/standin.h"

struct region {
    struct tf_string name;
};

static const struct tf_attribute region_attributes[] = {
    TF_ATTR(struct region, name, .flags = TF_OPTIONAL | TF_COMPUTED, .description = "The Region."),
    TF_END,
};

static bool region_read(struct tf_call *call, const void *config, void *state, struct err *err)
{
    const struct region *asked = config;
    struct region *region = state;
    struct tf_string own;
    if (!aws_configuration_find_region(standin_configuration(call), call, &own, err))
        return false;
    if (own.state != TF_KNOWN)
        return err_set(err, ERR_INVALID, "the provider's Region is not known yet");
    region->name = tf_known_string(tf_text(asked->name, own.value));
    return true;
}

const struct tf_data_source region_data_source = {
    .type_name = "aws_region",
    .description = "Where calls go.",
    .model = TF_MODEL(struct region, region_attributes),
    .read = region_read,
};
