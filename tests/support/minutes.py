"""An organisation that keeps a register of requests for minutes, without gRPC, and what its people do."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import ParseDict
from publicprotection.common.v1.date_pb2 import Date
from publicprotection.common.v1.organisation_pb2 import DeskReference
from publicprotection.common.v1.person_pb2 import PersonIdentity, PersonName
from publicprotection.documents.v1 import minutes_request_pb2 as documents
from publicprotection.documents.v1.minutes_pb2 import MeetingMinutes
from publicprotection.exchange.v1 import minutes_case_pb2 as case_pb2
from publicprotection.exchange.v1 import minutes_request_service_pb2 as pb2
from publicprotection.exchange.v1.header_pb2 import PURPOSE_MANAGE_RISK, Header

from services.kit.access.actor import Actor, Clearance, Person, Role, System, acting
from services.kit.bus import MemoryBus
from services.kit.exchange.participant import Participant
from services.kit.exchange.records import Records
from services.kit.minutes.service import MinutesRequestServicer
from services.kit.store import Vault, open_store
from tests.support.databases import FileDatabase, NewDatabase
from tests.support.exchanging import AT_REST, Member
from tests.support.gateway import TODAY, Parties

CONTEXT: Any = None
UNIT = "kent-mappa-unit"
COORDINATOR, CHAIR, OTHER_CHAIR = "Ada Merriweather", "Ingrid Thistlewood", "Rufus Oakenshaw"
CRIME = documents.MINUTES_EXEMPTION_PREVENT_CRIME
PERSON = documents.MINUTES_EXEMPTION_ANOTHER_PERSON
INFORMANT = "an informant's account"
POLICE = DeskReference(organisation="kent-police", desk="public-protection-unit")
AT_COURT = ["Sandle Crown Court", "Sandle"]
FACTS = documents.MINUTES_WANTED_FACTS
SUMMARY, FULL = documents.MINUTES_WANTED_SUMMARY, documents.MINUTES_WANTED_FULL_MINUTES
MINUTES: dict[str, Any] = {
    "subject": {"name": {"family": "Marsh", "given": "Toby"}, "date_of_birth": {"year": 1984}},
    "meeting_date": {"year": 2026, "month": 11, "day": 2},
    "next_review": {"year": 2027, "month": 1, "day": 11},
    "chairs": [{"organisation": "kent-probation", "role": "MEETING_CHAIR", "name": "Ingrid Thistlewood"}],
    "attendance": [
        {
            "organisation": "kent-police",
            "role": "POLICE_OFFENDER_MANAGER",
            "name": "Rufus Oakenshaw",
            "attendance": "ATTENDANCE_FULL",
        },
        {
            "organisation": "kent-housing",
            "role": "HOUSING_OFFICER",
            "name": "Perpetua Larkspur",
            "attendance": "ATTENDANCE_APOLOGY",
        },
    ],
    "previous_level": 2,
    "management": {"category": 2, "level": 3},
    "risk_summary": {"nature": "Violence to a partner, as Rufus Oakenshaw set out."},
    "plan_summary": "Weekly supervision by Larkspur's team.",
    "victim_information": [{"text": "She now lives in Juniper Row."}],
}
WRITTEN: dict[str, Any] = {
    "referral_reason": "High risk to a known adult.",
    "discussion": "Mr Oakenshaw reported an informant's account. Supervision was agreed.",
    "disclosure": "None.",
    "level_change_reasons": "Threats were made.",
}


@dataclass
class Unit:
    """One organisation's process, and the calls of its people."""

    member: Member
    service: MinutesRequestServicer

    async def call(
        self,
        method: str,
        role: Role = Role.MAPPA_COORDINATOR,
        name: str = COORDINATOR,
        clearances: frozenset[Clearance] = frozenset(),
        **fields: Any,
    ) -> Any:
        """Calls a method as one of its people."""
        request = getattr(pb2, f"{method}Request")(**fields)
        with acting(self.actor(role, name, clearances)):
            return await getattr(self.service, method)(request, CONTEXT)

    def actor(self, role: Role, name: str, clearances: frozenset[Clearance]) -> Actor:
        organisation = self.member.participant.organisation
        subject = name.lower().replace(" ", ".")
        person = Person(
            subject, name, role.value, frozenset({role}), organisation, "coordination", clearances=clearances
        )
        return Actor(System(organisation, organisation), role, person)

    async def register(self, kind: str, **changes: Any) -> str:
        """Registers a request; its id."""
        registered = await self.call("RegisterMinutesRequest", **stated(kind, **changes))
        return str(registered.summary.case_id)

    async def case(self, case_id: str) -> case_pb2.MinutesCase:
        found: case_pb2.MinutesCase = (await self.call("GetMinutesCase", case_id=case_id)).case
        return found

    async def draft(self, case_id: str, **changes: Any) -> None:
        """Composes a summary, and hears the organisation itself, so that nothing is sent for it."""
        minutes = ParseDict(MINUTES, MeetingMinutes())
        await self.call("ComposeSummary", case_id=case_id, minutes=minutes, **(WRITTEN | changes))
        await self.ask(case_id, UNIT)
        await self.call("HearContributor", case_id=case_id, organisation=UNIT)

    async def keep_minutes(self) -> str:
        """Sends the minutes of the meeting to the police; the exchange."""
        header = Header(request_id="minutes-of-the-meeting", purpose=PURPOSE_MANAGE_RISK, recipients=[POLICE])
        sent = await self.member.outbox.submit(header, ParseDict(MINUTES, MeetingMinutes()))
        return sent.exchange_id

    async def ask(self, case_id: str, *organisations: str, by: date = TODAY) -> None:
        desks = [DeskReference(organisation=each, desk=self.desk_of(each)) for each in organisations]
        await self.call("AskContributors", case_id=case_id, contributors=desks, comments_by=day(by))

    def desk_of(self, organisation: str) -> str:
        return self.member.participant.directory().organisations[organisation].desks[0].desk

    async def prepare(self, case_id: str, answer: str, **fields: Any) -> Any:
        value = documents.MinutesAnswer.Value(f"MINUTES_ANSWER_{answer}")
        role, name = fields.pop("role", Role.MAPPA_COORDINATOR), fields.pop("name", COORDINATOR)
        return await self.call("PrepareReply", role, name, case_id=case_id, answer=value, **fields)

    async def approve(self, case_id: str, role: Role = Role.MEETING_CHAIR, name: str = CHAIR) -> Any:
        return await self.call("ApproveReply", role, name, case_id=case_id)

    async def send(self, case_id: str, **fields: Any) -> Any:
        return await self.call("SendReply", case_id=case_id, **fields)

    async def letter(self, case_id: str) -> bytes:
        return bytes((await self.call("GetReplyLetter", case_id=case_id)).pdf)

    async def sent(self) -> list[str]:
        """Types of the documents that were sent, in order."""
        async with self.member.records.store.read() as connection:
            rows = await connection.exec_driver_sql("SELECT document_type FROM exchange ORDER BY position")
            return [row.document_type for row in rows]


