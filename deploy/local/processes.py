"""One process of the system as a subprocess: started, watched, stopped, and never left behind.

A child is tied to its parent by the kernel (`setpriv --pdeathsig`), so that it ends also when whoever started
it is killed and can no longer stop anything.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

_LAST_LINES: Final = 15
_TAIL_OCTETS: Final = 16_384


class ProcessError(RuntimeError):
    """A process could not be started, or ended by itself; the message names its log."""


class Process:
    """One child process, its output in a log file of mode 0600.

    Args:
        name: What people call it, such as an organisation's id.
        command: Program and arguments.
        log: File that its output is appended to.
        directory: Its working directory.
    """

    def __init__(self, name: str, command: Sequence[str], *, log: Path, directory: Path) -> None:
        self.name: Final = name
        self.log: Final = log
        self._command: Final = list(command)
        self._directory: Final = directory
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Its process id; None if it was not started or was stopped."""
        return None if self._child is None else self._child.pid

    def start(self) -> None:
        """Start it.

        Raises:
            ProcessError: It is running already.
        """
        if self._child is not None and self._child.poll() is None:
            raise ProcessError(f"{self.name} is already running")
        self._child = subprocess.Popen(
            [*_tie_to_parent(), *self._command],
            cwd=self._directory,
            stdin=subprocess.DEVNULL,
            stdout=(output := self._open_log()),
            stderr=output,
            start_new_session=True,  # an interrupt at the terminal reaches the launcher, which stops in order
        )
        os.close(output)

    def raise_if_ended(self) -> None:
        """Say so if it ended by itself.

        Raises:
            ProcessError: With its exit code, its log file and that file's last lines.
        """
        code = None if self._child is None else self._child.poll()
        if code is not None:
            raise ProcessError(f"{self.name} ended with code {code}; see {self.log}\n{self.last_lines()}")

    def ask_to_stop(self) -> None:
        """Send SIGTERM and do not wait."""
        if self._child is not None:
            with suppress(ProcessLookupError):
                self._child.terminate()

    def stop(self, timeout_s: float = 15) -> None:
        """Stop in good order; kill it if it has not ended after `timeout_s` seconds."""
        if self._child is None:
            return
        self.ask_to_stop()
        with suppress(subprocess.TimeoutExpired):  # `kill` ends what is left
            self._child.wait(timeout_s)
        self.kill()

    def kill(self) -> None:
        """End it and whatever it started at once, as a power cut would."""
        if self._child is None:
            return
        with suppress(ProcessLookupError):  # it may have ended
            os.killpg(self._child.pid, signal.SIGKILL)
        self._child.wait()
        self._child = None

    def last_lines(self) -> str:
        """The last lines of its log, indented."""
        with suppress(FileNotFoundError), self.log.open("rb") as file:
            file.seek(max(0, self.log.stat().st_size - _TAIL_OCTETS))
            lines = file.read().decode("utf-8", errors="replace").splitlines()
            return "\n".join(f"    {line}" for line in lines[-_LAST_LINES:])
        return "    (it wrote nothing)"

    def _open_log(self) -> int:
        self.log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


def _tie_to_parent() -> list[str]:
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise ProcessError("setpriv is not installed (on Debian: apt-get install util-linux)")
    return [setpriv, "--pdeathsig", "TERM", "--"]
