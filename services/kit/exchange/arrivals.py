"""What arrives, one effect each: what to store for a message, in one transaction, and how to settle it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from publicprotection.exchange.v1 import outcome_pb2
from publicprotection.exchange.v1.outbox_service_pb2 import ALARM_KIND_DELIVERY_INVALID
from publicprotection.transport.v1.packet_pb2 import Delivery, OutcomeNotice, Packet
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kit.bus import Received
from services.kit.directory import GATEWAY
from services.kit.evidence.errors import EvidenceError
from services.kit.evidence.release import Release
from services.kit.evidence.seal import is_name
from services.kit.exchange import progress
from services.kit.exchange.deliveries import (
    RefusedDelivery,
    describe_delivery,
    make_receipt,
    verify_delivery,
)
from services.kit.exchange.notices import verify_outcome
from services.kit.exchange.packets import MalformedMessageError, hash_of, open_packet
from services.kit.exchange.participant import Participant
from services.kit.exchange.records import Records
from services.kit.exchange.verdicts import check_outcome
from services.kit.store.outcomes import StoredAlarm, StoredOutcome
from services.kit.store.packets import add_packet

Apply = Callable[[AsyncConnection], Awaitable[list[StoredAlarm]]]
"""Stores an effect; returns the alarms that it raised for the first time."""

_MAX_ID: int = 64


@dataclass(frozen=True, slots=True)
class Effect:
    """What a message does here.

    Attributes:
        apply: to be run once in a transaction; run again, it changes nothing.
        reject: whether the message goes to the dead letters afterwards, and not away.
    """

    apply: Apply
    reject: bool = False


class Arrivals:
    """Turns messages into effects.

    Args:
        participant: who receives.
        records: where it is kept.
    """

    def __init__(self, participant: Participant, records: Records) -> None:
        self._participant = participant
        self._records = records

    def read(self, received: Received) -> Effect:
        """The effect of a message; never an exception for what somebody else wrote."""
        at = self._participant.clock.now()
        try:
            return self._read(open_packet(received, self._participant), at)
        except MalformedMessageError as error:
            return self._malformed(received, error.code, at)

    def _read(self, packet: Packet, at: datetime) -> Effect:
        match packet.WhichOneof("content"):
            case "delivery":
                return self._read_delivery(packet.delivery, at)
            case "outcome":
                return self._read_outcome(packet.outcome, at)
            case "heartbeat":
                return Effect(_do_nothing)  # it has a use once the log is a tree
            case _:
                raise MalformedMessageError("UNEXPECTED_CONTENT")

    def _malformed(self, received: Received, code: str, at: datetime) -> Effect:
        cause = f"message:{hash_of(received.message.body.hex())}"
        alarm = StoredAlarm(cause, ALARM_KIND_DELIVERY_INVALID, code, at)
        return Effect(lambda connection: self._raise(connection, [alarm]), reject=True)

    def _read_delivery(self, delivery: Delivery, at: datetime) -> Effect:
        if not is_name(delivery.delivery_id) or len(delivery.delivery_id) > _MAX_ID:
            raise MalformedMessageError("MALFORMED")
        return Effect(lambda connection: self._take(connection, delivery, at))

    async def _take(self, connection: AsyncConnection, delivery: Delivery, at: datetime) -> list[StoredAlarm]:
        known = await self._records.inbox.find(connection, delivery.delivery_id)
        if known is not None and known.statement_hash == hash_of(delivery.statement):
            return []  # delivered before; its receipt was committed with it
        if known is not None:
            return await self._raise(
                connection, [_invalid(delivery, RefusedDelivery("DELIVERY_ID_REUSED", known.exchange_id), at)]
            )
        found = verify_delivery(delivery, self._participant, at)
        if isinstance(found, RefusedDelivery):
            return await self._refuse(connection, delivery, found, at)
        await self._accept(connection, delivery, found, at)
        return []

    async def _accept(
        self, connection: AsyncConnection, delivery: Delivery, release: Release, at: datetime
    ) -> None:
        received, content = describe_delivery(delivery, release, at)
        receipt = make_receipt(delivery, self._participant, at, desk=received.desk)
        await self._records.inbox.add(connection, received, content)
        await add_packet(connection, receipt)

    async def _refuse(
        self, connection: AsyncConnection, delivery: Delivery, refused: RefusedDelivery, at: datetime
    ) -> list[StoredAlarm]:
        raised = await self._raise(connection, [_invalid(delivery, refused, at)])
        if raised:  # for the first time: so the receipt is not sent twice either
            receipt = make_receipt(delivery, self._participant, at, desk=refused.desk, refused=refused.code)
            await add_packet(connection, receipt)
        return raised

    def _read_outcome(self, notice: OutcomeNotice, at: datetime) -> Effect:
        keys = self._participant.directory().keys.verifying_at(at)
        try:
            outcome = verify_outcome(notice.outcome, keys=keys, gateway=GATEWAY)
        except EvidenceError as error:
            raise MalformedMessageError(error.reason.upper()) from None
        if outcome.addressee != self._participant.organisation:
            raise MalformedMessageError("OTHER_ADDRESSEE")
        if not 0 < len(outcome.outcome_id) <= _MAX_ID or len(outcome.exchange_id) > _MAX_ID:
            raise MalformedMessageError("MALFORMED")
        return Effect(lambda connection: self._note(connection, outcome, notice.outcome, at))

    async def _note(
        self, connection: AsyncConnection, outcome: outcome_pb2.Outcome, token: str, at: datetime
    ) -> list[StoredAlarm]:
        stored = StoredOutcome(outcome.outcome_id, outcome.exchange_id, outcome.kind, at, token)
        if not await self._records.outcomes.add(connection, stored):
            return []
        await progress.advance_exchange(connection, self._records, outcome)
        await progress.advance_holds(connection, self._records, outcome, self._participant.organisation)
        return await self._raise(connection, await self._check(connection, outcome, at))

    async def _check(
        self, connection: AsyncConnection, outcome: outcome_pb2.Outcome, at: datetime
    ) -> list[StoredAlarm]:
        sent = await self._records.sent.find(connection, outcome.exchange_id)
        original = None
        if outcome.statements:  # a receipt has none, and reading the original means decrypting it
            original = await self._records.sent.original(connection, outcome.exchange_id)
        keys = self._participant.directory().keys.verifying_at(at)
        return check_outcome(outcome, sent, original, keys=keys, at=at)

    async def _raise(self, connection: AsyncConnection, alarms: list[StoredAlarm]) -> list[StoredAlarm]:
        return [alarm for alarm in alarms if await self._records.alarms.add(connection, alarm)]


def _invalid(delivery: Delivery, refused: RefusedDelivery, at: datetime) -> StoredAlarm:
    cause = f"delivery:{delivery.delivery_id}:{hash_of(delivery.statement)}"
    return StoredAlarm(
        cause, ALARM_KIND_DELIVERY_INVALID, refused.code, at, refused.exchange_id, delivery.delivery_id
    )


async def _do_nothing(_connection: AsyncConnection) -> list[StoredAlarm]:
    return []