@asynccontextmanager
async def open_unit(
    parties: Parties,
    folder: Path,
    organisation: str = UNIT,
    *,
    participant: Participant | None = None,
    databases: NewDatabase = FileDatabase,
) -> AsyncIterator[Unit]:
    """The organisation on the files of a folder; opened there again, it goes on where it was left."""
    path = folder / f"{organisation}.db"
    database = databases(path)
    store = await open_store(database.url, Vault(AT_REST), database.access)
    try:
        async with MemoryBus(parties.broker(), organisation) as bus:
            own = participant or parties.participant(organisation)
            member = Member(own, Records.of(store), bus, path)
            yield Unit(member, MinutesRequestServicer(own, member.records, member.outbox))
    finally:
        await store.close()


def stated(kind: str, **changes: Any) -> dict[str, Any]:
    """What a registration states."""
    values: dict[str, Any] = {
        "request_id": f"request-{kind}",
        "kind": kind,
        "requester_name": "Somebody",
        "reply_to": AT_COURT,
        "channel": documents.REQUEST_CHANNEL_LETTER,
        "wanted": SUMMARY,
        "words": "Please send the minutes.",
        "subject": PersonIdentity(name=PersonName(given="Toby", family="Marsh")),
        "received_on": day(TODAY),
        "incident_on": day(date(2026, 11, 20)),
        "agencies_cannot_supply": "What was agreed between them.",
    }
    return values | changes


def day(of: date) -> Date:
    return Date(year=of.year, month=of.month, day=of.day)


def obstacle(raised: pytest.ExceptionInfo[Any]) -> str:
    return str(raised.value.codes["obstacle"])


def item(field: str, passage: str = "", exemption: Any = PERSON, reason: str = "", **more: Any) -> Any:
    why = reason or f"It is about somebody else: {field}."
    return case_pb2.SummaryExemption(field=field, passage=passage, exemption=exemption, reason=why, **more)


async def note(unit: Unit, case_id: str, ground: str) -> None:
    value = case_pb2.MinutesGround.Value(f"MINUTES_GROUND_{ground}")
    await unit.call("NoteGround", case_id=case_id, ground=value, reference="REF-1", terms="As stated.")
