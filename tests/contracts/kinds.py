# SPDX-License-Identifier: MPL-2.0
"""boto3's names for cluster and instance snapshots, so that a rule of both is tested on both."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    name: str
    snapshot: str  # DBClusterSnapshot
    database: str  # DBCluster
    arn_type: str
    suffix: str  # of error codes
    state_code: str
    copying: str  # status of a copy under way in its Region
    encrypted: str  # StorageEncrypted | Encrypted

    def copy(self, client, source, target, **more):
        call = client.copy_db_cluster_snapshot if self.name == "cluster" else client.copy_db_snapshot
        sent = {f"Source{self.snapshot}Identifier": source, f"Target{self.snapshot}Identifier": target}
        return call(**sent, **more)[self.snapshot]

    def create(self, client, database, name, **more):
        cluster = self.name == "cluster"
        call = client.create_db_cluster_snapshot if cluster else client.create_db_snapshot
        sent = {f"{self.database}Identifier": database, f"{self.snapshot}Identifier": name}
        return call(**sent, **more)[self.snapshot]

    def describe_page(self, client, name=None, **more):
        cluster = self.name == "cluster"
        call = client.describe_db_cluster_snapshots if cluster else client.describe_db_snapshots
        if name:
            more[f"{self.snapshot}Identifier"] = name
        return call(**more)

    def describe(self, client, name=None, **more):
        return self.describe_page(client, name, **more)[f"{self.snapshot}s"]

    def delete(self, client, name):
        call = client.delete_db_cluster_snapshot if self.name == "cluster" else client.delete_db_snapshot
        return call(**{f"{self.snapshot}Identifier": name})[self.snapshot]

    def share(self, client, name, **more):
        cluster = self.name == "cluster"
        call = client.modify_db_cluster_snapshot_attribute if cluster else client.modify_db_snapshot_attribute
        answer = call(**{f"{self.snapshot}Identifier": name}, AttributeName="restore", **more)
        return self._accounts(answer)

    def shared(self, client, name):
        cluster = self.name == "cluster"
        call = (
            client.describe_db_cluster_snapshot_attributes
            if cluster
            else client.describe_db_snapshot_attributes
        )
        return self._accounts(call(**{f"{self.snapshot}Identifier": name}))

    def _accounts(self, answer):
        return answer[f"{self.snapshot}AttributesResult"][f"{self.snapshot}Attributes"][0]["AttributeValues"]

    @property
    def not_found(self):
        return f"{self.snapshot}NotFound{self.suffix}"

    @property
    def exists(self):
        return f"{self.snapshot}AlreadyExists{self.suffix}"


CLUSTER = Kind(
    "cluster",
    "DBClusterSnapshot",
    "DBCluster",
    "cluster-snapshot",
    "Fault",
    "InvalidDBClusterSnapshotStateFault",
    "copying",
    "StorageEncrypted",
)
INSTANCE = Kind(
    "instance", "DBSnapshot", "DBInstance", "snapshot", "", "InvalidDBSnapshotState", "creating", "Encrypted"
)
BOTH = [CLUSTER, INSTANCE]
