/* SPDX-License-Identifier: MPL-2.0
 *
 * A provider for tests only: no remote service, every kind of row, and
 * operations whose outcome the configuration asks for.
 */
#ifndef TESTS_UNIT_PLUGIN_RUNTIME_TOY_PROVIDER_H
#define TESTS_UNIT_PLUGIN_RUNTIME_TOY_PROVIDER_H

#include "plugin/runtime/provider.h"

struct toy_timeouts {
    struct tf_string create;
};

struct toy_part {
    struct tf_string name;
    struct tf_int64 count;
    struct tf_string serial; /* computed */
};

struct toy_piece {
    struct tf_string name;
    struct tf_string serial; /* computed */
};

struct toy_thing {
    struct tf_string name; /* required, replaces */
    struct tf_string note; /* compared without regard to case */
    struct tf_bool flag;
    struct tf_int64 size;
    struct tf_string_list steps;
    struct tf_string_set labels;
    struct tf_string_map tags;
    struct tf_string zone;     /* optional and computed, replaces */
    struct tf_string password; /* sensitive */
    struct tf_string outcome;  /* what the next operation does */
    struct tf_string id;       /* computed, stable */
    struct tf_int64 revision;  /* computed */
    TF_BLOCKS(toy_timeouts) timeouts;
    TF_BLOCKS(toy_part) part;
    TF_BLOCKS(toy_piece) piece;
};

struct toy_block {
    struct tf_string prefix;
    struct tf_int64 delay_ms; /* of each operation */
};

extern const struct tf_resource toy_thing_resource;
extern const struct tf_data_source toy_echo_data_source;
extern const struct tf_provider toy_provider;

#endif
