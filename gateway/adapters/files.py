"""Reads the gateway's data from folders: rulebook, agreements, directory. Parsing is the core's."""

from pathlib import Path
from typing import Final

from publicprotection.exchange.v1 import directory_service_pb2

from gateway.core.agreements import Agreement, load_agreements
from gateway.core.directory import load_directory
from gateway.core.rulebook import Rulebook, load_rulebook

RULEBOOK: Final = Path(__file__).resolve().parent.parent / "rulebook"
"""The rulebook that comes with this version."""

_NOT_RULES: Final = frozenset({"labels.yaml", "requirements.yaml"})
"""In the rulebook's folder, but not decided by: what the guidance asks for, and its form letters."""


def read_rulebook(folder: Path = RULEBOOK) -> Rulebook:
    """Reads a rulebook folder. RulebookError on any fault in it; OSError if it cannot be read."""
    return load_rulebook(rulebook_texts(folder))


def rulebook_texts(folder: Path = RULEBOOK) -> dict[str, str]:
    """The files of a rulebook folder that decisions are made by, by name."""
    return {name: text for name, text in _texts(folder).items() if name not in _NOT_RULES}


def read_agreements(folder: Path) -> tuple[Agreement, ...]:
    """Reads a folder of agreements. AgreementError on any fault in it; OSError if it cannot be read."""
    return load_agreements(_texts(folder))


def read_directory(file: Path) -> directory_service_pb2.Directory:
    """Reads organisations and desks, without keys. DirectoryDataError on any fault; OSError if unreadable."""
    return load_directory(file.name, file.read_text(encoding="utf-8"))


def _texts(folder: Path) -> dict[str, str]:
    if not folder.is_dir():
        raise NotADirectoryError(str(folder))
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.yaml"))}
