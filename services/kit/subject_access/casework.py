"""Working on a case, from the request to where data lies. Who acts is the person of the call."""

from datetime import date, datetime, timedelta
from functools import partial
from typing import Final

from google.protobuf.json_format import MessageToDict
from publicprotection.common.v1.organisation_pb2 import OrganisationKind
from publicprotection.exchange.v1 import subject_access_documents_pb2 as documents
from publicprotection.exchange.v1 import subject_access_service_pb2 as pb2
from publicprotection.exchange.v1 import subject_access_terms_pb2 as terms_pb2
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kit.evidence.canonical import canonical
from services.kit.rpc.errors import RequestReusedError
from services.kit.store.access import StoredCase
from services.kit.subject_access import obstacles
from services.kit.subject_access.casebook import Casebook, load_case, refuse, store_event
from services.kit.subject_access.cases import Case, Kind
from services.kit.subject_access.errors import NotSubjectAccessError
from services.kit.subject_access.model import Event, Who
from services.kit.subject_access.rules import Rules
from services.kit.subject_access.wire import name_value, read_subject, require_past

ONE_READING: Final = timedelta(minutes=5)
"""How long somebody reads on without its being noted anew."""


class Casework:
    """Steps of a case.

    Args:
        book: the organisation's cases.
        rules: by which they are worked on.
    """

    def __init__(self, book: Casebook, rules: Rules) -> None:
        self._book = book
        self._rules = rules

    async def open(self, request: pb2.OpenCaseRequest, who: Who) -> Case:
        """Opens a case. The same request again gives the same case.

        Raises:
            NotSubjectAccessError: it is something else, or nobody has found out yet.
            RequestReusedError: the request id stands for another.
            FutureDayError: it cannot have been received yet.
        """
        requester = name_value(terms_pb2.AccessRequester.DESCRIPTOR, request.requester)
        called = name_value(terms_pb2.AccessCalled.DESCRIPTOR, request.called)
        if (instead := obstacles.to_opening(requester, called)) is not None:
            raise NotSubjectAccessError({"instead": instead})
        received = require_past(request.received_on, self._book.today, "received_on")
        opened = self._book.event(
            Kind.OPENED,
            who,
            organisation=self._book.participant.organisation,
            requester=requester,
            called=called,
            words=request.words,
            subject=MessageToDict(request.subject, preserving_proto_field_name=True),
            representative=request.representative,
            received_on=received.isoformat(),
            reply_to=list(request.reply_to),
            handling=self._handling(),
        )
        digest = self._book.records.store.vault.digest(
            canonical(MessageToDict(request, preserving_proto_field_name=True))
        )
        return await self._book.records.store.write(partial(self._open, request.request_id, digest, opened))

    async def ask_identity(self, case_id: str, reason: str, who: Who) -> Case:
        """Notes that the person was asked who they are: the time waits for their answer (s.54(3)(b))."""

        def step(case: Case) -> Event:
            refuse(obstacles.to_work(case) or ("IDENTITY_ESTABLISHED" if case.established else None))
            return self._book.event(Kind.IDENTITY_ASKED, who, reason=reason)

        return await self._book.change(case_id, step)

    async def establish_identity(self, request: pb2.EstablishIdentityRequest, who: Who) -> Case:
        """Notes who asks, by what evidence.

        Raises:
            AccessRefusedError: EVIDENCE_INSUFFICIENT: it does not show that they may.
        """
        day = require_past(request.received_on, self._book.today, "received_on")
        evidence = [name_value(terms_pb2.IdentityEvidence.DESCRIPTOR, each) for each in request.evidence]

        def step(case: Case) -> Event:
            refuse(obstacles.to_work(case) or obstacles.to_identity(case, evidence, self._rules))
            return self._book.event(
                Kind.IDENTITY_ESTABLISHED, who, evidence=evidence, received_on=day.isoformat()
            )

        return await self._book.change(request.case_id, step)

    async def ask_clarification(self, case_id: str, reason: str, who: Who) -> Case:
        """Notes that the person was asked which information is meant: the time stands still (s.54(3C))."""

        def step(case: Case) -> Event:
            refuse(obstacles.to_work(case) or ("CLARIFICATION_AWAITED" if _is_paused(case) else None))
            return self._book.event(Kind.CLARIFICATION_ASKED, who, reason=reason)

        return await self._book.change(case_id, step)

    async def receive_clarification(self, request: pb2.ReceiveClarificationRequest, who: Who) -> Case:
        """Notes that they answered."""
        day = require_past(request.received_on, self._book.today, "received_on")

        def step(case: Case) -> Event:
            refuse(obstacles.to_work(case) or (None if _is_paused(case) else "NOTHING_ASKED"))
            refuse("BEFORE_QUESTION" if day < case.days.pauses[-1].since else None)
            return self._book.event(Kind.CLARIFICATION_RECEIVED, who, received_on=day.isoformat())

        return await self._book.change(request.case_id, step)

    async def extend(self, request: pb2.ExtendTimeRequest, who: Who) -> Case:
        """Extends the time, once; the person must have been told in the first month (s.54(3B))."""
        told = require_past(request.told_on, self._book.today, "told_on")
        ground = name_value(terms_pb2.ExtensionGround.DESCRIPTOR, request.ground)

        def step(case: Case) -> Event:
            refuse(obstacles.to_work(case) or obstacles.to_extension(case, told, self._rules))
            return self._book.event(
                Kind.EXTENDED, who, ground=ground, reason=request.reason, told_on=told.isoformat()
            )

        return await self._book.change(request.case_id, step)

    async def locate(self, case_id: str, who: Who) -> Case:
        """Asks the gateway where data lies."""
        case = await self._book.read(case_id)
        refuse(obstacles.to_locating(case))

        def step(now: Case) -> Event:
            refuse(obstacles.to_locating(now))
            return self._book.event(Kind.LOCATION_ASKED, who)

        document = documents.SubjectLocation(subject=read_subject(case.opened))
        return await self._book.send(case_id, who, document, step)

    async def read_for(self, case_id: str, who: Who) -> Case:
        """A case for a person to read; the reading is on record first (DPA 2018 s.62(1)(c)).

        Whoever goes from page to page reads a case once: again after a while, or after anything happened.
        """
        case = await self._book.read(case_id)
        if _is_reading(case, who, self._book.participant.clock.now()):
            return case
        return await self._book.change(case_id, lambda _: self._book.event(Kind.READ, who))

    def _handling(self) -> str:
        """To whom such a request is handed at once, by the kind of this organisation."""
        own = self._book.participant.directory().organisation(self._book.participant.organisation)
        kind = "" if own is None else name_value(OrganisationKind.DESCRIPTOR, own.kind)
        return next((each.to for each in self._rules.handling if kind in each.kinds), "")

    async def _open(self, request_id: str, digest: str, opened: Event, connection: AsyncConnection) -> Case:
        cases = self._book.records.access_cases
        known = await cases.find_request(connection, request_id)
        if known is not None and known.request_digest != digest:
            raise RequestReusedError
        if known is not None:
            return await load_case(connection, self._book.records, known.case_id)
        case_id = self._book.participant.new_id()
        await cases.add(connection, StoredCase(case_id, request_id, digest, opened.at))
        await cases.append(connection, store_event(case_id, 1, opened))
        return Case.fold(case_id, [opened])


def _is_reading(case: Case, who: Who, now: datetime) -> bool:
    """Whether the last thing that happened is that this person read it, just now."""
    last = case.events[-1]
    same = last.kind == Kind.READ and last.who is not None and last.who.subject == who.subject
    return same and now - last.at < ONE_READING


def _is_paused(case: Case) -> bool:
    return bool(case.days.pauses) and case.days.pauses[-1].until is None


def last_day(today: date, rules: Rules) -> date:
    """By when an owner that is asked today is to answer."""
    return date.fromordinal(today.toordinal() + rules.time.owner_answers_in_days)
