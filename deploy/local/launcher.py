"""Starts a world's processes, waits until each serves, watches them, and stops every one of them."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import grpc
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse

from deploy.broker.definitions import GATEWAY
from deploy.local.places import Place
from deploy.local.processes import Process, ProcessError
from deploy.local.world import World

ROOT: Final = Path(__file__).resolve().parent.parent.parent
_POLL_S: Final = 0.1
_CALL_S: Final = 2.0


class LocalSystem:
    """The broker, the gateway and the agencies of one world. Use as a context manager, or `start` and `stop`.

    Args:
        world: Its files.
        patience_s: How long the processes may take until all of them serve.
    """

    def __init__(self, world: World, *, patience_s: float = 60) -> None:
        self.world: Final = world
        self.processes: Final = {place.name: _process(place) for place in _places(world)}
        self._patience_s: Final = patience_s

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start the broker and every process, and wait until all serve; on failure leave nothing running.

        Raises:
            BrokerNodeError: The broker did not start.
            ProcessError: A process ended, or does not serve in time; the message names its log.
        """
        try:
            self.start_processes()  # they wait for the broker, which takes longest
            self.world.broker.start()
            self.await_serving()
        except BaseException:
            self.stop()
            raise

    def start_processes(self) -> None:
        """Start the gateway and the agencies."""
        for process in self.processes.values():
            process.start()

    def await_serving(self, *names: str) -> None:
        """Wait until the processes named (all, if none is) say that they serve; errors as `start`."""
        deadline = time.monotonic() + self._patience_s
        for place in _places(self.world):
            if not names or place.name in names:
                self._await_one(place, deadline)

    def raise_if_ended(self) -> None:
        """ProcessError if a process has ended by itself, with the last lines of its log."""
        for process in self.processes.values():
            process.raise_if_ended()

    def stop(self) -> None:
        """Stop what was started here, and nothing else; the broker last, so that nobody loses it early."""
        for process in self.processes.values():
            process.ask_to_stop()
        for process in self.processes.values():
            process.stop()
        self.world.broker.stop()

    def _await_one(self, place: Place, deadline: float) -> None:
        while not is_serving(place):
            self.raise_if_ended()
            if time.monotonic() > deadline:
                lines = self.processes[place.name].last_lines()
                raise ProcessError(
                    f"{place.name} does not serve after {self._patience_s:.0f} s; see {place.log}\n{lines}"
                )
            time.sleep(_POLL_S)


def is_serving(place: Place) -> bool:
    """Whether a process says, over mutual TLS, that it serves."""
    tls = place.client
    credentials = grpc.ssl_channel_credentials(tls.authority, tls.key, tls.certificate)
    with grpc.secure_channel(place.address, credentials) as channel:
        check = channel.unary_unary(
            "/grpc.health.v1.Health/Check",
            request_serializer=HealthCheckRequest.SerializeToString,
            response_deserializer=HealthCheckResponse.FromString,
        )
        try:
            answer = check(HealthCheckRequest(), timeout=_CALL_S)
        except grpc.RpcError:
            return False
        return bool(answer.status == HealthCheckResponse.SERVING)


def _places(world: World) -> list[Place]:
    return [world.gateway, *world.agencies.values()]


def _process(place: Place) -> Process:
    module = ["gateway"] if place.name == GATEWAY else ["services", place.role]
    command = [sys.executable, "-m", *module, "--config", str(place.settings)]
    return Process(place.name, command, log=place.log, directory=ROOT)
