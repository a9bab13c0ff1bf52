"""Days and moments that a document states."""

from datetime import UTC, date, datetime
from typing import Any

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message

from gateway.core.documents import descriptor_of, document_class
from services.kit.calendar import local_day

_DATE = "publicprotection.common.v1.Date"
_MOMENT = "google.protobuf.Timestamp"


def check_day(document: str, path: str) -> None:
    """ValueError if a document has no day or moment at a path such as `document.calendar.starts`."""
    at: Descriptor | None = descriptor_of(document_class(document))
    for name in path.split(".")[1:]:
        field = None if at is None else at.fields_by_name.get(name)
        if field is None or field.is_repeated:
            raise ValueError(f"{path}: {document} has no such day")
        at = field.message_type
    if at is None or at.full_name not in {_DATE, _MOMENT}:
        raise ValueError(f"{path}: is no day of {document}")


def stated_day(document: Message, path: str) -> date | datetime | None:
    """The day or aware moment at a path; None if the document does not state it.

    Of a month alone the first day counts: a limit may be told early and is never told late. A year alone says
    too little.
    """
    at: Any = document
    for name in path.split(".")[1:]:
        if not at.HasField(name):
            return None
        at = getattr(at, name)
    if at.DESCRIPTOR.full_name == _MOMENT:
        moment: datetime = at.ToDatetime(UTC)
        return moment
    return date(at.year, at.month, at.day or 1) if at.month else None


def day_of(stated: date | datetime) -> date:
    """Its day, in London."""
    return local_day(stated) if isinstance(stated, datetime) else stated
