"""A sender takes an exchange back or corrects it (DPA 2018 s.46, s.48; UK GDPR Articles 16, 19).

What has not left is stopped, holds and clocks end, nothing of it is decided again. Whoever has it is told,
and a clock runs until they confirm.
"""

from collections.abc import Sequence
from typing import Final

from publicprotection.exchange.v1 import recall_pb2

from gateway.app.arrivals import Exchange, Rejection
from gateway.app.clocks.matters import NewClock, start_clock
from gateway.app.clocks.tracking import withdraw_clocks
from gateway.app.collecting import named_in
from gateway.app.figures.noting import note_recalled
from gateway.app.hold_ending import withdraw_holds
from gateway.app.recalls.rows import RecallRow, RecallToldRow
from gateway.app.recalls.telling import tell_recipients, tell_sender
from gateway.app.records import RecordType, commit_text, record
from gateway.app.register.keeping import relist
from gateway.app.rows import DeliveryRow
from gateway.app.tools import Work
from gateway.app.withdrawing import withdraw

CLOCK: Final = "RECALL_CONFIRMED"
REASON: Final = "RECALLED"
_PREFIX: Final = "RECALL_KIND_"

# The same for an exchange that there is not and for another's.
UNKNOWN: Final = Rejection("EXCHANGE_UNKNOWN", "There is no such exchange that this organisation sent.")
ALREADY: Final = Rejection("ALREADY_RECALLED", "This exchange was recalled before.")
NO_REPLACEMENT: Final = Rejection(
    "REPLACEMENT_UNKNOWN", "The exchange that is to take its place is not there: send it first."
)


async def check_recall(work: Work, exchange: Exchange) -> Rejection | None:
    """Whether the sender sent that exchange, and the one in its place; and not yet recalled it."""
    document = _document(exchange)
    if not await _is_own(work, exchange.sender, document.recalled_exchange_id):
        return UNKNOWN
    if await work.unit.recalls.of_exchange(document.recalled_exchange_id) is not None:
        return ALREADY
    corrected = document.kind == recall_pb2.RECALL_KIND_CORRECTED
    if not document.replaced_by:
        return NO_REPLACEMENT if corrected else None
    itself = document.replaced_by == document.recalled_exchange_id
    known = not itself and await _is_own(work, exchange.sender, document.replaced_by)
    return None if known else NO_REPLACEMENT


async def take_recall(work: Work, exchange: Exchange) -> None:
    """Records the recall, stops what can be stopped, and tells everybody who has it."""
    document = _document(exchange)
    recalled = document.recalled_exchange_id
    row = RecallRow(
        recall_id=exchange.exchange_id,
        exchange_id=recalled,
        sender=exchange.sender,
        kind=recall_pb2.RecallKind.Name(document.kind).removeprefix(_PREFIX),
        replaced_by=document.replaced_by or None,
        at=work.at,
    )
    leaf = await _record(work, exchange, row)
    await withdraw_holds(work, recalled)
    await withdraw_clocks(work, recalled)
    await work.unit.submissions.drop_ciphertext(recalled)
    stopped, left = await _stop(work, recalled)
    told = sorted({each.organisation for each in left})
    await work.unit.recalls.add(row, [RecallToldRow(row.recall_id, each) for each in told])
    await relist(work, recalled)
    for organisation in told:
        await _start_clock(work, row, organisation)
    await note_recalled(work, recalled)
    await tell_recipients(work, row, told, leaf)
    await tell_sender(work, row, stopped, left, leaf)


async def _is_own(work: Work, organisation: str, exchange_id: str) -> bool:
    found = await work.unit.submissions.find(exchange_id)
    registered = await work.unit.register.find(exchange_id)
    return found is not None and registered is not None and found.sender == organisation


async def _record(work: Work, exchange: Exchange, row: RecallRow) -> str:
    document, scope = _document(exchange), exchange.exchange_id
    author = {"name": exchange.header.author.name, "role": exchange.header.author.role}
    submission = await work.unit.submissions.find(row.exchange_id)
    return await record(
        work,
        RecordType.EXCHANGE_RECALLED,
        exchange=row.exchange_id,
        asserted_in=scope,
        sender=row.sender,
        document_type=None if submission is None else submission.document_type,
        reason=row.kind,
        replaced_by=row.replaced_by,
        about=await named_in(work, row.exchange_id),
        seal_hash=exchange.opened.seal_hash,
        author_commitment=await commit_text(work, scope, scope, "author", author),
        reason_commitment=await commit_text(work, scope, scope, "reason", {"reason": document.reason}),
    )


async def _stop(work: Work, exchange_id: str) -> tuple[Sequence[DeliveryRow], Sequence[DeliveryRow]]:
    """Stops what is not published; returns what was stopped, now or before, and what has left."""
    deliveries = await work.unit.deliveries.of_exchanges([exchange_id])
    left = [each for each in deliveries if each.published_at is not None and not each.is_withdrawn]
    stopped = [each for each in deliveries if each not in left]
    for delivery in stopped:
        if not delivery.is_withdrawn:
            await withdraw(work, delivery, REASON)
    return stopped, left


async def _start_clock(work: Work, row: RecallRow, organisation: str) -> None:
    new = NewClock(
        CLOCK,
        clock_matter(row.recall_id, organisation),
        sender=row.sender,
        organisation=organisation,
        start=work.at,
        recipient_organisation=organisation,
    )
    await start_clock(work, new)


def clock_matter(recall_id: str, organisation: str) -> str:
    """The matter of the clock of one organisation's confirmation."""
    return f"{recall_id}/{organisation}"


def _document(exchange: Exchange) -> recall_pb2.ExchangeRecall:
    if not isinstance(exchange.document, recall_pb2.ExchangeRecall):
        raise TypeError("not a recall")
    return exchange.document
