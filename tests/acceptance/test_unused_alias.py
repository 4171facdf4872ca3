# SPDX-License-Identifier: MPL-2.0
"""A provider block that no resource uses: its credentials are not asked for."""

import pytest
from harness.world import REGION

BLOCKS = f"""
terraform {{
  required_providers {{
    snapshot = {{ source = "rds-snapshot/snapshot" }}
  }}
}}

provider "snapshot" {{
  region = "{REGION}"
}}

provider "snapshot" {{
  alias   = "other"
  region  = "{REGION}"
  profile = "other"
}}
"""


@pytest.fixture
def mark(cluster_copy, sandbox):
    """The file that the program of the other block's profile makes."""
    mark = sandbox.home / "was-run"
    (sandbox.home / "aws-config").write_text(f"[profile other]\ncredential_process = touch '{mark}'\n")
    cluster_copy.workspace.write("provider.tf", BLOCKS)
    return mark


def test_validate_runs_no_program(cluster_copy, mark):
    cluster_copy.workspace.validate()
    assert not mark.exists()


def test_keys_of_the_environment_ask_for_nothing_else(cluster_copy, mark, sandbox):
    """Neither a program of the default profile nor a service, which would be refused, is asked."""
    with (sandbox.home / "aws-config").open("a") as config:
        config.write(f"[default]\ncredential_process = touch '{mark}'\n")
    cluster_copy.workspace.environment |= {
        "AWS_EC2_METADATA_DISABLED": "false",
        "AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:1",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:1/",
        "TF_LOG_PROVIDER": "trace",
    }
    planned = cluster_copy.workspace.plan()
    assert "credentials come from the environment" in planned.err
    assert "EC2 metadata" not in planned.err and "container" not in planned.err
    assert not mark.exists()


def test_a_plan_without_it_runs_no_program(cluster_copy, mark):
    cluster_copy.workspace.plan()
    assert not mark.exists()


def test_a_plan_with_it_does(cluster_copy, mark):
    cluster_copy.workspace.write(
        "provider.tf",
        BLOCKS.replace('alias   = "other"', "").replace(f'provider "snapshot" {{\n  region = "{REGION}"\n}}', ""),
    )
    cluster_copy.workspace.plan(ok=False)
    assert mark.exists()
