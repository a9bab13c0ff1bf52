"""Decisions whether to disclose to a third party: complete, by whoever may decide, kept whole, on record."""

from typing import Any

import pytest
from publicprotection.common.v1.date_pb2 import Date
from publicprotection.exchange.v1 import disclosure_pb2
from publicprotection.exchange.v1 import disclosure_service_pb2 as pb2
from publicprotection.transport.v1.packet_pb2 import Packet, Submission

from services.kit.access.actor import Clearance, Role, Scope
from services.kit.disclosures.errors import (
    DecisionIncompleteError,
    DecisionRefusedError,
    NotDeciderError,
    TellingRefusedError,
)
from services.kit.disclosures.service import DisclosureDecisionServicer
from services.kit.rpc.errors import ClearanceMissingError, NotFoundError, RequestReusedError
from tests.support.exchanging import GatewayStandIn, Member, token
from tests.support.third_party import considered, subject, told

pytestmark = pytest.mark.both_databases
CONTEXT: Any = None
REFERENCE = "case-0042"


@pytest.fixture
def service(sender: Member) -> DisclosureDecisionServicer:
    """The sender's, called by its chair."""
    sender.acts_as(Role.MEETING_CHAIR, Scope.ORGANISATION)
    return sender.served(DisclosureDecisionServicer(sender.participant, sender.records, sender.outbox))


def now_of(member: Member) -> Any:
    return member.participant.clock.now()


def day_of(member: Member, *, later: int = 0) -> dict[str, int]:
    at = now_of(member)
    return {"year": at.year + later, "month": at.month, "day": 1}


def complete(member: Member, **changes: Any) -> disclosure_pb2.DisclosureConsideration:
    days = {"decided_on": day_of(member), "review_by": day_of(member, later=1)}
    return considered(**days, **changes)


def recording(member: Member, **changes: Any) -> pb2.RecordDecisionRequest:
    return pb2.RecordDecisionRequest(
        request_id=token(),
        subject_reference=REFERENCE,
        subject=subject(),
        consideration=complete(member, **changes),
    )


async def record(service: DisclosureDecisionServicer, member: Member, **changes: Any) -> pb2.DecisionSummary:
    return (await service.RecordDecision(recording(member, **changes), CONTEXT)).summary


async def get(service: DisclosureDecisionServicer, decision_id: str) -> pb2.GetDecisionResponse:
    return await service.GetDecision(pb2.GetDecisionRequest(decision_id=decision_id), CONTEXT)


async def confirm(service: DisclosureDecisionServicer, decision_id: str) -> pb2.DecisionSummary:
    request = pb2.ConfirmDecisionRequest(decision_id=decision_id, request_id=token())
    return (await service.ConfirmDecision(request, CONTEXT)).summary


async def tell(
    service: DisclosureDecisionServicer, member: Member, decision_id: str, **changes: Any
) -> pb2.DecisionSummary:
    at = changes.pop("told_at", now_of(member).strftime("%Y-%m-%dT%H:%M:%SZ"))
    request = pb2.NoteToldRequest(
        decision_id=decision_id, request_id=token(), telling=told(told_at=at, **changes)
    )
    return (await service.NoteTold(request, CONTEXT)).summary


def acts(member: Member, role: Role, subject_id: str = "other", **more: Any) -> None:
    member.acts_as(role, Scope.ORGANISATION, name=subject_id, **more)


async def sent(member: Member) -> int:
    return len(await member.packets())


async def test_what_the_chair_records_is_decided_and_goes_on_record(
    service: DisclosureDecisionServicer, sender: Member, gateway: GatewayStandIn
) -> None:
    summary = await record(service, sender)
    assert (summary.state, summary.version) == (pb2.DECISION_STATE_DECIDED, 1)
    shown = await get(service, summary.decision_id)
    assert [each.kind for each in shown.events] == ["RECORDED", "DECIDED", "READ"]
    async with sender.records.store.read() as connection:
        original = await sender.records.sent.original(connection, shown.events[1].exchange_id)
    assert original is not None
    opened = gateway.open_seal(Packet(submission=Submission(seal=original.seal)))
    assert opened.leaves["document.decision_id"] == summary.decision_id
    assert shown.decided.content == "Must not be alone with children."
    assert shown.subject == subject()


