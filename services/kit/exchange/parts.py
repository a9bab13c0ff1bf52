"""The parts of an agency's process that exchanges are made with, put together on its foundation."""

from publicprotection.exchange.v1 import (
    hold_service_pb2,
    hold_service_pb2_grpc,
    inbox_service_pb2,
    inbox_service_pb2_grpc,
    outbox_service_pb2,
    outbox_service_pb2_grpc,
)

from services.kit.agency import Foundation, Parts
from services.kit.evidence.keys import decryption_lookup
from services.kit.exchange.fact_service import FactServicer
from services.kit.exchange.hold_service import HoldServicer
from services.kit.exchange.inbox_service import InboxServicer
from services.kit.exchange.intake import Intake
from services.kit.exchange.outbox import Outbox
from services.kit.exchange.outbox_service import OutboxServicer
from services.kit.exchange.participant import Participant
from services.kit.exchange.records import Records
from services.kit.exchange.relay import Relay
from services.kit.rpc.service import ServedService, serve


def assemble(base: Foundation) -> Parts:
    """Outbox, inbox, holds and facts with their services, and the relay and intake beside them."""
    participant, records = _participate(base), Records.of(base.store)
    outbox = Outbox(participant, records)
    return Parts(
        submitter=outbox,
        services=_serve(participant, outbox, records),
        tasks=[Relay(participant, records, base.bus).run, Intake(participant, records, base.bus).run],
    )


def _participate(base: Foundation) -> Participant:
    return Participant(
        organisation=base.settings.organisation,
        signing=base.credentials.signing,
        decryption=decryption_lookup(base.credentials.decryption),
        directory=lambda: base.directory,
        clock=base.clock,
        new_id=base.ids,
    )


def _serve(participant: Participant, outbox: Outbox, records: Records) -> list[ServedService]:
    holds = hold_service_pb2.DESCRIPTOR.services_by_name
    return [
        serve(
            inbox_service_pb2_grpc.add_InboxServiceServicer_to_server,
            InboxServicer(participant, records),
            inbox_service_pb2.DESCRIPTOR.services_by_name["InboxService"],
        ),
        serve(
            outbox_service_pb2_grpc.add_OutboxServiceServicer_to_server,
            OutboxServicer(records),
            outbox_service_pb2.DESCRIPTOR.services_by_name["OutboxService"],
        ),
        serve(
            hold_service_pb2_grpc.add_HoldServiceServicer_to_server,
            HoldServicer(outbox, records),
            holds["HoldService"],
        ),
        serve(
            hold_service_pb2_grpc.add_FactServiceServicer_to_server,
            FactServicer(participant, outbox, records),
            holds["FactService"],
        ),
    ]
