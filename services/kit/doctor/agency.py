"""An agency's process, by its settings."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kit.credentials import read_at_rest_key
from services.kit.doctor.patient import Base, Patient, Route
from services.kit.exchange.packets import EXCHANGE, incoming_queue, outgoing_queue
from services.kit.settings import Settings
from services.kit.store import MIGRATIONS, Vault, matches_key
from services.kit.store.tables import checkpoint


def agency_patient(settings: Settings, now: datetime | None = None) -> Patient:
    """What is examined of an agency's process."""
    own = settings.organisation
    return Patient(
        owner=own,
        settings=settings,
        listen=settings.listen,
        tls=settings.tls,
        keys=settings.keys,
        directory=settings.directory,
        broker=settings.broker,
        route=Route(EXCHANGE, outgoing_queue(own), lambda _: [incoming_queue(own)]),
        base=Base(settings.store, MIGRATIONS, _last_checkpoint, _fits(settings.keys.at_rest_file)),
        identity=settings.identity,
        client=settings.identity.client,
        gateway=settings.gateway.address,
        now=now or datetime.now(UTC),
    )


def _fits(at_rest: Path) -> Any:
    async def fits(connection: AsyncConnection) -> bool:
        return await matches_key(connection, Vault(read_at_rest_key(at_rest)))

    return fits


async def _last_checkpoint(connection: AsyncConnection) -> datetime | None:
    newest: datetime | None = (await connection.execute(select(func.max(checkpoint.c.signed_at)))).scalar()
    return newest
