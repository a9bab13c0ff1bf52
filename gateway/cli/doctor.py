"""`ppg doctor`: explains a broken set-up in words; for the gateway, every agency and every console."""

import argparse
import json
import tomllib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.adapters.database.log_tables import LOG_CHECKPOINT
from gateway.adapters.database.schema import MIGRATIONS
from gateway.app.publish import EXCHANGE
from gateway.settings import Settings, SettingsError, parse_settings
from services.kit import settings as agency
from services.kit.console_settings import parse_settings as parse_console
from services.kit.directory import GATEWAY, Directory
from services.kit.doctor.agency import agency_patient
from services.kit.doctor.console import console_patient
from services.kit.doctor.examination import examine, examine_console, is_well
from services.kit.doctor.finding import Finding, failed
from services.kit.doctor.patient import Base, Patient, Route
from services.kit.exchange.packets import incoming_queue, outgoing_queue

WELL, ILL = 0, 1
"""Exit statuses: nothing failed, though something may be worth a warning; something failed."""

_WIDTH: Final = 24


def add_doctor(subparsers: Any) -> None:
    """Adds the command to the command line."""
    doctor = subparsers.add_parser("doctor", help="what is wrong with a set-up, and what to do about it")
    doctor.add_argument("--config", type=Path, required=True, metavar="FILE", help="settings of a process")
    doctor.add_argument("--json", action="store_true", help="print JSON")
    doctor.set_defaults(run=_run)


def diagnose(config: Path) -> list[Finding]:
    """Examines the process whose settings are in a file; what was found, one for each line."""
    try:
        if is_console(content := _read(config)):
            return examine_console(console_patient(parse_console(content, config)))
        return examine(read_patient(config))
    except (SettingsError, agency.SettingsError) as error:
        return [failed("settings", line) for line in str(error).splitlines()]


def is_console(content: Mapping[str, Any]) -> bool:
    """Whether settings are a console's: people sign in nowhere else."""
    return "sign_in" in content


def read_patient(config: Path) -> Patient:
    """The process whose settings are in a file: an agency's names its organisation, the gateway's none.

    Raises:
        SettingsError: of the gateway or of the kit; the file cannot be read as settings.
    """
    content = _read(config)
    if "organisation" in content:
        return agency_patient(agency.parse_settings(content, config))
    return _gateway_patient(parse_settings(content, config))


def _read(config: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(config.read_text(encoding="utf-8"))
    except OSError:
        raise SettingsError(f"{config}: cannot be read. Give the path of a settings file") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise SettingsError(f"{config}: is not TOML. Correct its form") from None


def _run(options: argparse.Namespace) -> int:
    findings = diagnose(options.config)
    _print_json(findings) if options.json else _print_lines(findings)
    return WELL if is_well(findings) else ILL


def _print_json(findings: Sequence[Finding]) -> None:
    told = [{"check": each.check, "verdict": each.verdict.value, "says": each.says} for each in findings]
    print(json.dumps({"well": is_well(findings), "findings": told}, indent=2, ensure_ascii=False))


def _print_lines(findings: Sequence[Finding]) -> None:
    for each in findings:
        print(f"{each.verdict.value:4}  {each.check:{_WIDTH}}  {each.says}")


def _gateway_patient(settings: Settings) -> Patient:
    return Patient(
        owner=GATEWAY,
        settings=settings,
        listen=settings.listen,
        tls=settings.tls,
        keys=settings.keys,
        directory=settings.directory,
        broker=settings.broker,
        # Under any organisation's key: the permission is a pattern.
        route=Route(EXCHANGE, incoming_queue("any"), _queues),
        base=Base(settings.database, MIGRATIONS, _last_checkpoint),
        identity=settings.identity,
        client=None,
        gateway=None,
        now=datetime.now(UTC),
    )


def _queues(directory: Directory) -> list[str]:
    return [outgoing_queue(organisation) for organisation in directory.organisations]


async def _last_checkpoint(connection: AsyncConnection) -> datetime | None:
    newest: datetime | None = (await connection.execute(select(func.max(LOG_CHECKPOINT.c.at)))).scalar()
    return newest
