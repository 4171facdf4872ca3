# SPDX-License-Identifier: MPL-2.0
"""Each argument with a value that cannot be: the error points at it and says what is wrong."""

import json

import pytest
from harness.world import OLD, REGION

ARN = f"arn:aws:rds:{REGION}:{OLD}:cluster-snapshot:x"
INSTANCE_ARN = f"arn:aws:rds:{REGION}:{OLD}:snapshot:x"

COPY = {"source_snapshot_identifier": '"s"', "target_snapshot_identifier": '"t"', "kms_key_id": '"alias/k"'}
SHARE = {"snapshot_identifier": '"s"', "account_ids": '["444455556666"]'}
POLICY = {
    "side": '"source"',
    "owner_account_id": '"111122223333"',
    "reader_account_ids": '["444455556666"]',
    "regions": '["eu-central-1"]',
}
TAGS_51 = "{ " + ", ".join(f'k{n} = "v"' for n in range(50)) + " }"

# type, argument, value, fragment of the error
CASES = [
    ("copy", "target_snapshot_identifier", '""', "empty"),
    ("copy", "target_snapshot_identifier", '"1st"', "letter"),
    ("copy", "target_snapshot_identifier", '"a--b"', "two in a row"),
    ("copy", "target_snapshot_identifier", '"a-"', "hyphen"),
    ("copy", "target_snapshot_identifier", '"a_b"', "hyphens"),
    ("copy", "target_snapshot_identifier", '"é"', "letter"),
    ("copy", "target_snapshot_identifier", f'"{"a" * 64}"', "63"),
    ("copy", "target_snapshot_identifier", '"rds:auto"', "automatic"),
    ("copy", "target_snapshot_identifier", '"awsbackup:x"', "automatic"),
    ("copy", "target_snapshot_identifier", f'"{ARN}"', "character"),
    ("copy", "target_snapshot_identifier", "null", "required"),
    ("copy", "source_snapshot_identifier", '""', "source_snapshot_identifier"),
    ("copy", "source_snapshot_identifier", '"arn:aws:s3:::x"', "s3"),
    ("copy", "source_snapshot_identifier", f'"arn:aws:rds:{REGION}:{OLD}:cluster:x"', "cluster-snapshot:"),
    ("copy", "source_snapshot_identifier", f'"arn:aws:rds:{REGION}:1:cluster-snapshot:x"', "account"),
    ("copy", "source_snapshot_identifier", f'"arn:aws:rds:{REGION}:{OLD}:cluster-snapshot:"', "name"),
    ("copy", "source_snapshot_identifier", f'"{INSTANCE_ARN}"', "snapshot_kind"),
    ("copy", "source_snapshot_identifier", '"t"', "same snapshot"),
    ("copy", "kms_key_id", '""', "kms_key_id"),
    ("copy", "kms_key_id", '"arn:aws:iam::111122223333:role/x"', "iam"),
    ("copy", "kms_key_id", '"arn:aws:kms"', "arn:aws:kms"),
    ("copy", "snapshot_kind", '"volume"', "instance"),
    ("copy", "region", '""', "region"),
    ("copy", "reader_account_ids", '["1234"]', "12 digits"),
    ("copy", "reader_account_ids", '["11122223333"]', "leading zero"),
    ("copy", "option_group_name", '"og"', "instance"),
    ("copy", "copy_option_group", "true", "instance"),
    ("copy", "copy_option_group", "false", "instance"),
    ("copy", "target_custom_availability_zone", '"az"', "instance"),
    ("copy", "deletion_policy", '"keep"', "retain"),
    ("copy", "tags", '{ "aws:x" = "y" }', "aws:"),
    ("copy", "tags", '{ "rds:x" = "y" }', "rds:"),
    ("copy", "tags", '{ "terraform-provider-snapshot" = "y" }', "mark"),
    ("copy", "tags", '{ "" = "y" }', "tag key"),
    ("copy", "tags", f'{{ x = "{"v" * 257}" }}', "256"),
    ("copy", "tags", '{ x = "a;b" }', "not allowed"),
    ("copy", "tags", TAGS_51, "50"),
    ("copy", "timeouts", '{ create = "soon" }', "duration"),
    ("copy", "timeouts", '{ update = "-1h" }', "-1h"),
    ("copy", "timeouts", '{ delete = "10" }', "duration"),
    ("copy", "arn", f'"{ARN}"', "arn"),
    ("share", "snapshot_identifier", '""', "snapshot_identifier"),
    ("share", "snapshot_identifier", '"rds:auto-2026"', "snapshot_reencrypt_copy"),
    ("share", "snapshot_identifier", '"arn:aws:s3:::x"', "s3"),
    ("share", "account_ids", "[]", "1 to 20"),
    ("share", "account_ids", "[" + ", ".join(f'"{111122220000 + n}"' for n in range(21)) + "]", "1 to 20"),
    ("share", "account_ids", '["all"]', "public"),
    ("share", "account_ids", '["1234"]', "12 digits"),
    ("share", "snapshot_kind", '"volume"', "instance"),
    ("share", "region", '""', "region"),
    ("policy", "side", '"both"', "target"),
    ("policy", "owner_account_id", '"1"', "12 digits"),
    ("policy", "reader_account_ids", '["1"]', "12 digits"),
    ("policy", "reader_account_ids", "[]", "at least one account"),
    ("policy", "reader_account_ids", "null", "reader_account_ids"),
    ("policy", "regions", "[]", "at least one Region"),
    ("policy", "regions", "null", "regions"),
    ("policy", "regions", '["cn-north-1"]', "cn-north-1"),
    ("policy", "partition", '"moon"', "moon"),
    ("target_policy", "reader_account_ids", '["444455556666"]', "source"),
    ("target_policy", "regions", '["eu-central-1"]', "source"),
]
TYPES = {
    "copy": ('resource "snapshot_reencrypt_copy"', COPY),
    "share": ('resource "snapshot_share"', SHARE),
    "policy": ('data "snapshot_key_policy"', POLICY),
    "target_policy": ('data "snapshot_key_policy"', {"side": '"target"', "owner_account_id": '"111122223333"'}),
}


