"""Subject access in the store: cases and what happened in them, enquiries that others address here."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kit.store.statements import insert_into
from services.kit.store.tables import access_case, access_enquiry, access_event
from services.kit.store.vault import Place, Vault


@dataclass(frozen=True, slots=True)
class StoredCase:
    """A case without what happened in it; `request_digest` is keyed, 64 hex digits."""

    case_id: str
    request_id: str
    request_digest: str
    opened_at: datetime
    answered_at: datetime | None = None
    position: int = 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cases.

    Attributes:
        issued: those whose answer was issued, newest first; or was not, oldest first; None: all.
        size: how many at most; 0: all.
        beyond: position of the last that was listed before; 0: none was.
    """

    issued: bool | None = False
    size: int = 0
    beyond: int = 0


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """One thing that happened.

    Attributes:
        number: of the event in its case, from 1.
        request_id: under which something was sent for it; empty if nothing was.
        members: who, and what it says, JSON.
    """

    case_id: str
    number: int
    kind: str
    at: datetime
    request_id: str
    members: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class StoredEnquiry:
    """An enquiry of another organisation's.

    Attributes:
        enquiry_id: the exchange in which it was sealed.
        exchange_id: that it is about.
        leaves: as sealed.
    """

    enquiry_id: str
    exchange_id: str
    asker: str
    asked_at: datetime
    answered_at: datetime | None = None
    leaves: dict[str, Any] = field(default_factory=dict, repr=False)


class Sent(NamedTuple):
    """The case and the event for which something was sent."""

    case_id: str
    kind: str


class AccessCases:
    """The tables of cases and events."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def add(self, connection: AsyncConnection, added: StoredCase) -> None:
        """Adds a case."""
        values = {name: getattr(added, name) for name in added.__slots__ if name != "position"}
        await connection.execute(insert_into(access_case), [values])

    async def find_request(self, connection: AsyncConnection, request_id: str) -> StoredCase | None:
        """The case that was opened by a request."""
        query = select(access_case).where(access_case.c.request_id == request_id)
        row = (await connection.execute(query)).first()
        return None if row is None else _case(row)

    async def list(self, connection: AsyncConnection, wanted: Wanted) -> list[StoredCase]:
        """Cases in their order."""
        position, answered_at = access_case.c.position, access_case.c.answered_at
        query = select(access_case).order_by(position.desc() if wanted.issued else position)
        if wanted.issued is not None:
            query = query.where(answered_at.is_not(None) if wanted.issued else answered_at.is_(None))
        if wanted.beyond:
            query = query.where(position < wanted.beyond if wanted.issued else position > wanted.beyond)
        if wanted.size:
            query = query.limit(wanted.size)
        return [_case(row) for row in await connection.execute(query)]

    async def mark_answered(self, connection: AsyncConnection, case_id: str, at: datetime) -> None:
        """Notes that the answer of a case is with whoever asked."""
        query = update(access_case).where(access_case.c.case_id == case_id)
        await connection.execute(query.values(answered_at=at))

    async def events(self, connection: AsyncConnection, case_id: str) -> Sequence[StoredEvent]:
        """What happened in a case, in order; nothing if there is no such case."""
        query = select(access_event).where(access_event.c.case_id == case_id)
        rows = await connection.execute(query.order_by(access_event.c.number))
        return [self._event(row) for row in rows]

    async def lengths(self, connection: AsyncConnection, case_ids: Collection[str]) -> dict[str, int]:
        """How many events each of these cases has."""
        number = access_event.c.number
        query = select(access_event.c.case_id, func.max(number)).group_by(access_event.c.case_id)
        rows = await connection.execute(query.where(access_event.c.case_id.in_(case_ids)))
        return {row[0]: row[1] for row in rows}

    async def append(self, connection: AsyncConnection, added: StoredEvent) -> None:
        """Adds an event; the database refuses a number that is taken."""
        body = self._vault.encrypt_json(added.members, _event_place(added.case_id, added.number))
        values = {
            "case_id": added.case_id,
            "number": added.number,
            "kind": added.kind,
            "at": added.at,
            "request_id": added.request_id,
            "body": body,
        }
        await connection.execute(insert_into(access_event), [values])

    async def sent_for(self, connection: AsyncConnection, request_id: str) -> Sent | None:
        """For which case, and what, something was sent under a request id."""
        query = select(access_event.c.case_id, access_event.c.kind)
        query = query.where(access_event.c.request_id == request_id).order_by(access_event.c.position)
        row = (await connection.execute(query.limit(1))).first()
        return None if row is None else Sent(row.case_id, row.kind)

    async def count(self, connection: AsyncConnection, case_id: str) -> int:
        """How many events a case has."""
        query = select(func.count()).where(access_event.c.case_id == case_id)
        return int((await connection.execute(query)).scalar_one())

    def _event(self, row: Row[Any]) -> StoredEvent:
        members = self._vault.decrypt_json(row.body, _event_place(row.case_id, row.number))
        return StoredEvent(row.case_id, row.number, row.kind, row.at, row.request_id, members)


class AccessEnquiries:
    """The table of enquiries."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def add(self, connection: AsyncConnection, added: StoredEnquiry) -> None:
        """Adds one."""
        body = self._vault.encrypt_json(added.leaves, _enquiry_place(added.enquiry_id))
        values = {name: getattr(added, name) for name in added.__slots__ if name != "leaves"}
        await connection.execute(insert_into(access_enquiry), [values | {"body": body}])

    async def find(self, connection: AsyncConnection, enquiry_id: str) -> StoredEnquiry | None:
        """One enquiry."""
        query = select(access_enquiry).where(access_enquiry.c.enquiry_id == enquiry_id)
        row = (await connection.execute(query)).first()
        return None if row is None else self._read(row)

    async def list(self, connection: AsyncConnection, *, answered: bool) -> list[StoredEnquiry]:
        """Enquiries, oldest first; those that are answered too, or not."""
        query = select(access_enquiry).order_by(access_enquiry.c.position)
        if not answered:
            query = query.where(access_enquiry.c.answered_at.is_(None))
        return [self._read(row) for row in await connection.execute(query)]

    async def mark_answered(self, connection: AsyncConnection, enquiry_id: str, at: datetime | None) -> None:
        """Notes that an answer was sent, or, with None, that it was not taken."""
        query = update(access_enquiry).where(access_enquiry.c.enquiry_id == enquiry_id)
        await connection.execute(query.values(answered_at=at))

    def _read(self, row: Row[Any]) -> StoredEnquiry:
        leaves = self._vault.decrypt_json(row.body, _enquiry_place(row.enquiry_id))
        return StoredEnquiry(
            row.enquiry_id, row.exchange_id, row.asker, row.asked_at, row.answered_at, leaves
        )


def _case(row: Row[Any]) -> StoredCase:
    return StoredCase(
        row.case_id, row.request_id, row.request_digest, row.opened_at, row.answered_at, row.position
    )


def _event_place(case_id: str, number: int) -> Place:
    return Place("access_event", "body", f"{case_id}/{number}")


def _enquiry_place(enquiry_id: str) -> Place:
    return Place("access_enquiry", "body", enquiry_id)
