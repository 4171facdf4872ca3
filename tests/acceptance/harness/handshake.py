# SPDX-License-Identifier: MPL-2.0
"""What a host gives the provider that it starts, as go-plugin does."""

COOKIE = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2"
HOST = {"TF_PLUGIN_MAGIC_COOKIE": COOKIE, "PLUGIN_PROTOCOL_VERSIONS": "5,6"}
