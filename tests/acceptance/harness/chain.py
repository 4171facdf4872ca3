# SPDX-License-Identifier: MPL-2.0
"""The chain matrix as data: what changes in the whole chain, what is wrong meanwhile, and how it must end.

A row begins at the seven steps done. It changes links of the chain under a condition, and ends as it
says: converged, or with an error and then converged by the cure that the error names. A row that
converges is also disturbed at the moments around its two legs; harness/chain_run.py runs any row.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from .operations import OURS, SEVEN_STEPS_DONE
from .world import CLUSTER, NEW, OLD, OWNER_ALONE, REGION, snapshot_arn

FIRST = "snapshot_reencrypt_copy.source"
SHARE = "snapshot_share.target"
SECOND = "snapshot_reencrypt_copy.target[0]"
COPIES = {FIRST: ("orders-shared", OLD), SECOND: ("orders", NEW)}
SHORT = {FIRST: "first copy", SHARE: "share", SECOND: "second copy"}
ALONE = [(FIRST,), (SHARE,), (SECOND,)]
PAIRS = [(FIRST, SHARE), (SHARE, SECOND), (FIRST, SECOND)]


# ---- Ends


@dataclass(frozen=True)
class Converged:
    copies: int = 0  # so many are made, not one more
    kept: tuple = ()  # snapshots of ours that no state holds in the end
    named: bool = True  # they are named in a message, with the command for it
    source: str | None = None  # what the first copy is made from
    more_applies: int = 0  # until the plan is empty

    def __str__(self):
        return "converged"


@dataclass(frozen=True)
class Refused:
    """An error with these words; after the cure it converges."""

    stage: str  # "plan" or "apply"
    words: tuple
    cure: Callable = lambda site: None  # before the next apply
    then: Converged = field(default_factory=Converged)
    arguments: tuple = ()  # of the command after the cure
    is_last_line: bool = False  # the words are in the last line of the error

    def __str__(self):
        return f"error at {self.stage}"


# ---- Changes: what the user does


def override(site, name, **blocks):
    """Blocks of the configuration over what is there; one file per `name`."""
    text = "".join(
        f'resource "{type_name}" "{label.partition("[")[0]}" {{\n{body}\n}}\n'
        for address, body in blocks.items()
        for type_name, _, label in [address.partition(".")]
    )
    site.workspace.write(f"{name}_override.tf", text)


def without_override(name):
    return lambda site: site.workspace.remove(f"{name}_override.tf")


def elsewhere(site):
    """A copy made by hand in the old account, shared as the first one is."""
    arn = by_hand(site, "elsewhere")
    site.world.aws.change_snapshot(arn, kms_key_arn=old_key(site), shared_with=[NEW])
    return arn


def by_hand(site, name="by-hand"):
    """Of the source cluster, taken later."""
    return site.world.aws.add_snapshot(OLD, REGION, name, source=CLUSTER)


def policy_of(site, side):
    return site.workspace.state()[f"data.snapshot_key_policy.{side}"]["json"]


def another_key(site, link):
    side, account = ("source", OLD) if link == FIRST else ("target", NEW)
    key = site.world.aws.add_key(account, REGION, policy=policy_of(site, side))
    return f'  kms_key_id = "{key}"'


def another_source(site, link):
    if link == FIRST:
        return f'  source_snapshot_identifier = "{by_hand(site)}"'
    return f'  source_snapshot_identifier = "{elsewhere(site)}"'


def another_name(site, link):
    if link == SHARE:
        return f'  snapshot_identifier = "{elsewhere(site)}"'
    return f'  target_snapshot_identifier = "{COPIES[link][0]}-renamed"'


def written(body):
    return lambda site, links: override(site, "change", **{link: body(site, link) for link in links})


def tainted(site, links):
    for link in links:
        site.workspace.run("taint", link)


def another_take(site, links):
    site.workspace.set_variables(take="2")


def another_key_and_take(site, links):
    """The cure: what is made under a new name may be made with anything."""
    written(another_key)(site, links)
    another_take(site, links)


def another_source_and_name(site, link):
    return "\n".join(([another_source(site, link)] if link == FIRST else []) + [another_name(site, link)])


@dataclass(frozen=True)
class Change:
    make: Callable = lambda site, links: None
    arguments: Callable = lambda links: ()


CHANGES = {
    "nothing": Change(),
    "-replace": Change(arguments=lambda links: tuple(f"-replace={link}" for link in links)),
    "taint": Change(tainted),
    "rename": Change(written(another_name)),
    "another key": Change(written(another_key)),
    "another source": Change(written(another_source)),
    "another take": Change(another_take),
    "another key and take": Change(another_key_and_take),
    "another source and name": Change(written(another_source_and_name)),
}


# ---- Conditions: what is wrong, or set otherwise, meanwhile


def old_key(site):
    return site.world.snapshot("orders-shared-1")["kms_key_arn"]


def set_old_key(state):
    return lambda site: site.world.aws.change_key(old_key(site), state=state)


def share_gone(site):
    site.world.aws.change_snapshot(snapshot_arn("orders-shared-1"), shared_with=[])


def copy_denied(site):
    site.world.aws.fault("Copy*", "access_denied", user_agent=OURS, count=None)


def taken(name, account):
    """By a snapshot under the same key."""
    copy = snapshot_arn("orders-shared-1" if account == OLD else "orders-1", account)
    return lambda site: site.world.aws.add_snapshot(
        account, REGION, name, kms_key_id=site.world.aws.snapshot(copy)["kms_key_arn"]
    )


def freed(name, account):
    return lambda site: site.world.aws.remove_snapshot(snapshot_arn(name, account))


def reader_shut_out(site):
    site.world.aws.change_key(old_key(site), policy=OWNER_ALONE)


def reader_not_allowed(site):
    site.closed_key = site.world.aws.add_key(OLD, REGION, policy=OWNER_ALONE)
    override(site, "condition", **{FIRST: f'  kms_key_id = "{site.closed_key}"'})


def reader_allowed(site):
    site.world.aws.change_key(site.closed_key, policy=policy_of(site, "source"))


def clear_faults(site):
    site.world.aws.clear_faults()


@dataclass(frozen=True)
class Condition:
    arrange: Callable = lambda site: None
    clear: Callable = lambda site: None
    arguments: tuple = ()


CONDITIONS = {
    "": Condition(),
    "old key disabled": Condition(set_old_key("Disabled"), set_old_key("Enabled")),
    "share gone": Condition(share_gone),
    "share gone, -refresh=false": Condition(share_gone, arguments=("-refresh=false",)),
    "Copy denied": Condition(copy_denied, clear_faults),
    "new name taken": Condition(taken("orders-renamed", NEW), freed("orders-renamed", NEW)),
    "first name of the take taken": Condition(taken("orders-shared-2", OLD), freed("orders-shared-2", OLD)),
    "second name of the take taken": Condition(taken("orders-2", NEW), freed("orders-2", NEW)),
    "reader not allowed": Condition(reader_not_allowed, reader_allowed),
    "reader shut out, -refresh=false": Condition(reader_shut_out, arguments=("-refresh=false",)),
    "-refresh=false": Condition(arguments=("-refresh=false",)),
}


# ---- Bases: in which order Terraform replaces, and what each copy's lifecycle says


def lifecycle(**lines):
    body = "\n".join(f"    {name} = {value}" for name, value in lines.items())
    return f"  lifecycle {{\n{body}\n  }}"


def settled(site):
    site.workspace.apply()
    assert site.workspace.is_settled()


def destroy_first(site):
    override(site, "order", **{link: lifecycle(create_before_destroy="false") for link in (SHARE, SECOND)})
    settled(site)


def retained(site):
    override(site, "retain", **{link: '  deletion_policy = "retain"' for link in COPIES})
    settled(site)


def forgetting(site):
    override(site, "forget", **{SECOND: lifecycle(create_before_destroy="true", destroy="false")})
    settled(site)


def moving(site, ignored):
    """The first copy's source is the newest snapshot, as a data source with most_recent finds it."""
    site.workspace.write("newest.tf", f'variable "newest" {{ default = "{snapshot_arn("orders-1")}" }}\n')
    body = "  source_snapshot_identifier = var.newest"
    more = lifecycle(ignore_changes="[source_snapshot_identifier]") if ignored else ""
    override(site, "newest", **{FIRST: f"{body}\n{more}"})
    settled(site)


