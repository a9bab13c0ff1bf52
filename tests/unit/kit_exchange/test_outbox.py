import asyncio
from dataclasses import replace
from typing import Any

import pytest
from google.protobuf.message import Message
from publicprotection.exchange.v1.facts_pb2 import ANSWER_YES, Fact, Facts, PartyFact
from publicprotection.exchange.v1.gateway_documents_pb2 import HoldAnswer
from publicprotection.exchange.v1.header_pb2 import Author, Header, Provenance
from publicprotection.exchange.v1.outbox_service_pb2 import EXCHANGE_STATE_ACCEPTED

from services.kit.bus import MemoryBus
from services.kit.directory import GATEWAY
from services.kit.evidence.keys import KeySet
from services.kit.evidence.leaves import unflatten
from services.kit.exchange.errors import (
    ForeignFactError,
    ForeignSenderError,
    GatewayKeyMissingError,
    NotSealableError,
    OutboxFullError,
    RepeatedRecipientError,
    UnknownFieldsError,
    UnknownPartError,
)
from services.kit.exchange.outbox import Outbox
from services.kit.rpc.errors import CallError, RequestReusedError, TooLargeError, UnknownRecipientError
from tests.support.exchanging import (
    DESK,
    NOW,
    RECIPIENT,
    SENDER,
    GatewayStandIn,
    Member,
    World,
    write_header,
    write_notice,
)

pytestmark = pytest.mark.both_databases


async def sealed_header(
    sender: Member, gateway: GatewayStandIn, bus: MemoryBus
) -> tuple[Header, dict[str, object]]:
    """The header as the gateway opens it, and all leaves."""
    await sender.relay.publish_waiting()
    opened = gateway.open_seal(await gateway.take(bus, SENDER))
    leaves = {path: value for path, value in opened.leaves.items() if path.startswith("header")}
    return unflatten(leaves, Header, prefix="header"), dict(opened.leaves)


async def test_an_exchange_is_sealed_and_committed_with_its_packet(
    sender: Member, gateway: GatewayStandIn, gateway_bus: MemoryBus
) -> None:
    acceptance = await sender.outbox.submit(write_header(), write_notice())
    assert acceptance.exchange_id
    assert not acceptance.repeated_request
    assert acceptance.accepted_at.ToDatetime(NOW.tzinfo) == NOW
    assert await sender.packets() == [("submission", False)]
    header, leaves = await sealed_header(sender, gateway, gateway_bus)
    assert leaves["type"] == "ReleaseNotice"
    assert leaves["document.subject.name.family"] == "Marsh"
    assert header.sender.organisation == SENDER
    assert header.author.name == "Sam Reed"


async def test_a_repeated_request_gives_the_first_acceptance_and_sends_nothing(sender: Member) -> None:
    first = await sender.outbox.submit(write_header(), write_notice())
    again = await sender.outbox.submit(write_header(), write_notice())
    assert (again.exchange_id, again.repeated_request) == (first.exchange_id, True)
    assert again.accepted_at == first.accepted_at
    assert await sender.packets() == [("submission", False)]


async def test_a_repeated_request_is_answered_even_if_its_recipient_has_left(
    sender: Member, world: World
) -> None:
    first = await sender.outbox.submit(write_header(), write_notice())
    organisations = {
        name: entry for name, entry in world.directory.organisations.items() if name != RECIPIENT
    }
    world.directory = replace(world.directory, organisations=organisations)
    again = await sender.outbox.submit(write_header(), write_notice())
    assert (again.exchange_id, again.repeated_request) == (first.exchange_id, True)
    with pytest.raises(UnknownRecipientError):
        await sender.outbox.submit(write_header("request-other"), write_notice())


async def test_the_same_request_at_the_same_time_is_one_exchange(sender: Member) -> None:
    answers = await asyncio.gather(*(sender.outbox.submit(write_header(), write_notice()) for _ in range(8)))
    assert len({answer.exchange_id for answer in answers}) == 1
    assert [answer.repeated_request for answer in answers].count(False) == 1
    assert await sender.packets() == [("submission", False)]


async def test_a_request_id_with_another_body_is_refused(sender: Member) -> None:
    first = await sender.outbox.submit(write_header(), write_notice())
    other = write_notice()
    other.staff_at_risk = False
    with pytest.raises(RequestReusedError) as refused:
        await sender.outbox.submit(write_header(), other)
    assert refused.value.codes == {"exchange_id": first.exchange_id}
    with pytest.raises(RequestReusedError):
        await sender.outbox.submit(write_header(necessity="Another reason."), write_notice())
    assert await sender.packets() == [("submission", False)]


def sent_by(organisation: str, desk: str) -> dict[str, Any]:
    return {"sender": {"organisation": organisation, "desk": desk}}


def sent_to(*recipients: tuple[str, str]) -> dict[str, Any]:
    return {"recipients": [{"organisation": name, "desk": desk} for name, desk in recipients]}


def owned(prefix: str) -> dict[str, Any]:
    return {"provenance": [{"prefix": prefix}]}


