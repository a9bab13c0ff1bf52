"""Sending: a reply over the gateway, each part once, whatever happens to the process in between."""

from collections.abc import Mapping
from typing import Any

from google.protobuf.json_format import ParseDict
from google.protobuf.message import Message
from publicprotection.common.v1.organisation_pb2 import (
    MARKING_OFFICIAL_SENSITIVE,
    DeskReference,
    OrganisationKind,
)
from publicprotection.documents.v1.minutes_request_pb2 import MinutesReply
from publicprotection.exchange.v1 import minutes_request_service_pb2 as pb2
from publicprotection.exchange.v1 import subject_access_service_pb2 as access_pb2
from publicprotection.exchange.v1.header_pb2 import Author, Header

from services.kit.exchange.outbox import Outbox
from services.kit.minutes.casebook import Casebook, refuse
from services.kit.minutes.cases import Case, Kind, State
from services.kit.minutes.casework import require_day
from services.kit.minutes.drafting import Drafting
from services.kit.minutes.replies import write_reply
from services.kit.minutes.replying import write_final
from services.kit.minutes.rules import FULL, Rules
from services.kit.minutes.rules import Header as Stated
from services.kit.rpc.validation import validate
from services.kit.subject_access.casework import Casework as AccessWork
from services.kit.subject_access.model import Event, Who
from services.kit.subject_access.wire import name_value, write_day


