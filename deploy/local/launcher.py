"""Starts a world's processes, waits until each serves, watches them, and stops every one of them."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import grpc
import httpx
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse

from deploy.broker.definitions import GATEWAY
from deploy.local.consoles import PREFIX, ConsolePlace, is_open
from deploy.local.identity import NAME, IdentityPlace, trust_of
from deploy.local.places import Place
from deploy.local.processes import Process, ProcessError
from deploy.local.world import World
from services.kit.access.client import TokenSource, TokenUnavailableError, metadata_of

ROOT: Final = Path(__file__).resolve().parent.parent.parent
_POLL_S: Final = 0.1
_CALL_S: Final = 2.0


class LocalSystem:
    """The broker, the identity provider, the gateway, the agencies and the consoles of one world.

    Use as a context manager, or `start` and `stop`.

    Args:
        world: Its files.
        patience_s: How long the processes may take until all of them serve.
    """

    def __init__(self, world: World, *, patience_s: float = 60) -> None:
        self.world: Final = world
        self.processes: Final = {
            NAME: _provider(world.identity),
            **{place.name: _process(place) for place in _places(world)},
            **{place.name: _console(place) for place in world.consoles.values()},
        }
        self._patience_s: Final = patience_s
        self._tokens: Final = {place.name: world.wallet.system(place, place) for place in _places(world)}

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
        """Start the identity provider, the gateway, the agencies and the consoles."""
        for process in self.processes.values():
            process.start()

    def await_serving(self, *names: str) -> None:
        """Wait until the processes named (all, if none is) say that they serve; errors as `start`."""
        deadline = time.monotonic() + self._patience_s
        self._await_one(NAME, deadline)  # without it nobody can be asked
        for name in self.processes:
            if name != NAME and (not names or name in names):
                self._await_one(name, deadline)

    def is_serving(self, name: str) -> bool:
        """Whether a process says that it serves: to one of its own systems, over mutual TLS."""
        if name == NAME:
            return is_answering(self.world.identity, self.world.gateway)
        if name.startswith(PREFIX):
            return is_open(self.world.consoles[name.removeprefix(PREFIX)])
        place = next(place for place in _places(self.world) if place.name == name)
        try:
            token = _fetch(self._tokens[name])
        except TokenUnavailableError:
            return False
        return is_serving(place, token)

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

    def _await_one(self, name: str, deadline: float) -> None:
        process = self.processes[name]
        while not self.is_serving(name):
            self.raise_if_ended()
            if time.monotonic() > deadline:
                what = f"{name} does not serve after {self._patience_s:.0f} s; see {process.log}"
                raise ProcessError(f"{what}\n{process.last_lines()}")
            time.sleep(_POLL_S)


def is_answering(identity: IdentityPlace, caller: Place) -> bool:
    """Whether the identity provider answers."""
    try:
        answer = httpx.get(
            f"{identity.issuer}/jwks", verify=trust_of(caller), timeout=_CALL_S, trust_env=False
        )
    except httpx.HTTPError:
        return False
    return answer.is_success


def is_serving(place: Place, token: str) -> bool:
    """Whether a process says, over mutual TLS, that it serves; `token` is of a system that may ask."""
    tls = place.client
    credentials = grpc.ssl_channel_credentials(tls.authority, tls.key, tls.certificate)
    with grpc.secure_channel(place.address, credentials) as channel:
        check = channel.unary_unary(
            "/grpc.health.v1.Health/Check",
            request_serializer=HealthCheckRequest.SerializeToString,
            response_deserializer=HealthCheckResponse.FromString,
        )
        try:
            answer = check(HealthCheckRequest(), timeout=_CALL_S, metadata=tuple(metadata_of(token)))
        except grpc.RpcError:
            return False
        return bool(answer.status == HealthCheckResponse.SERVING)


def _places(world: World) -> list[Place]:
    return [world.gateway, *world.agencies.values()]


def _fetch(source: TokenSource) -> str:
    """A token, in a loop of its own: that of a test, which may be between two steps, is left alone."""
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(source.fetch())
    finally:
        loop.close()


def _provider(place: IdentityPlace) -> Process:
    command = [sys.executable, "-m", "services.identity", "--config", str(place.settings)]
    return Process(NAME, command, log=place.log, directory=ROOT)


def _console(place: ConsolePlace) -> Process:
    command = [sys.executable, "-m", "services.console", "--config", str(place.settings)]
    return Process(place.name, command, log=place.log, directory=ROOT)


def _process(place: Place) -> Process:
    module = ["gateway"] if place.name == GATEWAY else ["services", place.role]
    command = [sys.executable, "-m", *module, "--config", str(place.settings)]
    return Process(place.name, command, log=place.log, directory=ROOT)
