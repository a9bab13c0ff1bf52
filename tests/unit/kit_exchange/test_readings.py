"""Nobody is given values before it is on record that they read them."""

from functools import partial
from typing import Any

import pytest
from publicprotection.documents.v1.custody_pb2 import ReleaseNotice
from publicprotection.exchange.v1.inbox_service_pb2 import GetDeliveryRequest, ListDeliveriesRequest
from publicprotection.exchange.v1.outbox_service_pb2 import GetExchangeRequest, WatchOutcomesRequest
from publicprotection.exchange.v1.reading_service_pb2 import (
    READING_KIND_DELIVERY,
    READING_KIND_OUTCOMES,
    READING_KIND_SENT,
    ListReadingsRequest,
    ListRefusalsRequest,
    Reading,
)
from publicprotection.exchange.v1.thread_service_pb2 import GetThreadRequest

from services.kit.bus import MemoryBus
from services.kit.evidence.opening import OpenedSeal
from services.kit.rpc.errors import NotFoundError
from services.kit.store.errors import StoreError
from services.kit.store.refusals import Refusals, StoredRefusal
from tests.support.exchanging import (
    CONTEXT,
    NOW,
    RECIPIENT,
    SENDER,
    SYSTEM,
    GatewayStandIn,
    Member,
    write_header,
    write_notice,
)

REASON = "To warn her before he is released."


@pytest.fixture
async def opened(sender: Member, gateway: GatewayStandIn, gateway_bus: MemoryBus) -> OpenedSeal:
    await sender.outbox.submit(write_header(), write_notice())
    await sender.relay.publish_waiting()
    return gateway.open_seal(await gateway.take(gateway_bus, SENDER))


@pytest.fixture
async def delivery_id(recipient: Member, gateway: GatewayStandIn, opened: OpenedSeal) -> str:
    delivery = gateway.release(opened)
    await recipient.intake.receive(gateway.received(RECIPIENT, delivery=delivery))
    return delivery.delivery_id


@pytest.fixture
async def decided(sender: Member, gateway: GatewayStandIn, opened: OpenedSeal) -> str:
    statement = gateway.release(opened).statement
    outcome = gateway.outcome(opened, statements=[statement])
    await sender.intake.receive(gateway.received(SENDER, outcome=outcome))
    return opened.exchange_id


async def readings(member: Member, **request: Any) -> list[Reading]:
    return list((await member.reading_service.ListReadings(ListReadingsRequest(**request), CONTEXT)).readings)


async def test_who_was_not_let_in_is_listed_page_by_page(recipient: Member) -> None:
    refused = [
        StoredRefusal(f"r-{n}", NOW, NOW, n, SENDER, "/a.Service/Method", "WRONG_ORGANISATION", "s", "P", "J")
        for n in (1, 2)
    ]
    store = recipient.records.store
    await store.write(partial(Refusals(store.vault).add, added=refused))
    ask = recipient.reading_service.ListRefusals
    (first,) = (await ask(ListRefusalsRequest(page_size=1), CONTEXT)).refusals
    (second,) = (await ask(ListRefusalsRequest(after_position=first.position), CONTEXT)).refusals
    assert (first.count, second.count) == (1, 2)
    assert (first.organisation, first.method) == (SENDER, "/a.Service/Method")
    assert (first.reason, first.system, first.person, first.job) == ("WRONG_ORGANISATION", "s", "P", "J")
    assert first.since.ToDatetime(NOW.tzinfo) == first.until.ToDatetime(NOW.tzinfo) == NOW
    assert not (await ask(ListRefusalsRequest(after_position=second.position), CONTEXT)).refusals
    (newest,) = (await ask(ListRefusalsRequest(newest_first=True, page_size=1), CONTEXT)).refusals
    before = ListRefusalsRequest(newest_first=True, before_position=newest.position)
    assert [newest, *(await ask(before, CONTEXT)).refusals] == [second, first]


