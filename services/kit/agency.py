"""The composition root of an agency process: from a profile and settings to a running service."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import structlog

from services.kit.access.gatekeeper import Entrance, Gatekeeper, Refusals, open_gate
from services.kit.access.table import AGENCY_TABLE, name_kind, read_table
from services.kit.bus import Bus, BusPort
from services.kit.clock import Clock, SystemClock
from services.kit.credentials import Credentials
from services.kit.directory_file import load_directory
from services.kit.exchange.hiding import HIDING
from services.kit.identifiers import NewId, new_id
from services.kit.identity import check_identity
from services.kit.profile import Profile
from services.kit.rpc.directory_service import serve_directory
from services.kit.rpc.health import Check, Health
from services.kit.rpc.server import RpcServer, ServerOptions
from services.kit.rpc.service import ServedService, find_service
from services.kit.rpc.verbs import Submitter, serve_verbs
from services.kit.settings import Settings
from services.kit.shown import ShownCertificate, certificate_checks
from services.kit.store import Store, Vault, open_store
from services.kit.store.access_log import note_refusals
from services.kit.trust import Trust, trust_checks

_log = structlog.get_logger(__name__)
_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)

Task = Callable[[], Awaitable[None]]
"""Runs until cancelled; ending by itself is a fault."""


@dataclass(frozen=True, slots=True)
class Foundation:
    """What the parts of a process stand on.

    Attributes:
        settings: of this process.
        credentials: its keys.
        trust: the directory and the keys in force now.
        store: open.
        bus: started; the broker may still be down.
        clock: the time.
        ids: makes ids.
    """

    settings: Settings
    credentials: Credentials
    trust: Trust
    store: Store
    bus: BusPort
    clock: Clock = field(default_factory=SystemClock)
    ids: NewId = new_id


@dataclass(frozen=True, slots=True)
class Parts:
    """What exchanges are made with.

    Attributes:
        submitter: takes what the verbs are given.
        services: inbox, outbox, holds, facts, threads.
        tasks: relay, intake; run beside the server.
        checks: of what keeps nobody from sending, for health.
    """

    submitter: Submitter
    services: Sequence[ServedService]
    tasks: Sequence[Task]
    checks: Mapping[str, Check] = field(default_factory=dict)


Assemble = Callable[[Foundation], Parts]
Connect = Callable[[Settings, AsyncExitStack], Awaitable[BusPort]]


class TaskEndedError(Exception):
    """A task that must run as long as the process ended."""


async def connect_bus(settings: Settings, stack: AsyncExitStack) -> BusPort:
    """Starts the bus; it ends with the stack. Does not wait for the broker."""
    return await stack.enter_async_context(Bus(settings.broker))


async def run_agency(  # noqa: PLR0913  # what a process is made of
    profile: Profile,
    settings: Settings,
    assemble: Assemble,
    *,
    stop: asyncio.Event,
    reload: asyncio.Event | None = None,
    connect: Connect = connect_bus,
) -> None:
    """Runs an agency's service until `stop` is set.

    Args:
        profile: the role.
        settings: of the process.
        assemble: makes the parts.
        stop: set to end in good order.
        reload: set to have directory and keys read again at once.
        connect: makes the bus.

    Raises:
        SettingsError, CredentialError, DirectoryError, IdentityError, ProfileError, StoreError,
        BusSettingsError, ListenError: it cannot start, and says what to do.
        TaskEndedError: a part of it failed for good.
    """
    async with AsyncExitStack() as stack:
        foundation = await _found(profile, settings, connect, stack)
        parts = assemble(foundation)
        refusals = note_refusals(foundation.store, foundation.clock, foundation.ids)
        server, health = _serve(profile, foundation, parts, refusals)
        await server.start()
        try:
            renew = partial(foundation.trust.run, reload or asyncio.Event())
            await _run_until(stop, [health.run, renew, refusals.run, *parts.tasks])
        finally:
            await server.stop()
            _log.info("stopped")


def stop_on_signals() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set. To be called in the running loop."""
    return _set_on(_SIGNALS)


def reload_on_signal() -> asyncio.Event:
    """An event that SIGHUP sets. To be called in the running loop."""
    return _set_on((signal.SIGHUP,))


def _set_on(numbers: Iterable[signal.Signals]) -> asyncio.Event:
    event = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in numbers:
        loop.add_signal_handler(number, event.set)
    return event


async def _found(profile: Profile, settings: Settings, connect: Connect, stack: AsyncExitStack) -> Foundation:
    clock = SystemClock()
    stack.enter_context(settings.keys.held())
    credentials = settings.read_credentials()
    directory = load_directory(settings.directory, clock.now())
    check_identity(profile, credentials, directory, clock.now())
    _log.info("starting", serial=directory.serial)
    store = await open_store(settings.store.url, Vault(credentials.at_rest), settings.store)
    stack.push_async_callback(store.close)
    bus = await connect(settings, stack)
    trust = Trust(settings.directory, settings.keys, directory, credentials.ring, clock)
    return Foundation(settings, credentials, trust, store, bus, clock)


def _serve(profile: Profile, base: Foundation, parts: Parts, refusals: Refusals) -> tuple[RpcServer, Health]:
    verbs = serve_verbs(find_service(profile.service), parts.submitter)
    own = base.settings.organisation
    services = [verbs, *parts.services, serve_directory(lambda: base.trust.directory, own)]
    gate = _open_gate(base, verbs, refusals)
    settings = base.settings
    shown = ShownCertificate(settings.tls, base.credentials.tls, base.clock)
    lasting = {**trust_checks(base.trust), **certificate_checks(shown)}
    health = Health(
        [service.name for service in services],
        needed={
            "store": partial(_reads, base.store),
            "directory": partial(_holds, base),
            "identity": gate.is_ready,
        },
        delaying={"broker": partial(_reaches, base.bus), **lasting, **parts.checks},
    )
    options = ServerOptions(
        settings.listen,
        base.credentials.tls,
        settings.limits,
        gate,
        hiding=HIDING,
        renew=shown.renew,
    )
    return RpcServer(options, services, health), health


def _open_gate(base: Foundation, verbs: ServedService, refusals: Refusals) -> Gatekeeper:
    own = base.settings.organisation

    def kind_of(organisation: str) -> str | None:
        # Its own systems and people alone: other organisations have services of their own.
        found = base.trust.directory.organisation(own) if organisation == own else None
        return None if found is None else name_kind(found.kind)

    table = read_table(AGENCY_TABLE, verbs.methods)
    return open_gate(Entrance(own, base.settings.identity, table, kind_of), refusals, base.clock)


async def _run_until(stop: asyncio.Event, tasks: Sequence[Task]) -> None:
    # `Awaitable` may be more than a coroutine, and `create_task` takes coroutines alone.
    async def watch(task: Task) -> None:
        await task()
        raise TaskEndedError

    running = [asyncio.create_task(watch(task)) for task in tasks]
    stopping = asyncio.create_task(stop.wait())
    try:
        done, _ = await asyncio.wait([stopping, *running], return_when=asyncio.FIRST_COMPLETED)
        for task in done - {stopping}:
            task.result()
    finally:
        for task in (stopping, *running):
            task.cancel()
        await asyncio.gather(stopping, *running, return_exceptions=True)


async def _reads(store: Store) -> bool:
    async with store.read() as connection:
        await connection.exec_driver_sql("SELECT 1")
    return True


async def _holds(base: Foundation) -> bool:
    return not base.trust.directory.is_stale(base.clock.now())


async def _reaches(bus: BusPort) -> bool:
    return bus.health.connected and not bus.health.blocked
