"""The kit is written once for every organisation, so it may name none (docs/design.md, section 7)."""

import re
from pathlib import Path

import grimp
import pytest
from publicprotection.common.v1 import organisation_pb2

from tests.architecture.sources import list_files, read_text

KIT = Path("services/kit")
# Folders of services/ that are no agency.
SHARED = {"kit", "console", "identity", "rulebook", "__pycache__"}
PREFIX = "ORGANISATION_KIND_"
# None says whose service it is: a paragraph of the guidance that is cited, a person's role, whose names are
# one vocabulary for everybody, and somebody whose information it is.
NO_ORGANISATION = re.compile(r"\bMAPPA (?=\d)|\bMAPPA_COORDINATOR\b|\bthe adult's\b")


def name_folders(repository: Path) -> set[str]:
    """Names of agencies' folders: not to occur even inside a word."""
    found = {path.name for path in (repository / "services").iterdir() if path.is_dir()}
    return (found - SHARED) | {"mappa"}


def name_kinds() -> set[str]:
    """Kinds of organisation, such as `housing_authority`: not to occur as words."""
    names = {value.name.removeprefix(PREFIX) for value in organisation_pb2.OrganisationKind.DESCRIPTOR.values}
    return {name.lower() for name in names - {"UNSPECIFIED", "OTHER"}}


def find_names(text: str, folders: set[str], kinds: set[str]) -> list[str]:
    """Every folder and kind that a text names, in snake_case, CamelCase or prose."""
    spelt = (kind.replace("_", r"[\W_]*") for kind in sorted(kinds))
    words = rf"{'|'.join(sorted(folders))}|(?<![a-z])(?:{'|'.join(spelt)})(?![a-z])"
    left = NO_ORGANISATION.sub("", text)
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", left).replace("'", "")
    return re.findall(words, apart, re.IGNORECASE)


def test_the_kit_names_no_organisation(repository: Path) -> None:
    folders, kinds = name_folders(repository), name_kinds()
    assert {"police", "probation", "prison", "childrens", "adults"} <= folders
    kit = [path for path in list_files(repository) if path.is_relative_to(KIT)]
    assert kit
    named = {str(path): find_names(read_text(repository / path) or "", folders, kinds) for path in kit}
    assert {path: names for path, names in named.items() if names} == {}


@pytest.mark.parametrize(
    "text",
    [
        "POLICE",
        "a policeman",
        "# the prison's",
        "class DwpClient",
        "KIND_HOUSING_AUTHORITY",
        "housing authority",
        "the MAPPA coordination unit",
        "MAPPA_COORDINATION_UNIT",
    ],
)
def test_a_name_is_found_however_it_is_written(text: str) -> None:
    assert find_names(text, {"police", "prison", "mappa"}, {"dwp", "housing_authority"})


@pytest.mark.parametrize(
    "text", ["courteous", "as MAPPA 6.22 says", 'MAPPA_COORDINATOR = "MAPPA_COORDINATOR"']
)
def test_an_innocent_word_is_not_found(text: str) -> None:
    assert find_names(text, {"police", "mappa"}, {"court"}) == []


def test_the_evidence_takes_nothing_else_from_the_kit() -> None:
    graph = grimp.build_graph("services", include_external_packages=False, cache_dir=None)
    evidence = {"services.kit.evidence", *graph.find_descendants("services.kit.evidence")}
    taken = {name for module in evidence for name in graph.find_modules_directly_imported_by(module)}
    assert taken - evidence == set()
