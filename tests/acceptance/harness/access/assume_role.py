# SPDX-License-Identifier: MPL-2.0
"""A profile that assumes a role with the keys of another profile, or of the environment."""

from ..world import ROLE
from .way import Way


class SourceProfile(Way):
    name = "assume-role"

    def open(self):
        keys = self.world.accounts[self.account]
        self.config.write_text(
            f"[profile work]\nrole_arn = arn:aws:iam::{self.account}:role/{ROLE}\nsource_profile = base\n"
            f"[profile base]\naws_access_key_id = {keys.access_key}\naws_secret_access_key = {keys.secret_key}\n"
        )
        return {"AWS_PROFILE": "work"}

    @property
    def minted(self):
        return len(self.world.calls("AssumeRole"))

    @minted.setter
    def minted(self, _):
        """What is counted is what the imitation of AWS was asked."""
