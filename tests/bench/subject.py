# SPDX-License-Identifier: MPL-2.0
"""A provider binary that is measured: how it is started, asked, and what it turns out to be."""

import contextlib
import mmap
import os
import re
import select
import subprocess
import time
from pathlib import Path

from grpc_client import Client
from harness.handshake import HOST
from harness.sandbox import Sandbox, use_overrides
from harness.terraform import Workspace
from harness.world import OLD, REGION
from messages import dynamic, field, fields, object_of
from providers import KINDS

START_SECONDS = 30  # the most that a start may take
TITLE_LENGTH = 9
RPCS = {  # by protocol version, where a name changed
    "5": {"service": "/tfplugin5.Provider/", "schema": "GetSchema", "configure": "Configure", "stop": "Stop"},
    "6": {"service": "/tfplugin6.Provider/", "schema": "GetProviderSchema", "configure": "ConfigureProvider",
          "stop": "StopProvider"},
}  # fmt: skip


class Subject:
    """`kind` is None where the program is no provider, as the reference is."""

    def __init__(self, path, title=None):
        self.path = Path(path).absolute()
        self.title = title or self.path.parent.name[:TITLE_LENGTH]  # of a build of this provider
        self.kind = None
        self.sandbox = Sandbox("bench")

    def __repr__(self):
        return f"{self.path}"

    def remove(self):
        self.sandbox.remove()

    @property
    def is_ours(self):
        return bool(self.kind and self.kind.is_ours)

    def about(self):
        """For the report: the version is that of the file's name, as releases have it."""
        version = re.search(r"_v(\d+\.\d+\.\d+)", self.path.name)
        return {
            "path": str(self.path),
            "version": version and version[1],
            "provider": self.kind and self.kind.provider,
            "resource": self.kind and self.kind.resource,
        }

    def environment(self, **more):
        """As users have it: the harness's own setting of Go's memory is left out."""
        return {name: it for name, it in self.sandbox.environment(**more).items() if name != "GOGC"}

    def learn(self):
        """Which kind of provider it is; ends the script where it is none that can be measured."""
        with self.session() as session:
            known = {fields(entry)[1][0].decode() for entry in session.schemas().get(2, [])}
        self.kind = next((kind for kind in KINDS if kind.resource in known), None)
        if not self.kind:
            wanted = ", ".join(kind.resource for kind in KINDS)
            raise SystemExit(f"{self}: this provider has none of the resources that are measured ({wanted}).")
        if not self.is_ours:
            self.title = "stand-in" if self.scales_time else "hashicorp"
        local = self.kind.provider.rpartition("/")[2]
        link = self.sandbox.subfolder("provider") / f"terraform-provider-{local}"
        link.symlink_to(self.path)
        use_overrides(self.sandbox, {self.kind.provider: link})

    @property
    def scales_time(self):
        """Whether its waits can be made shorter, as those of the project's own programs."""
        with self.path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            return content.find(b"_TIME_SCALE") >= 0

    # ---- One process of it

    def start(self, **environment):
        """(process, its first line)"""
        with (self.sandbox.folder / "stderr").open("wb") as stderr:
            try:
                process = subprocess.Popen(
                    [self.path], env=self.environment(**environment), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                    stderr=stderr, start_new_session=True,
                )  # fmt: skip
            except OSError as error:
                raise SystemExit(f"{self} cannot be started: {error.strerror}.") from None
        try:
            return process, self._first_line(process)
        except BaseException:
            end(process)
            raise

    def _first_line(self, process):
        line, until = b"", time.monotonic() + START_SECONDS
        while b"\n" not in line:
            if not select.select([process.stdout], [], [], until - time.monotonic())[0]:
                raise SystemExit(f"{self} printed no line within {START_SECONDS} s, so it is no provider.")
            read = os.read(process.stdout.fileno(), 1 << 16)
            if not read:
                raise SystemExit(self._early_end(process.wait()))
            line += read
        return line.partition(b"\n")[0].decode("utf-8", "replace")

    def _early_end(self, code):
        how = f"was ended by signal {-code}" if code < 0 else f"ended with exit status {code}"
        said = (self.sandbox.folder / "stderr").read_text("utf-8", "replace").strip().splitlines()[-5:]
        sentence = f"{self} {how} before its first line: it is no Terraform provider, or cannot run here."
        return "\n".join([sentence, *(["It said:"] if said else []), *said])

    @contextlib.contextmanager
    def session(self, **environment):
        """A process that can be asked, without TLS."""
        process, line = self.start(**HOST, **environment)
        try:
            protocol, address = self._handshake(line)
            with contextlib.closing(Client(address)) as client:
                yield Session(self, process, client, RPCS[protocol])
        except OSError as error:
            raise SystemExit(f"{self} did not answer: {error.strerror or error}.") from None
        finally:
            end(process)

    def _handshake(self, line):
        parts = line.split("|")
        if len(parts) < 5 or parts[0] != "1" or parts[1] not in RPCS or parts[2] != "unix" or parts[4] != "grpc":
            raise SystemExit(f'{self} began with "{line[:60]}", which is no handshake of a Terraform provider.')
        return parts[1], parts[3]

    # ---- Terraform with it

    def workspace(self, folder, terraform, world, key, kind=None):
        """With the configuration of its kind, or of `kind`; nothing is made yet."""
        environment = self.environment(**world.environment(OLD))
        workspace = Workspace(self.sandbox.subfolder(folder), terraform, environment)
        workspace.write("main.tf", (kind or self.kind).configuration(key))
        return workspace


class Session:
    """A process of a provider, and what a host asks it."""

    def __init__(self, subject, process, client, rpcs):
        self.subject, self.process, self.client, self.rpcs = subject, process, client, rpcs

    def rpc(self, name):
        return self.rpcs["service"] + self.rpcs.get(name, name)

    def schema_bytes(self):
        return self.client.call(self.rpc("schema"))

    def schemas(self):
        return fields(self.schema_bytes())

    def stop(self):
        self.client.call(self.rpc("stop"))

    def plan(self, schemas, key, name="after-0"):
        """Configures the provider and plans a copy; what an apply of that plan needs."""
        kind = self.subject.kind
        resources = {entry[1][0].decode(): entry[2][0] for entry in map(fields, schemas[2])}
        provider = dynamic(object_of(schemas[1][0], region=REGION))
        self.client.call(self.rpc("configure"), field(1, b"1.11.0") + field(2, provider))
        config = dynamic(object_of(resources[kind.resource], **kind.arguments_of(name, key)))
        create = field(1, kind.resource.encode()) + field(2, dynamic(None))
        answer = self.client.call(self.rpc("PlanResourceChange"), create + field(3, config) + field(4, config))
        planned = fields(answer).get(1)
        if not planned:
            raise SystemExit(f"{self.subject} planned nothing for one {kind.resource}.")
        return create + field(3, planned[0]) + field(4, config)

    def begin_apply(self, planned):
        """The stream of the call."""
        return self.client.begin(self.rpc("ApplyResourceChange"), planned)

    def memory_kib(self):
        return memory_kib(self.process.pid)


def end(process):
    process.kill()
    process.wait()
    process.stdout.close()


def memory_kib(pid):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    raise SystemExit(f"no VmHWM of {pid}")
