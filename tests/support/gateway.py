"""A gateway in one process: real store, key store, crypto and decision; a bus in memory; everybody's kit."""

import secrets
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from json import dumps
from pathlib import Path
from typing import Any

from google.protobuf.message import Message
from publicprotection.common.v1.organisation_pb2 import DeskReference, OrganisationKind
from publicprotection.exchange.v1 import directory_service_pb2, header_pb2, outcome_pb2
from publicprotection.exchange.v1.gateway_documents_pb2 import HoldAnswer, HoldVerdict
from publicprotection.transport.v1 import packet_pb2

from deploy.broker.definitions import Account, define
from deploy.local.roster import read_organisations
from deploy.story.documents import build_document, build_header
from deploy.story.model import read_story
from gateway.adapters.database import DatabaseStore, open_store
from gateway.adapters.files import read_agreements, read_rulebook
from gateway.adapters.keystore import KeyStoreFile
from gateway.app.envelopes import Arrival, Unusable
from gateway.app.intake import Intake
from gateway.app.publish import Publisher
from gateway.app.rows import RecordRow
from gateway.app.sequencer import Sequencer
from gateway.app.tools import Basis, Decide, Tools
from gateway.core.abstracts import abstract_of
from gateway.core.deadlines.starting import Means
from gateway.core.decide import decide
from gateway.core.directory import DirectoryIndex
from gateway.core.prerequisites import answer_facts
from gateway.core.world import World
from services.kit.bank_holidays import england_and_wales
from services.kit.bus import MemoryBroker, MemoryBus
from services.kit.clock import FixedClock
from services.kit.directory import GATEWAY, Directory
from services.kit.evidence.hop import decrypt_hop
from services.kit.evidence.keys import DecryptionKey, SigningKey, decryption_lookup
from services.kit.evidence.release import Release, verify_release
from services.kit.evidence.statement import verify_statement
from services.kit.exchange.headers import complete_header, gateway_header
from services.kit.exchange.notices import sign_acknowledgement, sign_receipt, verify_outcome
from services.kit.exchange.packets import encrypt_packet, hash_of
from services.kit.exchange.participant import Participant, stamp
from services.kit.exchange.proofs import verify_proof
from services.kit.exchange.sealing import seal_exchange
from services.kit.identifiers import new_id
from services.kit.store import Vault
from tests.support.answering import answerer, evidence
from tests.support.databases import FileDatabase, NewDatabase

ROOT = Path(__file__).resolve().parent.parent.parent
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
TODAY = date(2026, 11, 23)
AUTHOR = header_pb2.Author(name="Rufus Oakenshaw", role="POLICE_OFFENDER_MANAGER")

# Sender and recipients of a step, by kind of organisation.
CAST = {
    "release-notice": ("PRISON", "POLICE", "PROBATION", "CHILDRENS_SERVICES"),
    "restrictions": ("PROBATION", "POLICE", "DWP"),
    "contribution": ("PROBATION", "MAPPA_COORDINATION_UNIT"),
    "section-42": ("PRISON", "ADULT_SERVICES"),
}