CREATED_FIRST, DESTROYED_FIRST = "chain", "chain, destroyed first"
MOVING, PINNED = "chain from the newest snapshot", "chain from the newest snapshot, pinned"
RETAINED, RETAINED_DESTROYED_FIRST = "chain, retained", "chain, retained, destroyed first"
FORGETTING = "chain that forgets"
CHAIN_BASES = {  # beside those of harness/operations.py
    CREATED_FIRST: (SEVEN_STEPS_DONE, lambda site: None),
    DESTROYED_FIRST: (CREATED_FIRST, destroy_first),
    RETAINED: (CREATED_FIRST, retained),
    RETAINED_DESTROYED_FIRST: (DESTROYED_FIRST, retained),
    MOVING: (CREATED_FIRST, lambda site: moving(site, ignored=False)),
    PINNED: (CREATED_FIRST, lambda site: moving(site, ignored=True)),
    FORGETTING: (CREATED_FIRST, forgetting),
}


def newest_moves(site, links):
    site.workspace.set_variables(newest=by_hand(site))


def newest_moves_with_a_take(site, links):
    newest_moves(site, links)
    another_take(site, links)


CHANGES |= {
    "the newest moves": Change(newest_moves),
    "the newest moves, another take": Change(newest_moves_with_a_take),
}


