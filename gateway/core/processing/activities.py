"""What each controller does with whose data, on which ground: DPA 2018 s.61, UK GDPR Article 30.

One activity is one clause of one agreement, seen by one party from one end. Nobody writes it twice: what is
not agreed is no activity, and what changes in the contract changes here.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from publicprotection.privacy.v1 import privacy_pb2

from gateway.core.agreements import Agreement, Clause, End
from gateway.core.categories import LeafKind, leaf_kinds
from gateway.core.directory import DirectoryIndex
from gateway.core.documents import descriptor_of, document_class, sendable_by
from gateway.core.retention_model import RetentionClass
from gateway.core.vocabulary import kind_name
from gateway.core.world import World

DISCLOSES: Final = "DISCLOSES"
RECEIVES: Final = "RECEIVES"
_ABOUTS: Final = tuple(name.removeprefix("ABOUT_") for name in privacy_pb2.About.keys()[1:])


@dataclass(frozen=True, slots=True)
class Ground:
    """On what an activity rests under one regime.

    Attributes:
        regime: LAW_ENFORCEMENT (DPA 2018 Part 3) or GENERAL (UK GDPR).
        processing: why processing is lawful at all.
        bases: the powers to share.
        conditions: for sensitive processing, special categories and criminal data, at this end.
    """

    regime: str
    processing: str
    bases: tuple[str, ...]
    conditions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Activity:
    """One party's part in one clause.

    Attributes:
        organisation: whose activity it is.
        status: CONTROLLER, JOINT_CONTROLLER or PROCESSOR.
        direction: DISCLOSES or RECEIVES.
        agreement: id and version.
        clause: its id.
        paragraph: what the clause is called in the agreement.
        state: the agreement's state.
        documents: that go, of those that the party at the sending end may send.
        purposes: what for.
        others: organisations at the other end.
        subjects: whose data: SUBJECT, VICTIM, CHILD, ...
        categories: of data that these documents really carry.
        is_special: some of it is special category data or sensitive processing.
        is_criminal: some of it is about offences, convictions or allegations.
        has_free_text: some of it is prose, which is masked (never claimed to be complete).
        grounds: per regime.
        policy_document: reference of the party's appropriate policy document, with its keeper; may be empty.
        retention: what the party agreed, and the classes of the record.
        security: in transit, at rest, access.
    """

    organisation: str
    status: str
    direction: str
    agreement: str
    clause: str
    paragraph: str
    state: str
    documents: tuple[str, ...]
    purposes: tuple[str, ...]
    others: tuple[str, ...]
    subjects: tuple[str, ...]
    categories: tuple[str, ...]
    is_special: bool
    is_criminal: bool
    has_free_text: bool
    grounds: tuple[Ground, ...]
    policy_document: str
    retention: tuple[str, ...]
    security: tuple[str, ...]


class _End(NamedTuple):
    organisation: str
    direction: str
    documents: tuple[str, ...]
    others: tuple[str, ...]


def list_activities(world: World, organisation: str = "") -> tuple[Activity, ...]:
    """Every activity of every party, or of one organisation, by organisation, agreement and clause."""
    found = (
        activity
        for agreement in world.agreements
        for clause in agreement.clauses
        for activity in _both_ends(world, agreement, clause)
        if organisation in ("", activity.organisation)
    )
    return tuple(sorted(found, key=lambda one: (one.organisation, one.agreement, one.clause, one.direction)))


def _both_ends(world: World, agreement: Agreement, clause: Clause) -> Iterator[Activity]:
    senders = dict(_senders(agreement, clause, world.directory))
    receivers = tuple(_reached(agreement, clause.to, world.directory))
    for sender, documents in senders.items():
        others = tuple(each for each in receivers if each != sender)
        if others:
            yield _activity(world, agreement, clause, _End(sender, DISCLOSES, documents, others))
    for receiver in receivers:
        others = tuple(each for each in senders if each != receiver)
        if others:
            documents = _distinct(name for each in others for name in senders[each])
            yield _activity(world, agreement, clause, _End(receiver, RECEIVES, documents, others))


def _senders(
    agreement: Agreement, clause: Clause, directory: DirectoryIndex
) -> Iterator[tuple[str, tuple[str, ...]]]:
    for each in _reached(agreement, clause.from_, directory):
        allowed = sendable_by(directory.kind_of(each))
        if documents := tuple(sorted(name for name in clause.documents if name in allowed)):
            yield each, documents


def _reached(agreement: Agreement, end: End, directory: DirectoryIndex) -> Iterator[str]:
    for party in agreement.parties:
        if end.reaches(party.organisation, kind_name(directory.kind_of(party.organisation))):
            yield party.organisation


def _activity(world: World, agreement: Agreement, clause: Clause, end: _End) -> Activity:
    kinds = [each for name in end.documents for each in _kinds(name, clause)]
    classes = _classes(world.rulebook.retention.class_of, end.documents)
    return Activity(
        organisation=end.organisation,
        status=next(each.status for each in agreement.parties if each.organisation == end.organisation),
        direction=end.direction,
        agreement=f"{agreement.id}/{agreement.version}",
        clause=clause.id,
        paragraph=clause.paragraph,
        state=agreement.state,
        documents=end.documents,
        purposes=clause.purposes,
        others=tuple(sorted(end.others)),
        subjects=_distinct(about_of(each.category) for each in kinds),
        categories=_distinct(each.category for each in kinds),
        is_special=any(each.special for each in kinds),
        is_criminal=any(each.criminal for each in kinds),
        has_free_text=any(each.free_text for each in kinds),
        grounds=tuple(_grounds(agreement, clause, end.direction)),
        policy_document=_policy(agreement, end.organisation),
        retention=(agreement.retention.period, *classes),
        security=tuple(agreement.security.model_dump().values()),
    )


def about_of(category: str) -> str:
    """Whose data a category is: the first part of its name, such as ADULT_AT_RISK."""
    return max((each for each in _ABOUTS if category.startswith(f"{each}_")), key=len, default="OTHER")


def _kinds(document: str, clause: Clause) -> Iterator[LeafKind]:
    for _, kind in leaf_kinds(descriptor_of(document_class(document))):
        if kind.category in clause.categories:
            yield kind


def _grounds(agreement: Agreement, clause: Clause, direction: str) -> Iterator[Ground]:
    for each in agreement.lawful_bases:
        bases = tuple(name for name in each.bases if not clause.bases or name in clause.bases)
        if bases:
            ends = (each.special, each.criminal)
            stated = (end.disclosing if direction == DISCLOSES else end.receiving for end in ends)
            conditions = _distinct(name for names in stated for name in names)
            yield Ground(each.regime, each.processing, bases, conditions)


def _policy(agreement: Agreement, organisation: str) -> str:
    found = [each for each in agreement.policy_documents if each.organisation == organisation]
    return "; ".join(f"{each.reference} ({each.owner}, reviewed by {each.review})" for each in found)


def _classes(
    class_of: Callable[[str, str | None], RetentionClass | None], documents: Iterable[str]
) -> tuple[str, ...]:
    found = (class_of("", name) for name in documents)
    return _distinct(f"Record: {describe_class(each)}" for each in found if each is not None)


def describe_class(kept: RetentionClass) -> str:
    """How long the gateway keeps records of a class, in a line."""
    if not kept.applies or kept.then == "KEEP":
        return f"{kept.title}: as long as the log"
    start = {
        "RECORD": "the record",
        "EXCHANGE": "the last record of the exchange",
        "BIRTH": "the person's birth",
        "EVENT": (kept.event or "").rstrip("."),
    }[kept.starts]
    length = f"{kept.years} years from {start}" if kept.years else f"until: {start}"
    return f"{kept.title}: {length}, then {'deleted' if kept.is_pruned else 'reviewed by a person'}"


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(values)))
