"""Opening a submission: the seal verifies, the document reads, sender and recipients are who they may be."""

import json
from base64 import urlsafe_b64decode
from binascii import Error as Base64Error
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, cast

import protovalidate
from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message
from publicprotection.exchange.v1 import header_pb2

from gateway.app.digests import digest_leaves, digest_request
from gateway.app.envelopes import Unusable
from gateway.app.tools import Tools, Work
from gateway.core.categories import category_of
from gateway.core.documents import document_class, document_types, is_for_gateway, sendable_by
from gateway.core.model import TYPE_PATH
from services.kit.directory import GATEWAY
from services.kit.evidence.errors import EvidenceError, KeyRefusedError, LeafError
from services.kit.evidence.leaves import JsonValue, unflatten
from services.kit.evidence.opening import OpenedSeal, open_seal
from services.kit.evidence.seal import is_name

UNKNOWN_TYPE: Final = "UNKNOWN"
_JWT_PARTS: Final = 3


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why an exchange cannot be taken: a stable code, and what to do, without personal data."""

    reason: str
    advice: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """An exchange as its sender sealed it.

    Attributes:
        leaves: all of them, `type` and header included.
        request_key: keyed digest of sender and request id.
        leaf_digest: keyed digest of the leaves.
    """

    opened: OpenedSeal
    document_type: str
    header: header_pb2.Header = field(repr=False)
    document: Message = field(repr=False)
    request_key: bytes = field(repr=False)
    leaf_digest: bytes = field(repr=False)

    @property
    def exchange_id(self) -> str:
        """Its id."""
        return self.opened.exchange_id

    @property
    def sender(self) -> str:
        """The organisation that sealed it."""
        return self.opened.issuer

    @property
    def leaves(self) -> Mapping[str, JsonValue]:
        """From path to value."""
        return self.opened.leaves

    def category(self, path: str) -> str:
        """The category of a leaf of its document."""
        return category_of(cast("Descriptor", self.document.DESCRIPTOR), path)


def open_submission(work: Work, organisation: str, seal: str) -> OpenedSeal | Unusable:
    """Verifies a seal that came by an organisation's queue: whole, and the organisation's own."""
    keys = work.tools.directory.keys.verifying_at(work.at)
    try:
        opened = open_seal(seal, keys, max_bytes=work.tools.limits.submission_octets)
    except EvidenceError as error:
        return Unusable(f"SEAL_{error.reason.upper()}")
    return opened if opened.issuer == organisation else Unusable("SEAL_OF_ANOTHER_ORGANISATION")


def claimed_exchange(seal: str) -> str | None:
    """The exchange id that a seal names, unverified: only for telling its sender that it was not taken."""
    parts = seal.partition("~")[0].split(".")
    if len(parts) != _JWT_PARTS:
        return None
    try:
        claims = json.loads(urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (Base64Error, ValueError, RecursionError):
        return None
    named = claims.get("jti") if isinstance(claims, dict) else None
    return named if is_name(named) else None


def read_exchange(opened: OpenedSeal, tools: Tools) -> Exchange | Rejection:
    """Builds header and document from a verified seal's leaves."""
    name = opened.leaves.get(TYPE_PATH)
    if not isinstance(name, str) or name not in document_types():
        return Rejection("DOCUMENT_UNKNOWN", "This gateway has no document of that name: update the sender.")
    try:
        header = unflatten(_under(opened, "header"), header_pb2.Header, prefix="header")
        document = unflatten(_under(opened, "document"), document_class(name), prefix="document")
    except LeafError:
        return Rejection("DOCUMENT_MALFORMED", "Header or document has parts that its type has not.")
    request_key = digest_request(tools.key_store, opened.issuer, header.request_id)
    leaf_digest = digest_leaves(tools.key_store, opened.leaves)
    return Exchange(opened, name, header, document, request_key, leaf_digest)


def check_exchange(work: Work, exchange: Exchange) -> Rejection | None:
    """The first reason for which an exchange cannot be taken, if there is one."""
    found = (check(work, exchange) for check in _CHECKS)
    return next((rejection for rejection in found if rejection is not None), None)


def _under(opened: OpenedSeal, prefix: str) -> dict[str, JsonValue]:
    return {
        path: value
        for path, value in opened.leaves.items()
        if path.startswith(prefix) and path[len(prefix) : len(prefix) + 1] in ("", ".", "[")
    }


def _check_sender(work: Work, exchange: Exchange) -> Rejection | None:
    own = work.tools.directory.organisation(exchange.sender)
    if own is None or exchange.header.sender.organisation != exchange.sender:
        return Rejection("SENDER_MISMATCH", "The header must name the organisation that sealed it as sender.")
    desk = exchange.header.sender.desk
    if desk and work.tools.directory.desk(exchange.sender, desk) is None:
        return Rejection("SENDER_MISMATCH", "The header names a desk that the directory does not have.")
    if exchange.document_type not in sendable_by(own.kind):
        return Rejection(
            "DOCUMENT_NOT_FOR_SENDER", "An organisation of this kind does not send this document."
        )
    return None


def _check_time(work: Work, exchange: Exchange) -> Rejection | None:
    limits, sealed = work.tools.limits, exchange.opened.issued_at
    if sealed > work.at + limits.clock_skew:
        return Rejection("SEALED_IN_FUTURE", "The seal's time lies ahead: check the sender's clock.")
    if sealed < work.at - limits.submission_age:
        return Rejection("STALE", "It was sealed too long ago: check that it still holds and send it anew.")
    return None


def _check_content(_work: Work, exchange: Exchange) -> Rejection | None:
    """The rules of the protos, once more: a sender's own service is not trusted to have applied them."""
    header = header_pb2.Header()
    header.CopyFrom(exchange.header)
    header.ClearField("sender")  # set by the sender's service, after it has validated
    messages: Iterable[Message] = (header, exchange.document)
    if is_for_gateway(exchange.document_type):
        messages = (exchange.document,)  # its header shares nothing, so it states neither purpose nor basis
    if any(protovalidate.collect_violations(message) for message in messages):
        return Rejection("DOCUMENT_INVALID", "Fields are missing or malformed: validate before sealing.")
    if not (exchange.header.author.name and exchange.header.author.role and exchange.header.request_id):
        return Rejection("DOCUMENT_INVALID", "Author and request id must be stated.")
    return None


def _check_recipients(work: Work, exchange: Exchange) -> Rejection | None:
    named = [(recipient.organisation, recipient.desk) for recipient in exchange.header.recipients]
    if is_for_gateway(exchange.document_type):
        right = named == [(GATEWAY, GATEWAY)]
        return None if right else Rejection("RECIPIENT_UNKNOWN", "This document goes to the gateway alone.")
    directory = work.tools.directory
    if any(directory.desk_seen_by(exchange.sender, *name) is None for name in named):
        return Rejection(
            "RECIPIENT_UNKNOWN", "The directory does not have every organisation and desk named."
        )
    if len(set(named)) < len(named):
        return Rejection("RECIPIENT_REPEATED", "Name each desk once.")
    if not all(_has_key(work, organisation) for organisation, _ in named):
        return Rejection(
            "RECIPIENT_UNREACHABLE", "A recipient has no usable key in the directory: telephone."
        )
    return None


def _has_key(work: Work, organisation: str) -> bool:
    try:
        work.tools.directory.keys.encryption_key(organisation, work.at)
    except KeyRefusedError:
        return False
    return True


_CHECKS: Final[tuple[Callable[[Work, Exchange], Rejection | None], ...]] = (
    _check_sender,
    _check_time,
    _check_content,
    _check_recipients,
)
