# SPDX-License-Identifier: MPL-2.0
"""Two accounts mixed up, wrong credentials: refused before anything happens, and named."""

from harness.world import NEW, OLD, ROLE, migration_variables, snapshot_arn


def changing_calls(world):
    reads = ("Describe", "List", "Get", "AssumeRole")
    return [c["operation"] for c in world.aws.calls() if not c["operation"].startswith(reads)]


def test_roles_swapped_are_refused_before_any_call(chain, world):
    """Each role is of the other account: allowed_account_ids says so."""
    chain.set_variables(
        source_role_arn=f"arn:aws:iam::{NEW}:role/{ROLE}", target_role_arn=f"arn:aws:iam::{OLD}:role/{ROLE}"
    )
    refused = chain.apply(ok=False)
    refused.assert_error(OLD, NEW)
    assert changing_calls(world) == []
    assert {c["operation"] for c in world.aws.calls()} <= {"AssumeRole", "GetCallerIdentity"}


def test_accounts_swapped_in_the_variables(chain, world):
    chain.set_variables(source_account_id=NEW, target_account_id=OLD)
    refused = chain.apply(ok=False)
    refused.assert_error(OLD, NEW)
    assert changing_calls(world) == []


def test_a_copy_given_the_other_account_s_provider(applied, world):
    """The state's ARN is of the old account; nothing of it is deleted or forgotten."""
    applied.write("override.tf", 'resource "snapshot_reencrypt_copy" "source" { provider = snapshot.target }')
    refused = applied.plan(ok=False)
    refused.assert_error(OLD, NEW)
    assert "snapshot_reencrypt_copy.source" in applied.state()
    assert world.snapshot("orders-shared-1", OLD)["status"] == "available"


def test_a_share_given_the_other_account_s_provider(applied, world):
    applied.write("override.tf", 'resource "snapshot_share" "target" { provider = snapshot.target }')
    refused = applied.apply(ok=False)
    refused.assert_error(OLD, NEW)
    assert world.snapshot("orders-shared-1", OLD)["shared_with"] == [NEW]


def test_the_second_copy_without_a_share_says_so(chain, world):
    chain.write(
        "override.tf",
        'resource "snapshot_reencrypt_copy" "target" {\n'
        "  source_snapshot_identifier = snapshot_reencrypt_copy.source.arn\n"
        '  timeouts {\n    create = "2m"\n  }\n}\n'
        'resource "snapshot_share" "target" { account_ids = ["999988887777"] }\n'
        f'data "snapshot_key_policy" "source" {{ reader_account_ids = ["{NEW}", "999988887777"] }}\n',
    )
    refused = chain.apply(ok=False)
    refused.assert_error(snapshot_arn("orders-shared-1", OLD), "share")


def test_a_key_policy_without_the_new_account_says_so(chain, world):
    chain.write(
        "override.tf", 'data "snapshot_key_policy" "source" { reader_account_ids = ["999988887777"] }\n'
    )
    refused = chain.apply(ok=False)
    refused.assert_error("CreateGrant", NEW, "nothing was copied")
    assert world.copies_made() == []


def test_an_identity_policy_that_denies_says_who_and_what(chain, world):
    deny = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": "rds:CopyDBClusterSnapshot", "Resource": "*"},
    ]}  # fmt: skip
    world.aws.identity_policy(NEW, deny, role=ROLE)
    refused = chain.apply(ok=False)
    refused.assert_error("CopyDBClusterSnapshot", ROLE, NEW)
    world.aws.identity_policy(NEW, None, role=ROLE)
    chain.apply()
    assert world.cluster("orders", NEW)


def test_base_credentials_of_one_of_the_accounts(chain, world):
    """A role of null: the credentials are already that account's."""
    keys = world.environment(OLD)
    chain.environment |= keys
    chain.set_variables(**migration_variables(source_role_arn=None))
    chain.apply()
    assert world.cluster("orders", NEW)
    assert chain.is_settled()


def test_a_role_that_may_not_be_assumed(chain, world):
    world.aws.fault("AssumeRole", "access_denied", count=None, match=NEW)
    refused = chain.apply(ok=False)
    refused.assert_error("AssumeRole", f"arn:aws:iam::{NEW}:role/{ROLE}", "trust policy")


def test_credentials_that_expire_midway_are_renewed(chain, world):
    """Assumed roles are temporary; hours of copying outlive them."""
    world.copies_take(3600)
    running = chain.start("apply", "-json", "-auto-approve")
    world.wait_until(lambda: world.snapshot("orders-shared-1", OLD), "the copy", 60)
    world.aws.expire_credentials()
    world.finish_copies()
    # The stand-in and we both go on with new ones.
    outcome = running.wait()
    assert outcome.ok, outcome
    assert world.cluster("orders", NEW)


def test_a_stranger_s_profiles_are_not_read(chain):
    """The sandbox itself: nothing of the caller's reaches what is started."""
    for name in chain.environment:
        assert not name.lower().endswith("_proxy")
        assert not name.startswith("TF_VAR")
    assert str(chain.folder.parent) in chain.environment["HOME"]
