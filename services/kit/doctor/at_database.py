"""The check of a process's own database: reached, its owner's alone, of this version, made with this key."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.script.revision import RevisionError
from alembic.util.exc import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kit.credentials import CredentialError, require_private
from services.kit.database import DatabaseError, make_reader, require_fit
from services.kit.database.urls import is_postgresql, parse_url
from services.kit.doctor.finding import Finding, failed, passed, warned
from services.kit.doctor.patient import Base, Patient
from services.kit.doctor.wire import UnreachableError, reach

_PORT: Final = 5432
_PATIENCE_S: Final = 15.0


@dataclass(frozen=True, slots=True)
class _Told:
    """What the database says: its schema's version, its clock where it has one, the newest checkpoint."""

    version: str | None
    now: datetime | None = None
    checkpoint: datetime | None = None
    fits: bool = True


def check_database(patient: Patient) -> Iterator[Finding]:
    """The database, as far as reading shows it; nothing is written, and no migration done."""
    url = parse_url(patient.base.settings.url)
    fault = _find_server_fault(url) if is_postgresql(url) else None
    if fault is not None:
        yield failed("database", fault)
    elif not is_postgresql(url) and not Path(url.database or "").exists():
        yield _missing_file(Path(url.database or ""))
    else:
        yield from _ask(patient, url)


def _find_server_fault(url: URL) -> str | None:
    """Why nothing answers over TCP; a socket's folder, or several hosts, are left to the driver."""
    if not url.host:
        return None
    try:
        with reach(url.host, url.port or _PORT):
            return None
    except UnreachableError as error:
        return str(error)


def _missing_file(path: Path) -> Finding:
    if path.parent.is_dir():
        return warned("database", f"{path}: is not there yet: the first start makes it")
    return failed("database", f"{path.parent}: is no folder: make it, or correct the database's URL")


def _ask(patient: Patient, url: URL) -> Iterator[Finding]:
    if not is_postgresql(url):
        try:
            require_private(Path(url.database or ""))
        except CredentialError as error:
            yield failed("database", str(error))
    try:
        told = asyncio.run(_look(patient.base, url))
    except DatabaseError as error:
        yield failed("database", str(error))
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        fault = getattr(error, "orig", None) or error
        yield failed("database", _explain(url, type(fault).__name__))
    else:
        _note_times(patient, told)
        yield _judge(patient.base, told)
        if not told.fits:
            yield failed(
                "database-key",
                "the key at rest is not the one that the store was made with: put that one back",
            )


def _explain(url: URL, kind: str) -> str:
    if is_postgresql(url):
        return (
            f"the server does not let {url.username} into the database {url.database} ({kind}): see user, "
            "password_file, ca_file and the server's log"
        )
    return f"{url.database}: cannot be read as a database ({kind}): put the file back from a backup"


async def _look(base: Base, url: URL) -> _Told:
    engine = make_reader(base.settings.require_match(base.settings.url), base.settings)
    try:
        async with asyncio.timeout(_PATIENCE_S), engine.connect() as connection:
            await require_fit(connection)
            version = await connection.run_sync(_version)
            now = await _now(connection) if is_postgresql(url) else None
            if version is None or version != _newest(base):
                return _Told(version, now)
            fits = True if base.fits is None else await base.fits(connection)
            return _Told(version, now, await base.last_checkpoint(connection), fits)
    finally:
        await engine.dispose()


def _version(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


async def _now(connection: AsyncConnection) -> datetime:
    found: datetime = (await connection.execute(text("SELECT clock_timestamp()"))).scalar_one()
    return found.astimezone(UTC)


def _script(base: Base) -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(base.migrations).replace("%", "%%"))
    return ScriptDirectory.from_config(config)


def _newest(base: Base) -> str | None:
    return _script(base).get_current_head()


def _judge(base: Base, told: _Told) -> Finding:
    newest = _newest(base)
    if told.version == newest:
        return passed("database", f"answers, with the schema {newest} of this version")
    if told.version is None:
        return warned("database", "answers, and is empty: the first start makes the tables")
    if _knows(base, told.version):
        return warned(
            "database",
            f"its schema is {told.version}, behind {newest}: the next start of this version migrates it",
        )
    return failed("database", f"its schema {told.version} is of a newer version: start that version")


def _knows(base: Base, version: str) -> bool:
    try:
        return _script(base).get_revision(version) is not None
    except (CommandError, RevisionError):
        return False


def _note_times(patient: Patient, told: _Told) -> None:
    if told.now is not None:
        patient.note("the database's clock", told.now, is_now=True)
    if told.checkpoint is not None:
        patient.note("the newest checkpoint of the log", told.checkpoint)
