"""`keys list | new | destroy`: the same for the gateway and for every agency."""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from services.kit.bus import BusError
from services.kit.bus.settings import BusSettings
from services.kit.credentials import CredentialError
from services.kit.directory import Directory, DirectoryError
from services.kit.directory_file import load_directory
from services.kit.key_files import OwnKeyFiles
from services.kit.keyring import ENCRYPTION, SIGNING, KeyState
from services.kit.keytool.destruction import DestructionRefusedError, KeyPlace, destroy_key
from services.kit.keytool.files import KeyFileError, make_key
from services.kit.settings import DirectorySettings

DONE: Final = 0
REFUSED: Final = 1
_FAULTS: Final = (CredentialError, DirectoryError, DestructionRefusedError, KeyFileError, BusError)


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """Whose keys a command is about, from the settings of its process.

    Attributes:
        owner: the organisation, or the gateway.
        keys: where they lie.
        directory: where the directory is.
        broker: where messages wait.
        queues: from the directory to the names of the queues that the owner reads.
    """

    owner: str
    keys: OwnKeyFiles
    directory: DirectorySettings
    broker: BusSettings
    queues: Callable[[Directory], Sequence[str]]


def add_actions(actions: Any, hold: Callable[[Path], KeyHolder]) -> None:
    """Adds the actions to a command line; `hold` reads the settings file that is named on it."""
    listed = actions.add_parser("list", help="own keys: id, use, validity, state")
    made = actions.add_parser("new", help="make a key pair and print what the scheme is to publish")
    made.add_argument("use", choices=(SIGNING, ENCRYPTION))
    gone = actions.add_parser("destroy", help="destroy an old key, unless something still needs it")
    gone.add_argument("kid", help="the key's id; one that begins with a hyphen after `--`")
    gone.add_argument("--drop-dead-letters", action="store_true", help="also give up what was set aside")
    for parser, act in ((listed, _list), (made, _make), (gone, _destroy)):
        parser.add_argument(
            "--config", type=Path, required=True, metavar="FILE", help="settings of the process"
        )
        parser.set_defaults(run=_bind(act, hold))


def _bind(
    act: Callable[[argparse.Namespace, KeyHolder], None], hold: Callable[[Path], KeyHolder]
) -> Callable[[argparse.Namespace], int]:
    def run(options: argparse.Namespace) -> int:
        try:
            act(options, hold(options.config))
        except _FAULTS as fault:
            print(f"keys: {fault}", file=sys.stderr)  # noqa: T201  # a command line speaks to a terminal
            return REFUSED
        return DONE

    return run


def _list(_options: argparse.Namespace, holder: KeyHolder) -> None:
    now = datetime.now(UTC)
    directory = load_directory(holder.directory, now)
    for state in holder.keys.read(holder.owner).states(directory, now):
        print(_line(state))  # noqa: T201


def _line(state: KeyState) -> str:
    if state.record is None:
        return f"{state.kid}  {state.use:10}  not in the directory"
    until = f"{state.record.not_before:%Y-%m-%d %H:%M} to {state.record.not_after:%Y-%m-%d %H:%M} UTC"
    word = "valid" if state.reason is None else state.reason.removeprefix("key_").replace("_", " ")
    return f"{state.kid}  {state.use:10}  {until}  {word}"


def _make(options: argparse.Namespace, holder: KeyHolder) -> None:
    made = make_key(_folder(holder), holder.owner, options.use)
    public = {"owner": holder.owner, "key_id": made.kid, "use": options.use, "jwk": made.public.to_jwk()}
    print(json.dumps(public, indent=2))  # noqa: T201


def _destroy(options: argparse.Namespace, holder: KeyHolder) -> None:
    now = datetime.now(UTC)
    directory = load_directory(holder.directory, now)
    queues = holder.queues(directory)
    place = KeyPlace(
        folder=_folder(holder),
        ring=holder.keys.read(holder.owner),
        directory=directory,
        broker=holder.broker,
        queues=queues,
        dead_letters=[f"{queue}.dead" for queue in queues],
    )
    destroy_key(place, options.kid, now, drop_dead_letters=options.drop_dead_letters)
    print(f"{options.kid}  destroyed")  # noqa: T201


def _folder(holder: KeyHolder) -> Path:
    if holder.keys.folder is None:
        raise KeyFileError("the settings name no key folder: put the keys into one, and set keys.folder")
    return holder.keys.folder
