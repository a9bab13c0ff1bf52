"""Calls to the gateway and to the own agency's service, for the person whose page it is.

A call carries the console's own token and the person's; who may do what is decided where it arrives. A
refusal is raised as one of services/console/errors.py, whether the call is waited for or taken as a future.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, Protocol, TypeVar, cast, overload

import grpc
from flask import current_app

from services.console.errors import PageError, UnavailableError, read_error
from services.console.renewed import Renewed
from services.console.session import person_token
from services.kit.access.client import TokenUnavailableError, metadata_of

EXTENSION: Final = "backends"
_Stub = TypeVar("_Stub")
_Default = TypeVar("_Default")
_Answer_co = TypeVar("_Answer_co", covariant=True)
_A = TypeVar("_A")
_B = TypeVar("_B")
_C = TypeVar("_C")
_D = TypeVar("_D")
_E = TypeVar("_E")
_F = TypeVar("_F")

SystemToken = Callable[[], str]
"""Gives the console's own token; TokenUnavailableError if there is none."""


class Pending(Protocol[_Answer_co]):
    """A call under way: what `stub.Method.future(request)` gives."""

    def result(self, timeout: float | None = None) -> _Answer_co:
        """Its answer; one of services/console/errors.py if it was refused."""

    def cancel(self) -> bool:
        """Nobody waits for it any more."""


class Backend:
    """A service that the console asks.

    Args:
        channel: to it, over mutual TLS; may be shared by all threads.
        system_token: the console's own, for this service.
        deadline_s: of one call.
    """

    def __init__(self, channel: grpc.Channel, system_token: SystemToken, deadline_s: float = 10) -> None:
        self._channel: Final = channel
        self._system_token: Final = system_token
        self._deadline_s: Final = deadline_s

    def bind(self, person: str | None) -> grpc.Channel:
        """The channel, with the console's token and a person's on each call; None: of the console itself."""
        carrier = _Carrier(self._system_token, person, self._deadline_s)
        return grpc.intercept_channel(self._channel, carrier)


class Service(Protocol):
    """Whom the console asks; a Backend is one."""

    def bind(self, person: str | None) -> grpc.Channel:
        """As `Backend.bind`."""


class RenewedBackend:
    """A service that is asked with whatever certificate lies in the files, and tokens bound to it.

    Calls under way stay on the channel on which they were made; nothing is closed under them.
    """

    def __init__(self, backend: Renewed[Backend]) -> None:
        self._backend: Final = backend

    def bind(self, person: str | None) -> grpc.Channel:
        """As `Backend.bind`."""
        return self._backend.get().bind(person)


class Backends(Protocol):
    """Whom the console asks."""

    @property
    def gateway(self) -> Service:
        """The gateway."""

    @property
    def agency(self) -> Service:
        """The own organisation's service."""


def backends() -> Backends:
    """Those of the application whose request it is."""
    return cast("Backends", current_app.extensions[EXTENSION])


def at_gateway(stub: type[_Stub]) -> _Stub:
    """A stub of a service of the gateway, for the person signed in.

    Args:
        stub: the generated class, such as `ClockServiceStub`.
    """
    return _make(stub, backends().gateway, person_token())


def at_agency(stub: type[_Stub]) -> _Stub:
    """A stub of a service of the own organisation, for the person signed in; see `at_gateway`."""
    return _make(stub, backends().agency, person_token())


def at_agency_as_system(stub: type[_Stub]) -> _Stub:
    """A stub of a service of the own organisation, for the console itself: of what no person is asked for."""
    return _make(stub, backends().agency, None)


@overload
def together(a: Pending[_A], b: Pending[_B], /) -> tuple[_A, _B]: ...
@overload
def together(a: Pending[_A], b: Pending[_B], c: Pending[_C], /) -> tuple[_A, _B, _C]: ...
@overload
def together(a: Pending[_A], b: Pending[_B], c: Pending[_C], d: Pending[_D], /) -> tuple[_A, _B, _C, _D]: ...
@overload
def together(
    a: Pending[_A], b: Pending[_B], c: Pending[_C], d: Pending[_D], e: Pending[_E], /
) -> tuple[_A, _B, _C, _D, _E]: ...
@overload
def together(
    a: Pending[_A], b: Pending[_B], c: Pending[_C], d: Pending[_D], e: Pending[_E], f: Pending[_F], /
) -> tuple[_A, _B, _C, _D, _E, _F]: ...
def together(*pending: Pending[Any]) -> tuple[Any, ...]:
    """The answers of calls made at the same time, in order; the first refusal is raised, the rest let go.

    Use: `one, two = together(stub.A.future(request), stub.B.future(request))`.
    """
    return tuple(gather(pending))


def gather(pending: Sequence[Pending[_Default]]) -> list[_Default]:
    """As `together`, for any number of calls of one kind."""
    try:
        return [each.result() for each in pending]
    except PageError:
        for each in pending:
            each.cancel()
        raise


def answer_or(pending: Pending[_A], default: _Default, *kinds: type[PageError]) -> _A | _Default:
    """The answer of a call, or `default` if it ends in one of these errors: for what a page can miss."""
    try:
        return pending.result()
    except kinds:
        return default


def _make(stub: type[_Stub], backend: Service, person: str | None) -> _Stub:
    construct: Any = stub  # its constructor is overloaded for asynchronous channels
    made: _Stub = construct(backend.bind(person))
    return made


class _Carrier(grpc.UnaryUnaryClientInterceptor, grpc.UnaryStreamClientInterceptor):
    """Puts tokens and a deadline on each call."""

    def __init__(self, system_token: SystemToken, person: str | None, deadline_s: float) -> None:
        self._system_token: Final = system_token
        self._person: Final = person
        self._deadline_s: Final = deadline_s

    def intercept_unary_unary(self, continuation: Any, client_call_details: Any, request: Any) -> Any:
        return _Answering(continuation(self._complete(client_call_details), request))

    def intercept_unary_stream(self, continuation: Any, client_call_details: Any, request: Any) -> Any:
        return _Streaming(continuation(self._complete(client_call_details), request))

    def _complete(self, details: Any) -> Any:
        try:
            tokens = metadata_of(self._system_token(), self._person)
        except TokenUnavailableError:
            raise UnavailableError("IDENTITY_UNAVAILABLE") from None
        metadata = [*(details.metadata or ()), *tokens]
        return details._replace(metadata=metadata, timeout=details.timeout or self._deadline_s)


class _Answering:
    """A call whose refusal is one of ours."""

    def __init__(self, call: Any) -> None:
        self._call: Final = call

    def result(self, timeout: float | None = None) -> Any:
        try:
            return self._call.result(timeout)
        except grpc.RpcError as error:
            raise read_error(error) from None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._call, name)


class _Streaming(_Answering):
    """As `_Answering`, of a stream."""

    def __iter__(self) -> Iterator[Any]:
        try:
            yield from self._call
        except grpc.RpcError as error:
            raise read_error(error) from None
