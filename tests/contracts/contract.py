# SPDX-License-Identifier: MPL-2.0
"""A contract: one assumption about AWS that the provider and the imitation rest on. Its function makes the calls and
returns what AWS answered; it fails where that is none of the answers that the provider copes with."""

from collections.abc import Callable
from dataclasses import dataclass

from botocore.exceptions import ClientError

ACCEPTED = "accepted"


class Untold(Exception):
    """The field has not what it takes to see the answer; the text says what."""


@dataclass(frozen=True)
class Contract:
    run: Callable
    answers: tuple
    on_aws: bool  # false: it would do harm in a real account

    @property
    def name(self):
        return self.run.__name__.replace("_", " ")

    @property
    def assumption(self):
        return " ".join(self.run.__doc__.split())

    def answer(self, field):
        """One of the answers, or `Untold`."""
        found = self.run(field)
        assert found in self.answers, f"{self.name}: {found!r} is none of {', '.join(map(repr, self.answers))}"
        return found


CONTRACTS = {}


def contract(*answers, on_aws=True):
    def add(run):
        made = Contract(run, answers, on_aws)
        CONTRACTS[made.name] = made
        return run

    return add


def outcome(call, *arguments, **options):
    """`accepted`, or the code of AWS's refusal."""
    try:
        call(*arguments, **options)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return ACCEPTED
