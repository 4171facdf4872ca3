# SPDX-License-Identifier: MPL-2.0
"""whoami, word by word: for each source of credentials, and where it has none to give.

It is run as a person runs it: no Terraform. What changes from run to run is
written <time>, <span>, <ending> and the like.
"""

import base64
import json
import os
import re

import pytest
from harness.access import all_ways
from harness.access.process import Process
from harness.access.sso import Login
from harness.whoami import (
    DONE,
    FAILED,
    LATER,
    PATTERNS,
    ROLE_ARN,
    USAGE,
    USER,
    assert_ended,
    assert_words,
    assumed,
    lines_of,
)
from harness.world import NEW, OLD, REGION, ROLE

WAYS = all_ways()
FUTURE, PAST = "2099-01-01T00:00:00Z", "2001-01-01T00:00:00Z"
RENEWED = "<time>, in <span>; the provider renews them before"


def token(folder, text=None):
    parts = ({"alg": "none"}, {"sub": "somebody"})
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    path = folder / "token.jwt"
    path.write_text(".".join([*encoded, "signature"]) if text is None else text)
    return str(path)


# ---- Each source: the words for a person ------------------------------------------------

REST = "".join(f"  not asked  {source}\n" for source in LATER)
KEY = {"key": "the access key ID ends in <ending>"}
SIGN_IN = "then run aws sso login --profile work"
ROLE_BY_SSO = f'the role "{ROLE}" of account {OLD}, by {{key}} of the profile "work" ({{{{home}}}}/aws-config, line 2)'
# Imitation (harness/access) -> its lines. {home} is the sandbox's, {url} the imitation's.
WORDS = {
    "Environment": {"source": "the environment", "arn": USER, **KEY, "expires": "never"},
    "Profile": {"source": 'the profile "work" ({home}/aws-config, line 2)', "arn": USER, **KEY, "expires": "never"},
    "SourceProfile": {
        "source": f'the role {ROLE_ARN}, assumed with the profile "base" ({{home}}/aws-config, line 5)',
        "arn": assumed(),
        **KEY,
        "expires": RENEWED,
    },
    "WebIdentity": {"source": f"the role {ROLE_ARN}", "arn": assumed(), **KEY, "expires": RENEWED},
    "Process": {
        "source": 'credential_process of the profile "work" ({home}/aws-config, line 2)',
        "arn": assumed("process-<number>"),
        **KEY,
        "expires": RENEWED,
    },
    "Sso": {"source": ROLE_BY_SSO.format(key="sso_session"), "arn": assumed("sso-<number>"), **KEY, "expires": RENEWED},
    "LegacySso": {
        "source": ROLE_BY_SSO.format(key="sso_start_url"),
        "arn": assumed("sso-<number>"),
        **KEY,
        "expires": "<time>, in <span>\n           " + SIGN_IN,
    },
    "Login": {
        "source": 'login_session of the profile "work" ({home}/aws-config, line 2)',
        "arn": assumed("login-<number>"),
        **KEY,
        "expires": "<time>, in <span>\n"
        "           then run aws login --profile work, or any aws command with that profile",
    },
    "Container": {
        "source": "the container's credentials endpoint (AWS_CONTAINER_CREDENTIALS_FULL_URI)",
        "arn": assumed("container-<number>"),
        **KEY,
        "expires": RENEWED,
    },
    "Instance": {
        "source": 'the role "migration-host" of this EC2 instance ({url})',
        "arn": assumed("instance-<number>"),
        **KEY,
        "expires": RENEWED,
    },
}


@pytest.fixture
def way(request, world, sandbox):
    way = request.param(world, sandbox)
    way.account = OLD
    yield way
    way.end()


by_each = pytest.mark.parametrize("way", WAYS, ids=[way.__name__ for way in WAYS], indirect=True)


def of_this_run(text, way, whoami):
    url = way.metadata.url if hasattr(way, "metadata") else ""
    return text.replace("{home}", str(whoami.home)).replace("{url}", url)


