"""What an attack is, who finds it and how soon: said beside each test, and told to people in docs/attacks.md.

`python -m tests.attack.catalogue` writes the page; a test compares it, so that page and tests cannot drift.
"""

import importlib
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

import pytest

FOLDER: Final = Path(__file__).resolve().parent
PAGE: Final = FOLDER.parents[1] / "docs" / "attacks.md"
START: Final = "<!-- written by `python -m tests.attack.catalogue` from tests/attack -->\n\n"
END: Final = "<!-- end -->"

F = TypeVar("F", bound=Callable[..., Any])


class Finder(StrEnum):
    """Who finds an attack."""

    BROKER = "the broker, which refuses"
    CALLED = "the service that is called, which refuses"
    EXPORT = "whoever verifies an export (`ppg log verify`)"
    EVIDENCE = "whoever verifies the evidence of a delivery (`ppg verify`)"
    GATEWAY = "the gateway, which refuses"
    RECIPIENT = "the recipient's service, which refuses and alarms"
    SENDER = "the sender's service, which alarms"
    COMPARING = "whoever compares what sender and recipient hold, each signed by the gateway"
    SEQUENCER = "the gateway's sequencer, which signs nothing"
    WITNESS = "the witnesses, which cosign nothing and alarm"


class Attack(NamedTuple):
    """An attack as the page tells it."""

    what: str
    finders: tuple[Finder, ...]
    soon: str


class Tested(NamedTuple):
    """An attack, and the test that makes it."""

    attack: Attack
    module: str
    name: str


def attack(what: str, *finders: Finder, soon: str) -> Callable[[F], F]:
    """Declares a test as one of an attack.

    It runs twice: honestly, when nothing may be found, and attacked. So none passes for another reason.

    Args:
        what: what the attacker does.
        finders: who finds it, in the order in which the test asks them.
        soon: when.
    """

    def declare(test: F) -> F:
        test.attack = Attack(what, finders, soon)  # type: ignore[attr-defined]
        twins = pytest.mark.parametrize("attacked", [False, True], ids=["honest", "attacked"])
        marked: F = twins(test)
        return marked

    return declare


def list_attacks() -> Iterator[Tested]:
    """Every attack that is tested, in the order of the files."""
    for path in sorted(FOLDER.glob("test_*.py")):
        module = importlib.import_module(f"tests.attack.{path.stem}")
        for name, value in vars(module).items():
            if isinstance(found := getattr(value, "attack", None), Attack):
                yield Tested(found, path.name, name)


def compose() -> str:
    """The table."""
    rows = ["| attack | found by | how soon | test |", "|---|---|---|---|"]
    for (what, finders, soon), module, name in list_attacks():
        where = f"`{module}`: `{name}`"
        rows.append(f"| {what} | {'; '.join(finders)} | {soon} | {where} |")
    return START + "\n".join(rows) + "\n\n" + END


def bring_up_to_date(page: str) -> str:
    """The page with the table as it should be."""
    before, rest = page.split(START)
    return before + compose() + rest.split(END)[1]


def write() -> None:
    """Writes the page."""
    PAGE.write_text(bring_up_to_date(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    # By its own name, as the tests import it: an attack is known by its type.
    importlib.import_module("tests.attack.catalogue").write()
