"""Organisations that exchange over a bus, and a stand-in for the gateway that releases what it is told to."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from inspect import isasyncgenfunction
from json import dumps
from pathlib import Path
from typing import Any, TypeVar, cast

from publicprotection.common.v1.organisation_pb2 import ORGANISATION_KIND_OTHER
from publicprotection.documents.v1.custody_pb2 import ReleaseNotice
from publicprotection.exchange.v1 import decision_pb2, directory_service_pb2, header_pb2, outcome_pb2
from publicprotection.transport.v1 import packet_pb2

from deploy.broker.definitions import GATEWAY as GATEWAY_USER
from services.kit.access.actor import Actor, Role, Scope, System, acting
from services.kit.bus import BusPort, MemoryBroker, MemoryBus, Message, Publication, PublishResult, Received
from services.kit.clock import FixedClock
from services.kit.directory import GATEWAY, Directory
from services.kit.evidence.hop import decrypt_hop, encrypt_hop
from services.kit.evidence.keys import DecryptionKey, SigningKey, decryption_lookup
from services.kit.evidence.opening import OpenedSeal, open_seal
from services.kit.evidence.seal import select
from services.kit.evidence.statement import Recipient, Statement, WithheldTold, sign_statement
from services.kit.exchange.arrivals import Arrivals
from services.kit.exchange.fact_service import FactServicer
from services.kit.exchange.hold_service import HoldServicer
from services.kit.exchange.inbox_service import InboxServicer
from services.kit.exchange.intake import Intake
from services.kit.exchange.notices import sign_outcome
from services.kit.exchange.outbox import Outbox
from services.kit.exchange.outbox_service import OutboxServicer
from services.kit.exchange.participant import Participant, stamp
from services.kit.exchange.reading_service import ReadingServicer
from services.kit.exchange.records import Records
from services.kit.exchange.relay import Relay, RelaySettings
from services.kit.exchange.thread_service import ThreadServicer
from services.kit.identifiers import new_id
from services.kit.store import Vault, open_store
from tests.support.broker import OPERATOR, ORGANISATIONS, definitions
from tests.support.databases import FileDatabase, NewDatabase
from tests.support.identity import as_person
from tests.support.simulated_log import SimulatedLog

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
SENDER, RECIPIENT = "kent-prison", "kent-police"
DESK = "public-protection-unit"
AT_REST = bytes(range(32))
QUICK = RelaySettings(interval_s=5, backoff_first_s=0.01, backoff_limit_s=0.05)
SYSTEM = "case-system"


class ActingServicer:
    """A servicer whose methods are called as the guard calls them: for somebody.

    Args:
        servicer: whose methods.
        actor: who acts, at each call.
    """

    def __init__(self, servicer: Any, actor: Callable[[], Actor]) -> None:
        self._servicer = servicer
        self._actor = actor

    def __getattr__(self, name: str) -> Any:
        behave = getattr(self._servicer, name)

        async def answer(*arguments: Any) -> Any:
            with acting(self._actor()):
                return await behave(*arguments)

        async def stream(*arguments: Any) -> AsyncIterator[Any]:
            answers = behave(*arguments)
            try:
                while True:
                    with acting(self._actor()):
                        found = await anext(answers, None)
                    if found is None:
                        return
                    yield found
            finally:
                await answers.aclose()

        return stream if isasyncgenfunction(behave) else answer


_Servicer = TypeVar("_Servicer")
CONTEXT: Any = None

# Everything in the notice that must not be readable on the disk.
SECRETS = ("Marsh", "Daniel", "Finch", "Alma", "ZZ1 4AB", "Reed", "injunction", "fear of the visits")


@dataclass
class World:
    """Keys and directory of everybody, and one clock.

    Attributes:
        clock: stands still until moved.
        signing: signing keys by owner.
        decryption: decryption keys by owner.
        former: what the directory says of keys that others have replaced.
        opened_by: their private halves, as far as they open something.
        directory: what each of them trusts.
    """

    clock: FixedClock = field(default_factory=lambda: FixedClock(NOW))
    signing: dict[str, SigningKey] = field(default_factory=dict)
    decryption: dict[str, DecryptionKey] = field(default_factory=dict)
    former: dict[str, list[directory_service_pb2.PublicKey]] = field(default_factory=dict)
    opened_by: dict[str, list[DecryptionKey]] = field(default_factory=dict)
    directory: Directory = field(init=False)

    def __post_init__(self) -> None:
        for owner in (*ORGANISATIONS, GATEWAY):
            self.signing.setdefault(owner, SigningKey.generate(owner=owner))
            self.decryption.setdefault(owner, DecryptionKey.generate(owner=owner))
        self.directory = Directory.from_message(self._message())

    def participant(self, organisation: str) -> Participant:
        return Participant(
            organisation=organisation,
            signing_source=lambda: self.signing[organisation],
            decryption=partial(self._opening, organisation),
            directory=lambda: self.directory,
            vault=Vault(AT_REST),
            clock=self.clock,
            new_id=new_id,
        )

    def _opening(self, organisation: str, kid: str) -> DecryptionKey:
        own = [self.decryption[organisation], *self.opened_by.get(organisation, ())]
        return decryption_lookup(own)(kid)

    def rotated(self, owner: str, *, revoked_at: datetime | None = None) -> "World":
        """The same with new keys of one of them; the old ones go on to count, or are revoked from then on."""
        entries = self._keys(owner)
        for entry in entries:
            entry.valid_from.CopyFrom(stamp(NOW - timedelta(days=60)))
            if revoked_at is not None:
                entry.revoked = True
                entry.revoked_at.CopyFrom(stamp(revoked_at))
        return World(
            clock=self.clock,
            signing={name: key for name, key in self.signing.items() if name != owner},
            decryption={name: key for name, key in self.decryption.items() if name != owner},
            former=self.former | {owner: entries},
            opened_by=self.opened_by | {owner: [self.decryption[owner]]},
        )

    def _message(self) -> directory_service_pb2.Directory:
        message = directory_service_pb2.Directory(
            serial=1, issued_at=stamp(NOW), valid_until=stamp(NOW + timedelta(days=30))
        )
        message.gateway_keys.extend([*self._keys(GATEWAY), *self.former.get(GATEWAY, ())])
        for organisation in ORGANISATIONS:
            desks = [
                directory_service_pb2.Desk(desk=desk, name=desk, telephone="01632 960001")
                for desk in (DESK, "front-door")
            ]
            message.organisations.add(
                organisation=organisation,
                kind=ORGANISATION_KIND_OTHER,
                desks=desks,
                keys=[*self._keys(organisation), *self.former.get(organisation, ())],
                witnesses_log=True,
            )
        return message

    def _keys(self, owner: str) -> list[directory_service_pb2.PublicKey]:
        signing, decryption = self.signing[owner].public, self.decryption[owner].public
        return [
            directory_service_pb2.PublicKey(
                key_id=key.kid,
                use=use,
                jwk=dumps(key.to_jwk()),
                valid_from=stamp(NOW - timedelta(days=30)),
                valid_until=stamp(NOW + timedelta(days=365)),
            )
            for key, use in (
                (signing, directory_service_pb2.KEY_USE_SIGNING),
                (decryption, directory_service_pb2.KEY_USE_ENCRYPTION),
            )
        ]


@dataclass
class Member:
    """One organisation's process, without gRPC."""

    participant: Participant
    records: Records
    bus: BusPort
    path: Path

    def __post_init__(self) -> None:
        self.outbox = Outbox(self.participant, self.records)
        self.relay = Relay(self.participant, self.records, self.bus, QUICK)
        self.intake = Intake(self.participant, self.records, self.bus)
        self.arrivals = Arrivals(self.participant, self.records)
        self.actor = self.acts_as(Role.SUPERVISOR, Scope.ORGANISATION)
        self.inbox_service = self.served(InboxServicer(self.participant, self.records))
        self.outbox_service = self.served(OutboxServicer(self.participant, self.records))
        self.hold_service = self.served(HoldServicer(self.outbox, self.records))
        self.fact_service = self.served(FactServicer(self.participant, self.outbox, self.records))
        self.thread_service = self.served(ThreadServicer(self.participant, self.records))
        self.reading_service = self.served(ReadingServicer(self.records))

    def acts_as(self, role: Role, scope: Scope, **person: Any) -> Actor:
        """Somebody of this organisation; also the one who calls from now on."""
        organisation = self.participant.organisation
        named = {"name": "Jo Park", "job": "DUTY_OFFICER"} | person
        who = as_person(organisation, role, Role.PRACTITIONER, **named)
        self.actor = Actor(System(organisation, SYSTEM), role, who, scope)
        return self.actor

    def served(self, servicer: _Servicer) -> _Servicer:
        """The servicer, called as the guard would call it, for whoever acts now."""
        return cast("_Servicer", ActingServicer(servicer, lambda: self.actor))

    async def packets(self) -> list[tuple[str, bool]]:
        """Kind of each outgoing packet, and whether it is published."""
        async with self.records.store.read() as connection:
            rows = await connection.exec_driver_sql("SELECT kind, published_at FROM packet ORDER BY position")
            return [(row.kind, row.published_at is not None) for row in rows]

    async def alarms(self, exchange_id: str = "") -> list[str]:
        """Codes of the alarms about an exchange, or about none in particular."""
        async with self.records.store.read() as connection:
            return [alarm.code for alarm in await self.records.alarms.of(connection, exchange_id)]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """With relay and intake at work."""
        tasks = [asyncio.create_task(self.relay.run()), asyncio.create_task(self.intake.run())]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


