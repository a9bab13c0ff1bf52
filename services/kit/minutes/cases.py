"""A request, folded from its events: nothing else is kept of it, so a restart changes nothing. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from dataclasses import field as member
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from services.kit.subject_access.model import Event, Who


class Kind(StrEnum):
    """What happens to a request."""

    REGISTERED = "REGISTERED"
    READ = "READ"
    ASKED_BACK = "ASKED_BACK"
    SETTLED = "SETTLED"
    GROUND_NOTED = "GROUND_NOTED"
    COMPOSED = "COMPOSED"
    CONTRIBUTORS_ASKED = "CONTRIBUTORS_ASKED"
    CONTRIBUTOR_HEARD = "CONTRIBUTOR_HEARD"
    DECIDED = "DECIDED"
    PREPARED = "PREPARED"
    RETURNED = "RETURNED"
    APPROVED = "APPROVED"
    SENT = "SENT"
    ANSWERED = "ANSWERED"


class State(StrEnum):
    """How far a request has come."""

    OPEN = "OPEN"
    ASKED_BACK = "ASKED_BACK"
    PREPARED = "PREPARED"
    APPROVED = "APPROVED"
    ANSWERED = "ANSWERED"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One item that is left out of a summary, or is claimed to be.

    Attributes:
        field: of the summary.
        passage: word for word; empty for all of the field.
        exemption: code.
        threshold: whether it was considered that there may very well be prejudice.
    """

    field: str
    passage: str = member(repr=False)
    exemption: str
    reason: str = member(repr=False)
    threshold: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """What a contributor would leave out."""

    claim_id: str
    organisation: str
    item: LeftOut


@dataclass(frozen=True, slots=True)
class Case:
    """One request.

    Attributes:
        opened: what was registered, JSON.
        settled: route, owner, wanted and time as they were settled last, JSON.
        asked_back: whether the requester is to say what is wanted.
        grounds: references by code.
        draft: of the summary, JSON.
        contributors: who was asked, and whether they were heard.
        decided: whether somebody decided what is left out.
        authors: who wrote what is to be approved: person by role.
        prepared: the answer, JSON; None before.
        letter: PDF in base64; empty where none is made.
        sent: request ids by what was sent.
    """

    case_id: str
    opened: Mapping[str, Any] = member(repr=False)
    opened_by: Who
    settled: Mapping[str, Any]
    events: tuple[Event, ...] = member(repr=False)
    asked_back: bool = False
    grounds: Mapping[str, Mapping[str, str]] = member(default_factory=dict, repr=False)
    draft: Mapping[str, Any] | None = member(default=None, repr=False)
    contributors: Mapping[str, bool] = member(default_factory=dict)
    comments_by: date | None = None
    claims: Mapping[str, Claim] = member(default_factory=dict, repr=False)
    left_out: tuple[LeftOut, ...] = member(default=(), repr=False)
    overruled: frozenset[str] = frozenset()
    authors: Mapping[str, str] = member(default_factory=dict)
    prepared: Mapping[str, Any] | None = member(default=None, repr=False)
    approved_by: Who | None = None
    approved_at: datetime | None = None
    letter: str = member(default="", repr=False)
    sent: Mapping[str, str] = member(default_factory=dict)
    answered_at: datetime | None = None

    @classmethod
    def fold(cls, case_id: str, events: Iterable[Event]) -> "Case":
        """The request after these events, the first of which registered it."""
        first, *later = events
        if first.who is None:
            raise ValueError("a request is registered by a person")
        case: Case = cls(case_id, first.detail, first.who, first.detail["settled"], (first,))
        for event in later:
            case = case.after(event)
        return case

    def after(self, event: Event) -> "Case":
        """The request after one more event."""
        return replace(_FOLDS[Kind(event.kind)](self, event), events=(*self.events, event))

    @property
    def route(self) -> str:
        """What is done with it, a code."""
        return str(self.settled["route"])

    @property
    def due_at(self) -> datetime:
        """When it is to be answered."""
        return datetime.fromisoformat(self.settled["due_at"])

    @property
    def state(self) -> State:
        """How far it has come."""
        if self.answered_at is not None:
            return State.ANSWERED
        if self.approved_at is not None:
            return State.APPROVED
        if self.prepared is not None:
            return State.PREPARED
        return State.ASKED_BACK if self.asked_back else State.OPEN

    def unheard(self, today: date) -> list[str]:
        """Who was asked, has not answered, and still has time."""
        if self.comments_by is None or today > self.comments_by:
            return []
        return sorted(name for name, heard in self.contributors.items() if not heard)

    def unweighed(self) -> list[Claim]:
        """Claims that nobody has followed or overruled."""
        followed = {(each.field, each.passage) for each in self.left_out}
        return [
            each
            for each in self.claims.values()
            if each.claim_id not in self.overruled and (each.item.field, each.item.passage) not in followed
        ]