@by_each
def test_each_source_in_words_and_as_json(way, whoami):
    environment = way.open()
    words = {label: of_this_run(line, way, whoami) for label, line in WORDS[type(way).__name__].items()}
    shown = whoami.run(**environment)
    assert_words(shown.stdout, whoami.text(account=OLD, **words))
    assert (shown.stderr, shown.returncode) == ("", DONE)

    answer = json.loads(whoami.run("--json", **environment).stdout)
    assert answer["source"]["kind"] == way.name
    assert_words(answer["source"]["text"], words["source"])
    assert answer["account"] == OLD
    assert re.fullmatch(PATTERNS["<time>"] if way.expires else "never", answer["expires"])


def test_arguments_of_the_block(whoami):
    keys = dict(zip(("access_key", "secret_key"), whoami.keys.values(), strict=True))
    shown = whoami.run(*whoami.block(**keys))
    expected = {"source": "the provider's arguments", "account": OLD, "arn": USER, "region": f"{REGION} (`region`)"}
    assert_words(shown.stdout, whoami.text(**expected, **KEY, expires="never"))
    assert (shown.stderr, shown.returncode) == ("", DONE)


def test_roles_of_the_block(whoami, world):
    role = {"role_arn": ROLE_ARN, "session_name": "first"}
    other = {"role_arn": ROLE_ARN.replace(OLD, NEW), "session_name": "second"}
    shown = whoami.run(*whoami.block(assume_role=[role, other]), **whoami.keys)
    assert_words(
        shown.stdout,
        whoami.text(
            source=f"the role {other['role_arn']}, assumed with the role {ROLE_ARN}, assumed with the environment",
            account=NEW,
            arn=assumed("second", NEW),
            region=f"{REGION} (`region`)",
            **KEY,
            expires=RENEWED,
        ),
    )
    assert (shown.stderr, shown.returncode) == ("", DONE)


def test_web_identity_of_the_block(whoami):
    web = {"role_arn": ROLE_ARN, "session_name": "ci", "web_identity_token_file": token(whoami.home)}
    shown = whoami.run(*whoami.block(assume_role_with_web_identity=web))
    assert_words(
        shown.stdout,
        whoami.text(
            source=f"the role {ROLE_ARN}",
            account=OLD,
            arn=assumed("ci"),
            region=f"{REGION} (`region`)",
            **KEY,
            expires=RENEWED,
        ),
    )
    assert (shown.stderr, shown.returncode) == ("", DONE)


# ---- How long they last -----------------------------------------------------------------


@pytest.mark.parametrize(
    "more, expires, ends",
    [
        ({}, "with their session token, at a time that is not known here", "unknown"),
        ({"AWS_CREDENTIAL_EXPIRATION": FUTURE}, f"{FUTURE}, in <span>", FUTURE),
        ({"AWS_CREDENTIAL_EXPIRATION": PAST}, f"{PAST}, <span> ago", PAST),
    ],
    ids=["unknown", "known", "past"],
)
def test_a_session_of_the_environment(whoami, world, more, expires, ends):
    environment = {**world.session_keys(), **more}
    shown = whoami.run(**environment)
    fresh = "\n           then the provider needs fresh ones from you"
    assert_words(lines_of(shown, "expires"), expires + fresh)
    assert lines_of(shown, "source") == "the environment (AWS_SESSION_TOKEN)"
    answer = json.loads(whoami.run("--json", **environment).stdout)
    assert (answer["expires"], answer["ends"]) == (ends, ends)


def test_a_session_of_a_program_that_does_not_say_when_it_ends(whoami, world, sandbox):
    way = Process(world, sandbox)
    way.tells_expiry = False
    environment = way.open()
    try:
        shown, answer = whoami.run(**environment), json.loads(whoami.run("--json", **environment).stdout)
    finally:
        way.end()
    assert lines_of(shown, "expires") == "when AWS says so; the source is then asked again"
    assert (answer["expires"], answer["ends"]) == ("unknown", "never")


def test_a_role_on_a_session(whoami, world):
    shown = whoami.run(*whoami.block(assume_role={"role_arn": ROLE_ARN}), **world.session_keys())
    assert_words(
        lines_of(shown, "expires"),
        "<time>, in <span>; the provider renews them until the session below ends, at a time that is not known here\n"
        "           then the provider needs fresh ones from you",
    )


