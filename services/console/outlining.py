"""A document field by field, with organisations and desks by the names that the directory has for them."""

from collections.abc import Iterator
from typing import Any, Final

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from services.console import words
from services.kit.document_words import Line
from services.kit.document_words import outline as outline_codes

__all__ = ["Line", "outline"]

_ORGANISATIONS: Final = frozenset({"organisation", "requester_organisation", "recipient_organisation"})
_DESK: Final = "desk"


def outline(document: Message) -> tuple[Line, ...]:
    """The fields that are there, in the order of the contract; in a request, since the directory is its own.

    Args:
        document: stays as it is.
    """
    named = type(document)()
    named.CopyFrom(document)
    _name(named)
    return outline_codes(named)


def _name(message: Any) -> None:
    """Puts names in the place of ids; what the directory does not know stays as it is written."""
    present = {field.name: (field, value) for field, value in message.ListFields()}
    if _DESK in present and "organisation" in present:
        message.desk = words.desk(message.organisation, message.desk)
    for name, (field, value) in present.items():
        if name in _ORGANISATIONS and field.type == FieldDescriptor.TYPE_STRING:
            setattr(message, name, words.organisation(value))
        elif field.message_type is not None:
            for part in _parts(field, value):
                _name(part)


def _parts(field: FieldDescriptor, value: Any) -> Iterator[Any]:
    yield from value if field.is_repeated else (value,)
