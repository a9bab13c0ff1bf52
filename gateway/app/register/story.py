"""One exchange with all that happened to it, for the timeline: as far as whoever asks sees it."""

from collections.abc import Iterable, Iterator
from typing import Final

from publicprotection.common.v1.organisation_pb2 import DeskReference
from publicprotection.exchange.v1.decision_pb2 import Held
from publicprotection.oversight.v1 import register_service_pb2 as pb2
from publicprotection.oversight.v1.clock_service_pb2 import Clock

from gateway.app.clocks.rows import ClockRow
from gateway.app.clocks.telling import describe_clock
from gateway.app.hold_ending import held_of
from gateway.app.recalls.recalling import clock_matter
from gateway.app.register.filters import read_filter
from gateway.app.register.rows import Cursor
from gateway.app.register.showing import Known, know, result_number, show, show_decision, stamp
from gateway.app.rows import HoldKeyRow, HoldRow, HoldState
from gateway.app.sight import Sight
from gateway.app.tools import Work
from gateway.core.categories import kinds_of
from gateway.core.documents import descriptor_of, document_class
from gateway.core.model import Tell
from services.kit.access.actor import Actor

_ENDING: Final = "HOLD_ENDING_"
_DOCUMENT: Final = "document."
_THREAD: Final = 200
_RECORDS: Final = 500


async def tell_story(
    work: Work, actor: Actor, sight: Sight, exchange_id: str
) -> pb2.GetExchangeResponse | None:
    """An exchange and what happened to it; None if there is none, or none that the actor sees.

    Args:
        work: a unit that reads.
        actor: who asks.
        sight: how far that is seen.
        exchange_id: which.
    """
    row = await work.unit.register.find(exchange_id)
    found = await know(work.unit, [] if row is None else [row], sight, in_short=False)
    if not found:
        return None
    (known,) = found
    view = pb2.GetExchangeResponse(exchange=show(known, sight, in_short=False))
    if sight.whole or known.is_open(sight):
        view.decisions.extend(_decisions(known, sight))
        view.holds.extend(await _holds(work, known, sight))
    recall = await _recall(work, known, sight)
    if recall is not None:
        view.recall.CopyFrom(recall)
    view.clocks.extend(await _clocks(work, known, sight, actor))
    view.telephone.extend(await _telephone(work, known, sight))
    view.thread.extend(await _thread(work, known, sight))
    if sight.whole:
        view.records.extend(await _records(work, exchange_id))
    view.categories.update(_categories(known, view))
    return view


def _decisions(known: Known, sight: Sight) -> Iterator[pb2.DecisionStory]:
    for row in known.decisions:
        decision = show_decision(row, known, sight)
        view = pb2.DecisionStory(
            decision=decision, result=result_number(row.result), record_hash=row.record_hash
        )
        named = _category_of(known.row.document_type, decision.released)
        view.released_categories.extend(sorted(set(named.values())))
        yield view


async def _holds(work: Work, known: Known, sight: Sight) -> list[pb2.HoldStory]:
    """Those that the sender may learn of; who sees the area sees all."""
    turned = await work.unit.holds.turned([known.row.exchange_id])
    holds = await work.unit.holds.of_exchange(known.row.exchange_id)
    told = [each for each in holds if sight.whole or each.tell_sender != Tell.NOTHING]
    return [
        _hold(each, (row for row in turned if row.hold_id == each.hold_id), known, sight) for each in told
    ]


def _hold(hold: HoldRow, turned: Iterable[HoldKeyRow], known: Known, sight: Sight) -> pb2.HoldStory:
    ending = "UNSPECIFIED" if hold.state is HoldState.OPEN else hold.state.value
    view = pb2.HoldStory(
        held=held_of(hold) if known.is_open(sight) else _held_in_short(hold),
        opened_at=stamp(hold.opened_at),
        closed_at=stamp(hold.closed_at),
        ending=pb2.HoldEnding.Value(_ENDING + ending),
    )
    for row in turned:
        view.turned.add(job=row.job, organisation=row.organisation).at.FromDatetime(row.at)
    return view


def _held_in_short(hold: HoldRow) -> Held:
    return Held(
        hold_id=hold.hold_id,
        prerequisite=hold.prerequisite,
        organisation=hold.organisation,
        recipient=DeskReference(organisation=hold.recipient_organisation, desk=hold.recipient_desk),
        escalates_at=stamp(hold.escalates_at),
    )


