"""`python -m services keys ...`: an organisation's own keys."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from services.kit.exchange.packets import incoming_queue
from services.kit.keytool.commands import KeyHolder, add_actions
from services.kit.settings import SettingsError, load_settings

NAME: Final = "keys"
_CANNOT: Final = 2


def run_keys(arguments: Sequence[str], *, package: str) -> int:
    """Runs one action; the exit code: 0 if done, 1 if refused, 2 if the settings cannot be used."""
    parser = argparse.ArgumentParser(
        prog=f"python -m {package} {NAME}", description="One organisation's own keys."
    )
    add_actions(parser.add_subparsers(required=True, metavar="action"), _holder)
    options = parser.parse_args(arguments)
    try:
        return int(options.run(options))
    except SettingsError as error:
        print(f"keys: {error}", file=sys.stderr)  # noqa: T201  # for whoever runs it
        return _CANNOT


def _holder(config: Path) -> KeyHolder:
    settings = load_settings(config)
    own = settings.organisation
    return KeyHolder(own, settings.keys, settings.directory, settings.broker, lambda _: [incoming_queue(own)])