@dataclass
class Parties:
    """Everybody's keys, the directory, the data of decisions, and one clock.

    Attributes:
        clock: stands still until moved.
        signing: signing keys by owner.
        decryption: decryption keys by owner.
        entries: who takes part; none: everybody of the demonstration.
        directory: what all of them trust.
        world: what decisions read.
    """

    clock: FixedClock = field(default_factory=lambda: FixedClock(NOW))
    signing: dict[str, SigningKey] = field(default_factory=dict)
    decryption: dict[str, DecryptionKey] = field(default_factory=dict)
    entries: tuple[directory_service_pb2.Organisation, ...] = ()
    directory: Directory = field(init=False)
    world: World = field(init=False)

    def __post_init__(self) -> None:
        organisations = self.entries or read_organisations()
        for owner in [*(entry.organisation for entry in organisations), GATEWAY]:
            self.signing.setdefault(owner, SigningKey.generate(owner=owner))
            self.decryption.setdefault(owner, DecryptionKey.generate(owner=owner))
        self.directory = Directory.from_message(self._message(organisations))
        agreements = read_agreements(ROOT / "deploy" / "agreements")
        self.world = World(DirectoryIndex(self.directory.organisations), agreements, read_rulebook())

    def participant(self, organisation: str) -> Participant:
        return Participant(
            organisation=organisation,
            signing_source=lambda: self.signing[organisation],
            decryption=decryption_lookup([self.decryption[organisation]]),
            directory=lambda: self.directory,
            vault=Vault(bytes(range(32))),
            clock=self.clock,
            new_id=new_id,
        )

    def of_kind(self, kind: str) -> str:
        """The first organisation of a kind."""
        wanted = OrganisationKind.Value(f"ORGANISATION_KIND_{kind}")
        return next(name for name, entry in self.directory.organisations.items() if entry.kind == wanted)

    def broker(self) -> MemoryBroker:
        names = list(self.directory.organisations)
        return MemoryBroker(define([Account(name, "") for name in names], Account(GATEWAY, "")))

    def _message(
        self, organisations: Iterable[directory_service_pb2.Organisation]
    ) -> directory_service_pb2.Directory:
        message = directory_service_pb2.Directory(
            serial=1, issued_at=stamp(NOW), valid_until=stamp(NOW + timedelta(days=30))
        )
        message.gateway_keys.extend(self._keys(GATEWAY))
        for organisation in organisations:
            entry = message.organisations.add()
            entry.CopyFrom(organisation)
            entry.witnesses_log = True
            entry.keys.extend(self._keys(organisation.organisation))
        return message

    def _keys(self, owner: str) -> list[directory_service_pb2.PublicKey]:
        published = (
            (self.signing[owner].public, directory_service_pb2.KEY_USE_SIGNING),
            (self.decryption[owner].public, directory_service_pb2.KEY_USE_ENCRYPTION),
        )
        return [
            directory_service_pb2.PublicKey(
                key_id=key.kid,
                use=use,
                jwk=dumps(key.to_jwk()),
                valid_from=stamp(NOW - timedelta(days=300)),
                valid_until=stamp(NOW + timedelta(days=365)),
            )
            for key, use in published
        ]


@dataclass(frozen=True)
class Sealed:
    """A sealed exchange on its way: its id, the message, and what was sealed."""

    exchange_id: str
    organisation: str
    body: bytes
    leaves: dict[str, Any]
    seal: str

    @property
    def arrival(self) -> Arrival:
        return Arrival(self.organisation, self.organisation, self.body)


@dataclass
class Senders:
    """What organisations send to a gateway, sealed by their own kits."""

    parties: Parties

    def seal(self, organisation: str, header: header_pb2.Header, document: Message) -> Sealed:
        participant = self.parties.participant(organisation)
        made = seal_exchange(complete_header(header, participant), document, participant)
        return self.wrap(organisation, made.exchange_id, made.original.seal, dict(made.original.leaves))

    def wrap(self, organisation: str, exchange_id: str, seal: str, leaves: dict[str, Any]) -> Sealed:
        packet = packet_pb2.Packet(submission=packet_pb2.Submission(seal=seal))
        return Sealed(exchange_id, organisation, self.close(organisation, packet), leaves, seal)

    def close(self, organisation: str, packet: packet_pb2.Packet) -> bytes:
        return encrypt_packet(packet, self.parties.participant(organisation)).encode()

    def step(self, name: str, **changes: Any) -> Sealed:
        """What a step of the story sends, sealed by its sender."""
        send = next(step.send for step in read_story().steps if step.id == name)
        assert send is not None
        request_id = changes.pop("request_id", f"test-{secrets.token_hex(8)}")
        header = build_header(send, TODAY, request_id=request_id, in_reply_to=None)
        document = build_document(send, TODAY)
        sender = self._cast(name, header)
        change: Callable[[header_pb2.Header, Any], None] | None = changes.pop("change", None)
        if change is not None:
            change(header, document)
        return self.seal(sender, header, document)

    def _cast(self, step: str, header: header_pb2.Header) -> str:
        """Gives the parts to organisations of this directory by kind, whatever the story calls them."""
        sender, *recipients = CAST[step]
        header.ClearField("sender")
        del header.recipients[:]
        for kind in recipients:
            organisation = self.parties.of_kind(kind)
            desk = self.parties.directory.organisations[organisation].desks[0].desk
            header.recipients.add(organisation=organisation, desk=desk)
        for entry in header.provenance:
            entry.owner = self.parties.of_kind("POLICE")
        return self.parties.of_kind(sender)

    def answer(
        self, organisation: str, hold_id: str, verdict: "HoldVerdict.ValueType", **changes: Any
    ) -> Sealed:
        """An answer to a hold, as the organisation's own service seals it: by anybody, with all evidence."""
        members = {"reason": "She has been told.", "answerer": answerer(organisation), "evidence": evidence()}
        document = HoldAnswer(hold_id=hold_id, verdict=verdict, **{**members, **changes})
        return self.to_gateway(organisation, document)

    def to_gateway(self, organisation: str, document: Message) -> Sealed:
        header = gateway_header(
            self.parties.participant(organisation),
            request_id=f"test-{secrets.token_hex(8)}",
            author=AUTHOR,
            necessity="",
            in_reply_to="",
        )
        return self.seal(organisation, header, document)


