"""Exchanges sent from here."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kit.store.statements import insert_into
from services.kit.store.tables import exchange
from services.kit.store.vault import Place, Vault

_SUMMARY = [column for column in exchange.c if column.name != "body"]
_BY_ID = select(*_SUMMARY).where(exchange.c.exchange_id == bindparam("key"))
_BY_REQUEST = select(*_SUMMARY).where(exchange.c.request_id == bindparam("key"))
_BODY = select(exchange.c.body).where(exchange.c.exchange_id == bindparam("key"))
_ADVANCE = (
    update(exchange)
    .where(
        exchange.c.exchange_id.in_(bindparam("keys", expanding=True)),
        exchange.c.state.in_(bindparam("states", expanding=True)),
    )
    .values(state=bindparam("to"))
)


@dataclass(frozen=True, slots=True)
class SentExchange:
    """An exchange without its content.

    Attributes:
        position: in the outbox, increasing; 0 before it is stored.
        request_digest: keyed digest of what was asked, 64 hex digits.
        state: number of an `exchange.v1.ExchangeState`.
        in_reply_to: the exchange that it answers, or empty.
        seal_hash: SHA-256 of the seal, 64 hex digits.
        desk: at which whoever sent it works; empty if that is not known.
    """

    exchange_id: str
    request_id: str
    request_digest: str
    document_type: str
    state: int
    accepted_at: datetime
    in_reply_to: str
    seal_hash: str
    desk: str = ""
    position: int = 0


@dataclass(frozen=True, slots=True)
class Original:
    """What was sealed: `seal` in compact form, `leaves` from path to value."""

    seal: str
    leaves: dict[str, Any]


class SentExchanges:
    """The table of exchanges."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def add(self, connection: AsyncConnection, sent: SentExchange, original: Original) -> None:
        """Stores a new exchange."""
        body = self._vault.encrypt_json(
            {"seal": original.seal, "leaves": original.leaves}, _place(sent.exchange_id)
        )
        values = {column.name: getattr(sent, column.name) for column in _SUMMARY if column.name != "position"}
        await connection.execute(insert_into(exchange), [values | {"body": body}])

    async def find(self, connection: AsyncConnection, exchange_id: str) -> SentExchange | None:
        """The exchange of this id."""
        return await self._first(connection, _BY_ID, exchange_id)

    async def find_request(self, connection: AsyncConnection, request_id: str) -> SentExchange | None:
        """The exchange that was accepted for this request id."""
        return await self._first(connection, _BY_REQUEST, request_id)

    async def page(
        self, connection: AsyncConnection, after: int, limit: int, desks: Collection[str] | None = None
    ) -> list[SentExchange]:
        """Exchanges after a position, oldest first; sent from these desks alone, unless None."""
        query = select(*_SUMMARY).where(exchange.c.position > after)
        if desks is not None:
            query = query.where(exchange.c.desk.in_(desks))
        rows = await connection.execute(query.order_by(exchange.c.position).limit(limit))
        return [_read(row) for row in rows]

    async def linked(
        self, connection: AsyncConnection, exchange_ids: Collection[str], limit: int
    ) -> list[SentExchange]:
        """The exchanges of these ids and those that answer one of them, oldest first."""
        which = or_(exchange.c.exchange_id.in_(exchange_ids), exchange.c.in_reply_to.in_(exchange_ids))
        query = select(*_SUMMARY).where(which).order_by(exchange.c.position).limit(limit)
        return [_read(row) for row in await connection.execute(query)]

    async def original(self, connection: AsyncConnection, exchange_id: str) -> Original | None:
        """What was sealed; VaultError if it does not decrypt."""
        body = (await connection.execute(_BODY, {"key": exchange_id})).scalar()
        if body is None:
            return None
        members = self._vault.decrypt_json(body, _place(exchange_id))
        return Original(members["seal"], members["leaves"])

    async def advance(
        self, connection: AsyncConnection, exchange_ids: set[str], state: int, *, only_from: set[int]
    ) -> None:
        """Sets the state of those that are in one of the given states."""
        values = {"keys": list(exchange_ids), "states": list(only_from), "to": state}
        await connection.execute(_ADVANCE, values)

    async def _first(self, connection: AsyncConnection, query: Select[Any], key: str) -> SentExchange | None:
        row = (await connection.execute(query, {"key": key})).first()
        return _read(row) if row is not None else None


def _read(row: Row[Any]) -> SentExchange:
    return SentExchange(**row._mapping)  # noqa: SLF001  # SQLAlchemy's public accessor, underscored against clashes


def _place(exchange_id: str) -> Place:
    return Place("exchange", "body", exchange_id)
