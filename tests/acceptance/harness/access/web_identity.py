# SPDX-License-Identifier: MPL-2.0
"""A token file in the environment, as EKS (IRSA), GitHub Actions and GitLab have it."""

import base64
import json

from ..world import ROLE
from .way import Way


class WebIdentity(Way):
    name = "web-identity"

    def open(self):
        parts = ({"alg": "none"}, {"sub": "somebody"})
        encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
        token = self.sandbox.home / "token.jwt"
        token.write_text(".".join([*encoded, "signature"]))
        return {
            "AWS_WEB_IDENTITY_TOKEN_FILE": str(token),
            "AWS_ROLE_ARN": f"arn:aws:iam::{self.account}:role/{ROLE}",
        }

    @property
    def minted(self):
        return len(self.world.calls("AssumeRoleWithWebIdentity"))

    @minted.setter
    def minted(self, _):
        """What is counted is what the imitation of AWS was asked."""