@dataclass
class Gateway(Senders):
    """One gateway process without its server, and what its organisations do."""

    store: DatabaseStore
    key_store: KeyStoreFile
    tools: Tools
    folder: Path
    broker: MemoryBroker
    bus: MemoryBus
    sequencer: Sequencer = field(init=False)
    publisher: Publisher = field(init=False)
    intake: Intake = field(init=False)

    def __post_init__(self) -> None:
        self.sequencer = Sequencer(self.store, self.tools, interval_s=0.01)
        self.publisher = Publisher(self.store, self.bus, self.tools, batch=100, interval_s=0.01)
        self.intake = Intake(self.store, self.tools)
        self.store.tell(self.sequencer.wake)
        self.sequencer.tell(self.publisher.wake)

    async def take(self, *arrivals: Arrival) -> list[Unusable | None]:
        return await self.intake.take(arrivals)

    async def records(self, kind: str | None = None) -> list[RecordRow]:
        async with self.store.reading() as unit:
            rows = await unit.log.page(0, 1000, None)
        return [row for row in rows if kind in (None, row.type)]

    async def packets(self, organisation: str) -> list[packet_pb2.Packet]:
        """Sequences and publishes everything and drains an organisation's queue."""
        while await self.sequencer.sequence_batch():
            pass
        while await self.publisher.publish_batch():
            pass
        items = self.broker.queues[f"to.{organisation}"].items
        bodies = [items.popleft().message.body for _ in range(len(items))]
        lookup = decryption_lookup([self.parties.decryption[organisation]])
        return [packet_pb2.Packet.FromString(decrypt_hop(body.decode(), lookup)) for body in bodies]

    async def received(
        self, organisation: str
    ) -> tuple[list[outcome_pb2.Outcome], list[tuple[packet_pb2.Delivery, Release]]]:
        """Outcomes and verified releases that an organisation got, each with a proof that it is on record."""
        packets = await self.packets(organisation)
        keys = self.parties.directory.keys.verifying_at(self.parties.clock.now())
        notices = [packet.outcome for packet in packets if packet.HasField("outcome")]
        outcomes = [verify_outcome(notice.outcome, keys=keys, gateway=GATEWAY) for notice in notices]
        for notice, outcome in zip(notices, outcomes, strict=True):
            self._prove(notice.proof, outcome.record_hash)
        deliveries = [packet.delivery for packet in packets if packet.HasField("delivery")]
        return outcomes, [(delivery, self._verified(delivery)) for delivery in deliveries]

    def _verified(self, delivery: packet_pb2.Delivery) -> Release:
        keys = self.parties.directory.keys.verifying_at(self.parties.clock.now())
        said = verify_statement(delivery.statement, keys=keys, gateway=GATEWAY)
        self._prove(delivery.proof, said.record_hash)
        return verify_release(
            delivery.seal, delivery.statement, keys=keys, gateway=GATEWAY, recipient=said.recipient
        )

    def _prove(self, proof: packet_pb2.InclusionProof, record_hash: str) -> None:
        verify_proof(proof, record_hash, self.parties.directory, self.parties.clock.now())

    def receipt(self, organisation: str, delivery: packet_pb2.Delivery, **changes: Any) -> Arrival:
        desk = changes.pop("desk", self._verified(delivery).statement.recipient.desk)
        members = {
            "delivery_id": delivery.delivery_id,
            "recipient": DeskReference(organisation=organisation, desk=desk),
            "received_at": stamp(self.parties.clock.now()),
            "statement_hash": hash_of(delivery.statement),
        }
        claims = packet_pb2.ReceiptClaims(**{**members, **changes})
        signed = sign_receipt(claims, self.parties.signing[organisation])
        packet = packet_pb2.Packet(receipt=packet_pb2.Receipt(receipt=signed))
        return Arrival(organisation, organisation, self.close(organisation, packet))

    def acknowledgement(self, organisation: str, delivery: packet_pb2.Delivery, kind: Any) -> Arrival:
        desk = self._verified(delivery).statement.recipient.desk
        claims = packet_pb2.AcknowledgementClaims(
            delivery_id=delivery.delivery_id,
            recipient=DeskReference(organisation=organisation, desk=desk),
            acknowledged_at=stamp(self.parties.clock.now()),
            kind=kind,
            person="Beatrix Holloway-Ash",
            role="MAPPA_COORDINATOR",
        )
        signed = sign_acknowledgement(claims, self.parties.signing[organisation])
        inner = packet_pb2.Acknowledgement(acknowledgement=signed)
        packet = packet_pb2.Packet(acknowledgement=inner)
        return Arrival(organisation, organisation, self.close(organisation, packet))