@pytest.mark.parametrize("outcome", ["DO_NOT_DISCLOSE", "NOT_CONSIDERED"])
async def test_deciding_against_it_goes_on_record_too(
    service: DisclosureDecisionServicer, sender: Member, outcome: str
) -> None:
    summary = await record(service, sender, outcome=f"DISCLOSURE_OUTCOME_{outcome}")
    assert summary.outcome == disclosure_pb2.DisclosureOutcome.Value(f"DISCLOSURE_OUTCOME_{outcome}")
    assert await sent(sender) == 1


async def test_what_is_incomplete_is_refused_and_not_kept(
    service: DisclosureDecisionServicer, sender: Member
) -> None:
    """E-20: alternatives missing."""
    with pytest.raises(DecisionIncompleteError) as refused:
        await record(service, sender, alternatives_considered=None)
    (violation,) = refused.value.violations
    assert violation.field == "consideration.alternatives_considered"
    assert violation.advice.startswith("ALTERNATIVES_MISSING")
    listed = await service.ListDecisions(pb2.ListDecisionsRequest(), CONTEXT)
    assert (len(listed.decisions), await sent(sender)) == (0, 0)


async def test_what_somebody_else_writes_waits_for_the_chair(
    service: DisclosureDecisionServicer, sender: Member
) -> None:
    acts(sender, Role.PRACTITIONER, "writer")
    summary = await record(service, sender)
    assert summary.state == pb2.DECISION_STATE_PROPOSED
    assert await sent(sender) == 0
    with pytest.raises(NotDeciderError):
        await confirm(service, summary.decision_id)
    acts(sender, Role.MEETING_CHAIR, "chair")
    assert (await confirm(service, summary.decision_id)).state == pb2.DECISION_STATE_DECIDED
    assert await sent(sender) == 1
    with pytest.raises(DecisionRefusedError):
        await confirm(service, summary.decision_id)


async def test_what_needs_two_people_is_not_decided_by_its_writer(
    service: DisclosureDecisionServicer, sender: Member
) -> None:
    """S13, 23.29: about somebody under 18."""
    child = {
        "subject_under_18": True,
        "youth_offending_consulted": True,
        "childrens_services_consulted": True,
    }
    summary = await record(service, sender, **child)
    assert summary.state == pb2.DECISION_STATE_PROPOSED
    with pytest.raises(NotDeciderError) as refused:
        await confirm(service, summary.decision_id)
    assert refused.value.codes == {"obstacle": "AUTHOR"}
    acts(sender, Role.MEETING_CHAIR, "another chair", desk="another-desk")
    assert (await confirm(service, summary.decision_id)).state == pb2.DECISION_STATE_DECIDED


async def test_an_amendment_overwrites_nothing(service: DisclosureDecisionServicer, sender: Member) -> None:
    summary = await record(service, sender)
    later = complete(sender, outcome="DISCLOSURE_OUTCOME_DO_NOT_DISCLOSE", reasons="The partner has moved.")
    request = pb2.AmendDecisionRequest(
        decision_id=summary.decision_id, request_id=token(), consideration=later, reason="New address."
    )
    amended = (await service.AmendDecision(request, CONTEXT)).summary
    assert (amended.version, amended.outcome) == (2, disclosure_pb2.DISCLOSURE_OUTCOME_DO_NOT_DISCLOSE)
    again = (await service.AmendDecision(request, CONTEXT)).summary
    assert again == amended
    events = (await get(service, summary.decision_id)).events
    assert [each.kind for each in events] == ["RECORDED", "DECIDED", "AMENDED", "DECIDED", "READ"]
    assert events[0].consideration.outcome == disclosure_pb2.DISCLOSURE_OUTCOME_DISCLOSE
    assert events[2].reason == "New address."
    assert len({events[1].exchange_id, events[3].exchange_id}) == 2
    with pytest.raises(DecisionRefusedError):
        await tell(service, sender, summary.decision_id)


