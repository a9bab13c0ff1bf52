"""The subject register over mutual TLS: found, corrected, and by whom."""

from typing import Any

import grpc
import grpc.aio
import pytest
from publicprotection.common.v1.person_pb2 import (
    IDENTIFIER_SYSTEM_CRN,
    IDENTIFIER_SYSTEM_PNC_ID,
    Identifier,
    PersonName,
)
from publicprotection.exchange.v1.header_pb2 import PURPOSE_MANAGE_RISK
from publicprotection.oversight.v1.subject_service_pb2 import (
    CONFLICT_REASON_SAID_TO_DIFFER,
    CONFLICT_VERDICT_SAME_PERSON,
    Acting,
    ConfirmCandidateRequest,
    FindSubjectsRequest,
    ListCandidatesRequest,
    ListConflictsRequest,
    RejectCandidateRequest,
    ResolveConflictRequest,
    UnlinkRequest,
)
from publicprotection.oversight.v1.subject_service_pb2_grpc import SubjectServiceStub

from tests.integration.gateway.test_oversight_rpc import Served, served

__all__ = ["served"]

ACTING = Acting(reason="The prison sent another number.")
PNC = Identifier(system=IDENTIFIER_SYSTEM_PNC_ID, value="2009/0190441M")
CRN = Identifier(system=IDENTIFIER_SYSTEM_CRN, value="X904417")
ASKED: dict[str, Any] = {"purpose": PURPOSE_MANAGE_RISK, "acting": ACTING}


async def find(stub: Any, identifier: Identifier) -> Any:
    [match] = (
        await stub.FindSubjects(FindSubjectsRequest(**ASKED, identifiers=[identifier]), timeout=10)
    ).matches
    return match.subject


async def test_a_coordinator_parts_what_a_document_linked_and_decides_once(
    served: Served,
) -> None:
    unit = served.gateway.parties.of_kind("MAPPA_COORDINATION_UNIT")
    await served.gateway.take(served.gateway.step("contribution").arrival)
    async with served.channel(unit) as channel:
        stub = SubjectServiceStub(channel)
        subject = await find(stub, PNC)
        assert len(subject.entries) == 2
        apart = UnlinkRequest(acting=ACTING, subject=subject.subject, apart=[subject.entries[1].entry])
        assert (await stub.Unlink(apart, timeout=10)).undone == 1
        other = await find(stub, CRN)
        assert other.subject != subject.subject
        assert not (
            await stub.ListCandidates(ListCandidatesRequest(**ASKED, subject=subject.subject), timeout=10)
        ).candidates
        await served.gateway.take(served.gateway.step("restrictions").arrival)
        [conflict] = (await stub.ListConflicts(ListConflictsRequest(**ASKED), timeout=10)).conflicts
        assert conflict.reason == CONFLICT_REASON_SAID_TO_DIFFER
        verdict = ResolveConflictRequest(
            acting=ACTING, conflict_id=conflict.conflict_id, verdict=CONFLICT_VERDICT_SAME_PERSON
        )
        await stub.ResolveConflict(verdict, timeout=10)
        assert (await find(stub, CRN)).subject == (await find(stub, PNC)).subject
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await stub.ResolveConflict(verdict, timeout=10)
    assert refused.value.code() is grpc.StatusCode.FAILED_PRECONDITION


async def test_candidates_are_confirmed_and_rejected_by_name(served: Served) -> None:
    def by(identifier: Identifier) -> Any:
        def change(_header: Any, document: Any) -> None:
            del document.subject.identifiers[:]
            document.subject.identifiers.append(identifier)

        return change

    for identifier in (PNC, CRN):
        await served.gateway.take(served.gateway.step("contribution", change=by(identifier)).arrival)
    async with served.channel(served.gateway.parties.of_kind("MAPPA_COORDINATION_UNIT")) as channel:
        stub = SubjectServiceStub(channel)
        one, other = await find(stub, PNC), await find(stub, CRN)
        request = ListCandidatesRequest(**ASKED, subject=one.subject)
        [candidate] = (await stub.ListCandidates(request, timeout=10)).candidates
        assert candidate.subject == other
        pair = {"acting": ACTING, "subject": one.subject, "candidate": other.subject}
        linked = await stub.ConfirmCandidate(ConfirmCandidateRequest(**pair), timeout=10)
        assert linked.subject.links[0].said_by.reason == ACTING.reason
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await stub.RejectCandidate(RejectCandidateRequest(**pair), timeout=10)
    assert refused.value.code() is grpc.StatusCode.FAILED_PRECONDITION


@pytest.mark.parametrize(
    "changes",
    [
        {"acting": None},
        {"acting": Acting()},
        {"purpose": 0},
        {"identifiers": []},
        {"identifiers": [], "name": PersonName(family="Marr", given="Cal")},
    ],
)
async def test_nobody_is_looked_for_without_person_reason_and_purpose(
    served: Served, changes: dict[str, Any]
) -> None:
    unit = served.gateway.parties.of_kind("MAPPA_COORDINATION_UNIT")
    async with served.channel(unit) as channel:
        request = FindSubjectsRequest(**{**ASKED, "identifiers": [PNC], **changes})
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await SubjectServiceStub(channel).FindSubjects(request, timeout=10)
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert await served.gateway.records() == []


@pytest.mark.parametrize("kind", ["POLICE", "DWP"])
async def test_no_other_organisation_gets_in(served: Served, kind: str) -> None:
    async with served.channel(served.gateway.parties.of_kind(kind)) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await find(SubjectServiceStub(channel), PNC)
    assert refused.value.code() is grpc.StatusCode.PERMISSION_DENIED


async def test_who_is_not_there_is_not_found(served: Served) -> None:
    unit = served.gateway.parties.of_kind("MAPPA_COORDINATION_UNIT")
    async with served.channel(unit) as channel:
        request = ListCandidatesRequest(**ASKED, subject="nobody")
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await SubjectServiceStub(channel).ListCandidates(request, timeout=10)
    assert refused.value.code() is grpc.StatusCode.NOT_FOUND
