"""The parts that attacks are made on: a gateway that can be stopped, agencies that witness, an auditor.

All are the real ones, but for a bus in memory, and for being moved step by step and not by the clock.
"""

import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, NamedTuple

from google.protobuf.message import Message
from publicprotection.exchange.v1.header_pb2 import Header
from publicprotection.exchange.v1.outcome_pb2 import OUTCOME_KIND_RECEIPTED
from publicprotection.oversight.v1.disclosure_log_service_pb2 import (
    LOG_PURPOSE_VERIFY_LAWFULNESS,
    ExportRecordsRequest,
    WholeLog,
)
from publicprotection.oversight.v1.subject_service_pb2 import Acting

from deploy.story.documents import build_document, build_header
from deploy.story.model import read_story
from gateway.app.envelopes import Arrival, Unusable
from gateway.app.heartbeat import Heart
from gateway.app.log_export import LogExport
from gateway.app.proofs import LogProver, SizeUnknownError
from gateway.core.log.errors import TileMissingError
from services.kit.access.actor import Scope
from services.kit.bus import MemoryBroker, MemoryBus, Received
from services.kit.directory import GATEWAY
from services.kit.evidence.bundle import Report, verify_bundle
from services.kit.evidence.delivery_evidence import DeliveryReport, read_evidence, verify_evidence
from services.kit.evidence.errors import BundleRefusedError
from services.kit.exchange.notices import verify_outcome
from services.kit.exchange.records import Records
from services.kit.exchange.relay import Relay
from services.kit.store import Vault, open_store
from services.kit.store.inbox import DeliveryFilter, ReceivedDelivery
from services.kit.store.outcomes import StoredAlarm
from services.kit.witness.proving import Prover
from services.kit.witness.settings import WitnessSettings
from services.kit.witness.witness import Witness
from tests.attack.scheme import RECIPIENT, SENDER, Scheme
from tests.support.acting import officer
from tests.support.exchanging import AT_REST, QUICK, Member
from tests.support.gateway import TODAY, Gateway, open_gateway

ACTING: Final = Acting(reason="Inquest")
MINUTE: Final = timedelta(minutes=1)
STEP: Final = "release-notice"


class Station:
    """A gateway on the files of a folder, with its broker."""

    def __init__(self, scheme: Scheme, folder: Path) -> None:
        self.scheme = scheme
        self.folder = folder
        self.broker: MemoryBroker = scheme.broker()
        self.gateway: Gateway
        self.heart: Heart
        self._stack = AsyncExitStack()

    async def start(self) -> None:
        self.folder.mkdir(exist_ok=True)
        opening = open_gateway(self.scheme, self.folder, broker=self.broker)
        self.gateway = await self._stack.enter_async_context(opening)
        self.heart = Heart(self.gateway.store, self.gateway.bus, self.gateway.tools, interval_s=60)

    async def stop(self) -> None:
        await self._stack.aclose()

    async def take(self) -> list[Unusable]:
        """Takes what organisations sent; what cannot be used."""
        arrivals = [
            Arrival(name, item.user, item.message.body)
            for name in self.scheme.directory.organisations
            for item in drain(self.broker, f"from.{name}")
        ]
        results = await self.gateway.take(*arrivals) if arrivals else []
        return [each for each in results if each is not None]

    async def publish(self) -> None:
        """Sequences what is queued, and publishes what waits."""
        while await self.gateway.sequencer.sequence_batch():
            pass
        while await self.gateway.publisher.publish_batch():
            pass

    async def copy(self, folder: Path) -> "Station":
        """A second gateway on a copy of the files."""
        await self.stop()
        shutil.copytree(self.folder, folder)
        other = Station(self.scheme, folder)
        await self.start()
        await other.start()
        return other


class Agency:
    """An organisation's process without gRPC, moved step by step; connected to a gateway."""

    def __init__(self, member: Member, scheme: Scheme) -> None:
        self.member = member
        self.name = member.participant.organisation
        self.witness = Witness(member.participant, member.records, self._ask, WitnessSettings())
        self.prover = Prover(member.participant, member.records, self.witness, self._ask)
        self.station: Station
        self._scheme = scheme

    async def connect(self, station: Station) -> None:
        bus = MemoryBus(station.broker, self.name)
        await bus.start()
        self.station = station
        self.member.relay = Relay(self.member.participant, self.member.records, bus, QUICK)

    async def send(self, step: str = STEP) -> str:
        """Sends what a step of the story sends; the exchange's id."""
        header, document = draft(self.station, step)
        accepted = await self.member.outbox.submit(header, document)
        await self.speak()
        return accepted.exchange_id

    async def speak(self) -> None:
        """Publishes what waits: exchanges, receipts, cosignatures."""
        await self.member.relay.publish_waiting()

    async def hear(self) -> None:
        """Takes what waits for it; the witness looks at it."""
        queue = f"to.{self.name}"
        for item in drain(self.station.broker, queue):
            await self.member.intake.receive(Received(queue, item.message, item.user, False, 1, 1))  # noqa: FBT003
        await self.witness.look()

    async def alarms(self) -> list[StoredAlarm]:
        records = self.member.records
        async with records.store.read() as connection:
            return await records.alarms.page(connection, 0, 100)

    async def deliveries(self) -> list[ReceivedDelivery]:
        """What people here can read."""
        records = self.member.records
        async with records.store.read() as connection:
            now = self.member.participant.clock.now()
            return await records.inbox.page(connection, DeliveryFilter(after=0, at=now), 100)

    async def outcomes(self, exchange_id: str) -> "Told":
        """What the gateway told it about an exchange."""
        records, keys = (
            self.member.records,
            self._scheme.directory.keys.verifying_at(self._scheme.clock.now()),
        )
        async with records.store.read() as connection:
            stored = await records.outcomes.of(connection, exchange_id)
        told = [verify_outcome(each.token, keys=keys, gateway=GATEWAY) for each in stored]
        receipted = {each.delivery_id for each in told if each.kind == OUTCOME_KIND_RECEIPTED}
        statements = [token for each in told for token in each.statements]
        return Told(statements, receipted, {each.rejection.reason for each in told} - {""})

    async def prove(self, delivery_id: str) -> str:
        """The evidence of a delivery: the file."""
        return await self.prover.prove(
            delivery_id, officer(self.name, Scope.ORGANISATION), "To try whether it proves itself."
        )

    async def _ask(self, first: int, second: int) -> Sequence[bytes] | None:
        try:
            return await LogProver(self.station.gateway.store).prove_consistency(first, second)
        except (SizeUnknownError, TileMissingError):
            return None


