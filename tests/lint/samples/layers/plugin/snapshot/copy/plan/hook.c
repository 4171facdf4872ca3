/* SPDX-License-Identifier: MPL-2.0 */
#include "plugin/snapshot/copy/apply/removal.h" /* refused */
#include "plugin/snapshot/copy/model.h"
#include "plugin/snapshot/keys/door.h"
#include "plugin/snapshot/keys/facts.h" /* refused */
#include "plugin/snapshot/share/model.h" /* refused */
