"""What subject access keeps at the gateway: made-up ids alone."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class LocationRow:
    """A search that was answered.

    Attributes:
        location_id: the exchange in which it was sealed.
        organisation: who asked.
        subject_ids: made-up ids of the person found; none if nobody was.
        exchange_ids: what was found.
    """

    location_id: str
    organisation: str
    subject_ids: tuple[str, ...]
    exchange_ids: tuple[str, ...]
    answered_at: datetime


@dataclass(frozen=True, slots=True)
class EnquiryRow:
    """An owner that was asked, in the exchange `enquiry_id`, about what stands in `exchange_id`."""

    enquiry_id: str
    location_id: str
    exchange_id: str
    organisation: str
    owner: str
    due: datetime
    asked_at: datetime
    answered_at: datetime | None = None


class SubjectAccess(Protocol):
    """Searches and enquiries."""

    async def add_location(self, row: LocationRow) -> None:
        """Keeps a search."""

    async def find_location(self, location_id: str) -> LocationRow | None:
        """One search."""

    async def add_enquiry(self, row: EnquiryRow) -> None:
        """Keeps an enquiry."""

    async def find_enquiry(self, enquiry_id: str) -> EnquiryRow | None:
        """One enquiry."""

    async def answer_enquiry(self, enquiry_id: str, at: datetime) -> None:
        """Notes that the owner answered."""
