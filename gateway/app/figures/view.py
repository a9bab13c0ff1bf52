"""The figures of a period, as far as whoever asks sees the exchanges that they count."""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from datetime import date
from typing import Final, TypeVar

from google.protobuf.timestamp_pb2 import Timestamp
from publicprotection.common.v1 import date_pb2
from publicprotection.exchange.v1 import header_pb2
from publicprotection.oversight.v1 import figures_service_pb2 as pb2

from gateway.app.figures.periods import Grain, each_start
from gateway.app.figures.ports import Part, Wanted
from gateway.app.ports import Store
from gateway.app.sight import sight_of
from gateway.app.tools import Tools
from gateway.core.tallies import Figure
from services.kit.access.actor import Actor, Clearance, Scope
from services.kit.directory import Directory

GRAINS: Final = {
    pb2.FIGURE_STEP_DAY: Grain.DAY,
    pb2.FIGURE_STEP_WEEK: Grain.WEEK,
    pb2.FIGURE_STEP_MONTH: Grain.MONTH,
}
_BY_RULE: Final = frozenset({Figure.WITHHELD_BY_RULE, Figure.REFUSED_BY_RULE})
_K = TypeVar("_K", bound=Hashable)


class FiguresView:
    """Reads what was counted.

    Args:
        store: where it is.
        tools: the means of the process.
    """

    def __init__(self, store: Store, tools: Tools) -> None:
        self._store = store
        self._tools = tools

    async def get(
        self, actor: Actor, request: pb2.GetFiguresRequest, first: date, last: date
    ) -> pb2.GetFiguresResponse:
        """The figures from one day to another, in whole periods.

        Args:
            actor: who asks.
            request: the step, and what it is narrowed to.
            first: first day of the first period.
            last: first day of the last period, not before the first.
        """
        wanted = _wanted(actor, self._tools.directory, request, first, last)
        now = Timestamp()
        now.FromDatetime(self._tools.clock.now())
        answer = pb2.GetFiguresResponse(as_of=now)
        async with self._store.reading() as unit:
            _describe_parts(answer, await unit.tallies.parts(wanted), wanted)
            series = await unit.tallies.series(wanted)
            answer.holds_open = await unit.tallies.open_holds(wanted)
            answer.clocks_overdue = await unit.tallies.overdue_clocks(wanted)
            since = await unit.tallies.since()
        for start in each_start(wanted.grain, first, last):
            answer.series.add(starts_on=_written(start), counts=_counts(series.get(start, {})))
        if since is not None:
            answer.counted_since.CopyFrom(_written(since))
        return answer


def _wanted(
    actor: Actor, directory: Directory, request: pb2.GetFiguresRequest, first: date, last: date
) -> Wanted:
    sight = sight_of(actor, directory)
    person = actor.person
    return Wanted(
        grain=GRAINS[request.step],
        first=first,
        last=last,
        organisations=sight.organisations,
        own=actor.organisation if actor.scope is Scope.ORGANISATION else "",
        cleared=person is not None and Clearance.RESTRICTED in person.clearances,
        hidden=frozenset(_restricted(directory)),
        organisation=request.organisation,
        document_type=request.document_type,
    )


def _restricted(directory: Directory) -> Iterator[tuple[str, str]]:
    for organisation in directory.organisations.values():
        yield from ((organisation.organisation, desk.desk) for desk in organisation.desks if desk.restricted)


def _describe_parts(answer: pb2.GetFiguresResponse, parts: Iterable[Part], wanted: Wanted) -> None:
    plain: list[Part] = []
    by_rule: list[Part] = []
    for part in parts:
        (by_rule if part.code else plain).append(part)
        if part.code and part.figure not in _BY_RULE:  # a hold, a clock: counted as such too
            plain.append(part)
    answer.totals.extend(_counts(_total(plain)))
    _describe_agencies(answer, plain, wanted)
    for name, counts in sorted(_sum(plain, lambda part: part.document_type).items()):
        if name:
            answer.documents.add(document_type=name, counts=_counts(counts))
    for number, counts in sorted(_sum(plain, lambda part: part.purpose).items()):
        if number:
            answer.purposes.add(purpose=header_pb2.Purpose.ValueType(number), counts=_counts(counts))
    for code, counts in sorted(_sum(by_rule, lambda part: part.code).items()):
        answer.rules.add(rule=code, counts=_counts(counts))


def _describe_agencies(answer: pb2.GetFiguresResponse, parts: Iterable[Part], wanted: Wanted) -> None:
    """By each side; an organisation that sees only its own is not shown what it does not know of another."""
    kept = list(parts)
    sent = _sum(kept, lambda part: part.sender)
    received = _sum(kept, lambda part: part.recipient)
    owed = _sum(kept, lambda part: part.owing)
    shown = {*sent, *received, *owed} - {""}
    if wanted.organisations is not None and not wanted.own:
        shown &= wanted.organisations
    for name in sorted(shown):
        answer.agencies.add(
            organisation=name,
            sent=_counts(sent.get(name, {})),
            received=_counts(received.get(name, {})),
            owed=_counts(owed.get(name, {})),
        )


def _sum(parts: Iterable[Part], key: Callable[[Part], _K]) -> dict[_K, dict[Figure, int]]:
    found: dict[_K, Counter[Figure]] = defaultdict(Counter)
    for part in parts:
        found[key(part)][part.figure] += part.count
    return {name: dict(counts) for name, counts in found.items()}


def _total(parts: Iterable[Part]) -> Counter[Figure]:
    total: Counter[Figure] = Counter()
    for part in parts:
        total[part.figure] += part.count
    return total


def _counts(counts: Mapping[Figure, int]) -> list[pb2.FigureCount]:
    order = {figure: number for number, figure in enumerate(Figure)}
    kept = sorted(
        ((figure, count) for figure, count in counts.items() if count), key=lambda each: order[each[0]]
    )
    return [
        pb2.FigureCount(figure=pb2.Figure.Value(f"FIGURE_{figure.value}"), count=count)
        for figure, count in kept
    ]


def _written(day: date) -> date_pb2.Date:
    return date_pb2.Date(year=day.year, month=day.month, day=day.day)