# ---- Each source where it fails ---------------------------------------------------------


def leave_half(way, environment):
    del environment["AWS_SECRET_ACCESS_KEY"]


def take_secret(way, environment):
    way.config.write_text("".join(way.config.read_text().splitlines(keepends=True)[:-1]))


def refuse_role(way, environment):
    way.world.aws.fault("AssumeRole", "access_denied", count=None)


def take_token_file(way, environment):
    os.unlink(environment["AWS_WEB_IDENTITY_TOKEN_FILE"])


def break_program(way, environment):
    (way.sandbox.home / "print keys").write_text("#!/bin/sh\necho hush\necho 'the vault is locked' >&2\nexit 3\n")


def sign_out(way, environment):
    way.end()  # nobody signs in again
    for token in (way.sandbox.home / ".aws").rglob("*.json"):
        token.unlink()


def refuse_container(way, environment):
    way.endpoint.refusal = (403, "AccessDenied", "this pod has no role")


def refuse_instance(way, environment):
    way.metadata.refusal = {"Code": "AssumeRoleUnauthorizedAccess", "Message": "EC2 cannot assume the role"}


REFUSED = (
    f"assuming the role {ROLE_ARN}: User: {USER} is not authorized to perform: sts:AssumeRole because no "
    "identity-based policy allows the sts:AssumeRole action"
)
REFUSED_ROLE = (
    f"{REFUSED}\n\n"
    "Two halves must both allow it: the trust policy of that role must name whoever assumes it, and the IAM policy of "
    "whoever assumes it must allow the action on that role. A role made minutes ago may not be known everywhere yet."
    "\n\n(operation AssumeRole, code AccessDenied, request id <request>, Region eu-central-1)"
)


NO_SESSION = (
    'there is no SSO session for the profile "work": {{home}}/.aws/sso/cache/{name}.json is missing\n\n'
    "Run `aws sso login --profile work`, then try again."
)
HALF = (
    "warning: Half a pair of keys in the environment\n\nAWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not, "
    "and one without the other is not used. The credentials come from the next source that has some instead: a web "
    "identity, a profile, the container or the EC2 instance.\n\nSet both or neither. `terraform-provider-snapshot "
    "whoami` shows whose credentials are used.\n\n"
)
# Imitation -> what breaks it, the words on standard error.
FAILURES = {
    "Environment": (
        leave_half,
        "no AWS credentials were found. Checked: environment: AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is "
        "not, and one without the other is not used; web identity: AWS_WEB_IDENTITY_TOKEN_FILE is not set; the profile "
        '"default" was not found in {home}/aws-config, {home}/aws-credentials; container: '
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and AWS_CONTAINER_CREDENTIALS_FULL_URI are not set; EC2 metadata: "
        "switched off by AWS_EC2_METADATA_DISABLED\n\n"
        "Set AWS_PROFILE to a profile that has credentials, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. "
        "`terraform-provider-snapshot whoami --explain` shows each source with its reason.",
    ),
    "Profile": (
        take_secret,
        'the profile "work" has aws_access_key_id without aws_secret_access_key in {home}/aws-config, line 2\n\n'
        "Add aws_secret_access_key beside it, or remove what is there. Both keys must be in the same file.",
    ),
    "SourceProfile": (refuse_role, REFUSED_ROLE),
    "WebIdentity": (
        take_token_file,
        "reading the web identity token of AWS_WEB_IDENTITY_TOKEN_FILE: {home}/token.jwt: No such file or directory\n\n"
        "Whoever issues the tokens writes the file: on EKS a pod with a service account for a role has it, in CI a "
        "step of the job writes it. Correct AWS_WEB_IDENTITY_TOKEN_FILE, or see that it is written before.",
    ),
    "Process": (
        break_program,
        'credential_process of the profile "work" ({home}/aws-config, line 2): "{home}/print keys" ended with status '
        "3. It wrote to standard error:\n\nthe vault is locked",
    ),
    "Sso": (sign_out, NO_SESSION.format(name="ee0bfd2552fbd840c02cc48b6e823320543c450f")),
    "LegacySso": (sign_out, NO_SESSION.format(name="a51746d4aa793ae07b25e90c3a5db96fc7832bd7")),
    "Login": (
        sign_out,
        'there is no login session for the profile "work": {home}/.aws/login/cache/'
        "e86c64f9a5bed4aa34a5f08d3c93c80ce3733f6e67f19c7c9ba92a8af6c3aa91.json is missing\n\n"
        "Run `aws login --profile work`, then try again.",
    ),
    "Container": (
        refuse_container,
        "the container's credentials endpoint of AWS_CONTAINER_CREDENTIALS_FULL_URI answered with HTTP status 403: "
        "AccessDenied: this pod has no role\n\n"
        "Check that AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE or AWS_CONTAINER_AUTHORIZATION_TOKEN gives the token that "
        "the endpoint expects, and on EKS the Pod Identity association of the service account and the trust policy of "
        "its role (pods.eks.amazonaws.com).",
    ),
    "Instance": (
        refuse_instance,
        'the EC2 metadata service has no credentials for the role "migration-host" of this EC2 instance ({url}): '
        "AssumeRoleUnauthorizedAccess: EC2 cannot assume the role\n\n"
        "EC2 may not assume that role: its trust policy must name ec2.amazonaws.com.",
    ),
}


