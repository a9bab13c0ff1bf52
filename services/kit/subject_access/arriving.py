"""What comes over the broker for subject access: an event of a case, or an enquiry. Twice is as once."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import structlog
from google.protobuf.json_format import MessageToDict
from publicprotection.exchange.v1 import outcome_pb2
from publicprotection.exchange.v1.subject_access_documents_pb2 import (
    SubjectAccessAnswer,
    SubjectAccessEnquiry,
    SubjectLocation,
    TextMasking,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kit.evidence.errors import EvidenceError
from services.kit.evidence.leaves import unflatten
from services.kit.evidence.opening import OpenedSeal, open_seal
from services.kit.evidence.seal import TYPE_PATH
from services.kit.exchange.participant import Participant
from services.kit.exchange.records import Records
from services.kit.store.access import Sent, StoredEnquiry
from services.kit.subject_access.casebook import append_event, load_case
from services.kit.subject_access.cases import Case, Kind
from services.kit.subject_access.forms import write_decision
from services.kit.subject_access.masking import mask_spans
from services.kit.subject_access.model import Event
from services.kit.subject_access.wire import read_decision

_ASKED: Final = frozenset(
    {SubjectLocation.DESCRIPTOR.name, SubjectAccessEnquiry.DESCRIPTOR.name, TextMasking.DESCRIPTOR.name}
)
_ANSWER: Final = SubjectAccessAnswer.DESCRIPTOR.name
_MAX_SEAL_OCTETS: Final = 8 << 20

_log = structlog.get_logger(__name__)

_Read = Callable[[Participant, Case, outcome_pb2.Outcome, datetime, str], Event | None]


async def advance_access(
    connection: AsyncConnection, records: Records, participant: Participant, outcome: outcome_pb2.Outcome
) -> None:
    """Notes what an outcome says of a case here, or of an enquiry to this organisation."""
    if outcome.kind == outcome_pb2.OUTCOME_KIND_ACCESS_ENQUIRED:
        await _note_enquiry(connection, records, participant, outcome)
    elif outcome.kind == outcome_pb2.OUTCOME_KIND_REJECTED and outcome.document_type == _ANSWER:
        await _reopen(connection, records, outcome.exchange_id)
    elif (read := _reader(outcome)) is not None:
        await _note(connection, records, participant, outcome, read)


def _reader(outcome: outcome_pb2.Outcome) -> _Read | None:
    if outcome.kind == outcome_pb2.OUTCOME_KIND_REJECTED and outcome.document_type in _ASKED:
        return _turned_back
    return _READERS.get(outcome.kind)


async def _note(
    connection: AsyncConnection,
    records: Records,
    participant: Participant,
    outcome: outcome_pb2.Outcome,
    read: _Read,
) -> None:
    sent = await records.sent.find(connection, outcome.exchange_id)
    found: Sent | None = None
    if sent is not None:
        found = await records.access_cases.sent_for(connection, sent.request_id)
    if sent is None or found is None:
        return
    case = await load_case(connection, records, found.case_id)
    event = read(participant, case, outcome, participant.clock.now(), sent.request_id)
    # What was answered is as it was answered: nothing that comes later changes it.
    if event is not None and case.pack is None:
        await append_event(connection, records, case, event)


def _located(
    _participant: Participant, _case: Case, outcome: outcome_pb2.Outcome, at: datetime, request_id: str
) -> Event:
    located = MessageToDict(outcome.access.located, preserving_proto_field_name=True)
    detail = {"location_id": outcome.exchange_id, "located": located}
    return Event(Kind.LOCATED.value, at, None, detail, request_id)


def _masked(
    _participant: Participant, case: Case, outcome: outcome_pb2.Outcome, at: datetime, request_id: str
) -> Event:
    spans = {
        each.item: [(span.start, span.end) for span in each.spans]
        for each in outcome.access.masked.texts
        if each.item in case.items
    }
    texts = {item: mask_spans(str(case.items[item].value), each) for item, each in spans.items()}
    return Event(Kind.MASKED.value, at, None, {"texts": texts, "spans": spans}, request_id)


def _turned_back(
    _participant: Participant, _case: Case, outcome: outcome_pb2.Outcome, at: datetime, request_id: str
) -> Event:
    return Event(Kind.TURNED_BACK.value, at, None, {"code": outcome.rejection.reason}, request_id)


def _answered(
    participant: Participant, case: Case, outcome: outcome_pb2.Outcome, at: datetime, request_id: str
) -> Event | None:
    """The owner's answer, under its own signature, as far as it answers what was asked."""
    asked = case.asked.get(request_id)
    opened = _open(participant, outcome, at)
    if asked is None or asked.answered or opened is None or opened.issuer != asked.owner:
        return None
    answer = _read(opened.leaves, SubjectAccessAnswer)
    paths = {case.items[item].path: item for item in asked.items if item in case.items}
    if answer is None or answer.enquiry_id != outcome.exchange_id:
        return None
    said = {each.path: read_decision(each) for each in answer.decisions}
    decisions = {paths[path]: write_decision(each) for path, each in said.items() if path in paths}
    return Event(Kind.OWNER_ANSWERED.value, at, None, {"decisions": decisions}, request_id)


_READERS: Final[Mapping[int, _Read]] = {
    outcome_pb2.OUTCOME_KIND_SUBJECT_LOCATED: _located,
    outcome_pb2.OUTCOME_KIND_TEXTS_MASKED: _masked,
    outcome_pb2.OUTCOME_KIND_ACCESS_ANSWERED: _answered,
}


async def _note_enquiry(
    connection: AsyncConnection, records: Records, participant: Participant, outcome: outcome_pb2.Outcome
) -> None:
    opened = _open(participant, outcome, participant.clock.now())
    if opened is None or opened.issuer != outcome.sender:
        return
    enquiry = _read(opened.leaves, SubjectAccessEnquiry)
    if enquiry is None or enquiry.owner != participant.organisation:
        return
    if await records.access_enquiries.find(connection, opened.exchange_id) is not None:
        return
    await records.access_enquiries.add(
        connection,
        StoredEnquiry(
            enquiry_id=opened.exchange_id,
            exchange_id=enquiry.exchange_id,
            asker=opened.issuer,
            asked_at=outcome.at.ToDatetime(UTC),
            leaves=dict(opened.leaves),
        ),
    )


async def _reopen(connection: AsyncConnection, records: Records, answer: str) -> None:
    """Opens the enquiry that a rejected answer was for: it waits still, and only we can answer it."""
    original = await records.sent.original(connection, answer)
    enquiry_id = original.leaves.get("document.enquiry_id", "") if original else ""
    if enquiry_id:
        await records.access_enquiries.mark_answered(connection, str(enquiry_id), None)


def _open(participant: Participant, outcome: outcome_pb2.Outcome, at: datetime) -> OpenedSeal | None:
    """What another organisation sealed; None, and said in the log, if it does not verify."""
    passed = outcome.access.passed
    keys = participant.directory().keys.verifying_at(at)
    try:
        opened = open_seal(passed.seal, keys, max_bytes=_MAX_SEAL_OCTETS)
    except EvidenceError as error:
        _log.error("alarm", code=error.reason.upper(), exchange_id=outcome.exchange_id)
        return None
    return opened if opened.exchange_id == passed.exchange_id else None


def _read(leaves: Mapping[str, Any], kind: type[Any]) -> Any | None:
    if leaves.get(TYPE_PATH) != kind.DESCRIPTOR.name:
        return None
    document = {path: value for path, value in leaves.items() if path.startswith("document")}
    try:
        return unflatten(document, kind, prefix="document")
    except EvidenceError:
        return None
