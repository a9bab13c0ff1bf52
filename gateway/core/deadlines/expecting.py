"""The clocks that a case's exchange begins, as a case file and `ppg evaluate` write them."""

from collections.abc import Iterable

from gateway.core.deadlines.form import Event
from gateway.core.deadlines.starting import Begun, ClockState, Means, begin_clocks
from gateway.core.model import Case, Ruling
from gateway.core.world import World
from services.kit.calendar import LONDON, Calendar


def clocks_of(
    case: Case, rulings: Iterable[Ruling], ruling: Ruling, world: World, calendar: Calendar
) -> dict[str, str]:
    """From time limit to when it ends, for one recipient and the exchange as a whole.

    In London time, to the minute; MET or LATE where it is judged at once; RECEIVED or ACKNOWLEDGED where it
    waits for that. The case is taken to have been sealed when it is decided.
    """
    means = Means(world.rulebook.limits, calendar, world.directory, world.rulebook.prerequisites)
    begun = begin_clocks(case, rulings, case.at, means)
    return {each.limit.id: _say(each) for each in begun if each.recipient in {None, ruling.recipient}}


def _say(begun: Begun) -> str:
    if begun.state in {ClockState.MET, ClockState.LATE}:
        return begun.state.value
    if begun.due is None:
        return Event(begun.limit.starts.event).value
    return begun.due.astimezone(LONDON).strftime("%Y-%m-%dT%H:%M")
