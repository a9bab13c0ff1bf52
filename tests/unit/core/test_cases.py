"""Case files and `ppg`: what is read leniently, what is refused, and that a difference is found."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.cli.commands import main
from gateway.core.cases import Expected, ReadCase, read_case
from gateway.core.comparing import compare
from gateway.core.decide import decide
from gateway.core.errors import CaseFileError
from services.kit.bank_holidays import england_and_wales
from tests.support.core_world import VECTORS, demo_world, vector

E14 = (VECTORS / "mappa-E-14.yaml").read_text(encoding="utf-8")
E14_FILE = str(VECTORS / "mappa-E-14.yaml")
DWP = "dwp-kent/mappa-spoc"


def test_a_case_is_read_leniently() -> None:
    text = E14.replace("kind: LICENCE_CONDITION", "kind: RESTRICTION_KIND_LICENCE_CONDITION")
    text = text.replace("end: 2027-03-31", "end: {year: 2027, month: 3, day: 31}")
    text = text.replace("staff_at_risk", "staffAtRisk").replace(
        "purpose: MANAGE_RISK", "purpose: PURPOSE_MANAGE_RISK"
    )
    text = text.replace("mappa_managed: {answer: YES}", "mappa_managed: YES")
    one, other = read_case("a", text, demo_world()).case, read_case("b", E14, demo_world()).case
    assert (one.leaves, one.facts) == (other.leaves, other.facts)


@pytest.mark.parametrize(
    ("old", "new", "line", "advice"),
    [
        ("document_type: RestrictionNotice", "document_type: RestrictedNotice", 12, "write one of"),
        ("document_type: RestrictionNotice", "document_type: HoldAnswer", 12, "write one of"),
        ("staff_at_risk: true", "staf_at_risk: true", 13, "no such field"),
        ("staff_at_risk: true", "staff_at_risk: 7", 13, "document"),
        ("kind: LICENCE_CONDITION", "kind: LICENSE", 13, "is not one of LICENCE_CONDITION"),
        ("purpose: MANAGE_RISK", "purpose: MANAGE_RISKS", 5, "is not one of MANAGE_RISK"),
        ("mappa_managed: {answer: YES}", "mappa_manged: {answer: YES}", 19, "no such field"),
        ("outcome: RELEASED", "outcom: RELEASED", 23, "is no key here"),
        ("today: 2026-11-23", "today: tomorrow", 4, "today"),
    ],
)
def test_a_fault_is_named_with_its_line(old: str, new: str, line: int, advice: str) -> None:
    assert old in E14
    with pytest.raises(CaseFileError) as raised:
        read_case("case.yaml", E14.replace(old, new), demo_world())
    assert advice in raised.value.advice
    assert abs(raised.value.line - line) <= 1


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"outcome": "HELD"}, "outcome is RELEASED, expected HELD"),
        ({"withheld": ["SUBJECT_OFFENCE"]}, "withheld has SUBJECT_RISK"),
        (
            {"withheld": ["SUBJECT_OFFENCE", "SUBJECT_RISK", "SUBJECT_HEALTH"]},
            "withheld lacks SUBJECT_HEALTH",
        ),
        ({"withheld": ["offences[0]", "document.risk[1]"]}, "withheld lacks document.risk[1]"),
        ({"held": ["SUBJECT_IDENTITY"]}, "held lacks SUBJECT_IDENTITY"),
        ({"rules": ["MAPPA-22.20"]}, "MAPPA-22.20 did not fire"),
        ({"flags": ["NO_AGREEMENT"]}, "flags are none"),
        ({"not_rules": ["MAPPA-21.28", "MAPPA-22.20"]}, "rules MAPPA-21.28 fired, and must not"),
        ({"clocks": ["OWNER_AGREES"]}, "clocks are none, expected OWNER_AGREES"),
        ({"clocks": ["NO_SUCH_LIMIT"]}, "clocks are none, expected NO_SUCH_LIMIT"),
        ({"due": {}}, "due is DWP_CONFIRMS: RECEIVED, expected"),
        ({"instead": "AdviceRequest"}, "instead is none"),
    ],
)
def test_each_difference_is_found(changed: dict[str, object], told: str) -> None:
    read = vector("mappa-E-14")
    differing = replace(read, expect={DWP: Expected.model_validate(changed)})
    assert any(
        told in each for each in compare(differing, decide(read.case, read.world), england_and_wales())
    )


def test_leaves_may_be_named_by_index() -> None:
    read = vector("mappa-E-14")
    expected = Expected(withheld=("offences[0]", "document.risk"))
    assert (
        compare(replace(read, expect={DWP: expected}), decide(read.case, read.world), england_and_wales())
        == []
    )


def test_a_recipient_that_the_exchange_lacks_is_a_difference() -> None:
    read: ReadCase = replace(vector("mappa-E-14"), expect={"kent-fire/community-safety": Expected()})
    assert "no such recipient" in compare(read, decide(read.case, read.world), england_and_wales())[0]


def test_a_case_may_bring_its_own_directory() -> None:
    text = E14 + "directory: {organisations: []}\n"
    read = read_case("case.yaml", text, demo_world())
    assert {each.outcome for each in decide(read.case, read.world)} == {"REFUSED"}


def test_evaluate_says_whether_cases_agree(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", E14_FILE]) == 0
    differing = tmp_path / "case.yaml"
    differing.write_text(E14.replace("outcome: RELEASED", "outcome: HELD"), encoding="utf-8")
    assert main(["evaluate", E14_FILE, str(differing)]) == 1
    assert "DIFFERS dwp-kent/mappa-spoc: outcome is RELEASED, expected HELD" in capsys.readouterr().out


def test_evaluate_prints_the_decision_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "--json", E14_FILE]) == 0
    decision = json.loads(capsys.readouterr().out)["decisions"][DWP]
    assert (decision["outcome"], decision["withheld"]) == ("RELEASED", ["SUBJECT_OFFENCE", "SUBJECT_RISK"])


def test_a_file_that_cannot_be_read_is_a_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("case: [", encoding="utf-8")
    assert main(["evaluate", str(broken)]) == 2
    assert main(["evaluate", str(tmp_path / "absent.yaml")]) == 2
    assert main(["rulebook", "check", str(tmp_path)]) == 2
    assert capsys.readouterr().err.count("ppg:") == 3


def test_schema_names_all_that_a_case_may(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "--json"]) == 0
    schema = json.loads(capsys.readouterr().out)
    leaf = schema["documents"]["ReleaseNotice"]["leaves"]["children.person.name.family"]
    assert (leaf["category"], leaf["lists"]) == ("CHILD_IDENTITY", ["children"])
    assert "MANAGE_RISK" in schema["purposes"]
    assert schema["facts"]["owner_agrees"]["assertable_by"] == ["the information's owner"]
    assert {"MAPPA-21.28", "NSAB-1.2"} <= set(schema["rules"])
    assert "OMA_2007_S14" in schema["agreement_terms"]["kent-dwp 1"]["lawful_bases"]["GENERAL"]
    assert schema["clocks"]["NO_AGREEMENT"]["working_days"] == 1
    assert set(schema["clocks"]) == {"NO_AGREEMENT", "URGENT", *schema["prerequisites"]}


def test_the_data_that_come_with_the_gateway_are_without_fault() -> None:
    assert main(["rulebook", "check"]) == 0
    assert main(["agreement", "check"]) == 0
