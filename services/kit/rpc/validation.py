"""Checks of requests: the rules written in the protos, and the parties that the directory knows.

Only what a sender submits is validated; what a recipient receives may lack any leaf.
"""

from collections.abc import Iterable
from typing import Any, Final

import protovalidate
from google.protobuf.message import Message
from publicprotection.common.v1.organisation_pb2 import DeskReference
from publicprotection.exchange.v1.header_pb2 import Header

from services.kit.directory import Directory
from services.kit.rpc.errors import InvalidRequestError, UnknownRecipientError, Violation

MAX_VIOLATIONS: Final = 100
"""More are not looked at: nobody mends a hundred at once, and the answer must fit in gRPC's trailers."""

_MAX_PATH: Final = 200
_ADVICE: Final = {
    "required": "is missing: fill it in",
    "enum.defined_only": "is not a value that the enumeration has: choose one of its names",
    "enum.not_in": "is not stated: choose one of the enumeration's names",
    "string.pattern": "is not written in the right form",
    "string.prefix": "does not begin as it must",
}


def validate(request: Message) -> None:
    """Checks a request against the rules of its proto.

    Raises:
        InvalidRequestError: lists each field with its path and what to do, never with its value.
    """
    found = protovalidate.collect_violations(request)
    if found:
        raise InvalidRequestError([_describe(violation.proto) for violation in found[:MAX_VIOLATIONS]])


def check_parties(header: Header, organisation: str, directory: Directory) -> None:
    """Checks that the sender is ourselves and that the directory knows every desk named.

    Args:
        header: of the exchange, already valid by its proto.
        organisation: our own.
        directory: the one in use.

    Raises:
        InvalidRequestError: the sender is another organisation, or a desk that it does not have.
        UnknownRecipientError: the directory lacks a recipient; organisations and desks are public to those
            who take part, so that saying it early gives nothing away.
    """
    if header.HasField("sender"):
        _check_sender(header.sender, organisation, directory)
    unknown = [
        Violation(f"header.recipients[{position}]", "is not in the directory: choose one that it lists")
        for position, recipient in enumerate(header.recipients)
        if directory.desk(recipient.organisation, recipient.desk) is None
    ]
    if unknown:
        raise UnknownRecipientError(violations=unknown)


def _check_sender(sender: DeskReference, organisation: str, directory: Directory) -> None:
    if sender.organisation != organisation:
        advice = "must be your own organisation: leave header.sender out, and it is set"
        raise InvalidRequestError([Violation("header.sender.organisation", advice)])
    if directory.desk(organisation, sender.desk) is None:
        advice = "is not a desk of your organisation: choose one that the directory lists"
        raise InvalidRequestError([Violation("header.sender.desk", advice)])


# protovalidate answers in messages of its own library, which has no types to import.
def _describe(violation: Any) -> Violation:
    advice = _ADVICE.get(violation.rule_id) or f"{violation.message or violation.rule_id}: correct it"
    return Violation(_write_path(violation.field.elements if violation.field else ()), advice)


def _write_path(elements: Iterable[Any]) -> str:
    path = ".".join(element.field_name + _write_subscript(element.subscript) for element in elements)
    return path if len(path) <= _MAX_PATH else path[:_MAX_PATH] + "..."


def _write_subscript(subscript: Any) -> str:
    if subscript is None:
        return ""
    # The key of a map may be personal data; the index of a list is not.
    return f"[{subscript.value}]" if subscript.field == "index" else "[*]"
