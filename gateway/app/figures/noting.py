"""Counting what happens, in the transaction in which it does: no figure without its cause, no cause twice."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Final, NamedTuple, Protocol

from publicprotection.exchange.v1 import decision_pb2

from gateway.app.arrivals import Exchange
from gateway.app.clocks.rows import ClockRow
from gateway.app.rows import DeliveryRow, ExchangeRow, HoldRow, HoldState
from gateway.app.tools import Work
from gateway.core.deadlines.steps import Step, StepKind
from gateway.core.model import Tell
from gateway.core.tallies import Counted, Figure, KeptFrom, Tally, count_again, count_first
from services.kit.calendar import local_day
from services.kit.directory import Directory

_ENDED: Final[Mapping[HoldState, Figure]] = {
    HoldState.GRANTED: Figure.HOLD_GRANTED,
    HoldState.DECLINED: Figure.HOLD_DECLINED,
    HoldState.EXPIRED: Figure.HOLD_EXPIRED,
    HoldState.LIFTED: Figure.HOLD_LIFTED,
    HoldState.WITHDRAWN: Figure.HOLD_LIFTED,
}


class Origin(Protocol):
    """What is counted of where something comes from; a row of the register is one."""

    @property
    def sender(self) -> str: ...  # noqa: D102
    @property
    def document_type(self) -> str: ...  # noqa: D102
    @property
    def purpose(self) -> int: ...  # noqa: D102


class _Sealed(NamedTuple):
    sender: str
    document_type: str
    purpose: int


def note_first(work: Work, row: ExchangeRow, decisions: Sequence[decision_pb2.Decision]) -> None:
    """Counts an exchange that was decided for the first time."""
    work.unit.tallies.add(tally_exchange(row, decisions, work.tools.directory))
    for each in decisions:
        work.unit.tallies.add(tally_decision(row, each, work.tools.directory, work.at, first=True))


def note_again(work: Work, row: ExchangeRow, decisions: Sequence[decision_pb2.Decision]) -> None:
    """Counts what was decided again."""
    for each in decisions:
        work.unit.tallies.add(tally_decision(row, each, work.tools.directory, work.at, first=False))


def note_opened(work: Work, exchange: Exchange, holds: Iterable[HoldRow]) -> None:
    """Counts holds that were opened."""
    origin, directory = _origin(exchange), work.tools.directory
    work.unit.tallies.add(tally_hold(origin, each, Figure.HOLD_OPENED, work.at, directory) for each in holds)


async def note_closed(work: Work, hold: HoldRow, state: HoldState) -> None:
    """Counts a hold that ended."""
    row = await work.unit.register.find(hold.exchange_id)
    if row is None:
        raise AssertionError("a hold without its exchange")
    work.unit.tallies.add([tally_hold(row, hold, _ENDED[state], work.at, work.tools.directory)])


async def note_delivery(work: Work, delivery: DeliveryRow, figure: Figure) -> None:
    """Counts that a delivery was acknowledged for the first time, or not taken; on the day of its release."""
    row = await work.unit.register.find(delivery.exchange_id)
    if row is None:
        raise AssertionError("a delivery without its exchange")
    work.unit.tallies.add([tally_delivery(row, delivery, figure, work.tools.directory)])


def note_steps(work: Work, row: ClockRow, steps: Iterable[Step]) -> None:
    """Counts a time limit that passed unmet, if one of these steps says so."""
    work.unit.tallies.add(tally_steps(row, steps, work.tools.directory))


async def note_recalled(work: Work, exchange_id: str) -> None:
    """Counts an exchange that was recalled."""
    row = await work.unit.register.find(exchange_id)
    if row is None:
        raise AssertionError("a recall without its exchange")
    work.unit.tallies.add([tally_recall(row, work.at)])


def tally_exchange(
    row: ExchangeRow, decisions: Iterable[decision_pb2.Decision], directory: Directory
) -> Iterator[Tally]:
    """The exchange as such; kept from those who may know none of its recipients' desks."""
    kept = [_hidden(directory, each.recipient.organisation, each.recipient.desk) for each in decisions]
    yield _of(row)(day=local_day(row.decided_at), figure=Figure.EXCHANGE, kept_from=min(kept, default=0))


def tally_decision(
    row: ExchangeRow, decision: decision_pb2.Decision, directory: Directory, at: datetime, *, first: bool
) -> Iterator[Tally]:
    """What a decision for a recipient counts as."""
    to = decision.recipient
    counted: Iterator[Counted] = count_first(decision) if first else count_again(decision)
    tally = partial(
        _of(row),
        day=local_day(at),
        recipient=to.organisation,
        kept_from=_hidden(directory, to.organisation, to.desk),
    )
    for figure, code in counted:
        yield tally(figure=figure, code=code)


def tally_delivery(row: ExchangeRow, delivery: DeliveryRow, figure: Figure, directory: Directory) -> Tally:
    """What became of a delivery, on the day of its release."""
    return _of(row)(
        day=local_day(delivery.created_at),
        figure=figure,
        recipient=delivery.organisation,
        kept_from=_hidden(directory, delivery.organisation, delivery.desk),
    )


def tally_hold(row: Origin, hold: HoldRow, figure: Figure, at: datetime, directory: Directory) -> Tally:
    """A hold that was opened, or ended."""
    untold = KeptFrom.SENDER if hold.tell_sender == Tell.NOTHING else KeptFrom.NOBODY
    return _of(row)(
        day=local_day(at),
        figure=figure,
        recipient=hold.recipient_organisation,
        owing=hold.organisation,
        code=hold.prerequisite,
        kept_from=untold | _hidden(directory, hold.recipient_organisation, hold.recipient_desk),
    )


def tally_closed(row: ExchangeRow, hold: HoldRow, directory: Directory) -> Iterator[Tally]:
    """All that a hold counts as so far."""
    yield tally_hold(row, hold, Figure.HOLD_OPENED, hold.opened_at, directory)
    if hold.closed_at is not None:
        yield tally_hold(row, hold, _ENDED[hold.state], hold.closed_at, directory)


def tally_steps(row: ClockRow, steps: Iterable[Step], directory: Directory) -> Iterator[Tally]:
    """A time limit that passed unmet, on the day on which it did; whenever that was noticed."""
    desk = row.recipient_organisation or "", row.recipient_desk or ""
    told = KeptFrom.NOBODY if row.is_told else KeptFrom.SENDER
    known = KeptFrom.NOBODY if row.is_known else KeptFrom.OWING
    for step in steps:
        if step.kind is StepKind.OVERDUE:
            yield Tally(
                day=local_day(step.at),
                figure=Figure.CLOCK_OVERDUE,
                sender=row.sender,
                recipient=row.recipient_organisation or "",
                owing=row.organisation,
                document_type=row.document_type,
                code=row.limit_id,
                kept_from=told | known | _hidden(directory, *desk),
            )


def tally_recall(row: ExchangeRow, at: datetime) -> Tally:
    """An exchange that was recalled."""
    return _of(row)(day=local_day(at), figure=Figure.RECALLED)


def _of(row: Origin) -> "partial[Tally]":
    return partial(Tally, sender=row.sender, document_type=row.document_type, purpose=row.purpose)


def _origin(exchange: Exchange) -> Origin:
    return _Sealed(exchange.sender, exchange.document_type, exchange.header.purpose)


def _hidden(directory: Directory, organisation: str, desk: str) -> KeptFrom:
    found = directory.desk(organisation, desk)
    return KeptFrom.UNCLEARED if found is not None and found.restricted else KeptFrom.NOBODY
