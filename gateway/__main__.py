"""Runs the gateway: `python -m gateway --config FILE`."""

import argparse
import asyncio
import signal
import sys
from pathlib import Path
from typing import Final

import structlog

from gateway.adapters.keystore import KeyStoreError
from gateway.adapters.world import WorldError
from gateway.app.ports import StoreUnavailableError
from gateway.app.sequencer import LogForkedError
from gateway.process import TaskEndedError, run_gateway
from gateway.settings import SettingsError, load_settings
from services.kit.access.table import AccessError
from services.kit.bus import BusError
from services.kit.credentials import CredentialError
from services.kit.database import DatabaseError
from services.kit.directory import GATEWAY, DirectoryError
from services.kit.logs import configure_logs
from services.kit.rpc.server import ListenError

_CANNOT_START: Final = 78  # EX_CONFIG of sysexits.h
_FAILED: Final = 70  # EX_SOFTWARE
_REFUSALS: Final = (
    SettingsError,
    CredentialError,
    DirectoryError,
    WorldError,
    AccessError,
    KeyStoreError,
    LogForkedError,
    DatabaseError,
    StoreUnavailableError,
    ListenError,
)

_log = structlog.get_logger(__name__)


def main(arguments: list[str] | None = None) -> int:
    """Runs until SIGTERM or SIGINT, reading the rules again at each SIGHUP; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m gateway", description=__doc__)
    parser.add_argument("--config", type=Path, required=True, help="settings file (TOML)")
    configure_logs(role=GATEWAY, organisation=GATEWAY)
    try:
        asyncio.run(_run(parser.parse_args(arguments).config))
    except _REFUSALS as error:
        return _say(f"the gateway does not start: {error}", _CANNOT_START)
    except (BusError, TaskEndedError) as error:
        return _say(f"the gateway cannot go on: {type(error).__name__} {error}", _FAILED)
    except Exception as fault:  # noqa: BLE001  # a traceback would print its text, which may quote anything
        _log.error("process_failed", exc_info=fault)
        return _FAILED
    return 0


async def _run(config: Path) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    reload = asyncio.Event()
    loop.add_signal_handler(signal.SIGHUP, reload.set)
    await run_gateway(load_settings(config), stop=stop, reload=reload)


def _say(line: str, code: int) -> int:
    sys.stderr.write(line + "\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
