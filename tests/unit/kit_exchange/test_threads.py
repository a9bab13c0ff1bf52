from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from publicprotection.exchange.v1 import inbox_service_pb2, thread_service_pb2
from publicprotection.exchange.v1.header_pb2 import Author
from publicprotection.exchange.v1.outcome_pb2 import OUTCOME_KIND_ACKNOWLEDGED, OUTCOME_KIND_HOLD_GRANTED
from publicprotection.exchange.v1.thread_service_pb2 import (
    THREAD_ENTRY_KIND_ACKNOWLEDGED as ACKNOWLEDGED,
)
from publicprotection.exchange.v1.thread_service_pb2 import THREAD_ENTRY_KIND_RECEIVED as RECEIVED
from publicprotection.exchange.v1.thread_service_pb2 import THREAD_ENTRY_KIND_RELEASED as RELEASED
from publicprotection.exchange.v1.thread_service_pb2 import THREAD_ENTRY_KIND_SENT as SENT

from services.kit.bus import MemoryBus
from services.kit.evidence.opening import OpenedSeal
from services.kit.exchange.threads import MAX_EXCHANGES
from services.kit.rpc.errors import NotFoundError
from services.kit.store.sent import Original, SentExchange
from tests.support.exchanging import (
    CONTEXT,
    DESK,
    NOW,
    RECIPIENT,
    SECRETS,
    SENDER,
    Change,
    GatewayStandIn,
    Member,
    World,
    token,
    unchanged,
    write_header,
    write_notice,
)

pytestmark = pytest.mark.both_databases

AUTHOR = Author(name="Jo Park", role="DUTY_OFFICER")
UNDERSTOOD = inbox_service_pb2.ACKNOWLEDGEMENT_KIND_UNDERSTOOD


@dataclass
class Post:
    """Carries what the two send to each other, a minute for each step."""

    world: World
    gateway: GatewayStandIn
    bus: MemoryBus
    members: dict[str, Member]

    async def send(self, sender: str, reply_to: str = "") -> OpenedSeal:
        self.tick()
        header = write_header(token(), **({"in_reply_to": reply_to} if reply_to else {}))
        header.recipients[0].organisation = self.other(sender)
        member = self.members[sender]
        await member.outbox.submit(header, write_notice())
        await member.relay.publish_waiting()
        while not (packet := await self.gateway.take(self.bus, sender)).HasField("submission"):
            pass  # receipts and acknowledgements go before it
        return self.gateway.open_seal(packet)

    async def deliver(self, opened: OpenedSeal, change: Change = unchanged, **how: Any) -> str:
        """Release to the other, and tell the sender; the id of the delivery."""
        self.tick()
        to = self.other(opened.issuer)
        delivery = self.gateway.release(opened, how.pop("paths", None), change, to=to)
        outcome = self.gateway.outcome(opened, delivery.statement, **how)
        await self.members[opened.issuer].intake.receive(
            self.gateway.received(opened.issuer, outcome=outcome)
        )
        self.tick()
        await self.members[to].intake.receive(self.gateway.received(to, delivery=delivery))
        return delivery.delivery_id

    async def pass_on(self, sender: str, reply_to: str = "") -> str:
        """Send and deliver; the id of the exchange."""
        opened = await self.send(sender, reply_to)
        await self.deliver(opened)
        return opened.exchange_id

    async def thread(self, organisation: str, exchange_id: str) -> thread_service_pb2.GetThreadResponse:
        request = thread_service_pb2.GetThreadRequest(exchange_id=exchange_id)
        return await self.members[organisation].thread_service.GetThread(request, CONTEXT)

    def tick(self) -> None:
        self.world.clock.moment += timedelta(minutes=1)

    def other(self, organisation: str) -> str:
        return RECIPIENT if organisation == SENDER else SENDER


@pytest.fixture
def post(
    world: World, gateway: GatewayStandIn, gateway_bus: MemoryBus, sender: Member, recipient: Member
) -> Post:
    return Post(world, gateway, gateway_bus, {SENDER: sender, RECIPIENT: recipient})


def steps(thread: thread_service_pb2.GetThreadResponse) -> list[tuple[int, str, str]]:
    return [(entry.kind, entry.exchange_id, entry.sender) for entry in thread.entries]


async def test_a_thread_is_the_same_from_whichever_exchange_it_is_asked_for(post: Post) -> None:
    enquiry = await post.pass_on(SENDER)
    answer = await post.pass_on(RECIPIENT, enquiry)
    thanks = await post.pass_on(SENDER, answer)
    beside = await post.pass_on(SENDER, enquiry)
    await post.pass_on(SENDER)

    for exchange_id in (enquiry, answer, thanks, beside):
        thread = await post.thread(SENDER, exchange_id)
        assert not thread.truncated
        assert steps(thread) == [
            (SENT, enquiry, SENDER),
            (RELEASED, enquiry, SENDER),
            (RECEIVED, answer, RECIPIENT),
            (SENT, thanks, SENDER),
            (RELEASED, thanks, SENDER),
            (SENT, beside, SENDER),
            (RELEASED, beside, SENDER),
        ]
        assert steps(await post.thread(RECIPIENT, exchange_id)) == [
            (RECEIVED, enquiry, SENDER),
            (SENT, answer, RECIPIENT),
            (RELEASED, answer, RECIPIENT),
            (RECEIVED, thanks, SENDER),
            (RECEIVED, beside, SENDER),
        ]


