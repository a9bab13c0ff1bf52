"""What tests of erasure and pruning share: exchanges that arrived, the secrets kept of them, and who asks."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path

from publicprotection.oversight.v1.subject_service_pb2 import Acting

from gateway.app.log_texts import open_texts
from gateway.app.records import entry_of
from gateway.app.subject_acts import Act, open_work
from tests.support.acting import officer
from tests.support.gateway import Gateway, Sealed

ACTING = Acting(reason="The period has ended.")


def act(gateway: Gateway) -> Act:
    return Act(officer(gateway.parties.of_kind("MAPPA_COORDINATION_UNIT")), ACTING.reason)


async def arrive(gateway: Gateway, step: str, **changes: object) -> Sealed:
    """Takes an exchange, and has every recipient confirm what it got."""
    sealed = gateway.step(step, **changes)
    assert await gateway.take(sealed.arrival) == [None]
    await confirm(gateway)
    return sealed


async def confirm(gateway: Gateway) -> None:
    """Publishes everything and has it confirmed."""
    for organisation in gateway.parties.directory.organisations:
        _, deliveries = await gateway.received(organisation)
        for delivery, _ in deliveries:
            await gateway.take(gateway.receipt(organisation, delivery))
    await put_in_order(gateway)


async def put_in_order(gateway: Gateway) -> None:
    while await gateway.sequencer.sequence_batch():
        pass


async def subject_of(gateway: Gateway, sealed: Sealed) -> str:
    """Made-up id of whom an exchange is about."""
    async with gateway.store.reading() as unit:
        row = await unit.register.find(sealed.exchange_id)
    assert row is not None
    return row.subject_id


async def texts_open(gateway: Gateway, exchange_id: str) -> int:
    """How many texts of an exchange's records can be read; those of its erasure are about who erased it."""
    rows = [row for row in await gateway.records() if row.exchange_id == exchange_id]
    rows = [row for row in rows if row.type != "EXCHANGE_ERASED"]
    async with open_work(gateway.store, gateway.tools) as work:
        return sum([len(await open_texts(work, entry_of(row))) for row in rows])


def secrets_of(gateway: Gateway, *scopes: str) -> list[bytes]:
    """Keys and salts kept under scopes, as their bytes."""
    with sqlite3.connect(gateway.folder / "keys.db") as connection:
        marks = ",".join("?" * len(scopes))
        tables = (("key", "data_key"), ("salt", "salt"))
        return [
            bytes(row[0])
            for column, table in tables
            for row in connection.execute(
                f"SELECT {column} FROM {table} WHERE scope IN ({marks})",  # noqa: S608  # marks only
                scopes,
            )
        ]


def scopes_kept(gateway: Gateway) -> set[str]:
    """Every scope that has a key or a salt."""
    with sqlite3.connect(gateway.folder / "keys.db") as connection:
        return {
            row[0] for row in connection.execute("SELECT scope FROM data_key UNION SELECT scope FROM salt")
        }


def traces(folders: Iterable[Path], secrets: Iterable[bytes]) -> set[str]:
    """Names of the raw files that hold one of these."""
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    wanted = list(secrets)
    return {path.name for path in files if any(each in _bytes_of(path) for each in wanted)}


def _bytes_of(path: Path) -> bytes:
    """What a file holds: a server at work removes its temporary ones meanwhile, and those hold nothing."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
