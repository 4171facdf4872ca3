# SPDX-License-Identifier: MPL-2.0
"""One copy, one share: a resource by itself, whose arguments a test sets, and what became of it in AWS."""

from .world import ANYBODY, NEW, OLD, REGION, snapshot_arn

MARK = "terraform-provider-snapshot"
DATABASE = "orders-production"  # of every source
BEFORE_DESTROY = "lifecycle {\n create_before_destroy = true\n }"
HOURS = 6 * 3600
READING = ("Describe", "Get", "List", "AssumeRole")

# RDS's name of an operation, by the kind of snapshot.
OPERATIONS = {
    "copy": {"cluster": "CopyDBClusterSnapshot", "instance": "CopyDBSnapshot"},
    "describe": {"cluster": "DescribeDBClusterSnapshots", "instance": "DescribeDBSnapshots"},
    "delete": {"cluster": "DeleteDBClusterSnapshot", "instance": "DeleteDBSnapshot"},
    "share": {"cluster": "ModifyDBClusterSnapshotAttribute", "instance": "ModifyDBSnapshotAttribute"},
}


class Single:
    """What a copy and a share have in common."""

    address = None  # of the resource in main.tf

    def __init__(self, workspace, world, kind):
        self.workspace, self.world, self.kind = workspace, world, kind

    def apply(self, *arguments, **options):
        return self.workspace.apply(*arguments, **options)

    @property
    def instance(self):
        """In the state file, or None."""
        return self.workspace.state().get(self.address)

    @property
    def state(self):
        return self.workspace.state()[self.address]

    @property
    def snapshot(self):
        return self.world.aws.snapshot(self.arn)

    @property
    def copying(self):
        """The status of a copy that runs, in one Region."""
        return "creating" if self.kind == "instance" else "copying"

    def operation(self, name):
        return OPERATIONS.get(name, {}).get(self.kind, name)

    def fault(self, operation, kind, **fields):
        return self.world.aws.fault(self.operation(operation), kind, **fields)

    def calls(self, operation, about="", after=0):
        """Those whose parameters have the text `about`, also refused ones and those under way."""
        found = self.world.aws.calls(self.operation(operation), after)
        return [c for c in found if about in str(c["parameters"])]

    def changes(self, after=0):
        """Operations called since then that do not only read."""
        called = [c["operation"] for c in self.world.aws.calls(after=after)]
        return [operation for operation in called if not operation.startswith(READING)]

    def later(self, text):
        """An expression of the text, which a plan does not know until this one is applied."""
        self.workspace.write("later.tf", f'resource "terraform_data" "later" {{ input = "{text}" }}\n')
        return "terraform_data.later.output"


class Copy(Single):
    """before -> after, under alias/mine."""

    address = "snapshot_reencrypt_copy.x"
    lifecycle = ""

    def __init__(self, workspace, world, kind):
        super().__init__(workspace, world, kind)
        self.key = world.aws.add_key(OLD, REGION, alias="alias/mine")
        self.source_arn = world.aws.add_snapshot(
            OLD, REGION, "before", kind=kind, database=DATABASE, tags={"team": "orders", "aws:made": "by-aws"}
        )
        self.arn = snapshot_arn("after", OLD, REGION, kind)
        self.arguments = {
            "source_snapshot_identifier": '"before"',
            "target_snapshot_identifier": '"after"',
            "kms_key_id": '"alias/mine"',
        }
        if kind == "instance":
            self.arguments["snapshot_kind"] = '"instance"'
        self.set()

    def set(self, block="", **arguments):
        """`block` is for this time, arguments stay."""
        self.arguments |= arguments
        lines = "".join(f"  {name} = {value}\n" for name, value in self.arguments.items() if value is not None)
        body = f"{lines}{block}\n{self.lifecycle}"
        self.workspace.write("main.tf", f'resource "snapshot_reencrypt_copy" "x" {{\n{body}\n}}\n')

    @property
    def mark(self):
        """Its fields, as AWS has them."""
        return self.snapshot["tags"][MARK].split(" ")

    @property
    def holder(self):
        """Who may delete it, by its mark."""
        return self.mark[1]

    @property
    def tags(self):
        return {k: v for k, v in self.snapshot["tags"].items() if k != MARK}

    @property
    def copies(self):
        return len(self.world.copies_made())

    def add_source(self, name="other"):
        """Another snapshot of the same database; its ARN."""
        return self.world.aws.add_snapshot(OLD, REGION, name, kind=self.kind, database=DATABASE)

    def retake_source(self):
        """Under its name, an hour later."""
        self.world.aws.remove_snapshot(self.source_arn)
        self.world.aws.advance(3600)
        self.add_source("before")

    def start_waiting(self, *arguments):
        """An apply that waits for a copy of hours, begun by it or before."""
        self.world.copies_take(HOURS)
        running = self.workspace.start("apply", "-json", "-auto-approve", *arguments)

        def is_applying():
            return any(m["type"] == "apply_start" for m in running.messages())

        def is_waiting():
            assert running.process.poll() is None, running.wait()
            return self.snapshot and len(self.calls("describe", "after", after)) > 3

        self.world.wait_until(is_applying, "the end of the plan", 40)
        after = self.world.aws.last_call()
        self.world.wait_until(is_waiting, "copying", 40)
        return running

    def stop_while_copying(self):
        running = self.start_waiting()
        running.interrupt()
        return running.wait()


class Share(Single):
    """The snapshot `copy`, with account NEW."""

    address = "snapshot_share.x"

    def __init__(self, workspace, world, kind):
        super().__init__(workspace, world, kind)
        key = world.aws.add_key(OLD, REGION, policy=ANYBODY)
        self.arn = world.aws.add_snapshot(OLD, REGION, "copy", kind=kind, kms_key_id=key)
        self.set([NEW])

    def set(self, accounts, identifier=None, more=""):
        accounts = ", ".join(f'"{a}"' for a in accounts)
        self.workspace.write(
            "main.tf",
            f'resource "snapshot_share" "x" {{\n  snapshot_identifier = "{identifier or self.arn}"\n'
            f"  account_ids = [{accounts}]\n{more}\n}}\n",
        )

    def shared_with(self):
        return sorted(self.snapshot["shared_with"])


def write_plain_copy(workspace, world):
    """A configuration that copies in the old account; it has no provider block yet."""
    world.aws.add_snapshot(OLD, REGION, "before")
    key = world.aws.add_key(OLD, REGION)
    workspace.write(
        "main.tf",
        f"""
        terraform {{
          required_providers {{
            snapshot = {{ source = "rds-snapshot/snapshot" }}
          }}
        }}

        resource "snapshot_reencrypt_copy" "x" {{
          source_snapshot_identifier = "before"
          target_snapshot_identifier = "after"
          kms_key_id                 = "{key}"
        }}
        """,
    )
