# SPDX-License-Identifier: MPL-2.0
"""Random environments and profiles: the source that is chosen, beside a model of hashicorp/aws's order (the table of
docs/guides/authentication.md), and beside botocore where its order is the same."""

from hypothesis import given

from .conftest import World
from .test_role_chains import theirs
from .worlds import (
    ANSWERS,
    LOGIN_FILE,
    OTHER_CONTAINER_URL,
    TOKEN_FILE,
    TOKEN_FILES,
    compared,
    examples,
    place,
    role_of,
)

NONE = "error"


class Model:
    """The order of hashicorp/aws, written as a reader of its documentation would: which keys in the end."""

    def __init__(self, profiles, files, env, block_profile):
        self.profiles, self.files = profiles, files
        self.env = {name: value for name, value in env.items() if value}
        self.block_profile = block_profile

    def choose(self):
        """(kind, what tells it from others of its kind)"""
        if not self.block_profile:
            if keys := self.environment_keys():
                return "environment", keys
            if "AWS_WEB_IDENTITY_TOKEN_FILE" in self.env:
                return self.web_identity(self.env.get("AWS_ROLE_ARN"))
        named = self.block_profile or self.env.get("AWS_PROFILE")
        name = named or self.env.get("AWS_DEFAULT_PROFILE") or "default"
        if name not in self.profiles:
            return (NONE, "") if named else self.machine()
        return self.profile(name, [])

    def machine(self):
        """What is not the user's but the machine's."""
        return self.container() if any("_URI" in name for name in self.env) else self.instance()

    def container(self):
        if "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI" in self.env:
            return "container", "AKIAECS"
        full = self.env.get("AWS_CONTAINER_CREDENTIALS_FULL_URI")
        return ("container", "AKIAEKS") if full == OTHER_CONTAINER_URL else (NONE, "")

    def instance(self):
        return (NONE, "") if self.env.get("AWS_EC2_METADATA_DISABLED") == "true" else ("instance", "AKIAIMDS")

    def environment_keys(self):
        key = self.env.get("AWS_ACCESS_KEY_ID") or self.env.get("AWS_ACCESS_KEY")
        secret = self.env.get("AWS_SECRET_ACCESS_KEY") or self.env.get("AWS_SECRET_KEY")
        return key if key and secret else ""

    def web_identity(self, role):
        return ("web-identity", role) if role and TOKEN_FILE in self.files else (NONE, "")

    def profile(self, name, above):
        profile = self.profiles.get(name, {})
        role, source = profile.get("role_arn"), profile.get("source_profile")
        static = {"aws_access_key_id", "aws_secret_access_key"} & set(profile)
        if source and name not in above and not (above and len(static) == 2):
            base = self.profile(source, [*above, name]) if source in self.profiles else (NONE, "")
        elif static:
            base = ("profile", profile["aws_access_key_id"]) if len(static) == 2 else (NONE, "")
        elif named := profile.get("credential_source"):
            keys = self.environment_keys()
            environment = ("environment", keys) if keys else (NONE, "")
            machine = self.container() if named == "EcsContainer" else self.instance()
            base = environment if named == "Environment" else machine
        elif "web_identity_token_file" in profile:
            return self.web_identity(role)
        elif "sso_account_id" in profile:
            return ("sso", "AKIASSO") if TOKEN_FILES[0] in self.files else (NONE, "")
        elif "login_session" in profile:
            return ("login", "AKIALOGIN") if LOGIN_FILE in self.files else (NONE, "")
        elif "credential_process" in profile:
            return "process", "AKIAPROC"
        else:
            return (NONE, "") if above else self.machine()
        return ("assume-role", role) if role and name not in above and base[0] != NONE else base


def chosen(found):
    """The same of what was found."""
    if found.kind in ("assume-role", "web-identity"):  # the last of the roles
        return found.kind, found.calls[-1][1]["role_arn"]
    return found.kind, "" if found.kind == NONE else found.keys[0]


def orders_agree(profiles, env, block_profile):
    """Where botocore goes another way than hashicorp/aws."""
    has = {name for name, value in env.items() if value}
    if {"AWS_ACCESS_KEY", "AWS_SECRET_KEY"} & has:
        return False  # botocore does not know these names
    if any(not value for value in env.values()):
        return False  # an empty variable is one to botocore, here and there
    if "AWS_ACCESS_KEY_ID" in has and "AWS_SECRET_ACCESS_KEY" not in has:
        return False  # an error, also where a profile is meant
    if {"AWS_PROFILE", "AWS_DEFAULT_PROFILE"} <= has:
        return False  # the second one wins
    named = env.get("AWS_PROFILE") or env.get("AWS_DEFAULT_PROFILE")
    if named and named not in profiles and not block_profile:
        return False  # an error, also where nobody needs it
    if {"AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN", "AWS_ROLE_SESSION_NAME"} & has and not block_profile:
        name = env.get("AWS_PROFILE") or env.get("AWS_DEFAULT_PROFILE") or "default"
        # A profile's role goes ahead of them, and they are mixed with the profile's own.
        return "role_arn" not in profiles.get(name, {}) and "AWS_WEB_IDENTITY_TOKEN_FILE" in has
    return True


@examples
@given(where=place())
def test_the_source_is_the_one_of_the_order(oracle, where):
    profiles, files, env, block_profile = where
    found = oracle.resolve(World({"HOME": "/h"} | env, files), block_profile, (), ANSWERS)
    assert chosen(found) == Model(profiles, files, env, block_profile).choose(), found.error
    compared["orders beside the model"] += 1
    if orders_agree(profiles, env, block_profile):
        keys, _ = theirs(files, env, block_profile or None)
        assert (found.keys or None) == keys
        compared["orders beside botocore"] += 1


def test_the_model_knows_the_order():
    keys = {"aws_access_key_id": "AKIAA", "aws_secret_access_key": "s"}
    token = {TOKEN_FILE: "t"}
    everything = {"AWS_ACCESS_KEY_ID": "K", "AWS_SECRET_ACCESS_KEY": "S", "AWS_WEB_IDENTITY_TOKEN_FILE": TOKEN_FILE,
                  "AWS_ROLE_ARN": role_of("env"), "AWS_PROFILE": "a"}  # fmt: skip
    assert Model({"a": keys}, token, everything, "").choose() == ("environment", "K")
    del everything["AWS_ACCESS_KEY_ID"]
    assert Model({"a": keys}, token, everything, "").choose() == ("web-identity", role_of("env"))
    assert Model({"a": keys}, token, everything, "a").choose() == ("profile", "AKIAA")
    del everything["AWS_WEB_IDENTITY_TOKEN_FILE"]
    assert Model({"a": keys}, token, everything, "").choose() == ("profile", "AKIAA")
    assert Model({}, token, everything, "").choose() == (NONE, "")
    del everything["AWS_PROFILE"]
    assert Model({}, token, everything, "").choose() == ("instance", "AKIAIMDS")
    assert Model({"default": {"region": "r"}}, token, everything, "").choose() == ("instance", "AKIAIMDS")
    everything["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/c"
    assert Model({}, token, everything, "").choose() == ("container", "AKIAECS")
