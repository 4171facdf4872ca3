# SPDX-License-Identifier: MPL-2.0
"""A Terraform working directory, driven through the CLI the way a person does it, read as data."""

import json
import os
import signal
import subprocess
import time
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

DEFAULT_LIMIT_SECONDS = 120


@dataclass
class Diagnostic:
    severity: str
    summary: str
    detail: str
    address: str | None
    code: str  # the line it points at
    context: str  # the block that line is in, as it begins

    @property
    def text(self):
        return f"{self.summary}\n{self.detail}"


@dataclass
class Instance:
    """A resource instance in the state file."""

    address: str
    values: dict
    tainted: bool
    deposed: bool = False

    def __getitem__(self, name):
        return self.values[name]


@dataclass
class Outcome:
    """What a command did. With -json its messages are read, else only its text."""

    command: str
    code: int
    out: str
    err: str
    seconds: float
    messages: list = field(default_factory=list)

    @property
    def ok(self):
        return self.code in (0, 2) if self.command == "plan" else self.code == 0

    @cached_property
    def diagnostics(self):
        found = []
        for message in self.messages:
            if message["type"] == "diagnostic":
                it = message["diagnostic"]
                if it["summary"] != "Provider development overrides are in effect":
                    snippet = it.get("snippet") or {}
                    found.append(
                        Diagnostic(
                            it["severity"],
                            it["summary"],
                            it.get("detail", ""),
                            it.get("address"),
                            snippet.get("code", "").strip(),
                            snippet.get("context") or "",
                        )
                    )
        return found

    @property
    def errors(self):
        return [d for d in self.diagnostics if d.severity == "error"]

    @property
    def warnings(self):
        return [d for d in self.diagnostics if d.severity == "warning"]

    @cached_property
    def actions(self):
        """Planned: address -> "create", "update", "replace", "delete" ...; no-ops are absent."""
        return {
            m["change"]["resource"]["addr"]: m["change"]["action"]
            for m in self.messages
            if m["type"] == "planned_change" and m["change"]["action"] not in ("noop", "read")
        }

    @cached_property
    def drift(self):
        return {
            m["change"]["resource"]["addr"]: m["change"]["action"]
            for m in self.messages
            if m["type"] == "resource_drift"
        }

    @cached_property
    def done(self):
        """Applied, in order: (address, action)."""
        return [
            (m["hook"]["resource"]["addr"], m["hook"]["action"])
            for m in self.messages
            if m["type"] == "apply_complete"
        ]

    def assert_error(self, *fragments):
        """One error has all of these in its text."""
        self._assert_told("error", self.errors, fragments)

    def assert_warning(self, *fragments):
        self._assert_told("warning", self.warnings, fragments)

    def _assert_told(self, severity, diagnostics, fragments):
        if not any(all(f in d.text for f in fragments) for d in diagnostics):
            raise AssertionError(f"no {severity} says {' and '.join(map(repr, fragments))}\n{self}")

    @property
    def said(self):
        """For a person: what Terraform itself would have printed of it, its messages in the place of -json."""
        if not self.diagnostics:
            return (self.out + self.err).strip("\n")
        return "\n\n".join(f"{d.severity.capitalize()}: {d.summary}\n\n{d.detail}".strip() for d in self.diagnostics)

    def __str__(self):
        """For a failing assertion: what a person would have seen."""
        lines = [f"terraform {self.command}: exit {self.code} after {self.seconds:.1f} s"]
        for d in self.diagnostics:
            lines.append(f"  {d.severity}: {d.address or ''} {d.summary}   [{d.code}]")
            lines.append("    " + d.detail.replace("\n", "\n    "))
        if self.actions:
            lines.append(f"  planned: {self.actions}")
        if not self.messages:
            lines += [self.out[-4000:], self.err[-4000:]]
        return "\n".join(lines)

    __repr__ = __str__


class CommandFailed(AssertionError):
    pass


