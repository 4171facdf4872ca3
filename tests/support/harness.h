/* SPDX-License-Identifier: MPL-2.0
 *
 * The one way to include cmocka, with what it wants to have included before it.
 */
#ifndef TESTS_SUPPORT_HARNESS_H
#define TESTS_SUPPORT_HARNESS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/str.h"

/* Compares a view with a literal and shows both on failure. */
#define assert_str_equal(view, expected)                                                                               \
    do {                                                                                                               \
        struct str shown_ = (view);                                                                                    \
        struct str wanted_ = str_from(expected);                                                                       \
        if (!str_equal(shown_, wanted_))                                                                               \
            fail_msg("\"%.*s\" is not \"%.*s\"", STR_ARG(shown_), STR_ARG(wanted_));                                   \
    } while (0)

/* An integer within bounds, which belong to them. (cmocka's own has another name from one version to the next.) */
#define assert_between(value, low, high)                                                                               \
    do {                                                                                                               \
        long long between_ = (long long)(value), low_ = (long long)(low), high_ = (long long)(high);                   \
        if (between_ < low_ || between_ > high_)                                                                       \
            fail_msg("%lld is not between %lld and %lld", between_, low_, high_);                                      \
    } while (0)

#endif