@asynccontextmanager
async def open_gateway(
    parties: Parties,
    folder: Path,
    *,
    broker: MemoryBroker | None = None,
    decide_by: Decide | None = None,
    databases: NewDatabase = FileDatabase,
) -> AsyncIterator[Gateway]:
    """A gateway on the files in a folder; opened there again, it goes on where it was left."""
    broker = broker or parties.broker()
    database = databases(folder / "gateway.db")
    async with (
        await open_store(database.url, database.access) as store,
        MemoryBus(broker, GATEWAY) as bus,
    ):
        with KeyStoreFile.open(folder / "keys.db") as key_store:
            tools = make_tools(parties, key_store, decide_by)
            gateway = Gateway(parties, store, key_store, tools, folder, broker, bus)
            await gateway.sequencer.start()
            yield gateway


def make_tools(parties: Parties, key_store: KeyStoreFile, decide_by: Decide | None = None) -> Tools:
    return Tools(
        clock=parties.clock,
        new_id=new_id,
        entropy=secrets.token_bytes,
        current=partial(_basis, parties, decide_by),
        key_store=key_store,
    )


def _basis(parties: Parties, decide_by: Decide | None) -> Basis:
    world = parties.world
    return Basis(
        directory=parties.directory,
        sign_by=lambda: parties.signing[GATEWAY],
        decryption=decryption_lookup([parties.decryption[GATEWAY]]),
        # Until agreements are imported, those of the files: most tests are not about how they get there.
        decide=decide_by or (lambda case, known: decide(case, world.under(known) if known else world)),
        abstract=partial(abstract_of, world=world),
        answer=partial(answer_facts, world.rulebook),
        prerequisites=world.rulebook.prerequisites,
        retention=world.rulebook.retention,
        deadlines=Means(
            world.rulebook.limits, england_and_wales(), world.directory, world.rulebook.prerequisites
        ),
    )


def leaf_paths(releases: Sequence[tuple[packet_pb2.Delivery, Release]]) -> set[str]:
    """Document paths of releases."""
    return {path for _, release in releases for path in release.leaves if path.startswith("document")}
