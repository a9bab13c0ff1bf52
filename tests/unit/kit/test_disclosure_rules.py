"""What a decision whether to disclose must say: every heading of chapter 10, refused by its code."""

from datetime import date
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict
from pydantic import ValidationError

from services.kit.access.actor import Role
from services.kit.disclosures.checking import find_missing, find_untold, may_decide, needs_two
from services.kit.disclosures.rules import Must, Rules, read_rules
from tests.support.third_party import COMPLETE, TELLING, considered, told

TODAY = date(2026, 3, 2)
RULES = read_rules()
NOT_HEARD = {
    "representations": "REPRESENTATIONS_NOT_SOUGHT",
    "not_heard_reason": "NOT_HEARD_REASON_IMMINENT_NO_TIME",
    "recipient_told_unaware": True,
}
CHILD = {"subject_under_18": True, "youth_offending_consulted": True, "childrens_services_consulted": True}
URGENT = {
    "decided_by": "DISCLOSURE_DECIDER_URGENT_OUTSIDE_MEETING",
    "urgent_reason": "Harm is imminent.",
    "partners_views": "Agreed by telephone.",
}


def codes(**changes: Any) -> list[str]:
    stated = MessageToDict(considered(**changes), preserving_proto_field_name=True)
    return [each.advice.split(":")[0] for each in find_missing(stated, RULES, TODAY)]


def test_a_complete_decision_is_taken() -> None:
    assert codes() == []


@pytest.mark.parametrize(
    "row",
    [row for row in RULES.headings if row.must is Must.STATED and row.field in COMPLETE],
    ids=lambda row: row.code,
)
def test_each_missing_heading_is_refused_by_its_code(row: Any) -> None:
    assert row.code in codes(**{row.field: None})
    if isinstance(COMPLETE[row.field], str) and not COMPLETE[row.field].isupper():
        assert row.code in codes(**{row.field: "  "})


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        (NOT_HEARD | {"not_heard_reason": None}, "NOT_HEARD_REASON_MISSING"),
        (NOT_HEARD | {"not_heard_reason": "NOT_HEARD_REASON_OTHER"}, "NOT_HEARD_DETAIL_MISSING"),
        (NOT_HEARD | {"recipient_told_unaware": False}, "RECIPIENT_NOT_WARNED"),
        ({"photograph": "PHOTOGRAPH_USE_SHOWN"}, "PHOTOGRAPH_REASON_MISSING"),
        ({"complex": True}, "MISUSE_NOT_AGREED"),
        ({"identifies_victim": True}, "VICTIM_REASON_MISSING"),
        ({"includes_gender_recognition": True}, "GENDER_RECOGNITION_REASON_MISSING"),
        ({"recipient_is_child": True, "childrens_services_consulted": True}, "CHILD_INTERESTS_NOT_STATED"),
        ({"recipient_is_child": True, "child_best_interests": True}, "RECIPIENT_CHILD_NOT_CONSULTED"),
        ({"recipient_is_adult_at_risk": True}, "ADULT_SERVICES_NOT_INVOLVED"),
        (URGENT | {"urgent_reason": None}, "URGENCY_MISSING"),
        (URGENT | {"partners_views": None}, "PARTNERS_VIEWS_MISSING"),
        ({"decided_by": "DISCLOSURE_DECIDER_INFORMATION_OWNER"}, "DISSENT_MISSING"),
        ({"decided_by": "DISCLOSURE_DECIDER_LEAD_AGENCY"}, "WRONG_LEVEL"),
        ({"mappa_level": 1}, "WRONG_LEVEL"),
        ({"decided_on": {"year": 2026, "month": 3, "day": 3}}, "DAY_IN_FUTURE"),
        ({"decided_on": {"year": 2026}}, "DAY_IN_FUTURE"),
        ({"review_by": {"year": 2026, "month": 3, "day": 2}}, "REVIEW_NOT_LATER"),
    ],
)
def test_what_a_statement_entails_is_asked_for(changes: dict[str, Any], code: str) -> None:
    assert codes(**changes) == [code]


def test_new_partner_and_no_time_is_taken() -> None:
    """E-21."""
    assert codes(**NOT_HEARD, **URGENT) == []


