"""Carrying out rulings: records first, then the release that quotes its record, then whom to tell.

All of it is rows in the caller's transaction; nothing leaves before that is committed.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final

from google.protobuf.json_format import MessageToJson
from publicprotection.exchange.v1 import decision_pb2
from publicprotection.transport.v1 import packet_pb2

from gateway.app.arrivals import Exchange
from gateway.app.envelopes import post
from gateway.app.hold_plans import HoldPlan, plan_holds
from gateway.app.holds import open_holds
from gateway.app.records import RecordType, commit_text, record
from gateway.app.register.listing import held_in, result_of, withheld_in
from gateway.app.rows import DecisionRow, DeliveryRow, ExchangeRow, HoldRow
from gateway.app.summaries import describe, describe_facts, list_paths
from gateway.app.tools import Work
from gateway.app.views import Standing, derived_values, recipient_told, sender_view
from gateway.core.endings import ends_at
from gateway.core.model import KnownFact, Outcome, Ruling
from gateway.core.vocabulary import kind_name
from services.kit.evidence.seal import select
from services.kit.evidence.statement import AgreementClause, Recipient, Statement, sign_statement

SUPPLEMENTARY: Final = "SUPPLEMENTARY"
# Flags that say what a release rests on; the others concern the sender and the agreement's owner alone.
_FLAGS_TOLD: Final = frozenset({"NO_AGREEMENT", "AGREEMENT_EXPIRED", SUPPLEMENTARY})


@dataclass(frozen=True, slots=True)
class Before:
    """What happened to this recipient's part of the exchange before.

    Attributes:
        deliveries: what it got already, oldest first.
        holds: all of them, closed ones too.
        cause: hash of the record of what made a new decision necessary; None for the first decision.
        facts: put on record about the exchange since it was sent.
        about: made-up ids of whom the exchange names.
    """

    deliveries: tuple[DeliveryRow, ...] = ()
    holds: tuple[HoldRow, ...] = ()
    cause: str | None = None
    facts: tuple[KnownFact, ...] = ()
    about: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Done:
    """What carrying out a ruling came to.

    Attributes:
        decision: as the sender may see it.
        statement: release statement, compact JWS; None where nothing went.
        record_hash: of the record that covers it.
    """

    decision: decision_pb2.Decision
    statement: str | None
    record_hash: str


@dataclass(frozen=True, slots=True)
class _Plan:
    """A ruling, and what of it is new."""

    ruling: Ruling
    exchange: Exchange
    registered: ExchangeRow
    holds: HoldPlan
    outcome: Outcome
    before: Before
    delivery_id: str
    released: tuple[str, ...]
    scope: str

    @property
    def supplementary_to(self) -> str | None:
        """The first delivery of the same exchange to the same desk."""
        return self.before.deliveries[0].delivery_id if self.before.deliveries else None

    @property
    def flags(self) -> tuple[str, ...]:
        """Codes, sorted."""
        extra = [SUPPLEMENTARY] if self.delivery_id and self.supplementary_to else []
        return tuple(sorted({*(flag.value for flag in self.ruling.flags), *extra}))


async def carry_out(
    work: Work,
    exchange: Exchange,
    registered: ExchangeRow,
    ruling: Ruling,
    before: Before = Before(),  # frozen
) -> Done:
    """Records a ruling, releases what it newly permits and opens the holds that it newly needs.

    Args:
        work: the unit of work.
        exchange: as sealed.
        registered: its row in the register.
        ruling: for one recipient.
        before: what this recipient got already, and its holds.
    """
    plan = _plan(work, exchange, registered, ruling, before)
    cause = before.cause if _changes_nothing(plan) else None
    leaf = cause or await _record(work, plan)
    signed = await _deliver(work, plan, leaf) if plan.delivery_id else None
    await open_holds(work, plan.holds, leaf)
    decision = sender_view(ruling, _standing(plan, work.at))
    body = MessageToJson(decision, preserving_proto_field_name=True, indent=None)
    to = ruling.recipient
    shown = result_of(decision), withheld_in(decision), held_in(decision)
    await work.unit.register.add_decisions(
        [DecisionRow(exchange.exchange_id, to.organisation, to.desk, body, work.at, leaf, *shown)]
    )
    return Done(decision, signed, leaf)


def _plan(work: Work, exchange: Exchange, registered: ExchangeRow, ruling: Ruling, before: Before) -> _Plan:
    holds = plan_holds(work, exchange, ruling, before.holds)
    refused = ruling.outcome is Outcome.HELD and not holds.waiting
    released = _newly_released(ruling, before.deliveries)
    return _Plan(
        ruling=ruling,
        exchange=exchange,
        registered=registered,
        holds=holds,
        outcome=Outcome.REFUSED if refused else ruling.outcome,
        before=before,
        delivery_id=work.tools.new_id() if released else "",
        released=released,
        scope=work.tools.new_id(),
    )


def released_marks(ruling: Ruling) -> set[str]:
    """What a ruling releases: each path, or `path#function` for a leaf that goes in a derived form only."""
    derived = {item.path: f"{item.path}#{item.function}" for item in ruling.derived}
    return {derived.get(path, path) for path in ruling.released}


def _newly_released(ruling: Ruling, deliveries: Sequence[DeliveryRow]) -> tuple[str, ...]:
    """Marks of what this release carries: all of the first; later only new leaves, and header and type again.

    A mark is a path, or `path#function` for a leaf that goes in a derived form only.
    """
    if ruling.outcome is not Outcome.RELEASED:
        return ()
    marks = released_marks(ruling)
    if not deliveries:
        return tuple(sorted(marks))
    had = {mark for delivery in deliveries for mark in delivery.released}
    # Whoever has a leaf whole is not sent a part of it, such as a text that would be masked by now.
    new = {mark for mark in marks - had if mark.partition("#")[0] not in had}
    fresh = {mark for mark in new if mark.startswith("document")}
    return tuple(sorted(fresh | {mark for mark in marks if not mark.startswith("document")})) if fresh else ()


async def _record(work: Work, plan: _Plan) -> str:
    paths = list_paths(plan.ruling, plan.holds, plan.released)
    committed = await commit_text(work, plan.exchange.exchange_id, plan.scope, "paths", paths)
    return await record(
        work,
        _record_type(plan),
        exchange=plan.exchange.exchange_id,
        delivery=plan.delivery_id or None,
        supplementary_to=plan.supplementary_to if plan.delivery_id else None,
        not_after=_not_after(work, plan).isoformat() if plan.delivery_id else None,
        facts_known=describe_facts(plan.exchange, plan.before.facts),
        about=plan.before.about,
        outcome=plan.outcome.value,
        flags=list(plan.flags),
        paths_commitment=committed,
        scope=plan.scope,
        **describe(work.tools, plan.exchange, plan.registered, plan.ruling, plan.holds, plan.released),
    )


def _not_after(work: Work, plan: _Plan) -> datetime:
    """The validity of any release, or the document's own end for this recipient, or the agreement's."""
    known = work.tools.directory.organisation(plan.ruling.recipient.organisation)
    kind = "" if known is None else kind_name(known.kind)
    ends = ends_at(work.tools.retention, plan.exchange.document, kind)
    validity = work.at + work.tools.limits.release_validity
    return min(each for each in (ends, validity, _agreed_until(plan.ruling)) if each is not None)


def _agreed_until(ruling: Ruling) -> datetime | None:
    """The end of the last day of what the release rests on: of several agreements, of the first to end."""
    if ruling.agreement is None:
        return None
    return datetime.combine(ruling.agreement.until + timedelta(days=1), time(), UTC)


def _changes_nothing(plan: _Plan) -> bool:
    """Whether the record of the cause says it all: nothing goes, nothing new waits, nothing is refused."""
    return not plan.delivery_id and not plan.holds.fresh and plan.outcome is not Outcome.REFUSED


def _record_type(plan: _Plan) -> RecordType:
    if plan.delivery_id:
        return RecordType.DISCLOSURE
    return RecordType.HOLD if plan.holds.waiting else RecordType.REFUSAL


async def _deliver(work: Work, plan: _Plan, leaf: str) -> str:
    """Signs the release, lays it out for the publisher, and returns the statement."""
    derived = [item for item in plan.ruling.derived if f"{item.path}#{item.function}" in plan.released]
    disclosed = sorted(mark for mark in plan.released if "#" not in mark)
    to = plan.ruling.recipient
    statement = Statement(
        exchange_id=plan.exchange.exchange_id,
        delivery_id=plan.delivery_id,
        seal_hash=plan.exchange.opened.seal_hash,
        sender=plan.exchange.sender,
        recipient=Recipient(organisation=to.organisation, desk=to.desk),
        disclosed=tuple(disclosed),
        derived=derived_values(derived),
        withheld_told=recipient_told(plan.ruling, _standing(plan, work.at)),
        not_after=_not_after(work, plan),
        agreement=_clause(plan.ruling),
        rulebook=plan.ruling.rulebook,
        flags=tuple(flag for flag in plan.flags if flag in _FLAGS_TOLD),
        supplementary_to=plan.supplementary_to,
        record_hash=leaf,
        issued_at=work.at,
    )
    signed = sign_statement(statement, key=work.tools.signing)
    seal = select(plan.exchange.opened.seal, disclosed)
    delivery = packet_pb2.Delivery(delivery_id=plan.delivery_id, seal=seal, statement=signed)
    packet_id = await post(
        work,
        to.organisation,
        packet_pb2.Packet(delivery=delivery),
        exchange_id=plan.exchange.exchange_id,
        record_hash=leaf,
    )
    await work.unit.deliveries.add(_delivery_row(work, plan, packet_id, leaf, signed))
    return signed


def _delivery_row(work: Work, plan: _Plan, packet_id: str, leaf: str, signed: str) -> DeliveryRow:
    return DeliveryRow(
        delivery_id=plan.delivery_id,
        exchange_id=plan.exchange.exchange_id,
        organisation=plan.ruling.recipient.organisation,
        desk=plan.ruling.recipient.desk,
        packet_id=packet_id,
        record_hash=leaf,
        statement_hash=hashlib.sha256(signed.encode("ascii")).hexdigest(),
        released=plan.released,
        supplementary_to=plan.supplementary_to,
        created_at=work.at,
    )


def _clause(ruling: Ruling) -> AgreementClause | None:
    used = ruling.agreement
    if used is None:
        return None
    return AgreementClause(id=used.agreement, version=used.version, clause=used.clause)


def _standing(plan: _Plan, at: datetime) -> Standing:
    return Standing(
        outcome=plan.outcome,
        held=plan.holds.waiting,
        declined=plan.holds.declined,
        flags=plan.flags,
        decided_at=at,
        delivery_id=plan.delivery_id,
        released=frozenset(mark.partition("#")[0] for mark in plan.released),
    )
