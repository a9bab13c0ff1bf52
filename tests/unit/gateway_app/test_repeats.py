"""Delivery is at least once on the wire and exactly once in effect."""

import secrets
from dataclasses import replace
from pathlib import Path

import pytest
from google.protobuf.message import Message
from publicprotection.exchange.v1 import outcome_pb2
from publicprotection.exchange.v1.header_pb2 import Header

from gateway.app.envelopes import Unusable
from services.kit.bus import Message as BusMessage
from services.kit.bus import Publication, PublishResult
from services.kit.evidence.seal import seal
from tests.support.databases import NewDatabase
from tests.support.gateway import NOW, Gateway, Parties, Sealed, open_gateway

pytestmark = pytest.mark.both_databases


async def test_redelivery_has_no_second_effect(gateway: Gateway) -> None:
    sealed = gateway.step("contribution")
    assert await gateway.take(sealed.arrival, sealed.arrival) == [None, None]
    assert await gateway.take(sealed.arrival) == [None]
    kinds = [row.type for row in await gateway.records()]
    assert kinds == ["COLLECTION", "DISCLOSURE", "SUBJECT_LINKED"]
    outcomes, _ = await gateway.received(sealed.organisation)
    assert len(outcomes) == 1
    _, releases = await gateway.received(gateway.parties.of_kind("MAPPA_COORDINATION_UNIT"))
    assert len(releases) == 1


def reworded(header: Header, _document: Message) -> None:
    header.necessity = "Something else entirely."


async def test_request_id_reused_with_another_body_is_rejected_and_recorded(gateway: Gateway) -> None:
    first = gateway.step("contribution", request_id="request-0001")
    other = gateway.step("contribution", request_id="request-0001", change=reworded)
    await gateway.take(first.arrival, other.arrival)
    outcomes, _ = await gateway.received(first.organisation)
    assert outcomes[1].exchange_id == other.exchange_id
    assert outcomes[1].kind == outcome_pb2.OUTCOME_KIND_REJECTED
    assert outcomes[1].rejection.reason == "REQUEST_ID_REUSED"
    kinds = [row.type for row in await gateway.records()]
    assert kinds == ["COLLECTION", "DISCLOSURE", "SUBJECT_LINKED", "REJECTION"]
    _, releases = await gateway.received(gateway.parties.of_kind("MAPPA_COORDINATION_UNIT"))
    assert len(releases) == 1


async def test_same_request_sealed_anew_is_told_apart_from_another_body(gateway: Gateway) -> None:
    # Sealing again gives list elements other labels; the request is still the same.
    first = gateway.step("contribution", request_id="request-0001")
    again = gateway.step("contribution", request_id="request-0001")
    assert set(first.leaves) != set(again.leaves)
    await gateway.take(first.arrival, again.arrival)
    outcomes, _ = await gateway.received(first.organisation)
    assert outcomes[1].rejection.reason == "REQUEST_REPEATED"


async def test_request_ids_of_two_senders_do_not_meet(gateway: Gateway) -> None:
    one = gateway.step("contribution", request_id="request-0001")
    two = gateway.step("release-notice", request_id="request-0001")
    await gateway.take(one.arrival, two.arrival)
    assert await gateway.records("REJECTION") == []


async def test_exchange_id_of_another_seal_is_set_aside(gateway: Gateway) -> None:
    first = gateway.step("contribution")
    await gateway.take(first.arrival)
    key = gateway.parties.signing[first.organisation]
    other = seal(first.leaves, exchange_id=first.exchange_id, issued_at=NOW, key=key)
    stolen = gateway.wrap(first.organisation, first.exchange_id, other.compact, first.leaves)
    assert await gateway.take(stolen.arrival) == [Unusable("EXCHANGE_ID_REUSED")]
    [outcome], _ = await gateway.received(first.organisation)
    assert outcome.kind == outcome_pb2.OUTCOME_KIND_DECIDED


async def test_crash_between_commit_and_publish_publishes_exactly_once(
    parties: Parties, tmp_path: Path, databases: NewDatabase
) -> None:
    broker = parties.broker()
    async with open_gateway(parties, tmp_path, broker=broker, databases=databases) as gateway:
        sealed = gateway.step("contribution")
        await gateway.take(sealed.arrival)
    assert broker.depth(f"to.{sealed.organisation}") == 0
    async with open_gateway(parties, tmp_path, broker=broker, databases=databases) as gateway:
        await gateway.take(sealed.arrival)  # the broker never got its acknowledgement
        outcomes, _ = await gateway.received(sealed.organisation)
        assert len(outcomes) == 1
        _, releases = await gateway.received(parties.of_kind("MAPPA_COORDINATION_UNIT"))
        assert len(releases) == 1
        assert len(await gateway.records("DISCLOSURE")) == 1
    async with open_gateway(parties, tmp_path, broker=broker, databases=databases) as gateway:
        assert await gateway.publisher.publish_batch() == 0


async def test_broker_loss_loses_nothing(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    sealed = gateway.step("contribution")
    await gateway.take(sealed.arrival)

    async def unconfirmed(
        publications: list[Publication], timeout_s: float | None = None
    ) -> list[PublishResult]:
        del timeout_s
        return [PublishResult.UNCONFIRMED] * len(publications)

    with monkeypatch.context() as patch:
        patch.setattr(gateway.bus, "publish_many", unconfirmed)
        assert await gateway.publisher.publish_batch() == 0
    gateway.parties.clock.moment = gateway.parties.clock.moment.replace(minute=59)
    outcomes, _ = await gateway.received(sealed.organisation)
    assert len(outcomes) == 1


async def test_packet_that_cannot_be_routed_keeps_no_other_waiting(gateway: Gateway) -> None:
    recipient = gateway.parties.of_kind("MAPPA_COORDINATION_UNIT")
    bindings = gateway.broker._bindings  # as if the broker did not know the organisation
    missing = bindings.pop(("deliveries", f"to.{recipient}"))
    sealed = gateway.step("contribution")
    await gateway.take(sealed.arrival)
    outcomes, _ = await gateway.received(sealed.organisation)
    assert len(outcomes) == 1
    clock = gateway.parties.clock
    async with gateway.store.reading() as unit:
        assert await unit.outgoing.waiting(10, clock.now(), 2) == []
        [stuck] = await unit.outgoing.waiting(10, clock.now().replace(hour=23), 2)
    assert stuck.packet.organisation == recipient
    bindings["deliveries", f"to.{recipient}"] = missing
    clock.moment = clock.now().replace(hour=23)
    _, releases = await gateway.received(recipient)
    assert len(releases) == 1


async def send(gateway: Gateway, sealed: Sealed) -> None:
    """Puts a message into its organisation's queue, as that organisation."""
    message = BusMessage(sealed.body, message_id=secrets.token_hex(8), type="packet")
    publication = Publication("submissions", f"from.{sealed.organisation}", message)
    assert gateway.broker.publish(sealed.organisation, publication) is PublishResult.CONFIRMED


async def test_message_that_can_never_be_used_goes_to_the_dead_letters(gateway: Gateway) -> None:
    sealed = replace(gateway.step("contribution"), body=b"not a packet")
    queue = f"from.{sealed.organisation}"
    await send(gateway, sealed)
    async with gateway.bus.subscribe([queue]) as subscription:
        await gateway.intake.settle(subscription, (await subscription.take(10)).messages)
    assert gateway.broker.depth(queue) == 0
    assert gateway.broker.depth(f"{queue}.dead") == 1
