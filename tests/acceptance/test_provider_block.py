# SPDX-License-Identifier: MPL-2.0
"""Who calls and where calls go: every way of the provider block, the environment and the shared files.

Each test gives all other ways the keys of another account or an address where nobody listens, and
looks at who arrived.
"""

import base64
import json
import os
import runpy

import pytest
from harness.resources import write_plain_copy
from harness.sandbox import ROOT, quoted
from harness.world import NEW, OLD, OPERATOR, REGION, snapshot_arn

ADDRESS = "snapshot_reencrypt_copy.x"
NOWHERE = "http://127.0.0.1:1"
KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
SERVICES = ("RDS", "KMS", "STS")


def user(account):
    return f"arn:aws:iam::{account}:user/administrator"


def session(account, role, name):
    return f"arn:aws:sts::{account}:assumed-role/{role}/{name}"


def role(account, name):
    return f"arn:aws:iam::{account}:role/{name}"


@pytest.fixture
def copy(new_workspace, world):
    """A copy in the old account; `provider` writes its provider block."""
    workspace = new_workspace(OLD)
    write_plain_copy(workspace, world)
    return workspace


def provider(workspace, *lines):
    workspace.write("provider.tf", 'provider "snapshot" {\n' + "\n".join(lines) + "\n}\n")


def without_keys(workspace, **instead):
    for name in KEYS:
        del workspace.environment[name]
    workspace.environment |= instead


def keys_of(world, account):
    keys = world.accounts[account]
    return dict(zip(KEYS, (keys.access_key, keys.secret_key), strict=True))


def profile_text(world, account, heading):
    keys = world.accounts[account]
    return f"[{heading}]\naws_access_key_id = {keys.access_key}\naws_secret_access_key = {keys.secret_key}\n"


