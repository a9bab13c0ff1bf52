"""The signed directory that the console itself has, verified anew each time with the scheme's pinned key."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask import current_app

from services.kit.clock import Clock, SystemClock
from services.kit.directory import Directory, DirectoryError

EXTENSION: Final = "evidence"
_CLOCK: Final = SystemClock()


def _have_none() -> Directory:
    raise DirectoryError("the console has no signed directory: name one in its settings")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What proofs are verified with.

    Attributes:
        open_directory: reads the signed directory and verifies it; DirectoryError if it does not verify.
        clock: by which signatures are valid, or not yet.
        fingerprint: of the scheme's key, as the settings have it.
    """

    open_directory: Callable[[], Directory] = _have_none
    clock: Clock = _CLOCK
    fingerprint: str = ""

    def now(self) -> datetime:
        """Now, aware."""
        return self.clock.now()


def evidence() -> Evidence:
    """That of the application; nothing verifies where it has none."""
    found: Evidence = current_app.extensions.get(EXTENSION) or Evidence()
    return found
