"""Subject access in the database; answers its port in gateway.app.subject_access."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.adapters.database.access_tables import ACCESS_ENQUIRY, ACCESS_LOCATION
from gateway.adapters.database.rows import fetch_one, insert_rows
from gateway.app.subject_access.ports import EnquiryRow, LocationRow


@dataclass(frozen=True, slots=True)
class SubjectAccessTable:
    """See gateway.app.subject_access.ports.SubjectAccess."""

    connection: AsyncConnection

    async def add_location(self, row: LocationRow) -> None:
        """As the port."""
        await insert_rows(self.connection, ACCESS_LOCATION, [row])

    async def find_location(self, location_id: str) -> LocationRow | None:
        """As the port."""
        query = select(ACCESS_LOCATION).where(ACCESS_LOCATION.c.location_id == location_id)
        row = await fetch_one(self.connection, query)
        return None if row is None else LocationRow(**row)

    async def add_enquiry(self, row: EnquiryRow) -> None:
        """As the port."""
        await insert_rows(self.connection, ACCESS_ENQUIRY, [row])

    async def find_enquiry(self, enquiry_id: str) -> EnquiryRow | None:
        """As the port."""
        query = select(ACCESS_ENQUIRY).where(ACCESS_ENQUIRY.c.enquiry_id == enquiry_id)
        row = await fetch_one(self.connection, query)
        return None if row is None else EnquiryRow(**row)

    async def answer_enquiry(self, enquiry_id: str, at: datetime) -> None:
        """As the port."""
        query = update(ACCESS_ENQUIRY).where(ACCESS_ENQUIRY.c.enquiry_id == enquiry_id)
        await self.connection.execute(query.values(answered_at=at))
