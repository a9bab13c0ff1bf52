"""Health (grpc.health.v1): may this process be given work, and are the parts that it stands on there.

The whole and each service follow the parts that a call needs. A part that only delays, such as the broker
behind an outbox, has a status of its own and stops nobody from submitting: what is accepted waits.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import structlog
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from services.kit.clock import SystemClock
from services.kit.rpc.service import ServedService, serve

_log = structlog.get_logger(__name__)
_WHOLE: Final = ""
_STATUS: Final = {
    True: health_pb2.HealthCheckResponse.SERVING,
    False: health_pb2.HealthCheckResponse.NOT_SERVING,
}

TIME_KEY: Final = "ppg-time"
"""Trailing metadata of an answer: this process's clock, ISO 8601, for whoever wonders about its own."""

Check = Callable[[], Awaitable[bool]]
"""Whether a part is there; one that raises is not."""


class _Servicer(health.aio.HealthServicer):
    """As gRPC's own, and says what time it is."""

    async def Check(
        self, request: health_pb2.HealthCheckRequest, context: Any
    ) -> health_pb2.HealthCheckResponse:
        """Answers for one part, or the whole."""
        context.set_trailing_metadata(((TIME_KEY, SystemClock().now().isoformat(timespec="milliseconds")),))
        return await super().Check(request, context)


@dataclass
class Health:
    """Looks at the parts and publishes what it finds.

    Attributes:
        services: names of the services offered.
        needed: parts without which no call can be taken, by name.
        delaying: parts whose absence only delays, by name.
        interval_s: time between two looks.
    """

    services: Sequence[str]
    needed: Mapping[str, Check]
    delaying: Mapping[str, Check] = field(default_factory=dict)
    interval_s: float = 1.0
    _servicer: health.aio.HealthServicer = field(default_factory=_Servicer, init=False)
    _known: dict[str, bool] = field(default_factory=dict, init=False)

    def service(self) -> ServedService:
        """The service, ready for a server."""
        return serve(
            health_pb2_grpc.add_HealthServicer_to_server,
            self._servicer,
            health_pb2.DESCRIPTOR.services_by_name["Health"],
        )

    async def look(self) -> None:
        """Looks at every part once and publishes the result."""
        needed = {name: await self._try(check) for name, check in self.needed.items()}
        delaying = {name: await self._try(check) for name, check in self.delaying.items()}
        able = all(needed.values())
        for name, there in {**needed, **delaying, **dict.fromkeys((_WHOLE, *self.services), able)}.items():
            await self._publish(name, there=there)

    async def run(self) -> None:
        """Looks again and again, until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(self.interval_s)

    async def stop(self) -> None:
        """Says that nothing is served any more; for good."""
        await self._servicer.enter_graceful_shutdown()

    async def _try(self, check: Check) -> bool:
        try:
            async with asyncio.timeout(self.interval_s * 5):
                return await check()
        except Exception as error:  # noqa: BLE001 - a part that cannot be asked is not there
            _log.debug("health_check_failed", error=type(error).__name__)
            return False

    async def _publish(self, name: str, *, there: bool) -> None:
        if self._known.get(name) is there:
            return
        self._known[name] = there
        _log.info("health_changed", component=name or "all", state=str(there).lower())
        await self._servicer.set(name, _STATUS[there])
