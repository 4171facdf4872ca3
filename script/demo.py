#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""The migration of an encrypted Aurora cluster to another account, shown; what and with which options: script/demo."""

import signal

signal.signal(signal.SIGINT, signal.SIG_DFL)  # until script.run can say something about it

import os
import re
import shlex
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "acceptance"))
from harness import kept, picture, script
from harness.sandbox import BUILD, Sandbox, find_terraform, project_version, provider_binaries, use_mirror
from harness.screen import BOLD, DIM, GREEN, RED, Screen, style
from harness.terraform import Workspace
from harness.world import CLUSTER, NEW, OLD, REGION, World, copy_migration, migration_variables, start_simulator

TIME_SCALE = 600  # a minute is a tenth of a second
HOW_LONG = {"create_seconds": 360, "copy_seconds": 720, "restore_seconds": 360, "instance_seconds": 120}
STANDIN_VERSION = "5.0.0"
STEPS = {
    "aws_kms_key.source": ("1", "old", "a customer-managed KMS key"),
    "aws_kms_alias.source": ("", "old", "an alias of that key"),
    "aws_db_cluster_snapshot.source": ("2", "old", "a snapshot of the cluster"),
    "snapshot_reencrypt_copy.source": ("3", "old", "a copy of it, encrypted with that key"),
    "snapshot_share.target": ("4", "old", "access to the copy for the new account"),
    "aws_kms_key.target": ("5", "new", "a customer-managed KMS key"),
    "aws_kms_alias.target": ("", "new", "an alias of that key"),
    "snapshot_reencrypt_copy.target[0]": ("6", "new", "a copy of that copy, with its own key"),
    "aws_rds_cluster.restored[0]": ("7", "new", "the cluster, restored from that copy"),
    "aws_rds_cluster_instance.restored[0]": ("7", "new", "an instance of the cluster"),
}
AWS_PROVIDERS = {"standin": "a small stand-in for hashicorp/aws", "registry": "hashicorp/aws from the registry"}
HINTS = {
    "registry": "hashicorp/aws is downloaded from a registry. Where none can be reached, leave\n"
    "--aws-provider out, or give a binary of it: --aws-provider PATH"
}


def main():
    options = parse_arguments()
    if options.end:
        for done in list(kept.end_all()) or ["This clone keeps nothing."]:
            print(done)
        return 0
    script.require_loopback()
    script.in_venv(__file__, options.terraform)
    sandbox = Sandbox("demo")
    simulator = demo = None
    status = 1
    try:
        with Screen() as screen:
            screen.heading("An encrypted Aurora cluster moves to another AWS account")
            screen.doing("starting the imitation of AWS")
            forget_the_person(sandbox)
            simulator = start_simulator(sandbox, sys.executable, TIME_SCALE)
            demo = Demo(screen, sandbox, World(simulator, TIME_SCALE), options)
            demo.run()
            if options.picture:
                options.picture.write_text(picture.svg("script/demo", screen.lines))
        status = 0
    except KeyboardInterrupt:
        print("\ninterrupted")
        status = 130
    finally:
        with script.undisturbed():
            if demo:
                demo.workspace.end()
            if options.keep and demo and status != 1:
                demo.keep(simulator)
            else:
                if simulator:
                    simulator.stop()
                sandbox.remove()
    return status


def parse_arguments():
    parser = script.parser("demo")
    parser.add_argument("--aws-provider", default="standin")
    parser.add_argument("--terraform")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--end", action="store_true")
    parser.add_argument("--picture", type=Path)
    options = parser.parse_args()
    if options.aws_provider not in AWS_PROVIDERS and not os.access(options.aws_provider, os.X_OK):
        parser.error(f"--aws-provider: {options.aws_provider} is not a program")
    if options.picture and not options.picture.absolute().parent.is_dir():
        parser.error(f"--picture: the folder of {options.picture} does not exist")
    return options


