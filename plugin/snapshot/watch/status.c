/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/watch/status.h"

bool status_is_available(struct str status)
{
    return str_equal(status, STR("available"));
}

bool status_is_failed(struct str status)
{
    return str_equal(status, STR("failed"));
}

bool status_is_lost(struct str status)
{
    return status_is_failed(status) || str_starts_with(status, STR("incompatible-"));
}

bool status_is_leaving(struct str status)
{
    return str_equal(status, STR("deleting")) || str_equal(status, STR("deleted"));
}

bool status_holds_nothing(struct str status)
{
    return status_is_failed(status) || status_is_leaving(status);
}

bool status_is_under_way(struct str status)
{
    return !status_is_available(status) && !status_is_lost(status) && !status_is_leaving(status);
}