class Workspace:
    def __init__(self, folder, terraform, environment, before_destroy=None, providers=None):
        """`before_destroy` is called before each command that destroys everything: an order of the user's. It gets the
        ARNs in the state. `providers`: of harness/debugged.py, for `run`; without any, Terraform starts its own."""
        self.folder = Path(folder)
        self.before_destroy = before_destroy
        self.terraform = Path(terraform)
        self.environment = dict(environment)
        self.providers = providers
        self._started = []

    # ---- Files

    def write(self, name, text):
        (self.folder / name).write_text(text)

    def remove(self, name):
        (self.folder / name).unlink()

    def copy_from(self, folder, pattern="*.tf"):
        for path in sorted(Path(folder).glob(pattern)):
            self.write(path.name, path.read_text())

    def set_variables(self, **values):
        """Into terraform.tfvars.json, over what is there."""
        path = self.folder / "terraform.tfvars.json"
        before = json.loads(path.read_text()) if path.exists() else {}
        path.write_text(json.dumps({**before, **values}, indent=2))

    # ---- Commands

    def start(self, command, *arguments, environment=None):
        """With providers of its own, for whoever looks at it, or disturbs it, while it runs."""
        self.end_providers()
        return self._start(command, arguments, {**self.environment, **(environment or {})})

    def _start(self, command, arguments, environment):
        if command == "destroy" or command == "apply" and "-destroy" in arguments:
            self.order_to_destroy()
        self._started.append(Running(self, command, list(arguments), environment))
        return self._started[-1]

    def order_to_destroy(self):
        if self.before_destroy:
            self.before_destroy({instance.values.get("arn") for instance in self.managed().values()})

    def end(self):
        """Whatever is still running of it, at the end of a test that did not get that far."""
        for running in self._started:
            running.end()
        self.end_providers()

    def end_providers(self):
        if self.providers:
            self.providers.end()

    def run(self, command, *arguments, ok=True, limit=DEFAULT_LIMIT_SECONDS, environment=None):
        """Runs to the end. `ok`: whether it must succeed (True), fail (False), or may do either (None)."""
        environment = {**self.environment, **(environment or {})}
        if self.providers:
            environment |= self.providers.environment(self.folder, command, environment)
        outcome = self._start(command, arguments, environment).wait(limit)
        if ok is not None and outcome.ok != ok:
            raise CommandFailed(f"terraform {command} was to {'succeed' if ok else 'fail'}\n{outcome}")
        return outcome

    def init(self, *arguments, **options):
        return self.run("init", "-no-color", *arguments, **options)

    def get(self, **options):
        """The modules, as init does, and no providers: enough where dev_overrides serve them."""
        return self.run("get", "-no-color", **options)

    def validate(self, **options):
        outcome = self.run("validate", "-json", ok=None, **{k: v for k, v in options.items() if k != "ok"})
        found = json.loads(outcome.out)["diagnostics"]
        outcome.messages = [{"type": "diagnostic", "diagnostic": d} for d in found]
        if options.get("ok", True) is not None and outcome.ok != options.get("ok", True):
            raise CommandFailed(str(outcome))
        return outcome

    def plan(self, *arguments, **options):
        """Saved as the file "plan"; `plan_values` reads it."""
        return self.run("plan", "-json", "-out=plan", *arguments, **options)

    def apply(self, *arguments, **options):
        return self.run("apply", "-json", "-auto-approve", *arguments, **options)

    def apply_plan(self, **options):
        return self.run("apply", "-json", "plan", **options)

    def destroy(self, *arguments, **options):
        return self.run("destroy", "-json", "-auto-approve", *arguments, **options)

    def refresh(self, **options):
        return self.run("apply", "-json", "-auto-approve", "-refresh-only", **options)

    def import_(self, address, import_id, **options):
        return self.run("import", "-no-color", address, import_id, **options)

    def is_settled(self):
        """No changes by the next plan; else that plan, for the message."""
        outcome = self.plan("-detailed-exitcode", ok=None)
        return Settled(outcome.code == 0, outcome)

    # ---- What there is

    def plan_values(self):
        """The saved plan as `terraform show -json` tells it."""
        return json.loads(self.run("show", "-json", "plan").out)

    def planned(self, address):
        """The change of one resource in the saved plan: before, after, after_unknown, actions."""
        for change in self.plan_values()["resource_changes"]:
            if change["address"] == address:
                return change["change"]
        raise KeyError(address)

    def outputs(self):
        return {name: it["value"] for name, it in self._state_file().get("outputs", {}).items()}

    def state(self):
        """Address -> Instance; deposed objects under "ADDRESS (deposed)"."""
        found = {}
        for resource in self._state_file().get("resources", []):
            prefix = f"{resource['module']}." if resource.get("module") else ""
            data = "data." if resource["mode"] == "data" else ""
            for instance in resource["instances"]:
                key = instance.get("index_key")
                index = "" if key is None else f"[{json.dumps(key)}]"
                address = f"{prefix}{data}{resource['type']}.{resource['name']}{index}"
                if instance.get("deposed"):
                    address += " (deposed)"
                found[address] = Instance(
                    address, instance["attributes"], instance.get("status") == "tainted", "deposed" in instance
                )
        return found

    def managed(self):
        return {a: i for a, i in self.state().items() if not a.startswith("data.")}

    def edit_state(self, address, change):
        """For tests only: `change` gets the attributes of one instance and alters them in place."""
        path = self.folder / "terraform.tfstate"
        state = json.loads(path.read_text())
        kind, _, name = address.partition(".")
        for resource in state["resources"]:
            if (resource["type"], resource["name"]) == (kind, name):
                change(resource["instances"][0]["attributes"])
        state["serial"] += 1
        path.write_text(json.dumps(state))

    def _state_file(self):
        path = self.folder / "terraform.tfstate"
        return json.loads(path.read_text()) if path.exists() and path.stat().st_size else {}