# ---- Rows


@dataclass(frozen=True)
class Row:
    change: str
    links: tuple
    base: str
    end: Converged | Refused
    condition: str = ""
    command: str = "apply"
    moment: str = ""  # of MOMENTS
    way: str = ""  # of WAYS

    def __str__(self):
        told = [f"{self.command}: {self.what}", self.base, self.condition, self.disturbance]
        return ", ".join(filter(None, told))

    @property
    def what(self):
        links = " and ".join(SHORT[link] for link in self.links)
        return f"{self.change} of {links}" if links else self.change

    @property
    def label(self):
        """In the matrix's table."""
        what = f"destroy: {self.what}" if self.command == "destroy" else self.what
        retained = "retained" if self.base in (RETAINED, RETAINED_DESTROYED_FIRST) else ""
        return ", ".join(filter(None, [what, retained, self.condition]))

    @property
    def column(self):
        order = "destroyed first" if "destroyed first" in self.base else "created first"
        return f"{order}, {self.way}" if self.way else order

    @property
    def disturbance(self):
        return f"{self.way} {self.moment}" if self.way else ""


# Core plans a change once more inside the apply, after it has deposed what create_before_destroy replaces.
PLANNING_AGAIN, BEFORE_THE_LEGS = "planning again", "before the legs"
MOMENTS = (PLANNING_AGAIN, BEFORE_THE_LEGS, "within the first leg", "between the legs", "after the legs")
SAME_NAMES = ("-replace", "taint")  # changes under which everything keeps its name
DESTROYED_FIRST_BASES = (DESTROYED_FIRST, RETAINED_DESTROYED_FIRST)
REFUSED_LEGS = [("rename", (SECOND,)), ("another take", ())]
DISTURBED_BASES = (CREATED_FIRST, RETAINED, *DESTROYED_FIRST_BASES)
WAYS = ("interrupted", "provider killed", "terraform killed")
DELETED_OUTSIDE = "first copy deleted outside"

BACK = without_override("change")
OTHER_DATA = ("target_snapshot_identifier",)
ADOPTED = Converged()
NOTHING_LOST_BY = Refused("apply", ("create_before_destroy = true",), without_override("order"))


UNREAD = Refused("plan", ("-refresh=false",))


def refused_at_plan(*words, cure=BACK):
    return Refused("plan", (*OTHER_DATA, *words), cure)


