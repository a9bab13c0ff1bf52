"""Exchanges as files, piece by piece: CSV with a line for each recipient, and JSON as the contract has it.

A cell never begins as a formula would: a spreadsheet shows what stands in it and does nothing else.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from datetime import UTC
from typing import Final

from google.protobuf.json_format import MessageToDict
from google.protobuf.timestamp_pb2 import Timestamp
from publicprotection.exchange.v1.header_pb2 import LawfulBasis, Purpose, Urgency
from publicprotection.oversight.v1 import register_service_pb2 as pb2

from services.console.pages.register.query import RESULTS
from services.console.words import document, enum_words, marking, organisation
from services.kit.words import law_words

HEADINGS: Final = (
    "Exchange id", "Decided (UTC)", "Document", "Purpose", "Lawful bases", "Urgency", "Marking",
    "Victim information", "Case id", "Conversation", "Answers", "Sender id", "Sender", "Recipient id",
    "Recipient",
    "Desk", "Outcome", "Categories withheld", "Categories waiting", "Left (UTC)", "Received (UTC)",
    "Acknowledged (UTC)", "Recalled (UTC)",
)  # fmt: skip
CUT_OFF: Final = "Not complete: there are more exchanges than one file holds. Narrow the filter down."
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_BASIS: Final = "LAWFUL_BASIS_"

Pieces = Iterable[pb2.ExportExchangesResponse]


def write_csv(pieces: Pieces) -> Iterator[str]:
    """A heading, and a line for each exchange and recipient."""
    yield "\ufeff" + _line(HEADINGS)
    for piece in pieces:
        yield "".join(_line(cells) for exchange in piece.exchanges for cells in _cells(exchange))
        if piece.cut_off:
            yield _line([CUT_OFF])


def write_json(pieces: Pieces) -> Iterator[str]:
    """One object: `exchanges`, as the contract has them, and whether they are all."""
    yield '{"exchanges": ['
    first, complete = True, True
    for piece in pieces:
        complete = not piece.cut_off
        for exchange in piece.exchanges:
            found = MessageToDict(exchange, preserving_proto_field_name=True)
            yield ("" if first else ",") + "\n" + json.dumps(found, ensure_ascii=False)
            first = False
    yield f'\n], "complete": {json.dumps(complete)}}}\n'


def safe_cell(text: str) -> str:
    """A text that a spreadsheet takes for no formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _line(cells: Iterable[str]) -> str:
    written = io.StringIO()
    csv.writer(written).writerow([safe_cell(cell) for cell in cells])
    return written.getvalue()


def _cells(exchange: pb2.RegisteredExchange) -> Iterator[list[str]]:
    head = [
        exchange.exchange_id,
        _time(exchange, "decided_at"),
        document(exchange.document_type),
        enum_words(exchange.purpose, Purpose),
        "; ".join(law_words(LawfulBasis.Name(each).removeprefix(_BASIS)) for each in exchange.lawful_bases),
        enum_words(exchange.urgency, Urgency),
        marking(exchange.marking),
        "Yes" if exchange.victim_information else "",
        exchange.subject,
        exchange.thread,
        exchange.in_reply_to,
        exchange.sender,
        organisation(exchange.sender),
    ]
    recalled = _time(exchange, "recalled_at")
    for part in _parts(exchange):
        yield [*head, *_part_cells(exchange, part), recalled]


def _parts(exchange: pb2.RegisteredExchange) -> list[pb2.DecisionSummary]:
    """A recipient's officer is shown no decisions: then each desk that got something."""
    if exchange.standing:
        return list(exchange.standing)
    made = [pb2.DecisionSummary() for _ in exchange.deliveries]
    for part, each in zip(made, exchange.deliveries, strict=True):
        part.recipient.organisation, part.recipient.desk = each.organisation, each.desk
    return made or [pb2.DecisionSummary()]


def _part_cells(exchange: pb2.RegisteredExchange, part: pb2.DecisionSummary) -> list[str]:
    to = part.recipient
    left = [
        each for each in exchange.deliveries if (each.organisation, each.desk) == (to.organisation, to.desk)
    ]
    last = left[-1] if left else pb2.DeliveryStatus()
    times = [_time(last, name) for name in ("published_at", "receipted_at", "acknowledged_at")]
    result = RESULTS[part.result][0] if part.result in RESULTS else ""
    names = [to.organisation, organisation(to.organisation) if to.organisation else "", to.desk]
    return [*names, result, ", ".join(part.withheld), ", ".join(part.held), *times]


def _time(message: pb2.RegisteredExchange | pb2.DeliveryStatus, name: str) -> str:
    if not message.HasField(name):  # type: ignore[arg-type]  # one of the fields of each
        return ""
    at: Timestamp = getattr(message, name)
    return at.ToDatetime(tzinfo=UTC).isoformat(timespec="seconds")
