"""Who decides an item, by what law, and what stands in the way of an answer."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from services.kit.subject_access import obstacles
from services.kit.subject_access.cases import Case, Kind
from services.kit.subject_access.checking import find_faults, is_blanket
from services.kit.subject_access.forms import write_decision
from services.kit.subject_access.model import By, Decision, Disposition, Item, ItemState
from services.kit.subject_access.proposing import propose
from services.kit.subject_access.rules import Regime, Tell
from services.kit.subject_access.settling import settle
from tests.unit.subject_access.cases import OFFICER, RULES, TODAY, WORKER, event, item, opened, with_items

GIVE = Decision(Disposition.GIVE)
CRIME = Decision(Disposition.WITHHOLD, "S45_CRIME", "He would know who spoke.")


@pytest.mark.parametrize(
    ("changes", "disposition"),
    [
        ({}, "GIVE"),
        ({"category": "SUBJECT_RISK", "is_text": True}, None),  # a text may tell of somebody without a name
        ({"category": "SUBJECT_INTELLIGENCE"}, None),
        ({"category": "VICTIM_IDENTITY", "own": False}, "WITHHOLD"),
        ({"category": "CHILD_RISK", "own": False}, "WITHHOLD"),
        ({"category": "STAFF_IDENTITY", "own": False}, "WITHHOLD"),
        ({"category": "REFERRER_IDENTITY", "own": False}, "WITHHOLD"),
        ({"category": "VICTIM_RISK", "own": True, "is_case": False}, None),  # may be another victim's
        ({"category": "VICTIM_INTELLIGENCE", "own": False}, "WITHHOLD"),
        ({"category": "CHILD_SAFEGUARDING", "own": False}, "WITHHOLD"),
        ({"category": "SUBJECT_HEALTH"}, None),
        ({"purpose": "SAFEGUARD_CHILD"}, None),
        ({"purpose": "SAFEGUARD_CHILD", "path": "disclosure.1"}, "WITHHOLD"),
        ({"purpose": "MANAGE_RISK", "path": "disclosure.1"}, "GIVE"),
        ({"category": "STAFF_MANAGEMENT", "own": False, "document_type": "ExecutiveSummary"}, "GIVE"),
        ({"category": "STAFF_MANAGEMENT", "own": False}, "WITHHOLD"),
    ],
)
def test_what_the_rules_propose(changes: dict[str, Any], disposition: str | None) -> None:
    found = propose(item(**changes), RULES)
    assert (None if found is None else found.disposition.value) == disposition


def test_what_is_about_others_is_withheld_by_the_law_in_question_and_without_a_word() -> None:
    for regime, code in ((Regime.LAW_ENFORCEMENT, "S45_OTHERS"), (Regime.GENERAL, "SCH2_16_OTHERS")):
        found = propose(item(category="VICTIM_IDENTITY", own=False, regime=regime), RULES)
        assert found is not None
        assert (found.exemption, found.tell) == (code, Tell.NOTHING)


@pytest.mark.parametrize(
    ("decision", "changes", "code"),
    [
        (CRIME, {}, None),
        (GIVE, {}, None),
        (replace(CRIME, exemption="S99"), {}, "EXEMPTION_UNKNOWN"),
        (CRIME, {"regime": Regime.GENERAL}, "EXEMPTION_OF_OTHER_LAW"),
        (replace(CRIME, exemption="SCH2_2_CRIME"), {"regime": Regime.GENERAL}, None),
        (replace(CRIME, exemption="SCH2_2_CRIME"), {}, "EXEMPTION_OF_OTHER_LAW"),
        (replace(CRIME, reason="  "), {}, "REASON_MISSING"),
        (replace(CRIME, tell=Tell.REASON), {}, "TELLS_TOO_MUCH"),
        (replace(CRIME, tell=Tell.NOTHING), {}, None),
        (GIVE, {"category": "REFERRER_IDENTITY"}, "NEVER_GIVEN"),
        (GIVE, {"document_type": "MeetingMinutes"}, "ANSWERED_BY_SUMMARY"),
    ],
)
def test_each_item_needs_an_exemption_of_its_law_and_a_reason(
    decision: Decision, changes: dict[str, Any], code: str | None
) -> None:
    found = list(find_faults({"item-1": item(**changes)}, {"item-1": decision}, RULES))
    assert [each.code for each in found] == ([] if code is None else [code])


def test_everything_withheld_for_one_reason_is_a_blanket() -> None:
    """mappa:R-112."""
    assert is_blanket({"a": CRIME, "b": CRIME})
    assert is_blanket({"a": CRIME, "b": replace(CRIME, reason=" he would know WHO spoke. ")})
    assert not is_blanket({"a": CRIME, "b": replace(CRIME, reason="It names the ward.")})
    assert not is_blanket({"a": CRIME, "b": GIVE})
    assert not is_blanket({"a": CRIME})


def asked(case: Case, *items: Item, answer_by: str = "2026-12-03") -> Case:
    return case.after(
        event(
            Kind.OWNER_ASKED,
            request_id="access-1",
            owner="marlfield-prison",
            exchange_id="exchange-1",
            items=[each.item_id for each in items],
            answer_by=answer_by,
        )
    )


def answered(case: Case, **decisions: Decision) -> Case:
    written = {name: write_decision(each) for name, each in decisions.items()}
    return case.after(event(Kind.OWNER_ANSWERED, None, request_id="access-1", decisions=written))


def decided(case: Case, **decisions: Decision) -> Case:
    written = {name: write_decision(each) for name, each in decisions.items()}
    return case.after(event(Kind.DECIDED, decisions=written))


def standing(case: Case, day: date = TODAY) -> tuple[ItemState, By | None]:
    only = settle(case, RULES, day)[0]
    return only.state, only.by


def test_what_another_owns_waits_for_its_answer_and_then_for_the_end_of_its_time() -> None:
    theirs = item(owner="marlfield-prison")
    case = with_items(theirs)
    assert standing(case) == (ItemState.OWNER_ASKED, By.RULE)  # not even asked yet
    case = asked(case, theirs)
    assert standing(case, date(2026, 12, 3)) == (ItemState.OWNER_ASKED, By.RULE)
    assert standing(case, date(2026, 12, 4)) == (ItemState.GIVEN, By.RULE)
    assert standing(answered(case, **{"item-1": GIVE})) == (ItemState.GIVEN, By.OWNER)


def test_an_owners_exemption_stands_against_whoever_answers() -> None:
    theirs = item(owner="marlfield-prison")
    case = answered(asked(with_items(theirs), theirs), **{"item-1": CRIME})
    assert standing(decided(case, **{"item-1": GIVE})) == (ItemState.WITHHELD, By.OWNER)


def test_whoever_answers_may_withhold_what_the_owner_gives() -> None:
    theirs = item(owner="marlfield-prison")
    case = answered(asked(with_items(theirs), theirs), **{"item-1": GIVE})
    assert standing(decided(case, **{"item-1": CRIME})) == (ItemState.WITHHELD, By.CONTROLLER)


def test_owners_have_no_veto_over_an_executive_summary() -> None:
    """mappa:E-28, mappa:R-117: a claim is weighed by somebody here, and is not decided by silence."""
    theirs = item(owner="kent-police", document_type="ExecutiveSummary")
    case = answered(asked(with_items(theirs), theirs), **{"item-1": CRIME})
    assert standing(case) == (ItemState.UNDECIDED, By.OWNER)
    assert standing(decided(case, **{"item-1": GIVE})) == (ItemState.GIVEN, By.CONTROLLER)


def test_minutes_are_answered_by_a_summary_or_not_at_all() -> None:
    """mappa:E-30, mappa:R-111, mappa:X-09."""
    minutes = item("item-1", document_type="MeetingMinutes")
    alone = with_items(minutes)
    assert standing(alone)[0] is ItemState.WITHHELD
    assert "SUMMARY_MISSING" in obstacles.to_answer(alone, settle(alone, RULES, TODAY), RULES)
    both = with_items(minutes, item("item-2", document_type="ExecutiveSummary", exchange_id="exchange-2"))
    assert obstacles.to_answer(both, settle(both, RULES, TODAY), RULES) == []


def test_nothing_is_answered_before_all_of_it_is_decided_and_masked() -> None:
    text = item(category="SUBJECT_NARRATIVE", is_text=True)
    case = opened()
    assert obstacles.to_answer(case, (), RULES) == ["IDENTITY_NOT_ESTABLISHED", "NOT_COLLECTED"]
    case = with_items(text)
    assert obstacles.to_answer(case, settle(case, RULES, TODAY), RULES) == ["ITEM_UNDECIDED"]
    case = decided(case, **{"item-1": GIVE})
    assert obstacles.to_answer(case, settle(case, RULES, TODAY), RULES) == ["TEXT_NOT_MASKED"]
    case = case.after(event(Kind.MASKED, None, texts={"item-1": "masked"}))
    assert obstacles.to_answer(case, settle(case, RULES, TODAY), RULES) == []


def test_two_people_of_whom_the_second_is_the_officer() -> None:
    case = with_items(item())
    assert obstacles.to_approval(case, OFFICER) == "NOT_PREPARED"
    prepared = case.after(event(Kind.PREPARED))
    assert obstacles.to_approval(prepared, WORKER) == "NOT_DATA_PROTECTION_OFFICER"
    assert obstacles.to_approval(prepared, OFFICER) is None
    own = case.after(event(Kind.PREPARED, OFFICER))
    assert obstacles.to_approval(own, OFFICER) == "PREPARED_BY_SAME_PERSON"
    decided_by_officer = case.after(event(Kind.DECIDED, OFFICER, decisions={})).after(event(Kind.PREPARED))
    assert obstacles.to_approval(decided_by_officer, OFFICER) == "PREPARED_BY_SAME_PERSON"
    changed = decided(prepared, **{"item-1": CRIME})
    assert obstacles.to_approval(changed, OFFICER) == "NOT_PREPARED"


@pytest.mark.parametrize(
    ("requester", "called", "obstacle"),
    [
        ("SUBJECT", "LETTER", None),
        ("REPRESENTATIVE", "MINUTES", None),  # mappa:E-30
        ("SUBJECT", "FREEDOM_OF_INFORMATION", None),  # mappa:E-33: clarified
        ("OTHER", "SUBJECT_ACCESS", "FREEDOM_OF_INFORMATION"),  # mappa:E-32, mappa:E-34
        ("SUBJECT", "ABBREVIATION", "ABBREVIATION_UNRESOLVED"),  # adult:W-34
    ],
)
def test_whatever_it_is_called(requester: str, called: str, obstacle: str | None) -> None:
    assert obstacles.to_opening(requester, called) == obstacle


@pytest.mark.parametrize(
    ("requester", "evidence", "enough"),
    [
        ("SUBJECT", ["KNOWN_TO_STAFF"], True),
        ("SUBJECT", ["SIGNED_AUTHORITY"], False),
        ("REPRESENTATIVE", ["PHOTOGRAPHIC_DOCUMENT"], False),
        ("REPRESENTATIVE", ["SIGNED_AUTHORITY"], True),
        ("PARENT", ["PARENTAL_RESPONSIBILITY"], True),
    ],
)
def test_whoever_asks_shows_that_they_may(requester: str, evidence: list[str], *, enough: bool) -> None:
    found = obstacles.to_identity(opened(requester=requester), evidence, RULES)
    assert found == (None if enough else "EVIDENCE_INSUFFICIENT")


def test_an_extension_is_told_in_the_first_month_and_once() -> None:
    case = opened()
    last = date(2026, 12, 2)
    assert obstacles.to_extension(case, last, RULES) is None
    assert obstacles.to_extension(case, last + timedelta(days=1), RULES) == "EXTENSION_TOO_LATE"
    extended = case.after(event(Kind.EXTENDED, ground="COMPLEXITY"))
    assert obstacles.to_extension(extended, last, RULES) == "EXTENDED_BEFORE"
