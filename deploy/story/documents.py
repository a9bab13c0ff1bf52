"""From the story's YAML to messages: names of enumerations in short, dates as people write them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final, cast

from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from publicprotection.common.v1.person_pb2 import PersonIdentity
from publicprotection.documents.v1 import adult_pb2, child_pb2, custody_pb2, mappa_pb2
from publicprotection.exchange.v1.header_pb2 import Header

from deploy.story.model import Send, StoryError
from services.kit.words import enum_prefix

_FILES: Final = (custody_pb2, child_pb2, mappa_pb2, adult_pb2)
_DATE: Final = "publicprotection.common.v1.Date"
_RELATIVE: Final = re.compile(r"today([+-]\d+)?")


def build_document(send: Send, today: date) -> Message:
    """Build the document that a step sends.

    Raises:
        StoryError: It is of no known type, or has a field or value that its type has not.
    """
    kind = _document_type(send.document_type)
    return _parse(send.document, kind(), today, send.document_type)


def build_header(send: Send, today: date, *, request_id: str, in_reply_to: str | None) -> Header:
    """Build the header of a step; errors as `build_document`."""
    stated = send.header | {
        "sender": _desk(send.sender),
        "recipients": [_desk(address) for address in send.recipients],
        "author": send.author.model_dump(exclude_none=True),
        "request_id": request_id,
    }
    if in_reply_to is not None:
        stated["in_reply_to"] = in_reply_to
    header = Header()
    _parse(stated, header, today, "header")
    return header


def build_person(stated: Mapping[str, Any], today: date) -> PersonIdentity:
    """Build somebody's identity; errors as `build_document`."""
    person = PersonIdentity()
    _parse(stated, person, today, "subject")
    return person


def split_address(address: str) -> tuple[str, str]:
    """Organisation and desk of `organisation/desk`."""
    organisation, _, desk = address.partition("/")
    return organisation, desk


def _desk(address: str) -> dict[str, str]:
    organisation, desk = split_address(address)
    return {"organisation": organisation, "desk": desk}


def _document_type(name: str) -> type[Message]:
    for file in _FILES:
        found = getattr(file, name, None)
        if found is not None:
            return found  # type: ignore[no-any-return] # generated modules are searched by name
    raise StoryError(f"no document is called {name}")


def _parse(stated: Mapping[str, Any], message: Message, today: date, what: str) -> Message:
    try:
        return json_format.ParseDict(_expand(stated, cast("Descriptor", message.DESCRIPTOR), today), message)
    except (json_format.ParseError, ValueError) as error:
        raise StoryError(f"{what}: {error}") from error


def _expand(stated: Mapping[str, Any], descriptor: Descriptor, today: date) -> dict[str, Any]:
    fields = descriptor.fields_by_name
    return {
        name: _expand_field(value, fields[name], today) if name in fields else value
        for name, value in stated.items()
    }


def _expand_field(value: Any, field: FieldDescriptor, today: date) -> Any:
    if isinstance(value, list):
        return [_expand_field(item, field, today) for item in value]
    if field.enum_type is not None:
        return enum_prefix(field.enum_type) + value
    if field.message_type is None:
        return value
    if field.message_type.full_name == _DATE:
        return _expand_date(value, today)
    return _expand(value, field.message_type, today)


def _expand_date(value: Any, today: date) -> dict[str, int]:
    text = str(value)
    relative = _RELATIVE.fullmatch(text)
    day = today + timedelta(days=int(relative[1] or 0)) if relative else date.fromisoformat(text)
    return {"year": day.year, "month": day.month, "day": day.day}