def forget_the_person(sandbox):
    """boto3 is in this process, and reads profiles, too."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update({name: it for name, it in sandbox.environment().items() if name.startswith("AWS_")})


class Demo:
    def __init__(self, screen, sandbox, world, options):
        self.screen, self.sandbox, self.world, self.options = screen, sandbox, world, options
        install_providers(sandbox, options.aws_provider)
        world.add_source_cluster()
        world.aws.settings(**HOW_LONG)
        environment = sandbox.environment(**world.environment())
        self.workspace = Workspace(sandbox.subfolder("migration"), find_terraform(options.terraform), environment)
        self.cli = self.workspace.terraform.name
        copy_migration(self.workspace)
        self.workspace.set_variables(**migration_variables())

    def run(self):
        self.introduce()
        self.command("init", "-no-color", environment=self.of_a_registry())
        plan = self.command("plan", "-json", "-out=plan", end=False)
        self.report(plan, f"{len(plan.actions)} to add")

        self.screen.heading(f"{self.cli} apply")
        calls_before = self.world.aws.last_call()
        apply = self.follow("created", "apply", "-json", "plan")
        self.report(apply, calls_made(self.world, calls_before))
        again = self.command("plan", "-json", "-out=plan", end=False)
        if again.actions:
            raise SystemExit(f"The second plan should be empty, but is not.\n\n{again}")
        self.report(again, "no changes")

        self.show_new_account()
        if self.options.keep:
            return
        self.screen.heading(f"{self.cli} destroy")
        self.report(self.follow("deleted", "destroy", "-json", "-auto-approve"))
        left = self.world.aws.snapshots() + self.world.aws.clusters(NEW)
        if left:
            raise SystemExit(f"Something is left in AWS after {self.cli} destroy: {left}")
        self.screen.row("left in AWS", f"only the cluster {CLUSTER}, as it was")

    def introduce(self):
        row, before = self.screen.row, self.world.cluster(CLUSTER, OLD)
        host, version = host_version(self.workspace)
        aws_provider = AWS_PROVIDERS.get(self.options.aws_provider, Path(self.options.aws_provider).name)
        row("old account", f"{OLD}: the cluster {CLUSTER}, {before['engine']},")
        row("", "encrypted with the AWS-managed key aws/rds")
        row("new account", f"{NEW}: empty")
        row("AWS", f"an imitation on this machine, {self.world.aws.url};")
        row("", f"a minute there takes {60 / TIME_SCALE} s")
        row(host, version)
        row("providers", f"snapshot: this project; aws: {aws_provider}")
        row("configuration", "examples/terraform/cross-account-migration")
        self.screen.line()

    def show_new_account(self):
        self.screen.heading("The new account now, read with boto3")
        row, rds = self.screen.row, self.world.accounts[NEW].client("rds", REGION)
        for cluster in rds.describe_db_clusters()["DBClusters"]:
            row("cluster", cluster["DBClusterArn"])
            row("status", f"{cluster['Status']}, {cluster['Engine']} {cluster['EngineVersion']}")
            row("KMS key", cluster["KmsKeyId"].rpartition("/")[2])
            row("endpoint", cluster["Endpoint"])
        row("restored from", self.world.cluster("orders", NEW)["snapshot_arn"])

    def keep(self, simulator):
        start = kept.keep(self.sandbox, self.workspace, simulator)
        simulator.stay()
        with Screen() as screen:
            screen.heading("The imitation of AWS is still running")
            program = shlex.quote(str(start.relative_to(ROOT)))
            for label, pasted in (
                ("in its clone", f"cd {shlex.quote(str(ROOT))}"),
                ("look", f"{program} show"),
                ("go on", f"{program} apply -auto-approve"),
                ("end it", "script/demo --end"),
            ):
                screen.line(f"  {label:14} {pasted}")
            screen.row("AWS", f"{simulator.url}, see tests/simulator/README.md")

    # ---- Commands of Terraform

    def command(self, name, *arguments, end=True, **options):
        self.screen.doing(f"{self.cli} {name}")
        return self.finish(self.workspace.start(name, *arguments, **options), end)

    def finish(self, running, end):
        outcome = running.wait()
        self.screen.doing("")
        if not outcome.ok:
            failed = f"{self.cli} {outcome.command} failed with exit status {outcome.code}. It says:"
            raise SystemExit("\n\n".join(["", failed, outcome.said, HINTS.get(self.options.aws_provider, "")]).rstrip())
        if end:
            self.report(outcome)
        return outcome

    def report(self, outcome, what=""):
        name = style(f"{f'{self.cli} {outcome.command}':17}", BOLD)
        self.screen.line(f"  {name} {outcome.seconds:5.1f} s   {what}".rstrip())

    def follow(self, word, *command):
        """Prints each step as it ends."""
        running = self.workspace.start(*command)
        begun, seen = {}, 0
        try:
            while True:
                ended = running.process.poll() is not None
                messages = running.messages()
                for message in messages[seen:]:
                    self.step(message, begun, word)
                seen = len(messages)
                if ended:
                    return self.finish(running, end=False)
                steps = sorted({STEPS[address][0] for address in begun if address in STEPS} - {""})
                self.screen.doing(f"{self.cli} {running.command}", f"step {', '.join(steps)}" if steps else "")
                time.sleep(0.05)
        except KeyboardInterrupt:
            running.stop()
            self.screen.doing("")
            for warning in running.wait().warnings:
                self.screen.heading(f"  {warning.summary}")
                self.screen.paragraph(warning.detail)
            raise

    def step(self, message, begun, word):
        hook = message.get("hook", {})
        address = hook.get("resource", {}).get("addr", "").removeprefix("module.migration.")
        if hook.get("action") == "read":  # a data source
            return
        if message["type"] == "apply_start":
            begun[address] = time.monotonic()
        elif message["type"] in ("apply_complete", "apply_errored"):
            seconds = time.monotonic() - begun.pop(address)
            done = message["type"] == "apply_complete"
            number, account, title = STEPS.get(address, ("", "", address))
            mark, word = (style("✓", GREEN), f"{word} in") if done else (style("✗", RED), "failed after")
            took = style(f"{word} {seconds:4.1f} s", DIM)
            self.screen.line(f"  {mark} {number:1}  {account and f'{account} account':11}  {title:40} {took}")

    def of_a_registry(self):
        """What of the person's surroundings the way to a registry needs."""
        if self.options.aws_provider != "registry":
            return None
        return {
            n: v for n, v in os.environ.items() if re.fullmatch(r"(?i)https?_proxy|no_proxy|SSL_CERT_(FILE|DIR)", n)
        }


def install_providers(sandbox, aws_provider):
    ours, standin = provider_binaries(BUILD / "release").values()
    packages = {"rds-snapshot/snapshot": (project_version(), ours)}
    if aws_provider != "registry":
        binary = standin if aws_provider == "standin" else Path(aws_provider).resolve()
        version = re.search(r"_v(\d+\.\d+\.\d+)", binary.name)
        packages["hashicorp/aws"] = (version[1] if version else STANDIN_VERSION, binary)
    use_mirror(sandbox, packages)


def host_version(workspace):
    """("Terraform", "1.11.4")"""
    first = workspace.run("version").out.splitlines()[0]
    return first.partition(" v")[::2]


def calls_made(world, after):
    """Of the apply: how many calls, and how many of these by our provider."""
    calls = world.aws.calls(after=after)
    ours = sum("terraform-provider-snapshot" in (c["user_agent"] or "") for c in calls)
    return f"{len(calls)} calls to AWS, {ours} of them by this provider"


if __name__ == "__main__":
    script.run(main)
