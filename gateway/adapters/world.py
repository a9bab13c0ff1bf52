"""What decisions rest on: the rulebook, the agreements and the directory, checked against each other."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from gateway.adapters.files import read_agreements, read_rulebook
from gateway.core.agreements import Agreement
from gateway.core.directory import DirectoryIndex
from gateway.core.errors import DataError
from gateway.core.world import World
from services.kit.directory import Directory
from services.kit.trust import DirectoryRefusedError

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


@dataclass(frozen=True, slots=True)
class Grounds:
    """A directory, and the world that was checked against it. One never goes with another's other half."""

    directory: Directory
    world: World


class CurrentWorld:
    """What decisions are made on, and its replacement while the process runs.

    A new one is read and checked whole before it takes the place of the last good one, in one step. Until
    then, and where it has a fault, the last good one stays.
    """

    def __init__(self, load: Callable[[Directory], World], directory: Directory) -> None:
        """WorldError if there is no good one to begin with."""
        self._load = load
        self._grounds = Grounds(directory, load(directory))
        self._versions = {self._version}
        self._failed = False

    @property
    def grounds(self) -> Grounds:
        """Those in force. Take them once for each piece of work."""
        return self._grounds

    @property
    def directory(self) -> Directory:
        """The directory in force."""
        return self._grounds.directory

    @property
    def world(self) -> World:
        """The one in force. Take it once for each decision."""
        return self._grounds.world

    @property
    def versions(self) -> frozenset[str]:
        """Every version of the rulebook that this process had in force."""
        return frozenset(self._versions)

    @property
    def is_latest(self) -> bool:
        """Whether the last attempt to load succeeded: what is in force is what stands in the files."""
        return not self._failed

    def reload(self) -> bool:
        """Reads rulebook and agreements again; whether they are now in force. Never raises: the last stay."""
        try:
            world = self._load(self.directory)
        except WorldError as fault:
            _log.error("reload_failed", file=fault.file, position=fault.line, rulebook=self._version)
            self._failed = True
        except Exception as fault:  # noqa: BLE001 - a fault of our own must not stop decisions either
            _log.exception("reload_failed", error=type(fault).__name__, rulebook=self._version)
            self._failed = True
        else:
            self._put(Grounds(self.directory, world))
            self._failed = False
            _log.info("reloaded", rulebook=self._version)
        return not self._failed

    def adopt(self, directory: Directory) -> None:
        """Puts a new directory in force, with the rulebook and agreements that go with it.

        Those in force go on; only if they contradict the directory are their files read again, since who
        leaves the directory leaves the agreements too. So a revocation never waits for a file that somebody
        has left unfinished.

        Raises:
            DirectoryRefusedError: neither goes with it; nothing has changed.
        """
        try:
            self._put(Grounds(directory, _move(self.world, directory)))
        except WorldError:
            self._adopt_with_files(directory)

    def _adopt_with_files(self, directory: Directory) -> None:
        try:
            self._put(Grounds(directory, self._load(directory)))
        except WorldError as fault:
            _log.error("directory_contradicts", file=fault.file, position=fault.line)
            raise DirectoryRefusedError(str(fault)) from None

    def _put(self, grounds: Grounds) -> None:
        self._grounds = grounds
        self._versions.add(self._version)

    @property
    def _version(self) -> str:
        return self._grounds.world.rulebook.version


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
    return _check(World(index, known, book), directory)


def _move(world: World, directory: Directory) -> World:
    """The same rulebook and agreements on another directory; WorldError if they do not go together."""
    index = DirectoryIndex(directory.organisations)
    kinds = {name: entry.kind for name, entry in world.directory.organisations.items()}
    if any(kinds.get(name, entry.kind) != entry.kind for name, entry in index.organisations.items()):
        raise WorldError("an organisation is of another kind than before: its agreements must be read again")
    return _check(replace(world, directory=index), directory)


def _check(world: World, directory: Directory) -> World:
    for agreement in world.agreements:
        _check_parties(agreement, directory)
    return world


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
