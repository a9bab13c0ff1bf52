"""WitnessService: where the log stands, every alarm, and the evidence of what was received."""

from typing import Any, Final

import grpc.aio
from publicprotection.exchange.v1 import witness_service_pb2, witness_service_pb2_grpc

from services.kit.access.actor import current_actor
from services.kit.evidence.quorum import Standing
from services.kit.exchange.outbox_service import describe_alarm
from services.kit.exchange.paging import page_size
from services.kit.exchange.participant import Participant, stamp
from services.kit.exchange.records import Records
from services.kit.rpc.service import ServedService, serve
from services.kit.witness.proving import Prover
from services.kit.witness.settling import Settling
from services.kit.witness.standing import LogStanding
from services.kit.witness.witness import Witness

_Context = grpc.aio.ServicerContext[Any, Any]
_STANDINGS: Final = {
    Standing.MET: witness_service_pb2.WITNESS_STANDING_MET,
    Standing.PENDING: witness_service_pb2.WITNESS_STANDING_PENDING,
    Standing.FAILED: witness_service_pb2.WITNESS_STANDING_FAILED,
}


class WitnessServicer(witness_service_pb2_grpc.WitnessServiceServicer):
    """Answers from the store.

    Args:
        participant: whose witness.
        records: where alarms are kept.
        witness: tells where the log stands.
        prover: gives evidence.
    """

    def __init__(self, participant: Participant, records: Records, witness: Witness, prover: Prover) -> None:
        self._participant = participant
        self._records = records
        self._witness = witness
        self._prover = prover
        self._settling = Settling(records, participant.clock)

    async def GetLogStanding(
        self, _request: witness_service_pb2.GetLogStandingRequest, _context: _Context
    ) -> witness_service_pb2.GetLogStandingResponse:
        """The newest checkpoint cosigned here, and who else cosigned."""
        answer = _describe(await self._witness.standing())
        answer.witnesses.extend(self._participant.directory().witnesses)
        return answer

    async def ListAlarms(
        self, request: witness_service_pb2.ListAlarmsRequest, _context: _Context
    ) -> witness_service_pb2.ListAlarmsResponse:
        """Alarms of all kinds by position."""
        async with self._records.store.read() as connection:
            found = await self._records.alarms.page(
                connection, request.after_position, page_size(request.page_size)
            )
        return witness_service_pb2.ListAlarmsResponse(alarms=map(describe_alarm, found))

    async def SettleAlarm(
        self, request: witness_service_pb2.SettleAlarmRequest, _context: _Context
    ) -> witness_service_pb2.SettleAlarmResponse:
        """Settles an alarm in the name of the person who acts. Errors as `Settling.settle`."""
        settled = await self._settling.settle(current_actor(), request.position, request.reason)
        return witness_service_pb2.SettleAlarmResponse(alarm=describe_alarm(settled))

    async def ProveDelivery(
        self, request: witness_service_pb2.ProveDeliveryRequest, _context: _Context
    ) -> witness_service_pb2.ProveDeliveryResponse:
        """What proves one delivery to anybody. The reading is noted first.

        Raises:
            NotFoundError: there is none of that id.
            DeliveryExpiredError: it may not be used any more.
            StoreError: the reading cannot be noted.
        """
        evidence = await self._prover.prove(request.delivery_id, current_actor(), request.reason)
        return witness_service_pb2.ProveDeliveryResponse(evidence=evidence)


def serve_witness(
    participant: Participant, records: Records, witness: Witness, prover: Prover
) -> ServedService:
    """The service, ready for a server."""
    return serve(
        witness_service_pb2_grpc.add_WitnessServiceServicer_to_server,
        WitnessServicer(participant, records, witness, prover),
        witness_service_pb2.DESCRIPTOR.services_by_name["WitnessService"],
    )


def _describe(found: LogStanding) -> witness_service_pb2.GetLogStandingResponse:
    answer = witness_service_pb2.GetLogStandingResponse()
    if found.newest is None:
        return answer
    answer.standing = _STANDINGS[found.standing]
    answer.checkpoint, answer.size = str(found.newest.note), found.newest.checkpoint.size
    answer.signed_at.CopyFrom(stamp(found.newest.at))
    answer.cosigned_by.extend(sorted(found.cosigned_by))
    if found.witnessed is not None:
        answer.witnessed_checkpoint = str(found.witnessed.note)
    return answer
