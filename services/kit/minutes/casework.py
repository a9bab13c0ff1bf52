"""Registering a request and settling what is done with it.

Nothing is looked up for it, not even whether there was a meeting. Who acts is the person of the call.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from publicprotection.common.v1.date_pb2 import Date
from publicprotection.common.v1.organisation_pb2 import DeskReference
from publicprotection.documents.v1.minutes_request_pb2 import MinutesWanted, RequestChannel
from publicprotection.exchange.v1 import minutes_case_pb2 as case_pb2
from publicprotection.exchange.v1 import minutes_request_service_pb2 as pb2

from services.kit.bank_holidays import england_and_wales
from services.kit.evidence.canonical import canonical
from services.kit.minutes import obstacles
from services.kit.minutes.casebook import Casebook, refuse
from services.kit.minutes.cases import Case
from services.kit.minutes.cases import Kind as Happened
from services.kit.minutes.routing import find_route, settle
from services.kit.minutes.rules import Kind, Rules
from services.kit.restricted import is_cleared, is_seen
from services.kit.rpc.errors import InvalidRequestError, UnknownRecipientError, Violation
from services.kit.subject_access.model import Event, Who
from services.kit.subject_access.wire import name_value, read_day, require_past

_KIND = "Choose a code of ListRequesterKinds."


class Casework:
    """Steps until it is settled what is done.

    Args:
        book: the register.
        rules: by which it is settled.
    """

    def __init__(self, book: Casebook, rules: Rules) -> None:
        self._book = book
        self._rules = rules

    async def register(self, request: pb2.RegisterMinutesRequestRequest, who: Who) -> Case:
        """Registers a request. The same request again gives the same one.

        Raises:
            InvalidRequestError: there is no such kind.
            UnknownRecipientError: the directory has no such organisation or desk.
            FutureDayError: it cannot have been received yet.
            MinutesRefusedError: something is missing that this kind of request must state.
            RequestReusedError: the request id stands for another.
        """
        kind = self._kind(request.kind)
        received = require_past(request.received_on, self._book.today, "received_on")
        opened = self._opened(request, kind, received)
        refuse(obstacles.to_registering(kind, opened))
        digest = self._book.records.store.vault.digest(canonical(_json(request)))
        first = self._book.event(Happened.REGISTERED, who, **opened)
        return await self._book.open(request.request_id, digest, first)

    async def ask_back(self, case_id: str, question: str, who: Who) -> Case:
        """Notes that the requester was asked what exactly is wanted (13b.24)."""

        def step(case: Case) -> Event:
            refuse(obstacles.to_work(case))
            return self._book.event(Happened.ASKED_BACK, who, question=question)

        return await self._book.change(case_id, step)

    async def settle_wanted(self, request: pb2.SettleWhatIsWantedRequest, who: Who) -> Case:
        """Settles route and time again by what the requester answered."""

        def step(case: Case) -> Event:
            refuse(obstacles.to_work(case))
            return self._book.event(Happened.SETTLED, who, settled=self._settled_again(case, request))

        return await self._book.change(request.case_id, step)

    async def note_ground(self, request: pb2.NoteGroundRequest, who: Who) -> Case:
        """Notes an order, an agreement or advice."""
        ground = name_value(case_pb2.MinutesGround.DESCRIPTOR, request.ground)

        def step(case: Case) -> Event:
            refuse(obstacles.to_work(case))
            return self._book.event(
                Happened.GROUND_NOTED, who, ground=ground, reference=request.reference, terms=request.terms
            )

        return await self._book.change(request.case_id, step)

    async def read_for(self, case_id: str, who: Who) -> Case:
        """A request for a person to read; the reading is on record first (DPA 2018 s.62(1)(c))."""
        return await self._book.change(case_id, lambda _: self._book.event(Happened.READ, who))

    def kind_of(self, case: Case) -> Kind:
        """Who asks."""
        return self._kind(case.opened["kind"])

    def _kind(self, name: str) -> Kind:
        kind = self._rules.kind(name)
        if kind is None:
            raise InvalidRequestError([Violation("kind", _KIND)])
        return kind

    def _opened(
        self, request: pb2.RegisterMinutesRequestRequest, kind: Kind, received: date
    ) -> dict[str, Any]:
        channel = name_value(RequestChannel.DESCRIPTOR, request.channel)
        wanted = name_value(MinutesWanted.DESCRIPTOR, request.wanted)
        by = self._party(request, "received_by")
        own = self._book.participant.organisation
        elsewhere = by is not None and by["organisation"] != own
        stated = require_day(request, "answer_by")
        settled = settle(
            self._rules,
            england_and_wales(),
            kind,
            find_route(kind, channel, wanted, elsewhere=elsewhere),
            received=received,
            stated=stated,
            wanted=wanted,
            owner=request.owner,
        )
        incident = require_day(request, "incident_on")
        return {
            "organisation": own,
            "kind": kind.id,
            "requester_name": request.requester_name,
            "requester": self._party(request, "requester"),
            "received_by": by,
            "reply_to": list(request.reply_to),
            "exchange_id": request.exchange_id,
            "channel": channel,
            "words": request.words,
            "subject": _json(request.subject),
            "received_on": received.isoformat(),
            "answer_by": None if stated is None else stated.isoformat(),
            "incident_on": None if incident is None else incident.isoformat(),
            "counter_terrorism": request.counter_terrorism,
            "recording_held": request.recording_held,
            "agencies_cannot_supply": request.agencies_cannot_supply,
            "full_necessary": request.full_necessary,
            "settled": settled,
        }

    def _party(self, request: Message, field: str) -> dict[str, str] | None:
        """An organisation of the directory and its desk; None if none is named."""
        if not request.HasField(field):
            return None
        named: DeskReference = getattr(request, field)
        directory, own = self._book.participant.directory(), self._book.participant.organisation
        if not is_seen(directory, own, named.organisation, named.desk, cleared=is_cleared()):
            raise UnknownRecipientError(
                violations=[Violation(field, "The directory has no such organisation or desk.")]
            )
        return {"organisation": named.organisation, "desk": named.desk}

    def _settled_again(self, case: Case, request: pb2.SettleWhatIsWantedRequest) -> Mapping[str, Any]:
        kind, opened = self.kind_of(case), case.opened
        wanted = name_value(MinutesWanted.DESCRIPTOR, request.wanted)
        by = opened["received_by"]
        elsewhere = by is not None and by["organisation"] != opened["organisation"]
        insists = request.insists_on_freedom_of_information and kind.insists
        # It is known now what is meant, so that how it came counts no more.
        route = kind.insists if insists else find_route(kind, "", wanted, elsewhere=elsewhere)
        stated = opened["answer_by"]
        return settle(
            self._rules,
            england_and_wales(),
            kind,
            route,
            received=date.fromisoformat(opened["received_on"]),
            stated=None if stated is None else date.fromisoformat(stated),
            wanted=wanted,
            owner=request.owner or case.settled["owner"],
        )


def require_day(request: Message, field: str) -> date | None:
    """A full day, None if none is stated; InvalidRequestError if it is not a day."""
    if not request.HasField(field):
        return None
    written: Date = getattr(request, field)
    day = read_day(written)
    if day is None:
        raise InvalidRequestError([Violation(field, "Give a full day.")])
    return day


def _json(message: Message) -> dict[str, Any]:
    written: dict[str, Any] = MessageToDict(message, preserving_proto_field_name=True)
    return written
