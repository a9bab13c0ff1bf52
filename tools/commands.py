"""Runs the programs installed beside this Python."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tools.paths import ROOT

PROGRAMS = Path(sys.executable).parent


class CommandError(Exception):
    """A command failed; the message is everything it printed."""


def run(program: str, *arguments: str) -> str:
    """Runs a program of the virtual environment in the repository's root.

    Args:
        program: its name, such as ``ruff``; ``python`` is this interpreter.
        arguments: passed as they are.

    Returns:
        What it printed, on either stream.

    Raises:
        CommandError: it exited with anything but 0.
    """
    return _run([sys.executable if program == "python" else str(PROGRAMS / program), *arguments])


def _run(command: Sequence[str]) -> str:
    result = subprocess.run(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if result.returncode != 0:
        raise CommandError(result.stdout or f"exit status {result.returncode}")
    return result.stdout
