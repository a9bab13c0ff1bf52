"""docs/threat-model.md: every threat is met by a test that is there, or accepted with a reason."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PAGE = "docs/threat-model.md"
KINDS = frozenset("STRIDEH")
_ROW = re.compile(r"^\| (T-\d{2}) \| (.*) \|$", re.MULTILINE)
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
_LINK = re.compile(r"\]\(([^)#]+)\)")
_ACTOR = re.compile(r"^\| ([a-z][\w' -]+) \| [^|]+ \| [^|]+ \|$", re.MULTILINE)
_ACCEPTED = re.compile(r"accepted: (.+)")
_SHORTEST_REASON = 40


def read(repository: Path) -> str:
    return (repository / PAGE).read_text(encoding="utf-8")


def rows(text: str) -> list[tuple[str, list[str]]]:
    return [(found[1], [cell.strip() for cell in found[2].split("|")]) for found in _ROW.finditer(text)]


def list_actors(text: str) -> set[str]:
    """The first column of the table of actors."""
    section = text.split("## Who may want it")[1].split("\n## ", maxsplit=1)[0]
    return {name.strip() for name in _ACTOR.findall(section)} - {"actor"}


def find_faults(text: str, repository: Path) -> Iterator[str]:
    """One line for each thing on the page that does not hold."""
    seen = set[str]()
    for number, (threat, cells) in enumerate(rows(text), 1):
        if threat != f"T-{number:02}":
            yield f"{threat}: is out of order"
        yield from _row_faults(threat, cells, repository)
        seen |= {actor.strip() for actor in cells[1].split(",")} if len(cells) > 1 else set()
    yield from (f"{actor}: wants nothing" for actor in list_actors(text) - seen)
    yield from (f"{actor}: is no actor" for actor in seen - list_actors(text))
    for link in _LINK.findall(text):
        if not (repository / "docs" / link).exists():
            yield f"{link}: is not there"


def _row_faults(threat: str, cells: list[str], repository: Path) -> Iterator[str]:
    if len(cells) != 5:
        yield f"{threat}: has {len(cells)} cells"
        return
    kind, _, _, defence, shown = cells
    tests, accepted = _TEST.findall(shown), _ACCEPTED.match(defence)
    if kind not in KINDS:
        yield f"{threat}: {kind} is no kind"
    if bool(tests) == bool(accepted):
        yield f"{threat}: has neither a test nor an accepted reason, or both"
    if accepted and len(accepted[1]) < _SHORTEST_REASON:
        yield f"{threat}: is accepted without a reason"
    for file, name in tests:
        if not defines(repository / file, name):
            yield f"{threat}: there is no {file}::{name}"


def defines(path: Path, name: str) -> bool:
    return path.is_file() and bool(
        re.search(rf"^(async )?def {name}\(", path.read_text(encoding="utf-8"), re.MULTILINE)
    )


def test_every_threat_is_met_or_accepted(repository: Path) -> None:
    text = read(repository)

    assert len(rows(text)) > 40
    assert list(find_faults(text, repository)) == []


def test_the_harms_of_the_domain_are_among_them(repository: Path) -> None:
    harms = " ".join(cells[2] for _, cells in rows(read(repository)) if cells[0] == "H")

    assert "an address leaks" in harms
    assert "a warning is suppressed" in harms
    assert "a warning does not arrive" in harms


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("test_alters_an_entry`", "test_that_is_not_there`", "there is no tests/attack/test_entries.py"),
        ("| T-02 |", "| T-99 |", "is out of order"),
        ("accepted: who may read may tell", "accepted: so", "is accepted without a reason"),
        ("| curious co-ordinator | reads documents", "| nobody | reads documents", "nobody: is no actor"),
        ("(attacks.md)", "(attack.md)", "attack.md: is not there"),
        ("| S | network attacker | calls without", "| X | network attacker | calls without", "X is no kind"),
    ],
)
def test_what_does_not_hold_is_found(repository: Path, old: str, new: str, fault: str) -> None:
    text = read(repository)
    assert old in text
    broken = re.sub(r"accepted: so.*?\|", "accepted: so |", text.replace(old, new, 1))

    assert any(fault in each for each in find_faults(broken, repository))