def read_left_out(stored: Mapping[str, Any]) -> LeftOut:
    """An item as events keep it."""
    return LeftOut(**stored)


def _reopened(case: Case, **changes: Any) -> Case:
    """What was prepared is no more once something else changed."""
    return replace(case, prepared=None, **changes)


def _written(case: Case, event: Event) -> dict[str, str]:
    return {**case.authors, **({} if event.who is None else {event.who.subject: event.who.role})}


def _noted(case: Case, _event: Event) -> Case:
    return case


def _asked_back(case: Case, _event: Event) -> Case:
    return _reopened(case, asked_back=True)


def _settled(case: Case, event: Event) -> Case:
    return _reopened(case, asked_back=False, settled=event.detail["settled"])


def _ground(case: Case, event: Event) -> Case:
    return _reopened(case, grounds={**case.grounds, event.detail["ground"]: event.detail})


def _composed(case: Case, event: Event) -> Case:
    # A new draft is heard and decided anew, and whoever wrote the one before has no part in it.
    authors = {} if event.who is None else {event.who.subject: event.who.role}
    return _reopened(
        case,
        draft=event.detail["draft"],
        authors=authors,
        claims={},
        left_out=(),
        overruled=frozenset(),
        contributors={},
        comments_by=None,
    )


def _asked(case: Case, event: Event) -> Case:
    asked = {name: case.contributors.get(name, False) for name in event.detail["contributors"]}
    until = date.fromisoformat(event.detail["comments_by"])
    return _reopened(case, contributors={**case.contributors, **asked}, comments_by=until)


def _heard(case: Case, event: Event) -> Case:
    who = event.detail["organisation"]
    said = {
        each["claim_id"]: Claim(each["claim_id"], who, read_left_out(each["item"]))
        for each in event.detail["claims"]
    }
    return _reopened(case, contributors={**case.contributors, who: True}, claims={**case.claims, **said})


def _decided(case: Case, event: Event) -> Case:
    left_out = tuple(read_left_out(each) for each in event.detail["left_out"])
    overruled = frozenset(event.detail["overruled"])
    return _reopened(case, left_out=left_out, overruled=overruled, authors=_written(case, event))


def _prepared(case: Case, event: Event) -> Case:
    return replace(case, prepared=event.detail, authors=_written(case, event))


def _returned(case: Case, _event: Event) -> Case:
    return replace(case, prepared=None)


def _approved(case: Case, event: Event) -> Case:
    return replace(case, approved_by=event.who, approved_at=event.at, letter=event.detail["letter"])


def _sent(case: Case, event: Event) -> Case:
    return replace(case, sent={**case.sent, event.detail["what"]: event.detail["reference"]})


def _answered(case: Case, event: Event) -> Case:
    return replace(case, answered_at=event.at)


_FOLDS = {
    Kind.REGISTERED: _noted,
    Kind.READ: _noted,
    Kind.ASKED_BACK: _asked_back,
    Kind.SETTLED: _settled,
    Kind.GROUND_NOTED: _ground,
    Kind.COMPOSED: _composed,
    Kind.CONTRIBUTORS_ASKED: _asked,
    Kind.CONTRIBUTOR_HEARD: _heard,
    Kind.DECIDED: _decided,
    Kind.PREPARED: _prepared,
    Kind.RETURNED: _returned,
    Kind.APPROVED: _approved,
    Kind.SENT: _sent,
    Kind.ANSWERED: _answered,
}
