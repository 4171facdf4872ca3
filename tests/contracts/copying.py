# SPDX-License-Identifier: MPL-2.0
"""What AWS answers to a copy, and what becomes of it."""

from .contract import ACCEPTED, contract, outcome
from .field import READING, name_of
from .kinds import CLUSTER, INSTANCE

FAILS_LATER = "accepted, then failed"
NOT_ACCESSIBLE = "KMSKeyNotAccessibleFault"
AS_PLAIN = "InvalidParameterCombination"


def copied(field, kind, account, source, key, region=None):
    """How a copy ends."""
    name = field.name()
    found = outcome(kind.copy, field.rds(account, region), source, name, KmsKeyId=key)
    if found == ACCEPTED and field.ended(kind, account, name, region) != "available":
        return FAILS_LATER
    return found


@contract(NOT_ACCESSIBLE)
def a_key_that_is_not_accessible(field):
    """Copy itself says so, before any hour has gone by."""
    source = field.shared(CLUSTER, field.key(field.old))
    return copied(field, CLUSTER, field.new, source, field.key(field.new))


@contract(ACCEPTED, AS_PLAIN)
def sse_rds_copied_with_a_key(field):
    """A cluster that was made without a key since February 2026 is moved by the same steps as one under aws/rds."""
    return copied(field, CLUSTER, field.old, field.snapshot(CLUSTER, "sse-rds"), field.key(field.old))


@contract(ACCEPTED, AS_PLAIN)
def an_unencrypted_cluster_snapshot_copied_with_a_key(field):
    """The API model calls it an error, the user guide demands it."""
    return copied(field, CLUSTER, field.old, field.snapshot(CLUSTER, "none"), field.key(field.old))


def copied_by_reader(field, actions):
    source = field.shared(CLUSTER, field.key(field.old, reader=field.new, actions=actions))
    return copied(field, CLUSTER, field.new, source, field.key(field.new))


@contract(ACCEPTED)
def a_reader_with_all_that_is_documented(field):
    """The policy that the provider proposes lets the other account copy."""
    return copied_by_reader(field, READING)


@contract(ACCEPTED, NOT_ACCESSIBLE)
def a_reader_with_the_least(field):
    """DescribeKey and CreateGrant alone: the guide's words name these two, its examples more."""
    return copied_by_reader(field, ("kms:DescribeKey", "kms:CreateGrant"))


@contract("both at once")
def tags_and_key_of_a_copy_in_its_first_seconds(field):
    """The provider knows its own copy by a tag, from the first answer on."""
    key, name = field.key(field.old), field.name()
    mark = {"Key": "contract", "Value": name}
    rds = field.rds(field.old)
    CLUSTER.copy(rds, field.snapshot(CLUSTER, field.key(field.old)), name, KmsKeyId=key, Tags=[mark])
    (found,) = CLUSTER.describe(rds, name)
    if mark not in found["TagList"]:
        return "tags later"
    return "both at once" if found.get("KmsKeyId") == key else "key later"


def deleted_while_it_runs(field, kind):
    source = field.snapshot(kind, field.key(field.old))
    name = field.running(kind, field.old, source, field.key(field.old))
    found = outcome(kind.delete, field.rds(field.old), name)
    if found == ACCEPTED:
        field.until(lambda: outcome(kind.describe, field.rds(field.old), name) == kind.not_found, f"{name} is gone")
    return found


@contract(ACCEPTED)
def delete_of_a_running_cluster_copy(field):
    """Deleting cancels it; nothing is left."""
    return deleted_while_it_runs(field, CLUSTER)


@contract(ACCEPTED, INSTANCE.state_code)
def delete_of_a_running_instance_copy(field):
    """The API reference says that deleting cancels it, one report that it is refused."""
    return deleted_while_it_runs(field, INSTANCE)


@contract("side by side", "one after the other")
def two_copies_of_one_source(field):
    """Both are accepted at once; how they run decides how long a migration takes."""
    source = field.snapshot(CLUSTER, field.key(field.old))
    first, second = [field.running(CLUSTER, field.old, source, field.key(field.old)) for _ in range(2)]

    def percents():
        found = [CLUSTER.describe(field.rds(field.old), name)[0] for name in (first, second)]
        return found[0]["PercentProgress"] > 0 and [it["PercentProgress"] for it in found]

    found = field.until(percents, "progress of the first copy")
    return "side by side" if found[1] > 0 else "one after the other"


GOES_ON = "it goes on"


def after_losing(field, lose):
    """How a copy in the other account ends when something is taken from it; `lose` gets the source's ARN and key."""
    key = field.key(field.old, reader=field.new)
    source = field.shared(CLUSTER, key)
    name = field.running(CLUSTER, field.new, source, field.key(field.new))
    lose(source, key)
    return GOES_ON if field.ended(CLUSTER, field.new, name) == "available" else "it fails"


@contract(GOES_ON, "it fails")
def a_running_copy_whose_source_is_no_longer_shared(field):
    """The share stays until the copy is available."""
    rds = field.rds(field.old)
    return after_losing(field, lambda source, _: CLUSTER.share(rds, name_of(source), ValuesToRemove=[field.new.id]))


@contract(GOES_ON, "it fails")
def a_running_copy_whose_source_key_is_disabled(field):
    """The old key stays until the copy is available."""
    kms = field.old.client("kms", field.region)
    return after_losing(field, lambda _, key: kms.disable_key(KeyId=name_of(key).removeprefix("key/")))


@contract(ACCEPTED, AS_PLAIN)
def one_step_across_account_and_region(field):
    """Announced in 2025; a page of DocumentDB still says that the Region must be the same."""
    source = field.shared(CLUSTER, field.key(field.old, reader=field.new))
    key = field.key(field.new, field.elsewhere)
    return copied(field, CLUSTER, field.new, source, key, field.elsewhere)


@contract(ACCEPTED, NOT_ACCESSIBLE)
def one_step_with_a_key_for_rds_of_the_source_region(field):
    """No page says which Region's RDS uses the source's key; the policy of the module admits both."""
    source = field.shared(CLUSTER, field.key(field.old, reader=field.new, via=field.region))
    key = field.key(field.new, field.elsewhere)
    return copied(field, CLUSTER, field.new, source, key, field.elsewhere)
