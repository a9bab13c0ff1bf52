"""Reads the gateway's data from folders: rulebook, agreements, directory. Parsing is the core's."""

from pathlib import Path
from typing import Final

from publicprotection.exchange.v1 import directory_service_pb2

from gateway.core.agreement_checks import check_terms
from gateway.core.agreement_law import check_law
from gateway.core.agreements import Agreement, Check, load_agreements
from gateway.core.defeated import check_clauses
from gateway.core.directory import DirectoryIndex, load_directory
from gateway.core.never import Never, load_never
from gateway.core.rulebook import Rulebook, load_rulebook
from gateway.core.vocabulary import kind_name
from gateway.core.yaml_source import Source

RULEBOOK: Final = Path(__file__).resolve().parent.parent / "rulebook"
"""The rulebook that comes with this version."""

_NEVER: Final = "never.yaml"
_NOT_RULES: Final = frozenset({"labels.yaml", "requirements.yaml", _NEVER})
"""In the rulebook's folder, but not decided by: what the guidance asks for and forbids, and its letters."""


def read_rulebook(folder: Path = RULEBOOK) -> Rulebook:
    """Reads a rulebook folder. RulebookError on any fault in it; OSError if it cannot be read."""
    return load_rulebook(rulebook_texts(folder))


def rulebook_texts(folder: Path = RULEBOOK) -> dict[str, str]:
    """The files of a rulebook folder that decisions are made by, by name."""
    return {name: text for name, text in _texts(folder).items() if name not in _NOT_RULES}


def read_never(folder: Path = RULEBOOK) -> tuple[Never, ...]:
    """Reads what must never go; nothing where the folder has no such file. RulebookError on any fault."""
    file = folder / _NEVER
    return load_never(_NEVER, file.read_text(encoding="utf-8")) if file.exists() else ()


def read_agreements(
    folder: Path, rulebook: Rulebook | None = None, directory: DirectoryIndex | None = None
) -> tuple[Agreement, ...]:
    """Reads a folder of agreements. AgreementError on any fault in it; OSError if it cannot be read.

    Args:
        folder: one agreement a file.
        rulebook: refuses what its law does not carry, and clauses that its prohibitions always defeat.
        directory: says of which kind the organisations are that clauses name.
    """
    if rulebook is None:
        return load_agreements(_texts(folder), check_terms)
    return load_agreements(_texts(folder), agreement_check(rulebook, directory or DirectoryIndex({})))


def agreement_check(rulebook: Rulebook, directory: DirectoryIndex) -> Check:
    """All that an agreement must be: without contradiction, carried by the law, not always defeated by it."""

    def kind_of(organisation: str) -> str:
        return kind_name(directory.kind_of(organisation))

    def check(source: Source, agreement: Agreement) -> None:
        check_terms(source, agreement)
        check_clauses(source, agreement, rulebook, kind_of)
        check_law(source, agreement, rulebook, kind_of)

    return check


def read_directory(file: Path) -> directory_service_pb2.Directory:
    """Reads organisations and desks, without keys. DirectoryDataError on any fault; OSError if unreadable."""
    return load_directory(file.name, file.read_text(encoding="utf-8"))


def folder_texts(folder: Path) -> dict[str, str]:
    """The YAML files of a folder, by name; OSError if it cannot be read."""
    return _texts(folder)


def _texts(folder: Path) -> dict[str, str]:
    if not folder.is_dir():
        raise NotADirectoryError(str(folder))
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.yaml"))}
