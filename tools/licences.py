"""Licences of others' work: each part has one that tools/licences.toml allows, with a reason. Offline.

    python -m tools.licences

What a package says of itself is read from its installed metadata: a licence expression (PEP 639), or else
its classifiers, or its text. Where that is ambiguous or missing, the table states what its licence file says.
"""

import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Final

from tools.parts import NPM, PYPI, Part, list_parts, normalise
from tools.paths import ROOT

TABLE: Final = ROOT / "tools" / "licences.toml"
_OR: Final = re.compile(r"\s+OR\s+")
_AND: Final = re.compile(r"\s+AND\s+")
_CLASSIFIER: Final = "License :: "


@dataclass(frozen=True)
class LicenceTable:
    """What is allowed and why.

    Attributes:
        allowed: SPDX ids, each with the reason.
        named: what packages write, and the SPDX id that it means.
        stated: by package: the licence where its metadata does not say.
        programs: by package of Debian: its licence; they are called, and not linked with.
        installed: by package of Python: what its metadata says.
    """

    allowed: Mapping[str, str]
    named: Mapping[str, str]
    stated: Mapping[str, str]
    programs: Mapping[str, str]
    installed: Mapping[str, str]

    def find(self, part: Part) -> str:
        """The licence of a part as an SPDX expression; empty if nothing says it."""
        if part.kind == NPM:
            return part.licence
        if part.kind == PYPI:
            return self.stated.get(part.name) or self._translate(self.installed.get(part.name, ""))
        return self.programs.get(part.name, "")

    def permits(self, expression: str) -> bool:
        """Whether one of the alternatives of an expression is allowed in all that it joins."""
        plain = expression.strip("()")
        return bool(plain) and any(
            all(each in self.allowed for each in _AND.split(choice)) for choice in _OR.split(plain)
        )

    def _translate(self, text: str) -> str:
        return self.named.get(text, text)


def read_table(path: Path = TABLE) -> LicenceTable:
    """The table of a file, with what the installed packages say of themselves."""
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    installed = {normalise(each.metadata["Name"]): read_licence(each) for each in distributions()}
    return LicenceTable(tables["allowed"], tables["named"], tables["stated"], tables["programs"], installed)


def read_licence(distribution: Distribution) -> str:
    """What a package says of its licence, in its own words; empty if it says nothing."""
    metadata = distribution.metadata
    if "License-Expression" in metadata:
        return metadata["License-Expression"]
    named = [each.removeprefix(_CLASSIFIER) for each in metadata.get_all("Classifier") or []]
    classifiers = [each.rpartition(" :: ")[2] for each in named if each != "" and "OSI Approved ::" in each]
    text = "".join(metadata.get_all("License") or []).strip().splitlines()
    # "BSD License" stands for several, of which the text names one.
    if len(text) == 1 and _is_exact(text[0]):
        return text[0].strip()
    return (classifiers or text or [""])[0]


def _is_exact(text: str) -> bool:
    return bool(re.fullmatch(r"[A-Za-z0-9.+-]*[0-9][A-Za-z0-9.+-]*|MIT", text.strip()))


def find_faults(parts: list[Part], table: LicenceTable) -> Iterator[str]:
    """One line for each part whose licence is not known or not allowed, and each that nothing has."""
    used = set[str]()
    for part in parts:
        licence = table.find(part)
        used.update(each for choice in _OR.split(licence.strip("()")) for each in _AND.split(choice))
        if part.kind == PYPI and part.name not in table.installed and part.name not in table.stated:
            continue  # locked for another system, and not installed here
        if not licence:
            yield f"{part.name}: says nothing of its licence: read it, and state it in {TABLE.name}"
        elif not table.permits(licence):
            yield f"{part.name}: {licence} is not allowed: drop it, or give a reason in {TABLE.name}"
    yield from (f"{each}: is allowed, and nothing has it: remove it" for each in table.allowed.keys() - used)


def main() -> int:
    """Prints each part with its licence; 1 if one is not allowed."""
    parts, table = list_parts(), read_table()
    faults = sorted(find_faults(parts, table))
    for part in parts:
        print(f"{part.kind:5} {part.name:32} {part.version:24} {table.find(part) or 'not installed here'}")
    for fault in faults:
        print(f"licences: {fault}", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
