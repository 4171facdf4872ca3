# SPDX-License-Identifier: MPL-2.0
"""Somebody who does what a guide says, section by section: all its commands are run, all its quotations are
looked for in what a person would have seen.

terraform commands are run as written, with -auto-approve for the person's "yes". aws commands are
executed by boto3: the command line is translated by botocore's service model, from which the AWS CLI
takes its commands and options, too; --query is jmespath there and here. "…" in a quotation stands for
anything.
"""

import re
import shlex

import jmespath
from botocore import xform_name

from .pages import COMMANDS, all_fences
from .world import REGION


def sections(page):
    """Title -> its fences in order: (language, text)."""
    parts = re.split(r"^## (.+)$", page.read_text(), flags=re.MULTILINE)
    return {title: all_fences(text) for title, text in zip(["", *parts[1::2]], parts[0::2], strict=True)}


def sections_to_do_or_see(page):
    languages = {*COMMANDS, "text"}
    return {title for title, found in sections(page).items() if languages & {language for language, _ in found}}


class Reader:
    def __init__(self, page, workspace, world, profiles):
        """`profiles`: accounts by what --profile calls them; None is whom aws works for without it."""
        self.page, self.workspace, self.world, self.profiles = page, workspace, world, profiles
        self.means = {}  # what the page writes -> what it is in this world
        self.seen = ""
        self.commands, self.quotations = [], []
        self.left_to_do, self.left_to_see = set(), set()

    def opens(self, title):
        found = sections(self.page)[title]
        self.commands = [line for language, text in found if language in COMMANDS for line in text.splitlines()]
        self.quotations = [text for language, text in found if language == "text"]
        self.left_to_do, self.left_to_see = set(self.commands), set(self.quotations)

    def does(self, number=None, ok=True):
        """One of the section's commands, or all of them; the last one's outcome."""
        for line in self.commands if number is None else [self.commands[number]]:
            outcome = self.runs(line, ok)
            self.left_to_do.discard(line)
        return outcome

    def runs(self, line, ok=True):
        for written, meant in self.means.items():
            line = line.replace(written, meant)
        program, *words = shlex.split(line)
        if program == "aws":
            return self.aws(words)
        assert program == "terraform", line
        return self.sees(self.workspace.run(*self.arguments(words), ok=ok))

    def starts(self, line, **environment):
        return self.workspace.start(*self.arguments(shlex.split(line)[1:]), environment=environment)

    @staticmethod
    def arguments(words):
        if words[0] == "state":
            return words
        yes = ["-auto-approve"] if words[0] in ("apply", "destroy") else []
        return [words[0], "-no-color", *yes, *words[1:]]

    def sees(self, outcome):
        self.seen += f"\n{outcome.out}\n{outcome.err}"
        return outcome

    def assert_quoted(self):
        """Every quotation of the section was to be seen."""
        for quotation in self.quotations:
            # Terraform breaks lines where it likes.
            pattern = r"\s*.*?\s*".join(re.escape(" ".join(part.split())) for part in quotation.split("…"))
            assert re.search(pattern, " ".join(self.seen.split())), f"not seen: {quotation}\nbut: {self.seen}"
            self.left_to_see.discard(quotation)

    def aws(self, words):
        service, command, *options = words
        method = command.replace("-", "_")
        given = dict(zip(options[::2], options[1::2], strict=True))
        account = self.profiles[given.pop("--profile", None)]
        assert given.pop("--region") == REGION
        query = given.pop("--query", None)
        client = account.client(service, REGION)
        operation = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[method])
        members = operation.input_shape.members
        by_option = {f"--{xform_name(member, '-')}": member for member in members}
        parameters = {}
        for option, value in given.items():
            assert members[by_option[option]].type_name == "string" and not value.startswith("--")
            parameters[by_option[option]] = value
        answer = getattr(client, method)(**parameters)
        return jmespath.search(query, answer) if query else answer
