"""What every call passes on its way in: who, how many at once, how long, well formed; and how refusals leave.

gRPC's interceptors do not see the peer, so the guard wraps the handler that it finds, whoever wrote it: no
service can be put on a server without it.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any, Final, Never

import grpc
import grpc.aio
import structlog
from google.protobuf.message import DecodeError, Message
from grpc_status import rpc_status

from services.kit.access.actor import acting
from services.kit.access.gatekeeper import Admission, Gatekeeper
from services.kit.clock import Clock, SystemClock
from services.kit.identifiers import NewId, new_id
from services.kit.logs import locate
from services.kit.rpc.errors import (
    CallError,
    InternalError,
    MalformedRequestError,
    OverloadedError,
    TimedOutError,
    TokenExpiredError,
    UnavailableError,
    describe,
)
from services.kit.rpc.limiting import CallLimits
from services.kit.rpc.ticking import FixedTick
from services.kit.rpc.validation import validate
from services.kit.store.errors import StoreError

_log = structlog.get_logger(__name__)
_MALFORMED: Final = object()
"""Stands for a request that could not be read."""

_AT_ONCE: Final = FixedTick(frozenset(), 1.0)

_Context = grpc.aio.ServicerContext[Any, Any]


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much is let in at once.

    Attributes:
        call_deadline_s: for a call whose client gave none; streams have none, being meant to stay.
        max_streams: streams at once.
        limits: what one caller may have of it; None where only one calls, as in a test.
        hiding: which methods answer on a tick.
    """

    call_deadline_s: float
    max_streams: int
    limits: CallLimits | None = None
    hiding: FixedTick = _AT_ONCE