@asynccontextmanager
async def open_member(
    world: World, organisation: str, bus: BusPort, folder: Path, databases: NewDatabase = FileDatabase
) -> AsyncIterator[Member]:
    path = folder / f"{organisation}.db"
    database = databases(path)
    store = await open_store(database.url, Vault(AT_REST), database.access)
    try:
        yield Member(world.participant(organisation), Records.of(store), bus, path)
    finally:
        await store.close()


def memory_broker() -> MemoryBroker:
    return MemoryBroker(definitions(dict.fromkeys((*ORGANISATIONS, GATEWAY_USER, OPERATOR), "x")))


@asynccontextmanager
async def memory_member(
    world: World,
    broker: MemoryBroker,
    organisation: str,
    folder: Path,
    databases: NewDatabase = FileDatabase,
) -> AsyncIterator[Member]:
    async with (
        MemoryBus(broker, organisation) as bus,
        open_member(world, organisation, bus, folder, databases) as member,
    ):
        yield member


def write_header(request_id: str = "request-0001", **changes: Any) -> header_pb2.Header:
    """A header to one desk, without sender."""
    values: dict[str, Any] = {
        "recipients": [{"organisation": RECIPIENT, "desk": DESK}],
        "purpose": header_pb2.PURPOSE_PLAN_RELEASE,
        "lawful_bases": [header_pb2.LAWFUL_BASIS_OMA_2007_S14],
        "necessity": "They manage the risk; she lives in fear of the visits.",
        "author": {"name": "Sam Reed", "role": "CUSTODY_MANAGER"},
        "marking": 2,
        "request_id": request_id,
    }
    return header_pb2.Header(**(values | changes))


