"""Sealing what a caller sends: document and header into leaves, parts named by label, the seal over all."""

from collections.abc import Collection
from dataclasses import dataclass

from google.protobuf.json_format import MessageToDict, SerializeToJsonError
from google.protobuf.message import Message
from publicprotection.exchange.v1.header_pb2 import Header

from services.kit.evidence.canonical import canonical
from services.kit.evidence.errors import EvidenceError, LimitExceededError
from services.kit.evidence.leaves import flatten
from services.kit.evidence.seal import TYPE_PATH, seal
from services.kit.exchange.errors import NotSealableError
from services.kit.exchange.facts import label_part, label_parties
from services.kit.exchange.participant import Participant
from services.kit.rpc.errors import TooLargeError
from services.kit.store.sent import Original


@dataclass(frozen=True, slots=True)
class SealedExchange:
    """A sealed exchange: its id, what was sealed, and the seal's hash."""

    exchange_id: str
    original: Original
    seal_hash: str


def seal_exchange(header: Header, document: Message, participant: Participant) -> SealedExchange:
    """Seals a completed header with its document.

    Raises:
        UnknownPartError: the header speaks of a part that the document does not have.
        NotSealableError: a value has no written form.
        TooLargeError: too many leaves, or too deep.
    """
    exchange_id, at = participant.new_id(), participant.clock.now()
    try:
        leaves = flatten(document, prefix="document")
        labelled = label_header(header, leaves)
        leaves = {TYPE_PATH: document.DESCRIPTOR.name, **flatten(labelled, prefix="header"), **leaves}
        made = seal(leaves, exchange_id=exchange_id, issued_at=at, key=participant.signing)
    except LimitExceededError as error:
        raise TooLargeError({"limit": error.reason}) from None
    except EvidenceError as error:
        raise NotSealableError(getattr(error, "shape", "") or "document") from None
    return SealedExchange(exchange_id, Original(made.compact, leaves), made.seal_hash)


def label_header(header: Header, leaves: Collection[str]) -> Header:
    """A copy that names parts of the document by label instead of index: an index would tell a number.

    Raises:
        UnknownPartError: the document has no such part.
    """
    labelled = Header()
    labelled.CopyFrom(header)
    for index, entry in enumerate(labelled.provenance):
        entry.prefix = label_part(entry.prefix, leaves, f"header.provenance[{index}].prefix")
    if labelled.HasField("facts"):
        label_parties(labelled.facts, lambda part, field: label_part(part, leaves, field), "header.facts")
    return labelled


def request_bytes(header: Header, document: Message) -> bytes:
    """One form of what was asked, to tell a repeated request from another under the same id.

    Raises:
        NotSealableError: a value has no written form.
    """
    name = document.DESCRIPTOR.full_name
    try:
        return canonical({"type": name, "header": MessageToDict(header), "document": MessageToDict(document)})
    except (EvidenceError, ValueError, SerializeToJsonError):
        raise NotSealableError("document") from None
