"""The composition root of the gateway: from settings to a running process."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from typing import Final

import structlog

from gateway.adapters.database import DatabaseStore, open_store
from gateway.adapters.in_force import describe_in_force
from gateway.adapters.keys import GatewayKeys, check_keys, read_keys
from gateway.adapters.keystore import KeyStoreFile
from gateway.adapters.papers import check_proposal, read_papers
from gateway.adapters.world import CurrentWorld, WorldError, load_world
from gateway.app.access_refusals import note_refusals
from gateway.app.agreement_calendar import AgreementCalendar
from gateway.app.agreement_desk import ActRefusedError, AgreementDesk
from gateway.app.agreement_impact import AgreementImpact
from gateway.app.agreement_import import import_agreements
from gateway.app.agreement_view import AgreementView
from gateway.app.changes import Changes
from gateway.app.clocks.firing import Timekeeper
from gateway.app.heartbeat import Heart
from gateway.app.hold_expiry import HoldExpiry
from gateway.app.hold_queue import HoldQueue
from gateway.app.intake import Intake
from gateway.app.preview import Previewer
from gateway.app.proofs import LogProver
from gateway.app.pruning import Pruner
from gateway.app.publish import Publisher
from gateway.app.rulebook_view import RulebookView
from gateway.app.sequencer import Sequencer
from gateway.app.subject_changes import SubjectDesk
from gateway.app.subject_view import SubjectView
from gateway.app.tools import Basis, Tools
from gateway.app.try_view import TryView
from gateway.core.abstracts import abstract_of
from gateway.core.agreements import Agreement
from gateway.core.deadlines.starting import Means
from gateway.core.decide import decide
from gateway.core.in_force import InForce
from gateway.core.model import Case, KnownFact, Ruling
from gateway.core.prerequisites import HoldReply, answer_facts
from gateway.core.world import World
from gateway.rpc.access import TABLE, kinds_by
from gateway.rpc.agreements import AgreementParts, serve_agreements
from gateway.rpc.breaches import serve_breaches
from gateway.rpc.clocks import serve_clocks
from gateway.rpc.disclosure_log import serve_disclosure_log
from gateway.rpc.figures import serve_figures
from gateway.rpc.hiding import HIDING
from gateway.rpc.hold_queue import serve_hold_queue
from gateway.rpc.oversight import serve_register
from gateway.rpc.preview import PREVIEW, PROVE, serve_gateway
from gateway.rpc.retention import serve_retention
from gateway.rpc.rulebook import RulebookParts, serve_rulebook
from gateway.rpc.subjects import serve_subjects
from gateway.settings import Settings
from services.kit.access.gatekeeper import Entrance, Refusals, open_gate
from services.kit.access.table import read_table
from services.kit.bank_holidays import england_and_wales
from services.kit.bus import Bus, BusPort
from services.kit.clock import Clock, SystemClock
from services.kit.directory import GATEWAY
from services.kit.directory_file import load_directory
from services.kit.identifiers import new_id
from services.kit.rpc.health import Check, Health
from services.kit.rpc.limiting import name_organisation
from services.kit.rpc.server import RpcServer, ServerOptions
from services.kit.shown import ShownCertificate, certificate_checks
from services.kit.trust import Trust, trust_checks

_log = structlog.get_logger(__name__)
_RULEBOOK_PART: Final = "rulebook"
_LOG_PART: Final = "log"

Task = Callable[[], Awaitable[None]]


class TaskEndedError(Exception):
    """A part that must run as long as the process ended."""


@dataclass(frozen=True, slots=True)
class Foundation:
    """What the parts of the process stand on: all verified, open, or started."""

    settings: Settings
    keys: GatewayKeys
    trust: Trust
    current: CurrentWorld
    store: DatabaseStore
    key_store: KeyStoreFile
    bus: BusPort
    clock: Clock


async def run_gateway(
    settings: Settings, *, stop: asyncio.Event, reload: asyncio.Event | None = None
) -> None:
    """Runs the gateway until `stop` is set; reads rules, directory and keys again whenever `reload` is.

    Raises:
        SettingsError, CredentialError, DirectoryError, WorldError, AccessError, KeyStoreError,
        StoreUnavailableError, StoreInUseError, LogForkedError, BusSettingsError, ListenError: it cannot
        start, and says what to do.
        BusError, TaskEndedError: a part of it failed for good.
    """
    async with AsyncExitStack() as stack:
        base = await _found(settings, stack)
        tools = make_tools(base)
        sequencer, publisher = await _start_log(base, tools)
        intake = Intake(
            base.store,
            tools,
            batch=settings.limits.intake_batch,
            prefetch=settings.limits.intake_prefetch,
        )
        refusals = note_refusals(base.store, tools)
        server, health = _serve(base, tools, sequencer, refusals)
        await _take_over_agreements(base, tools)
        desk = _agreements(base, tools).desk
        changes = await _note_changes(base, tools)
        await server.start()
        try:
            reloads = partial(_reload, base, health, changes, reload or asyncio.Event())
            renew = partial(base.trust.run, asyncio.Event())
            heart = Heart(base.store, base.bus, tools, interval_s=settings.limits.heartbeat_interval_s)
            pruner = Pruner(base.store, tools, interval_s=settings.limits.pruning_interval_s)
            expiry = HoldExpiry(base.store, tools, interval_s=settings.limits.holds_interval_s)
            calendar = AgreementCalendar(desk, interval_s=settings.limits.calendar_interval_s)
            clocks = Timekeeper(base.store, tools, interval_s=settings.limits.clock_interval_s)
            log: list[Task] = [sequencer.run, publisher.run, heart.run, changes.run, pruner.run, calendar.run]
            log.append(refusals.run)
            timed: list[Task] = [expiry.run, clocks.run]
            await run_until(stop, [health.run, *log, *timed, partial(intake.run, base.bus), reloads, renew])
        finally:
            await server.stop()
            _log.info("stopped")


def make_tools(base: Foundation) -> Tools:
    """The means of the use cases."""
    return Tools(
        clock=base.clock,
        new_id=new_id,
        entropy=os.urandom,
        current=partial(_basis, base),
        key_store=base.key_store,
        limits=base.settings.limits.for_exchanges(),
        look=base.trust.look,
    )


def _basis(base: Foundation) -> Basis:
    """What is in force now, taken in one step: nothing of it changes afterwards."""
    grounds, ring, clock = base.current.grounds, base.trust.ring, base.clock
    directory, world = grounds.directory, grounds.world

    def rule(case: Case, agreements: tuple[Agreement, ...]) -> tuple[Ruling, ...]:
        return decide(case, world.under(agreements))

    def answer(
        prerequisite: str, paths: Iterable[str], recipient: str, reply: HoldReply
    ) -> tuple[KnownFact, ...]:
        return answer_facts(world.rulebook, prerequisite, paths, recipient, reply)

    return Basis(
        directory=directory,
        sign_by=lambda: ring.signing_key(directory, clock.now()),
        decryption=ring.decryption_key,
        decide=rule,
        answer=answer,
        prerequisites=world.rulebook.prerequisites,
        retention=world.rulebook.retention,
        deadlines=Means(
            world.rulebook.limits, england_and_wales(), world.directory, world.rulebook.prerequisites
        ),
        abstract=partial(abstract_of, world=world),
    )


async def run_until(stop: asyncio.Event, tasks: Sequence[Task]) -> None:
    """Runs tasks beside each other until `stop` is set.

    Raises:
        TaskEndedError: one of them ended by itself. What one of them raises is raised.
    """

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
        for each in (stopping, *running):
            each.cancel()
        await asyncio.gather(stopping, *running, return_exceptions=True)


async def _found(settings: Settings, stack: AsyncExitStack) -> Foundation:
    clock = SystemClock()
    stack.enter_context(settings.keys.held())
    keys = read_keys(settings.tls, settings.keys)
    directory = load_directory(settings.directory, clock.now())
    check_keys(keys, directory, clock.now())
    load = partial(load_world, settings.rulebook.folder)
    current = CurrentWorld(load, directory)
    trust = Trust(settings.directory, settings.keys, directory, keys.ring, clock, current.adopt)
    _log.info("starting", serial=directory.serial, rulebook=current.world.rulebook.version)
    store = await stack.enter_async_context(await open_store(settings.database.url, settings.database))
    key_store = stack.enter_context(KeyStoreFile.open(settings.key_store.file))
    bus = await stack.enter_async_context(Bus(settings.broker))
    return Foundation(settings, keys, trust, current, store, key_store, bus, clock)


async def _start_log(base: Foundation, tools: Tools) -> tuple[Sequencer, Publisher]:
    """Verifies the log. A commit wakes the sequencer, and the sequencer whoever releases what it signed."""
    limits = base.settings.limits
    sequencer = Sequencer(base.store, tools, batch=limits.sequence_batch)
    publisher = Publisher(
        base.store, base.bus, tools, batch=limits.publish_batch, interval_s=limits.publish_interval_s
    )
    base.store.tell(sequencer.wake)
    sequencer.tell(publisher.wake)
    await sequencer.start()
    return sequencer, publisher


async def _take_over_agreements(base: Foundation, tools: Tools) -> None:
    """Imports the folder into a database without agreements; after that nobody reads the folder."""
    async with base.store.reading() as unit:
        known = await unit.agreements.head()
    papers = () if known else read_papers(base.settings.agreements.folder, base.current.grounds)
    try:
        await import_agreements(base.store, tools, papers)
    except ActRefusedError as refused:
        raise WorldError(f"agreements cannot be imported: {refused.objection.value}") from None


def _agreements(base: Foundation, tools: Tools) -> AgreementParts:
    desk = AgreementDesk(base.store, tools, partial(_check_proposal, base))
    view = AgreementView(base.store, tools)
    return AgreementParts(desk, view, AgreementImpact(base.store, tools, view, lambda: base.current.world))


def _rulebook(base: Foundation, tools: Tools) -> RulebookParts:
    def world() -> World:
        return base.current.world

    view = RulebookView(base.store, tools, AgreementView(base.store, tools), world)
    return RulebookParts(view, TryView(base.store, tools, world))


def _check_proposal(base: Foundation, text: str) -> Agreement:
    return check_proposal(text, base.current.grounds)


async def _note_changes(base: Foundation, tools: Tools) -> Changes:
    """Records what changed while nothing ran: before anything is decided by it."""

    def look() -> InForce:
        return describe_in_force(base.current.grounds, base.trust.ring, base.clock.now())

    changes = Changes(base.store, tools, look)
    await changes.note()
    base.trust.watch(changes.wake)
    return changes


def _serve(
    base: Foundation, tools: Tools, sequencer: Sequencer, refusals: Refusals
) -> tuple[RpcServer, Health]:
    limits = base.settings.limits
    services = [
        serve_register(base.store, tools),
        serve_hold_queue(HoldQueue(base.store, tools)),
        serve_subjects(SubjectView(base.store, tools), SubjectDesk(base.store, tools)),
        serve_retention(base.store, tools),
        serve_agreements(_agreements(base, tools)),
        serve_rulebook(_rulebook(base, tools)),
        serve_clocks(base.store, tools),
        serve_figures(base.store, tools),
        serve_breaches(base.store, tools, lambda: base.current.grounds.world.rulebook.breaches),
        serve_disclosure_log(base.store, tools),
        serve_gateway(Previewer(base.store, tools), LogProver(base.store)),
    ]
    kind_of = kinds_by(lambda: base.current.directory)
    entrance = Entrance(GATEWAY, base.settings.identity, read_table(TABLE), kind_of)
    gate = open_gate(entrance, refusals, base.clock)
    shown = ShownCertificate(base.settings.tls, base.keys.tls, base.clock)
    health = Health(
        [service.name for service in services],
        needed={
            "store": partial(_answers, base.store),
            "directory": partial(_holds, base),
            "identity": gate.is_ready,
        },
        delaying=_delaying(base) | {_LOG_PART: sequencer.is_current} | certificate_checks(shown),
    )
    options = ServerOptions(
        base.settings.listen,
        base.keys.tls,
        base.settings.limits.for_server(),
        gate,
        rates={PREVIEW: limits.previews_per_minute, PROVE: limits.proofs_per_minute},
        name_caller=name_organisation,
        hiding=HIDING,
        renew=shown.renew,
    )
    return RpcServer(options, services, health), health


async def _reload(base: Foundation, health: Health, changes: Changes, wanted: asyncio.Event) -> None:
    """Reads rules, agreements, directory and keys again each time that somebody wants it."""
    while True:
        await wanted.wait()
        wanted.clear()
        base.trust.reload()
        base.current.reload()
        changes.wake()
        # A new mapping: a look that is under way goes on with the old one.
        health.delaying = {**health.delaying, **_delaying(base)}


def _delaying(base: Foundation) -> dict[str, Check]:
    """Parts by name: which version is in force, which no longer is, and whether the last load failed."""
    versions: dict[str, Check] = {
        f"{_RULEBOOK_PART}-{version}": partial(_is_in_force, base, version)
        for version in base.current.versions
    }
    latest = partial(_is_latest, base.current)
    parts = {"broker": partial(_reaches, base.bus), f"{_RULEBOOK_PART}-is-latest": latest}
    return {**parts, **versions, **trust_checks(base.trust)}


async def _is_in_force(base: Foundation, version: str) -> bool:
    return version == base.current.world.rulebook.version and await _holds(base)


async def _is_latest(current: CurrentWorld) -> bool:
    return current.is_latest


async def _answers(store: DatabaseStore) -> bool:
    await store.ping()
    return True


async def _holds(base: Foundation) -> bool:
    return not base.current.directory.is_stale(base.clock.now())


async def _reaches(bus: BusPort) -> bool:
    return bus.health.connected and not bus.health.blocked
