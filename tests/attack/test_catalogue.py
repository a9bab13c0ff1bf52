"""docs/attacks.md says what is tested, and every test here is one of an attack and of its honest twin."""

import importlib
import inspect

import pytest

from tests.attack.catalogue import FOLDER, PAGE, Attack, Finder, bring_up_to_date, list_attacks

OTHERS = {"test_catalogue.py", "test_flips.py"}


def test_the_page_says_what_is_tested() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == bring_up_to_date(page), "run `python -m tests.attack.catalogue`"


@pytest.mark.parametrize("path", sorted(set(FOLDER.glob("test_*.py"))), ids=lambda path: path.stem)
def test_every_test_declares_its_attack(path: object) -> None:
    name = getattr(path, "name", "")
    module = importlib.import_module(f"tests.attack.{name.removesuffix('.py')}")
    if name in OTHERS:
        return
    undeclared = [
        name
        for name, value in inspect.getmembers(module, inspect.isfunction)
        if name.startswith("test_") and not isinstance(getattr(value, "attack", None), Attack)
    ]
    assert undeclared == []


def test_everybody_who_is_to_find_something_does() -> None:
    found = {finder for tested in list_attacks() for finder in tested.attack.finders}
    assert found == set(Finder)