class Guard(grpc.aio.ServerInterceptor):
    """Wraps every handler of a server.

    Args:
        gate: who may call what.
        bounds: how much is let in.
        ids: makes correlation ids.
        clock: the time.
    """

    def __init__(
        self, gate: Gatekeeper, bounds: Bounds, ids: NewId = new_id, clock: Clock | None = None
    ) -> None:
        self._gate = gate
        self._bounds = bounds
        self._ids = ids
        self._clock = clock or SystemClock()
        self._streams = 0

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:
        """Finds the handler and wraps it; None, which gRPC answers as UNIMPLEMENTED, if there is none."""
        found = await continuation(handler_call_details)
        return None if found is None else self._wrap(found, handler_call_details.method)

    def _wrap(self, found: Any, method: str) -> Any:
        forms = (_forgive(found.request_deserializer), found.response_serializer)
        if not found.request_streaming and not found.response_streaming:
            return grpc.unary_unary_rpc_method_handler(self._answer(found.unary_unary, method), *forms)
        if not found.request_streaming:
            return grpc.unary_stream_rpc_method_handler(self._stream(found.unary_stream, method), *forms)
        # Reflection is the one service that streams in. A stream in with one answer does not occur, and what
        # is not guarded is not offered.
        return (
            grpc.stream_stream_rpc_method_handler(self._stream(found.stream_stream, method), *forms)
            if found.response_streaming
            else None
        )

    def _answer(self, behave: Any, method: str) -> Any:
        async def guarded(request: Any, context: _Context) -> Any:
            async with self._refusals(method, context), self._share(method, context, request):
                admitted = await self._admit(request, method, context)
                async with self._deadline(context):
                    with self._acting(method, admitted):
                        return await self._bounds.hiding.answer(method, behave(request, context))

        return guarded

    def _stream(self, behave: Any, method: str) -> Any:
        async def guarded(request: Any, context: _Context) -> AsyncIterator[Any]:
            async with self._refusals(method, context), self._place(), self._share(method, context):
                admitted = await self._admit(request, method, context)
                asked = _require_parsed(request) if isinstance(request, AsyncIterator) else request
                async with aclosing(behave(asked, context)) as answers:
                    async for response in self._follow(answers, method, admitted):
                        yield response

        return guarded

    async def _admit(self, request: Any, method: str, context: _Context) -> Admission:
        async with self._deadline(context):
            admitted = await self._gate.admit(method, context)
        if request is _MALFORMED:
            raise MalformedRequestError
        if isinstance(request, Message):
            validate(request)
        return admitted

    @contextmanager
    def _acting(self, method: str, admitted: Admission) -> Iterator[None]:
        actor = admitted.actor
        with acting(actor), self._gate.noting(method, actor.organisation, actor):
            yield

    async def _follow(
        self, answers: AsyncIterator[Any], method: str, admitted: Admission
    ) -> AsyncIterator[Any]:
        """The answers of a stream, for as long as the caller's tokens last.

        The actor is set for each step and not round all of them: a generator that is left to be collected
        ends in a context of its own, where what was set could not be taken back.
        """
        while True:
            left = (admitted.until - self._clock.now()).total_seconds()
            try:
                async with asyncio.timeout(max(left, 0)) as timer:
                    with self._acting(method, admitted):
                        response = await anext(answers)
            except StopAsyncIteration:
                return
            except TimeoutError:
                if not timer.expired():
                    raise
                raise TokenExpiredError from None
            yield response

    @asynccontextmanager
    async def _deadline(self, context: _Context) -> AsyncIterator[None]:
        left: float | None = context.time_remaining()  # None where the client gave no deadline
        limit = self._bounds.call_deadline_s if left is None else left
        try:
            async with asyncio.timeout(limit) as timer:
                yield
        except TimeoutError:
            # One of the handler's own is a fault, not the caller's deadline.
            if not timer.expired():
                raise
            raise TimedOutError from None

    @asynccontextmanager
    async def _share(self, method: str, context: _Context, request: Any = None) -> AsyncIterator[None]:
        """The caller's own share; a stream if there is no request yet. Before anything costs anything."""
        octets = request.ByteSize() if isinstance(request, Message) else 0
        limits, peer = self._bounds.limits, context.auth_context()
        with (
            nullcontext()
            if limits is None
            else limits.enter(method, peer, octets=octets, stream=request is None)
        ):
            yield

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        if self._streams >= self._bounds.max_streams:
            raise OverloadedError
        self._streams += 1
        try:
            yield
        finally:
            self._streams -= 1

    @asynccontextmanager
    async def _refusals(self, method: str, context: _Context) -> AsyncIterator[None]:
        try:
            yield
        except CallError as refusal:
            _log.info("call_refused", method=method, reason=refusal.reason)
            await _refuse(context, refusal)
        except StoreError as fault:
            _log.error("call_waits", method=method, component="store", reason=fault.reason)
            await _refuse(context, UnavailableError())
        except (grpc.aio.AbortError, grpc.RpcError):
            raise  # the handler ended the call itself
        except Exception as fault:  # noqa: BLE001 - whatever it is, its text must not reach the caller
            await _refuse(context, self._report(method, fault))

    def _report(self, method: str, fault: Exception) -> InternalError:
        correlation = self._ids()
        _log.error(
            "call_failed",
            method=method,
            correlation_id=correlation,
            error=type(fault).__name__,
            location=locate(fault),
        )
        return InternalError({"correlation_id": correlation})


def _forgive(read: Callable[[bytes], Any]) -> Callable[[bytes], Any]:
    """A reader that lets the guard refuse what it cannot read: gRPC would tell the caller our types."""

    def read_or_mark(data: bytes) -> Any:
        try:
            return read(data)
        except DecodeError:
            return _MALFORMED

    return read_or_mark


async def _require_parsed(requests: AsyncIterator[Any]) -> AsyncIterator[Any]:
    async for request in requests:
        if request is _MALFORMED:
            raise MalformedRequestError
        yield request


async def _refuse(context: _Context, refusal: CallError) -> Never:
    status: Any = rpc_status.to_status(describe(refusal))
    await context.abort(status.code, status.details, status.trailing_metadata)
    raise AssertionError("abort returns never")
