/* SPDX-License-Identifier: MPL-2.0
 *
 * How long a tag may be, in any service of AWS ("Tag naming limits and
 * requirements" in the guide Tagging AWS Resources): in characters, not bytes.
 */
#ifndef AWS_TAG_H
#define AWS_TAG_H

#include "base/str.h"

enum { TAG_KEY_MAX_CHARACTERS = 128, TAG_VALUE_MAX_CHARACTERS = 256 };

bool aws_is_tag_key(struct str key); /* not empty, and not too long */
bool aws_is_tag_value(struct str value);

#endif
