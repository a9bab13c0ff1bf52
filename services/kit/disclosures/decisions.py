"""A decision, folded from its events: nothing else is kept of it, so a restart changes nothing. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from dataclasses import field as member
from datetime import date
from enum import StrEnum
from typing import Any

from services.kit.access.actor import Role
from services.kit.disclosures.checking import may_decide, needs_two, read_day
from services.kit.disclosures.rules import Rules
from services.kit.subject_access.model import Event, Who

DISCLOSE = "DISCLOSURE_OUTCOME_DISCLOSE"


class Kind(StrEnum):
    """What happens to a decision."""

    RECORDED = "RECORDED"
    DECIDED = "DECIDED"
    AMENDED = "AMENDED"
    TOLD = "TOLD"
    READ = "READ"


class State(StrEnum):
    """How far a decision has come."""

    PROPOSED = "PROPOSED"
    DECIDED = "DECIDED"
    AMENDMENT_PROPOSED = "AMENDMENT_PROPOSED"
    TOLD = "TOLD"


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision.

    Attributes:
        opened: whom it is about, JSON: `subject`, `subject_reference`, `desk`.
        proposed: what waits for whoever may decide it, JSON; None: nothing does.
        author: who wrote what waits.
        because: why it is to take the place of what stands; empty for the first.
        decided: what stands, JSON; None: nothing yet.
        version: of what stands; 0: nothing does.
        sent: request id under which what stands went on the gateway's record.
        told: how often a third party was told.
        told_since: how often since what stands was decided.
    """

    decision_id: str
    opened: Mapping[str, Any] = member(repr=False)
    events: tuple[Event, ...] = member(repr=False)
    author: Who
    proposed: Mapping[str, Any] | None = member(default=None, repr=False)
    because: str = member(default="", repr=False)
    decided: Mapping[str, Any] | None = member(default=None, repr=False)
    version: int = 0
    sent: str = ""
    told: int = 0
    told_since: int = 0

    @classmethod
    def fold(cls, decision_id: str, events: Iterable[Event]) -> "Decision":
        """The decision after these events, the first of which recorded it."""
        first, *later = events
        decision = cls(
            decision_id, first.detail, (first,), require_who(first), proposed=first.detail["consideration"]
        )
        for event in later:
            decision = decision.after(event)
        return decision

    def after(self, event: Event) -> "Decision":
        """The decision after one more event."""
        return replace(_FOLDS[Kind(event.kind)](self, event), events=(*self.events, event))

    @property
    def state(self) -> State:
        """How far it has come."""
        if self.decided is None:
            return State.PROPOSED
        if self.proposed is not None:
            return State.AMENDMENT_PROPOSED
        return State.TOLD if self.told_since else State.DECIDED

    @property
    def review_by(self) -> date | None:
        """By when what stands, or else what waits, is looked at again."""
        return read_day((self.decided or self.proposed or {}).get("review_by"))

    @property
    def concerns_terrorism(self) -> bool:
        """Whether anything that it says or said does: amending it makes nobody cleared."""
        said = (event.detail.get("consideration") or {} for event in self.events)
        return any(each.get("counter_terrorism") is True for each in said)

    def is_due(self, today: date) -> bool:
        """Whether the day of its review has come."""
        return self.decided is not None and self.review_by is not None and self.review_by <= today


def bars_deciding(decision: Decision, who: Who, rules: Rules) -> str | None:
    """Why somebody may not decide what waits, as a code; None: nothing bars them."""
    proposed = decision.proposed or {}
    if not may_decide(proposed, Role(who.role), rules):
        return "ROLE"
    alone = who.subject == decision.author.subject and needs_two(proposed, rules)
    return "AUTHOR" if alone else None


def bars_telling(decision: Decision) -> str | None:
    """Why nobody can be told as the decision stands, as a code; None: nothing bars it."""
    if decision.decided is None:
        return "NOT_DECIDED"
    return None if decision.decided["outcome"] == DISCLOSE else "NOT_DISCLOSED"


def require_who(event: Event) -> Who:
    """Whose event it is."""
    if event.who is None:
        raise ValueError("a decision is a person's")
    return event.who


def _decided(decision: Decision, event: Event) -> Decision:
    return replace(
        decision,
        decided=decision.proposed,
        proposed=None,
        because="",
        version=decision.version + 1,
        sent=event.request_id,
        told_since=0,
    )


def _amended(decision: Decision, event: Event) -> Decision:
    detail = event.detail
    return replace(
        decision,
        proposed=detail["consideration"],
        because=detail["reason"],
        author=require_who(event),
    )


def _told(decision: Decision, _event: Event) -> Decision:
    return replace(decision, told=decision.told + 1, told_since=decision.told_since + 1)


def _read(decision: Decision, _event: Event) -> Decision:
    return decision


_FOLDS = {Kind.DECIDED: _decided, Kind.AMENDED: _amended, Kind.TOLD: _told, Kind.READ: _read}
