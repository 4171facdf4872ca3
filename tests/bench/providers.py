# SPDX-License-Identifier: MPL-2.0
"""What a provider can do that is measured: copies, or its nearest resource. One row for each kind of provider."""

from dataclasses import dataclass, field

from harness.world import CLUSTER, OLD, REGION, snapshot_arn

SNAPSHOT, INSTANCE_SNAPSHOT = snapshot_arn("before"), snapshot_arn("before", kind="instance")


@dataclass(frozen=True)
class Kind:
    resource: str
    provider: str  # its address
    name: str  # the argument that names what is made
    snapshot: str  # "cluster" or "instance": what is made
    arguments: dict = field(default_factory=dict)  # all others; {key} is the KMS key
    is_ours: bool = False

    def arguments_of(self, name, key):
        return {self.name: name, **{argument: value.format(key=key) for argument, value in self.arguments.items()}}

    def configuration(self, key):
        """var.copies of them, "NAMES-0" and so on."""
        values = self.arguments_of("${var.names}-${count.index}", key)
        lines = "\n".join(f'  {argument} = "{value}"' for argument, value in values.items())
        local = self.provider.rpartition("/")[2]
        head = PROVIDER.format(local=local, address=self.provider, region=REGION) if local else ""
        return head + RESOURCES.format(resource=self.resource, lines=lines)


PROVIDER = """
terraform {{
  required_providers {{
    {local} = {{ source = "{address}" }}
  }}
}}

provider "{local}" {{
  region = "{region}"
}}
"""
RESOURCES = """
variable "copies" {{}}

variable "names" {{
  default = "after"
}}

resource "{resource}" "x" {{
  count = var.copies
{lines}
}}
"""
AWS = "hashicorp/aws"
# The first whose resource a provider has.
KINDS = (
    Kind("snapshot_reencrypt_copy", "rds-snapshot/snapshot", "target_snapshot_identifier", "cluster",
         {"source_snapshot_identifier": SNAPSHOT, "kms_key_id": "{key}"}, is_ours=True),
    Kind("aws_rds_cluster_snapshot_copy", AWS, "target_db_cluster_snapshot_identifier", "cluster",
         {"source_db_cluster_snapshot_identifier": SNAPSHOT, "kms_key_id": "{key}"}),
    Kind("aws_db_snapshot_copy", AWS, "target_db_snapshot_identifier", "instance",
         {"source_db_snapshot_identifier": INSTANCE_SNAPSHOT, "kms_key_id": "{key}"}),
    Kind("aws_db_cluster_snapshot", AWS, "db_cluster_snapshot_identifier", "cluster",
         {"db_cluster_identifier": CLUSTER}),
)  # fmt: skip
# Of Terraform itself, without a provider process: what the same plan costs without one.
TERRAFORM_ALONE = Kind("terraform_data", "", "input", "")


def prepare(world):
    """What the rows name; the KMS key's ARN."""
    world.add_source_cluster()
    world.aws.add_snapshot(OLD, REGION, "before")
    world.aws.add_snapshot(OLD, REGION, "before", kind="instance")
    world.has_room(10**6)
    return world.aws.add_key(OLD, REGION)
