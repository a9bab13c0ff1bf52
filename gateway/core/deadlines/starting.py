"""Which clocks an exchange starts once it is decided, and when their limits end.

Of a document only the days that limits run from are taken, and only here: later it is not kept. A clock that
runs from a receipt or an acknowledgement is begun here and waits for it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from publicprotection.common.v1 import organisation_pb2

from gateway.core.conditions import activate
from gateway.core.deadlines.days import day_of, stated_day
from gateway.core.deadlines.form import Event, Limit, Starts, TimeLimit
from gateway.core.deadlines.limits import CompiledLimit, Limits
from gateway.core.directory import DirectoryIndex
from gateway.core.model import Case, Desk, Flag, Outcome, Ruling
from gateway.core.vocabulary import kind_name
from services.kit.calendar import Calendar, Unit, local_day


class ClockState(StrEnum):
    """Where a clock stands.

    WAITING: what it runs from has not happened. RUNNING. OVERDUE: the limit passed, and what is waited for
    has not come. MET: in time. LATE: it came, after the limit. ENDED: nothing is waited for any more.
    """

    WAITING = "WAITING"
    RUNNING = "RUNNING"
    OVERDUE = "OVERDUE"
    MET = "MET"
    LATE = "LATE"
    ENDED = "ENDED"


@dataclass(frozen=True, slots=True)
class Begun:
    """A clock that a decision begins.

    Attributes:
        organisation: who owes what is waited for; empty where the directory lists nobody who could.
        recipient: the desk concerned; None where the clock is about the exchange as a whole.
        started: from when it runs; None while it waits for that.
        due: when the limit ends; None while that is not known.
        by: the day that was agreed in place of the limit, where it waits.
        is_known: whether the responsible organisation knows of the exchange: of what is held it does not.
    """

    limit: TimeLimit
    organisation: str
    recipient: Desk | None
    state: ClockState
    started: datetime | None
    due: datetime | None
    by: datetime | None
    is_known: bool


class WaitsFor(Protocol):
    """What a hold waits for, as far as its clock says so."""

    @property
    def title(self) -> str: ...  # noqa: D102
    @property
    def paragraph(self) -> str: ...  # noqa: D102
    @property
    def role(self) -> str: ...  # noqa: D102


class Means(NamedTuple):
    """What clocks are reckoned by: the limits in force, working days, who takes part, what holds wait for."""

    limits: Limits
    calendar: Calendar
    directory: DirectoryIndex
    waits_for: Mapping[str, WaitsFor]


def begin_clocks(case: Case, rulings: Iterable[Ruling], sent_at: datetime, means: Means) -> list[Begun]:
    """The clocks of an exchange, in the order of the rulebook.

    Args:
        case: as it was decided.
        rulings: for its recipients; those that were refused begin none.
        sent_at: when its sender sealed it.
        means: what they are reckoned by.
    """
    found = means.limits.of_document(case.document_type)
    taken = [ruling for ruling in rulings if ruling.outcome is not Outcome.REFUSED]
    if not found or not taken:
        return []
    activation = activate(case.header, case.document, local_day(case.at))
    start = _Start(case, min(sent_at, case.at), means, activation)
    return [clock for each in found for clock in start.begin(each, taken)]


@dataclass(frozen=True, slots=True)
class _Start:
    case: Case
    sent_at: datetime
    means: Means
    activation: Any

    def begin(self, compiled: CompiledLimit, taken: list[Ruling]) -> Iterator[Begun]:
        limit = compiled.limit
        concerned = [ruling for ruling in taken if self._concerns(limit.starts, ruling)]
        if not concerned or not self._starts(compiled):
            return
        if not limit.is_per_recipient:
            yield from self._clock(limit, None, is_known=True)
            return
        for ruling in concerned:
            released = ruling.outcome is Outcome.RELEASED
            if released or limit.starts.event in {Event.SENT, Event.DAY}:
                known = released or limit.responsible != "RECIPIENT"
                yield from self._clock(limit, ruling.recipient, is_known=known)

    def _starts(self, compiled: CompiledLimit) -> bool:
        starts, header = compiled.limit.starts, self.case.header
        sender = kind_name(self.means.directory.kind_of(header.sender.organisation))
        return (not starts.senders or sender in starts.senders) and compiled.applies(
            self.case.document_type, self.activation
        )

    def _concerns(self, starts: Starts, ruling: Ruling) -> bool:
        kind = kind_name(self.means.directory.kind_of(ruling.recipient.organisation))
        flagged = starts.flag is None or (
            Flag(starts.flag) in ruling.flags and ruling.outcome is Outcome.RELEASED
        )
        return flagged and (not starts.recipients or kind in starts.recipients)

    def _clock(self, limit: TimeLimit, recipient: Desk | None, *, is_known: bool) -> Iterator[Begun]:
        stated = stated_day(self.case.document, limit.starts.day) if limit.starts.day else None
        if limit.starts.event is Event.DAY and (stated is None or not self._is_in_week(limit.starts, stated)):
            return
        by = self._agreed(limit.limit)
        begun = self._times(limit, stated, by)
        organisation = self._responsible(limit, recipient)
        yield Begun(limit, organisation, recipient, *begun, by=by, is_known=is_known)

    def _times(
        self, limit: TimeLimit, stated: date | datetime | None, by: datetime | None
    ) -> tuple[ClockState, datetime | None, datetime | None]:
        """State, start and end."""
        if limit.starts.event in {Event.RECEIVED, Event.ACKNOWLEDGED}:
            return ClockState.WAITING, None, None
        started = self.sent_at if limit.starts.event is Event.SENT else self.case.at
        due = reckon(limit.limit, started if stated is None else stated, by, self.means.calendar)
        return self._judge(limit, due), started, due

    def _judge(self, limit: TimeLimit, due: datetime) -> ClockState:
        if limit.is_judged_at_once:
            return ClockState.MET if self.sent_at <= due else ClockState.LATE
        days = [stated_day(self.case.document, stop.day) for stop in limit.stops if stop.day is not None]
        kept = any(day is not None and day_of(day) <= local_day(due) for day in days)
        return ClockState.MET if kept else ClockState.RUNNING

    def _agreed(self, limit: Limit) -> datetime | None:
        stated = stated_day(self.case.document, limit.or_by) if limit.or_by else None
        return None if stated is None else self.means.calendar.after_day(day_of(stated), 0, Unit.WORKING_DAYS)

    def _is_in_week(self, starts: Starts, stated: date | datetime) -> bool:
        ends = self.means.calendar.ends_week(day_of(stated))
        return starts.week is None or ends == (starts.week == "LAST_WORKING_DAY")

    def _responsible(self, limit: TimeLimit, recipient: Desk | None) -> str:
        sender = self.case.header.sender.organisation
        if limit.responsible == "RECIPIENT":
            return "" if recipient is None else recipient.organisation
        return sender if limit.responsible == "SENDER" else unit_of(sender, self.means.directory)


def reckon(limit: Limit, start: date | datetime, by: datetime | None, calendar: Calendar) -> datetime:
    """When a limit ends, UTC.

    Args:
        limit: how long.
        start: the moment or day that it runs from.
        by: the end of the day that was agreed in its place.
        calendar: working days.
    """
    if by is not None and not limit.only_earlier:
        return by
    end = _reckon(limit, start, calendar)
    return end if by is None else min(end, by)


def unit_of(organisation: str, directory: DirectoryIndex) -> str:
    """The co-ordination unit of an organisation's area; empty if there is none."""
    known = directory.organisation(organisation)
    kind = organisation_pb2.ORGANISATION_KIND_MAPPA_COORDINATION_UNIT
    return "" if known is None else directory.of_kind(kind, known.area)


def _reckon(limit: Limit, start: date | datetime, calendar: Calendar) -> datetime:
    amount, unit = limit.amount, limit.unit
    if isinstance(start, datetime) and not limit.before:
        return calendar.after(start, amount, unit)
    start = day_of(start)
    return (calendar.before_day if limit.before else calendar.after_day)(start, amount, unit)
