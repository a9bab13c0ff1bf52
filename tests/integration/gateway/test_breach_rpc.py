"""Breach cases over mutual TLS with two tokens: the own officer's, and nobody else's."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import grpc
import pytest
from publicprotection.oversight.v1 import breach_service_pb2 as pb2
from publicprotection.oversight.v1.breach_service_pb2_grpc import BreachServiceStub

from gateway.rpc.breaches import serve_breaches
from services.kit.access.actor import Role
from services.kit.rpc.client import read_refusal
from tests.support.gateway import NOW, Parties, open_gateway
from tests.support.retiring import arrive
from tests.support.served import Served, serve_gateway_parts

OFFICER = Role.DATA_PROTECTION_OFFICER
TIMEOUT_S = 20


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    async with open_gateway(Parties(), tmp_path) as gateway:
        law = gateway.parties.world.rulebook.breaches
        services = [serve_breaches(gateway.store, gateway.tools, lambda: law)]
        async with serve_gateway_parts(gateway, services) as running:
            yield running


def opening(aware_at: datetime = NOW) -> pb2.OpenBreachRequest:
    request = pb2.OpenBreachRequest(kind=pb2.BREACH_KIND_DISCLOSURE, reason="Sent to the wrong desk.")
    request.aware_at.FromDatetime(aware_at)
    return request


async def test_a_case_from_opening_to_export(served: Served) -> None:
    sealed = await arrive(served.gateway, "contribution")
    async with served.channel(served.gateway.parties.of_kind("PROBATION"), OFFICER) as channel:
        stub = BreachServiceStub(channel)
        opened = await stub.OpenBreach(opening(), timeout=TIMEOUT_S)
        breach_id = opened.breach.breach_id
        find = pb2.FindAffectedRequest(
            breach_id=breach_id, exchange_id=sealed.exchange_id, reason="The notice in question."
        )
        found = await stub.FindAffected(find, timeout=TIMEOUT_S)
        assert list(found.added) == [sealed.exchange_id]
        noting = pb2.NoteBreachStepRequest(breach_id=breach_id, step="CONTAINED", reason="Returned unread.")
        noting.taken_at.FromDatetime(NOW)
        noted = await stub.NoteBreachStep(noting, timeout=TIMEOUT_S)
        assert noted.breach.exchanges == 1
        shown = await stub.GetBreach(pb2.GetBreachRequest(breach_id=breach_id), timeout=TIMEOUT_S)
        assert [each.reason for each in shown.steps] == ["Returned unread."]
        export = pb2.ExportAffectedRequest(breach_id=breach_id, reason="For the Commissioner.")
        lines = b"".join([each.lines async for each in stub.ExportAffected(export, timeout=TIMEOUT_S)])
        assert lines.count(b"\n") > 1


async def test_a_step_that_there_is_not_says_which_there_are(served: Served) -> None:
    async with served.channel(served.gateway.parties.of_kind("POLICE"), OFFICER) as channel:
        stub = BreachServiceStub(channel)
        opened = await stub.OpenBreach(opening(), timeout=TIMEOUT_S)
        noting = pb2.NoteBreachStepRequest(
            breach_id=opened.breach.breach_id, step="TOLD_BY_TELEGRAM", reason="Sent."
        )
        noting.taken_at.FromDatetime(NOW)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await stub.NoteBreachStep(noting, timeout=TIMEOUT_S)
    (violation,) = read_refusal(refused.value).violations
    assert violation.field == "step"
    assert "COMMISSIONER_NOTIFIED" in violation.advice


async def test_what_is_not_known_yet_cannot_be_opened(served: Served) -> None:
    async with served.channel(served.gateway.parties.of_kind("POLICE"), OFFICER) as channel:
        tomorrow = NOW + timedelta(days=1)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await BreachServiceStub(channel).OpenBreach(opening(tomorrow), timeout=TIMEOUT_S)
    assert [each.field for each in read_refusal(refused.value).violations] == ["aware_at"]


async def test_another_s_case_is_not_found(served: Served) -> None:
    parties = served.gateway.parties
    async with served.channel(parties.of_kind("POLICE"), OFFICER) as channel:
        opened = await BreachServiceStub(channel).OpenBreach(opening(), timeout=TIMEOUT_S)
    async with served.channel(parties.of_kind("PROBATION"), OFFICER) as channel:
        request = pb2.GetBreachRequest(breach_id=opened.breach.breach_id)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await BreachServiceStub(channel).GetBreach(request, timeout=TIMEOUT_S)
    assert read_refusal(refused.value).reason == "NOT_FOUND"


@pytest.mark.parametrize("role", sorted(set(Role) - {OFFICER, Role.AGENCY_SYSTEM}))
async def test_nobody_but_an_officer_is_let_in(served: Served, role: Role) -> None:
    async with served.channel(served.gateway.parties.of_kind("POLICE"), role) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await BreachServiceStub(channel).ListBreaches(pb2.ListBreachesRequest(), timeout=TIMEOUT_S)
    assert read_refusal(refused.value).reason == "ROLE_NOT_ALLOWED"
