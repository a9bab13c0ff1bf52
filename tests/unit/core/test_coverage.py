"""Every id of the guidance is accounted for, and the account agrees with rules, prerequisites and vectors."""

import json
from collections.abc import Mapping

import pytest

from gateway.adapters.coverage import read_sources
from gateway.cli.commands import main
from gateway.core.coverage import CEILINGS, Coverage, Sources, Vector, assess
from gateway.core.errors import RulebookError

RULES = {"MAPPA-1.1": frozenset({"mappa:R-01"}), "MAPPA-1.2": frozenset[str]()}
GOOD = """
coverage:
  mappa:R-01: {state: rule, by: [MAPPA-1.1]}
  mappa:R-02: {state: later, reason: Waits for the notice.}
  mappa:R-03: {state: prerequisite, by: [chair_permits], reason: The chair decides.}
"""


def account(
    text: str = GOOD,
    ceilings: str | None = "ceilings: {mappa: 1}",
    rules: Mapping[str, frozenset[str]] = RULES,
) -> Coverage:
    files = {"mappa.yaml": text} | ({CEILINGS: ceilings} if ceilings else {})
    requirements = {"mappa:R-01": "One", "mappa:R-02": "Two", "mappa:R-03": "Three", "child:L-29": "Four"}
    vectors = (
        Vector("mappa:R-01-late", frozenset()),
        Vector("story:1", frozenset({"MAPPA-1.1"})),
        Vector("mappa:R-99", frozenset()),
    )
    return assess(Sources(requirements, files, rules, vectors, frozenset({"chair_permits"})))


def test_a_good_account_has_no_faults_and_names_rules_and_vectors() -> None:
    coverage = account()
    assert coverage.faults == ()
    assert coverage.rows[0].rules == ("MAPPA-1.1",)
    assert coverage.rows[0].vectors == ("mappa:R-01-late", "story:1")
    assert coverage.count() == {"mappa": {"rule": 1, "later": 1, "prerequisite": 1}}


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("  mappa:R-02: {state: later, reason: Waits for the notice.}\n", "", "mappa:R-02 is missing"),
        ("mappa:R-02", "mappa:R-77", "mappa:R-77 is not an id of mappa"),
        ("by: [MAPPA-1.1]", "by: [MAPPA-1.9]", "there is no rule MAPPA-1.9"),
        ("by: [MAPPA-1.1]", "by: [MAPPA-1.2]", "none of MAPPA-1.2 has it under `implements`"),
        ("chair_permits", "chair_knows", "none of chair_knows is a prerequisite or a fact"),
    ],
)
def test_a_bad_account_is_told_what_to_mend(old: str, new: str, fault: str) -> None:
    assert old in GOOD
    assert any(fault in each for each in account(GOOD.replace(old, new)).faults)


RECORDED = "\n  mappa:R-03: {state: record, by: [%s], reason: It is on record.}\n"
PREREQUISITE = "\n  mappa:R-03: {state: prerequisite, by: [chair_permits], reason: The chair decides.}\n"


def recorded(by: str, satisfies: str = "mappa:R-03") -> tuple[str, ...]:
    text = GOOD.replace(PREREQUISITE, RECORDED % by)
    assert text != GOOD
    names = dict.fromkeys(("DISCLOSURE", "DISCLOSURE.purpose"), frozenset({satisfies}))
    sources = Sources(
        {"mappa:R-01": "One", "mappa:R-02": "Two", "mappa:R-03": "Three", "mappa:L-05": "Five"},
        {"mappa.yaml": text + "  mappa:L-05: {state: outside, reason: Kept elsewhere.}\n"},
        RULES,
        (),
        frozenset(),
        names,
        frozenset({"Header.necessity"}),
    )
    return tuple(fault for fault in assess(sources).faults if "ceilings" not in fault)


def test_what_is_on_record_names_a_record_that_says_so() -> None:
    assert recorded("DISCLOSURE") == ()
    assert recorded("DISCLOSURE.purpose") == ()
    assert recorded("Header.necessity") == ()


def test_a_record_that_there_is_not_is_a_fault() -> None:
    (fault,) = recorded("DISCLOSURE.gossip")
    assert "mappa:R-03: by: DISCLOSURE.gossip is no type or member of a record" in fault


def test_a_record_that_does_not_say_that_it_satisfies_the_id_is_a_fault() -> None:
    (fault,) = recorded("DISCLOSURE", satisfies="mappa:L-05")
    assert "mappa:R-03: by: DISCLOSURE does not have it under `satisfies`" in fault


def test_a_record_that_satisfies_an_unknown_id_is_a_fault() -> None:
    assert any("satisfies mappa:L-99" in fault for fault in recorded("Header.necessity", "mappa:L-99"))


@pytest.mark.parametrize(
    "entry",
    [
        "{state: rule}",
        "{state: record, reason: Somewhere}",
        "{state: outside}",
        "{state: someday, reason: Some day}",
    ],
)
def test_an_entry_must_say_by_what_or_why(entry: str) -> None:
    with pytest.raises(RulebookError) as caught:
        account(GOOD.replace("{state: rule, by: [MAPPA-1.1]}", entry))
    assert (caught.value.file, caught.value.line) == ("mappa.yaml", 3)


@pytest.mark.parametrize(
    ("ceilings", "fault"),
    [
        (None, "write `mappa: 1`"),
        ("ceilings: {mappa: 0}", "at most 0 may"),
        ("ceilings: {mappa: 2}", "lower mappa from 2 to 1"),
    ],
)
def test_what_waits_may_only_become_less(ceilings: str | None, fault: str) -> None:
    assert [each for each in account(ceilings=ceilings).faults if fault in each]


def test_a_rule_implements_only_what_the_list_knows() -> None:
    rules = {**RULES, "MAPPA-1.3": frozenset({"mappa:R-55"})}
    (fault,) = account(rules=rules).faults
    assert fault.startswith("rule MAPPA-1.3: implements mappa:R-55")


def test_everything_in_the_repository_is_accounted_for() -> None:
    coverage = assess(read_sources())
    assert coverage.faults == ()
    assert coverage.rows


def test_the_command_prints_each_id(capsys: pytest.CaptureFixture[str]) -> None:
    main(["rulebook", "coverage", "--json"])
    printed = json.loads(capsys.readouterr().out)
    assert printed["requirements"]["mappa:X-03"]["state"] == "rule"
    assert "MAPPA-21.28" in printed["requirements"]["mappa:X-03"]["rules"]
    assert printed["requirements"]["mappa:X-03"]["vectors"]
