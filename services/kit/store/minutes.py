"""Requests for minutes in the store: the register, and what happened to each."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kit.store.statements import insert_into
from services.kit.store.tables import minutes_case, minutes_event
from services.kit.store.vault import Place, Vault


@dataclass(frozen=True, slots=True)
class StoredRequest:
    """A request without what happened to it; `request_digest` is keyed, 64 hex digits."""

    case_id: str
    request_id: str
    request_digest: str
    opened_at: datetime
    due_at: datetime
    answered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StoredStep:
    """One thing that happened; `number` counts in its request, from 1; `members` is JSON."""

    case_id: str
    number: int
    kind: str
    at: datetime
    members: dict[str, Any] = field(repr=False)


class MinutesRequests:
    """The tables of requests and of what happened to them."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def add(self, connection: AsyncConnection, added: StoredRequest) -> None:
        """Adds a request."""
        values = {name: getattr(added, name) for name in added.__slots__}
        await connection.execute(insert_into(minutes_case), [values])

    async def find_request(self, connection: AsyncConnection, request_id: str) -> StoredRequest | None:
        """What was registered under a request id."""
        query = select(minutes_case).where(minutes_case.c.request_id == request_id)
        row = (await connection.execute(query)).first()
        return None if row is None else _request(row)

    async def list(
        self, connection: AsyncConnection, *, answered: bool, due_before: datetime | None = None
    ) -> list[StoredRequest]:
        """Requests, oldest first; those that are answered too, or not; those alone whose time is over."""
        query = select(minutes_case).order_by(minutes_case.c.position)
        if not answered or due_before is not None:
            query = query.where(minutes_case.c.answered_at.is_(None))
        if due_before is not None:
            query = query.where(minutes_case.c.due_at < due_before)
        return [_request(row) for row in await connection.execute(query)]

    async def move(self, connection: AsyncConnection, case_id: str, due_at: datetime) -> None:
        """Notes another time by which to answer."""
        query = update(minutes_case).where(minutes_case.c.case_id == case_id)
        await connection.execute(query.values(due_at=due_at))

    async def mark_answered(self, connection: AsyncConnection, case_id: str, at: datetime) -> None:
        """Notes that a request is answered."""
        query = update(minutes_case).where(minutes_case.c.case_id == case_id)
        await connection.execute(query.values(answered_at=at))

    async def steps(self, connection: AsyncConnection, case_id: str) -> Sequence[StoredStep]:
        """What happened to a request, in order; nothing if there is none."""
        query = select(minutes_event).where(minutes_event.c.case_id == case_id)
        rows = await connection.execute(query.order_by(minutes_event.c.number))
        return [self._step(row) for row in rows]

    async def append(self, connection: AsyncConnection, added: StoredStep) -> None:
        """Adds a step; the database refuses a number that is taken."""
        body = self._vault.encrypt_json(added.members, _place(added.case_id, added.number))
        values = {name: getattr(added, name) for name in ("case_id", "number", "kind", "at")}
        await connection.execute(insert_into(minutes_event), [values | {"body": body}])

    def _step(self, row: Row[Any]) -> StoredStep:
        members = self._vault.decrypt_json(row.body, _place(row.case_id, row.number))
        return StoredStep(row.case_id, row.number, row.kind, row.at, members)


def _request(row: Row[Any]) -> StoredRequest:
    return StoredRequest(
        row.case_id, row.request_id, row.request_digest, row.opened_at, row.due_at, row.answered_at
    )


def _place(case_id: str, number: int) -> Place:
    return Place("minutes_event", "body", f"{case_id}/{number}")
