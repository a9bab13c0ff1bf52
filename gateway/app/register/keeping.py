"""Keeping the register's listings in step: in the transaction that writes what they list."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from google.protobuf.json_format import Parse
from publicprotection.exchange.v1.decision_pb2 import Decision

from gateway.app.register.listing import Listed, Part, passing_terms, result_of, rules_of, term, terms_of
from gateway.app.register.rows import Facet, Result, Side
from gateway.app.rows import DecisionRow, DeliveryRow, ExchangeRow
from gateway.app.tools import Work
from gateway.core.categories import kinds_of
from gateway.core.documents import descriptor_of, document_class

_VICTIM: Final = "VICTIM_"
_NOT_OWN: Final = "#"  # what stands behind it says how a derived value was made


def tells_of_victims(document_type: str, paths: Iterable[str]) -> bool:
    """Whether any of these leaves of a document is about a victim (MAPPA 22.20)."""
    descriptor = descriptor_of(document_class(document_type))
    own = (path.partition(_NOT_OWN)[0] for path in paths if path.startswith("document."))
    return any(kind.category.startswith(_VICTIM) for kind in kinds_of(descriptor, own))


async def list_decided(work: Work, registered: ExchangeRow, decisions: Sequence[Decision]) -> None:
    """Lists an exchange that was just decided for the first time.

    Args:
        work: the unit of work.
        registered: with its position.
        decisions: one for each recipient, as the sender may see them.
    """
    parts = _merge(_fresh(registered, each) for each in decisions)
    await work.unit.listings.add(registered.position, terms_of(_listed(registered, parts)))


async def relist(work: Work, exchange_id: str) -> None:
    """Lists an exchange anew, after a decision, a recall, or anything else that changed how it stands."""
    listed = await _read(work, exchange_id)
    if listed is not None:
        registered, now = listed
        await work.unit.listings.change(registered.position, terms_of(now), passing_terms(now))


async def unlist(work: Work, exchange_id: str) -> None:
    """Takes an exchange out of all listings, before that is deleted of which they were made."""
    listed = await _read(work, exchange_id)
    if listed is not None:
        registered, now = listed
        await work.unit.listings.change(registered.position, (), terms_of(now) | passing_terms(now))


async def relist_delivered(work: Work, exchange_id: str) -> None:
    """As `relist`, after an acknowledgement or a refusal of a delivery, which change nothing else."""
    registered = await work.unit.register.find(exchange_id)
    deliveries = await work.unit.deliveries.of_exchanges([exchange_id])
    if registered is None:
        return
    decided = {row.organisation for row in await work.unit.register.standing([exchange_id])}
    waiting = {each.organisation for each in deliveries if _waits(each)}
    sides = [(Side.RECEIVED, each) for each in decided - waiting]
    if not waiting:
        sides += [(Side.EVERYBODY, ""), (Side.SENT, registered.sender)]
        sides += [(Side.DECIDED_FOR, each) for each in decided]
    gone = {term(side, owner, Facet.UNACKNOWLEDGED) for side, owner in sides}
    await work.unit.listings.change(registered.position, (), gone)


async def _read(work: Work, exchange_id: str) -> tuple[ExchangeRow, Listed] | None:
    registered = await work.unit.register.find(exchange_id)
    if registered is None:
        return None
    decisions = await work.unit.register.decisions([exchange_id])
    deliveries = await work.unit.deliveries.of_exchanges([exchange_id])
    recall = await work.unit.recalls.of_exchange(exchange_id)
    parts = _merge(
        [
            *_decided(decisions),
            *(_left(registered, each) for each in deliveries if not each.is_withdrawn),
        ]
    )
    return registered, replace(_listed(registered, parts), is_recalled=recall is not None)


def _listed(registered: ExchangeRow, parts: tuple[Part, ...]) -> Listed:
    return Listed(
        sender=registered.sender,
        document_type=registered.document_type,
        purpose=registered.purpose,
        urgency=registered.urgency,
        marking=registered.marking,
        victim=registered.victim,
        parts=parts,
    )


def _fresh(registered: ExchangeRow, decision: Decision) -> Part:
    """What a first decision comes to: whatever it released is on its way, and nobody acknowledged it."""
    left = bool(decision.delivery_id)
    return Part(
        organisation=decision.recipient.organisation,
        results=frozenset({result_of(decision)}),
        rules=rules_of(decision),
        got=left,
        got_victim=left and tells_of_victims(registered.document_type, decision.released),
        unacknowledged=left,
    )


def _decided(decisions: Sequence[DecisionRow]) -> Iterable[Part]:
    """Of each desk how it stands now, and the rules of all that was ever decided for it."""
    last = {(row.organisation, row.desk): row for row in decisions}
    for row in decisions:
        is_last = row is last[row.organisation, row.desk]
        results = frozenset({Result(row.result)}) if is_last and row.result else frozenset()
        yield Part(row.organisation, results, rules_of(Parse(row.body, Decision())))


def _left(registered: ExchangeRow, delivery: DeliveryRow) -> Part:
    return Part(
        organisation=delivery.organisation,
        got=True,
        got_victim=tells_of_victims(registered.document_type, delivery.released),
        unacknowledged=_waits(delivery),
    )


def _waits(delivery: DeliveryRow) -> bool:
    """Whether a person at the recipient's is still to say that it came."""
    return delivery.refused is None and not delivery.acknowledged


def _merge(parts: Iterable[Part]) -> tuple[Part, ...]:
    """One part for each organisation, of those of its desks."""
    merged: dict[str, Part] = {}
    for part in parts:
        so_far = merged.get(part.organisation, Part(part.organisation))
        merged[part.organisation] = Part(
            part.organisation,
            so_far.results | part.results,
            so_far.rules | part.rules,
            got=so_far.got or part.got,
            got_victim=so_far.got_victim or part.got_victim,
            unacknowledged=so_far.unacknowledged or part.unacknowledged,
        )
    return tuple(merged.values())
