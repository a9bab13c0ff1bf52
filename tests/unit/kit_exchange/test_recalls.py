"""Recalls at the agencies: what was recalled is surfaced no more, and waits to be confirmed."""

from typing import Any

import pytest
from publicprotection.exchange.v1 import inbox_service_pb2, outbox_service_pb2, outcome_pb2, recall_pb2
from publicprotection.exchange.v1 import recall_service_pb2 as pb2
from publicprotection.transport.v1.packet_pb2 import Packet, Submission

from services.kit.access.actor import Clearance, Role, Scope
from services.kit.evidence.opening import OpenedSeal
from services.kit.exchange.errors import DeliveryExpiredError
from services.kit.exchange.participant import stamp
from services.kit.recalls.service import RecallServicer
from services.kit.rpc.errors import ConflictError, NotFoundError
from tests.support.exchanging import (
    DESK,
    RECIPIENT,
    SENDER,
    GatewayStandIn,
    Member,
    World,
    token,
    write_header,
    write_notice,
)

pytestmark = pytest.mark.both_databases
CONTEXT: Any = None


def service_of(member: Member) -> RecallServicer:
    return member.served(RecallServicer(member.participant, member.outbox, member.records))


async def sealed_by(sender: Member, gateway: GatewayStandIn) -> OpenedSeal:
    accepted = await sender.outbox.submit(write_header(token()), write_notice())
    return await opened(sender, gateway, accepted.exchange_id)


async def opened(member: Member, gateway: GatewayStandIn, exchange_id: str) -> OpenedSeal:
    async with member.records.store.read() as connection:
        original = await member.records.sent.original(connection, exchange_id)
    assert original is not None
    return gateway.open_seal(Packet(submission=Submission(seal=original.seal)))


async def deliver(recipient: Member, gateway: GatewayStandIn, sealed: OpenedSeal) -> str:
    delivery = gateway.release(sealed)
    assert await recipient.intake.receive(gateway.received(RECIPIENT, delivery=delivery))
    return delivery.delivery_id


async def tell(
    recipient: Member,
    gateway: GatewayStandIn,
    sealed: OpenedSeal,
    kind: int = outcome_pb2.OUTCOME_KIND_RECALL_TOLD,
) -> None:
    """The gateway tells of a recall, or that its confirmation was taken."""
    notice = recall_pb2.RecallNotice(
        recall_id="recall-1",
        recalled_exchange_id=sealed.exchange_id,
        kind=recall_pb2.RECALL_KIND_SENT_IN_ERROR,
        recalled_at=stamp(recipient.participant.clock.now()),
    )
    outcome = gateway.outcome(
        sealed, exchange_id="recall-1", kind=kind, addressee=RECIPIENT, sender=SENDER, recall=notice
    )
    assert await recipient.intake.receive(gateway.received(RECIPIENT, outcome=outcome))


async def listed(recipient: Member) -> list[str]:
    found = await recipient.inbox_service.ListDeliveries(inbox_service_pb2.ListDeliveriesRequest(), CONTEXT)
    return [each.delivery_id for each in found.deliveries]


async def known(recipient: Member, *, confirmed: bool = False) -> list[pb2.KnownRecall]:
    request = pb2.ListRecallsRequest(include_confirmed=confirmed)
    return list((await service_of(recipient).ListRecalls(request, CONTEXT)).recalls)


def confirmation(**changes: Any) -> pb2.ConfirmRecallRequest:
    members = {
        "recall_id": "recall-1",
        "request_id": token(),
        "action": recall_pb2.RECALL_ACTION_DESTROYED,
        "reason": "Deleted from the case file.",
    }
    return pb2.ConfirmRecallRequest(**{**members, **changes})


async def test_what_was_recalled_is_surfaced_no_more(
    sender: Member, recipient: Member, gateway: GatewayStandIn
) -> None:
    sealed = await sealed_by(sender, gateway)
    delivery_id = await deliver(recipient, gateway, sealed)
    assert await listed(recipient) == [delivery_id]
    await tell(recipient, gateway, sealed)
    assert await listed(recipient) == []
    request = inbox_service_pb2.GetDeliveryRequest(delivery_id=delivery_id)
    with pytest.raises(DeliveryExpiredError):
        await recipient.inbox_service.GetDelivery(request, CONTEXT)
    (recall,) = await known(recipient)
    assert (recall.notice.recalled_exchange_id, recall.sender) == (sealed.exchange_id, SENDER)


async def test_a_copy_that_arrives_after_its_recall_is_not_surfaced(
    sender: Member, recipient: Member, gateway: GatewayStandIn
) -> None:
    sealed = await sealed_by(sender, gateway)
    await tell(recipient, gateway, sealed)
    await deliver(recipient, gateway, sealed)
    assert await listed(recipient) == []


async def test_other_exchanges_stay(sender: Member, recipient: Member, gateway: GatewayStandIn) -> None:
    recalled, other = await sealed_by(sender, gateway), await sealed_by(sender, gateway)
    stays = await deliver(recipient, gateway, other)
    await deliver(recipient, gateway, recalled)
    await tell(recipient, gateway, recalled)
    assert await listed(recipient) == [stays]