async def test_entries_say_what_answers_what_and_when(post: Post) -> None:
    enquiry = await post.pass_on(SENDER)
    answer = await post.pass_on(RECIPIENT, enquiry)

    entries = (await post.thread(RECIPIENT, answer)).entries

    assert [entry.in_reply_to for entry in entries] == ["", enquiry, enquiry]
    assert [entry.at.ToDatetime(NOW.tzinfo) for entry in entries] == [
        NOW + timedelta(minutes=minute) for minute in (3, 4, 5)
    ]
    assert {entry.document_type for entry in entries} == {"ReleaseNotice"}
    assert (entries[0].recipient.organisation, entries[0].recipient.desk) == (RECIPIENT, DESK)
    assert entries[2].recipient.organisation == SENDER


async def test_a_delivery_says_in_the_list_what_it_answers(post: Post, sender: Member) -> None:
    enquiry = await post.pass_on(SENDER)
    await post.pass_on(RECIPIENT, enquiry)

    listed = await sender.inbox_service.ListDeliveries(inbox_service_pb2.ListDeliveriesRequest(), CONTEXT)

    assert [summary.in_reply_to for summary in listed.deliveries] == [enquiry]


async def test_a_supplement_stands_in_the_thread_of_both(post: Post) -> None:
    opened = await post.send(SENDER)
    first = await post.deliver(opened)
    second = await post.deliver(
        opened,
        lambda statement: statement.model_copy(update={"supplementary_to": first}),
        kind=OUTCOME_KIND_HOLD_GRANTED,
    )

    for organisation, kind in ((SENDER, RELEASED), (RECIPIENT, RECEIVED)):
        found = (await post.thread(organisation, opened.exchange_id)).entries
        assert [(entry.delivery_id, entry.supplementary_to) for entry in found if entry.kind == kind] == [
            (first, ""),
            (second, first),
        ]


async def test_acknowledgements_stand_in_the_thread_of_both(post: Post, recipient: Member) -> None:
    opened = await post.send(SENDER)
    delivery_id = await post.deliver(opened)
    post.tick()
    request = inbox_service_pb2.AcknowledgeDeliveryRequest(
        delivery_id=delivery_id, kind=UNDERSTOOD, author=AUTHOR
    )
    await recipient.inbox_service.AcknowledgeDelivery(request, CONTEXT)
    post.tick()
    outcome = post.gateway.outcome(
        opened,
        kind=OUTCOME_KIND_ACKNOWLEDGED,
        delivery_id=delivery_id,
        recipient={"organisation": RECIPIENT, "desk": DESK},
    )
    await post.members[SENDER].intake.receive(post.gateway.received(SENDER, outcome=outcome))

    here = (await post.thread(RECIPIENT, opened.exchange_id)).entries[-1]
    there = (await post.thread(SENDER, opened.exchange_id)).entries[-1]

    assert (here.kind, here.delivery_id, here.acknowledged) == (ACKNOWLEDGED, delivery_id, UNDERSTOOD)
    assert (there.kind, there.delivery_id, there.recipient.desk) == (ACKNOWLEDGED, delivery_id, DESK)


async def test_what_has_expired_is_not_listed_and_still_links(post: Post) -> None:
    first = await post.send(SENDER)
    until = post.world.clock.moment + timedelta(minutes=10)
    await post.deliver(first, lambda statement: statement.model_copy(update={"not_after": until}))
    second = await post.pass_on(SENDER, first.exchange_id)
    third = await post.pass_on(SENDER, first.exchange_id)
    assert len((await post.thread(RECIPIENT, second)).entries) == 3

    post.world.clock.moment = until

    assert steps(await post.thread(RECIPIENT, second)) == [
        (RECEIVED, second, SENDER),
        (RECEIVED, third, SENDER),
    ]


async def test_what_was_not_released_links_nothing(post: Post) -> None:
    enquiry = await post.pass_on(RECIPIENT)
    opened = await post.send(SENDER, enquiry)
    await post.deliver(opened, paths=sorted(set(opened.leaves) - {"header.in_reply_to"}))

    assert steps(await post.thread(RECIPIENT, opened.exchange_id)) == [(RECEIVED, opened.exchange_id, SENDER)]


async def test_of_an_endless_thread_the_nearest_are_listed(post: Post, sender: Member) -> None:
    first = await post.pass_on(SENDER)

    async def answer(connection: Any) -> None:
        for number in range(MAX_EXCHANGES + 10):
            name = f"answer-{number:04}"
            sent = SentExchange(name, name, "0" * 64, "ReleaseNotice", 1, NOW, first, "0" * 64)
            await sender.records.sent.add(connection, sent, Original("seal", {}))

    await sender.records.store.write(answer)
    thread = await post.thread(SENDER, first)

    assert thread.truncated
    assert len({entry.exchange_id for entry in thread.entries}) == MAX_EXCHANGES
    assert first in {entry.exchange_id for entry in thread.entries}


async def test_nothing_is_found_about_an_exchange_of_others(post: Post) -> None:
    await post.pass_on(SENDER)
    with pytest.raises(NotFoundError):
        await post.thread(SENDER, "nothing")


async def test_a_thread_names_nobody(post: Post) -> None:
    enquiry = await post.pass_on(SENDER)
    await post.pass_on(RECIPIENT, enquiry)

    for organisation in (SENDER, RECIPIENT):
        text = str(await post.thread(organisation, enquiry))
        assert not [secret for secret in SECRETS if secret in text]
