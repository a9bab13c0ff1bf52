"""Enquiries of others to this organisation as owner: what it is asked, what is proposed, what it answers."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import partial
from typing import Any, Final

from google.protobuf.descriptor import Descriptor
from publicprotection.exchange.v1 import subject_access_documents_pb2 as documents
from publicprotection.exchange.v1 import subject_access_service_pb2 as pb2
from publicprotection.exchange.v1.header_pb2 import Author
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kit.evidence.leaf_kinds import UNKNOWN_KIND, leaf_kind
from services.kit.evidence.leaves import unflatten
from services.kit.exchange.documents import document_type
from services.kit.exchange.outbox import Outbox
from services.kit.exchange.participant import Participant
from services.kit.exchange.records import Records
from services.kit.rpc.errors import NotFoundError
from services.kit.store.access import StoredEnquiry
from services.kit.store.sent import Original
from services.kit.subject_access.answering import require_sound
from services.kit.subject_access.casebook import refuse
from services.kit.subject_access.clock import day_of
from services.kit.subject_access.model import Decision, Item, Who
from services.kit.subject_access.pack import Law
from services.kit.subject_access.proposing import propose
from services.kit.subject_access.rules import Regime
from services.kit.subject_access.showing import label_of, show_value, title_of
from services.kit.subject_access.wire import read_day, read_decision, write_decision

_PURPOSE: Final = "header.purpose"


class Owning:
    """Answers enquiries.

    Args:
        participant: the organisation.
        records: what it sent, and what it was asked.
        outbox: sends the answers.
        law: rules and wording.
    """

    def __init__(self, participant: Participant, records: Records, outbox: Outbox, law: Law) -> None:
        self._participant = participant
        self._records = records
        self._outbox = outbox
        self._law = law

    @property
    def today(self) -> date:
        """The day in London."""
        return day_of(self._participant.clock.now())

    async def list_enquiries(self, *, answered: bool) -> list[StoredEnquiry]:
        """Enquiries, oldest first; those that are answered too, or not."""
        async with self._records.store.read() as connection:
            return await self._records.access_enquiries.list(connection, answered=answered)

    async def get(self, enquiry_id: str) -> tuple[StoredEnquiry, list[tuple[Item, Decision | None]]]:
        """An enquiry with its items, and what is proposed for each; NotFoundError if there is none."""
        async with self._records.store.read() as connection:
            enquiry = await self._find(connection, enquiry_id)
            sent = await self._records.sent.find(connection, enquiry.exchange_id)
            original = await self._records.sent.original(connection, enquiry.exchange_id)
        items = _items(enquiry, sent.document_type if sent else "", original)
        return enquiry, [(each, propose(each, self._law.rules)) for each in items]

    async def answer(self, request: pb2.AnswerAccessEnquiryRequest, who: Who) -> StoredEnquiry:
        """Answers an enquiry, each item as stated or else as proposed.

        Raises:
            NotFoundError: there is none.
            DecisionsRefusedError, BlanketExemptionError: the answer is none that the law knows.
            AccessRefusedError: ENQUIRY_ANSWERED before; ITEM_UNDECIDED: nothing is stated, nothing proposed.
        """
        enquiry, proposed = await self.get(request.enquiry_id)
        stated = {each.path: read_decision(each) for each in request.decisions}
        items = {item.path: item for item, _ in proposed}
        decisions = {item.path: decision for item, decision in proposed if decision is not None} | stated
        require_sound(items, decisions, self._law)
        refuse("ITEM_UNDECIDED" if set(items) - set(decisions) else None)
        await self._outbox.submit_to_gateway(
            documents.SubjectAccessAnswer(
                enquiry_id=enquiry.enquiry_id,
                decisions=[write_decision(path, each) for path, each in sorted(decisions.items())],
            ),
            request_id=f"access-{self._participant.new_id()}",
            author=Author(name=who.name, role=who.job),
            in_reply_to=enquiry.exchange_id,
            also=partial(self._mark, enquiry.enquiry_id),
        )
        async with self._records.store.read() as connection:
            return await self._find(connection, enquiry.enquiry_id)

    async def _mark(self, enquiry_id: str, connection: AsyncConnection) -> None:
        enquiry = await self._find(connection, enquiry_id)
        refuse("ENQUIRY_ANSWERED" if enquiry.answered_at is not None else None)
        at = self._participant.clock.now()
        await self._records.access_enquiries.mark_answered(connection, enquiry_id, at)

    async def _find(self, connection: AsyncConnection, enquiry_id: str) -> StoredEnquiry:
        found = await self._records.access_enquiries.find(connection, enquiry_id)
        if found is None:
            raise NotFoundError
        return found


def read_enquiry(enquiry: StoredEnquiry) -> documents.SubjectAccessEnquiry:
    """What was asked."""
    leaves = {path: each for path, each in enquiry.leaves.items() if path.startswith("document")}
    return unflatten(leaves, documents.SubjectAccessEnquiry, prefix="document")


def answer_by(enquiry: StoredEnquiry) -> date:
    """The last day for the answer; the day of asking, if none can be read."""
    return read_day(read_enquiry(enquiry).answer_by) or day_of(enquiry.asked_at)


def _items(enquiry: StoredEnquiry, document: str, original: Original | None) -> list[Item]:
    """The items asked about: with what this organisation itself sent, or as the enquiry tells it."""
    asked = read_enquiry(enquiry)
    leaves: Mapping[str, Any] = original.leaves if original else {}
    descriptor: Any = document_type(document).DESCRIPTOR if document else None
    on = enquiry.asked_at
    return [_item(asked, each, leaves, descriptor, on) for each in asked.items]


def _item(
    asked: documents.SubjectAccessEnquiry,
    item: documents.SubjectAccessItem,
    leaves: Mapping[str, Any],
    descriptor: Descriptor | None,
    on: datetime,
) -> Item:
    value = leaves.get(item.path, item.value)
    known = descriptor is not None and item.path in leaves
    kind = leaf_kind(descriptor, item.path) if descriptor is not None else UNKNOWN_KIND
    category = kind.category
    return Item(
        item_id=item.path,
        exchange_id=asked.exchange_id,
        document_type=descriptor.name if descriptor is not None else "",
        path=item.path,
        category=category,
        title=title_of(descriptor) if descriptor is not None else "",
        label=label_of(item.path),
        value=value,
        shown=show_value(descriptor, item.path, value) if known and descriptor is not None else str(value),
        is_text=kind.free_text,
        owner=asked.owner,
        sender=asked.owner if known else "",
        regime=Regime(asked.regime),
        on=day_of(on.astimezone(UTC)),
        own=item.own,
        is_case=asked.is_case,
        purpose=str(leaves.get(_PURPOSE, "")).removeprefix("PURPOSE_"),
    )