def write_notice() -> ReleaseNotice:
    values: dict[str, Any] = {
        "subject": {"name": {"family": "Marsh", "given": "Daniel"}, "date_of_birth": {"year": 1984}},
        "release_address": {"lines": ["4 Mill Row"], "postcode": "ZZ1 4AB"},
        "victims": [
            {"person": {"name": {"family": "Finch", "given": "Alma"}}, "risk": "An injunction is in force."},
            {"person": {"name": {"family": "Finch", "given": "Una"}}},
        ],
        "staff_at_risk": True,
    }
    return ReleaseNotice(**values)


Change = Callable[[Statement], Statement]


def unchanged(statement: Statement) -> Statement:
    return statement


class GatewayStandIn:
    """Does of the gateway's work what the kit sees: opens, selects, states, signs, encrypts."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.log = SimulatedLog(world.signing[GATEWAY], world.clock)

    def open(self, received: Received) -> packet_pb2.Packet:
        """Decrypts a packet from an organisation."""
        keys = decryption_lookup([self.world.decryption[GATEWAY]])
        return packet_pb2.Packet.FromString(decrypt_hop(received.message.body.decode(), keys))

    def open_seal(self, packet: packet_pb2.Packet) -> OpenedSeal:
        return open_seal(
            packet.submission.seal, self.world.directory.keys.verifying_at(self.world.clock.now())
        )

    def release(
        self,
        opened: OpenedSeal,
        paths: Iterable[str] | None = None,
        change: Change = unchanged,
        *,
        to: str = RECIPIENT,
        key: SigningKey | None = None,
    ) -> packet_pb2.Delivery:
        """A delivery of these paths (all of them unless given), its statement changed before it is signed.

        The header's entries for recipients always go with it. It is on record.
        """
        record, proof = self.log.record()
        named = {path for path in opened.leaves if path.startswith("header.recipients[")}
        chosen = sorted(opened.leaves if paths is None else named.union(paths))
        statement = Statement(
            exchange_id=opened.exchange_id,
            delivery_id=new_id(),
            seal_hash=opened.seal_hash,
            sender=opened.issuer,
            recipient=Recipient(organisation=to, desk=DESK),
            disclosed=tuple(chosen),
            withheld_told=(WithheldTold(category="VICTIM_RISK", rule="TEST-1", reason="Not needed."),),
            rulebook="2026.1",
            flags=("NO_AGREEMENT",),
            record_hash=record,
            issued_at=self.world.clock.now(),
        )
        said = change(statement)
        signed = sign_statement(said, key=key or self.world.signing[GATEWAY])
        return packet_pb2.Delivery(
            delivery_id=said.delivery_id, seal=select(opened.seal, chosen), statement=signed, proof=proof
        )

    def outcome(self, opened: OpenedSeal, *statements: str, **changes: Any) -> packet_pb2.OutcomeNotice:
        """An outcome to the sender: decided, with these statements; on record."""
        record, proof = self.log.record()
        values: dict[str, Any] = {
            "outcome_id": new_id(),
            "exchange_id": opened.exchange_id,
            "kind": outcome_pb2.OUTCOME_KIND_DECIDED,
            "at": stamp(self.world.clock.now()),
            "statements": statements,
            "addressee": opened.issuer,
            "document_type": "ReleaseNotice",
            "record_hash": record,
        }
        outcome = outcome_pb2.Outcome(**(values | changes))
        signed = sign_outcome(outcome, self.world.signing[GATEWAY])
        return packet_pb2.OutcomeNotice(outcome=signed, proof=proof)

    def close(self, to: str, **content: Any) -> bytes:
        """A packet, encrypted to an organisation."""
        key = self.world.directory.keys.encryption_key(to, self.world.clock.now())
        return encrypt_hop(packet_pb2.Packet(**content).SerializeToString(), key).encode()

    def received(
        self, to: str, *, user: str | None = GATEWAY_USER, body: bytes | None = None, **content: Any
    ) -> Received:
        """The message as the organisation's bus hands it over."""
        message = Message(body or self.close(to, **content), new_id(), "packet")
        return Received(f"to.{to}", message, user, redelivered=False, delivery_tag=1, session=1)

    async def take(self, bus: BusPort, organisation: str) -> packet_pb2.Packet:
        """The next packet of an organisation, from its queue."""
        async with asyncio.timeout(10), bus.subscribe([f"from.{organisation}"], prefetch=1) as subscription:
            (received,) = (await subscription.take(1)).messages
            subscription.ack([received])
        assert received.user_id == organisation
        return self.open(received)

    async def send(self, bus: BusPort, to: str, **content: Any) -> None:
        """Publishes a packet to an organisation."""
        message = Message(self.close(to, **content), new_id(), "packet")
        (result,) = await bus.publish_many([Publication("deliveries", f"to.{to}", message)])
        assert result is PublishResult.CONFIRMED


def hold_requested(hold_id: str, organisation: str) -> decision_pb2.Decision:
    held = decision_pb2.Held(
        hold_id=hold_id, categories=["VICTIM_RISK"], prerequisite="OWNER_AGREES", organisation=organisation
    )
    return decision_pb2.Decision(held=[held])


def token() -> str:
    return f"request-{secrets.token_hex(6)}"