@by_each
def test_each_source_that_fails(way, whoami):
    environment = way.open()
    breaks, words = FAILURES[type(way).__name__]
    breaks(way, environment)
    words = of_this_run(words, way, whoami)
    said = f"{HALF if breaks is leave_half else ''}error: No credentials\n\n{words}\n"
    assert_ended(whoami.run(**environment), FAILED, said, whoami.text())
    ended = whoami.run("--json", **environment)
    assert (ended.returncode, ended.stderr) == (FAILED, "")
    error = json.loads(ended.stdout)["error"]
    assert error["summary"] == "No credentials"
    assert words.startswith(error["message"])


def test_no_credentials_at_all(whoami):
    looked_at = [
        "environment: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set",
        "web identity: AWS_WEB_IDENTITY_TOKEN_FILE is not set",
        f'the profile "default" was not found in {whoami.config}, {whoami.credentials}',
    ]
    ended = whoami.run("--explain")
    assert ended.returncode == FAILED
    assert ended.stderr.startswith(
        f"error: No credentials\n\nno AWS credentials were found. Checked: {'; '.join(looked_at)}; "
    )
    tried = "".join(f"  has none   {line}\n" for line in looked_at)
    assert ended.stdout.startswith(whoami.text(tried=tried))
    assert "failed" not in ended.stdout


def test_half_of_the_arguments(whoami):
    ended = whoami.run(*whoami.block(access_key="AKIAIOSFODNN7EXAMPLE"))
    assert_ended(
        ended,
        USAGE,
        "error: access_key: Half a pair of keys\n\n`access_key` is set but `secret_key` is not.\n\n"
        "Set both `access_key` and `secret_key` or, better, neither: keys in a configuration are easily published; use "
        "a profile or the environment.\n",
    )


def test_keys_of_nobody_in_the_environment(whoami):
    ended = whoami.run(AWS_ACCESS_KEY_ID="AKIAIOSFODNN7EXAMPLE", AWS_SECRET_ACCESS_KEY="hush")
    assert_ended(
        ended,
        FAILED,
        "error: The credentials do not work\n\n"
        "finding out which account the provider's credentials belong to: The security token included in the request is "
        "invalid.\n\n"
        "AWS does not know this access key. Or the session token belongs to other keys (see AWS_SESSION_TOKEN), or the "
        "Region is not enabled for the account or belongs to another partition (GovCloud, China).\n\n"
        "(operation GetCallerIdentity, code InvalidClientTokenId, request id <request>, Region eu-central-1)\n",
        whoami.text(source="the environment", key="the access key ID ends in MPLE", expires="never"),
    )