class Sending:
    """Sends drafts and replies.

    Args:
        book: the register.
        outbox: sends.
        drafting: writes summaries.
        rules: purposes and bases.
        access: opens cases of subject access.
    """

    def __init__(
        self, book: Casebook, outbox: Outbox, drafting: Drafting, rules: Rules, access: AccessWork
    ) -> None:
        self._book = book
        self._outbox = outbox
        self._drafting = drafting
        self._rules = rules
        self._access = access

    async def ask_contributors(
        self, request: pb2.AskContributorsRequest, who: Who, desk: str
    ) -> tuple[Case, str]:
        """Puts the draft before those who contributed, or asks them about minutes where there is none.

        Also gives the exchange in which the draft went; empty: it did not.
        """
        day = require_day(request, "comments_by") or self._book.today
        asked = {each.organisation: each.desk for each in request.contributors}

        def step(case: Case) -> Event:
            refuse("ALREADY_APPROVED" if case.state in {State.APPROVED, State.ANSWERED} else None)
            return self._book.event(
                Kind.CONTRIBUTORS_ASKED,
                who,
                contributors=asked,
                comments_by=day.isoformat(),
            )

        case = await self._book.read(request.case_id)
        own = self._book.participant.organisation
        others = [(name, place) for name, place in asked.items() if name != own]
        if case.draft is None or not others:
            return await self._book.change(request.case_id, step), ""
        draft = self._drafting.write_draft(case.after(step(case)))
        request_id = f"minutes-draft-{case.case_id}-{len(case.events)}"
        header = self._header(case, others, self._rules.send.draft, who, heard=False)
        header.request_id = request_id
        await self._submit(header, draft, desk, case, step)
        return await self._book.read(request.case_id), await self._book.exchange_of(request_id)

    async def send(self, request: pb2.SendReplyRequest, who: Who, desk: str) -> Case:
        """Sends what is not yet sent, and closes the request.

        Raises:
            MinutesRefusedError: it is not approved, or the exchange with the minutes is not one of them.
        """
        case = await self._book.read(request.case_id)
        refuse(None if case.state in {State.APPROVED, State.ANSWERED} else "NOT_APPROVED")
        if case.state is State.ANSWERED:
            return case
        answer = (case.prepared or {})["answer"]
        to = self._recipient(case)
        if answer == "SUMMARY" and to is not None:
            await self._send_summary(case, to, who, desk)
        if answer == FULL and to is not None:
            await self._note_minutes(case, request.minutes_exchange_id, who)
        if answer == "SUBJECT_ACCESS":
            await self._hand_over(case, who)
        await self._send_reply(case, to, who, desk)
        return await self._book.change(case.case_id, lambda now: self._closed(now, who))

    def _closed(self, case: Case, who: Who) -> Event:
        refuse("ALREADY_ANSWERED" if case.state is State.ANSWERED else None)
        return self._book.event(Kind.ANSWERED, who, late=self._book.now > case.due_at)

    def _recipient(self, case: Case) -> tuple[str, str] | None:
        """To whom it goes over the gateway; None: a letter goes to somebody else."""
        own = self._book.participant.organisation
        for party in (case.opened["received_by"], case.opened["requester"]):
            if party is not None and party["organisation"] != own:
                return party["organisation"], party["desk"]
        return None

    async def _send_summary(self, case: Case, to: tuple[str, str], who: Who, desk: str) -> None:
        if "SUMMARY" in case.sent:
            return
        document = write_final(self._drafting, case, who, self._book.today)
        kind = self._rules.kind(case.opened["kind"])
        stated = self._rules.send.default if kind is None or kind.send is None else kind.send
        header = self._header(case, [to], stated, who, heard=True)
        await self._send_part(case, "SUMMARY", header, document, desk=desk, who=who)

    async def _note_minutes(self, case: Case, exchange_id: str, who: Who) -> None:
        """Minutes go by the verb that sends them; here it is noted which exchange that was."""
        if "MINUTES" in case.sent:
            return
        async with self._book.records.store.read() as connection:
            sent = await self._book.records.sent.find(connection, exchange_id)
        of_type = sent is not None and sent.document_type == self._drafting.allowed.minutes
        refuse(None if sent is not None and of_type else "MINUTES_NOT_SENT")
        early = sent is not None and case.approved_at is not None and sent.accepted_at < case.approved_at
        refuse("SENT_BEFORE_APPROVAL" if early else None)
        await self._book.change(case.case_id, lambda _: self._sent("MINUTES", exchange_id, who))

    async def _hand_over(self, case: Case, who: Who) -> None:
        """Opens the case of subject access; the same one however often it is tried."""
        if "ACCESS_CASE" in case.sent:
            return
        kind = self._rules.kind(case.opened["kind"])
        access = "" if kind is None else kind.access
        received = case.opened["received_on"].split("-")
        opened = await self._access.open(
            ParseDict(
                {
                    "request_id": f"minutes-{case.case_id}",
                    "requester": f"ACCESS_REQUESTER_{access}",
                    "called": "ACCESS_CALLED_MINUTES",
                    "words": case.opened["words"],
                    "subject": case.opened["subject"],
                    "received_on": dict(zip(("year", "month", "day"), map(int, received), strict=True)),
                    "reply_to": case.opened["reply_to"] or [case.opened["requester_name"]],
                    "representative": case.opened["requester_name"] if access != "SUBJECT" else "",
                },
                access_pb2.OpenCaseRequest(),
            ),
            who,
        )
        await self._book.change(case.case_id, lambda _: self._sent("ACCESS_CASE", opened.case_id, who))

    async def _send_reply(self, case: Case, to: tuple[str, str] | None, who: Who, desk: str) -> None:
        """The reply itself, to the requester where it reaches them, and a copy for the register (13b.13)."""
        reached = [] if to is None or not self._reaches(to[0]) else [to]
        recipients = list(dict.fromkeys([*reached, *self._register()]))
        if "REPLY" in case.sent or not recipients:
            return
        free = (case.prepared or {})["answer"] == "NEITHER_CONFIRM_NOR_DENY"
        stated = self._rules.send.freedom_of_information if free else self._rules.send.default
        kind = self._rules.kind(case.opened["kind"])
        members = write_reply(case, "OTHER" if kind is None or free else kind.requester, self._rules)
        document = ParseDict(members, MinutesReply())
        document.answered_on.CopyFrom(write_day(self._book.today))
        header = self._header(case, recipients, stated, who, heard=not free)
        await self._send_part(case, "REPLY", header, document, desk=desk, who=who)

    def _register(self) -> list[tuple[str, str]]:
        """The organisations that keep the register of this one's area; none if this is one of them."""
        known, own = self._book.participant.directory().organisations, self._book.participant.organisation
        kind = OrganisationKind.Value(f"ORGANISATION_KIND_{self._rules.register_.kind}")
        if own not in known or known[own].kind == kind:
            return []
        area = known[own].area
        return [
            (name, each.desks[0].desk)
            for name, each in known.items()
            if each.kind == kind and each.area == area and each.desks
        ]

    def _reaches(self, organisation: str) -> bool:
        found = self._book.participant.directory().organisation(organisation)
        return (
            found is not None
            and name_value(OrganisationKind.DESCRIPTOR, found.kind) in self._rules.replies_reach
        )

    def _header(
        self, case: Case, to: list[tuple[str, str]], stated: Stated, who: Who, *, heard: bool
    ) -> Header:
        send = self._rules.send
        facts = {name: {"answer": "ANSWER_YES"} for name in send.facts}
        if heard and case.contributors:
            facts |= {name: {"answer": "ANSWER_YES"} for name in send.facts_once_heard}
        header: Header = ParseDict(
            {
                "purpose": f"PURPOSE_{stated.purpose}",
                "lawful_bases": [f"LAWFUL_BASIS_{each}" for each in stated.bases],
                "conditions": [f"PROCESSING_CONDITION_{each}" for each in send.conditions],
                "release_kind": f"RELEASE_KIND_{stated.release}",
                "necessity": case.opened["words"][:2000],
                "urgency": "URGENCY_ROUTINE",
                "facts": facts if case.route != "FREEDOM_OF_INFORMATION" else {},
            },
            Header(),
        )
        header.author.CopyFrom(Author(name=who.name, role=who.job))
        header.marking = MARKING_OFFICIAL_SENSITIVE
        header.recipients.extend(DeskReference(organisation=name, desk=place) for name, place in to)
        if case.opened["exchange_id"]:
            header.in_reply_to = case.opened["exchange_id"]
        return header

    async def _send_part(  # noqa: PLR0913  # what an exchange is made of
        self, case: Case, what: str, header: Header, document: Message, *, desk: str, who: Who
    ) -> None:
        request_id = f"minutes-{what.lower()}-{case.case_id}"
        header.request_id = request_id
        await self._submit(header, document, desk, case, lambda _: self._sent(what, request_id, who))

    async def _submit(self, header: Header, document: Message, desk: str, case: Case, step: Any) -> None:
        validate(header)
        validate(document)
        await self._outbox.submit(header, document, desk=desk, also=self._book.along(case.case_id, step))

    def _sent(self, what: str, reference: str, who: Who) -> Event:
        return self._book.event(Kind.SENT, who, what=what, reference=reference)


def references(case: Case) -> Mapping[str, str]:
    """What was sent over the gateway, by request id."""
    return {what: each for what, each in case.sent.items() if what in {"SUMMARY", "REPLY"}}
