"""Legal holds and erasure over mutual TLS: by whom, with what, and what is said where it is refused."""

from typing import Any

import grpc
import grpc.aio
import pytest
from publicprotection.oversight.v1 import retention_service_pb2 as pb2
from publicprotection.oversight.v1.disclosure_log_service_pb2 import LOG_PURPOSE_SELF_MONITORING
from publicprotection.oversight.v1.retention_service_pb2_grpc import RetentionServiceStub
from publicprotection.oversight.v1.subject_service_pb2 import Acting

from tests.integration.gateway.test_oversight_rpc import Served, served
from tests.support.retiring import ACTING, arrive, put_in_order, subject_of, texts_open

__all__ = ["served"]

ASKED: dict[str, Any] = {"purpose": LOG_PURPOSE_SELF_MONITORING, "acting": ACTING}


def unit_of(served: Served) -> str:
    return served.gateway.parties.of_kind("MAPPA_COORDINATION_UNIT")


async def test_a_subject_is_held_then_erased(served: Served) -> None:
    sealed = await arrive(served.gateway, "contribution")
    subject = await subject_of(served.gateway, sealed)
    erase = pb2.EraseSubjectRequest(acting=ACTING, subject=subject, recall=True)
    async with served.channel(unit_of(served)) as channel:
        stub = RetentionServiceStub(channel)
        request = pb2.PlaceLegalHoldRequest(acting=ACTING, subject=subject)
        held = (await stub.PlaceLegalHold(request, timeout=10)).legal_hold_id
        [listed] = (await stub.ListLegalHolds(pb2.ListLegalHoldsRequest(**ASKED), timeout=10)).legal_holds
        assert (listed.legal_hold_id, listed.subject) == (held, subject)
        assert (listed.placed_by.person, listed.placed_by.reason) == ("Ines Vale", ACTING.reason)
        refused = await stub.EraseSubject(erase, timeout=10)
        assert not refused.HasField("erased")
        assert {each.legal_hold_id for each in refused.obstacles} == {held}
        lift = pb2.LiftLegalHoldRequest(acting=ACTING, legal_hold_id=held)
        await stub.LiftLegalHold(lift, timeout=10)
        with pytest.raises(grpc.aio.AioRpcError) as again:
            await stub.LiftLegalHold(lift, timeout=10)
        assert again.value.code() is grpc.StatusCode.FAILED_PRECONDITION
        assert not (await stub.ListLegalHolds(pb2.ListLegalHoldsRequest(**ASKED), timeout=10)).legal_holds
        done = await stub.EraseSubject(erase, timeout=10)
        assert list(done.erased.exchanges) == [sealed.exchange_id]
        with pytest.raises(grpc.aio.AioRpcError) as gone:
            await stub.EraseSubject(erase, timeout=10)
        assert gone.value.code() is grpc.StatusCode.NOT_FOUND
        # What it was about is nobody's any more, of no area.
        with pytest.raises(grpc.aio.AioRpcError) as lifted:
            await stub.LiftLegalHold(lift, timeout=10)
        assert lifted.value.code() is grpc.StatusCode.NOT_FOUND
    assert await texts_open(served.gateway, sealed.exchange_id) == 0


async def test_an_exchange_is_due_and_erased(served: Served) -> None:
    sealed = await arrive(served.gateway, "contribution")
    await put_in_order(served.gateway)
    async with served.channel(unit_of(served)) as channel:
        stub = RetentionServiceStub(channel)
        assert not (await stub.ListDue(pb2.ListDueRequest(**ASKED), timeout=10)).due
        request = pb2.ListDueRequest(**ASKED)
        request.until.FromJsonString("2099-01-01T00:00:00Z")
        due = (await stub.ListDue(request, timeout=10)).due
        [item] = [each for each in due if each.exchange_id]
        assert (item.retention_class, item.then) == ("MAPPA_CASE", pb2.RETENTION_END_PRUNE)
        assert item.due_at.ToJsonString().startswith("2051-11-23")
        erase = pb2.EraseExchangeRequest(acting=ACTING, exchange_id=sealed.exchange_id, recall=True)
        assert (await stub.EraseExchange(erase, timeout=10)).erased.keys_destroyed == 1


@pytest.mark.parametrize(
    "request_",
    [
        pb2.PlaceLegalHoldRequest(acting=ACTING),
        pb2.PlaceLegalHoldRequest(acting=ACTING, subject="a", exchange_id="b"),
        pb2.PlaceLegalHoldRequest(subject="a"),
        pb2.PlaceLegalHoldRequest(acting=Acting(), subject="a"),
    ],
)
async def test_nothing_is_held_without_person_role_and_reason(
    served: Served, request_: pb2.PlaceLegalHoldRequest
) -> None:
    async with served.channel(unit_of(served)) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await RetentionServiceStub(channel).PlaceLegalHold(request_, timeout=10)
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert await served.gateway.records() == []


@pytest.mark.parametrize("kind", ["POLICE", "PROBATION", "DWP"])
async def test_no_other_organisation_erases(served: Served, kind: str) -> None:
    async with served.channel(served.gateway.parties.of_kind(kind)) as channel:
        erase = pb2.EraseExchangeRequest(acting=ACTING, exchange_id="any", recall=True)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await RetentionServiceStub(channel).EraseExchange(erase, timeout=10)
    assert refused.value.code() is grpc.StatusCode.PERMISSION_DENIED
