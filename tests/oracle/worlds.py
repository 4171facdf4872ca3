# SPDX-License-Identifier: MPL-2.0
"""Random worlds for the comparisons of credentials: shared files from a grammar of lines, and how they are run.

The grammar has what all readers agree on. What they read differently has a table of its own in each test."""

import hashlib
import json
import os
import tempfile
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import hypothesis
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

CONFIG, CREDENTIALS = "/h/.aws/config", "/h/.aws/credentials"
compared = Counter()  # by test, for the line at the end

# The same examples each time; ORACLE_EXAMPLES=20000 looks further, at others each time.
MORE = int(os.environ.get("ORACLE_EXAMPLES", "0"))
settings.register_profile(
    "oracle",
    derandomize=not MORE,
    max_examples=MORE or 150,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[phase for phase in hypothesis.Phase if phase is not hypothesis.Phase.explain],
)
examples = settings(settings.get_profile("oracle"))


@contextmanager
def files_on_disk(files):
    """Those files for a reader that has no other; gives where their root is."""
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as root:
        for path, text in files.items():
            file = Path(root + path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text.encode(errors="surrogateescape"))
        yield root


# ---- Shared files ----

NAMES = ["default", "p", "q", "dev.x", "a-b_c", "p@1", "9", "up/down", "a+b", "Größe"]
KEYS = ["region", "output", "role_arn", "endpoint_url", "sso_region", "x-y", "retry_mode"]
SECTIONS = ["[preview]", "[q]", "[plugins]", "[profilex]", "[sso-session s]"]
PLAIN = ["eu-west-1", "a=b", "a:b", "x#y", "x;y", '"half', "it's", "é", "a  b", "[x]", "100%", "\\n", "$HOME", "=="]

values = st.sampled_from(PLAIN) | st.text(
    st.characters(codec="ascii", categories=["L", "N", "P", "S"]), min_size=1, max_size=12
).filter(lambda text: text[0] not in "\"'#;" and text[-1] not in "\"'")
blank = st.sampled_from(["", " ", "  ", "\t"])
noise = st.sampled_from(["", "# a comment", "; another = one", "#", "#[profile p]"])
word = st.sampled_from(["more", "-- x", "two words", "x\ty"])


@st.composite
def a_property(draw, key):
    separator = draw(st.sampled_from(["=", ":"]))
    spelled = draw(st.sampled_from([key, key, key.upper(), key.title()]))
    return f"{spelled}{draw(blank)}{separator}{draw(blank)}{draw(values)}{draw(blank)}"


@st.composite
def property_lines(draw, key):
    kind = draw(st.integers(0, 9))
    if kind == 0:  # a value that goes on
        return [draw(a_property(key)), *(f"{draw(indent)}{draw(word)}" for _ in range(draw(st.integers(1, 3))))]
    if kind == 1:  # an empty one
        return [f"{key} ={draw(blank)}"]
    if kind == 2:  # a block
        inner = st.sampled_from(["endpoint_url", "signature_version", "max_queue_size"])
        count = draw(st.integers(1, 3))
        return [f"{key} =", *(f"{draw(indent)}{draw(inner)} = {draw(values)}" for _ in range(count))]
    return [draw(a_property(key))]


indent = st.sampled_from([" ", "  ", "\t", "    "])


@st.composite
def section_lines(draw, heading, keys=KEYS):
    chosen = draw(st.lists(st.sampled_from(keys), unique=True, max_size=5))
    lines = [heading + draw(st.sampled_from(["", "", " ", "\t", " # said", "; said"]))]
    for key in chosen:
        lines += draw(st.lists(noise.filter(bool), max_size=1))
        lines += draw(property_lines(key))
    if draw(st.integers(0, 2)) == 0:
        lines += draw(key_pair(draw(st.sampled_from(["A", "B"]))))
    return [*lines, *draw(st.lists(noise, max_size=2))]


@st.composite
def key_pair(draw, mark):
    pair = [f"aws_access_key_id = AKIA{mark}", f"aws_secret_access_key = secret{mark}"]
    token = [f"aws_session_token = token{mark}"] if draw(st.booleans()) else []
    return draw(st.permutations(pair + token))


def heading(name, is_config):
    if not is_config:
        return st.just(f"[{name}]")
    if name == "default":
        return st.sampled_from(["[default]", "[profile default]", '[profile "default"]'])
    quoted = st.sampled_from([name, f'"{name}"', f"'{name}'"])
    return quoted.flatmap(lambda text: st.sampled_from([f"[profile{gap}{text}]" for gap in (" ", "  ", "\t")]))


