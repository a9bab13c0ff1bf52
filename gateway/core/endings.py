"""From when a recipient must not use a release any more, where the document's own dates say so."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from google.protobuf.message import Message

from gateway.core.retention_model import Ending, Retention


def ends_at(retention: Retention, document: Message, recipient_kind: str) -> datetime | None:
    """The beginning of the day on which the last part of a document is over for a kind of recipient.

    None where nothing ends it, or a part has no end or no full date: then the validity of any release counts.
    """
    name = document.DESCRIPTOR.name
    for each in retention.endings:
        if each.document == name and recipient_kind in each.recipients:
            return _last_day(each, getattr(document, each.parts))
    return None


def _last_day(ending: Ending, parts: Iterable[Any]) -> datetime | None:
    days: list[datetime] = []
    for part in parts:
        day = getattr(part, ending.day)
        if getattr(part, ending.endless) or not (day.year and day.month and day.day):
            return None
        days.append(datetime(day.year, day.month, day.day, tzinfo=UTC))
    return max(days, default=None)
