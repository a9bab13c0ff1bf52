"""`ppg keys list | new | destroy`: the gateway's own keys."""

from pathlib import Path
from typing import Any

from gateway.settings import load_settings
from services.kit.directory import GATEWAY, Directory
from services.kit.exchange.packets import outgoing_queue
from services.kit.keytool import commands
from services.kit.keytool.commands import KeyHolder


def add_keys(subparsers: Any) -> None:
    """Adds the command to the command line."""
    keys = subparsers.add_parser("keys", help="the gateway's own keys: list, make, destroy")
    commands.add_actions(keys.add_subparsers(required=True, metavar="action"), _holder)


def _holder(config: Path) -> KeyHolder:
    settings = load_settings(config)
    return KeyHolder(GATEWAY, settings.keys, settings.directory, settings.broker, _queues)


def _queues(directory: Directory) -> list[str]:
    return [outgoing_queue(organisation) for organisation in directory.organisations]
