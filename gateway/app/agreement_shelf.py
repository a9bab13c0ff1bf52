"""The agreements that the database holds, as the book that their events come to."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Final

from gateway.app.agreement_ports import AgreementEvents
from gateway.app.agreement_rows import AgreementRow
from gateway.core.agreement_acts import read_book
from gateway.core.agreement_book import Book
from gateway.core.agreement_events import AgreementEvent, EventKind
from gateway.core.agreements import Agreement, load_agreements

_TEXTS: Final = 256


@dataclass(slots=True)
class AgreementShelf:
    """What was read last; read again wherever the newest event is another than then."""

    _head: str | None = None
    _book: Book = field(default_factory=Book)
    _days: dict[date, tuple[Agreement, ...]] = field(default_factory=dict)

    async def book(self, events: AgreementEvents) -> Book:
        """The book of all events; BookError if what is kept could not have happened."""
        head = await events.head()
        if head != self._head:
            book = read_book(event_of(row) for row in await events.all())
            self._head, self._book, self._days = head, book, {}
        return self._book

    async def effective(self, events: AgreementEvents, day: date) -> tuple[Agreement, ...]:
        """What decisions of a day read. The same object as long as nothing changes."""
        book = await self.book(events)
        if day not in self._days:
            self._days = {day: book.effective(day)}
        return self._days[day]


def event_of(row: AgreementRow) -> AgreementEvent:
    """A row as the event that it keeps."""
    return AgreementEvent(
        EventKind(row.kind),
        row.agreement_id,
        row.at.date(),
        row.version,
        row.organisation,
        person=row.person,
        job=row.job,
        party=row.party,
        digest=row.digest,
        terms=None if row.text is None else read_terms(row.text),
    )


@lru_cache(maxsize=_TEXTS)
def read_terms(text: str) -> Agreement:
    """An agreement from its text; AgreementError on any fault in its form."""
    return read_all([text])[0]


def read_all(texts: Sequence[str]) -> tuple[Agreement, ...]:
    """Agreements from their texts, in the same order; AgreementError on any fault in their form."""
    return tuple(load_agreements({"agreement.yaml": text})[0] for text in texts)
