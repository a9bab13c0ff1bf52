"""What decisions rest on besides agreements: the rulebook and the directory."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from gateway.adapters.files import read_rulebook
from gateway.core.directory import DirectoryIndex
from gateway.core.errors import DataError
from gateway.core.world import World
from services.kit.directory import Directory

_log = structlog.get_logger(__name__)


class WorldError(Exception):
    """Rulebook, or agreements to be imported, cannot be used; says what to do.

    Attributes:
        file: the name of the file at fault; empty where it is not one file.
        line: in it; 0 where no single line is at fault.
    """

    def __init__(self, advice: str, file: str = "", line: int = 0) -> None:
        self.file, self.line = file, line
        super().__init__(advice)


@dataclass(frozen=True, slots=True)
class Grounds:
    """A directory, and the world that rests on it. One never goes with another's other half."""

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
        """Reads the rulebook again; whether it is now in force. Never raises: the last stays."""
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
        """Puts a new directory in force, with the rulebook that goes with it.

        A revocation never waits for a file that somebody has left unfinished: no file is read. An agreement
        may name whom the directory lists no longer: such a party gets nothing and sends nothing.
        """
        index = DirectoryIndex(directory.organisations)
        self._put(Grounds(directory, replace(self.world, directory=index)))

    def _put(self, grounds: Grounds) -> None:
        self._grounds = grounds
        self._versions.add(self._version)

    @property
    def _version(self) -> str:
        return self._grounds.world.rulebook.version


def load_world(rulebook: Path, directory: Directory) -> World:
    """Reads the rulebook. Agreements are in the database, and go with it at each decision.

    Raises:
        WorldError: a file says what it may not.
    """
    try:
        book = read_rulebook(rulebook)
    except DataError as error:
        raise WorldError(str(error), error.file, error.line) from None
    except (OSError, UnicodeDecodeError) as error:
        raise WorldError(f"rulebook cannot be read ({type(error).__name__})") from None
    return World(DirectoryIndex(directory.organisations), (), book)
