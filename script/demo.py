#!/usr/bin/env python3
# SPDX-License-Identifier: MPL-2.0
"""Shows the migration of an encrypted Aurora cluster to another account.

Real Terraform and the provider built here, against an imitation of AWS on 127.0.0.1 in which a
minute takes a tenth of a second. Builds first, if needed; uses nothing of yours and leaves nothing behind.
"""

import argparse
import os
import re
import shlex
import signal
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "acceptance"))
from harness.sandbox import (  # noqa: E402
    BUILD,
    Sandbox,
    build,
    find_terraform,
    project_version,
    provider_binaries,
    use_mirror,
)
from harness.terraform import CommandFailed, Workspace  # noqa: E402
from harness.world import CLUSTER, NEW, OLD, REGION, World, copy_migration, migration_variables, start_simulator  # noqa: E402

TIME_SCALE = 600  # a minute is a tenth of a second
HOW_LONG = {"create_seconds": 360, "copy_seconds": 720, "restore_seconds": 360, "instance_seconds": 120}
STANDIN_VERSION = "5.0.0"
STEPS = {
    "aws_kms_key.source": (1, "old", "a customer-managed key"),
    "aws_db_cluster_snapshot.source": (2, "old", "a snapshot of the cluster"),
    "snapshot_reencrypt_copy.source": (3, "old", "a copy of it under that key"),
    "snapshot_share.target": (4, "old", "the copy is shared with the new account"),
    "aws_kms_key.target": (5, "new", "a customer-managed key"),
    "snapshot_reencrypt_copy.target": (6, "new", "a copy of the shared snapshot under that key"),
    "aws_rds_cluster.restored": (7, "new", "the cluster, restored from that copy"),
    "aws_rds_cluster_instance.restored[0]": (7, "new", "its instance"),
}
HINTS = {
    "registry": "\nhashicorp/aws was to come from a registry. Where there is none, leave --aws-provider out, or name a"
    "\nbinary of it: --aws-provider PATH"
}


def main():
    options = parse_arguments()
    if Path(sys.prefix) != BUILD / "venv":
        build("--with-tests")
        python = BUILD / "venv" / "bin" / "python"
        sys.stdout.flush()
        os.execv(python, [str(python), __file__, *sys.argv[1:]])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sandbox = Sandbox("demo")
    forget_the_person(sandbox)
    simulator = start_simulator(sandbox, sys.executable, TIME_SCALE, stay=options.keep)
    workspace, code = None, 1
    try:
        world = World(simulator, TIME_SCALE)
        workspace = prepare(sandbox, world, options)
        show(workspace, world, options)
        code = 0
    except CommandFailed as failure:
        print(f"\n{failure}{HINTS.get(options.aws_provider, '')}", file=sys.stderr)
    except KeyboardInterrupt:
        print("\ninterrupted")
        code = 130
    finally:
        kept = options.keep and workspace and code != 1
        if not kept:
            simulator.stop()
            sandbox.remove()
    if kept:
        say_how_to_reach(sandbox, workspace, world)
    return code