def test_about_a_child_both_are_consulted_unless_it_cannot_wait() -> None:
    """E-22, and S13 at a meeting."""
    outside = {"decided_by": "DISCLOSURE_DECIDER_LEAD_AGENCY", "mappa_level": 1, "subject_under_18": True}
    assert codes(**outside) == ["YOUTH_OFFENDING_NOT_CONSULTED", "CHILDRENS_SERVICES_NOT_CONSULTED"]
    assert codes(**outside, urgent_reason="Harm is imminent.") == []
    assert codes(**CHILD) == []
    absent = CHILD | {"childrens_services_consulted": False, "urgent_reason": "Soon."}
    assert codes(**absent) == ["CHILD_DECIDED_WITHOUT_SERVICES"]


def test_not_considered_says_why_and_is_not_open_for_child_sex_offenders() -> None:
    """E-25."""
    said = ("reasons", "mappa_level", "decided_by", "decided_on", "review_by", "meeting_reference")
    rest = {name: None for name in COMPLETE if name not in said}
    lapse = {**rest, "outcome": "DISCLOSURE_OUTCOME_NOT_CONSIDERED"}
    assert codes(**lapse) == []
    assert codes(**lapse, reasons=None) == ["REASONS_MISSING"]
    assert codes(**lapse, child_sex_offender=True) == ["MUST_BE_CONSIDERED"]


def test_deciding_against_it_needs_no_recipient() -> None:
    gone = dict.fromkeys(("recipient", "recipient_capacity", "content", "preparation", "conditions"))
    assert codes(outcome="DISCLOSURE_OUTCOME_DO_NOT_DISCLOSE", **gone) == []


@pytest.mark.parametrize(
    ("decider", "roles"),
    [
        ("MEETING", {Role.MEETING_CHAIR}),
        ("LEAD_AGENCY", {Role.SUPERVISOR}),
        ("INFORMATION_OWNER", {Role.SUPERVISOR}),
        ("URGENT_OUTSIDE_MEETING", {Role.MEETING_CHAIR, Role.SUPERVISOR}),
    ],
)
def test_who_decides_is_told_by_the_rules(decider: str, roles: set[Role]) -> None:
    stated = {"decided_by": f"DISCLOSURE_DECIDER_{decider}"}
    assert {role for role in Role if may_decide(stated, role, RULES)} == roles


def test_nobody_decides_what_names_no_decider() -> None:
    assert not any(may_decide({}, role, RULES) for role in Role)


@pytest.mark.parametrize("name", ["subject_under_18", "includes_gender_recognition", "complex"])
def test_some_decisions_take_two(name: str) -> None:
    assert needs_two({**COMPLETE, name: True}, RULES)
    assert not needs_two(COMPLETE, RULES)
    assert not needs_two({**COMPLETE, name: True, "outcome": "DISCLOSURE_OUTCOME_DO_NOT_DISCLOSE"}, RULES)


@pytest.mark.parametrize(
    ("telling", "decided", "code"),
    [
        ({}, {"recipient_told_unaware": True}, "RECIPIENT_NOT_WARNED"),
        ({}, {"complex": True}, "MISUSE_NOT_AGREED"),
        ({"photograph": "PHOTOGRAPH_USE_ELECTRONIC_IMAGE"}, {}, "PHOTOGRAPH_NOT_DECIDED"),
    ],
)
def test_a_telling_is_as_it_was_decided(telling: Any, decided: Any, code: str) -> None:
    assert find_untold(TELLING, COMPLETE, RULES) == []
    said = MessageToDict(told(**telling), preserving_proto_field_name=True)
    found = find_untold(said, {**COMPLETE, **decided}, RULES)
    assert [each.advice.split(":")[0] for each in found] == [code]


@pytest.mark.parametrize(
    "change",
    [
        {"field": "no_such_field"},
        {"unless": "no_such_field"},
        {"when": {"outcome": ("NO_SUCH_VALUE",)}},
        {"when": {"complex": ("yes",)}},
        {"decided": {"complex": ("true",)}},
        {"further": "member"},
    ],
)
def test_what_the_contract_does_not_have_refuses_to_load(change: dict[str, Any]) -> None:
    written = RULES.model_dump()
    written["headings"] = ({**written["headings"][0], **change},)
    with pytest.raises(ValidationError):
        Rules.model_validate(written)