def rows():
    """Those without a disturbance."""
    for base in (CREATED_FIRST, DESTROYED_FIRST):
        for links in ALONE + PAIRS:
            yield Row("-replace", links, base, ADOPTED)
            yield Row("taint", links, base, ADOPTED)
        yield from other_data(base)
        yield from other_places(base)
    yield from under_conditions()
    yield from special()


def other_data(base):
    """What a copy was made from does not change under its name."""
    for links in ((FIRST,), (SECOND,), (FIRST, SECOND)):
        yield Row("another key", links, base, refused_at_plan("kms_key_id"))
        yield Row("another source", links, base, refused_at_plan("source_snapshot_identifier"))
    for links in ((FIRST,), (SHARE,), (FIRST, SHARE)):  # the second copy's source is another one then
        yield Row("rename", links, base, refused_at_plan("source_snapshot_identifier"))


def other_places(base):
    for change, links, copies in (
        ("rename", (SECOND,), 1),
        ("rename", (SHARE, SECOND), 1),
        ("rename", (FIRST, SECOND), 2),
        ("another take", (), 2),
        ("another key and take", (FIRST,), 2),
        ("another key and take", (SECOND,), 2),
        ("another source and name", (FIRST, SECOND), 2),
    ):
        end = Converged(copies)
        yield Row(change, links, base, end if base == CREATED_FIRST else replace(NOTHING_LOST_BY, then=end))


def under_conditions():
    for base in (CREATED_FIRST, DESTROYED_FIRST):
        for condition in ("old key disabled", "share gone", "Copy denied", "-refresh=false"):
            for links in ((FIRST,), (SECOND,)):
                yield Row("-replace", links, base, ADOPTED, condition)
                yield Row("taint", links, base, ADOPTED, condition)
                yield Row("another key", links, base, refused_at_plan("kms_key_id"), condition)
                yield Row("another source", links, base, refused_at_plan("source_snapshot_identifier"), condition)
    renamed, taken_again = ("rename", (SECOND,), CREATED_FIRST), ("another take", (), CREATED_FIRST)
    one, two = Converged(1), Converged(2)

    def until_cleared(*words, then):
        return Refused("apply", words, then=then)

    yield Row(*renamed, until_cleared("KMS", then=one), "old key disabled")
    yield Row(*taken_again, until_cleared("Disabled", then=two), "old key disabled")
    yield Row(*renamed, one, "share gone")
    yield Row(*taken_again, two, "share gone")
    yield Row("-replace", (SECOND,), CREATED_FIRST, Converged(more_applies=1), "share gone, -refresh=false")
    yield Row(*renamed, until_cleared("CopyDBClusterSnapshot", "AccessDenied", then=one), "Copy denied")
    yield Row(*taken_again, until_cleared("CopyDBClusterSnapshot", "AccessDenied", then=two), "Copy denied")
    yield Row(*renamed, until_cleared("orders-renamed", then=one), "new name taken")
    yield Row(*taken_again, until_cleared("orders-shared-2", then=two), "first name of the take taken")
    yield Row(*taken_again, until_cleared("orders-2", then=two), "second name of the take taken")
    yield Row(*taken_again, until_cleared(NEW, "kms:CreateGrant", then=two), "reader not allowed")
    # Before Terraform 1.16 a plan that has read nothing looks like the second plan inside an apply.
    yield Row(*renamed, replace(UNREAD, then=one), "-refresh=false")
    yield Row(*taken_again, replace(UNREAD, then=two), "-refresh=false")
    for base in (CREATED_FIRST, DESTROYED_FIRST):
        for change in SAME_NAMES:
            for links in ((SHARE,), (SHARE, SECOND)):
                yield Row(change, links, base, ADOPTED, "old key disabled")
            for links in ((FIRST,), (SECOND,)):  # the next apply gives the key its policy again
                yield Row(change, links, base, Converged(more_applies=1), "reader shut out, -refresh=false")
    for base in (RETAINED, RETAINED_DESTROYED_FIRST):
        for links in ((FIRST,), (SECOND,)):
            yield Row("another key", links, base, refused_at_plan("kms_key_id"))
            yield Row("another source", links, base, refused_at_plan("source_snapshot_identifier"))
    for change, links, kept in (
        ("-replace", (FIRST, SECOND), ()),
        ("taint", (FIRST, SECOND), ()),
        ("rename", (SECOND,), (snapshot_arn("orders-1", NEW),)),
        ("another take", (), (snapshot_arn("orders-shared-1"), snapshot_arn("orders-1", NEW))),
    ):
        copies = {"rename": 1, "another take": 2}.get(change, 0)
        for base in (RETAINED, RETAINED_DESTROYED_FIRST):
            yield Row(change, links, base, Converged(copies, kept))


