"""What the gateway told: outcomes, holds to answer, and alarms about what did not verify."""

import json
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kit.store.proofs import StoredProof, read_proof, write_proof
from services.kit.store.statements import insert_into
from services.kit.store.tables import alarm, exchange, hold, outcome
from services.kit.store.vault import Place, Vault

_KNOWN = select(outcome.c.position).where(outcome.c.outcome_id == bindparam("key"))


@dataclass(frozen=True, slots=True)
class StoredOutcome:
    """An outcome, with signed token and proof of record as they came; position 0 before it is stored."""

    outcome_id: str
    exchange_id: str
    kind: int
    received_at: datetime
    token: str
    proof: StoredProof
    position: int = 0


@dataclass(frozen=True, slots=True)
class StoredHold:
    """A hold that somebody here can lift.

    Attributes:
        state: number of an `exchange.v1.HoldState`.
        held: the bytes of an `exchange.v1.Held`.
    """

    hold_id: str
    exchange_id: str
    sender: str
    document_type: str
    state: int
    asked_at: datetime
    held: bytes


@dataclass(frozen=True, slots=True)
class Settlement:
    """How an alarm was settled: when, by whom, and what was found and done."""

    at: datetime
    person: str
    role: str
    reason: str


@dataclass(frozen=True, slots=True)
class StoredAlarm:
    """Something that did not verify.

    Attributes:
        cause: made of ids and hashes; the same cause raises no second alarm.
        kind: number of an `exchange.v1.AlarmKind`.
        code: stable reason.
        path: the leaf concerned, or empty.
        evidence: signed notes that prove it to anybody.
        position: in the order of raising; 0 before it is stored.
        settlement: None while it stands.
    """

    cause: str
    kind: int
    code: str
    at: datetime
    exchange_id: str = ""
    delivery_id: str = ""
    path: str = ""
    evidence: tuple[str, ...] = ()
    position: int = 0
    settlement: Settlement | None = None


class Outcomes:
    """The table of outcomes."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def add(self, connection: AsyncConnection, added: StoredOutcome) -> bool:
        """Stores an outcome; False if it was there already."""
        if (await connection.execute(_KNOWN, {"key": added.outcome_id})).first() is not None:
            return False
        members = {"token": added.token, "proof": write_proof(added.proof)}
        body = self._vault.encrypt_json(members, Place("outcome", "body", added.outcome_id))
        row = {
            "outcome_id": added.outcome_id,
            "exchange_id": added.exchange_id,
            "kind": added.kind,
            "received_at": added.received_at,
            "body": body,
        }
        await connection.execute(insert_into(outcome), [row])
        return True

    async def page(
        self, connection: AsyncConnection, after: int, limit: int, desks: Collection[str] | None = None
    ) -> list[StoredOutcome]:
        """Outcomes after a position, oldest first; of what was sent from these desks alone, unless None."""
        query = select(outcome).where(outcome.c.position > after)
        if desks is not None:
            own = select(exchange.c.exchange_id).where(exchange.c.desk.in_(desks))
            query = query.where(outcome.c.exchange_id.in_(own))
        rows = await connection.execute(query.order_by(outcome.c.position).limit(limit))
        return [self._read(row) for row in rows]

    async def of(self, connection: AsyncConnection, exchange_id: str) -> list[StoredOutcome]:
        """Outcomes of one exchange, in the order of arrival."""
        query = select(outcome).where(outcome.c.exchange_id == exchange_id).order_by(outcome.c.position)
        return [self._read(row) for row in await connection.execute(query)]

    def _read(self, row: Row[Any]) -> StoredOutcome:
        kept = self._vault.decrypt_json(row.body, Place("outcome", "body", row.outcome_id))
        return StoredOutcome(
            row.outcome_id,
            row.exchange_id,
            row.kind,
            row.received_at,
            kept["token"],
            read_proof(kept["proof"]),
            row.position,
        )


class Holds:
    """The table of holds."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def add(self, connection: AsyncConnection, added: StoredHold) -> None:
        """Stores a hold; nothing if it was there already."""
        if await self.find(connection, added.hold_id) is not None:
            return
        body = self._vault.encrypt(added.held, Place("hold", "body", added.hold_id))
        await connection.execute(
            insert(hold).values(
                hold_id=added.hold_id,
                exchange_id=added.exchange_id,
                sender=added.sender,
                document_type=added.document_type,
                state=added.state,
                asked_at=added.asked_at,
                body=body,
            )
        )

    async def find(self, connection: AsyncConnection, hold_id: str) -> StoredHold | None:
        """The hold of this id."""
        row = (await connection.execute(select(hold).where(hold.c.hold_id == hold_id))).first()
        return self._read(row) if row is not None else None

    async def list(self, connection: AsyncConnection, states: set[int]) -> list[StoredHold]:
        """Holds in any of these states, oldest first."""
        query = select(hold).where(hold.c.state.in_(states)).order_by(hold.c.position)
        return [self._read(row) for row in await connection.execute(query)]

    async def renew(self, connection: AsyncConnection, hold_id: str, held: bytes) -> None:
        """Takes over how a hold stands now, if it is known here."""
        body = self._vault.encrypt(held, Place("hold", "body", hold_id))
        await connection.execute(update(hold).where(hold.c.hold_id == hold_id).values(body=body))

    async def set_state(self, connection: AsyncConnection, hold_ids: set[str], state: int) -> None:
        """Sets the state of these holds, as far as they are known here."""
        await connection.execute(update(hold).where(hold.c.hold_id.in_(hold_ids)).values(state=state))

    def _read(self, row: Row[Any]) -> StoredHold:
        held = self._vault.decrypt(row.body, Place("hold", "body", row.hold_id))
        return StoredHold(
            row.hold_id, row.exchange_id, row.sender, row.document_type, row.state, row.asked_at, held
        )


