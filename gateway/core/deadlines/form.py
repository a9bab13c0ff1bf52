"""The form of clocks.yaml: every time limit that an exchange, a fact or a stated day starts, as data."""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from gateway.core.deadlines.days import check_day
from gateway.core.rulebook_model import Entry, RequirementId, Text
from gateway.core.vocabulary import DocumentName, FactName, KindName, PurposeName
from services.kit.calendar import Unit

LimitId = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{2,63}$")]
RoleId = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{1,63}$")]
DayPath = Annotated[str, StringConstraints(pattern=r"^document(\.[a-z][a-z0-9_]*)+$")]
Side = Literal["SENDER", "RECIPIENT", "RESPONSIBLE", "MAPPA_COORDINATION_UNIT"]
"""Who is told: a side of the exchange, who owes what is waited for, or the unit of the sender's area."""


class Event(StrEnum):
    """From what a limit runs.

    SENT: sealed by its sender, whatever is decided but a refusal. RELEASED: something of it left. RECEIVED:
    the recipient's service took delivery. ACKNOWLEDGED: a person has it, or a document says so. DAY: a day
    that the document states. CALLED: a use case starts it, and nothing else.
    """

    SENT = "SENT"
    RELEASED = "RELEASED"
    RECEIVED = "RECEIVED"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    DAY = "DAY"
    CALLED = "CALLED"


class Span(Entry):
    """So much of a unit."""

    amount: int = Field(ge=0, le=400)
    unit: Unit


class Limit(Span):
    """How long, after or before what it runs from.

    `or_by` is a day of the document that takes its place; with `only_earlier`, only if it comes sooner.
    """

    before: bool = False
    or_by: DayPath | None = None
    only_earlier: bool = False


class Starts(Entry):
    """What starts a limit. An empty list is any; all that is given must hold.

    `week` looks at the day from which it runs: the last working day of its week, or any other.
    `acknowledged_by` names documents that start what runs from ACKNOWLEDGED, as a person does.
    `flag` is one of the decision. `day` is the stated day.
    """

    event: Event
    documents: tuple[DocumentName, ...] = ()
    senders: tuple[KindName, ...] = ()
    recipients: tuple[KindName, ...] = ()
    purposes: tuple[PurposeName, ...] = ()
    when: Text | None = None
    day: DayPath | None = None
    flag: Literal["NO_AGREEMENT", "URGENT"] | None = None
    week: Literal["LAST_WORKING_DAY", "OTHER_DAYS"] | None = None
    acknowledged_by: tuple[DocumentName, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.event is Event.DAY) != (self.day is not None):
            raise ValueError("day: name the stated day where a limit runs from one, and nowhere else")
        if self.acknowledged_by and self.event is not Event.ACKNOWLEDGED:
            raise ValueError("acknowledged_by: only what runs from an acknowledgement")
        if not self.documents and not self.flag and self.event is not Event.CALLED:
            raise ValueError("documents: say about which, or about which flag")
        return self


class Stop(Entry):
    """What ends a limit in time, exactly one of these.

    `document`, released to somebody and sent by whoever owes it: in the thread of what started it, or
    (SUBJECT) about the same person. `event`: sending it itself (so the limit is judged once), receipt, or a
    person's acknowledgement. `fact` answered YES about the exchange. `day`: stated by what starts it.
    """

    document: DocumentName | None = None
    match: Literal["THREAD", "SUBJECT"] = "THREAD"
    when: Text | None = None
    event: Literal["SENT", "RECEIVED", "ACKNOWLEDGED"] | None = None
    fact: FactName | None = None
    day: DayPath | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if sum(each is not None for each in (self.document, self.event, self.fact, self.day)) != 1:
            raise ValueError("write exactly one of document, event, fact, day")
        if self.when is not None and self.document is None:
            raise ValueError("when: only a document can be looked at")
        return self


class Escalation(Entry):
    """To whom it goes next, and as what; `after` the limit, or at it."""

    to: Side
    role: RoleId
    after: Span | None = None


class TimeLimit(Entry):
    """One time limit.

    Attributes:
        authority: TEXT where the guidance gives it; POLICY where it gives none, and this is the project's.
        responsible: who owes what is waited for.
        role: as what.
        remind: so long before it ends; None: no reminder.
        escalates: next steps, in order.
        breach: whether a limit that was not kept is on record as a breach.
        supersedes: a new one about the same person takes the place of those that run (a meeting is moved).
        chosen: options of contradictions without which it is not in force.
    """

    id: LimitId
    title: Text
    paragraph: Text
    implements: tuple[RequirementId, ...] = ()
    authority: Literal["TEXT", "POLICY"] = "TEXT"
    starts: Starts
    limit: Limit
    responsible: Literal["SENDER", "RECIPIENT", "MAPPA_COORDINATION_UNIT", "CALLED"]
    role: RoleId
    stops: tuple[Stop, ...] = ()
    remind: Span | None = None
    escalates: tuple[Escalation, ...] = ()
    breach: bool = True
    supersedes: bool = False
    chosen: dict[RequirementId, str] = Field(default_factory=dict)

    @property
    def is_judged_at_once(self) -> bool:
        """Whether sending the document that starts it also ends it: it came in time, or late."""
        return any(stop.event == "SENT" for stop in self.stops)

    @property
    def is_per_recipient(self) -> bool:
        """Whether each recipient has a clock of its own."""
        return self.responsible == "RECIPIENT" or self.starts.event in {
            Event.RELEASED,
            Event.RECEIVED,
            Event.ACKNOWLEDGED,
        }

    @model_validator(mode="after")
    def _check_days(self) -> Self:
        paths = [self.starts.day, self.limit.or_by, *(stop.day for stop in self.stops)]
        for path in filter(None, paths):
            for document in self.starts.documents:
                check_day(document, path)
        if self.limit.before and self.starts.event is not Event.DAY:
            raise ValueError("limit.before: only a stated day can lie ahead")
        return self


class ClocksFile(Entry):
    """clocks.yaml."""

    limits: tuple[TimeLimit, ...] = Field(min_length=1)
