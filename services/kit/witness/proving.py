"""Proving a delivery to others: everything that `ppg verify` needs, in one file (docs/log-form.md)."""

from publicprotection.exchange.v1.reading_service_pb2 import READING_KIND_DELIVERY

from services.kit.access.actor import Actor
from services.kit.evidence.bundle_form import Witnessed
from services.kit.evidence.checkpoint import read_checkpoint
from services.kit.evidence.delivery_evidence import DeliveryEvidence, write_evidence
from services.kit.evidence.note import read_note
from services.kit.exchange.errors import DeliveryExpiredError
from services.kit.exchange.participant import Participant
from services.kit.exchange.reach import reach_of, require_clearance
from services.kit.exchange.readings import Read, Reader, note_readings
from services.kit.exchange.records import Records
from services.kit.rpc.errors import NotFoundError
from services.kit.store.inbox import DeliveryContent, ReceivedDelivery
from services.kit.witness.witness import AskLog, Witness


class Prover:
    """Gives the evidence of deliveries.

    Args:
        participant: who received.
        records: where it is kept.
        witness: knows which checkpoint has its majority.
        ask: reaches the gateway, for the path to that checkpoint.
    """

    def __init__(self, participant: Participant, records: Records, witness: Witness, ask: AskLog) -> None:
        self._participant = participant
        self._records = records
        self._witness = witness
        self._ask = ask

    async def prove(self, delivery_id: str, actor: Actor, reason: str) -> str:
        """The evidence of a delivery, as JSON. The reading is noted first.

        Raises:
            NotFoundError: there is none of that id, or it is for a desk that the person does not see.
            ClearanceMissingError: it concerns terrorism, and the person is not cleared.
            DeliveryExpiredError: it may not be used any more.
            StoreError: the reading cannot be noted.
        """
        received, content = await self._find(delivery_id)
        own = self._participant
        if not reach_of(actor, own.directory(), own.organisation).covers(received.desk):
            raise NotFoundError
        require_clearance(actor, content.leaves)
        read = Read(READING_KIND_DELIVERY, received.exchange_id, received.delivery_id)
        await note_readings(own, self._records, Reader.of(actor, reason), [read])
        proof = content.proof
        evidence = DeliveryEvidence(
            seal=content.seal,
            statement=content.statement,
            checkpoint=proof.checkpoint,
            index=proof.index,
            path=tuple(bytes.fromhex(each) for each in proof.path),
            directory=self._participant.directory().token,
            later=await self._find_later(proof.checkpoint),
        )
        return write_evidence(evidence)

    async def _find(self, delivery_id: str) -> tuple[ReceivedDelivery, DeliveryContent]:
        async with self._records.store.read() as connection:
            received = await self._records.inbox.find(connection, delivery_id)
            content = await self._records.inbox.content(connection, delivery_id)
        if received is None or content is None:
            raise NotFoundError
        if received.expired(self._participant.clock.now()):
            raise DeliveryExpiredError
        return received, content

    async def _find_later(self, checkpoint: str) -> Witnessed | None:
        """A checkpoint with its majority that continues the delivery's; None while none is known.

        Whether the path holds is for whoever verifies: evidence is not believed for coming from here.
        """
        witnessed = (await self._witness.standing()).witnessed
        first = read_checkpoint(read_note(checkpoint)).size
        if witnessed is None or witnessed.checkpoint.size < first:
            return None
        path = await self._ask(first, witnessed.checkpoint.size)
        return None if path is None else Witnessed(str(witnessed.note), tuple(path))