def special():
    finish = Refused("plan", ("terraform destroy -refresh=false",), arguments=("-refresh=false",), is_last_line=True)
    for change in ("another key", "another source"):
        for links in ((FIRST,), (SECOND,)):
            for base in (CREATED_FIRST, DESTROYED_FIRST):
                yield Row(change, links, base, finish, command="destroy")
    moved = refused_at_plan("source_snapshot_identifier", cure=the_newest_of_before)
    yield Row("the newest moves", (), MOVING, moved)
    yield Row("the newest moves", (), PINNED, Converged())
    yield Row("the newest moves, another take", (), PINNED, Converged(2, source=snapshot_arn("by-hand")))
    yield Row("rename", (SECOND,), CREATED_FIRST, REMADE, moment="within the first leg", way=DELETED_OUTSIDE)
    yield Row("rename", (SECOND,), FORGETTING, Converged(1, (snapshot_arn("orders-1", NEW),), named=False))


def the_newest_of_before(site):
    site.workspace.set_variables(newest=snapshot_arn("orders-1"))


# The running copy fails; the first one is made again, and then the second.
REMADE = Refused("apply", ("orders-renamed",), then=Converged(3))


def disturbed(undisturbed):
    """Each row that can be, at each moment that it has."""
    return [
        replace(row, moment=moment, way=way, end=end_of_disturbed(row))
        for row in undisturbed
        if can_be_disturbed(row)
        for moment in MOMENTS
        if has_moment(row, moment)
        for way in ways_of(row)
    ]


def can_be_disturbed(row):
    """Of those whose delete leg is refused, a rename and another take."""
    ends_well = isinstance(row.end, Converged) or is_refused_leg(row) and (row.change, row.links) in REFUSED_LEGS
    return ends_well and not row.way and row.base in DISTURBED_BASES


def is_refused_leg(row):
    return isinstance(row.end, Refused) and row.end.words == NOTHING_LOST_BY.words


def has_moment(row, moment):
    """Every row has every moment, but for these, at which we call nothing."""
    destroys_first = row.base in DESTROYED_FIRST_BASES
    if moment == PLANNING_AGAIN:
        return not destroys_first  # nothing is deposed
    if moment == "within the first leg" and destroys_first:  # that is, after an effect; this leg leaves a copy
        return not is_refused_leg(row) and (SHARE in row.links or row.change == "another take")
    if moment == "after the legs" and row.change in SAME_NAMES:
        return destroys_first  # the deposed one is left: another holder has it, that is known
    return moment != "after the legs" or not is_refused_leg(row)


def ways_of(row):
    """All of them where nothing else is wrong."""
    if row.condition in ("", "-refresh=false") and row.base in (CREATED_FIRST, DESTROYED_FIRST):
        return WAYS
    return {"-replace": ("interrupted",), "taint": ("terraform killed",)}.get(row.change, WAYS[::2])


def end_of_disturbed(row):
    """What deletes the deposed share in a later apply does not know of the share in its place: it takes the access
    back, and the apply after that grants it again."""
    has_deposed_share = row.change in SAME_NAMES and SHARE in row.links and row.base == CREATED_FIRST
    return replace(row.end, more_applies=row.end.more_applies + 1) if has_deposed_share else row.end
