"""What decisions rest on: the rulebook, the agreements and the directory, checked against each other."""

from collections.abc import Callable
from pathlib import Path

import structlog

from gateway.adapters.files import read_agreements, read_rulebook
from gateway.core.agreements import Agreement
from gateway.core.directory import DirectoryIndex
from gateway.core.errors import DataError
from gateway.core.world import World
from services.kit.directory import Directory

_log = structlog.get_logger(__name__)


class WorldError(Exception):
    """Rulebook, agreements and directory cannot be used together; says what to do.

    Attributes:
        file: the name of the file at fault; empty where it is not one file.
        line: in it; 0 where no single line is at fault.
    """

    def __init__(self, advice: str, file: str = "", line: int = 0) -> None:
        self.file, self.line = file, line
        super().__init__(advice)


class CurrentWorld:
    """The world that decisions are made in, and its replacement while the process runs.

    A new one is read and checked whole before it takes the place of the last good one, in one step. Until
    then, and where it has a fault, the last good one stays.
    """

    def __init__(self, load: Callable[[], World]) -> None:
        """WorldError if there is no good one to begin with."""
        self._load = load
        self._world = load()
        self._versions = {self._world.rulebook.version}
        self._failed = False

    @property
    def world(self) -> World:
        """The one in force. Take it once for each decision."""
        return self._world

    @property
    def versions(self) -> frozenset[str]:
        """Every version of the rulebook that this process had in force."""
        return frozenset(self._versions)

    @property
    def is_latest(self) -> bool:
        """Whether the last attempt to load succeeded: what is in force is what stands in the files."""
        return not self._failed

    def reload(self) -> bool:
        """Reads everything again; whether it is now in force. Never raises: the last good one stays."""
        try:
            world = self._load()
        except WorldError as fault:
            _log.error("reload_failed", file=fault.file, position=fault.line, rulebook=self._version)
            self._failed = True
        except Exception as fault:  # noqa: BLE001 - a fault of our own must not stop decisions either
            _log.exception("reload_failed", error=type(fault).__name__, rulebook=self._version)
            self._failed = True
        else:
            self._world, self._failed = world, False
            self._versions.add(self._version)
            _log.info("reloaded", rulebook=self._version)
        return not self._failed

    @property
    def _version(self) -> str:
        return self._world.rulebook.version


def load_world(rulebook: Path, agreements: Path, directory: Directory) -> World:
    """Reads rulebook and agreements, and checks that the agreements' parties are in the directory.

    Raises:
        WorldError: a file says what it may not; or an agreement names an organisation that nobody knows.
    """
    index = DirectoryIndex(directory.organisations)
    try:
        book = read_rulebook(rulebook)
        known = read_agreements(agreements, book, index)
    except DataError as error:
        raise WorldError(str(error), error.file, error.line) from None
    except (OSError, UnicodeDecodeError) as error:
        raise WorldError(f"rulebook or agreements cannot be read ({type(error).__name__})") from None
    for agreement in known:
        _check_parties(agreement, directory)
    return World(index, known, book)


def _check_parties(agreement: Agreement, directory: Directory) -> None:
    unknown = sorted(
        party.organisation
        for party in agreement.parties
        if directory.organisation(party.organisation) is None
    )
    if unknown:
        raise WorldError(
            f"agreement {agreement.id} {agreement.version} names {unknown[0]}, which is not in the "
            "directory: have the scheme add it, or take it out of the agreement"
        )
