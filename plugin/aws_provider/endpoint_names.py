#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""Makes endpoint_names.h of endpoint_names.txt, both beside it.

The first line of the list says of which versions it is; the others are the names in their `endpoints`
blocks, all together. To take the names of another version, change the list and run this.
"""

from pathlib import Path

HERE = Path(__file__).parent
CALLED = {"iam", "kms", "rds", "sso", "sts"}  # have rows of their own in provider_block.c
HEADER = """/* SPDX-License-Identifier: MPL-2.0
 *
 * The `endpoints` of %s whose services nothing here calls. Made by
 * endpoint_names.py of endpoint_names.txt: change that.
 */
#ifndef PLUGIN_AWS_PROVIDER_ENDPOINT_NAMES_H
#define PLUGIN_AWS_PROVIDER_ENDPOINT_NAMES_H

/* clang-format off */
#define IGNORED_ENDPOINTS(ENDPOINT) \\
%s
/* clang-format on */

#endif
"""


def header(names):
    versions, *names = names.splitlines()
    return HEADER % (versions, " \\\n".join(f"    ENDPOINT({name})" for name in sorted({*names} - CALLED)))


if __name__ == "__main__":
    (HERE / "endpoint_names.h").write_text(header((HERE / "endpoint_names.txt").read_text()))
