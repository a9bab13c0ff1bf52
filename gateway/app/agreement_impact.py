"""What a version of an agreement would change, and which flows no agreement covers.

Past decisions are made again from what is kept of them, twice: under what is in force now, and with the
version in the place of its agreement. The days of both are opened, so that the difference is what they say
and not when they were signed.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final

from google.protobuf.timestamp_pb2 import Timestamp
from publicprotection.oversight.v1 import agreement_service_pb2 as pb2

from gateway.app.agreement_rows import AbstractRow, FlowCountRow
from gateway.app.agreement_view import AgreementView
from gateway.app.past_decisions import read_abstract
from gateway.app.ports import Store
from gateway.app.tools import Tools
from gateway.core.agreement import AGREEMENT_PREREQUISITE
from gateway.core.agreement_book import AgreementVersion, Book
from gateway.core.agreement_state import AgreementState
from gateway.core.agreements import Agreement
from gateway.core.gaps import Gap, find_gaps
from gateway.core.replay import Verdict, compare_rulebooks
from gateway.core.world import World
from services.kit.access.actor import Actor, Scope
from services.kit.calendar import LONDON

DEFAULT_NEWEST: Final = 200
_VERDICTS: Final[Mapping[Verdict, pb2.ImpactVerdict.ValueType]] = {
    Verdict.SAME: pb2.IMPACT_VERDICT_SAME,
    Verdict.CHANGED: pb2.IMPACT_VERDICT_CHANGED,
    Verdict.CANNOT_TELL: pb2.IMPACT_VERDICT_CANNOT_TELL,
}


@dataclass(frozen=True, slots=True)
class _Foreseen:
    """Gaps that were found, and under what."""

    world: World
    day: date
    gaps: list[Gap]

    def holds_for(self, world: World, day: date) -> bool:
        """Whether they are those of a world on a day."""
        return (
            self.day == day
            and self.world.directory is world.directory
            and self.world.rulebook is world.rulebook
            and self.world.agreements == world.agreements
        )


class AgreementImpact:
    """Tries versions on past exchanges, and looks for flows without a clause.

    Args:
        store: where agreements and abstracts are.
        tools: the means of the process.
        view: says who may see what.
        world: directory and rulebook in force.
    """

    def __init__(self, store: Store, tools: Tools, view: AgreementView, world: Callable[[], World]) -> None:
        self._store = store
        self._tools = tools
        self._view = view
        self._world = world
        self._foreseen: _Foreseen | None = None

    async def show(self, actor: Actor, request: pb2.ShowImpactRequest) -> pb2.ShowImpactResponse:
        """What past exchanges between its parties would have come to.

        Raises:
            UnknownAgreementError: there is none that the actor may see.
        """
        today = self._tools.clock.now().date()
        async with self._store.reading() as unit:
            book = await self._tools.agreements.book(unit.agreements)
            version = self._view.require(actor, book, request.agreement_id, request.version)
            parties = [each.organisation for each in version.terms.parties]
            rows = await unit.abstracts.newest(parties, request.newest or DEFAULT_NEWEST)
        old, new = _worlds(self._world(), book, version, today)
        found = [await _try(row, old, new) for row in rows]
        items = [each for each in found if each.verdict != pb2.IMPACT_VERDICT_SAME]
        items.sort(key=lambda each: each.verdict)
        return pb2.ShowImpactResponse(tried=len(found), same=len(found) - len(items), items=items)

    async def gaps(self, actor: Actor, request: pb2.ListGapsRequest) -> pb2.ListGapsResponse:
        """Flows without a clause, to or from whom the actor may ask about."""
        about = self._asked_about(actor, request.organisation)
        today = self._tools.clock.now().date()
        async with self._store.reading() as unit:
            known = await self._tools.agreements.effective(unit.agreements, today)
            tried = _merge(await unit.flows.tried(), await unit.flows.waiting(AGREEMENT_PREREQUISITE))
        possible: list[Gap] = []
        if not request.tried_only:
            possible = await self._find(self._world().under(known), today)
        return pb2.ListGapsResponse(
            possible=list(_possible(possible, about)),
            tried=[each for each in tried if about is None or about & {each.sender, each.recipient}],
        )

    async def _find(self, world: World, today: date) -> list[Gap]:
        """All gaps; looked for again only where directory, rulebook, agreements or the day are others."""
        kept = self._foreseen
        if kept is None or not kept.holds_for(world, today):
            gaps = await asyncio.to_thread(lambda: list(find_gaps(world, today)))
            kept = self._foreseen = _Foreseen(world, today, gaps)
        return kept.gaps

    def _asked_about(self, actor: Actor, organisation: str) -> frozenset[str] | None:
        """The organisations whose flows are shown; None for all."""
        asked = frozenset({organisation}) if organisation else None
        if actor.scope is Scope.METADATA:
            return asked
        seen = {actor.organisation}
        if actor.scope is Scope.AREA and actor.person is not None:
            listed = self._tools.directory.organisations
            seen |= {name for name, each in listed.items() if each.area == actor.person.area}
        return frozenset(seen if asked is None else asked & seen)


async def _try(row: AbstractRow, old: World, new: World) -> pb2.ImpactItem:
    abstract = read_abstract(row)
    found = await asyncio.to_thread(compare_rulebooks, abstract, old, new)
    return pb2.ImpactItem(
        exchange_id=row.exchange_id,
        document_type=abstract.document_type,
        verdict=_VERDICTS[found.verdict],
        differences=found.differences,
    )


def _worlds(world: World, book: Book, version: AgreementVersion, today: date) -> tuple[World, World]:
    """Under what is in force, and with the version in the place of its agreement; days opened."""
    now = [each for each in book.effective(today) if each.is_in_force(today)]
    others = [each for each in now if each.id != version.terms.id]
    suspended = book.shown(version, today).suspended
    changes = {"state": AgreementState.IN_FORCE, "suspended": suspended}
    tried = version.terms.model_copy(update=changes)
    old, new = (tuple(map(_opened, some)) for some in (now, [*others, tried]))
    return World(world.directory, old, world.rulebook), World(world.directory, new, world.rulebook)


def _opened(agreement: Agreement) -> Agreement:
    return agreement.model_copy(update={"starts": date.min, "expiry": date.max})


def _possible(gaps: list[Gap], about: frozenset[str] | None) -> Iterator[pb2.PossibleGap]:
    for gap in gaps:
        wanted = about is None or gap.recipient in about
        senders = gap.senders if wanted else tuple(each for each in gap.senders if about and each in about)
        if senders:
            yield pb2.PossibleGap(
                document_type=gap.document,
                sender_kind=gap.sender_kind,
                senders=senders,
                recipient=gap.recipient,
            )


def _merge(tried: Iterable[FlowCountRow], waiting: Iterable[FlowCountRow]) -> list[pb2.TriedGap]:
    """By flow. What came to wait only when it was decided again was not counted at first."""
    found: dict[tuple[str, str, str], pb2.TriedGap] = {}
    for row in tried:
        found[_flow(row)] = _gap(row)
    for row in waiting:
        gap = found.setdefault(_flow(row), _gap(row))
        gap.waiting, gap.exchanges = row.count, max(row.count, gap.exchanges)
    return [gap for _, gap in sorted(found.items())]


def _flow(row: FlowCountRow) -> tuple[str, str, str]:
    return row.document_type, row.sender, row.recipient


def _gap(row: FlowCountRow) -> pb2.TriedGap:
    newest = Timestamp()
    newest.FromDatetime(datetime.combine(row.newest, time(), tzinfo=LONDON).astimezone(UTC))
    return pb2.TriedGap(
        document_type=row.document_type,
        sender=row.sender,
        recipient=row.recipient,
        exchanges=row.count,
        newest=newest,
    )
