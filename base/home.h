/* SPDX-License-Identifier: MPL-2.0
 *
 * The home of the user where the environment names none, as under systemd and cron.
 */
#ifndef BASE_HOME_H
#define BASE_HOME_H

#include "base/env.h"
#include "base/file.h"

/* `env`; where HOME is missing or empty in it, with the home that /etc/passwd gives the user, if any. Go's os/user, and
 * so hashicorp/aws, looks there. The new entries live in the arena. */
struct env env_with_home(struct arena *arena, struct env env, const struct file_reader *reader, unsigned long user);

#endif
