"""Starting an agency's process from the command line, with a clear line where it cannot."""

import argparse
import asyncio
import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

import structlog

from services.kit.access.table import AccessError
from services.kit.agency import Assemble, TaskEndedError, reload_on_signal, run_agency, stop_on_signals
from services.kit.bus import BusError
from services.kit.credentials import CredentialError
from services.kit.directory import DirectoryError
from services.kit.evidence.errors import EvidenceError
from services.kit.identity import IdentityError
from services.kit.logs import configure_logs
from services.kit.profile import Profile, ProfileError
from services.kit.rpc.server import ListenError
from services.kit.settings import Settings, SettingsError, load_settings
from services.kit.store import StoreError

CANNOT_START = 2
FAILED = 1

_log = structlog.get_logger(__name__)
_REFUSALS = (
    SettingsError,
    CredentialError,
    DirectoryError,
    IdentityError,
    ProfileError,
    AccessError,
    ListenError,
    StoreError,
    BusError,
    EvidenceError,
)


def launch(arguments: Sequence[str], *, package: str, assemble: Assemble) -> int:
    """Runs `<package> <role> --config FILE` until it is told to stop.

    Args:
        arguments: of the command line, without the program.
        package: holds a folder with a `profile` for each role.
        assemble: makes the parts that exchanges are made with.

    Returns:
        0 after a stop in good order; 1 after a fault; 2 if it could not start, with the reason on stderr.
    """
    parser = argparse.ArgumentParser(
        prog=f"python -m {package}",
        description="Runs one organisation's service.",
        epilog=f"Its keys: python -m {package} keys --help",
    )
    parser.add_argument("role", help="the role, as its folder is called")
    parser.add_argument("--config", type=Path, required=True, metavar="FILE", help="settings, TOML")
    given = parser.parse_args(arguments)
    try:
        profile, settings = load_profile(package, given.role), load_settings(given.config)
        configure_logs(role=profile.role, organisation=settings.organisation)
        asyncio.run(_run(profile, settings, assemble))
    except _REFUSALS as refusal:
        print(f"{given.role} cannot start: {refusal}", file=sys.stderr)  # noqa: T201 - for whoever starts it
        return CANNOT_START
    except TaskEndedError:
        return FAILED
    except Exception as fault:  # noqa: BLE001  # a traceback would print its text, which may quote anything
        _log.error("process_failed", exc_info=fault)
        return FAILED
    return 0


def load_profile(package: str, role: str) -> Profile:
    """The profile that a role's folder declares; ProfileError if there is none by that name."""
    name = f"{package}.{role}.profile"
    try:
        profile = getattr(importlib.import_module(name), "PROFILE", None)
    except ModuleNotFoundError as error:
        if error.name not in (name, f"{package}.{role}"):
            raise
        raise ProfileError(
            f"there is no role {role!r}: name a folder of {package} that has a profile"
        ) from None
    # The kit has a module of that name too, which declares nothing.
    if not isinstance(profile, Profile) or profile.role != role:
        raise ProfileError(f"there is no role {role!r}: {name} does not declare it")
    return profile


async def _run(profile: Profile, settings: Settings, assemble: Assemble) -> None:
    try:
        stop, reload = stop_on_signals(), reload_on_signal()
        await run_agency(profile, settings, assemble, stop=stop, reload=reload)
    except TaskEndedError:
        _log.error("task_ended")
        raise
