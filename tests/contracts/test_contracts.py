# SPDX-License-Identifier: MPL-2.0
"""Every contract against the simulator, for each setting that decides its answer, and against plain moto."""

from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from simulator.client import Simulator

from . import copying, reading, sharing  # noqa: F401 (they fill the table)
from .contract import ACCEPTED, CONTRACTS, Untold
from .copying import AS_PLAIN, GOES_ON, NOT_ACCESSIBLE
from .field import Account, Field
from .kinds import CLUSTER, INSTANCE
from .sharing import NOT_SHAREABLE

README = Path(__file__).with_name("README.md")
REGION, ELSEWHERE = "eu-central-1", "eu-west-1"
OLD, NEW = "123456789012", "222222222222"

# Contract -> [(settings, answer)], the simulator's start values first.
SIMULATOR = {
    "a key that is not accessible": [({}, NOT_ACCESSIBLE)],
    "sse rds copied with a key": [
        ({}, ACCEPTED),
        ({"sse_rds": "accept"}, ACCEPTED),
        ({"sse_rds": "unencrypted"}, AS_PLAIN),
    ],
    "an unencrypted cluster snapshot copied with a key": [
        ({}, AS_PLAIN),
        ({"unencrypted_copy": "accept"}, ACCEPTED),
    ],
    "a reader with all that is documented": [({}, ACCEPTED), ({"reader_actions": "minimal"}, ACCEPTED)],
    "a reader with the least": [({}, NOT_ACCESSIBLE), ({"reader_actions": "minimal"}, ACCEPTED)],
    "tags and key of a copy in its first seconds": [({}, "both at once")],
    "delete of a running cluster copy": [({}, ACCEPTED)],
    "delete of a running instance copy": [
        ({}, INSTANCE.state_code),
        ({"delete_creating": "accept"}, ACCEPTED),
        ({"instance_copy_status": "copying"}, ACCEPTED),
    ],
    "two copies of one source": [({}, "side by side"), ({"copies_queue": True}, "one after the other")],
    "a running copy whose source is no longer shared": [
        ({}, GOES_ON),
        ({"without_share": "at_once"}, "it fails"),
        ({"without_share": "next_step"}, "it fails"),
    ],
    "a running copy whose source key is disabled": [
        ({}, GOES_ON),
        ({"without_source_key": "at_once"}, "it fails"),
    ],
    "one step across account and region": [({}, ACCEPTED), ({"one_step": "refuse"}, AS_PLAIN)],
    "one step with a key for rds of the source region": [({}, ACCEPTED), ({"one_step_via": "copy"}, NOT_ACCESSIBLE)],
    "a share under aws rds": [({}, NOT_SHAREABLE), ({"default_key_share": "accept"}, ACCEPTED)],
    "a share of sse rds": [
        ({}, NOT_SHAREABLE),
        ({"default_key_share": "accept"}, ACCEPTED),
        ({"sse_rds": "accept"}, ACCEPTED),
        ({"sse_rds": "unencrypted"}, ACCEPTED),
    ],
    "a foreign arn before and after its share": [
        ({}, CLUSTER.not_found),
        ({"foreign_unshared": "access_denied"}, "AccessDenied"),
    ],
    "a tag as the other account sees it": [({}, "AccessDenied")],
    "the 21st account of a share": [({}, "SharedSnapshotQuotaExceeded")],
    "a shared cluster snapshot is restored directly": [({}, ACCEPTED)],
    "a filter with one name that is missing": [({}, "the others")],
    "pages of describe": [({}, "each once, in order")],
}
# Contract -> the answer of moto, or why there is none. What it shares, the other account does not find.
NOT_SHARED, NO_TIME, NO_SUCH = "(not shared)", "(a copy takes no time)", "(no such encryption)"
MOTO = {
    "a key that is not accessible": NOT_SHARED,
    "sse rds copied with a key": NO_SUCH,
    "an unencrypted cluster snapshot copied with a key": ACCEPTED,
    "a reader with all that is documented": NOT_SHARED,
    "a reader with the least": NOT_SHARED,
    "tags and key of a copy in its first seconds": "both at once",
    "delete of a running cluster copy": NO_TIME,
    "delete of a running instance copy": NO_TIME,
    "two copies of one source": NO_TIME,
    "a running copy whose source is no longer shared": NOT_SHARED,
    "a running copy whose source key is disabled": NOT_SHARED,
    "one step across account and region": NOT_SHARED,
    "one step with a key for rds of the source region": NOT_SHARED,
    "a share under aws rds": NO_SUCH,
    "a share of sse rds": NO_SUCH,
    "a foreign arn before and after its share": NOT_SHARED,
    "a tag as the other account sees it": NOT_SHARED,
    "the 21st account of a share": "SharedSnapshotQuotaExceeded",
    "a shared cluster snapshot is restored directly": NOT_SHARED,
    "a filter with one name that is missing": "the others",
    "pages of describe": "all at once",
}
@pytest.fixture(scope="module")
def server():
    with Simulator.start() as simulator:
        yield simulator


