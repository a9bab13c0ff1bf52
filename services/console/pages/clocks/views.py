"""Time limits as pages show them: words for states, views of the board, and counts by agency and by limit."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from publicprotection.exchange.v1.clock_pb2 import ClockNotice, ClockState
from publicprotection.oversight.v1.clock_service_pb2 import ClockCount

from services.console.words import code, organisation


class View(StrEnum):
    """What of the clocks the board shows."""

    DUE = "due"
    SOON = "soon"
    OVERDUE = "overdue"
    ESCALATED = "escalated"
    LATE = "late"
    MET = "met"


VIEWS: Final = {
    View.DUE: "Running or overdue",
    View.SOON: "Due in two days",
    View.OVERDUE: "Overdue",
    View.ESCALATED: "Escalated",
    View.LATE: "Came late",
    View.MET: "Kept in time",
}

STATES: Final = {
    ClockState.CLOCK_STATE_WAITING: ("Not started", "grey"),
    ClockState.CLOCK_STATE_RUNNING: ("Running", "blue"),
    ClockState.CLOCK_STATE_OVERDUE: ("Overdue", "red"),
    ClockState.CLOCK_STATE_MET: ("In time", "green"),
    ClockState.CLOCK_STATE_LATE: ("Late", "orange"),
    ClockState.CLOCK_STATE_ENDED: ("Not needed", "grey"),
}

LIVE: Final = frozenset({ClockState.CLOCK_STATE_RUNNING, ClockState.CLOCK_STATE_OVERDUE})


def view_of(name: str) -> View:
    """The view of this name; what is due, if there is none."""
    return View(name) if name in set(View) else View.DUE


def state_words(state: int) -> tuple[str, str]:
    """Where a clock stands, and the colour of its tag."""
    return STATES.get(ClockState.ValueType(state), ("Not stated", "grey"))


def is_live(clock: ClockNotice) -> bool:
    """Whether something is waited for."""
    return clock.state in LIVE


def title_of(clock: ClockNotice) -> str:
    """What is to be done."""
    return clock.title or code(clock.limit)


@dataclass(frozen=True, slots=True)
class Line:
    """One row of counts.

    Attributes:
        key: an organisation's id, or a time limit's.
        words: what it is called.
        paragraph: of a time limit.
    """

    key: str
    words: str
    paragraph: str
    running: int = 0
    due_soon: int = 0
    overdue: int = 0
    escalated: int = 0
    met: int = 0
    late: int = 0

    def plus(self, count: ClockCount) -> "Line":
        """With another count added."""
        return Line(
            self.key,
            self.words,
            self.paragraph,
            self.running + count.running,
            self.due_soon + count.due_soon,
            self.overdue + count.overdue,
            self.escalated + count.escalated,
            self.met + count.met,
            self.late + count.late,
        )


@dataclass(frozen=True, slots=True)
class ClockFigures:
    """Counts as the gateway has them."""

    counts: tuple[ClockCount, ...]

    @property
    def total(self) -> Line:
        """Of all."""
        return _sum(Line("", "", ""), self.counts)

    @property
    def by_agency(self) -> list[Line]:
        """By who owes what is waited for; the most overdue first."""
        lines: dict[str, Line] = {}
        for each in self.counts:
            named = organisation(each.responsible) if each.responsible else "Nobody"
            lines[each.responsible] = lines.get(each.responsible, Line(each.responsible, named, "")).plus(
                each
            )
        return sorted(lines.values(), key=lambda line: (-line.overdue, -line.late, line.words))

    @property
    def by_limit(self) -> list[Line]:
        """By time limit; the most overdue first."""
        lines: dict[str, Line] = {}
        for each in self.counts:
            new = Line(each.limit, each.title or code(each.limit), each.paragraph)
            lines[each.limit] = lines.get(each.limit, new).plus(each)
        return sorted(lines.values(), key=lambda line: (-line.overdue, -line.late, line.words))

    @property
    def agencies(self) -> list[tuple[str, str]]:
        """Agencies to choose from."""
        named = [(line.key, line.words) for line in self.by_agency if line.key]
        return sorted(named, key=lambda each: each[1])

    @property
    def limits(self) -> list[tuple[str, str]]:
        """Time limits to choose from."""
        return sorted(((line.key, line.words) for line in self.by_limit), key=lambda each: each[1])


def _sum(line: Line, counts: Iterable[ClockCount]) -> Line:
    for each in counts:
        line = line.plus(each)
    return line
