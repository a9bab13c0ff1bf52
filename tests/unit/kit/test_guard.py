"""The guard around handlers, on a real server: deadlines, streams, callers."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import grpc
import grpc.aio
import pytest
from publicprotection.exchange.v1 import outbox_service_pb2, outbox_service_pb2_grpc

from deploy.certificates import CertificateAuthority
from services.kit.access.peer import Peer, identify
from services.kit.rpc.client import read_refusal
from services.kit.rpc.errors import UnidentifiedCallerError
from services.kit.rpc.service import serve
from services.kit.settings import Limits
from services.kit.store import StoreUnavailableError
from services.partner.profile import PROFILE
from tests.support.agency_server import Served, run_service

URN = b"urn:publicprotection:organisation:"


class SlowOutbox(outbox_service_pb2_grpc.OutboxServiceServicer):
    """Never answers a list; streams one outcome and then waits."""

    async def ListExchanges(self, _request: Any, _context: Any) -> Any:  # noqa: N802 - gRPC's name
        await asyncio.Event().wait()

    async def GetExchange(self, _request: Any, _context: Any) -> Any:  # noqa: N802 - gRPC's name
        raise TimeoutError

    async def WatchOutcomes(self, _request: Any, _context: Any) -> AsyncIterator[Any]:  # noqa: N802 - gRPC's name
        yield outbox_service_pb2.WatchOutcomesResponse(position=1)
        await asyncio.Event().wait()


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    slow = serve(
        outbox_service_pb2_grpc.add_OutboxServiceServicer_to_server,
        SlowOutbox(),
        outbox_service_pb2.DESCRIPTOR.services_by_name["OutboxService"],
    )
    limits = Limits(call_deadline_s=0.2, max_streams=1, shutdown_grace_s=0.1)
    authority = CertificateAuthority.create()
    async with run_service(PROFILE, authority=authority, limits=limits, more=[slow]) as running:
        yield running


class FullOutbox(SlowOutbox):
    """Stands on a store that is full."""

    async def ListExchanges(self, _request: Any, _context: Any) -> Any:  # noqa: N802 - gRPC's name
        raise StoreUnavailableError("OperationalError")


async def test_a_store_that_is_away_is_no_fault_of_the_call() -> None:
    full = serve(
        outbox_service_pb2_grpc.add_OutboxServiceServicer_to_server,
        FullOutbox(),
        outbox_service_pb2.DESCRIPTOR.services_by_name["OutboxService"],
    )
    async with (
        run_service(PROFILE, authority=CertificateAuthority.create(), more=[full]) as running,
        running.channel() as channel,
    ):
        with pytest.raises(grpc.aio.AioRpcError) as away:
            await outbox(channel).ListExchanges(outbox_service_pb2.ListExchangesRequest())
    assert (away.value.code(), read_refusal(away.value).reason) == (
        grpc.StatusCode.UNAVAILABLE,
        "UNAVAILABLE",
    )


def outbox(channel: grpc.aio.Channel) -> Any:
    open_stub: Any = outbox_service_pb2_grpc.OutboxServiceStub
    return open_stub(channel)


async def test_a_call_without_a_deadline_gets_one(served: Served) -> None:
    async with served.channel() as channel:
        with pytest.raises(grpc.aio.AioRpcError) as late:
            await outbox(channel).ListExchanges(outbox_service_pb2.ListExchangesRequest())
    assert read_refusal(late.value).reason == "TIMED_OUT"


async def test_a_handlers_own_timeout_is_a_fault(served: Served) -> None:
    request = outbox_service_pb2.GetExchangeRequest(exchange_id="1")
    async with served.channel() as channel:
        with pytest.raises(grpc.aio.AioRpcError) as failed:
            await outbox(channel).GetExchange(request)
    assert read_refusal(failed.value).reason == "INTERNAL"


async def test_requests_of_handwritten_services_are_validated(served: Served) -> None:
    request = outbox_service_pb2.ListExchangesRequest(page_size=501)
    async with served.channel() as channel:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await outbox(channel).ListExchanges(request)
    assert [violation.field for violation in read_refusal(refused.value).violations] == ["page_size"]


async def test_one_stream_too_many_is_refused_until_another_ends(served: Served) -> None:
    request = outbox_service_pb2.WatchOutcomesRequest()
    async with served.channel() as channel:
        first = outbox(channel).WatchOutcomes(request)
        assert (await first.read()).position == 1
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await outbox(channel).WatchOutcomes(request).read()
        assert read_refusal(refused.value).reason == "OVERLOADED"
        first.cancel()
        async with asyncio.timeout(5):
            while not await _watch(channel):
                await asyncio.sleep(0.02)


async def _watch(channel: grpc.aio.Channel) -> bool:
    try:
        call = outbox(channel).WatchOutcomes(outbox_service_pb2.WatchOutcomesRequest())
        return bool((await call.read()).position == 1)
    except grpc.aio.AioRpcError:
        return False


def test_a_caller_is_known_by_the_one_organisation_in_its_certificate() -> None:
    context = {"peer_uri": [URN + b"own-body"], "x509_pem_cert": [b"PEM"]}
    assert identify(context) == Peer("own-body", b"PEM")


@pytest.mark.parametrize(
    "context",
    [
        {},
        {"peer_uri": [URN]},
        {"peer_uri": [URN + b"one", URN + b"two"]},
        {"peer_uri": [b"urn:publicprotection:gateway"]},
        {"peer_uri": [URN + b"own-body"]},
        {"peer_uri": [URN + b"own-body"], "x509_pem_cert": [b"PEM", b"PEM"]},
        {"x509_common_name": [b"own-body"], "x509_subject_alternative_name": [URN + b"own-body"]},
    ],
)
def test_a_certificate_that_does_not_name_one_is_refused(context: dict[str, list[bytes]]) -> None:
    with pytest.raises(UnidentifiedCallerError):
        identify(context)
