# SPDX-License-Identifier: MPL-2.0
"""Each argument with a value that cannot be: the error points at it and says what is wrong."""

import json

import pytest
from harness.world import NEW, OLD, REGION, snapshot_arn

ARN = snapshot_arn("x")
INSTANCE_ARN = snapshot_arn("x", kind="instance")
CHINESE_ARN = f"arn:aws-cn:rds:cn-north-1:{OLD}:cluster-snapshot:x"
KEY = f"arn:aws:kms:{REGION}:{OLD}:"
ELSEWHERE = f"arn:aws:kms:eu-west-1:{OLD}:"

COPY = {"source_snapshot_identifier": '"s"', "target_snapshot_identifier": '"t"', "kms_key_id": '"alias/k"'}
SHARE = {"snapshot_identifier": '"s"', "account_ids": '["444455556666"]'}
POLICY = {
    "side": '"source"',
    "owner_account_id": '"111122223333"',
    "reader_account_ids": '["444455556666"]',
    "regions": '["eu-central-1"]',
}
TAGS_50 = "{ " + ", ".join(f'k{n} = "v"' for n in range(50)) + " }"

TWENTY_ONE = "[" + ", ".join(f'"{111122220000 + n}"' for n in range(21)) + "]"
RULE = "The name of a cluster snapshot is 1 to 63 letters, digits and hyphens: it begins with a letter"
LEADING_ZERO = '"11122223333" is not an account id: it must be 12 digits. A number loses its leading zeros'
MEANT = 'it must be 12 digits. Write "111122223333".'

