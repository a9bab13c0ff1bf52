"""What arrives, one effect each: what to store for a message, in one transaction, and how to settle it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from publicprotection.exchange.v1 import outcome_pb2
from publicprotection.exchange.v1.outbox_service_pb2 import ALARM_KIND_DELIVERY_INVALID
from publicprotection.transport.v1.packet_pb2 import Delivery, Heartbeat, OutcomeNotice, Packet
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kit.bus import Received
from services.kit.clocks.confirming import advance_confirmations
from services.kit.clocks.told import advance_clocks
from services.kit.directory import GATEWAY
from services.kit.evidence.checkpoint import SignedCheckpoint
from services.kit.evidence.errors import EvidenceError
from services.kit.evidence.seal import is_name
from services.kit.exchange import progress
from services.kit.exchange.deliveries import (
    RefusedDelivery,
    VerifiedDelivery,
    describe_delivery,
    make_receipt,
    verify_delivery,
)
from services.kit.exchange.notices import AWAITED, KEY_REFUSALS, verify_outcome
from services.kit.exchange.packets import (
    MalformedMessageError,
    hash_message,
    hash_of,
    is_anothers,
    open_packet,
)
from services.kit.exchange.participant import Participant
from services.kit.exchange.proofs import store_proof, verify_proof
from services.kit.exchange.records import Records
from services.kit.exchange.sightings import (
    Sighting,
    note_sightings,
    read_heartbeat,
    sight,
)
from services.kit.exchange.verdicts import check_outcome
from services.kit.recalls.told import advance_recalls, stop_recalled
from services.kit.store.checkpoints import Source
from services.kit.store.outcomes import StoredAlarm, StoredOutcome
from services.kit.store.packets import add_packet
from services.kit.subject_access.arriving import advance_access

Apply = Callable[[AsyncConnection], Awaitable[list[StoredAlarm]]]
"""Stores an effect; returns the alarms that it raised for the first time."""

_MAX_ID: int = 64


@dataclass(frozen=True, slots=True)
class Effect:
    """What a message does here.

    Attributes:
        apply: to be run once in a transaction; run again, it changes nothing.
        reject: whether the message goes to the dead letters afterwards, and not away.
        shows_log: whether it gives the witness something to judge at once. What came beside a delivery waits
            for the next heartbeat: to look for each would cost more than the delivery.
    """

    apply: Apply
    reject: bool = False
    shows_log: bool = False


class KeyAwaitedError(Exception):
    """A message names a key that is not known here yet: nobody is to be refused for our being late.

    Attributes:
        code: stable reason, in capitals.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Arrivals:
    """Turns messages into effects.

    Args:
        participant: who receives.
        records: where it is kept.
        patient: whether a key that is not known here yet is waited for, or refused.
    """

    def __init__(self, participant: Participant, records: Records, *, patient: bool = True) -> None:
        self._participant = participant
        self._records = records
        self._patient = patient

    def read(self, received: Received, at: datetime | None = None) -> Effect:
        """The effect of a message; never another exception for what somebody else wrote.

        Args:
            received: the message.
            at: when it came; now unless given. Keys are judged as of then.

        Raises:
            KeyAwaitedError: a directory or key newer than ours may make it good. The effect's `apply` may
                raise it too, and has then changed nothing.
        """
        at, message_hash = at or self._participant.clock.now(), hash_message(received)
        try:
            packet = open_packet(received, self._participant)
        except MalformedMessageError as error:
            if not is_anothers(received, self._participant):
                self._await_key(error.code)
            return self._malformed(message_hash, error.code, at)
        return self.read_packet(packet, message_hash, at)

    def read_packet(self, packet: Packet, message_hash: str, at: datetime | None = None) -> Effect:
        """As `read`, for a message that was opened before; its hash as `hash_message` makes it."""
        at = at or self._participant.clock.now()
        try:
            return self._read(packet, at)
        except MalformedMessageError as error:
            self._await_key(error.code)
            return self._malformed(message_hash, error.code, at)

    def _await_key(self, code: str) -> None:
        if self._patient and code in AWAITED:
            raise KeyAwaitedError(code)

    def _read(self, packet: Packet, at: datetime) -> Effect:
        match packet.WhichOneof("content"):
            case "delivery":
                return self._read_delivery(packet.delivery, at)
            case "outcome":
                return self._read_outcome(packet.outcome, at)
            case "heartbeat":
                return self._read_heartbeat(packet.heartbeat, at)
            case _:
                raise MalformedMessageError("UNEXPECTED_CONTENT")

    def _malformed(self, message_hash: str, code: str, at: datetime) -> Effect:
        alarm = StoredAlarm(f"message:{message_hash}", ALARM_KIND_DELIVERY_INVALID, code, at)
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
            self._await_key(found.code)
            return await self._refuse(connection, delivery, found, at)
        await self._accept(connection, delivery, found, at)
        return []

    async def _accept(
        self, connection: AsyncConnection, delivery: Delivery, found: VerifiedDelivery, at: datetime
    ) -> None:
        received, content = describe_delivery(delivery, found, at)
        receipt = make_receipt(delivery, self._participant, at, desk=received.desk)
        await self._records.inbox.add(connection, received, content)
        await stop_recalled(connection, self._records, received.exchange_id, at)
        await self._see(connection, [_beside(found.checkpoint, at)])
        await add_packet(connection, receipt)

    async def _refuse(
        self, connection: AsyncConnection, delivery: Delivery, refused: RefusedDelivery, at: datetime
    ) -> list[StoredAlarm]:
        raised = await self._raise(connection, [_invalid(delivery, refused, at)])
        # The gateway sends again what was refused for a key, and is told again; otherwise once is enough.
        if raised or refused.code in KEY_REFUSALS:
            receipt = make_receipt(delivery, self._participant, at, desk=refused.desk, refused=refused.code)
            await add_packet(connection, receipt)
        return raised

    def _read_outcome(self, notice: OutcomeNotice, at: datetime) -> Effect:
        directory = self._participant.directory()
        try:
            outcome = verify_outcome(notice.outcome, keys=directory.keys.verifying_at(at), gateway=GATEWAY)
            checkpoint = verify_proof(notice.proof, outcome.record_hash, directory, at)
        except EvidenceError as error:
            raise MalformedMessageError(error.reason.upper()) from None
        if outcome.addressee != self._participant.organisation:
            raise MalformedMessageError("OTHER_ADDRESSEE")
        if not 0 < len(outcome.outcome_id) <= _MAX_ID or len(outcome.exchange_id) > _MAX_ID:
            raise MalformedMessageError("MALFORMED")
        return Effect(lambda connection: self._note(connection, outcome, notice, checkpoint, at))

    def _read_heartbeat(self, heartbeat: Heartbeat, at: datetime) -> Effect:
        try:
            sightings = read_heartbeat(heartbeat, self._participant.directory(), at)
        except EvidenceError as error:
            raise MalformedMessageError(f"HEARTBEAT_{error.reason.upper()}") from None
        return Effect(lambda connection: self._see(connection, sightings), shows_log=True)

    async def _see(self, connection: AsyncConnection, sightings: Sequence[Sighting]) -> list[StoredAlarm]:
        """Keeps checkpoints until the witness, if there is one here, has held them against the others."""
        if self._participant.organisation in self._participant.directory().witnesses:
            await note_sightings(connection, self._records.checkpoints, sightings)
        return []

    async def _note(
        self,
        connection: AsyncConnection,
        outcome: outcome_pb2.Outcome,
        notice: OutcomeNotice,
        checkpoint: SignedCheckpoint,
        at: datetime,
    ) -> list[StoredAlarm]:
        token, proof = notice.outcome, store_proof(notice.proof, checkpoint)
        stored = StoredOutcome(outcome.outcome_id, outcome.exchange_id, outcome.kind, at, token, proof)
        if not await self._records.outcomes.add(connection, stored):
            return []
        await self._see(connection, [_beside(checkpoint, at)])
        await progress.advance_exchange(connection, self._records, outcome)
        await progress.advance_holds(connection, self._records, outcome, self._participant.organisation)
        await advance_clocks(connection, self._records, outcome)
        await advance_recalls(connection, self._records, outcome)
        await advance_confirmations(connection, self._records, outcome, at)
        await advance_access(connection, self._records, self._participant, outcome)
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


def _beside(checkpoint: SignedCheckpoint, at: datetime) -> Sighting:
    # Without cosignatures: a heartbeat brings those, and none is a reason to turn a delivery away.
    return sight(checkpoint, at, source=Source.DELIVERY)


def _invalid(delivery: Delivery, refused: RefusedDelivery, at: datetime) -> StoredAlarm:
    cause = f"delivery:{delivery.delivery_id}:{hash_of(delivery.statement)}"
    return StoredAlarm(
        cause, ALARM_KIND_DELIVERY_INVALID, refused.code, at, refused.exchange_id, delivery.delivery_id
    )
