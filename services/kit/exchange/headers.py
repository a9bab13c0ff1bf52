"""The header as its own service completes and checks it, before it is sealed."""

from collections.abc import Mapping
from typing import Final

from google.protobuf.message import Message
from google.protobuf.unknown_fields import UnknownFieldSet
from publicprotection.common.v1.organisation_pb2 import MARKING_OFFICIAL_SENSITIVE, DeskReference
from publicprotection.exchange.v1.header_pb2 import Author, Header

from services.kit.directory import GATEWAY
from services.kit.evidence.statement import Recipient
from services.kit.exchange.errors import ForeignSenderError, RepeatedRecipientError, UnknownFieldsError
from services.kit.exchange.facts import claim_facts
from services.kit.exchange.participant import Participant
from services.kit.restricted import is_seen
from services.kit.rpc.errors import UnknownRecipientError, Violation

_RECIPIENTS: Final = "header.recipients["


def complete_header(header: Header, participant: Participant) -> Header:
    """A copy with the sender and the facts' organisation set.

    Raises:
        ForeignSenderError, ForeignFactError: another organisation stands there.
    """
    completed = Header()
    completed.CopyFrom(header)
    sender = completed.sender
    if sender.HasField("organisation") and sender.organisation != participant.organisation:
        raise ForeignSenderError("header.sender.organisation")
    if sender.HasField("desk") and not participant.directory().desk(participant.organisation, sender.desk):
        raise ForeignSenderError("header.sender.desk")
    sender.organisation = participant.organisation
    if completed.HasField("facts"):
        claim_facts(completed.facts, participant.organisation, "header.facts")
    return completed


def gateway_header(
    participant: Participant, *, request_id: str, author: Author, necessity: str, in_reply_to: str
) -> Header:
    """The header of what is said to the gateway itself: that shares nothing, so it states no purpose."""
    header = Header(author=author, request_id=request_id, marking=MARKING_OFFICIAL_SENSITIVE)
    header.sender.organisation = participant.organisation
    header.recipients.append(DeskReference(organisation=GATEWAY, desk=GATEWAY))
    if necessity:
        header.necessity = necessity
    if in_reply_to:
        header.in_reply_to = in_reply_to
    return header


def check_recipients(header: Header, participant: Participant, *, cleared: bool) -> None:
    """Refuses recipients that the directory does not have, or that are named twice.

    A restricted desk that the sender may not know of is one that the directory does not have.

    Args:
        header: of what is to be sent.
        participant: who sends.
        cleared: whether the person who sends is cleared for restricted desks.

    Raises:
        UnknownRecipientError, RepeatedRecipientError: with the fields at fault.
    """
    directory, seen, unknown = participant.directory(), set(), []
    for index, recipient in enumerate(header.recipients):
        name = (recipient.organisation, recipient.desk)
        if name in seen:
            raise RepeatedRecipientError(f"header.recipients[{index}]")
        seen.add(name)
        if not is_seen(directory, participant.organisation, *name, cleared=cleared):
            unknown.append(
                Violation(f"header.recipients[{index}]", "The directory has no such organisation or desk.")
            )
    if unknown:
        raise UnknownRecipientError(violations=unknown)


def is_named(leaves: Mapping[str, object], recipient: Recipient) -> bool:
    """Whether a header, as leaves, names a desk among its recipients."""
    named: dict[str, dict[str, object]] = {}
    for path, value in leaves.items():
        if path.startswith(_RECIPIENTS):
            element, _, field = path.rpartition(".")
            named.setdefault(element, {})[field] = value
    return recipient.model_dump() in named.values()


def refuse_unknown_fields(message: Message, field: str) -> None:
    """Refuses what this version cannot read and so could not seal: UnknownFieldsError."""
    if len(UnknownFieldSet(message)):
        raise UnknownFieldsError(field)
    for descriptor, value in message.ListFields():
        if descriptor.message_type is None:
            continue
        if descriptor.message_type.GetOptions().map_entry:
            parts = [part for part in value.values() if isinstance(part, Message)]
        else:
            parts = list(value) if descriptor.is_repeated else [value]
        for part in parts:
            refuse_unknown_fields(part, f"{field}.{descriptor.name}")
