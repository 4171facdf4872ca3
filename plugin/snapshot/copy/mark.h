/* SPDX-License-Identifier: MPL-2.0
 *
 * The mark that every copy carries from the Copy call on, as a tag:
 *
 *   terraform-provider-snapshot = 1 HOLDER SOURCE KEY TIME
 *
 * It names who may delete the copy and says what it was made from, so that a
 * copy whose answer or state was lost is recognised. Digests are
 * the first 16 bytes of SHA-256 in base64url; "-" stands for what is not known
 * and agrees with anything. A mark that begins with another number belongs to a
 * version that this one does not understand: such a copy is left alone.
 */
#ifndef PLUGIN_SNAPSHOT_COPY_MARK_H
#define PLUGIN_SNAPSHOT_COPY_MARK_H

#include "aws/wire/rows.h"

#define MARK_TAG "terraform-provider-snapshot"

struct mark {
    struct str holder_id;
    struct str source; /* digest of the source's ARN */
    struct str key;    /* digest of the key's ARN, or of the text that names it */
    struct str time;   /* the source's SnapshotCreateTime */
};

enum mark_found { MARK_MISSING, MARK_UNREADABLE, MARK_FOUND };

/* The parts borrow the tags. */
enum mark_found mark_find(const struct aws_tags *tags, struct mark *out);
struct str mark_text(struct arena *arena, const struct mark *mark);
/* "-" for an empty text. */
struct str mark_digest(struct arena *arena, struct str text);
/* Of the source; empty where the mark does not tell it. */
struct str mark_source_time(const struct mark *mark);
/* 16 characters of a-z and 2-7: 80 random bits. */
struct str mark_new_id(struct arena *arena);
/* Equal, or one of them not known. */
bool mark_part_agrees(struct str a, struct str b);

#endif
