"""Deliveries received here, and who acknowledged them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kit.store.proofs import StoredProof, read_proof, write_proof
from services.kit.store.statements import insert_into
from services.kit.store.tables import acknowledgement, delivery
from services.kit.store.vault import Place, Vault

_SUMMARY = [column for column in delivery.c if column.name != "body"]
_BY_ID = select(*_SUMMARY).where(delivery.c.delivery_id == bindparam("key"))


@dataclass(frozen=True, slots=True)
class ReceivedDelivery:
    """A delivery without its content.

    Attributes:
        desk: of this organisation.
        not_after: from when it must not be used; None if it always may.
        supplementary_to: the delivery that it adds to, or empty.
        in_reply_to: the exchange that it answers, as its sender stated, or empty.
        acknowledged: number of the furthest `exchange.v1.AcknowledgementKind`.
        statement_hash: SHA-256 of the release statement, 64 hex digits.
        position: in the inbox, increasing; 0 before it is stored.
    """

    delivery_id: str
    exchange_id: str
    sender: str
    desk: str
    document_type: str
    received_at: datetime
    not_after: datetime | None
    supplementary_to: str
    in_reply_to: str
    acknowledged: int
    statement_hash: str
    position: int = 0

    def expired(self, moment: datetime) -> bool:
        """Whether it must not be used any more."""
        return self.not_after is not None and moment >= self.not_after


@dataclass(frozen=True, slots=True)
class DeliveryContent:
    """What was released: seal and statement as received; leaves, derived values included; proof of record."""

    seal: str
    statement: str
    leaves: dict[str, Any]
    proof: StoredProof


@dataclass(frozen=True, slots=True)
class DeliveryFilter:
    """Which deliveries to list: after a position, not expired at `at`; of an exchange, if given.

    Attributes:
        desks: at these desks alone; None: at all.
        hidden: at these desks never.
        before: only those before this position; 0: to the end.
        newest_first: in that order.
        document_types: of these alone; empty: of all.
    """

    after: int
    at: datetime
    desks: Collection[str] | None = None
    hidden: Collection[str] = ()
    exchange_id: str = ""
    before: int = 0
    newest_first: bool = False
    document_types: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class StoredAcknowledgement:
    """An acknowledgement: its kind's number, the packet that carries it, the claims that were signed."""

    delivery_id: str
    kind: int
    at: datetime
    packet_id: str
    claims: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """That somebody here acknowledged a delivery: how far (the kind's number), and when."""

    delivery_id: str
    kind: int
    acknowledged_at: datetime


class Inbox:
    """The tables of deliveries and acknowledgements."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def add(
        self, connection: AsyncConnection, received: ReceivedDelivery, content: DeliveryContent
    ) -> None:
        """Stores a new delivery."""
        members = {
            "seal": content.seal,
            "statement": content.statement,
            "leaves": content.leaves,
            "proof": write_proof(content.proof),
        }
        body = self._vault.encrypt_json(members, _place(received.delivery_id))
        values = {
            column.name: getattr(received, column.name) for column in _SUMMARY if column.name != "position"
        }
        await connection.execute(insert_into(delivery), [values | {"body": body}])

    async def find(self, connection: AsyncConnection, delivery_id: str) -> ReceivedDelivery | None:
        """The delivery of this id, expired or not."""
        row = (await connection.execute(_BY_ID, {"key": delivery_id})).first()
        return _read(row) if row is not None else None

    async def page(
        self, connection: AsyncConnection, which: DeliveryFilter, limit: int
    ) -> list[ReceivedDelivery]:
        """Deliveries by position."""
        position = delivery.c.position
        order = position.desc() if which.newest_first else position
        query = select(*_SUMMARY).where(*_conditions(which)).order_by(order).limit(limit)
        return [_read(row) for row in await connection.execute(query)]

    async def linked(
        self, connection: AsyncConnection, exchange_ids: Collection[str], limit: int
    ) -> list[ReceivedDelivery]:
        """Deliveries of these exchanges and of those that answer one of them, by position, expired or not."""
        which = or_(delivery.c.exchange_id.in_(exchange_ids), delivery.c.in_reply_to.in_(exchange_ids))
        query = select(*_SUMMARY).where(which).order_by(delivery.c.position).limit(limit)
        return [_read(row) for row in await connection.execute(query)]

    async def acknowledged(
        self, connection: AsyncConnection, delivery_ids: Collection[str]
    ) -> list[Acknowledged]:
        """The acknowledgements of these deliveries, oldest first."""
        table = acknowledgement.c
        query = select(table.delivery_id, table.kind, table.acknowledged_at)
        rows = await connection.execute(
            query.where(table.delivery_id.in_(delivery_ids)).order_by(table.position)
        )
        return [Acknowledged(*row) for row in rows]

    async def content(self, connection: AsyncConnection, delivery_id: str) -> DeliveryContent | None:
        """What was released; VaultError if it does not decrypt."""
        query = select(delivery.c.body).where(delivery.c.delivery_id == delivery_id)
        body = (await connection.execute(query)).scalar()
        return self._open(body, delivery_id) if body is not None else None

    async def contents_of(self, connection: AsyncConnection, exchange_id: str) -> Sequence[DeliveryContent]:
        """What was released of an exchange, in the order of arrival."""
        query = select(delivery.c.delivery_id, delivery.c.body).where(delivery.c.exchange_id == exchange_id)
        rows = await connection.execute(query.order_by(delivery.c.position))
        return [self._open(row.body, row.delivery_id) for row in rows]

    async def acknowledge(self, connection: AsyncConnection, added: StoredAcknowledgement) -> None:
        """Notes an acknowledgement that goes further than any before, and who made it."""
        body = self._vault.encrypt_json(added.claims, Place("acknowledgement", "body", added.packet_id))
        await connection.execute(
            insert(acknowledgement).values(
                delivery_id=added.delivery_id,
                kind=added.kind,
                acknowledged_at=added.at,
                packet_id=added.packet_id,
                body=body,
            )
        )
        query = update(delivery).where(delivery.c.delivery_id == added.delivery_id)
        await connection.execute(query.values(acknowledged=added.kind))

    async def end(self, connection: AsyncConnection, exchange_id: str, at: datetime) -> None:
        """Has the deliveries of an exchange not be used from a moment on, if they might be until later."""
        later = or_(delivery.c.not_after.is_(None), delivery.c.not_after > at)
        of_it = update(delivery).where(delivery.c.exchange_id == exchange_id, later)
        await connection.execute(of_it.values(not_after=at))

    def _open(self, body: bytes, delivery_id: str) -> DeliveryContent:
        members = self._vault.decrypt_json(body, _place(delivery_id))
        return DeliveryContent(**members | {"proof": read_proof(members["proof"])})


def _conditions(which: DeliveryFilter) -> list[ColumnElement[bool]]:
    table = delivery.c
    stated = [
        (which.before > 0, table.position < which.before),
        (which.desks is not None, table.desk.in_(which.desks or ())),
        (bool(which.hidden), table.desk.not_in(which.hidden)),
        (bool(which.exchange_id), table.exchange_id == which.exchange_id),
        (bool(which.document_types), table.document_type.in_(which.document_types)),
    ]
    usable = or_(table.not_after.is_(None), table.not_after > which.at)
    return [table.position > which.after, usable, *(each for is_asked, each in stated if is_asked)]


def _read(row: Row[Any]) -> ReceivedDelivery:
    return ReceivedDelivery(**row._mapping)  # noqa: SLF001  # SQLAlchemy's public accessor, underscored against clashes


def _place(delivery_id: str) -> Place:
    return Place("delivery", "body", delivery_id)