def test_a_profile_that_does_not_exist(whoami):
    ended = whoami.run("--profile", "work", "--explain")
    reason = f'the profile "work" was not found in {whoami.config}, {whoami.credentials}'
    assert_ended(
        ended,
        FAILED,
        f"error: No credentials\n\n{reason}\n\nCorrect `profile` (for whoami: --profile) or AWS_PROFILE, or add the "
        "profile: [profile NAME] in the config file, [NAME] in the credentials file.\n",
        whoami.text(tried=f"  failed     {reason}\n  not asked  container\n  not asked  EC2 metadata\n"),
    )


def test_a_profile_beside_keys_of_the_environment_is_warned_of(whoami):
    keys = "".join(f"{name.lower()} = {value}\n" for name, value in whoami.keys.items())
    whoami.config.write_text(f"[profile work]\n{keys}")
    assert_ended(
        whoami.run("--profile", "work", **whoami.keys),
        DONE,
        "warning: profile: The profile is used, not the keys of the environment\n\n"
        "Both `profile` (for whoami: --profile) and AWS_ACCESS_KEY_ID are set; a profile that is named there goes "
        "first, other than one that AWS_PROFILE names.\n",
        whoami.text(
            source=f'the profile "work" ({whoami.config}, line 2)', account=OLD, arn=USER, **KEY, expires="never"
        ),
    )


def test_a_role_of_the_block_that_cannot_be_assumed(whoami, world):
    world.aws.fault("AssumeRole", "access_denied")
    ended = whoami.run(*whoami.block(assume_role={"role_arn": ROLE_ARN}), "--explain", **whoami.keys)
    assert_ended(
        ended,
        FAILED,
        f"error: No credentials\n\n{REFUSED_ROLE}\n",
        whoami.text(
            region=f"{REGION} (`region`)", tried=f"  used       the environment\n  failed     {REFUSED}\n" + REST
        ),
    )


def test_a_token_file_of_the_block_that_is_empty(whoami):
    web = {"role_arn": ROLE_ARN, "web_identity_token_file": token(whoami.home, text="")}
    ended = whoami.run(*whoami.block(assume_role_with_web_identity=web))
    assert_ended(
        ended,
        FAILED,
        "error: No credentials\n\n"
        f"the web identity token file of `web_identity_token_file`, {whoami.home}/token.jwt, is empty\n\n"
        "Whoever issues the tokens writes the file: on EKS a pod with a service account for a role has it, in CI a "
        "step of the job writes it. Correct `web_identity_token_file`, or see that it is written before.\n",
        whoami.text(region=f"{REGION} (`region`)"),
    )


def test_an_account_that_is_not_allowed(whoami):
    ended = whoami.run(*whoami.block(allowed_account_ids=[NEW]), **whoami.keys)
    assert ended.returncode == FAILED
    assert f"belong to account {OLD} ({USER}), which is not among its allowed_account_ids: {NEW}" in ended.stderr


def test_nobody_answers(whoami):
    ended = whoami.run(AWS_ENDPOINT_URL_STS="http://127.0.0.1:1", **whoami.keys)
    assert ended.returncode == FAILED
    assert ended.stderr.startswith("error: The credentials do not work\n")


# ---- What is told to those who hand out keys

IMITATIONS = {"Sso": "center", "Container": "endpoint", "Instance": "metadata"}  # that answer by HTTP
ASKED = [way for way in WAYS if way.__name__ in IMITATIONS]


@pytest.mark.parametrize("way", ASKED, ids=[way.__name__ for way in ASKED], indirect=True)
def test_whoever_hands_out_keys_hears_who_asks(way, whoami):
    environment = way.open()
    if way.name == "sso":
        Login(way.center, way.sandbox.home).sign_in(ends_in=60)  # so soon that it is renewed first
    assert whoami.run(TF_APPEND_USER_AGENT="ci/3", **environment).returncode == DONE
    asked = getattr(way, IMITATIONS[type(way).__name__]).asked
    said = {request.headers.get("user-agent", "") for request in asked}
    assert len(asked) > (way.name == "sso")
    assert len(said) == 1 and re.fullmatch(r"terraform-provider-snapshot/[0-9.]+ ci/3", said.pop())