async def test_a_confirmation_is_sealed_and_counts_once_the_gateway_took_it(
    sender: Member, recipient: Member, gateway: GatewayStandIn
) -> None:
    sealed = await sealed_by(sender, gateway)
    await tell(recipient, gateway, sealed)
    accepted = (await service_of(recipient).ConfirmRecall(confirmation(), CONTEXT)).acceptance
    said = await opened(recipient, gateway, accepted.exchange_id)
    assert said.leaves["type"] == "RecallConfirmation"
    assert said.leaves["document.action"] == "RECALL_ACTION_DESTROYED"
    assert said.leaves["header.author.name"] == "Jo Park"
    assert len(await known(recipient)) == 1
    await tell(recipient, gateway, sealed, outcome_pb2.OUTCOME_KIND_RECALL_CONFIRMED)
    assert await known(recipient) == []
    (recall,) = await known(recipient, confirmed=True)
    assert recall.HasField("confirmed_at")
    with pytest.raises(ConflictError):
        await service_of(recipient).ConfirmRecall(confirmation(), CONTEXT)


async def test_a_recall_that_nobody_told_of_cannot_be_confirmed(recipient: Member) -> None:
    with pytest.raises(NotFoundError):
        await service_of(recipient).ConfirmRecall(confirmation(recall_id="other"), CONTEXT)


async def test_a_recall_of_what_was_sent_from_here_is_sealed(sender: Member, gateway: GatewayStandIn) -> None:
    wrong, right = await sealed_by(sender, gateway), await sealed_by(sender, gateway)
    request = pb2.RecallExchangeRequest(
        exchange_id=wrong.exchange_id,
        request_id=token(),
        kind=recall_pb2.RECALL_KIND_CORRECTED,
        reason="The date was wrong.",
        replaced_by=right.exchange_id,
    )
    accepted = (await service_of(sender).RecallExchange(request, CONTEXT)).acceptance
    said = await opened(sender, gateway, accepted.exchange_id)
    assert said.leaves["type"] == "ExchangeRecall"
    assert said.leaves["document.recalled_exchange_id"] == wrong.exchange_id
    assert said.leaves["document.replaced_by"] == right.exchange_id
    again = (await service_of(sender).RecallExchange(request, CONTEXT)).acceptance
    assert (again.exchange_id, again.repeated_request) == (accepted.exchange_id, True)


async def test_what_was_not_sent_from_here_cannot_be_recalled(sender: Member) -> None:
    request = pb2.RecallExchangeRequest(
        exchange_id="other", request_id=token(), kind=recall_pb2.RECALL_KIND_SENT_IN_ERROR, reason="Wrong."
    )
    with pytest.raises(NotFoundError):
        await service_of(sender).RecallExchange(request, CONTEXT)


async def test_the_desk_that_recalls_or_confirms_sees_what_becomes_of_it(
    sender: Member, recipient: Member, gateway: GatewayStandIn
) -> None:
    accepted = await sender.outbox.submit(write_header(), write_notice(), desk=DESK)
    sealed = await opened(sender, gateway, accepted.exchange_id)
    await tell(recipient, gateway, sealed)
    recalled = await service_of(sender).RecallExchange(taking_back(sealed.exchange_id), CONTEXT)
    confirmed = await service_of(recipient).ConfirmRecall(confirmation(), CONTEXT)
    for member, acceptance in ((sender, recalled.acceptance), (recipient, confirmed.acceptance)):
        member.acts_as(Role.PRACTITIONER, Scope.DESK)
        request = outbox_service_pb2.GetExchangeRequest(exchange_id=acceptance.exchange_id)
        found = await member.outbox_service.GetExchange(request, CONTEXT)
        assert found.exchange.exchange_id == acceptance.exchange_id


async def test_what_another_desk_sent_is_not_there_to_be_recalled(sender: Member) -> None:
    accepted = await sender.outbox.submit(write_header(), write_notice(), desk=DESK)
    sender.acts_as(Role.PRACTITIONER, Scope.DESK, desk="elsewhere")
    with pytest.raises(NotFoundError):
        await service_of(sender).RecallExchange(taking_back(accepted.exchange_id), CONTEXT)


async def test_a_recall_of_what_came_to_a_restricted_desk_is_for_whoever_is_cleared(
    sender: Member, recipient: Member, gateway: GatewayStandIn, world: World
) -> None:
    sealed = await sealed_by(sender, gateway)
    await deliver(recipient, gateway, sealed)
    await tell(recipient, gateway, sealed)
    own = world.directory.organisations[RECIPIENT]
    own.desks[0].restricted = True
    try:
        assert await known(recipient) == []
        with pytest.raises(NotFoundError):
            await service_of(recipient).ConfirmRecall(confirmation(), CONTEXT)
        recipient.acts_as(Role.SUPERVISOR, Scope.ORGANISATION, clearances=[Clearance.RESTRICTED])
        assert len(await known(recipient)) == 1
    finally:
        own.desks[0].restricted = False


def taking_back(exchange_id: str) -> pb2.RecallExchangeRequest:
    return pb2.RecallExchangeRequest(
        exchange_id=exchange_id,
        request_id=token(),
        kind=recall_pb2.RECALL_KIND_SENT_IN_ERROR,
        reason="Wrong.",
    )