def block(kind, name, arguments):
    lines = []
    for argument, value in arguments.items():
        equals = " " if argument == "timeouts" else " = "
        lines.append(f"  {argument}{equals}{value}\n".replace("{ ", "{\n").replace(" }", "\n }"))
    return f'{TYPES[kind][0]} "{name}" {{\n{"".join(lines)}}}\n'


# Any text, or any of two values, is a good one.
TAKES_ANYTHING = {("copy", "source_version"), ("copy", "copy_tags"), ("share", "source_version")}


def test_no_argument_is_missing_here(workspace):
    schemas = json.loads(workspace.run("providers", "schema", "-json").out)["provider_schemas"]
    (ours,) = [schema for address, schema in schemas.items() if address.endswith("rds-snapshot/snapshot")]
    for kind, block in (
        ("copy", ours["resource_schemas"]["snapshot_reencrypt_copy"]["block"]),
        ("share", ours["resource_schemas"]["snapshot_share"]["block"]),
        ("policy", ours["data_source_schemas"]["snapshot_key_policy"]["block"]),
    ):
        arguments = {n for n, a in block["attributes"].items() if a.get("required") or a.get("optional")}
        arguments |= set(block.get("block_types", {}))
        tried = {argument for k, argument, _, _ in CASES if k == kind} | {a for k, a in TAKES_ANYTHING if k == kind}
        assert arguments <= tried, arguments - tried


def test_every_argument_is_refused_for_its_own_reason(workspace, world):
    """One configuration with all cases: a plan reports every one of them."""
    refusals = {}
    text, alone = "", []
    for n, (kind, argument, value, _) in enumerate(CASES):
        text += block(kind, f"x{n}", {**TYPES[kind][1], argument: value})
    workspace.write("main.tf", text)
    first = workspace.validate(ok=False)
    collect(refusals, first)
    # What only a plan can tell is found once the rest is out of the way.
    for n, (kind, argument, value, _) in enumerate(CASES):
        if n not in refusals:
            alone.append(block(kind, f"x{n}", {**TYPES[kind][1], argument: value}))
    workspace.write("main.tf", "".join(alone))
    if alone:
        collect(refusals, workspace.plan(ok=False))
    wrong = []
    for n, (kind, argument, value, fragment) in enumerate(CASES):
        told = refusals.get(n, [])
        if not any(fragment in d.text and points_at(argument, d) for d in told):
            wrong.append(f"{kind}.{argument} = {value}: wanted {fragment!r}, told {[(d.text, d.code) for d in told]}")
    assert not wrong, "\n".join(wrong)
    assert world.aws.calls("CopyDBClusterSnapshot") == []


def points_at(argument, diagnostic):
    """At the argument's line or one within it; where that cannot be, the text names it."""
    whole_block = diagnostic.code.startswith(("resource", "data"))
    return argument in diagnostic.text if whole_block else True


def collect(refusals, outcome):
    for d in outcome.errors:
        number = (d.address or d.context).rpartition(".x")[2].rpartition('"x')[2].rstrip('"')
        if number.isdigit():
            refusals.setdefault(int(number), []).append(d)


@pytest.mark.parametrize(
    "block, fragment",
    [
        ('region = ""', "region"),
        ('profile = "never-was"', "never-was"),
        ("max_retries = -1", "max_retries"),
        ('retry_mode = "hasty"', "hasty"),
        ('allowed_account_ids = ["1"]', "12 digits"),
        ('allowed_account_ids = ["111122223333"]\n forbidden_account_ids = ["111122223333"]', "forbidden_account_ids"),
        ('allowed_account_ids = ["444455556666"]', "111122223333"),
        ('forbidden_account_ids = ["111122223333"]', "111122223333"),
        ('assume_role {\n role_arn = "x"\n }', "role_arn"),
        ('endpoints {\n rds = "not a url"\n }', "not a url"),
        ('endpoints {\n s3 = "http://127.0.0.1"\n }', "s3"),
        ('shared_credentials_files = ["/nonexistent/file"]\n profile = "x"', "x"),
        ('access_key = "AKIAEXAMPLE"', "secret_key"),
        ('custom_ca_bundle = "/nonexistent/ca.pem"', "/nonexistent/ca.pem"),
        ('no_such_argument = "x"', "no_such_argument"),
    ],
)
def test_provider_block(workspace, world, block, fragment):
    key = world.aws.add_key(OLD, REGION)
    world.aws.add_snapshot(OLD, REGION, "s")
    provider = (workspace.folder / "provider.tf").read_text()
    if block.startswith("region"):
        provider = provider.replace('region = "eu-central-1"', block)
    else:
        provider = provider.replace('region = "eu-central-1"', f'region = "eu-central-1"\n  {block}')
    workspace.write("provider.tf", provider)
    if "access_key" in block:
        workspace.environment.pop("AWS_SECRET_ACCESS_KEY")
    workspace.write(
        "main.tf",
        f'resource "snapshot_reencrypt_copy" "x" {{\n source_snapshot_identifier = "s"\n'
        f' target_snapshot_identifier = "t"\n kms_key_id = "{key}"\n}}\n',
    )
    refused = workspace.apply(ok=False)
    assert any(fragment in d.text or fragment in d.code for d in refused.errors), refused
    assert world.copies_made() == []
