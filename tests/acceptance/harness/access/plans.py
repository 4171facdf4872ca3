# SPDX-License-Identifier: MPL-2.0
"""A plan of one copy whose credentials come by a Way, with all that it logs looked through for secrets."""

from ..world import OLD
from .way import KEYS

# The imitations say it in everything that must not be shown.
SECRET = "hush"


class Plans:
    """Made from a Copy of harness/resources.py; `way` is opened, and its account is the copy's."""

    def __init__(self, copy, way):
        self.copy, self.world, self.workspace, self.way = copy, copy.world, copy.workspace, way
        way.account = OLD
        for name in KEYS:
            self.workspace.environment.pop(name, None)
        self.workspace.environment |= way.open()

    def end(self):
        self.way.end()

    def set(self, **variables):
        self.workspace.environment |= variables

    def unset(self, *names):
        for name in names:
            del self.workspace.environment[name]

    def provider(self, body):
        self.workspace.write("provider.tf", REQUIRED + f'provider "snapshot" {{\n{body}\n}}\n')

    def plan(self, secrets=(), **options):
        log = self.workspace.folder / "trace.log"
        environment = {"TF_LOG": "TRACE", "TF_LOG_PATH": str(log)}
        outcome = self.workspace.plan(environment=environment, **options)
        self.log = log.read_text()
        shown = f"{outcome}{outcome.out}{outcome.err}{self.log}"
        for secret in (SECRET, *secrets):
            assert secret not in shown
        return outcome

    def works(self, **options):
        """The plan succeeds, and everybody who called AWS had keys that were given out here."""
        outcome = self.plan(**options)
        callers = {c["caller_arn"] for c in self.called()}
        assert callers and all(f"/{self.way.name}-" in caller for caller in callers), callers
        return outcome

    def refuse(self, *fragments, **options):
        """The plan fails with all of these in one error, and nobody calls AWS."""
        refused = self.plan(ok=False, **options)
        refused.assert_error(*fragments)
        assert len(refused.errors) == 1, refused
        assert self.called() == []
        return refused

    def called(self):
        """Calls to AWS that are not of the imitation itself, which asks for its keys."""
        return [c for c in self.world.aws.calls() if c["operation"] != "AssumeRole"]


REQUIRED = """
terraform {
  required_providers {
    snapshot = { source = "rds-snapshot/snapshot" }
  }
}

"""
