# SPDX-License-Identifier: MPL-2.0
"""whoami as a command: the Region and the endpoints, JSON, a block of a file, options."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from harness.access.instance import Instance
from harness.sandbox import ROOT
from harness.whoami import DONE, FAILED, LATER, ROLE_ARN, USAGE, USER, assert_ended, assumed, lines_of
from harness.world import NEW, OLD, REGION

USED = {"verdict": "used", "text": "the environment"}


# ---- The Region and the endpoints -------------------------------------------------------


def test_no_region(whoami):
    ended = whoami.run(AWS_REGION=None, **whoami.keys)
    assert_ended(
        ended,
        FAILED,
        'error: No Region\n\nno Region is set, neither here nor in the provider; the profile "default" has none in '
        f"{whoami.config}, {whoami.credentials}; EC2 metadata was not asked, since the credentials come from the "
        "environment\n\n"
        "Set `region` here or in the provider block, or AWS_REGION, or `region` in the profile.\n",
        "source     the environment\nkey        the access key ID ends in <ending>\nexpires    never\n",
    )


def test_the_region_of_an_instance(whoami, world, sandbox):
    way = Instance(world, sandbox)
    ended = whoami.run("--explain", AWS_REGION=None, **way.open())
    way.end()
    assert lines_of(ended, "region") == f"{REGION} (the EC2 instance, by its metadata)"
    assert "  used       the role" in ended.stdout


@pytest.mark.parametrize(
    "options, environment, shown",
    [
        (["--region", "us-gov-west-1"], {}, "us-gov-west-1 (`region`)"),
        ([], {"AWS_REGION": None, "AWS_DEFAULT_REGION": "cn-north-1"}, "cn-north-1 (AWS_DEFAULT_REGION)"),
        (["--profile", "work"], {"AWS_REGION": None}, 'eu-west-1 (region of the profile "work" ({config}, line 2))'),
    ],
)
def test_the_region_says_what_has_set_it(whoami, options, environment, shown):
    keys = "".join(f"{name.lower()} = {value}\n" for name, value in whoami.keys.items())
    whoami.config.write_text(f"[profile work]\nregion = eu-west-1\n{keys}")
    ended = whoami.run(*options, **whoami.keys, **environment)
    assert lines_of(ended, "region") == shown.format(config=whoami.config)
    assert ended.returncode == DONE


def test_endpoints_are_awss_own_where_nothing_sets_them(whoami):
    own = {"AWS_ENDPOINT_URL_RDS": None, "AWS_ENDPOINT_URL_KMS": None, "AWS_USE_FIPS_ENDPOINT": "true"}
    ended = whoami.run("--region", "us-east-1", **own, **whoami.keys)
    assert lines_of(ended, "endpoints").split() == [
        *("rds", "https://rds-fips.us-east-1.amazonaws.com"),
        *("kms", "https://kms-fips.us-east-1.amazonaws.com"),
        *("sts", whoami.world.aws.url, "(AWS_ENDPOINT_URL_STS)"),
    ]


def test_the_caller_is_asked_for_even_where_the_block_asks_for_nobody(whoami):
    ended = whoami.run(*whoami.block(skip_requesting_account_id=True), **whoami.keys)
    assert lines_of(ended, "account") == OLD
    assert ended.returncode == DONE


# ---- JSON -------------------------------------------------------------------------------


def test_json_has_these_names(whoami, world):
    url = world.aws.url
    answer = json.loads(whoami.run("--json", "--explain", **whoami.keys).stdout)
    assert answer == {
        "source": {"kind": "environment", "text": "the environment"},
        "account": OLD,
        "arn": USER,
        "partition": "aws",
        "region": {"name": REGION, "set_by": "AWS_REGION"},
        "endpoints": {
            "rds": {"url": url, "set_by": "AWS_ENDPOINT_URL_RDS"},
            "kms": {"url": url, "set_by": "AWS_ENDPOINT_URL_KMS"},
            "sts": {"url": url, "set_by": "AWS_ENDPOINT_URL_STS"},
        },
        "access_key_ending": whoami.keys["AWS_ACCESS_KEY_ID"][-4:],
        "expires": "never",
        "ends": "never",
        "tried": [USED, *({"verdict": "not_asked", "text": source} for source in LATER)],
    }


def test_json_has_what_was_tried_only_where_it_is_asked_for(whoami):
    assert "tried" not in json.loads(whoami.run("--json", **whoami.keys).stdout)


def test_a_failure_is_an_object_on_standard_output(whoami):
    ended = whoami.run("--json", "--explain", AWS_ACCESS_KEY_ID="AKIAIOSFODNN7EXAMPLE", AWS_SECRET_ACCESS_KEY="hush")
    answer = json.loads(ended.stdout)
    assert (ended.stderr, ended.returncode) == ("", FAILED)
    assert answer["tried"][0] == USED
    error = answer["error"]
    assert error["summary"] == "The credentials do not work"
    assert (error["kind"], error["code"], error["region"]) == ("denied", "InvalidClientTokenId", REGION)
    assert error["operation"] == "GetCallerIdentity"


def test_a_wrong_block_is_an_object_too(whoami):
    ended = whoami.run(*whoami.block(assume_role={"role_arn": "nobody"}, max_retries=-1), "--json")
    answer = json.loads(ended.stdout)
    assert (ended.stderr, ended.returncode) == ("", USAGE)
    assert answer["error"]["path"] == "assume_role[0].role_arn"
    assert [(d["severity"], d["path"]) for d in answer["diagnostics"]] == [
        ("error", "assume_role[0].role_arn"),
        ("error", "max_retries"),
    ]


# ---- --config ---------------------------------------------------------------------------


def test_a_block_is_chosen_by_its_alias(whoami):
    keys = {"access_key": whoami.keys["AWS_ACCESS_KEY_ID"], "secret_key": whoami.keys["AWS_SECRET_ACCESS_KEY"]}
    blocks = [{"region": "eu-west-1", **keys}, {"alias": "target", "region": "eu-west-2", **keys}]
    path = whoami.home / "providers.tf.json"
    path.write_text(json.dumps({"provider": {"snapshot": blocks}}))
    assert lines_of(whoami.run("--config", str(path)), "region") == "eu-west-1 (`region`)"
    assert lines_of(whoami.run("--config", str(path), "--alias", "target"), "region") == "eu-west-2 (`region`)"
    assert_ended(
        whoami.run("--config", str(path), "--alias", "other"),
        USAGE,
        f'error: The file cannot be used\n\n{path}: no provider block "snapshot" has the alias "other"; there is '
        '"target"\n',
    )


def test_a_block_of_provider_aws_is_used_with_a_note(whoami):
    ended = whoami.run(*whoami.block("aws"), **whoami.keys)
    assert lines_of(ended, "account") == OLD
    assert (ended.returncode, ended.stderr) == (
        DONE,
        'warning: The block of provider "aws" is used\n\n'
        'The file has no block of provider "snapshot". Terraform gives this provider only a block of that name: copy '
        "the block and rename the copy.\n",
    )


@pytest.mark.parametrize(
    "text, error",
    [
        (
            '{"provider": {"snapshot": {"region": "${var.region}"}}}',
            "error: provider.snapshot.region: The file cannot be used\n\n"
            "{path}: an expression, ${{...}}, and only constants can be read here\n\n"
            "Write the value itself. A literal ${{ is written $${{.\n",
        ),
        (
            '{"provider": {"snapshot": {"secret_kee": "hush"}}}',
            "error: provider.snapshot.secret_kee: The file cannot be used\n\n{path}: not an argument of this block\n",
        ),
        (
            '{"provider": {"snapshot": {"secret_key": "hush\n',
            "error: The file cannot be used\n\n{path}: line 1, column 46: this is not JSON\n\n"
            'Write the block in Terraform\'s JSON syntax: {{"provider": {{"NAME": {{"ARGUMENT": "VALUE"}}}}}}.\n',
        ),
        ('{"provider": {}}', 'error: The file cannot be used\n\n{path}: there is no provider block "snapshot"\n'),
        (None, "error: The file cannot be used\n\n--config: {path}: No such file or directory\n"),
    ],
    ids=["expression", "unknown", "json", "none", "missing"],
)
def test_a_file_that_cannot_be_used(whoami, text, error):
    path = whoami.home / "bad.tf.json"
    if text is not None:
        path.write_text(text)
    assert_ended(whoami.run("--config", str(path)), USAGE, error.format(path=path))


SOURCE = {"source": "rds-snapshot/snapshot"}
# The same block, each way that Terraform's JSON syntax has for it.
JSON_BLOCK = {
    "//": "a comment",
    "region": REGION,
    "user_agent": ["a/1", "a literal $${x} and %%{y}", "$", "$$$${z}"],
    "max_retries": "7",
    "insecure": "true",
    "skip_region_validation": None,
    "allowed_account_ids": [NEW, OLD],
    "default_tags": {"tags": {"team": "orders"}},
    "assume_role": {"role_arn": ROLE_ARN, "session_name": "by-json", "tags": {"$${key}": "%%{value}"}},
}


@pytest.mark.parametrize(
    "shape",
    [
        lambda block: {"provider": {"snapshot": block}},
        lambda block: {"provider": {"snapshot": [{"alias": "other", "region": "eu-west-1"}, block]}},
        lambda block: {"provider": [{"snapshot": [{"alias": "other"}]}, {"snapshot": [block]}]},
        lambda block: {"provider": {"snapshot": block | {"assume_role": [block["assume_role"]], "ignore_tags": []}}},
    ],
    ids=["object", "aliases", "lists", "nested"],
)
def test_a_file_means_to_it_what_it_means_to_terraform(whoami, world, cluster_copy, shape):
    workspace = cluster_copy.workspace
    workspace.remove("provider.tf")
    workspace.write("versions.tf.json", json.dumps({"terraform": {"required_providers": {"snapshot": SOURCE}}}))
    workspace.write("provider.tf.json", json.dumps(shape(JSON_BLOCK)))
    workspace.plan()
    ended = whoami.run("--config", str(workspace.folder / "provider.tf.json"), **whoami.keys)
    assert (ended.returncode, ended.stderr) == (DONE, "")
    by_terraform, by_whoami = world.calls("GetCallerIdentity")
    for same in ("caller_arn", "region", "user_agent"):
        assert by_terraform[same] == by_whoami[same]
    assert by_whoami["caller_arn"] == assumed("by-json")
    assert by_whoami["user_agent"].endswith(" a/1 a literal ${x} and %{y} $ $$${z}")
    roles = [call["parameters"] for call in world.calls("AssumeRole")]
    assert roles[0] == roles[1]


def test_the_block_of_the_guide(whoami):
    guide = (ROOT / "docs" / "guides" / "authentication.md").read_text()
    path = whoami.home / "guide.tf.json"
    path.write_text(re.search(r"```json\n(\{.*?\n\})\n```", guide, re.DOTALL).group(1))
    ended = whoami.run("--config", str(path), **whoami.keys)
    assert lines_of(ended, "account") == OLD
    assert ended.returncode == DONE


# ---- The command line -------------------------------------------------------------------


@pytest.mark.parametrize(
    "options, problem",
    [
        (["--profil", "x"], "whoami has no option --profil"),
        (["--profile"], "--profile needs a value; write --profile=NAME for one that begins with a hyphen"),
        (["--json=yes"], "--json takes no value"),
        (["work"], 'whoami takes options only, and "work" is not one'),
    ],
)
def test_wrong_options_are_named(whoami, options, problem):
    ended = whoami.run(*options)
    program = "terraform-provider-snapshot"
    assert (ended.returncode, ended.stdout) == (USAGE, "")
    assert ended.stderr == f"{program}: {problem}. `{program} whoami --help` lists the options.\n"


@pytest.mark.parametrize(
    "options, problem",
    [
        (["--config", "x", "--profile=y"], "--config and --profile exclude each other: the block says which profile"),
        (["--config", "x", "--region=y"], "--config and --region exclude each other: the block says which Region"),
        (["--alias", "y"], "--alias chooses among the provider blocks of a file, and there is no --config"),
    ],
)
def test_options_that_do_not_go_together(whoami, options, problem):
    assert_ended(whoami.run(*options), USAGE, f"error: These options do not go together\n\n{problem}\n")


def test_help_needs_nothing_and_fits_a_terminal(whoami):
    shown = whoami.run("--help")
    assert (shown.returncode, shown.stderr) == (DONE, "")
    assert shown.stdout.startswith("Usage: terraform-provider-snapshot whoami [OPTIONS]\n")
    assert max(len(line) for line in shown.stdout.split("\n")) <= 80
    assert whoami.run("--json", "-h").stdout == shown.stdout
    of_the_program = subprocess.run([whoami.binary, "--help"], capture_output=True, text=True, check=True).stdout
    assert re.search(r"^    whoami +\S", of_the_program, re.MULTILINE)
    options = re.findall(r"^  (--[a-z]+)", shown.stdout, re.MULTILINE)
    assert options == ["--profile", "--region", "--config", "--alias", "--explain", "--json", "--help"]


def test_nothing_is_called_but_sts(whoami, world):
    whoami.run("--explain", **whoami.keys)
    assert [call["operation"] for call in world.aws.calls()] == ["GetCallerIdentity"]


def test_its_memory_is_closed_as_the_plugins_is(whoami, world):
    """It holds keys; test_handshake has the plugin's side."""
    if b"__asan_init" in whoami.binary.read_bytes():
        pytest.skip("sanitizers look at their own process")
    held = world.aws.fault("GetCallerIdentity", "hold")
    environment = {**whoami.environment, **whoami.keys}
    del environment["TF_SNAPSHOT_DEBUGGABLE"]
    running = subprocess.Popen([whoami.binary, "whoami"], env=environment, stdout=subprocess.DEVNULL)
    without_power = ["setpriv", "--bounding-set", "-all"] if os.geteuid() == 0 else []
    try:
        world.aws.wait_until_held(held)
        limits = Path(f"/proc/{running.pid}/limits").read_text()
        spying = [*without_power, "cat", f"/proc/{running.pid}/environ"]
        seen = subprocess.run(spying, capture_output=True, check=False)
    finally:
        world.aws.release(held)
        assert running.wait(30) == DONE
    assert re.search(r"^Max core file size +0 ", limits, re.MULTILINE)
    assert (seen.returncode, seen.stdout) == (1, b"")


def test_a_reader_that_is_gone_is_a_failure(whoami):
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing) as output:
        environment = {**whoami.environment, **whoami.keys}
        ended = subprocess.run(
            [whoami.binary, "whoami"], env=environment, stdout=output, stderr=subprocess.PIPE, text=True, check=False
        )
    assert ended.returncode == FAILED
    assert "standard output" in ended.stderr