@st.composite
def file_text(draw, is_config):
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=4))
    sections = [draw(section_lines(draw(heading(name, is_config)))) for name in names]
    if is_config and draw(st.booleans()):
        sections.append(draw(section_lines("[services s]", keys=["rds", "kms", "sts"])))
    if is_config:
        others = draw(st.lists(st.sampled_from(SECTIONS), unique=True, max_size=2))
        sections += [draw(section_lines(other)) for other in others]
    lines = draw(st.lists(noise, max_size=2)) + [line for s in draw(st.permutations(sections)) for line in s]
    ending = draw(st.sampled_from(["\n", "\n", "\r\n"]))
    return ending.join(lines) + draw(st.sampled_from(["", ending]))


# ---- Profiles that assume roles ----

PROFILES = ["default", "a", "b", "c", "d"]
TOKEN_FILE = "/h/token"
ROLES = ["role"] * 9 + ["self", "both"]
BASES = ["keys"] * 6 + ["env", "web", "ecs", "imds", "sso", "session"] * 2
BASES += ["process", "login", "bogus", "half", "empty", "role"]
SSO = {"sso_start_url": "https://work.example/start", "sso_region": "eu-west-1"}
SSO_ROLE = {"sso_account_id": "111122223333", "sso_role_name": "Reader"}
# The names of token files are digests of the start URL and of the session's name.
TOKEN_FILES = [
    f"/h/.aws/sso/cache/{hashlib.sha1(name.encode()).hexdigest()}.json" for name in (SSO["sso_start_url"], "work")
]
LOGIN = "arn:aws:iam::111122223333:user/me"
LOGIN_FILE = f"/h/.aws/login/cache/{hashlib.sha256(LOGIN.encode()).hexdigest()}.json"
SSO_TOKEN = json.dumps({"accessToken": "sso-token", "expiresAt": "2099-01-01T00:00:00Z"})
SSO_URL = (
    "https://portal.sso.eu-west-1.amazonaws.com/federation/credentials?role_name=Reader&account_id=111122223333"
)
CONTAINER = "/v2/credentials"
CONTAINER_URL, OTHER_CONTAINER_URL = f"http://169.254.170.2{CONTAINER}", "http://169.254.170.23/v1/credentials"
METADATA_URL = "http://169.254.169.254/latest/"


def document(mark, **more):
    end = {"Token": f"token-{mark}", "Expiration": "2099-01-01T00:00:00Z"}
    return {"AccessKeyId": f"AKIA{mark.upper()}", "SecretAccessKey": f"secret-{mark}"} | end | more


PROCESS = "/bin/echo '" + json.dumps({"Version": 1, "AccessKeyId": "AKIAPROC", "SecretAccessKey": "secret-proc"}) + "'"
SSO_KEYS = {"accessKeyId": "AKIASSO", "secretAccessKey": "secret-sso", "sessionToken": "token-sso"}
LOGIN_KEYS = {"accessKeyId": "AKIALOGIN", "secretAccessKey": "secret-login", "sessionToken": "token-login"}
LOGIN_TOKEN = json.dumps(
    {
        "accessToken": LOGIN_KEYS | {"accountId": "111122223333", "expiresAt": "2099-01-01T00:00:00Z"},
        "clientId": "arn:aws:signin:::devtools/same-device",
        "refreshToken": "refresh",
        "dpopKey": "unread",
    }
)
ANSWERS = [
    (SSO_URL, "200", json.dumps({"roleCredentials": SSO_KEYS | {"expiration": 4070908800000}})),
    (CONTAINER_URL, "200", json.dumps(document("ecs"))),
    (OTHER_CONTAINER_URL, "200", json.dumps(document("eks"))),
    (METADATA_URL + "api/token", "200", "metadata-token"),
    (METADATA_URL + "meta-data/iam/security-credentials/", "200", "machine"),
    (METADATA_URL + "meta-data/iam/security-credentials/machine", "200", json.dumps(document("imds", Code="Success"))),
]


def role_of(name):
    return f"arn:aws:iam::111122223333:role/{name}"


def pair_of(name, draw=None):
    pair = {"aws_access_key_id": f"AKIA{name.upper()}", "aws_secret_access_key": f"secret-{name}"}
    return pair | ({"aws_session_token": f"token-{name}"} if draw and draw(st.booleans()) else {})


@st.composite
def role_options(draw, name):
    return {"role_arn": role_of(name)} | draw(
        st.fixed_dictionaries(
            {},
            optional={
                "role_session_name": st.just(f"session-of-{name}"),
                "external_id": st.just(f"external-{name}"),
                "duration_seconds": st.sampled_from(["960", "3600", "43200", "soon"]),
            },
        )
    )