def token_file(folder, subject="pod"):
    """What a cluster or a CI service gives its jobs: a JWT, whose signature nobody looks at here."""
    parts = [json.dumps(part).encode() for part in ({"alg": "none"}, {"sub": subject})] + [b"signature"]
    path = folder / "token"
    path.write_text(".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts) + "\n")
    return path


def callers(world):
    """Of everything but what makes a caller."""
    return {c["caller_arn"] for c in world.aws.calls() if not c["operation"].startswith("AssumeRole")}


def assert_made_by(world, caller):
    assert world.snapshot("after")["status"] == "available"
    assert callers(world) == {caller}
    assert {c["service"] for c in world.aws.calls()} == {"rds", "kms", "sts"}


# ---- Keys and profiles


def test_keys_of_the_block_go_before_all_else(copy, world, sandbox):
    (sandbox.home / "aws-credentials").write_text(profile_text(world, NEW, "default"))
    without_keys(copy, **keys_of(world, OPERATOR))
    keys = world.accounts[OLD]
    provider(copy, f'region = "{REGION}"', f'access_key = "{keys.access_key}"', f'secret_key = "{keys.secret_key}"')
    copy.apply()
    assert_made_by(world, user(OLD))


def test_keys_of_the_environment_go_before_a_profile_named_there(copy, world, sandbox):
    (sandbox.home / "aws-credentials").write_text(profile_text(world, NEW, "mine"))
    copy.environment["AWS_PROFILE"] = "mine"
    provider(copy, f'region = "{REGION}"')
    copy.apply()
    assert_made_by(world, user(OLD))


def test_a_profile_named_in_the_block_goes_before_the_environment_and_says_so(copy, world, sandbox):
    (sandbox.home / "aws-credentials").write_text(profile_text(world, OLD, "mine"))
    without_keys(copy, **keys_of(world, NEW))
    provider(copy, f'region = "{REGION}"', 'profile = "mine"')
    copy.apply().assert_warning("profile", "AWS_ACCESS_KEY_ID")
    assert_made_by(world, user(OLD))


def test_a_profile_named_in_the_environment_and_its_region(copy, world, sandbox):
    (sandbox.home / "aws-credentials").write_text(
        profile_text(world, NEW, "default") + profile_text(world, OLD, "mine")
    )
    (sandbox.home / "aws-config").write_text(f"[profile mine]\nregion = {REGION}\n")
    without_keys(copy, AWS_PROFILE="mine")
    provider(copy)
    copy.apply()
    assert_made_by(world, user(OLD))
    assert copy.state()[ADDRESS]["region"] == REGION


def test_the_default_profile_where_nothing_is_named(copy, world, sandbox):
    (sandbox.home / "aws-credentials").write_text(profile_text(world, OLD, "default"))
    without_keys(copy)
    provider(copy, f'region = "{REGION}"')
    copy.apply()
    assert_made_by(world, user(OLD))


def test_files_named_in_the_block_and_not_those_of_the_environment(copy, world, sandbox):
    """As in hashicorp/aws: the config file gives the Region, the credentials file the keys."""
    (sandbox.home / "aws-credentials").write_text(profile_text(world, NEW, "mine"))
    (sandbox.home / "aws-config").write_text("[profile mine]\nregion = us-east-1\n")
    (sandbox.home / "team-credentials").write_text(profile_text(world, OLD, "mine"))
    (sandbox.home / "team-config").write_text(f"[profile mine]\nregion = {REGION}\n")
    without_keys(copy)
    provider(
        copy,
        'profile = "mine"',
        'shared_config_files = ["~/team-config"]',
        f"shared_credentials_files = [{quoted(sandbox.home / 'team-credentials')}]",
    )
    copy.apply()
    assert_made_by(world, user(OLD))


def test_a_profile_that_does_not_exist_is_named_with_the_files_looked_at(copy, world, sandbox):
    provider(copy, f'region = "{REGION}"', 'profile = "minee"')
    refused = copy.apply(ok=False)
    refused.assert_error("minee", str(sandbox.home / "aws-config"), str(sandbox.home / "aws-credentials"))
    assert world.aws.calls() == []


@pytest.mark.parametrize(
    "lines, named",
    [
        ("web_identity_token_file = /token", "web_identity_token_file"),
        ("sso_session = company", "sso_session"),
        ("sso_start_url = https://company.example", "sso_start_url"),
        ("login_session = somebody", "login session"),
        ("credential_process = /bin/false", "credential_process"),
    ],
)
def test_a_profile_that_cannot_give_what_it_says_is_an_error(copy, world, sandbox, lines, named):
    """Falling back to other keys would copy as somebody else."""
    (sandbox.home / "aws-config").write_text(f"[profile mine]\n{lines}\n")
    without_keys(copy, **keys_of(world, OLD))
    provider(copy, f'region = "{REGION}"', 'profile = "mine"')
    copy.apply(ok=False).assert_error('the profile "mine"', named)
    assert world.aws.calls() == []


# ---- Roles and web identities


def test_roles_one_after_another(copy, world):
    without_keys(copy, **keys_of(world, OPERATOR))
    hops = ((OPERATOR, "gate"), (NEW, "hub"), (OLD, "mover"))
    provider(
        copy,
        f'region = "{REGION}"',
        *(f'assume_role {{\n role_arn = "{role(*hop)}"\n session_name = "by-test"\n}}' for hop in hops),
    )
    copy.apply()
    assert_made_by(world, session(OLD, "mover", "by-test"))
    assumed = {(c["caller_arn"], c["parameters"]["RoleArn"]) for c in world.calls("AssumeRole")}
    assert assumed == {
        (user(OPERATOR), role(*hops[0])),
        (session(*hops[0], "by-test"), role(*hops[1])),
        (session(*hops[1], "by-test"), role(*hops[2])),
    }


def test_a_web_identity_in_the_block_goes_before_the_environment(copy, world, sandbox):
    without_keys(copy, **keys_of(world, NEW))
    provider(
        copy,
        f'region = "{REGION}"',
        "assume_role_with_web_identity {",
        f'  role_arn                = "{role(OLD, "ci")}"',
        '  session_name            = "job-1"',
        f'  web_identity_token_file = "{token_file(sandbox.home)}"',
        "}",
    )
    copy.apply()
    assert_made_by(world, session(OLD, "ci", "job-1"))
    assert {c["signature"] for c in world.calls("AssumeRoleWithWebIdentity")} == {"unsigned"}


def test_a_web_identity_of_the_environment(copy, world, sandbox):
    """As EKS and CI services set it up: no block at all."""
    (sandbox.home / "aws-credentials").write_text(profile_text(world, NEW, "default"))
    without_keys(
        copy,
        AWS_WEB_IDENTITY_TOKEN_FILE=str(token_file(sandbox.home)),
        AWS_ROLE_ARN=role(OLD, "pod"),
        AWS_ROLE_SESSION_NAME="pod-1",
    )
    provider(copy, f'region = "{REGION}"')
    copy.apply()
    assert_made_by(world, session(OLD, "pod", "pod-1"))


def test_keys_of_the_environment_go_before_a_web_identity_there(copy, world, sandbox):
    copy.environment |= {
        "AWS_WEB_IDENTITY_TOKEN_FILE": str(token_file(sandbox.home)),
        "AWS_ROLE_ARN": role(NEW, "pod"),
    }
    provider(copy, f'region = "{REGION}"')
    copy.apply()
    assert_made_by(world, user(OLD))


def test_a_role_assumed_by_a_web_identity(copy, world, sandbox):
    without_keys(
        copy, AWS_WEB_IDENTITY_TOKEN_FILE=str(token_file(sandbox.home)), AWS_ROLE_ARN=role(OPERATOR, "pod")
    )
    provider(
        copy,
        f'region = "{REGION}"',
        f'assume_role {{\n role_arn = "{role(OLD, "mover")}"\n session_name = "by-pod"\n}}',
    )
    copy.apply()
    assert_made_by(world, session(OLD, "mover", "by-pod"))
    assumed = {c["caller_arn"] for c in world.calls("AssumeRole")}
    assert assumed and all(caller.startswith(session(OPERATOR, "pod", "")) for caller in assumed)


@pytest.mark.parametrize(
    "content, fragments",
    [
        (None, ["token"]),
        ("", ["token", "is empty"]),
        ("not a token", ["AssumeRoleWithWebIdentity", "InvalidIdentityToken"]),
    ],
    ids=["absent", "empty", "damaged"],
)
def test_a_token_file_that_is_no_good_is_an_error_and_nobody_else_calls(copy, world, sandbox, content, fragments):
    path = sandbox.home / "token"
    if content is not None:
        path.write_text(content)
    (sandbox.home / "aws-credentials").write_text(profile_text(world, OLD, "default"))
    without_keys(copy, AWS_WEB_IDENTITY_TOKEN_FILE=str(path), AWS_ROLE_ARN=role(OLD, "pod"))
    provider(copy, f'region = "{REGION}"')
    copy.apply(ok=False).assert_error(*fragments)
    assert callers(world) == set()


# ---- Endpoints


def point_to(workspace, **urls):
    for name in [n for n in workspace.environment if n.startswith("AWS_ENDPOINT_URL")]:
        del workspace.environment[name]
    workspace.environment |= {name: url for name, url in urls.items()}


def test_one_address_for_all_services(copy, world):
    point_to(copy, AWS_ENDPOINT_URL=world.aws.url)
    provider(copy, f'region = "{REGION}"')
    copy.apply()
    assert_made_by(world, user(OLD))


@pytest.mark.parametrize("service", SERVICES)
def test_the_address_of_a_service_goes_before_the_one_for_all(copy, world, service):
    """Both ways round: it is taken where it is good, and where it is not."""
    point_to(copy, AWS_ENDPOINT_URL=world.aws.url, **{f"AWS_ENDPOINT_URL_{service}": NOWHERE})
    provider(copy, f'region = "{REGION}"', "max_retries = 1")
    if service == "KMS":  # a copy is made without a look at its key
        copy.plan()
    else:
        copy.apply(ok=False).assert_error("127.0.0.1:1")
    assert service.lower() not in {c["service"] for c in world.aws.calls()}
    point_to(copy, AWS_ENDPOINT_URL=NOWHERE, **{f"AWS_ENDPOINT_URL_{name}": world.aws.url for name in SERVICES})
    copy.apply()
    assert_made_by(world, user(OLD))


def test_addresses_of_the_block_go_before_those_of_the_environment(copy, world):
    point_to(copy, AWS_ENDPOINT_URL=NOWHERE, **{f"AWS_ENDPOINT_URL_{name}": NOWHERE for name in SERVICES})
    addresses = [f'  {name.lower()} = "{world.aws.url}"' for name in SERVICES]
    provider(copy, f'region = "{REGION}"', "endpoints {", *addresses, "}")
    copy.apply()
    assert_made_by(world, user(OLD))


def test_what_the_block_does_not_name_comes_from_the_environment(copy, world):
    point_to(copy, AWS_ENDPOINT_URL_RDS=NOWHERE, AWS_ENDPOINT_URL_STS=world.aws.url, AWS_ENDPOINT_URL=world.aws.url)
    provider(copy, f'region = "{REGION}"', f'endpoints {{\n  rds = "{world.aws.url}"\n}}')
    copy.apply()
    assert_made_by(world, user(OLD))


def test_addresses_of_a_profile_come_last(copy, world, sandbox):
    (sandbox.home / "aws-config").write_text(
        f"[default]\nendpoint_url = {NOWHERE}\nservices = local\n[services local]\n"
        + "".join(f"{name.lower()} =\n  endpoint_url = {world.aws.url}\n" for name in SERVICES)
    )
    point_to(copy)
    provider(copy, f'region = "{REGION}"')
    copy.apply()
    assert_made_by(world, user(OLD))
    point_to(copy, AWS_ENDPOINT_URL=NOWHERE)
    provider(copy, f'region = "{REGION}"', "max_retries = 1")
    copy.plan(ok=False).assert_error("127.0.0.1:1")


def test_a_role_is_assumed_at_the_address_of_sts(copy, world):
    point_to(copy, **{f"AWS_ENDPOINT_URL_{name}": world.aws.url for name in ("RDS", "KMS")})
    provider(
        copy,
        f'region = "{REGION}"',
        f'assume_role {{\n role_arn = "{role(OLD, "mover")}"\n session_name = "here"\n}}',
        f'endpoints {{\n  sts = "{world.aws.url}"\n}}',
    )
    copy.apply()
    assert_made_by(world, session(OLD, "mover", "here"))
    assert copy.state()[ADDRESS]["arn"] == snapshot_arn("after")


def test_an_https_address_of_a_server_without_tls_says_so(copy, world):
    provider(
        copy,
        f'region = "{REGION}"',
        "max_retries = 1",
        f'endpoints {{\n  sts = "{world.aws.url.replace("http:", "https:")}"\n}}',
    )
    copy.plan(ok=False).assert_error("the TLS handshake failed (wrong version number)")


# ---- What is named as a file and is none


@pytest.mark.parametrize(
    "name",
    [
        "shared_config_files",
        "shared_credentials_files",
        "custom_ca_bundle",
        "web_identity_token_file",
        "AWS_CONFIG_FILE",
        "AWS_SHARED_CREDENTIALS_FILE",
        "AWS_CA_BUNDLE",
        "SSL_CERT_FILE",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
    ],
)
def test_a_pipe_is_refused_at_once_by_the_name_of_what_sets_it(copy, world, sandbox, name):
    """Nobody writes to it: a read would block for ever."""
    path = str(sandbox.home / "pipe")
    os.mkfifo(path)
    lines = {
        "shared_config_files": f'shared_config_files = ["{path}"]',
        "shared_credentials_files": f'shared_credentials_files = ["{path}"]',
        "custom_ca_bundle": f'custom_ca_bundle = "{path}"',
        "web_identity_token_file": "assume_role_with_web_identity {\n"
        f'  role_arn = "{role(OLD, "ci")}"\n  web_identity_token_file = "{path}"\n}}',
    }
    if name not in lines:
        copy.environment[name] = path
    if "WEB_IDENTITY" in name:
        without_keys(copy, AWS_ROLE_ARN=role(OLD, "pod"))
    provider(copy, f'region = "{REGION}"', lines.get(name, ""))
    copy.plan(ok=False, limit=20).assert_error(name, f"{path} is a pipe", "to a file")
    assert callers(world) == set()


@pytest.mark.parametrize(
    "path, what", [("/dev/zero", "a device"), ("/", "a folder"), ("/dev/fd/63", "an open descriptor")]
)
def test_other_things_than_files_are_refused_too(copy, path, what):
    """The last one is a shell's <(...): the provider would find nothing there, and call by other keys."""
    copy.environment["AWS_CONFIG_FILE"] = path
    provider(copy, f'region = "{REGION}"')
    copy.plan(ok=False).assert_error("AWS_CONFIG_FILE", f"{path} is {what}")


def test_the_null_device_is_an_empty_file(copy, world):
    """As many set it, to have no profiles."""
    copy.environment |= {"AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null"}
    provider(copy, f'region = "{REGION}"')
    copy.apply()
    assert_made_by(world, user(OLD))


# ---- Pasted from hashicorp/aws


@pytest.mark.parametrize(
    "argument",
    ['http_proxy = "http://127.0.0.1:1"', "skip_metadata_api_check = true", 'token_bucket_rate_limiter_capacity = "5"'],
)
def test_what_has_no_meaning_here_is_accepted(copy, argument):
    provider(copy, f'region = "{REGION}"', argument, 'no_proxy = "127.0.0.1"')
    copy.validate()


def test_a_block_for_an_imitation_of_aws_names_services_that_are_not_called(copy, world):
    point_to(copy)
    names = ("apigateway", "cloudwatchlogs", "dynamodb", "iam", "kms", "lambda", "rds", "s3", "secretsmanager", "sts")
    provider(copy, f'region = "{REGION}"', "endpoints {", *(f'  {name} = "{world.aws.url}"' for name in names), "}")
    copy.apply()
    assert_made_by(world, user(OLD))


def test_endpoints_that_are_switched_off(copy, world):
    """A validation does not know variables, and looks into the block."""
    provider(
        copy,
        f'region = "{REGION}"',
        'dynamic "endpoints" {\n for_each = var.local ? [1] : []\n content {\n  s3 = "http://s3.example"\n }\n}',
    )
    copy.write("variables.tf", 'variable "local" {\n  type    = bool\n  default = false\n}\n')
    copy.validate()
    copy.apply()
    assert_made_by(world, user(OLD))


def test_the_names_of_endpoints_are_those_of_the_list():
    """What plugin/aws_provider/endpoint_names.py writes."""
    folder = ROOT / "plugin" / "aws_provider"
    made = runpy.run_path(str(folder / "endpoint_names.py"))["header"]((folder / "endpoint_names.txt").read_text())
    assert made == (folder / "endpoint_names.h").read_text()


def test_services_with_an_endpoint_of_their_own_do_without_fips(copy, world):
    point_to(copy)
    addresses = [f'  {name.lower()} = "{world.aws.url}"' for name in SERVICES]
    provider(copy, f'region = "{REGION}"', "use_fips_endpoint = true", "endpoints {", *addresses, "}")
    copy.apply()
    assert_made_by(world, user(OLD))


@pytest.mark.parametrize("arguments", ["role_arn = null", 'role_arn = ""\n duration = "15m"', ""])
def test_a_single_role_without_an_arn_is_not_assumed_and_said(copy, world, arguments):
    provider(copy, f'region = "{REGION}"', f"assume_role {{\n {arguments}\n}}")
    copy.apply().assert_warning("No role is assumed", "role_arn")
    assert_made_by(world, user(OLD))
    assert world.calls("AssumeRole") == []


def test_a_role_without_an_arn_among_several_is_refused(copy, world):
    provider(
        copy, f'region = "{REGION}"', f'assume_role {{\n role_arn = "{role(OLD, "mover")}"\n}}', "assume_role {\n}"
    )
    copy.plan(ok=False).assert_error("No role to assume", "role_arn")
    assert world.aws.calls() == []


def test_an_empty_text_and_no_retries_are_as_if_not_set(copy, world):
    """As modules pass on optional variables. The environment says what the block does not."""
    copy.environment["AWS_REGION"] = REGION
    names = ("access_key", "custom_ca_bundle", "http_proxy", "profile", "region", "secret_key", "sts_region", "token")
    provider(copy, "max_retries = 0", *(f'{name} = ""' for name in names))
    world.aws.fault("GetCallerIdentity", "throttle", count=2)
    copy.apply()
    assert_made_by(world, user(OLD))
    assert copy.is_settled()


def test_what_is_null_in_a_collection_is_left_out(copy, world):
    """And the plan settles: what AWS has is what is in tags_all. `tags` stays as it is written."""
    without_keys(copy, **keys_of(world, OPERATOR))
    provider(
        copy,
        f'region = "{REGION}"',
        f'allowed_account_ids = ["{OLD}", null]',
        "default_tags {\n  tags = {\n    env  = null\n    team = \"a\"\n    kept = \"\"\n  }\n}",
        "assume_role {",
        f'  role_arn            = "{role(OLD, "mover")}"',
        '  session_name        = "by-test"',
        '  tags                = { project = "p", nothing = null }',
        '  transitive_tag_keys = ["project", null]',
        "}",
    )
    tags = '{ own = "b", team = null, gone = null }'
    copy.write("override.tf", f'resource "snapshot_reencrypt_copy" "x" {{\n  tags = {tags}\n}}')
    copy.apply()
    made = copy.state()[ADDRESS]
    assert made["tags_all"] == {"team": "a", "kept": "", "own": "b"}
    assert made["tags"] == {"own": "b", "team": None, "gone": None}
    assert world.snapshot("after")["tags"].keys() == {"team", "kept", "own", "terraform-provider-snapshot"}
    assumed = world.calls("AssumeRole")[0]["parameters"]
    assert not any("nothing" in str(value) for value in assumed.values())
    assert copy.is_settled()


def test_a_guard_goes_before_skip_requesting_account_id(copy, world):
    provider(
        copy, f'region = "{REGION}"', "skip_requesting_account_id = true", f'forbidden_account_ids = ["{OLD}"]'
    )
    copy.plan(ok=False).assert_error("forbidden_account_ids", OLD)
    assert {c["operation"] for c in world.aws.calls()} == {"GetCallerIdentity"}


def test_the_token_of_a_web_identity_may_be_in_the_environment(copy, world, sandbox):
    token = token_file(sandbox.home).read_text().strip()
    without_keys(copy, **keys_of(world, NEW), TF_AWS_WEB_IDENTITY_TOKEN=token)
    provider(
        copy,
        f'region = "{REGION}"',
        f'assume_role_with_web_identity {{\n role_arn = "{role(OLD, "ci")}"\n session_name = "job-1"\n}}',
    )
    copy.apply()
    assert_made_by(world, session(OLD, "ci", "job-1"))


@pytest.mark.parametrize("way", ["block", "environment"])
def test_this_machine_is_not_called_through_a_proxy(copy, world, way):
    if way == "environment":
        copy.environment |= {"HTTP_PROXY": NOWHERE, "HTTPS_PROXY": NOWHERE}
    provider(copy, f'region = "{REGION}"', f'http_proxy = "{NOWHERE}"' if way == "block" else "")
    copy.apply()
    assert_made_by(world, user(OLD))