@pytest.mark.parametrize(
    ("change", "refusal", "field"),
    [
        (sent_by(RECIPIENT, DESK), ForeignSenderError, "header.sender.organisation"),
        (sent_by(SENDER, "nowhere"), ForeignSenderError, "header.sender.desk"),
        (sent_to(("nobody", DESK)), UnknownRecipientError, "header.recipients[0]"),
        (sent_to((RECIPIENT, DESK), (RECIPIENT, "no")), UnknownRecipientError, "header.recipients[1]"),
        (sent_to((GATEWAY, GATEWAY)), UnknownRecipientError, "header.recipients[0]"),
        (sent_to((RECIPIENT, DESK), (RECIPIENT, DESK)), RepeatedRecipientError, "header.recipients[1]"),
        (owned("document.victims[2]"), UnknownPartError, "header.provenance[0].prefix"),
        (owned("document.victim"), UnknownPartError, "header.provenance[0].prefix"),
        (
            {"facts": {"mappa_managed": {"answer": ANSWER_YES, "organisation": RECIPIENT}}},
            ForeignFactError,
            "header.facts.mappa_managed.organisation",
        ),
        (
            {"facts": {"owner_agrees": [{"party": "document.victims[7]", "fact": {"answer": ANSWER_YES}}]}},
            UnknownPartError,
            "header.facts.owner_agrees[0].party",
        ),
    ],
)
async def test_what_the_header_may_not_say_is_refused_and_stores_nothing(
    sender: Member, change: dict[str, Any], refusal: type[CallError], field: str
) -> None:
    with pytest.raises(refusal) as refused:
        await sender.outbox.submit(write_header(**change), write_notice())
    assert [violation.field for violation in refused.value.violations] == [field]
    assert await sender.packets() == []


async def test_parts_are_named_by_label_when_sealed(
    sender: Member, gateway: GatewayStandIn, gateway_bus: MemoryBus
) -> None:
    header = write_header(
        provenance=[Provenance(prefix="document.victims[1]", owner=RECIPIENT)],
        facts=Facts(
            mappa_managed=Fact(answer=ANSWER_YES),
            owner_agrees=[PartyFact(party="document.victims[0].risk", fact=Fact(answer=ANSWER_YES))],
            associate_designated=[PartyFact(party="dwp-kent", fact=Fact(answer=ANSWER_YES))],
        ),
    )
    await sender.outbox.submit(header, write_notice())
    sealed, leaves = await sealed_header(sender, gateway, gateway_bus)
    assert leaves[f"{sealed.provenance[0].prefix}.person.name.given"] == "Una"
    assert leaves[sealed.facts.owner_agrees[0].party] == "An injunction is in force."
    assert sealed.facts.owner_agrees[0].fact.organisation == SENDER
    assert sealed.facts.mappa_managed.organisation == SENDER
    assert sealed.facts.associate_designated[0].party == "dwp-kent"
    assert header.provenance[0].prefix == "document.victims[1]"  # the caller's is untouched


def with_unknown_field() -> Message:
    notice = write_notice()
    notice.subject.MergeFromString(b"\xfa\x3f\x03abc")  # field 1023, a text
    return notice


async def test_a_field_that_could_not_be_sealed_is_refused_and_not_lost(sender: Member) -> None:
    with pytest.raises(UnknownFieldsError) as refused:
        await sender.outbox.submit(write_header(), with_unknown_field())
    assert refused.value.violations[0].field == "document.subject"


async def test_a_value_without_a_written_form_is_refused(sender: Member) -> None:
    notice = write_notice()
    notice.release_date.year, notice.release_date.day = 2026, 3
    with pytest.raises(NotSealableError) as refused:
        await sender.outbox.submit(write_header(), notice)
    assert refused.value.violations[0].field == "document.release_date"


async def test_what_fits_no_packet_is_refused(sender: Member) -> None:
    notice = write_notice()
    notice.narrative = "x" * (4 << 20)
    with pytest.raises(TooLargeError):
        await sender.outbox.submit(write_header(), notice)
    assert await sender.packets() == []


@pytest.mark.parametrize(
    "change",
    [{"valid_until": NOW}, {"keys": KeySet([])}],
    ids=["stale directory", "no key of the gateway"],
)
async def test_without_a_key_of_the_gateway_nothing_is_accepted(
    sender: Member, world: World, change: dict[str, Any]
) -> None:
    world.directory = replace(world.directory, **change)
    with pytest.raises(GatewayKeyMissingError):
        await sender.outbox.submit(write_header(), write_notice())
    assert await sender.packets() == []


async def test_what_is_said_to_the_gateway_goes_to_the_gateway(
    sender: Member, gateway: GatewayStandIn, gateway_bus: MemoryBus
) -> None:
    author = Author(name="Sam Reed", role="CUSTODY_MANAGER")
    acceptance = await sender.outbox.submit_to_gateway(
        HoldAnswer(hold_id="h-1", reason="We agree."),
        request_id="request-0002",
        author=author,
        necessity="We agree.",
        in_reply_to="e-1",
    )
    header, leaves = await sealed_header(sender, gateway, gateway_bus)
    assert [(to.organisation, to.desk) for to in header.recipients] == [(GATEWAY, GATEWAY)]
    assert (leaves["type"], header.in_reply_to) == ("HoldAnswer", "e-1")
    async with sender.records.store.read() as connection:
        sent = await sender.records.sent.find(connection, acceptance.exchange_id)
    assert sent is not None
    assert sent.in_reply_to == "e-1"
    assert sent.state > EXCHANGE_STATE_ACCEPTED


async def test_what_cannot_leave_for_long_is_not_accepted_without_end(
    sender: Member,
) -> None:
    full = Outbox(sender.participant, sender.records, most_waiting=2)
    for number in range(3):
        await full.submit(write_header(f"request-{number:04}"), write_notice())
    with pytest.raises(OutboxFullError) as refusal:
        await full.submit(write_header("request-0009"), write_notice())
    assert refusal.value.retry_after_s
    repeated = await full.submit(write_header("request-0000"), write_notice())
    assert repeated.repeated_request  # what was accepted stands
    assert await sender.relay.publish_waiting()
    assert (await full.submit(write_header("request-0009"), write_notice())).exchange_id
