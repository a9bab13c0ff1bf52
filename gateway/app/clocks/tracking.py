"""The clocks of exchanges: begun with a decision, started and ended by what follows.

All of it is rows in the transaction of what happened: a decision never stands without its clocks.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from publicprotection.exchange.v1 import decision_pb2

from gateway.app.arrivals import Exchange
from gateway.app.clocks.holds import settle_holds
from gateway.app.clocks.moving import end_clock, start_running
from gateway.app.clocks.rows import LIVE, ClockRow
from gateway.app.release import Done
from gateway.app.rows import DeliveryRow, ExchangeRow
from gateway.app.tools import Work
from gateway.core.conditions import activate
from gateway.core.deadlines.form import Event
from gateway.core.deadlines.limits import CompiledLimit
from gateway.core.deadlines.starting import Begun, ClockState, begin_clocks
from gateway.core.deadlines.steps import Step, late_steps, plan_steps
from gateway.core.model import Case, Desk, Outcome, Ruling
from services.kit.calendar import local_day

_THREAD: Final = 50  # replies to replies that are followed


async def note_decision(  # noqa: PLR0913, PLR0917  # what a decision is made of
    work: Work,
    exchange: Exchange,
    registered: ExchangeRow,
    case: Case,
    rulings: Sequence[Ruling],
    done: Sequence[Done],
    *,
    again: bool,
) -> None:
    """Begins the clocks of an exchange that was decided, for the first time or again; ends what it answers.

    Args:
        work: the unit of work.
        exchange: as sealed.
        registered: its row in the register.
        case: as it was decided.
        rulings: for the recipients concerned.
        done: what each came to, in the same order.
        again: whether it was decided before.
    """
    known = await work.unit.clocks.of_matters([exchange.exchange_id]) if again else []
    begun = begin_clocks(case, rulings, exchange.opened.issued_at, work.tools.deadlines)
    there = {(row.limit_id, _desk(row)) for row in known}
    fresh = [each for each in begun if (each.limit.id, each.recipient) not in there]
    rows = [_row(work, registered, each) for each in fresh]
    # Asked for whatever was decided: nothing tells a refused exchange, or one about a stranger, from another.
    people = await _same_person(work, registered)
    await _supersede(work, registered, fresh, people)
    await work.unit.clocks.add(rows)
    await _follow(work, known, begun, rulings, done)
    if again or any(ruling.held for ruling in rulings):
        await settle_holds(work, registered, known)
    if any(ruling.outcome is Outcome.RELEASED for ruling in rulings):
        await _note_reply(work, exchange, registered, people)


async def note_receipt(work: Work, delivery: DeliveryRow, at: datetime) -> None:
    """Starts what runs from a receipt and ends what waits for one.

    Args:
        work: the unit of work.
        delivery: that the recipient's service took.
        at: when, as it says.
    """
    received = max(min(at, work.at), delivery.created_at)
    await _note_event(work, delivery, Event.RECEIVED, received)


async def note_acknowledgement(work: Work, delivery: DeliveryRow) -> None:
    """Ends what waits for a person's acknowledgement and starts what runs from one."""
    await _note_event(work, delivery, Event.ACKNOWLEDGED, work.at)


async def note_facts(work: Work, exchange_id: str, names: Iterable[str]) -> None:
    """Ends what waits for one of these facts about an exchange, just answered YES."""
    limits = work.tools.deadlines.limits
    ended = frozenset[str]().union(*(limits.ended_by_fact(name) for name in names))
    if not ended:
        return
    for row in await work.unit.clocks.of_matters([exchange_id]):
        if row.limit_id in ended:
            await end_clock(work, row, met=True)


async def withdraw_clocks(work: Work, matter: str) -> None:
    """Ends all clocks about an exchange or other matter: nothing is waited for any more."""
    for row in await work.unit.clocks.of_matters([matter]):
        await end_clock(work, row, met=False)


async def _note_event(work: Work, delivery: DeliveryRow, event: Event, at: datetime) -> None:
    desk = Desk(delivery.organisation, delivery.desk)
    for row in await work.unit.clocks.of_matters([delivery.exchange_id]):
        compiled = work.tools.deadlines.limits.find(row.limit_id)
        if compiled is None or _desk(row) != desk or row.hold_id is not None:
            continue
        if row.state is ClockState.WAITING and compiled.limit.starts.event is event:
            await start_running(work, row, compiled.limit, at)
        elif any(stop.event == event.value for stop in compiled.limit.stops):
            await end_clock(work, row, met=True)


async def _follow(
    work: Work,
    known: Sequence[ClockRow],
    begun: Sequence[Begun],
    rulings: Sequence[Ruling],
    done: Sequence[Done],
) -> None:
    """What a new decision changes about clocks that are there: who knows of the exchange, who never will."""
    released = {(each.limit.id, each.recipient) for each in begun if each.is_known}
    refused = {
        ruling.recipient
        for ruling, one in zip(rulings, done, strict=True)
        if one.decision.outcome == decision_pb2.DECISION_OUTCOME_REFUSED
    }
    for row in known:
        if not row.is_known and (row.limit_id, _desk(row)) in released:
            await work.unit.clocks.make_known(row.clock_id)
        elif row.hold_id is None and _desk(row) in refused:
            await end_clock(work, row, met=False)


