/* SPDX-License-Identifier: MPL-2.0
 *
 * A model with one row of every kind, for tests and fuzz targets of what works
 * on rows.
 */
#ifndef TESTS_SUPPORT_EVERY_KIND_H
#define TESTS_SUPPORT_EVERY_KIND_H

#include "plugin/runtime/provider.h"

struct every_single {
    struct tf_string text;
};

struct every_inner {
    struct tf_bool flag;
};

struct every_item {
    struct tf_string name;
    struct tf_int64 number;
    TF_BLOCKS(every_inner) inner;
};

struct every_element {
    struct tf_string name;
    struct tf_bool flag;
};

struct every_kind {
    struct tf_string text;
    struct tf_bool flag;
    struct tf_int64 number;
    struct tf_string_list list;
    struct tf_string_set set;
    struct tf_string_map map;
    TF_BLOCKS(every_single) single;
    TF_BLOCKS(every_item) item;
    TF_BLOCKS(every_element) element;
};

extern const struct tf_model every_kind_model;

#endif
