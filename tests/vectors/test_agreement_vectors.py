"""The life of an agreement: what may follow what, and where it stands then."""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.core.agreement_acts import take
from gateway.core.agreement_book import Book
from gateway.core.agreement_events import Objection
from gateway.core.agreements import Agreement
from tests.support.agreeing import event_of

FILE = Path(__file__).parent / "agreement" / "life.yaml"
CASES: dict[str, dict[str, Any]] = {
    each["case"]: each for each in yaml.safe_load(FILE.read_text(encoding="utf-8"))["cases"]
}


@cache
def played(name: str) -> tuple[Book, dict[str, Agreement]]:
    case = CASES[name]
    book, drafts = played(case["continues"]) if "continues" in case else (Book(), {})
    drafts = dict(drafts)
    for row in case["events"]:
        taken = take(book, event_of(row, drafts))
        if isinstance(taken, Objection):
            assert taken.name == row.get("refused"), row
        else:
            assert "refused" not in row, row
            book = taken
    return book, drafts


@pytest.mark.parametrize("name", CASES)
def test_a_life(name: str) -> None:
    book, _ = played(name)
    for version, days in CASES[name].get("standing", {}).items():
        found = book.find("pair", version)
        assert found is not None
        assert {day: book.standing(found, day).value for day in days} == days
    for day, parties in CASES[name].get("suspended", {}).items():
        shown = {tuple(each.suspended) for each in book.effective(day)}
        assert shown == {tuple(parties)}


def test_each_objection_is_shown() -> None:
    shown = {row["refused"] for case in CASES.values() for row in case["events"] if "refused" in row}
    assert shown == {each.name for each in Objection}


def test_what_is_effective_is_signed_and_dated() -> None:
    book, _ = played("a later version takes its place on its first day")
    first, second = book.effective(date(2027, 6, 1))
    assert (first.state.value, second.state.value) == ("SUPERSEDED", "IN_FORCE")
    assert [each.organisation for each in second.signatures] == ["alpha", "beta", "gamma"]
    assert not first.is_in_force(date(2027, 6, 1))
    assert second.is_in_force(date(2027, 6, 1))
