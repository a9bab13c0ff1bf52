"""What organisations do on a gateway in this process: its own use cases, at any moment of the past."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from publicprotection.common.v1.date_pb2 import Date
from publicprotection.common.v1.organisation_pb2 import DeskReference
from publicprotection.exchange.v1 import answering_pb2
from publicprotection.exchange.v1.gateway_documents_pb2 import HoldAnswer, HoldVerdict
from publicprotection.exchange.v1.header_pb2 import Author, Header
from publicprotection.exchange.v1.inbox_service_pb2 import AcknowledgementKind
from publicprotection.transport.v1 import packet_pb2

from deploy.area.cast import Cast
from gateway.adapters.database import DatabaseStore
from gateway.app.clocks.firing import Timekeeper
from gateway.app.clocks.rows import ClockRow
from gateway.app.hold_expiry import HoldExpiry
from gateway.app.key_ports import KeyStore
from gateway.app.receipt import take_acknowledgement, take_receipt
from gateway.app.rows import DeliveryRow, HoldRow
from gateway.app.subject_acts import open_work
from gateway.app.submit import take_submission
from gateway.app.tools import Basis, Tools
from gateway.core.abstracts import abstract_of
from gateway.core.agreements import Agreement
from gateway.core.deadlines.starting import Means
from gateway.core.decide import decide
from gateway.core.model import Case, Ruling
from gateway.core.prerequisites import answer_facts, requirement_of
from gateway.core.world import World
from services.kit.bank_holidays import england_and_wales
from services.kit.clock import FixedClock
from services.kit.directory import GATEWAY
from services.kit.evidence.keys import decryption_lookup
from services.kit.exchange.headers import complete_header, gateway_header
from services.kit.exchange.notices import sign_acknowledgement, sign_receipt
from services.kit.exchange.participant import Participant
from services.kit.exchange.sealing import SealedExchange, seal_exchange
from services.kit.identifiers import NewId
from services.kit.store import Vault

_UNUSED_KEY: Final = bytes(32)  # of the sender's own outbox, which a rehearsal has not


class StageError(RuntimeError):
    """The gateway did not take what an organisation of the rehearsal sent; says why."""


@dataclass
class Stage:
    """A gateway without server and bus, and what is sent to it.

    Attributes:
        clock: the moment at which everything happens; moved by whoever plays.
    """

    store: DatabaseStore
    key_store: KeyStore
    cast: Cast
    world: World
    clock: FixedClock
    new_id: NewId
    tools: Tools = field(init=False)

    def __post_init__(self) -> None:
        basis = make_basis(self.cast, self.world)
        self.tools = Tools(self.clock, self.new_id, os.urandom, lambda: basis, self.key_store)
        self._keeper = Timekeeper(self.store, self.tools, interval_s=1, batch=500)
        self._expiry = HoldExpiry(self.store, self.tools, interval_s=1)

    async def send(self, organisation: str, header: Header, document: Message) -> SealedExchange:
        """Seals and sends; StageError if nothing could ever be made of it. It may be rejected or refused."""
        participant = self._participant(organisation)
        made = seal_exchange(complete_header(header, participant), document, participant)
        async with open_work(self.store, self.tools) as work:
            unusable = await take_submission(work, organisation, made.original.seal)
        if unusable is not None:
            raise StageError(f"{document.DESCRIPTOR.name} of {organisation}: {unusable.reason}")
        return made

    async def tell_gateway(self, organisation: str, document: Message, author: Author) -> SealedExchange:
        """Sends what is for the gateway itself, such as an answer to a hold."""
        header = gateway_header(
            self._participant(organisation),
            request_id=self.new_id(),
            author=author,
            necessity="",
            in_reply_to="",
        )
        return await self.send(organisation, header, document)

    async def deliveries(self, exchange_id: str) -> list[DeliveryRow]:
        """What was released of an exchange, all of it published by now."""
        async with self.store.writing() as unit:
            rows = await unit.deliveries.of_exchanges([exchange_id])
            waiting = [row.packet_id for row in rows if row.published_at is None]
            if waiting:
                await unit.outgoing.mark_published(waiting, self.clock.now() + timedelta(milliseconds=40))
            return rows

    async def receive(self, delivery: DeliveryRow) -> None:
        """The recipient's service takes delivery."""
        claims = packet_pb2.ReceiptClaims(
            delivery_id=delivery.delivery_id,
            recipient=_desk(delivery),
            received_at=_stamp(self.clock.now()),
            statement_hash=delivery.statement_hash,
        )
        token = sign_receipt(claims, self.cast.signing[delivery.organisation])
        async with open_work(self.store, self.tools) as work:
            await take_receipt(work, delivery.organisation, token)

    async def acknowledge(
        self, delivery: DeliveryRow, kind: "AcknowledgementKind.ValueType", who: Author
    ) -> None:
        """A person says that they have it."""
        claims = packet_pb2.AcknowledgementClaims(
            delivery_id=delivery.delivery_id,
            recipient=_desk(delivery),
            acknowledged_at=_stamp(self.clock.now()),
            kind=kind,
            person=who.name,
            role=who.role,
        )
        token = sign_acknowledgement(claims, self.cast.signing[delivery.organisation])
        async with open_work(self.store, self.tools) as work:
            await take_acknowledgement(work, delivery.organisation, token)

    async def open_holds(self, exchange_id: str) -> list[HoldRow]:
        """The holds of an exchange that wait for somebody who could answer."""
        async with self.store.reading() as unit:
            rows = await unit.holds.of_exchange(exchange_id)
        return [row for row in rows if row.state == "OPEN" and row.organisation in self.cast.signing]

    async def live_clocks(self, matter: str) -> list[ClockRow]:
        """The clocks about an exchange that somebody knows of and that wait for something but a hold."""
        async with self.store.reading() as unit:
            rows = await unit.clocks.of_matters([matter])
        known = [row for row in rows if row.is_live and row.is_known and row.hold_id is None]
        return [row for row in known if row.organisation in self.cast.signing]

    async def answer(
        self, hold: HoldRow, verdict: "HoldVerdict.ValueType", who: Author, reason: str
    ) -> SealedExchange:
        """The organisation that was asked answers, as whoever its requirement names, on its evidence."""
        requirement = requirement_of(self.world.rulebook.prerequisites[hold.prerequisite], hold.asked_as)
        keys = requirement.keys if requirement is not None else ()
        answerer = answering_pb2.Answerer(
            subject=f"{hold.organisation}.{who.name.lower().replace(' ', '-')}",
            name=who.name,
            job=next((job for key in keys for job in key.jobs), who.role),
            roles=next((list(key.roles) for key in keys if key.roles), ["SUPERVISOR"]),
            organisation=hold.organisation,
            desk=self.cast.desks()[hold.organisation],
        )
        evidence = [] if requirement is None else self._evidence(requirement)
        document = HoldAnswer(
            hold_id=hold.hold_id, verdict=verdict, reason=reason, answerer=answerer, evidence=evidence
        )
        return await self.tell_gateway(hold.organisation, document, who)

    async def pass_time(self) -> None:
        """Whatever is due by now happens: reminders, limits that end, holds that nobody answered."""
        while await self._keeper.fire_due():
            pass
        while await self._expiry.end_due():
            pass

    def _evidence(self, requirement: answering_pb2.AnswerRequirement) -> Sequence[answering_pb2.Evidence]:
        on = self.clock.now().date()
        day = Date(year=on.year, month=on.month, day=on.day)
        return [
            answering_pb2.Evidence(kind=kind, reference="Duty log", consulted="Duty manager", on=day)
            for kind in requirement.evidence
        ]

    def _participant(self, organisation: str) -> Participant:
        cast = self.cast
        return Participant(
            organisation=organisation,
            signing_source=lambda: cast.signing[organisation],
            decryption=decryption_lookup([cast.decryption[organisation]]),
            directory=lambda: cast.directory,
            vault=Vault(_UNUSED_KEY),
            clock=self.clock,
            new_id=self.new_id,
        )


def make_basis(cast: Cast, world: World) -> Basis:
    """What the use cases rest on: the gateway's own decision, in that world."""

    def rule(case: Case, agreements: tuple[Agreement, ...]) -> tuple[Ruling, ...]:
        return decide(case, world.under(agreements))

    return Basis(
        directory=cast.directory,
        sign_by=lambda: cast.signing[GATEWAY],
        decryption=decryption_lookup([cast.decryption[GATEWAY]]),
        decide=rule,
        answer=partial(answer_facts, world.rulebook),
        prerequisites=world.rulebook.prerequisites,
        retention=world.rulebook.retention,
        deadlines=Means(
            world.rulebook.limits, england_and_wales(), world.directory, world.rulebook.prerequisites
        ),
        abstract=partial(abstract_of, world=world),
    )


def _desk(delivery: DeliveryRow) -> DeskReference:
    return DeskReference(organisation=delivery.organisation, desk=delivery.desk)


def _stamp(moment: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp
