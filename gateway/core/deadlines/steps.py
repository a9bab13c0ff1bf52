"""What follows as a time limit nears, ends and passes: reminder, escalation, breach; each once."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from gateway.core.deadlines.form import Span, TimeLimit
from services.kit.calendar import Calendar

# A limit is kept up to its last moment, and broken just after.
_AFTER: Final = timedelta(seconds=1)
_HOLD_REMINDER: Final = timedelta(hours=4)


class StepKind(StrEnum):
    """What somebody is told."""

    REMINDER = "REMINDER"
    ESCALATION = "ESCALATION"
    OVERDUE = "OVERDUE"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a clock.

    Attributes:
        at: when it is due, aware.
        to: a side of the exchange, `RESPONSIBLE`, `MAPPA_COORDINATION_UNIT` or the kind of an organisation.
        role: whom it concerns there.
    """

    kind: StepKind
    at: datetime
    to: str
    role: str


def plan_steps(limit: TimeLimit, calendar: Calendar, started: datetime, due: datetime) -> tuple[Step, ...]:
    """The steps of a clock that runs, in order. There is no reminder of what began after its time.

    Args:
        limit: the limit.
        calendar: working days.
        started: from when the clock runs.
        due: when the limit ends.
    """
    return tuple(sorted(_steps(limit, calendar, started, due), key=lambda step: step.at))


def late_steps(limit: TimeLimit, at: datetime) -> tuple[Step, ...]:
    """The steps of a limit that was judged at once, and not kept: all of them now."""
    told = [Step(StepKind.ESCALATION, at, each.to, each.role) for each in limit.escalates]
    broken = [Step(StepKind.OVERDUE, at, "RESPONSIBLE", limit.role)] if limit.breach else []
    return (*broken, *told)


def hold_steps(opened: datetime, due: datetime, role: str, to: Iterable[tuple[str, str]]) -> tuple[Step, ...]:
    """The steps of a hold that nobody answers.

    Args:
        opened: when it was opened.
        due: when it is escalated.
        role: who can answer it.
        to: to whom it goes then: sides or kinds, each with a role there.
    """
    reminder = due - _HOLD_REMINDER
    before = [Step(StepKind.REMINDER, reminder, "RESPONSIBLE", role)] if reminder > opened else []
    then = [Step(StepKind.ESCALATION, due, side, as_) for side, as_ in to]
    return (*before, *then, Step(StepKind.OVERDUE, due + _AFTER, "RESPONSIBLE", role))


def due_steps(steps: Sequence[Step], position: int, now: datetime) -> tuple[tuple[Step, ...], int]:
    """The steps that are due, and the position after them; each is due once, whatever the clock does then.

    A reminder that comes too late, because nothing ran when it was due, is left out: the escalation says it.
    """
    after = position
    while after < len(steps) and steps[after].at <= now:
        after += 1
    due = steps[position:after]
    passed = any(step.kind is not StepKind.REMINDER for step in due)
    return tuple(step for step in due if not (passed and step.kind is StepKind.REMINDER)), after


def _steps(limit: TimeLimit, calendar: Calendar, started: datetime, due: datetime) -> Iterator[Step]:
    if limit.remind is not None:
        reminder = calendar.before(due, limit.remind.amount, limit.remind.unit)
        if started < reminder < due:
            yield Step(StepKind.REMINDER, reminder, "RESPONSIBLE", limit.role)
    for each in limit.escalates:
        yield Step(StepKind.ESCALATION, _later(calendar, due, each.after), each.to, each.role)
    if limit.breach:
        yield Step(StepKind.OVERDUE, due + _AFTER, "RESPONSIBLE", limit.role)


def _later(calendar: Calendar, due: datetime, after: Span | None) -> datetime:
    return due if after is None else calendar.after(due, after.amount, after.unit)