async def _supersede(
    work: Work, registered: ExchangeRow, fresh: Sequence[Begun], people: Sequence[str]
) -> None:
    """Ends older clocks about the same person whose place a new one takes."""
    for each in fresh:
        if not each.limit.supersedes:
            continue
        for row in await work.unit.clocks.of_subjects(people, [each.limit.id]):
            if row.matter != registered.exchange_id and row.organisation == each.organisation:
                await end_clock(work, row, met=False)


async def _note_reply(work: Work, exchange: Exchange, registered: ExchangeRow, people: Sequence[str]) -> None:
    """Ends, or starts, the clocks of earlier exchanges that this one answers."""
    touched = {each.id: each for each in work.tools.deadlines.limits.touched_by(exchange.document_type)}
    if not touched:
        return
    activation = activate(exchange.header, exchange.document, local_day(work.at))
    thread = await _thread(work, registered)
    for row in await _earlier(work, registered, touched, thread, people):
        await _answer(work, exchange, row, touched[row.limit_id], activation, in_thread=row.matter in thread)


async def _answer(  # noqa: PLR0913  # a clock, and what may answer it
    work: Work,
    exchange: Exchange,
    row: ClockRow,
    compiled: CompiledLimit,
    activation: Any,
    *,
    in_thread: bool,
) -> None:
    met = (stop for stop in compiled.stops if stop.is_met_by(exchange.document_type, activation))
    if any(in_thread or stop.stop.match == "SUBJECT" for stop in met):
        await end_clock(work, row, met=True)
    elif (
        in_thread
        and row.state is ClockState.WAITING
        and exchange.document_type in compiled.limit.starts.acknowledged_by
    ):
        await start_running(work, row, compiled.limit, work.at)


async def _earlier(
    work: Work,
    registered: ExchangeRow,
    touched: dict[str, CompiledLimit],
    thread: Sequence[str],
    people: Sequence[str],
) -> list[ClockRow]:
    """Clocks that the sender of a document owes, in its thread or about the same person."""
    found = {row.clock_id: row for row in await work.unit.clocks.of_matters(thread)} if thread else {}
    by_subject = [
        name
        for name, each in touched.items()
        if any(stop.document and stop.match == "SUBJECT" for stop in each.limit.stops)
    ]
    if by_subject:
        found |= {row.clock_id: row for row in await work.unit.clocks.of_subjects(people, by_subject)}
    return [
        row
        for row in found.values()
        if row.state in LIVE
        and row.limit_id in touched
        and row.organisation == registered.sender
        and row.matter != registered.exchange_id
    ]


async def _thread(work: Work, registered: ExchangeRow) -> list[str]:
    """The exchange that this one answers, what that one answers, and so on.

    One is looked for where it answers none that there is, too: an id can be tried.
    """
    found: list[str] = []
    earlier: str | None = registered.in_reply_to or ""
    while earlier is not None and earlier not in found and len(found) < _THREAD:
        found.append(earlier)
        row = await work.unit.register.find(earlier)
        earlier = None if row is None else row.in_reply_to
    return [each for each in found if each]


async def _same_person(work: Work, registered: ExchangeRow) -> list[str]:
    """Every made-up id of whom an exchange is about."""
    reached = await work.unit.subjects.reached([registered.subject_id])
    return sorted({registered.subject_id, *(row.entry.subject_id for row in reached)})


def _row(work: Work, registered: ExchangeRow, begun: Begun) -> ClockRow:
    steps = _steps(work, begun)
    return ClockRow(
        clock_id=work.tools.new_id(),
        limit_id=begun.limit.id,
        matter=registered.exchange_id,
        document_type=registered.document_type,
        sender=registered.sender,
        organisation=begun.organisation,
        role=begun.limit.role,
        recipient_organisation=None if begun.recipient is None else begun.recipient.organisation,
        recipient_desk=None if begun.recipient is None else begun.recipient.desk,
        hold_id=None,
        subject_id=registered.subject_id,
        state=begun.state,
        is_known=begun.is_known,
        is_told=True,
        opened_at=work.at,
        started_at=begun.started,
        due_at=begun.due,
        agreed=begun.by,
        steps=steps,
        next_at=steps[0].at if steps else None,
        ended_at=work.at if begun.state in {ClockState.MET, ClockState.LATE} else None,
    )


def _steps(work: Work, begun: Begun) -> tuple[Step, ...]:
    if begun.state is ClockState.LATE:
        return late_steps(begun.limit, work.at)
    if begun.state is not ClockState.RUNNING or begun.started is None or begun.due is None:
        return ()
    return plan_steps(begun.limit, work.tools.deadlines.calendar, begun.started, begun.due)


def _desk(row: ClockRow) -> Desk | None:
    if row.recipient_organisation is None:
        return None
    return Desk(row.recipient_organisation, row.recipient_desk or "")
