/* SPDX-License-Identifier: MPL-2.0 */
#include "tests/support/every_kind.h"

static const struct tf_attribute single_rows[] = {
    TF_ATTR(struct every_single, text, .flags = TF_OPTIONAL, .description = "A text."),
    TF_END,
};
static const struct tf_model single_model = TF_MODEL(struct every_single, single_rows);

static const struct tf_attribute inner_rows[] = {
    TF_ATTR(struct every_inner, flag, .flags = TF_OPTIONAL, .description = "A flag."),
    TF_END,
};
static const struct tf_model inner_model = TF_MODEL(struct every_inner, inner_rows);

static const struct tf_attribute item_rows[] = {
    TF_ATTR(struct every_item, name, .flags = TF_REQUIRED, .description = "A name."),
    TF_ATTR(struct every_item, number, .flags = TF_COMPUTED, .description = "A number."),
    TF_BLOCK(struct every_item, inner, TF_BLOCK_SINGLE, struct every_inner, &inner_model, .flags = TF_OPTIONAL,
             .description = "A block in a block."),
    TF_END,
};
static const struct tf_model item_model = TF_MODEL(struct every_item, item_rows);

static const struct tf_attribute element_rows[] = {
    TF_ATTR(struct every_element, name, .flags = TF_REQUIRED, .description = "A name."),
    TF_ATTR(struct every_element, flag, .flags = TF_OPTIONAL, .description = "A flag."),
    TF_END,
};
static const struct tf_model element_model = TF_MODEL(struct every_element, element_rows);

static const struct tf_attribute rows[] = {
    TF_ATTR(struct every_kind, text, .flags = TF_REQUIRED, .description = "A text."),
    TF_ATTR(struct every_kind, flag, .flags = TF_OPTIONAL, .description = "A flag."),
    TF_ATTR(struct every_kind, number, .flags = TF_OPTIONAL, .description = "A number."),
    TF_ATTR(struct every_kind, list, .flags = TF_OPTIONAL, .description = "A list."),
    TF_ATTR(struct every_kind, set, .flags = TF_OPTIONAL, .description = "A set."),
    TF_ATTR(struct every_kind, map, .flags = TF_OPTIONAL, .description = "A map."),
    TF_BLOCK(struct every_kind, single, TF_BLOCK_SINGLE, struct every_single, &single_model, .flags = TF_OPTIONAL,
             .description = "One block or none."),
    TF_BLOCK(struct every_kind, item, TF_BLOCK_LIST, struct every_item, &item_model, .flags = TF_OPTIONAL,
             .description = "Blocks in order."),
    TF_BLOCK(struct every_kind, element, TF_BLOCK_SET, struct every_element, &element_model, .flags = TF_OPTIONAL,
             .description = "Blocks in no order."),
    TF_END,
};

const struct tf_model every_kind_model = TF_MODEL(struct every_kind, rows);