@st.composite
def profile_of(draw, name, way, sources):
    """The keys of a profile that says where its credentials come from in that way."""
    role = draw(role_options(name))
    source = {"source_profile": draw(st.sampled_from(sources))}
    return {
        "keys": pair_of(name, draw),
        "role": role | source,
        "self": role | {"source_profile": name} | pair_of(name, draw),
        "env": role | {"credential_source": "Environment"},
        "web": {key: role[key] for key in role if key.startswith("role")} | {"web_identity_token_file": TOKEN_FILE},
        "ecs": role | {"credential_source": "EcsContainer"},
        "imds": role | {"credential_source": "Ec2InstanceMetadata"},
        "sso": SSO | SSO_ROLE,
        "session": {"sso_session": "work"} | SSO_ROLE,
        "process": {"credential_process": PROCESS},
        "login": {"login_session": LOGIN},
        "bogus": role | {"credential_source": "environment"},
        "both": role | source | {"credential_source": "Environment"},
        "half": {"aws_access_key_id": f"AKIA{name.upper()}"},  # a secret alone is nothing to botocore
        "empty": {"region": "eu-west-1"},
    }[way]


def shared_files(profiles, draw):
    """The texts of both files. The credentials of a profile stay together."""
    config, credentials = [], []
    for name, keys in profiles.items():
        static = {key: value for key, value in keys.items() if key.startswith("aws_")}
        others = {key: value for key, value in keys.items() if key not in static}
        for is_config, part in ((draw(st.booleans()), static), (draw(st.integers(0, 3)) > 0, others)):
            heading_of = f"[{name}]" if not is_config or name == "default" else f"[profile {name}]"
            (config if is_config else credentials).append((heading_of, part))
    config.append(("[sso-session work]", SSO))
    return {CONFIG: written(config), CREDENTIALS: written(credentials)}


def written(sections):
    merged = {}
    for name, part in sections:
        merged.setdefault(name, {}).update(part)
    return "".join(f"{name}\n" + "".join(f"{k} = {v}\n" for k, v in part.items()) for name, part in merged.items())


every_token = {TOKEN_FILE: "the.web.token", LOGIN_FILE: LOGIN_TOKEN} | dict.fromkeys(TOKEN_FILES, SSO_TOKEN)
tokens = st.sampled_from([every_token] * 4 + [{}])


@st.composite
def role_graph(draw):
    """(profiles, files, environment)"""
    count = draw(st.integers(1, len(PROFILES)))
    profiles = {}
    for i, name in enumerate(PROFILES[:count]):
        ways = ROLES if i < count // 2 else BASES
        later = PROFILES[i + 1 : count] or [name]
        profiles[name] = draw(profile_of(name, draw(st.sampled_from(ways)), [*later * 4, *PROFILES, "missing"]))
    files = shared_files(profiles, draw) | draw(tokens)
    env = draw(st.sampled_from([{}, pair_in_environment("env")]))
    env |= draw(st.sampled_from([{}, {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": CONTAINER}]))
    return profiles, files, env | draw(st.sampled_from([{}, {"AWS_EC2_METADATA_DISABLED": "true"}]))


def pair_in_environment(name):
    return {"AWS_ACCESS_KEY_ID": f"AKIA{name.upper()}", "AWS_SECRET_ACCESS_KEY": f"secret-{name}"}


# ---- Where credentials may come from ----

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": ["AKIAENV"],
    "AWS_SECRET_ACCESS_KEY": ["secret-env"],
    "AWS_ACCESS_KEY": ["AKIAOLD"],
    "AWS_SECRET_KEY": ["secret-old"],
    "AWS_SESSION_TOKEN": ["token-env"],
    "AWS_WEB_IDENTITY_TOKEN_FILE": [TOKEN_FILE],
    "AWS_ROLE_ARN": [role_of("env")],
    "AWS_ROLE_SESSION_NAME": ["session-of-env"],
    "AWS_PROFILE": ["a", "b", "default", "missing"],
    "AWS_DEFAULT_PROFILE": ["a", "b", "missing"],
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": [CONTAINER],
    "AWS_CONTAINER_CREDENTIALS_FULL_URI": [OTHER_CONTAINER_URL, "http://192.0.2.1/no"],
    "AWS_EC2_METADATA_DISABLED": ["true", "false"],
}
PAIRS = [("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), ("AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN")]


@st.composite
def environment(draw):
    env = {}
    for name in draw(st.lists(st.sampled_from(list(ENVIRONMENT)), unique=True, max_size=4)):
        env[name] = draw(st.sampled_from([*ENVIRONMENT[name] * 3, ""]))
    for pair in PAIRS:
        if draw(st.integers(0, 4)) == 0:
            env |= {name: ENVIRONMENT[name][0] for name in pair}
    return env


@st.composite
def place(draw):
    """(profiles, files, environment, the block's profile)"""
    kinds = ["keys", "role", "env", "web", "ecs", "imds", "sso", "session", "process", "login", "half", "empty"]
    names = draw(st.lists(st.sampled_from(["default", "a", "b"]), unique=True, max_size=3))
    profiles = {name: draw(profile_of(name, draw(st.sampled_from(kinds)), ["a", "b"])) for name in names}
    files = shared_files(profiles, draw) | draw(tokens)
    return profiles, files, draw(environment()), draw(st.sampled_from(["", "", "", "a", "b", "missing"]))