async def test_a_delivery_is_read_by_a_system_and_a_person(recipient: Member, delivery_id: str) -> None:
    request = GetDeliveryRequest(delivery_id=delivery_id, victim_reason=REASON)
    delivery = (await recipient.inbox_service.GetDelivery(request, CONTEXT)).delivery
    (noted,) = await readings(recipient)
    assert noted.at.ToDatetime(NOW.tzinfo) == NOW
    assert (noted.kind, noted.delivery_id) == (READING_KIND_DELIVERY, delivery_id)
    assert noted.exchange_id == delivery.summary.exchange_id
    assert (noted.system, noted.person, noted.role) == (SYSTEM, "Jo Park", "DUTY_OFFICER")
    assert noted.reason == REASON


async def test_each_reading_is_on_record_for_itself(recipient: Member, delivery_id: str) -> None:
    for _ in range(2):
        await recipient.inbox_service.GetDelivery(GetDeliveryRequest(delivery_id=delivery_id), CONTEXT)
    assert [(each.person, each.reason) for each in await readings(recipient)] == [("Jo Park", "")] * 2
    oldest, newest = await readings(recipient)
    assert await readings(recipient, newest_first=True) == [newest, oldest]
    assert await readings(recipient, newest_first=True, before_position=newest.position) == [oldest]


async def test_what_is_about_victims_is_left_out_until_a_reason_is_given(
    recipient: Member, delivery_id: str
) -> None:
    shown = {}
    for reason in ("", REASON):
        request = GetDeliveryRequest(delivery_id=delivery_id, victim_reason=reason)
        shown[reason] = (await recipient.inbox_service.GetDelivery(request, CONTEXT)).delivery
    for secret in (b"Finch", b"Alma", b"injunction"):
        assert secret in shown[REASON].document.value
        assert secret not in shown[""].SerializeToString()
    assert b"Marsh" in shown[""].document.value
    assert shown[""].masked
    assert shown[""].seal == shown[""].statement == ""
    assert not shown[REASON].masked
    assert set(shown[""].masked) >= {"VICTIM_IDENTITY"}


async def test_a_reason_for_the_rest_is_on_record_and_opens_nothing_about_victims(
    recipient: Member, delivery_id: str
) -> None:
    request = GetDeliveryRequest(delivery_id=delivery_id, reason=REASON)
    delivery = (await recipient.inbox_service.GetDelivery(request, CONTEXT)).delivery
    assert delivery.masked
    assert b"Finch" not in delivery.SerializeToString()
    assert [each.reason for each in await readings(recipient)] == [REASON]


