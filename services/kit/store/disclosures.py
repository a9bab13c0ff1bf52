"""Decisions whether to disclose to a third party in the store, and what happened to each."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kit.store.statements import insert_into
from services.kit.store.tables import disclosure_decision, disclosure_event
from services.kit.store.vault import Place, Vault


@dataclass(frozen=True, slots=True)
class StoredDecision:
    """A decision without what happened to it; `subject_digest` is keyed, 64 hex digits."""

    decision_id: str
    subject_digest: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """One thing that happened; `number` counts in its decision, from 1; `members` is JSON.

    `request_id` and `request_digest` (keyed) tell a repeated call; None for what follows from another.
    """

    decision_id: str
    number: int
    kind: str
    at: datetime
    request_id: str | None
    request_digest: str | None
    members: dict[str, Any] = field(repr=False)


class DisclosureDecisions:
    """The tables of decisions and of what happened to them."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def add(self, connection: AsyncConnection, added: StoredDecision) -> None:
        """Adds a decision."""
        values = {name: getattr(added, name) for name in added.__slots__}
        await connection.execute(insert_into(disclosure_decision), [values])

    async def list(self, connection: AsyncConnection, subject_digest: str = "") -> list[str]:
        """Ids of decisions, oldest first; of those about one person alone, if it is given."""
        query = select(disclosure_decision.c.decision_id).order_by(disclosure_decision.c.position)
        if subject_digest:
            query = query.where(disclosure_decision.c.subject_digest == subject_digest)
        return [row.decision_id for row in await connection.execute(query)]

    async def find_request(self, connection: AsyncConnection, request_id: str) -> StoredEvent | None:
        """What was done under a request id."""
        query = select(disclosure_event).where(disclosure_event.c.request_id == request_id)
        row = (await connection.execute(query)).first()
        return None if row is None else self._event(row)

    async def events(self, connection: AsyncConnection, decision_id: str) -> Sequence[StoredEvent]:
        """What happened to a decision, in order; nothing if there is none."""
        query = select(disclosure_event).where(disclosure_event.c.decision_id == decision_id)
        rows = await connection.execute(query.order_by(disclosure_event.c.number))
        return [self._event(row) for row in rows]

    async def append(self, connection: AsyncConnection, added: StoredEvent) -> None:
        """Adds an event; the database refuses a number or a request id that is taken."""
        body = self._vault.encrypt_json(added.members, _place(added.decision_id, added.number))
        values = {name: getattr(added, name) for name in added.__slots__ if name != "members"}
        await connection.execute(insert_into(disclosure_event), [values | {"body": body}])

    def _event(self, row: Row[Any]) -> StoredEvent:
        members = self._vault.decrypt_json(row.body, _place(row.decision_id, row.number))
        return StoredEvent(
            row.decision_id, row.number, row.kind, row.at, row.request_id, row.request_digest, members
        )


def _place(decision_id: str, number: int) -> Place:
    return Place("disclosure_event", "body", f"{decision_id}/{number}")
