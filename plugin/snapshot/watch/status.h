/* SPDX-License-Identifier: MPL-2.0
 *
 * What the status of a snapshot means. One that nobody knows means "still working".
 */
#ifndef PLUGIN_SNAPSHOT_WATCH_STATUS_H
#define PLUGIN_SNAPSHOT_WATCH_STATUS_H

#include "base/str.h"

bool status_is_available(struct str status);
bool status_is_failed(struct str status);     /* "failed": it holds nothing */
bool status_is_lost(struct str status);       /* will never become available: failed, incompatible-* */
bool status_is_leaving(struct str status);    /* deleting, deleted */
bool status_holds_nothing(struct str status); /* failed or leaving: another one may take its name */
bool status_is_under_way(struct str status);  /* none of these: pending, copying, creating, or unknown to us */

#endif