async def test_nothing_is_given_while_the_reading_cannot_be_noted(
    recipient: Member, delivery_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(_work: object) -> None:
        raise StoreError("disk_full", "make room")

    monkeypatch.setattr(recipient.records.store, "write", refuse)
    with pytest.raises(StoreError):
        await recipient.inbox_service.GetDelivery(GetDeliveryRequest(delivery_id=delivery_id), CONTEXT)


async def test_what_gives_no_values_is_no_reading(recipient: Member, delivery_id: str) -> None:
    listed = await recipient.inbox_service.ListDeliveries(ListDeliveriesRequest(), CONTEXT)
    (summary,) = listed.deliveries
    assert summary.delivery_id == delivery_id
    thread = GetThreadRequest(exchange_id=summary.exchange_id)
    assert (await recipient.thread_service.GetThread(thread, CONTEXT)).entries
    with pytest.raises(NotFoundError):
        await recipient.inbox_service.GetDelivery(GetDeliveryRequest(delivery_id="none"), CONTEXT)
    assert await readings(recipient) == []


async def test_outcomes_with_statements_are_read_too(sender: Member, decided: str) -> None:
    request = GetExchangeRequest(exchange_id=decided, victim_reason=REASON)
    found = await sender.outbox_service.GetExchange(request, CONTEXT)
    assert found.outcomes[0].statements
    (noted,) = await readings(sender)
    assert (noted.kind, noted.exchange_id, noted.delivery_id) == (READING_KIND_OUTCOMES, decided, "")
    assert noted.person == "Jo Park"


async def test_whoever_watches_outcomes_is_given_no_values(sender: Member, decided: str) -> None:
    stream = sender.outbox_service.WatchOutcomes(WatchOutcomesRequest(), CONTEXT)
    seen = await anext(stream)
    assert seen.outcome.exchange_id == decided
    assert not seen.outcome.statements
    assert await readings(sender) == []
    await stream.aclose()  # type: ignore[attr-defined]  # an async generator


async def test_statements_about_victims_wait_for_a_reason(sender: Member, decided: str) -> None:
    found = await sender.outbox_service.GetExchange(GetExchangeRequest(exchange_id=decided), CONTEXT)
    assert found.masked
    assert not found.outcomes[0].statements
    assert await readings(sender) == []


async def test_an_outcome_without_statements_gives_no_values(
    sender: Member, gateway: GatewayStandIn, opened: OpenedSeal
) -> None:
    await sender.intake.receive(gateway.received(SENDER, outcome=gateway.outcome(opened)))
    request = GetExchangeRequest(exchange_id=opened.exchange_id)
    assert (await sender.outbox_service.GetExchange(request, CONTEXT)).outcomes
    assert await readings(sender) == []


async def test_readings_are_listed_by_exchange_delivery_and_page(
    recipient: Member, gateway: GatewayStandIn, opened: OpenedSeal, delivery_id: str
) -> None:
    second = gateway.release(opened)
    await recipient.intake.receive(gateway.received(RECIPIENT, delivery=second))
    for each in (delivery_id, second.delivery_id):
        await recipient.inbox_service.GetDelivery(GetDeliveryRequest(delivery_id=each), CONTEXT)
    assert len(await readings(recipient, exchange_id=opened.exchange_id)) == 2
    assert await readings(recipient, exchange_id="another") == []
    (noted,) = await readings(recipient, delivery_id=second.delivery_id)
    assert await readings(recipient, after_position=1) == [noted]
    assert [each.delivery_id for each in await readings(recipient, page_size=1)] == [delivery_id]


async def test_who_read_stands_in_no_file_in_clear(recipient: Member, delivery_id: str) -> None:
    request = GetDeliveryRequest(delivery_id=delivery_id, victim_reason=REASON)
    await recipient.inbox_service.GetDelivery(request, CONTEXT)
    files = [path for path in recipient.path.parent.iterdir() if path.name.startswith(recipient.path.name)]
    content = b"".join(path.read_bytes() for path in files)
    assert delivery_id.encode() in content
    assert b"Jo Park" not in content


async def test_what_was_sent_is_read_whole_for_a_reason_and_on_record(sender: Member, decided: str) -> None:
    plain = GetExchangeRequest(exchange_id=decided, victim_reason=REASON)
    assert not (await sender.outbox_service.GetExchange(plain, CONTEXT)).HasField("document")
    asked = GetExchangeRequest(exchange_id=decided, victim_reason=REASON, document_reason="To check it.")
    document = ReleaseNotice()
    assert (await sender.outbox_service.GetExchange(asked, CONTEXT)).document.Unpack(document)
    assert document == write_notice()
    [read] = [each for each in await readings(sender) if each.kind == READING_KIND_SENT]
    assert (read.exchange_id, read.reason) == (decided, "To check it.")


async def test_what_was_sent_about_victims_is_not_read_without_a_reason_for_that(
    sender: Member, decided: str
) -> None:
    asked = GetExchangeRequest(exchange_id=decided, document_reason="To check it.")
    answer = await sender.outbox_service.GetExchange(asked, CONTEXT)
    assert answer.masked
    assert not answer.HasField("document")
    assert not [each for each in await readings(sender) if each.kind == READING_KIND_SENT]
