# SPDX-License-Identifier: MPL-2.0
"""Keys in the environment, and in a profile."""

from .way import KEYS, Way


class Environment(Way):
    name = "environment"
    expires = False

    def open(self):
        keys = self.world.accounts[self.account]
        return dict(zip(KEYS, (keys.access_key, keys.secret_key), strict=False))


class Profile(Way):
    name = "profile"
    expires = False

    def open(self):
        keys = self.world.accounts[self.account]
        lines = f"aws_access_key_id = {keys.access_key}\naws_secret_access_key = {keys.secret_key}\n"
        self.config.write_text(f"[profile work]\n{lines}")
        return {"AWS_PROFILE": "work"}
