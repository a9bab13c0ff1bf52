"""`ppg figures rebuild`: counts the register again, while the gateway is stopped."""

import argparse
import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from gateway.adapters.database import open_store
from gateway.app.figures.rebuilding import rebuild
from gateway.app.ports import StoreUnavailableError
from gateway.settings import load_settings
from services.kit.database import DatabaseError
from services.kit.directory import DirectoryError
from services.kit.directory_file import load_directory

_FAULTY: Final = 2


def add_figures(subparsers: Any) -> None:
    """Adds the command to the command line."""
    figures = subparsers.add_parser("figures", help="look after the figures of exchanges")
    actions = figures.add_subparsers(required=True, metavar="action")
    again = actions.add_parser(
        "rebuild", help="count the register again; what was erased is lost from the figures"
    )
    again.add_argument("--config", type=Path, required=True, help="settings file of the gateway (TOML)")
    again.set_defaults(run=_rebuild)


def _rebuild(options: argparse.Namespace) -> int:
    try:
        counted = asyncio.run(_count(options.config))
    except (DatabaseError, StoreUnavailableError, DirectoryError) as error:
        print(f"ppg: nothing was counted: {type(error).__name__} {error}", file=sys.stderr)
        return _FAULTY
    print(f"counted {counted} exchanges")
    return 0


async def _count(config: Path) -> int:
    settings = load_settings(config)
    directory = load_directory(settings.directory, datetime.now(UTC))
    async with await open_store(settings.database.url, settings.database) as store:
        return await rebuild(store, directory)