async def _recall(work: Work, known: Known, sight: Sight) -> pb2.RecallStory | None:
    row = await work.unit.recalls.of_exchange(known.row.exchange_id)
    if row is None:
        return None
    everybody = sight.whole or known.is_own(sight)
    told = await work.unit.recalls.all_told(row.recall_id)
    return pb2.RecallStory(
        recall_id=row.recall_id,
        kind=row.kind,
        replaced_by=row.replaced_by or "",
        at=stamp(row.at),
        told=[
            pb2.RecallTold(organisation=each.organisation, confirmed_at=stamp(each.confirmed_at))
            for each in told
            if everybody or sight.covers([each.organisation])
        ],
    )


async def _clocks(work: Work, known: Known, sight: Sight, actor: Actor) -> list[Clock]:
    recall = await work.unit.recalls.of_exchange(known.row.exchange_id)
    told = [] if recall is None else await work.unit.recalls.all_told(recall.recall_id)
    confirming = [clock_matter(each.recall_id, each.organisation) for each in told]
    rows = await work.unit.clocks.of_matters([known.row.exchange_id, *confirming])
    return [_clock(work, row) for row in rows if sight.whole or _may_learn(row, actor.organisation)]


def _may_learn(row: ClockRow, organisation: str) -> bool:
    """As in the list of clocks: what it owes and may know of, and what it sent and may be told."""
    owes = row.organisation == organisation and row.is_known
    return owes or (row.sender == organisation and row.is_told)


def _clock(work: Work, row: ClockRow) -> Clock:
    return Clock(
        clock=describe_clock(work, row),
        matter=row.matter,
        document_type=row.document_type,
        sender=row.sender,
        escalated=row.escalated,
        ended_at=stamp(row.ended_at),
        next_step_at=stamp(row.next_at),
    )


async def _telephone(work: Work, known: Known, sight: Sight) -> list[pb2.TelephoneStory]:
    everybody = sight.whole or known.is_own(sight)
    return [
        pb2.TelephoneStory(
            recipient=DeskReference(organisation=row.organisation, desk=row.desk),
            told_at=stamp(row.told_at),
            recorded_at=stamp(row.recorded_at),
            record_hash=row.record_hash,
        )
        for row in await work.unit.telephoned.of_exchange(known.row.exchange_id)
        if everybody or sight.covers([row.organisation])
    ]


async def _thread(work: Work, known: Known, sight: Sight) -> list[pb2.ThreadExchange]:
    """Those of the thread that are seen, as the list would show them; itself among them."""
    asked = pb2.RegisterFilter(thread=known.row.exchange_id)
    wanted = await read_filter(work.unit, sight, asked)
    if wanted is None:
        return []
    found = await work.unit.listings.find(wanted, Cursor(older=False, position=0), _THREAD)
    return [
        pb2.ThreadExchange(
            exchange_id=row.exchange_id,
            sender=row.sender,
            document_type=row.document_type,
            decided_at=stamp(row.decided_at),
            in_reply_to=row.in_reply_to or "",
        )
        for row in await work.unit.listings.rows(found.positions)
    ]


async def _records(work: Work, exchange_id: str) -> list[pb2.RecordReference]:
    return [
        pb2.RecordReference(
            type=row.type, record_hash=row.record_hash, at=stamp(row.at), index=row.leaf_index
        )
        for row in await work.unit.log.page(0, _RECORDS, exchange_id)
    ]


def _categories(known: Known, view: pb2.GetExchangeResponse) -> dict[str, str]:
    """The category of every path that the story names."""
    paths = {path for each in view.exchange.deliveries for path in each.released}
    for story in view.decisions:
        decision = story.decision
        paths |= {*decision.released, *(path for each in decision.withheld for path in each.paths)}
    paths |= {path for hold in view.holds for path in hold.held.paths}
    return _category_of(known.row.document_type, paths)


def _category_of(document_type: str, paths: Iterable[str]) -> dict[str, str]:
    """From path, without what says how a value was derived, to its category; for leaves of the document."""
    own = sorted({path.partition("#")[0] for path in paths if path.startswith(_DOCUMENT)})
    kinds = kinds_of(descriptor_of(document_class(document_type)), own)
    return {path: kind.category for path, kind in zip(own, kinds, strict=True)}