# type, argument, value, fragment of the error: what was given and is wrong with it, or how to mend it
CASES = [
    ("copy", "target_snapshot_identifier", '""', f'"" is empty. {RULE}'),
    ("copy", "target_snapshot_identifier", '"1st"', f'"1st" does not begin with a letter. {RULE}'),
    ("copy", "target_snapshot_identifier", '"a--b"', f'"a--b" has two hyphens in a row. {RULE}'),
    ("copy", "target_snapshot_identifier", '"a-"', f'"a-" ends with a hyphen. {RULE}'),
    ("copy", "target_snapshot_identifier", '"a_b"', f'"a_b" contains a character other than letters, digits and hyphens. {RULE}'),
    ("copy", "target_snapshot_identifier", '"é"', 'target_snapshot_identifier is "é" and contains the character U+00E9'),
    ("copy", "target_snapshot_identifier", '"t "', 'target_snapshot_identifier is "t " and contains a space'),
    ("copy", "target_snapshot_identifier", f'"{"a" * 64}"', "has 64 characters; the name of a cluster snapshot has 1 to 63"),
    ("instance", "target_snapshot_identifier", f'"{"a" * 256}"', "has 256 characters; the name of an instance snapshot has 1 to 255"),
    ("copy", "target_snapshot_identifier", '"rds:auto"', '"rds:auto" is the name of an automatic snapshot; only AWS'),
    ("copy", "target_snapshot_identifier", '"awsbackup:x"', '"awsbackup:x" is the name of an automatic snapshot; only AWS'),
    ("copy", "target_snapshot_identifier", f'"{ARN}"', f'"{ARN}" is an ARN; give the name alone. {RULE}'),
    ("copy", "target_snapshot_identifier", "null", "required"),
    ("copy", "source_snapshot_identifier", '""', "source_snapshot_identifier must name a snapshot"),
    ("copy", "source_snapshot_identifier", '"s "', 'is "s " and contains a space; names, ids and ARNs of AWS consist of letters'),
    ("copy", "source_snapshot_identifier", '"s 2"', "contains a space; names, ids and ARNs of AWS consist of letters, digits and - _ . / :. Remove or replace it."),
    ("copy", "source_snapshot_identifier", f'"{ARN}\\n"', f'is "{ARN}\\n" and contains a line break'),
    ("copy", "source_snapshot_identifier", f'"{ARN}\\r\\n"', "Remove it, with trimspace() where the value comes from a file or a command"),
    ("copy", "source_snapshot_identifier", '"\\ts"', 'is "\\ts" and contains a tab'),
    ("copy", "source_snapshot_identifier", '"s\\u0007"', 'is "s\\u0007" and contains the character U+0007'),
    ("copy", "source_snapshot_identifier", '"s\\u00a0"', "contains the character U+00A0"),
    ("copy", "source_snapshot_identifier", '"s\\u200b"', "contains the character U+200B"),
    ("copy", "source_snapshot_identifier", '"<the-arn>"', 'is "<the-arn>" and contains the character <; names'),
    ("copy", "source_snapshot_identifier", '"{}-copy"', "contains the character {; names"),
    ("copy", "source_snapshot_identifier", f'"arn:aws:rds:{REGION}:<account>:cluster-snapshot:x"', "contains the character <; names"),
    ("copy", "source_snapshot_identifier", '"arn:aws:s3:::x"', 'of the service "s3", not of "rds"'),
    ("copy", "source_snapshot_identifier", f'"arn:aws:rds:{REGION}:{OLD}:cluster:x"', '"cluster-snapshot:" or "snapshot:"'),
    ("copy", "source_snapshot_identifier", f'"arn:aws:rds:{REGION}:1:cluster-snapshot:x"', "12-digit account"),
    ("copy", "source_snapshot_identifier", f'"{snapshot_arn("")}"', "has no snapshot name at its end"),
    ("copy", "source_snapshot_identifier", f'"arn:aws-cn:rds:{REGION}:{OLD}:snapshot:x"', f'"{REGION}" is one of the partition "aws", not of "aws-cn"'),
    ("copy", "source_snapshot_identifier", f'"{CHINESE_ARN}"', f"{CHINESE_ARN} is in the partition aws-cn, the copy will be in aws"),
    ("copy", "source_snapshot_identifier", f'"{INSTANCE_ARN}"', 'but snapshot_kind is "cluster" (the default). Set snapshot_kind = "instance"'),
    ("instance", "source_snapshot_identifier", f'"{ARN}"', 'but snapshot_kind is "instance". Set snapshot_kind = "cluster"'),
    ("copy", "source_snapshot_identifier", '"t"', f"the same snapshot, {snapshot_arn('t')}"),
    ("copy", "source_snapshot_identifier", '"T"', f"the same snapshot, {snapshot_arn('t')}"),
    ("copy", "source_snapshot_identifier", f'"{snapshot_arn("T")}"', "choose another target_snapshot_identifier"),
    ("copy", "kms_key_id", '""', "kms_key_id must name a key"),
    ("copy", "kms_key_id", '"my key"', 'kms_key_id is "my key" and contains a space'),
    ("copy", "kms_key_id", '"\\"alias/k\\""', 'is "\\"alias/k\\"" and contains the character ";'),
    ("copy", "kms_key_id", '"alias/k\\n"', 'is "alias/k\\n" and contains a line break'),
    ("copy", "kms_key_id", '"team/orders"', 'letters, digits and hyphens. If it is an alias, write "alias/team/orders"'),
    ("copy", "kms_key_id", '"aws/rds"', 'write "alias/aws/rds"'),
    ("copy", "kms_key_id", '"ORDERS_KEY"', 'write "alias/ORDERS_KEY"'),
    ("copy", "kms_key_id", '"key/12ab-34cd"', "end of a key's ARN. Write the id alone, \"12ab-34cd\""),
    ("copy", "kms_key_id", '"12ab-34cd:ef56"', '"12ab-34cd:ef56" is not the id of a key, which consists of letters'),
    ("copy", "kms_key_id", f'"{KEY}key/team/orders"', f'"{KEY}key/team/orders": "team/orders" is not the id of a key'),
    ("copy", "kms_key_id", f'"{KEY}key/"', '"" is not the id of a key'),
    ("copy", "kms_key_id", '"arn:aws:iam::111122223333:role/x"', 'of the service "iam", not of "kms"'),
    ("copy", "kms_key_id", '"arn:aws:kms"', '"arn:aws:kms" is not an ARN'),
    ("copy", "kms_key_id", f'"{KEY}grant/1"', "neither the ARN of a key nor of an alias"),
    ("copy", "kms_key_id", f'"arn:aws:kms:{REGION}:1:key/1"', "12-digit account"),
    ("copy", "kms_key_id", f'"arn:aws-cn:kms:{REGION}:{OLD}:key/1"', f'"{REGION}" is one of the partition "aws", not of "aws-cn"'),
    ("copy", "kms_key_id", f'"{ELSEWHERE}key/1"', f'in the Region "eu-west-1", the copy will be in "{REGION}"'),
    ("copy", "kms_key_id", f'"{ELSEWHERE}alias/x"', f"Keys are regional: name a key of {REGION}"),
    ("copy", "kms_key_id", f'"{ELSEWHERE}key/mrk-1"', f'{REGION}, {KEY}key/mrk-1, or its id alone, "mrk-1"'),
    ("copy", "snapshot_kind", '"volume"', "instance"),
    ("copy", "region", '""', '"" is not a Region, such as "eu-west-1"'),
    ("copy", "region", '"EU-WEST-1"', '"EU-WEST-1" is not a Region'),
    ("copy", "region", '"us-gov-west-1"', 'the Region "us-gov-west-1" is one of the partition aws-us-gov'),
    ("copy", "reader_account_ids", '["1234"]', '"1234" is not an account id: it must be 12 digits'),
    ("copy", "reader_account_ids", '["11122223333"]', LEADING_ZERO),
    ("copy", "reader_account_ids", '["1111-2222-3333"]', MEANT),
    ("copy", "reader_account_ids", '["111122223333 "]', f'"111122223333 " is not an account id: {MEANT}'),
    ("copy", "reader_account_ids", '["111122223333\\n"]', f'"111122223333\\n" is not an account id: {MEANT}'),
    ("copy", "reader_account_ids", '["\\"111122223333\\""]', MEANT),
    ("copy", "reader_account_ids", '["arn:aws:iam::111122223333:role/a1"]', MEANT),
    ("copy", "reader_account_ids", '["1222333"]', "A number loses its leading zeros: write a text, in quotes"),
    ("copy", "reader_account_ids", '["all"]', '"all" is everybody: name the accounts'),
    ("copy", "reader_account_ids", TWENTY_ONE, "21 accounts are given; at most 20 are allowed"),
    ("copy", "option_group_name", '"og"', "instance"),
    ("instance", "option_group_name", '"og "', 'option_group_name is "og " and contains a space'),
    ("instance", "target_custom_availability_zone", '"az\\n"', 'is "az\\n" and contains a line break'),
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
    ("copy", "tags", TAGS_50, "50 tags are configured; 49 are allowed"),
    ("copy", "timeouts", '{ create = "soon" }', "duration"),
    ("copy", "timeouts", '{ update = "-1h" }', "-1h"),
    ("copy", "timeouts", '{ delete = "10" }', "duration"),
    ("copy", "arn", f'"{ARN}"', "arn"),
    ("share", "snapshot_identifier", '""', "snapshot_identifier"),
    ("share", "snapshot_identifier", '"s "', 'snapshot_identifier is "s " and contains a space'),
    ("share", "snapshot_identifier", f'"{ARN}\\n"', f'is "{ARN}\\n" and contains a line break'),
    ("share", "snapshot_identifier", '"rds:auto-2026"', '"rds:auto-2026" was made by AWS, and only manual snapshots can be shared'),
    ("share", "snapshot_identifier", '"awsbackup:job-1"', "Copy it first (snapshot_reencrypt_copy)"),
    ("share", "snapshot_identifier", f'"{snapshot_arn("rds:auto-2026")}"', '"rds:auto-2026" was made by AWS'),
    ("share", "snapshot_identifier", f'"arn:aws:rds:{REGION}:{OLD}:cluster:x"', '"cluster-snapshot:" or "snapshot:"'),
    ("share", "snapshot_identifier", f'"{snapshot_arn("x", NEW)}"', f'"x" belongs to account {NEW} (partition aws), but the provider\'s credentials are of account {OLD}'),
    ("share", "snapshot_identifier", f'"{CHINESE_ARN}"', f"belongs to account {OLD} (partition aws-cn)"),
    ("share", "snapshot_identifier", '"arn:aws:s3:::x"', "s3"),
    ("share", "account_ids", "[]", "No account is given; 1 to 20 are allowed"),
    ("share", "account_ids", TWENTY_ONE, "21 accounts are given; at most 20 are allowed"),
    ("share", "account_ids", '["all"]', '"all" would make the snapshot public. Name the accounts'),
    ("share", "account_ids", '["1234"]', '"1234" is not an account id: it must be 12 digits'),
    ("share", "account_ids", '["11122223333"]', LEADING_ZERO),
    ("share", "account_ids", '["1111 2222 3333"]', MEANT),
    ("share", "snapshot_kind", '"volume"', "instance"),
    ("share", "region", '""', "region"),
    ("policy", "side", '"both"', "target"),
    ("policy", "owner_account_id", '"1"', "12 digits"),
    ("policy", "owner_account_id", '"1111-2222-3333"', MEANT),
    ("policy", "reader_account_ids", '["1"]', "12 digits"),
    ("policy", "reader_account_ids", "[]", "at least one account"),
    ("policy", "reader_account_ids", "null", "reader_account_ids"),
    ("policy", "regions", "[]", "at least one Region"),
    ("policy", "regions", "null", "regions"),
    ("policy", "regions", '["cn-north-1"]', "cn-north-1"),
    ("policy", "partition", '"moon"', "moon"),
    ("policy", "reader_principals", '["*"]', "alone it allows everybody"),
    ("policy", "reader_principals", '["arn:aws:iam::444455556666:role/*"]', "within an ARN KMS rejects it"),
    ("policy", "reader_principals", '["arn:aws:sts::444455556666:assumed-role/mover/me"]', "arn:aws:iam::444455556666:role/mover"),
    ("policy", "reader_principals", '["arn:aws:iam::444455556666:root"]', 'write "444455556666" in reader_account_ids'),
    ("policy", "reader_principals", '["444455556666"]', "Write it in reader_account_ids"),
    ("policy", "reader_principals", '["arn:aws-cn:iam::444455556666:role/mover"]', 'is in the partition "aws-cn"'),
    ("policy", "reader_principals", '["mover"]', "is not the ARN of an IAM role or user"),
    ("policy", "principal_org_id", '"444455556666"', "is not the ID of an organization"),
    ("policy", "principal_org_id", '""', "is not the ID of an organization"),
    ("target_policy", "reader_account_ids", '["444455556666"]', "source"),
    ("target_policy", "reader_principals", '["arn:aws:iam::444455556666:role/mover"]', "source"),
    ("target_policy", "principal_org_id", '"o-a1b2c3d4e5"', "source"),
    ("target_policy", "regions", '["eu-central-1"]', "source"),
]
TYPES = {
    "copy": ('resource "snapshot_reencrypt_copy"', COPY),
    "instance": ('resource "snapshot_reencrypt_copy"', {**COPY, "snapshot_kind": '"instance"'}),
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
TAKES_ANYTHING = {("copy", "copy_tags")}


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
        if not any(fragment in d.text and points_at(argument, value, d) for d in told):
            wrong.append(f"{kind}.{argument} = {value}: wanted {fragment!r}, told {[(d.text, d.code) for d in told]}")
    assert not wrong, "\n".join(wrong)
    assert world.aws.calls("CopyDBClusterSnapshot") == []


def points_at(argument, value, diagnostic):
    """At the argument's line, or one within its braces; where there is none, the text names it."""
    if diagnostic.code.startswith(("resource", "data")):
        return argument in diagnostic.text
    return diagnostic.code.startswith(argument) or (value[0] == "{" and diagnostic.code in value)


def test_what_only_warns(workspace, world):
    """A plan passes, and says where and why."""
    key = world.aws.add_key(OLD, REGION)
    cases = [
        ("copy", "reader_account_ids", f'["{OLD}", "{NEW}"]', f"{OLD} will own the copy, and needs no mention"),
        ("share", "account_ids", f'["{OLD}", "{NEW}"]', f"{OLD} owns the snapshot; sharing with it has no effect"),
    ]
    text = ""
    for n, (kind, argument, value, _) in enumerate(cases):
        arguments = {**TYPES[kind][1], argument: value}
        text += block(kind, f"x{n}", {**arguments, **({"kms_key_id": f'"{key}"'} if kind == "copy" else {})})
    workspace.write("main.tf", text)
    planned = workspace.plan()
    for n, (_, argument, _, fragment) in enumerate(cases):
        told = [d for d in planned.warnings if d.address.endswith(f".x{n}") and fragment in d.text]
        assert len(told) == 1 and told[0].code.startswith(argument), planned


@pytest.mark.parametrize("name", ["rds:orders-2026-01-01-00-00", "awsbackup:job-1"])
def test_an_automatic_snapshot_is_welcome_as_a_source(workspace, world, name):
    key = world.aws.add_key(OLD, REGION)
    for number, source in enumerate((name, world.aws.add_snapshot(OLD, REGION, name, type="automated"))):
        workspace.write(
            f"{number}.tf",
            block("copy", f"x{number}", {
                "source_snapshot_identifier": f'"{source}"',
                "target_snapshot_identifier": f'"t{number}"',
                "kms_key_id": f'"{key}"',
            }),
        )  # fmt: skip
    workspace.apply()
    assert len(world.copies_made()) == 2 and workspace.is_settled()


@pytest.mark.parametrize(
    "default, fragment",
    [
        (TAGS_50.replace('k0 = "v", ', ""), "50 tags with the provider's default_tags; 49 are allowed"),
        ('{ "terraform-provider-snapshot" = "x" }', '"terraform-provider-snapshot" is the provider\'s own mark'),
        ('{ "rds:x" = "y" }', '"rds:x" begins with "aws:" or "rds:"'),
        ('{ "a;b" = "y" }', '"a;b" is not a tag key'),
        ('{ "a" = "1,2" }', 'The value "1,2" of the tag "a" is not allowed'),
    ],
    ids=["too many", "the mark", "reserved", "a key", "a value"],
)
def test_default_tags_are_counted_and_checked_in_the_plan(workspace, world, default, fragment):
    provider = (workspace.folder / "provider.tf").read_text()
    tags = default.replace("{ ", "{\n").replace(" }", "\n}").replace(", ", "\n")
    workspace.write(
        "provider.tf", provider.replace('"eu-central-1"', f'"eu-central-1"\n default_tags {{\n tags = {tags}\n }}')
    )
    workspace.write("main.tf", block("copy", "x", {**COPY, "tags": '{ own = "v" }'}))
    refused = workspace.plan(ok=False)
    refused.assert_error(fragment)
    # A tag of default_tags is nowhere in the resource; too many are as much its own.
    assert refused.errors[0].code.startswith("tags" if "49 are allowed" in fragment else "resource ")


UNKNOWN = [
    ("copy", "target_snapshot_identifier", "a--b", "two hyphens in a row"),
    ("copy", "source_snapshot_identifier", "arn:aws:s3:::x", "s3"),
    ("copy", "source_snapshot_identifier", "T", "source and target are the same snapshot"),
    ("copy", "source_snapshot_identifier", "s\n", "contains a line break"),
    ("copy", "kms_key_id", f"{ELSEWHERE}key/mrk-1", f"{KEY}key/mrk-1"),
    ("copy", "kms_key_id", "team/orders", 'write "alias/team/orders"'),
    ("copy", "snapshot_kind", "volume", '"volume" is neither'),
    ("copy", "region", "EU-WEST-1", "is not a Region"),
    ("copy", "deletion_policy", "keep", '"keep" is neither'),
    ("copy", "option_group_name", "og", "option_group_name has no meaning for a cluster snapshot"),
    ("share", "snapshot_identifier", "rds:auto", "only manual snapshots"),
    ("share", "snapshot_identifier", snapshot_arn("x", NEW), f"belongs to account {NEW}"),
    ("share", "snapshot_kind", "volume", '"volume" is neither'),
]


def test_what_is_unknown_in_the_plan_is_refused_when_it_is_known_and_not_before(workspace, world):
    key = world.aws.add_key(OLD, REGION)
    world.aws.add_snapshot(OLD, REGION, "s", kms_key_id=key)
    text = f"""
resource "terraform_data" "later" {{ input = {json.dumps([value for _, _, value, _ in UNKNOWN])} }}
resource "terraform_data" "set" {{ input = "1234" }}
"""
    for n, (kind, argument, _, _) in enumerate(UNKNOWN):
        arguments = {"target_snapshot_identifier": f'"t{n}"', "kms_key_id": f'"{key}"'} if kind == "copy" else {}
        if "T" == UNKNOWN[n][2]:
            arguments["target_snapshot_identifier"] = '"t"'
        if argument == "option_group_name":
            arguments["snapshot_kind"] = 'terraform_data.kind.output'
            text += 'resource "terraform_data" "kind" { input = "cluster" }\n'
        text += block(kind, f"x{n}", {**TYPES[kind][1], **arguments, argument: f"terraform_data.later.output[{n}]"})
    sets = {"reader_account_ids": "[terraform_data.set.output]", "kms_key_id": f'"{key}"', "target_snapshot_identifier": '"u"'}
    text += block("copy", f"x{len(UNKNOWN)}", {**COPY, **sets, "tags": '{ "k" = "${terraform_data.set.output};" }'})
    text += block("share", f"x{len(UNKNOWN) + 1}", {**SHARE, "account_ids": "[terraform_data.set.output]"})
    workspace.write("main.tf", text)
    planned = workspace.plan()
    assert not planned.errors
    refusals = {}
    collect(refusals, workspace.run("apply", "-json", "plan", ok=False))
    wanted = [(argument, fragment) for _, argument, _, fragment in UNKNOWN]
    wanted += [("reader_account_ids", '"1234" is not an account id'), ("account_ids", '"1234" is not an account id')]
    for n, (argument, fragment) in enumerate(wanted):
        assert any(fragment in d.text and d.code.startswith(argument) for d in refusals.get(n, [])), (argument, refusals)
    assert not world.aws.calls("CopyDB*Snapshot") and not world.aws.calls("ModifyDBClusterSnapshotAttribute")


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
        ('endpoints {\n rds = "not a url"\n }', "does not begin with https://"),
        ('endpoints {\n s4 = "http://127.0.0.1"\n }', "s4"),
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
