"""Whoever had what was recalled says what it did about it, and by which exchanges it had passed it on."""

from typing import Final

from publicprotection.exchange.v1 import recall_pb2

from gateway.app.arrivals import Exchange, Rejection
from gateway.app.clocks.matters import stop_clocks
from gateway.app.collecting import named_in
from gateway.app.recalls.recalling import clock_matter
from gateway.app.recalls.rows import RecallRow
from gateway.app.recalls.telling import tell_confirmed
from gateway.app.records import RecordType, commit_text, record
from gateway.app.tools import Work

_PREFIX: Final = "RECALL_ACTION_"

# The same for a recall that there is not and for one that others were told of.
UNKNOWN: Final = Rejection("RECALL_UNKNOWN", "There is no such recall that this organisation was told of.")
ALREADY: Final = Rejection("RECALL_CONFIRMED", "This recall was confirmed from here before.")
NOT_OWN: Final = Rejection("PASSED_ON_UNKNOWN", "An exchange named was not sent by this organisation.")


async def check_confirmation(work: Work, exchange: Exchange) -> Rejection | None:
    """Whether the sender was told of that recall, has not confirmed it, and names exchanges of its own."""
    document = _document(exchange)
    told = await work.unit.recalls.told(document.recall_id, exchange.sender)
    if told is None:
        return UNKNOWN
    if told.confirmed_at is not None:
        return ALREADY
    for exchange_id in document.passed_on_in:
        known = await work.unit.submissions.find(exchange_id)
        if known is None or known.sender != exchange.sender:
            return NOT_OWN
    return None


async def take_confirmation(work: Work, exchange: Exchange) -> None:
    """Records it, ends the clock, and tells both sides."""
    document, scope = _document(exchange), exchange.exchange_id
    row = await work.unit.recalls.find(document.recall_id)
    if row is None:
        raise AssertionError("checked before")
    await work.unit.recalls.confirm(row.recall_id, exchange.sender, work.at)
    await stop_clocks(work, clock_matter(row.recall_id, exchange.sender))
    leaf = await _record(work, exchange, row)
    await tell_confirmed(work, row, scope, exchange.sender, document, leaf)


async def _record(work: Work, exchange: Exchange, row: RecallRow) -> str:
    document, scope = _document(exchange), exchange.exchange_id
    author = {"name": exchange.header.author.name, "role": exchange.header.author.role}
    return await record(
        work,
        RecordType.RECALL_CONFIRMED,
        exchange=row.exchange_id,
        answered_in=scope,
        organisation=exchange.sender,
        sender=row.sender,
        item=row.recall_id,
        change=recall_pb2.RecallAction.Name(document.action).removeprefix(_PREFIX),
        items=list(document.passed_on_in) or None,
        about=await named_in(work, row.exchange_id),
        seal_hash=exchange.opened.seal_hash,
        author_commitment=await commit_text(work, scope, scope, "author", author),
        reason_commitment=await commit_text(work, scope, scope, "reason", {"reason": document.reason}),
    )


def _document(exchange: Exchange) -> recall_pb2.RecallConfirmation:
    if not isinstance(exchange.document, recall_pb2.RecallConfirmation):
        raise TypeError("not a confirmation")
    return exchange.document