class Alarms:
    """The table of alarms."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def add(self, connection: AsyncConnection, added: StoredAlarm) -> bool:
        """Stores an alarm; False if this cause had raised one already."""
        known = select(alarm.c.position).where(alarm.c.cause == added.cause)
        if (await connection.execute(known)).first() is not None:
            return False
        body = self._vault.encrypt(_write_alarm(added), Place("alarm", "body", added.cause))
        await connection.execute(
            insert(alarm).values(
                cause=added.cause,
                kind=added.kind,
                code=added.code,
                at=added.at,
                exchange_id=added.exchange_id,
                delivery_id=added.delivery_id,
                body=body,
            )
        )
        return True

    async def raise_anew(self, connection: AsyncConnection, added: StoredAlarm) -> bool:
        """As `add`, of a cause that lasts: it raises another once the last one was settled."""
        family = alarm.c.cause.startswith(f"{added.cause}#", autoescape=True) | (alarm.c.cause == added.cause)
        query = select(alarm.c.position, alarm.c.settled_at).where(family)
        last = (await connection.execute(query.order_by(alarm.c.position.desc()).limit(1))).first()
        if last is None:
            return await self.add(connection, added)
        if last.settled_at is None:
            return False
        return await self.add(connection, replace(added, cause=f"{added.cause}#{last.position}"))

    async def find(self, connection: AsyncConnection, position: int) -> StoredAlarm | None:
        """The alarm at this position."""
        row = (await connection.execute(select(alarm).where(alarm.c.position == position))).first()
        return None if row is None else self._read(row)

    async def settle(self, connection: AsyncConnection, settled: StoredAlarm, how: Settlement) -> None:
        """Notes how a standing alarm was settled."""
        members = {"person": how.person, "role": how.role, "reason": how.reason}
        body = self._vault.encrypt_json(members, Place("alarm", "settlement", settled.cause))
        found = update(alarm).where(alarm.c.position == settled.position, alarm.c.settled_at.is_(None))
        await connection.execute(found.values(settled_at=how.at, settlement=body))

    async def of(self, connection: AsyncConnection, exchange_id: str) -> list[StoredAlarm]:
        """Alarms about one exchange, oldest first; with an empty id, those about none in particular."""
        query = select(alarm).where(alarm.c.exchange_id == exchange_id).order_by(alarm.c.position)
        return [self._read(row) for row in await connection.execute(query)]

    async def page(self, connection: AsyncConnection, after: int, limit: int) -> list[StoredAlarm]:
        """Alarms of all kinds after a position, oldest first."""
        query = select(alarm).where(alarm.c.position > after).order_by(alarm.c.position).limit(limit)
        return [self._read(row) for row in await connection.execute(query)]

    def _read(self, row: Row[Any]) -> StoredAlarm:
        body = json.loads(self._vault.decrypt(row.body, Place("alarm", "body", row.cause)))
        return StoredAlarm(
            row.cause,
            row.kind,
            row.code,
            row.at,
            row.exchange_id,
            row.delivery_id,
            path=body["path"],
            evidence=tuple(body["evidence"]),
            position=row.position,
            settlement=self._read_settlement(row),
        )

    def _read_settlement(self, row: Row[Any]) -> Settlement | None:
        if row.settled_at is None:
            return None
        how = self._vault.decrypt_json(row.settlement, Place("alarm", "settlement", row.cause))
        return Settlement(row.settled_at, how["person"], how["role"], how["reason"])


def _write_alarm(added: StoredAlarm) -> bytes:
    return json.dumps({"path": added.path, "evidence": added.evidence}).encode()