def draft(station: Station, step: str) -> tuple[Header, Message]:
    """Header and document of a step of the story, with the parts given to organisations of this scheme."""
    send = next(each.send for each in read_story().steps if each.id == step)
    assert send is not None
    header = build_header(send, TODAY, request_id=f"test-{secrets.token_hex(8)}", in_reply_to=None)
    station.gateway._cast(step, header)
    return header, build_document(send, TODAY)


class Told(NamedTuple):
    """What a sender was told: statements of releases, deliveries receipted, reasons of rejections."""

    statements: list[str]
    receipted: set[str]
    reasons: set[str]


@dataclass
class Stage:
    """Everything, and time."""

    scheme: Scheme
    station: Station
    folder: Path
    agencies: dict[str, Agency] = field(default_factory=dict)

    async def exchange(self) -> str:
        """A notice goes from sender to recipient; its id."""
        exchange_id = await self.agencies[SENDER].send()
        await self.station.take()
        await self.deliver()
        return exchange_id

    async def deliver(self) -> None:
        """What was taken goes out, is received and receipted, and the sender is told."""
        for _ in range(2):
            await self.station.publish()
            for agency in self.agencies.values():
                await agency.hear()
                await agency.speak()
            await self.station.take()

    async def beat(self, *stations: Station, silent: Sequence[str] = (), later: timedelta = MINUTE) -> None:
        """A heartbeat of each gateway, a minute later or as given; who is not silent answers."""
        self.scheme.clock.moment += later
        for station in stations or (self.station,):
            await station.publish()
            await station.heart.beat()
            for agency in self.agencies.values():
                if agency.station is station and agency.name not in silent:
                    await agency.hear()
                    await agency.speak()
            await station.take()

    async def alarms(self) -> dict[str, set[str]]:
        """Codes of alarms by who raised them."""
        found = {
            name: {each.code for each in await agency.alarms()} for name, agency in self.agencies.items()
        }
        return {name: codes for name, codes in found.items() if codes}

    async def export(self, **scope: Any) -> bytes:
        """An export by the gateway's own code; of everything unless a scope is given."""
        scope = scope or {"everything": WholeLog()}
        request = ExportRecordsRequest(purpose=LOG_PURPOSE_VERIFY_LAWFULNESS, acting=ACTING, **scope)
        export = LogExport(self.station.gateway.store, self.station.gateway.tools)
        unit = self.scheme.of_kind("MAPPA_COORDINATION_UNIT")
        return b"".join([piece async for piece in export.write(officer(unit), request)])

    async def audit(self, **scope: Any) -> str:
        """What an auditor finds wrong with an export; empty if nothing."""
        return self.find_in_export(await self.export(**scope))

    def find_in_export(self, octets: bytes) -> str:
        """The reason why an export is refused; empty if it is not."""
        try:
            self.verify_export(octets)
        except BundleRefusedError as error:
            return error.reason
        return ""

    def verify_export(self, octets: bytes) -> Report:
        lines = octets.splitlines(keepends=True)
        return verify_bundle(lines, self.scheme.opener(), now=self.scheme.clock.now())

    def find_in_evidence(self, file: str) -> str:
        """The reason why the evidence of a delivery is refused; empty if it is not."""
        try:
            self.verify_evidence(file.encode())
        except BundleRefusedError as error:
            return error.reason
        return ""

    def verify_evidence(self, octets: bytes) -> DeliveryReport:
        return verify_evidence(read_evidence(octets), self.scheme.opener(), now=self.scheme.clock.now())

    async def evidence(self) -> str:
        """The recipient's evidence of the first that it received."""
        recipient = self.agencies[RECIPIENT]
        first = (await recipient.deliveries())[0]
        return await recipient.prove(first.delivery_id)


def drain(broker: MemoryBroker, queue: str) -> Iterator[Any]:
    """Takes everything out of a queue."""
    items = broker.queues[queue].items
    while items:
        yield items.popleft()


async def open_stage(scheme: Scheme, folder: Path, stack: AsyncExitStack, names: Sequence[str]) -> Stage:
    """A gateway that has started, and these agencies, connected to it."""
    stage = Stage(scheme, Station(scheme, folder / "gateway"), folder)
    await stage.station.start()
    stack.push_async_callback(stage.station.stop)
    for name in names:
        path = folder / f"{name}.db"
        store = await open_store(f"sqlite+aiosqlite:///{path}", Vault(AT_REST))
        stack.push_async_callback(store.close)
        bus = MemoryBus(stage.station.broker, name)
        member = Member(scheme.participant(name), Records.of(store), bus, path)
        stage.agencies[name] = Agency(member, scheme)
        await stage.agencies[name].connect(stage.station)
    return stage