def forget_the_person(sandbox):
    """boto3 is in this process, and reads profiles, too."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update({name: it for name, it in sandbox.environment().items() if name.startswith("AWS_")})


def parse_arguments():
    parser = argparse.ArgumentParser(
        prog="script/demo", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--aws-provider",
        default="standin",
        metavar="standin|registry|PATH",
        help="who serves aws_*: the project's stand-in (default), hashicorp/aws from the registry, or a binary of it",
    )
    parser.add_argument("--terraform", metavar="PATH", help="the CLI (default: terraform or tofu on PATH)")
    parser.add_argument("--keep", action="store_true", help="leave the world up, also after Ctrl-C, and say how to reach it")
    options = parser.parse_args()
    if options.aws_provider not in ("standin", "registry") and not os.access(options.aws_provider, os.X_OK):
        parser.error(f"--aws-provider: {options.aws_provider} is no program")
    return options


def prepare(sandbox, world, options):
    ours, standin = provider_binaries(BUILD / "release").values()
    packages = {"rds-snapshot/snapshot": (project_version(), ours)}
    if options.aws_provider != "registry":
        binary = standin if options.aws_provider == "standin" else Path(options.aws_provider).resolve()
        version = re.search(r"_v(\d+\.\d+\.\d+)", binary.name)
        packages["hashicorp/aws"] = (version[1] if version else STANDIN_VERSION, binary)
    use_mirror(sandbox, packages)
    world.add_source_cluster()
    world.aws.settings(**HOW_LONG)
    environment = sandbox.environment(**world.environment())
    workspace = Workspace(sandbox.subfolder("migration"), find_terraform(options.terraform), environment)
    copy_migration(workspace)
    workspace.set_variables(**migration_variables())
    return workspace


# ---- The show ----------------------------------------------------------------


def show(workspace, world, options):
    before = world.cluster(CLUSTER, OLD)
    cli = workspace.terraform.name
    heading("An encrypted Aurora cluster moves to another AWS account")
    line("old account", f"{OLD}: cluster {CLUSTER}, {before['engine']}, encrypted with aws/rds")
    line("new account", f"{NEW}: empty")
    line("AWS", f"an imitation at {world.aws.url}; a minute takes {60 / TIME_SCALE} s")
    line("aws_* by", {"standin": "the project's stand-in for hashicorp/aws", "registry": "hashicorp/aws"}.get(
        options.aws_provider, options.aws_provider))  # fmt: skip
    line("host", str(workspace.terraform))
    line("configuration", "examples/terraform/cross-account-migration")

    proxies = {n: v for n, v in os.environ.items() if re.fullmatch(r"(?i)https?_proxy|no_proxy|SSL_CERT_(FILE|DIR)", n)}
    init = workspace.init(environment=proxies if options.aws_provider == "registry" else None)
    command(f"{cli} init", init)
    plan = workspace.plan()
    command(f"{cli} plan", plan, f"{len(plan.actions)} to add")

    heading(f"{cli} apply")
    calls_before = world.aws.last_call()
    apply = follow(workspace.start("apply", "-json", "plan"), "made")
    command(f"{cli} apply", apply, calls_made(world, calls_before))

    again = workspace.plan("-detailed-exitcode", ok=None)
    if again.code != 0:
        raise SystemExit(f"the second plan was to be empty\n{again}")
    command(f"{cli} plan", again, "no changes")

    heading("The new account now, as boto3 sees it")
    rds = world.accounts[NEW].client("rds", REGION)
    for cluster in rds.describe_db_clusters()["DBClusters"]:
        for label, key in (("cluster", "DBClusterArn"), ("status", "Status"), ("engine", "EngineVersion"),
                           ("key", "KmsKeyId"), ("endpoint", "Endpoint")):  # fmt: skip
            line(label, cluster[key])
    line("restored from", world.cluster("orders", NEW)["snapshot_arn"])
    if options.keep:
        return

    heading(f"{cli} destroy")
    command(f"{cli} destroy", follow(workspace.start("destroy", "-json", "-auto-approve"), "gone"))
    left = world.aws.snapshots() + world.aws.clusters(NEW)
    if left:
        raise SystemExit(f"something is left behind: {left}")
    line("left behind", f"nothing; {CLUSTER} is as it was")


def follow(running, word):
    """Prints each step as it ends; what is under way too, where the terminal can take it back."""
    begun, seen, under_way = {}, 0, []
    try:
        while True:
            ended = running.process.poll() is not None
            messages = running.messages()
            for message in messages[seen:]:
                hook = message.get("hook", {})
                address = hook.get("resource", {}).get("addr", "").removeprefix("module.migration.")
                if hook.get("action") == "read":  # a data source
                    continue
                if message["type"] == "apply_start":
                    begun[address] = time.monotonic()
                    under_way.append(address)
                elif message["type"] in ("apply_complete", "apply_errored"):
                    under_way.remove(address)
                    done = message["type"] == "apply_complete"
                    erase()
                    step(
                        running,
                        style("✓", 32) if done else style("✗", 31),
                        address,
                        f"{f'{word} in' if done else 'failed after'} {time.monotonic() - begun[address]:.1f} s",
                    )
            seen = len(messages)
            if ended:
                erase()
                outcome = running.wait()
                if not outcome.ok:
                    raise SystemExit(str(outcome))
                return outcome
            transient(under_way)
            time.sleep(0.05)
    except BaseException as end:
        running.stop()
        if isinstance(end, KeyboardInterrupt):
            erase()
            for told in running.wait().warnings:
                print(f"\n  {style(told.summary, 1)}\n  {told.detail}")
        raise


def step(running, mark, address, what):
    number, account, title = STEPS.get(address, ("", "old" if ".source" in address else "new", "an alias of the key"))
    clock = f"{time.monotonic() - running.started:5.1f} s"
    print(f"  {style(clock, 2)}  {mark} {number!s:1}  {account} account  {title:46} {style(what, 2)}", flush=True)


def calls_made(world, after):
    """Of the apply: how many calls, and how many of these by our provider."""
    calls = world.aws.calls(after=after)
    ours = sum("terraform-provider-snapshot" in (c["user_agent"] or "") for c in calls)
    return f"{len(calls)} AWS calls, {ours} of them by terraform-provider-snapshot"


def say_how_to_reach(sandbox, workspace, world):
    exports = sandbox.folder / "env"
    exports.write_text("".join(f"export {n}={shlex.quote(v)}\n" for n, v in workspace.environment.items() if n != "PATH"))
    there = f". {exports} && cd {workspace.folder} && {shlex.quote(str(workspace.terraform))}"
    heading("The world is still up")
    line("look", f"({there} show)")
    line("go on", f"({there} apply -auto-approve)")
    line("AWS", f"{world.aws.url}, control calls in tests/simulator/README.md")
    line("end it", f"kill {world.aws.pid} && rm -r {sandbox.folder}")


# ---- How it looks ------------------------------------------------------------

TERMINAL = sys.stdout.isatty()


def style(text, code):
    return f"\x1b[{code}m{text}\x1b[0m" if TERMINAL else text


def heading(text):
    print(f"\n{style(text, 1)}", flush=True)


def line(label, text):
    print(f"  {label:14} {text}", flush=True)


def command(name, outcome, what=""):
    print(f"  {style(name, 1):{24 if TERMINAL else 16}} {outcome.seconds:5.1f} s   {what}", flush=True)


def transient(addresses):
    if TERMINAL:
        names = ", ".join(f"{STEPS[a][0]}" for a in addresses if a in STEPS)
        print(f"\r\x1b[K           {style('… step ' + names if names else '', 2)}", end="", flush=True)


def erase():
    if TERMINAL:
        print("\r\x1b[K", end="", flush=True)


if __name__ == "__main__":
    sys.exit(main())
