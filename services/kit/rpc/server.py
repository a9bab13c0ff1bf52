"""The gRPC server of every process: mutual TLS, limits, guard, health and reflection."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import grpc
import grpc.aio
import structlog

from services.kit.access.gatekeeper import Gatekeeper
from services.kit.access.table import AccessError
from services.kit.credentials import TlsIdentity
from services.kit.rpc.guard import Bounds, Guard
from services.kit.rpc.health import Health
from services.kit.rpc.limiting import CallLimits, NameCaller, Shares, name_caller
from services.kit.rpc.reflection import serve_reflection
from services.kit.rpc.service import ServedService, list_methods
from services.kit.rpc.ticking import FixedTick
from services.kit.settings import Limits, Listen

_log = structlog.get_logger(__name__)
_MAX_METADATA_OCTETS: Final = 32 * 1024


Renew = Callable[[], TlsIdentity | None]
"""Gives what is to be shown from now on, if it is another than before."""


class ListenError(Exception):
    """The address cannot be listened on, or the TLS files cannot be used."""


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """What a server needs to know.

    Attributes:
        listen: address.
        tls: own identity, and whose certificates are accepted.
        limits: sizes and numbers.
        gate: lets calls in or not.
        rates: methods that a caller may call less often than others, by method: calls a minute.
        name_caller: whom limits are counted for.
        hiding: methods whose time would tell what exists: they answer on a tick.
        renew: asked at each handshake for an identity that takes the place of the one shown; None if there
            is no new one.
    """

    listen: Listen
    tls: TlsIdentity
    limits: Limits
    gate: Gatekeeper
    rates: Mapping[str, int] = field(default_factory=dict)
    name_caller: NameCaller = name_caller
    hiding: frozenset[str] = frozenset()
    renew: Renew = lambda: None


class RpcServer:
    """A server over mutual TLS; a client without a certificate of the authority does not get in.

    Args:
        options: see there.
        services: what is offered, health and reflection apart.
        health: looks after the health of the process.

    Raises:
        AccessError: the access table does not cover exactly the methods served, or a rate is of no method.
    """

    def __init__(self, options: ServerOptions, services: Sequence[ServedService], health: Health) -> None:
        self._options = options
        self._health = health
        offered = [*services, health.service()]
        offered.append(serve_reflection(offered))
        options.gate.require_match(list_methods(offered))
        _require_methods(options.rates, list_methods(offered))
        self._server = _build(options)
        for service in offered:
            service.register(self._server)

    async def start(self) -> int:
        """Listens; the port. ListenError if the address is taken or the TLS files do not fit together."""
        port = self._bind()
        await self._health.look()
        await self._server.start()
        _log.info("listening", host=self._options.listen.host, port=port)
        return port

    async def stop(self) -> None:
        """Takes no new calls, lets those under way end for as long as the limits allow, and closes."""
        await self._health.stop()
        await self._server.stop(self._options.limits.shutdown_grace_s)

    def _bind(self) -> int:
        host, port = self._options.listen.host, self._options.listen.port
        address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        try:
            bound = self._server.add_secure_port(address, _credentials(self._options))
        except RuntimeError:
            bound = 0
        if not bound:
            raise ListenError(
                f"cannot listen on {address}: stop what listens there or change listen.port, and check that "
                "the TLS certificate, key and authority are PEM files that belong together"
            )
        return bound


def _require_methods(rates: Iterable[str], methods: Iterable[str]) -> None:
    """A limit that limits nothing would go unnoticed."""
    odd = set(rates) - set(methods)
    if odd:
        raise AccessError(f"rates of methods that are not served: {', '.join(sorted(odd))}")


def _build(options: ServerOptions) -> grpc.aio.Server:
    limits = options.limits
    shares = Shares(
        limits.calls_per_minute, limits.max_calls_each, limits.max_streams_each, dict(options.rates)
    )
    counted = CallLimits(shares, options.name_caller)
    hiding = FixedTick(options.hiding, limits.tick_s)
    bounds = Bounds(limits.call_deadline_s, limits.max_streams, counted, hiding)
    return grpc.aio.server(
        interceptors=[Guard(options.gate, bounds)],
        maximum_concurrent_rpcs=limits.max_calls,
        options=[
            ("grpc.max_receive_message_length", limits.max_message_octets),
            # Without this, two processes could share a port, and calls would go to either.
            ("grpc.so_reuseport", 0),
            ("grpc.max_metadata_size", _MAX_METADATA_OCTETS),
        ],
    )


def _credentials(options: ServerOptions) -> grpc.ServerCredentials:
    def renew() -> grpc.ServerCertificateConfiguration | None:
        found = options.renew()
        return None if found is None else _configure(found)

    return grpc.dynamic_ssl_server_credentials(
        _configure(options.tls),
        renew,  # type: ignore[arg-type]  # gRPC takes None for "no change", and its stub does not say so
        require_client_authentication=True,
    )


def _configure(tls: TlsIdentity) -> grpc.ServerCertificateConfiguration:
    return grpc.ssl_server_certificate_configuration(
        [(tls.key, tls.certificate)], root_certificates=tls.authority
    )
