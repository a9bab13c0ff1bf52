"""What the guidance asks for is listed whole, once, and agrees with what the documents say they carry."""

from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from tools.catalogue import compile_contract
from tools.contract import Contract
from tools.requirements import (
    Requirements,
    RequirementsError,
    State,
    is_message,
    read_labels,
    read_requirements,
)

TOTALS = {"mappa": 422, "later": 349, "child": 323, "adult": 321}
"""Ids in each file, counted when the list was made: `counts` cannot shrink to hide one that is lost."""
LATER_AT_MOST = 51
"""Messages that may wait. Lower it, and `later_ceiling` with it, whenever one is carried."""


@pytest.fixture(scope="module")
def listed() -> Requirements:
    return read_requirements()


@pytest.fixture(scope="module")
def contract() -> Contract:
    return compile_contract()


def test_every_id_is_listed(listed: Requirements) -> None:
    assert listed.count() == listed.counts
    assert {file: sum(counts.values()) for file, counts in listed.counts.items()} == TOTALS
    assert len(listed.requirements) == sum(TOTALS.values())


def test_each_message_has_one_state(listed: Requirements) -> None:
    assert {len(each.states) for each in listed.messages().values()} == {1}
    assert set(State) == {each.states[0] for each in listed.messages().values()}


def test_each_carried_message_is_named_by_its_documents(listed: Requirements, contract: Contract) -> None:
    claimed = {(message, each.name) for each in contract.documents for message in each.carries}
    stated = {(name, document) for name, each in listed.messages().items() for document in each.carried}
    assert sorted(claimed - stated) == [], "requirements.yaml does not say that these are carried"
    assert sorted(stated - claimed) == [], "the document's option `carries` does not name these"


def test_documents_of_time_limits_and_letters_exist(listed: Requirements, contract: Contract) -> None:
    documents = {each.name for each in contract.documents}
    timed = {name for each in listed.requirements.values() for name in each.documents}
    lettered = {
        name
        for edition in read_labels().editions
        for label in edition.labels.values()
        for name in label.documents
    }
    assert timed | lettered <= documents


def test_what_waits_only_shrinks(listed: Requirements) -> None:
    assert len(listed.list_later()) <= listed.later_ceiling <= LATER_AT_MOST


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mappa:MSG-01", True),
        ("later:M28", True),
        ("child:M-91", True),
        ("adult:M-66", True),
        ("later:MHA83", False),
        ("later:R-MH-1", False),
        ("mappa:T-01", False),
    ],
)
def test_tells_messages_from_other_ids(name: str, expected: bool) -> None:
    assert is_message(name) is expected


def _write(tmp_path: Path, entries: str) -> Path:
    path = tmp_path / "requirements.yaml"
    path.write_text(
        f"counts: {{mappa: {{MSG: 1}}}}\nlater_ceiling: 0\nrequirements:\n{entries}", encoding="utf-8"
    )
    return path


def test_a_lost_id_changes_the_count(tmp_path: Path) -> None:
    one = "  mappa:MSG-01: {tags: [FLOW], text: A referral, carried: [LevelReferral]}\n"
    assert read_requirements(_write(tmp_path, one)).count() == {"mappa": {"MSG": 1}}
    other = "  mappa:T-01: {tags: [RULE], text: A time limit}\n"
    assert read_requirements(_write(tmp_path, other)).count() == {"mappa": {"MSG": 0}}


def test_an_id_twice_is_refused(tmp_path: Path) -> None:
    twice = "  mappa:T-01: {tags: [RULE], text: A time limit}\n" * 2
    with pytest.raises(RequirementsError, match="mappa:T-01"):
        read_requirements(_write(tmp_path, twice))


@pytest.mark.parametrize(
    "entry",
    [
        "mappa:MSG-01: {tags: [FLOW], text: No state at all}",
        "mappa:MSG-01: {tags: [FLOW], text: Two states, carried: [X], later: for some good reason}",
        "mappa:T-01: {tags: [RULE], text: A state, later: for some good reason}",
        "mappa:T-01: {tags: [], text: No tag}",
        "mappa:T-01: {tags: [MAYBE], text: No such tag}",
        "mappa:T-01: {tags: [RULE], text: No such key, note: x}",
        "other:T-01: {tags: [RULE], text: No such file}",
        "T-01: {tags: [RULE], text: Not qualified}",
    ],
)
def test_an_entry_of_another_form_is_refused(tmp_path: Path, entry: str) -> None:
    assert yaml.safe_load(entry)
    with pytest.raises(ValidationError):
        read_requirements(_write(tmp_path, f"  {entry}\n"))