async def test_who_was_told_is_noted_after_the_decision(
    service: DisclosureDecisionServicer, sender: Member
) -> None:
    summary = await record(service, sender)
    noted = await tell(service, sender, summary.decision_id)
    assert (noted.state, noted.told) == (pb2.DECISION_STATE_TOLD, 1)
    event = (await get(service, summary.decision_id)).events[2]
    assert (event.kind, event.telling.told_by, event.telling.told_to) == ("TOLD", "Sam Reed", "Wren Ashgrove")
    assert event.exchange_id
    assert await sent(sender) == 2


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"understands_confidentiality": None}, "CONFIDENTIALITY_NOT_UNDERSTOOD"),
        ({"photograph": "PHOTOGRAPH_USE_SHOWN"}, "PHOTOGRAPH_NOT_DECIDED"),
        ({"method": "DISCLOSURE_METHOD_SELF_DISCLOSURE"}, "NOT_FOLLOWED_UP"),
        ({"told_at": "2999-01-01T00:00:00Z"}, "TOLD_IN_FUTURE"),
    ],
)
async def test_what_was_not_told_as_decided_is_refused(
    service: DisclosureDecisionServicer, sender: Member, changes: dict[str, Any], code: str
) -> None:
    summary = await record(service, sender)
    with pytest.raises(TellingRefusedError) as refused:
        await tell(service, sender, summary.decision_id, **changes)
    assert [each.advice.split(":")[0] for each in refused.value.violations] == [code]
    assert await sent(sender) == 1


async def test_nobody_is_told_before_it_is_decided(
    service: DisclosureDecisionServicer, sender: Member
) -> None:
    acts(sender, Role.PRACTITIONER, "writer")
    summary = await record(service, sender)
    with pytest.raises(DecisionRefusedError) as refused:
        await tell(service, sender, summary.decision_id)
    assert refused.value.codes == {"obstacle": "NOT_DECIDED"}


async def test_the_same_request_again_records_nothing(
    service: DisclosureDecisionServicer, sender: Member
) -> None:
    request = recording(sender)
    first = (await service.RecordDecision(request, CONTEXT)).summary
    assert (await service.RecordDecision(request, CONTEXT)).summary == first
    assert await sent(sender) == 1
    request.subject_reference = "case-0043"
    with pytest.raises(RequestReusedError):
        await service.RecordDecision(request, CONTEXT)


async def test_decisions_are_found_by_person_state_and_review(
    service: DisclosureDecisionServicer, sender: Member
) -> None:
    decided = await record(service, sender)
    acts(sender, Role.PRACTITIONER, "writer")
    proposed = await record(service, sender)

    async def ids(**query: Any) -> list[str]:
        found = await service.ListDecisions(pb2.ListDecisionsRequest(**query), CONTEXT)
        return [each.decision_id for each in found.decisions]

    assert await ids(subject_reference="CASE-0042 ") == [decided.decision_id, proposed.decision_id]
    assert await ids(subject_reference="case-0043") == []
    assert await ids(state=pb2.DECISION_STATE_PROPOSED) == [proposed.decision_id]
    assert await ids(due_for_review=True) == []
    assert decided.review_by == Date(**day_of(sender, later=1))


async def test_another_desk_is_not_shown_what_is_not_its_own(
    service: DisclosureDecisionServicer, sender: Member
) -> None:
    summary = await record(service, sender)
    sender.acts_as(Role.PRACTITIONER, Scope.DESK, desk="another-desk")
    with pytest.raises(NotFoundError):
        await get(service, summary.decision_id)
    assert not (await service.ListDecisions(pb2.ListDecisionsRequest(), CONTEXT)).decisions


async def test_terrorism_is_for_those_who_are_cleared(
    service: DisclosureDecisionServicer, sender: Member
) -> None:
    with pytest.raises(ClearanceMissingError):
        await record(service, sender, counter_terrorism=True)
    acts(sender, Role.MEETING_CHAIR, "cleared", clearances=frozenset({Clearance.TERRORISM}))
    summary = await record(service, sender, counter_terrorism=True)
    acts(sender, Role.MEETING_CHAIR, "not cleared")
    with pytest.raises(NotFoundError):
        await get(service, summary.decision_id)
    assert not (await service.ListDecisions(pb2.ListDecisionsRequest(), CONTEXT)).decisions


async def test_nothing_personal_is_readable_in_the_store(
    service: DisclosureDecisionServicer, sender: Member
) -> None:
    await record(service, sender)
    async with sender.records.store.read() as connection:
        for table in ("disclosure_decision", "disclosure_event"):
            rows = [str(row) for row in await connection.exec_driver_sql(f"SELECT * FROM {table}")]  # noqa: S608
            assert rows
            for personal in ("Quillfeather", "Ashgrove", REFERENCE, "children"):
                assert not any(personal in row for row in rows)
