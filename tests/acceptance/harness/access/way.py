# SPDX-License-Identifier: MPL-2.0
"""What the sources have in common: keys of the imitation of AWS, and the surroundings that point to them."""

from ..world import OPERATOR, ROLE

KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


class Way:
    """Credentials of an account by one source, for one test.

    `open` says what the environment needs, in place of keys there; config and credentials file of the sandbox
    (aws-config, aws-credentials in its home) may be written. Whoever hands out keys calls `mint`.
    """

    name = ""  # of the source, as whoami's --json has it in `kind`; empty: no way of its own
    expires = True  # the keys do, and the source gives fresh ones
    ends = False  # from some moment on only a person can bring fresh ones: the plan warns of it

    def __init__(self, world, sandbox):
        self.world, self.sandbox = world, sandbox
        self.config = sandbox.home / "aws-config"
        self.account = OPERATOR
        self.minted = 0

    def open(self):
        """Variables to add to the environment."""
        raise NotImplementedError

    def end(self):
        """Of what was started."""

    def mint(self):
        """A new session in `account`: AccessKeyId, SecretAccessKey, SessionToken, Expiration (a time with zone)."""
        self.minted += 1
        sts = self.world.accounts[self.account].client("sts")
        role = f"arn:aws:iam::{self.account}:role/{ROLE}"
        return sts.assume_role(RoleArn=role, RoleSessionName=f"{self.name}-{self.minted}")["Credentials"]
