"""An agency's service and answers to holds: who answers travels as authenticated, or is refused early."""

from datetime import timedelta
from typing import Any

import pytest
from publicprotection.exchange.v1 import answering_pb2, decision_pb2, hold_service_pb2, outcome_pb2
from publicprotection.exchange.v1.header_pb2 import Author

from services.kit.bus import MemoryBus
from services.kit.evidence.opening import OpenedSeal
from services.kit.exchange.errors import HoldEvidenceMissingError, HoldWrongPersonError
from tests.support.answering import evidence
from tests.support.exchanging import (
    CONTEXT,
    RECIPIENT,
    SENDER,
    GatewayStandIn,
    Member,
    World,
    write_header,
    write_notice,
)

HOLD = "h-1"


@pytest.fixture
async def opened(sender: Member, gateway: GatewayStandIn, gateway_bus: MemoryBus) -> OpenedSeal:
    await sender.outbox.submit(write_header(), write_notice())
    await sender.relay.publish_waiting()
    return gateway.open_seal(await gateway.take(gateway_bus, SENDER))


def held(*keys: answering_pb2.HoldKey, wants: tuple[str, ...] = (), **members: Any) -> decision_pb2.Held:
    kinds = [answering_pb2.EvidenceKind.Value(f"EVIDENCE_KIND_{kind}") for kind in wants]
    requirement = answering_pb2.AnswerRequirement(keys=keys, evidence=kinds)
    return decision_pb2.Held(
        hold_id=HOLD, prerequisite="CHAIR_PERMITS", organisation=RECIPIENT, requirement=requirement, **members
    )


async def tell(
    member: Member, gateway: GatewayStandIn, opened: OpenedSeal, waiting: decision_pb2.Held, **outcome: Any
) -> None:
    decisions = [decision_pb2.Decision(held=[waiting])]
    told = gateway.outcome(opened, addressee=RECIPIENT, decisions=decisions, sender=SENDER, **outcome)
    assert await member.intake.receive(gateway.received(RECIPIENT, outcome=told))


def granting(
    member: Member, *kinds: str, request_id: str = "grant-0001"
) -> hold_service_pb2.GrantHoldRequest:
    person = member.actor.require_person()
    return hold_service_pb2.GrantHoldRequest(
        hold_id=HOLD,
        request_id=request_id,
        author=Author(name=person.name, role=person.job),
        reason="The meeting agreed.",
        evidence=evidence(*kinds) if kinds else [],
    )


async def listed(member: Member) -> hold_service_pb2.Hold:
    request = hold_service_pb2.ListHoldsRequest(include_answered=True)
    (hold,) = (await member.hold_service.ListHolds(request, CONTEXT)).holds
    return hold


async def test_what_is_certain_to_be_refused_is_refused_here(
    recipient: Member, gateway: GatewayStandIn, opened: OpenedSeal
) -> None:
    chair = answering_pb2.HoldKey(jobs=["MEETING_CHAIR_OF_THE_AREA"])
    asked = {"kind": outcome_pb2.OUTCOME_KIND_HOLD_REQUESTED}
    await tell(recipient, gateway, opened, held(chair, wants=("MEETING",)), **asked)
    with pytest.raises(HoldWrongPersonError):
        await recipient.hold_service.GrantHold(granting(recipient, "MEETING"), CONTEXT)
    assert await recipient.packets() == []
    assert (await listed(recipient)).state == hold_service_pb2.HOLD_STATE_OPEN


async def test_a_grant_without_its_evidence_is_refused_and_with_it_is_sealed_with_the_person(
    recipient: Member, gateway: GatewayStandIn, gateway_bus: MemoryBus, opened: OpenedSeal
) -> None:
    asked = {"kind": outcome_pb2.OUTCOME_KIND_HOLD_REQUESTED}
    await tell(recipient, gateway, opened, held(answering_pb2.HoldKey(), wants=("MEETING",)), **asked)
    with pytest.raises(HoldEvidenceMissingError):
        await recipient.hold_service.GrantHold(granting(recipient), CONTEXT)
    await recipient.hold_service.GrantHold(granting(recipient, "MEETING"), CONTEXT)
    await recipient.relay.publish_waiting()
    leaves = gateway.open_seal(await gateway.take(gateway_bus, RECIPIENT)).leaves
    person = recipient.actor.require_person()
    said = {name: leaves[f"document.answerer.{name}"] for name in ("subject", "name", "job", "organisation")}
    assert said == {
        "subject": person.subject,
        "name": person.name,
        "job": person.job,
        "organisation": RECIPIENT,
    }


async def test_a_hold_with_one_key_turned_is_open_again_and_says_what_is_missing(
    recipient: Member, gateway: GatewayStandIn, opened: OpenedSeal, world: World
) -> None:
    keys = answering_pb2.HoldKey(), answering_pb2.HoldKey()
    await tell(recipient, gateway, opened, held(*keys), kind=outcome_pb2.OUTCOME_KIND_HOLD_REQUESTED)
    await recipient.hold_service.GrantHold(granting(recipient), CONTEXT)
    assert (await listed(recipient)).state == hold_service_pb2.HOLD_STATE_ANSWERED
    turned = held(*keys, turned=[answering_pb2.TurnedKey(key=0, job="CLERK")])
    kind = outcome_pb2.OUTCOME_KIND_HOLD_KEY_TURNED
    await tell(recipient, gateway, opened, turned, kind=kind, document_type="HoldAnswer")
    world.clock.moment += timedelta(hours=3)
    hold = await listed(recipient)
    assert (hold.state, list(hold.missing)) == (hold_service_pb2.HOLD_STATE_OPEN, [1])
    assert hold.age.ToTimedelta() == timedelta(hours=3)
    await recipient.hold_service.GrantHold(granting(recipient, request_id="grant-0002"), CONTEXT)
    assert (await listed(recipient)).state == hold_service_pb2.HOLD_STATE_ANSWERED


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        (outcome_pb2.OUTCOME_KIND_HOLD_LIFTED, hold_service_pb2.HOLD_STATE_LIFTED),
        (outcome_pb2.OUTCOME_KIND_EXPIRED, hold_service_pb2.HOLD_STATE_EXPIRED),
    ],
)
async def test_a_hold_that_ended_without_our_answer_is_shown_so(
    recipient: Member, gateway: GatewayStandIn, opened: OpenedSeal, kind: Any, state: int
) -> None:
    waiting = held(answering_pb2.HoldKey())
    await tell(recipient, gateway, opened, waiting, kind=outcome_pb2.OUTCOME_KIND_HOLD_REQUESTED)
    await tell(recipient, gateway, opened, waiting, kind=kind)
    hold = await listed(recipient)
    assert (hold.state, hold.HasField("age"), list(hold.missing)) == (state, False, [])