class SimulatorField(Field):
    """A copy takes ten minutes there, a share is seen after two."""

    region, elsewhere = REGION, ELSEWHERE

    def __init__(self, aws, settings):
        super().__init__()
        aws.reset()
        aws.settings(copy_seconds=600, share_visible_seconds=120, **settings)
        self.aws = aws
        self.old, self.new = [Account(account, aws.account(account).client) for account in (OLD, NEW)]

    def snapshot(self, kind, encryption):
        under = {"aws/rds": {}, "sse-rds": {"sse_rds": True}, "none": {"encrypted": False}}
        fields = under.get(encryption, {"kms_key_id": encryption})
        return self.aws.add_snapshot(OLD, REGION, self.name(), kind=kind.name, **fields)

    def pass_time(self):
        self.aws.advance(60)

    def shared(self, kind, encryption):
        source = super().shared(kind, encryption)
        self.aws.advance(120)
        return source


SIMULATED = [(name, *row) for name, rows in SIMULATOR.items() for row in rows]


@pytest.mark.parametrize(
    ("name", "settings", "answer"), SIMULATED, ids=[f"{name}-{changed or 'default'}" for name, changed, _ in SIMULATED]
)
def test_the_simulator(server, name, settings, answer):
    assert CONTRACTS[name].answer(SimulatorField(server, settings)) == answer


class MotoField(Field):
    region, elsewhere = REGION, ELSEWHERE

    def __init__(self):
        super().__init__()
        self.old = Account(OLD, boto3.client)
        role = f"arn:aws:iam::{NEW}:role/mover"
        sts = boto3.client("sts", REGION)
        given = sts.assume_role(RoleArn=role, RoleSessionName="contract")["Credentials"]
        keys = {"aws_access_key_id": given["AccessKeyId"], "aws_secret_access_key": given["SecretAccessKey"]}
        session = boto3.Session(**keys, aws_session_token=given["SessionToken"])
        self.new = Account(NEW, session.client)

    def snapshot(self, kind, encryption):
        if encryption in ("aws/rds", "sse-rds"):
            raise Untold("no such encryption")
        name, rds = self.name(), self.rds(self.old)
        login = {"MasterUsername": "root", "MasterUserPassword": "not-a-secret"}
        under = {} if encryption == "none" else {"StorageEncrypted": True, "KmsKeyId": encryption}
        if kind is CLUSTER:
            rds.create_db_cluster(DBClusterIdentifier=name, Engine="aurora-mysql", **login, **under)
        else:
            size = {"DBInstanceClass": "db.t3.micro", "AllocatedStorage": 20}
            rds.create_db_instance(DBInstanceIdentifier=name, Engine="mysql", **size, **login, **under)
        return kind.create(rds, name, self.name())[kind.snapshot + "Arn"]

    def shared(self, kind, encryption):
        raise Untold("not shared")

    def pass_time(self):
        raise Untold("not shared")


@pytest.fixture
def moto(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        yield MotoField()


@pytest.mark.parametrize("name", CONTRACTS)
def test_moto(moto, name):
    try:
        found = CONTRACTS[name].answer(moto)
    except Untold as reason:
        found = f"({reason})"
    assert found == MOTO[name]


def table():
    yield "| contract | what is assumed | the simulator's answer, by setting | moto's |"
    yield "|---|---|---|---|"
    for name, it in CONTRACTS.items():
        told = "; ".join(
            "".join(f"`{setting}` = `{value}`: " for setting, value in settings.items()) + answer
            for settings, answer in SIMULATOR[name]
        )
        yield f"| {name} | {it.assumption} | {told} | {MOTO[name]} |"


def test_every_answer_is_seen_and_the_readme_has_them():
    for name, it in CONTRACTS.items():
        assert set(it.answers) <= {*(answer for _, answer in SIMULATOR[name]), MOTO[name]}, f"{name}: not imitated"
    assert "\n".join(table()) in README.read_text(), "\n".join(table())
