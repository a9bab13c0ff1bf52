"""A gateway and agencies that answer subject access requests, in one process."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from publicprotection.common.v1.date_pb2 import Date
from publicprotection.common.v1.person_pb2 import (
    IDENTIFIER_SYSTEM_PRISON_NUMBER,
    Identifier,
    PersonIdentity,
    PersonName,
)
from publicprotection.exchange.v1 import subject_access_case_pb2 as case_pb2
from publicprotection.exchange.v1 import subject_access_review_pb2 as review
from publicprotection.exchange.v1 import subject_access_service_pb2 as pb2
from publicprotection.exchange.v1 import subject_access_terms_pb2 as terms_pb2
from publicprotection.exchange.v1.header_pb2 import Header
from publicprotection.exchange.v1.outcome_pb2 import Acceptance

from deploy.story.documents import build_document, build_header
from deploy.story.model import read_story
from gateway.app.envelopes import Arrival
from services.kit.access.actor import Actor, Person, Role, System, acting
from services.kit.bus import MemoryBus, Received
from services.kit.directory import GATEWAY
from services.kit.exchange.records import Records
from services.kit.store import Vault
from services.kit.store import open_store as open_agency_store
from services.kit.subject_access.service import SubjectAccessServicer
from tests.support.databases import FileDatabase, NewDatabase
from tests.support.exchanging import Member
from tests.support.gateway import CAST, TODAY, Gateway, Parties, open_gateway

CONTEXT: Any = None
AT_REST = bytes(range(32))
WORKER, OFFICER, OWNER = "Sam Reed", "Ingrid Thistlewood", "Rufus Oakenshaw"
RECEIVED = TODAY - timedelta(days=1)


@dataclass
class Agency:
    """One agency's process, without gRPC, and what its people do."""

    member: Member
    service: SubjectAccessServicer

    @property
    def organisation(self) -> str:
        return self.member.participant.organisation

    async def call(self, method: str, role: Role = Role.SUPERVISOR, name: str = WORKER, **fields: Any) -> Any:
        """Calls a method as one of the agency's own people."""
        name_of_request = f"{method}Request"
        messages = pb2 if hasattr(pb2, name_of_request) else review
        request = getattr(messages, name_of_request)(**fields)
        with acting(self.actor(role, name)):
            return await getattr(self.service, method)(request, CONTEXT)

    def actor(self, role: Role, name: str) -> Actor:
        person = Person(
            subject=name.lower().replace(" ", "."),
            name=name,
            job="DATA_PROTECTION" if role is Role.DATA_PROTECTION_OFFICER else "CASE_WORKER",
            roles=frozenset({role}),
            organisation=self.organisation,
            desk="front-door",
        )
        return Actor(System(self.organisation, self.organisation), role, person)

    async def case(self, case_id: str) -> case_pb2.AccessCase:
        case: case_pb2.AccessCase = (await self.call("GetCase", case_id=case_id)).case
        return case

    async def open(self, subject: PersonIdentity, **changes: Any) -> str:
        """Opens a case of somebody whose identity is known; its id."""
        values: dict[str, Any] = {
            "request_id": self.member.participant.new_id(),
            "requester": terms_pb2.ACCESS_REQUESTER_SUBJECT,
            "called": terms_pb2.ACCESS_CALLED_LETTER,
            "words": "Send me what you said about me.",
            "subject": subject,
            "received_on": day(RECEIVED),
            "reply_to": ["HMP Marlfield"],
        }
        opened = await self.call("OpenCase", **(values | changes))
        return str(opened.summary.case_id)

    async def establish(self, case_id: str) -> None:
        await self.call(
            "EstablishIdentity",
            case_id=case_id,
            evidence=[terms_pb2.IDENTITY_EVIDENCE_KNOWN_TO_STAFF],
            received_on=day(RECEIVED),
        )


@dataclass
class AccessWorld:
    """Everybody. `pump` carries all messages until there are none."""

    gateway: Gateway
    agencies: dict[str, Agency] = field(default_factory=dict)

    @property
    def parties(self) -> Parties:
        return self.gateway.parties

    def of(self, kind: str) -> Agency:
        return self.agencies[self.parties.of_kind(kind)]

    async def pump(self) -> None:
        while await self._once():
            pass

    async def send_step(self, name: str, change: Callable[[Header, Any], None] | None = None) -> str:
        """Sends a step of the story through its sender's own outbox; the exchange's id."""
        send = next(step.send for step in read_story().steps if step.id == name)
        assert send is not None
        header = build_header(
            send, TODAY, request_id=self.parties.participant(GATEWAY).new_id(), in_reply_to=None
        )
        document = build_document(send, TODAY)
        sender = self._cast(name, header)
        if change is not None:
            change(header, document)
        accepted: Acceptance = await self.agencies[sender].member.outbox.submit(header, document)
        await self.pump()
        return accepted.exchange_id

    def _cast(self, step: str, header: Header) -> str:
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

    async def _once(self) -> bool:
        moved = False
        for agency in self.agencies.values():
            await agency.member.relay.publish_waiting()
        for organisation in self.agencies:
            arrivals = [
                Arrival(organisation, item.user, item.message.body)
                for item in self._drain(f"from.{organisation}")
            ]
            moved = moved or bool(arrivals)
            assert set(await self.gateway.take(*arrivals)) <= {None}
        while await self.gateway.sequencer.sequence_batch():
            pass
        while await self.gateway.publisher.publish_batch():
            pass
        for organisation, agency in self.agencies.items():
            for item in self._drain(queue := f"to.{organisation}"):
                moved = True
                received = Received(
                    queue, item.message, item.user, redelivered=False, delivery_tag=0, session=0
                )
                assert await agency.member.intake.receive(received)
        return moved

    def _drain(self, queue: str) -> list[Any]:
        items = self.gateway.broker.queues[queue].items
        return [items.popleft() for _ in range(len(items))]


@asynccontextmanager
async def open_access_world(
    parties: Parties, folder: Path, *, databases: NewDatabase = FileDatabase
) -> AsyncIterator[AccessWorld]:
    """The world on the files of a folder; opened there again, it goes on where it was left."""
    async with AsyncExitStack() as stack:
        gateway = await stack.enter_async_context(open_gateway(parties, folder, databases=databases))
        world = AccessWorld(gateway)
        for kind in ("POLICE", "PROBATION", "PRISON", "CHILDRENS_SERVICES", "DWP", "MAPPA_COORDINATION_UNIT"):
            organisation = parties.of_kind(kind)
            bus = await stack.enter_async_context(MemoryBus(gateway.broker, organisation))
            database = databases(folder / f"{organisation}.db")
            store = await open_agency_store(database.url, Vault(AT_REST), database.access)
            stack.push_async_callback(store.close)
            participant, records = parties.participant(organisation), Records.of(store)
            member = Member(participant, records, bus, folder / f"{organisation}.db")
            service = SubjectAccessServicer(participant, records, member.outbox)
            world.agencies[organisation] = Agency(member, service)
        yield world


def marlon(**changes: Any) -> PersonIdentity:
    """The subject of the story, by the prison's number."""
    values: dict[str, Any] = {
        "name": PersonName(given="Marlon", family="Quillfeather"),
        "identifiers": [Identifier(system=IDENTIFIER_SYSTEM_PRISON_NUMBER, value="A0417ZQ")],
    }
    return PersonIdentity(**(values | changes))


def day(moment: date) -> Date:
    return Date(year=moment.year, month=moment.month, day=moment.day)
