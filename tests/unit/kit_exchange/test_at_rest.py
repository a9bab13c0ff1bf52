"""Whoever copies the disk of an agency's service reads nothing about anybody."""

from pathlib import Path

from publicprotection.exchange.v1.header_pb2 import Author
from publicprotection.exchange.v1.hold_service_pb2 import GrantHoldRequest
from publicprotection.exchange.v1.inbox_service_pb2 import (
    ACKNOWLEDGEMENT_KIND_RECEIVED,
    AcknowledgeDeliveryRequest,
)
from publicprotection.exchange.v1.outcome_pb2 import OUTCOME_KIND_HOLD_REQUESTED

from services.kit.bus import MemoryBus
from tests.support.exchanging import (
    CONTEXT,
    RECIPIENT,
    SECRETS,
    SENDER,
    GatewayStandIn,
    Member,
    hold_requested,
    write_header,
    write_notice,
)

AUTHOR = Author(name="Jo Park", role="DUTY_OFFICER")


def everything_on_disk(folder: Path) -> bytes:
    files = [path for path in folder.iterdir() if path.is_file()]
    assert any(path.name.endswith("-wal") for path in files)
    return b"".join(path.read_bytes() for path in files)


async def test_nothing_about_people_is_readable_on_the_disk(
    sender: Member, recipient: Member, gateway: GatewayStandIn, gateway_bus: MemoryBus, tmp_path: Path
) -> None:
    accepted = await sender.outbox.submit(write_header(), write_notice())
    await sender.relay.publish_waiting()
    opened = gateway.open_seal(await gateway.take(gateway_bus, SENDER))
    delivery = gateway.release(opened)
    false = gateway.release(
        opened,
        ["type"],
        lambda said: said.model_copy(update={"disclosed": ("document.health_needs", "type")}),
    )
    outcome = gateway.outcome(opened, delivery.statement, false.statement)
    await sender.intake.receive(gateway.received(SENDER, outcome=outcome))
    await recipient.intake.receive(gateway.received(RECIPIENT, delivery=delivery))
    asked = gateway.outcome(
        opened,
        addressee=RECIPIENT,
        kind=OUTCOME_KIND_HOLD_REQUESTED,
        decisions=[hold_requested("h-1", RECIPIENT)],
    )
    await recipient.intake.receive(gateway.received(RECIPIENT, outcome=asked))
    await recipient.inbox_service.AcknowledgeDelivery(
        AcknowledgeDeliveryRequest(
            delivery_id=delivery.delivery_id, kind=ACKNOWLEDGEMENT_KIND_RECEIVED, author=AUTHOR
        ),
        CONTEXT,
    )
    await recipient.hold_service.GrantHold(
        GrantHoldRequest(hold_id="h-1", request_id="grant-0001", author=AUTHOR, reason="Alma agrees."),
        CONTEXT,
    )

    found = everything_on_disk(tmp_path)
    assert accepted.exchange_id.encode() in found  # ids are readable: the search would find a name
    assert b"ReleaseNotice" in found
    texts = (*SECRETS, "Jo Park", "victims", "health_needs", "VICTIM_RISK", "eyJ0eXAiOiJleGNoYW5nZ")
    assert [text for text in texts if text.encode() in found] == []
    assert opened.seal.jwt.encode()[:40] not in found
    assert delivery.statement.encode()[:40] not in found