@dataclass
class Settled:
    yes: bool
    outcome: Outcome

    def __bool__(self):
        return self.yes

    def __repr__(self):
        return str(self.outcome)


class Running:
    """A command under way, in a process group of its own, as in a terminal."""

    def __init__(self, workspace, command, arguments, environment):
        self.command = command
        self.json = "-json" in arguments and command not in ("show", "validate")
        self.started = time.monotonic()
        self._out = workspace.folder / f".{command}.out"
        self._err = workspace.folder / f".{command}.err"
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self.process = subprocess.Popen(
                [str(workspace.terraform), command, *arguments],
                cwd=workspace.folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )

    def interrupt(self):
        """Ctrl-C: a terminal sends it to the whole group, providers included."""
        os.killpg(self.process.pid, signal.SIGINT)

    def kill(self):
        """As the kernel does when memory runs out: only terraform, no warning."""
        self.process.kill()

    def wait(self, limit=DEFAULT_LIMIT_SECONDS):
        try:
            code = self.process.wait(limit)
        except subprocess.TimeoutExpired:
            self.end()
            text = f"terraform {self.command} has not ended after {limit} s\n{self._outcome(-1)}"
            raise CommandFailed(text) from None
        except BaseException:
            self.end()
            raise
        return self._outcome(code)

    def stop(self, patience=20):
        """For a caller that gives up: interrupted as by Ctrl-C, then ended."""
        if self.process.poll() is None:
            self.interrupt()
            try:
                self.process.wait(patience)
            except subprocess.TimeoutExpired:
                self.end()

    def end(self):
        """Ends terraform and, as they share its group, its providers."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def messages(self):
        """Of the -json stream, so far."""
        lines = self._out.read_text("utf-8", "replace").split("\n")[:-1]  # a line under way is left for later
        return [json.loads(line) for line in lines if line.startswith("{")]

    def _outcome(self, code):
        return Outcome(
            self.command,
            code,
            self._out.read_text("utf-8", "replace"),
            self._err.read_text("utf-8", "replace"),
            time.monotonic() - self.started,
            self.messages() if self.json else [],
        )
