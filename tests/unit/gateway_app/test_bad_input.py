"""Whatever comes in: a typed answer or a record, never a half-done exchange."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.message import Message
from publicprotection.exchange.v1 import outcome_pb2
from publicprotection.exchange.v1.header_pb2 import Header
from publicprotection.transport.v1 import packet_pb2

from gateway.app.envelopes import Arrival, Unusable
from gateway.app.tools import Limits
from gateway.core.agreements import Agreement
from gateway.core.decide import decide
from gateway.core.model import Case, Ruling
from services.kit.evidence.keys import SigningKey
from services.kit.evidence.seal import seal
from tests.support.gateway import NOW, Gateway, Parties, Sealed, open_gateway


async def reason_of(gateway: Gateway, sealed: Sealed) -> str:
    """Why a submission is rejected; checks that it is recorded, and that nothing else happens."""
    assert await gateway.take(sealed.arrival) == [None]
    [outcome], _ = await gateway.received(sealed.organisation)
    assert outcome.kind == outcome_pb2.OUTCOME_KIND_REJECTED
    assert outcome.exchange_id == sealed.exchange_id
    assert outcome.rejection.advice
    [row] = await gateway.records()
    entry = json.loads(row.entry or "")
    assert (entry["type"], entry["reason"]) == ("REJECTION", outcome.rejection.reason)
    assert row.record_hash == outcome.record_hash
    assert await gateway.take(sealed.arrival) == [None]
    assert len(await gateway.records()) == 1
    reason: str = outcome.rejection.reason
    return reason


def to_stranger(header: Header, _document: Message) -> None:
    header.recipients[0].organisation = "atlantis-police"


def to_unknown_desk(header: Header, _document: Message) -> None:
    header.recipients[0].desk = "no-such-desk"


def to_gateway(header: Header, _document: Message) -> None:
    header.recipients[0].organisation = header.recipients[0].desk = "gateway"


def to_one_twice(header: Header, _document: Message) -> None:
    header.recipients.add().CopyFrom(header.recipients[0])


def without_purpose(header: Header, _document: Message) -> None:
    header.ClearField("purpose")


def without_subject(_header: Header, document: Any) -> None:
    document.ClearField("subject")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (to_stranger, "RECIPIENT_UNKNOWN"),
        (to_unknown_desk, "RECIPIENT_UNKNOWN"),
        (to_gateway, "RECIPIENT_UNKNOWN"),
        (to_one_twice, "RECIPIENT_REPEATED"),
        (without_purpose, "DOCUMENT_INVALID"),
        (without_subject, "DOCUMENT_INVALID"),
    ],
)
async def test_submission_that_cannot_be_taken_is_rejected(
    gateway: Gateway, change: Any, reason: str
) -> None:
    assert await reason_of(gateway, gateway.step("contribution", change=change)) == reason


async def test_document_of_another_kind_of_sender_is_rejected(gateway: Gateway) -> None:
    notice = gateway.step("release-notice")
    police = gateway.parties.of_kind("POLICE")
    leaves = {**notice.leaves, "header.sender.organisation": police}
    assert await reason_of(gateway, resealed(gateway, police, leaves)) == "DOCUMENT_NOT_FOR_SENDER"


async def test_sender_other_than_the_signer_is_rejected(gateway: Gateway) -> None:
    notice = gateway.step("release-notice")
    assert (
        await reason_of(gateway, resealed(gateway, gateway.parties.of_kind("POLICE"), notice.leaves))
        == "SENDER_MISMATCH"
    )


@pytest.mark.parametrize(
    ("sealed_at", "reason"),
    [(NOW - timedelta(days=8), "STALE"), (NOW + timedelta(hours=1), "SEALED_IN_FUTURE")],
)
async def test_seal_of_another_time_is_rejected(gateway: Gateway, sealed_at: Any, reason: str) -> None:
    made = gateway.step("contribution")
    assert await reason_of(gateway, resealed(gateway, made.organisation, made.leaves, at=sealed_at)) == reason


@pytest.mark.parametrize(
    ("leaves", "reason"),
    [
        ({"type": "NoSuchDocument"}, "DOCUMENT_UNKNOWN"),
        ({"document.subject.name.nickname": "x"}, "DOCUMENT_MALFORMED"),
        ({"header.necessity": 7}, "DOCUMENT_MALFORMED"),
    ],
)
async def test_leaves_that_make_no_document_are_rejected(gateway: Gateway, leaves: Any, reason: str) -> None:
    made = gateway.step("contribution")
    assert await reason_of(gateway, resealed(gateway, made.organisation, {**made.leaves, **leaves})) == reason


def resealed(gateway: Gateway, sender: str, leaves: dict[str, Any], *, at: Any = NOW) -> Sealed:
    made = seal(leaves, exchange_id="exchange-2", issued_at=at, key=gateway.parties.signing[sender])
    return gateway.wrap(sender, "exchange-2", made.compact, leaves)


async def test_wrong_broker_user_is_set_aside_unopened(gateway: Gateway) -> None:
    sealed = gateway.step("contribution")
    for user in (None, gateway.parties.of_kind("DWP")):
        arrival = Arrival(sealed.organisation, user, sealed.body)
        assert await gateway.take(arrival) == [Unusable("WRONG_USER")]
    entries = [json.loads(row.entry or "") for row in await gateway.records()]
    assert [(entry["type"], entry["reason"]) for entry in entries] == [
        ("SUBMISSION_REFUSED", "WRONG_USER")
    ] * 2
    assert await gateway.received(sealed.organisation) == ([], [])


async def test_seal_by_another_queue_is_set_aside(gateway: Gateway) -> None:
    sealed = gateway.step("contribution")
    dwp = gateway.parties.of_kind("DWP")
    assert await gateway.take(Arrival(dwp, dwp, sealed.body)) == [Unusable("SEAL_OF_ANOTHER_ORGANISATION")]
    assert (await gateway.received(gateway.parties.of_kind("MAPPA_COORDINATION_UNIT")))[1] == []


@pytest.mark.parametrize("body", [b"", b"junk", b"\xff\xfe", b"a.b.c.d.e"])
async def test_malformed_bytes_are_set_aside_and_recorded_once(gateway: Gateway, body: bytes) -> None:
    police = gateway.parties.of_kind("POLICE")
    [unusable] = await gateway.take(Arrival(police, police, body))
    assert unusable is not None
    await gateway.take(Arrival(police, police, body))
    [row] = await gateway.records()
    assert row.type == "SUBMISSION_REFUSED"


async def test_packets_that_only_the_gateway_sends_are_set_aside(gateway: Gateway) -> None:
    police = gateway.parties.of_kind("POLICE")
    for packet in (
        packet_pb2.Packet(delivery=packet_pb2.Delivery(delivery_id="d")),
        packet_pb2.Packet(outcome=packet_pb2.OutcomeNotice(outcome="o")),
        packet_pb2.Packet(heartbeat=packet_pb2.Heartbeat(checkpoint="c")),
    ):
        body = gateway.close(police, packet)
        assert await gateway.take(Arrival(police, police, body)) == [Unusable("UNEXPECTED_CONTENT")]
    empty = gateway.close(police, packet_pb2.Packet())
    assert await gateway.take(Arrival(police, police, empty)) == [Unusable("EMPTY")]


async def test_seal_that_does_not_verify_is_told_to_whoever_the_broker_vouches_for(gateway: Gateway) -> None:
    made = gateway.step("contribution")
    stranger = SigningKey.generate(owner=made.organisation)
    forged = seal(made.leaves, exchange_id="exchange-3", issued_at=NOW, key=stranger)
    sealed = gateway.wrap(made.organisation, "exchange-3", forged.compact, made.leaves)
    assert await gateway.take(sealed.arrival) == [Unusable("SEAL_KEY_UNKNOWN")]
    [outcome], _ = await gateway.received(made.organisation)
    assert (outcome.exchange_id, outcome.rejection.reason) == ("exchange-3", "SEAL_INVALID")
    await gateway.take(sealed.arrival)
    assert await gateway.received(made.organisation) == ([], [])


async def test_forged_seal_cannot_unsettle_an_exchange_that_was_taken(gateway: Gateway) -> None:
    made = gateway.step("contribution")
    await gateway.take(made.arrival)
    await gateway.received(made.organisation)
    stranger = SigningKey.generate(owner=made.organisation)
    forged = seal(made.leaves, exchange_id=made.exchange_id, issued_at=NOW, key=stranger)
    sealed = gateway.wrap(made.organisation, made.exchange_id, forged.compact, made.leaves)
    await gateway.take(sealed.arrival)
    assert await gateway.received(made.organisation) == ([], [])


async def test_what_would_fit_no_packet_is_rejected_and_not_released_in_part(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Released on record and never published, it would be a warning that does not arrive."""
    monkeypatch.setattr(
        gateway.intake, "_tools", replace(gateway.tools, limits=Limits(packet_octets=8 << 10))
    )
    large, small = gateway.step("release-notice"), gateway.step("section-42")
    assert await gateway.take(large.arrival, small.arrival) == [Unusable("TOO_LARGE"), None]
    outcomes, _ = await gateway.received(large.organisation)
    assert [(each.exchange_id, each.rejection.reason) for each in outcomes] == [
        (large.exchange_id, "TOO_LARGE"),
        (small.exchange_id, ""),
    ]
    kinds = [row.type for row in await gateway.records()]
    assert kinds == ["SUBMISSION_REFUSED", "COLLECTION", "REFUSAL"]
    for kind in ("POLICE", "PROBATION", "CHILDRENS_SERVICES"):
        assert await gateway.received(gateway.parties.of_kind(kind)) == ([], [])


async def test_one_poisoned_submission_takes_no_other_with_it(parties: Parties, tmp_path: Path) -> None:
    poison = "restrictions"

    def stumble(case: Case, _: tuple[Agreement, ...]) -> tuple[Ruling, ...]:
        if case.document_type == "RestrictionNotice":
            raise ZeroDivisionError
        return decide(case, parties.world)

    async with open_gateway(parties, tmp_path, decide_by=stumble) as gateway:
        before, bad, after = gateway.step("contribution"), gateway.step(poison), gateway.step("section-42")
        results = await gateway.take(before.arrival, bad.arrival, after.arrival)
        assert results == [None, Unusable("FAULT"), None]
        kinds = [row.type for row in await gateway.records()]
        taken = ["COLLECTION", "DISCLOSURE", "SUBJECT_LINKED"]
        assert kinds == [*taken, "SUBMISSION_REFUSED", "COLLECTION", "REFUSAL"]
        async with gateway.store.reading() as unit:
            assert await unit.submissions.find(bad.exchange_id) is None
            assert await unit.submissions.find(after.exchange_id) is not None
        outcomes, _ = await gateway.received(bad.organisation)
        assert [outcome.rejection.reason for outcome in outcomes] == ["", "GATEWAY_FAULT"]
