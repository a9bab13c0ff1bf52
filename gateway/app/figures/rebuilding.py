"""Counting the register again: for a database that was filled before there were counts, or restored in part.

What was erased meanwhile is not there to be counted; whoever rebuilds loses it from the figures.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from google.protobuf.json_format import Parse
from publicprotection.exchange.v1.decision_pb2 import Decision

from gateway.app.figures.noting import (
    tally_closed,
    tally_decision,
    tally_delivery,
    tally_exchange,
    tally_recall,
    tally_steps,
)
from gateway.app.ports import Store, Unit
from gateway.app.rows import DecisionRow, DeliveryRow, ExchangeRow
from gateway.core.tallies import Figure, Tally
from services.kit.directory import Directory

_PAGE: Final = 500


async def rebuild(store: Store, directory: Directory, page: int = _PAGE) -> int:
    """Counts everything again, in one transaction.

    Args:
        store: with the register.
        directory: says which desks are restricted.
        page: how many exchanges are read at once.

    Returns:
        How many exchanges there are.

    Raises:
        StoreUnavailableError: nothing was changed.
    """
    async with store.writing() as unit:
        await unit.tallies.clear()
        counted = await _count_exchanges(unit, directory, page)
        await _count_clocks(unit, directory, page)
    return counted


async def _count_exchanges(unit: Unit, directory: Directory, size: int) -> int:
    counted = 0
    rows = await unit.tallies.exchanges(0, size)
    while rows:
        await _count_page(unit, directory, {row.exchange_id: row for row in rows})
        counted += len(rows)
        rows = await unit.tallies.exchanges(rows[-1].position, size)
    return counted


async def _count_page(unit: Unit, directory: Directory, rows: dict[str, ExchangeRow]) -> None:
    decisions: dict[str, list[DecisionRow]] = defaultdict(list)
    for each in await unit.register.decisions(rows):
        decisions[each.exchange_id].append(each)
    for exchange_id, row in rows.items():
        unit.tallies.add(_tally_decisions(row, decisions[exchange_id], directory))
    for hold in await unit.tallies.holds(rows):
        unit.tallies.add(tally_closed(rows[hold.exchange_id], hold, directory))
    for recall in await unit.tallies.recalls(rows):
        unit.tallies.add([tally_recall(rows[recall.exchange_id], recall.at)])
    for delivery in await unit.deliveries.of_exchanges(rows):
        unit.tallies.add(_tally_delivery(rows[delivery.exchange_id], delivery, directory))


def _tally_decisions(
    row: ExchangeRow, decisions: Sequence[DecisionRow], directory: Directory
) -> Iterator[Tally]:
    read = [(each, Parse(each.body, Decision())) for each in decisions]
    seen: set[tuple[str, str]] = set()
    first = [body for each, body in read if each.decided_at == row.decided_at]
    yield from tally_exchange(row, first, directory)
    for each, body in read:
        desk = each.organisation, each.desk
        yield from tally_decision(row, body, directory, each.decided_at, first=desk not in seen)
        seen.add(desk)


def _tally_delivery(row: ExchangeRow, delivery: DeliveryRow, directory: Directory) -> Iterable[Tally]:
    if delivery.acknowledged:
        yield tally_delivery(row, delivery, Figure.ACKNOWLEDGED, directory)
    if delivery.refused is not None:
        yield tally_delivery(row, delivery, Figure.NOT_TAKEN, directory)


async def _count_clocks(unit: Unit, directory: Directory, size: int) -> None:
    rows = await unit.tallies.clocks(0, size)
    while rows:
        for row in rows:
            unit.tallies.add(tally_steps(row, row.steps[: row.step], directory))
        rows = await unit.tallies.clocks(rows[-1].position, size)
