"""Exchanges of the register in the contract's words, as far as somebody sees them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

from google.protobuf.json_format import Parse
from google.protobuf.timestamp_pb2 import Timestamp
from publicprotection.common.v1.organisation_pb2 import DeskReference
from publicprotection.exchange.v1.decision_pb2 import Decision
from publicprotection.oversight.v1 import register_service_pb2 as pb2

from gateway.app.ports import Unit
from gateway.app.rows import DecisionRow, DeliveryRow, ExchangeRow
from gateway.app.sight import Sight

_RESULT: Final = "EXCHANGE_RESULT_"

_Row = TypeVar("_Row", DecisionRow, DeliveryRow)


@dataclass(frozen=True, slots=True)
class Known:
    """What the register has of one exchange.

    Attributes:
        row: itself.
        decisions: all of them, oldest first.
        deliveries: all of them, oldest first.
        recalled_at: when its sender took it back.
        subject: whom it is about now; empty for who is not shown people.
    """

    row: ExchangeRow
    decisions: Sequence[DecisionRow]
    deliveries: Sequence[DeliveryRow]
    recalled_at: datetime | None = None
    subject: str = ""

    @property
    def standing(self) -> list[DecisionRow]:
        """The last decision for each desk."""
        return list({(row.organisation, row.desk): row for row in self.decisions}.values())

    def is_seen(self, sight: Sight) -> bool:
        """Whether somebody sees it.

        Who sees the area sees what was sent or decided there; an organisation what it sent and what left for
        it: that something was held or refused for it, it may not know.
        """
        if sight.whole:
            return sight.covers([self.row.sender, *(each.organisation for each in self.decisions)])
        return self.is_own(sight) or bool(self.received(sight))

    def is_own(self, sight: Sight) -> bool:
        """Whether it was sent by an organisation whose sight this is."""
        return sight.covers([self.row.sender])

    def is_open(self, sight: Sight) -> bool:
        """Whether all that was decided is shown: it is written for the sender, and would tell a recipient."""
        return sight.people or (not sight.whole and self.is_own(sight))

    def received(self, sight: Sight) -> list[DeliveryRow]:
        """What left, and was not stopped, for an organisation whose sight this is."""
        return [
            each for each in self.deliveries if not each.is_withdrawn and sight.covers([each.organisation])
        ]

    def shown_deliveries(self, sight: Sight) -> Sequence[DeliveryRow]:
        """An organisation sees its own and those of what it sent, never who else received."""
        return self.deliveries if sight.whole or self.is_own(sight) else self.received(sight)


async def know(unit: Unit, rows: Sequence[ExchangeRow], sight: Sight, *, in_short: bool) -> list[Known]:
    """What there is of these exchanges, of those that somebody sees; in the same order.

    Args:
        unit: what to read from.
        rows: which.
        sight: how far somebody sees.
        in_short: the bodies of decisions are left out.
    """
    ids = [row.exchange_id for row in rows]
    read = unit.register.standing if in_short else unit.register.decisions
    decided, left = _by_exchange(await read(ids)), _by_exchange(await unit.deliveries.of_exchanges(ids))
    recalled = {each.exchange_id: each.at for each in await unit.recalls.of_exchanges(ids)}
    people = await _people(unit, {row.subject_id for row in rows}) if sight.people else {}
    found = (
        Known(
            row,
            decided[row.exchange_id],
            left[row.exchange_id],
            recalled.get(row.exchange_id),
            people.get(row.subject_id, row.subject_id) if sight.people else "",
        )
        for row in rows
    )
    return [each for each in found if each.is_seen(sight)]


def show(known: Known, sight: Sight, *, in_short: bool) -> pb2.RegisteredExchange:
    """An exchange that somebody sees, as far as they do.

    Args:
        known: what there is of it.
        sight: how far it is seen.
        in_short: without decisions and paths.
    """
    view = _plain(known, sight)
    if known.is_open(sight):
        view.thread, view.victim_information = known.row.thread_id, known.row.victim
        view.lawful_bases.extend(map(int, known.row.bases))  # type: ignore[arg-type]  # numbers of the enumeration
    if sight.whole or known.is_open(sight):
        view.standing.extend(_summary(each, known, sight) for each in known.standing)
        if not in_short:
            view.decisions.extend(show_decision(each, known, sight) for each in known.decisions)
    with_paths = not in_short and (sight.people or not sight.whole)
    view.deliveries.extend(_delivery(each, with_paths=with_paths) for each in known.shown_deliveries(sight))
    return view


def show_decision(row: DecisionRow, known: Known, sight: Sight) -> Decision:
    """A decision, as far as it is seen: an auditor sees ids, times and codes."""
    decision = Parse(row.body, Decision())
    if known.is_open(sight):
        return decision
    return Decision(
        recipient=decision.recipient,
        outcome=decision.outcome,
        decided_at=decision.decided_at,
        delivery_id=decision.delivery_id,
        rulebook=decision.rulebook,
    )


def result_number(result: str) -> pb2.ExchangeResult.ValueType:
    """The contract's number of a result."""
    return pb2.ExchangeResult.Value(f"{_RESULT}{result or 'UNSPECIFIED'}")


def stamp(moment: datetime | None) -> Timestamp | None:
    """A moment as a protobuf timestamp."""
    if moment is None:
        return None
    made = Timestamp()
    made.FromDatetime(moment)
    return made


def _plain(known: Known, sight: Sight) -> pb2.RegisteredExchange:
    row = known.row
    view = pb2.RegisteredExchange(
        exchange_id=row.exchange_id,
        sender=row.sender,
        document_type=row.document_type,
        decided_at=stamp(row.decided_at),
        subject=known.subject,
        in_reply_to=row.in_reply_to or "",
        position=row.position if sight.whole else 0,
        recalled_at=stamp(known.recalled_at),
    )
    # Numbers of the contract's enumerations, as the sender wrote them.
    for name in ("purpose", "urgency", "marking"):
        setattr(view, name, getattr(row, name))
    return view


def _summary(row: DecisionRow, known: Known, sight: Sight) -> pb2.DecisionSummary:
    view = pb2.DecisionSummary(
        recipient=DeskReference(organisation=row.organisation, desk=row.desk),
        result=result_number(row.result),
        decided_at=stamp(row.decided_at),
    )
    if known.is_open(sight):
        view.withheld.extend(row.withheld)
        view.held.extend(row.held)
    return view


def _delivery(row: DeliveryRow, *, with_paths: bool) -> pb2.DeliveryStatus:
    view = pb2.DeliveryStatus(
        delivery_id=row.delivery_id,
        organisation=row.organisation,
        desk=row.desk,
        published_at=stamp(row.published_at),
        receipted_at=stamp(None if row.refused else row.receipted_at),
        acknowledged_at=stamp(row.acknowledged_at),
        supplementary_to=row.supplementary_to or "",
        released=row.released if with_paths else (),
        refused=row.refused or "",
        record_hash=row.record_hash,
    )
    setattr(view, "acknowledged", row.acknowledged)  # noqa: B010  # as above
    return view


def _by_exchange(rows: Iterable[_Row]) -> Mapping[str, list[_Row]]:
    found: defaultdict[str, list[_Row]] = defaultdict(list)
    for row in rows:
        found[row.exchange_id].append(row)
    return found


async def _people(unit: Unit, entries: Collection[str]) -> dict[str, str]:
    """From entry to the oldest that is the same person now: what links make of it, not what the row said."""
    people: dict[str, str] = {}
    for row in await unit.subjects.reached(entries):
        people.setdefault(row.seed, row.entry.subject_id)
    return people
