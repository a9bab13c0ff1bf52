"""What must be weighed before an item is given or withheld (DPA 2018 Sch. 2 para. 16, Sch. 3)."""

from datetime import date, timedelta
from typing import Any

import pytest

from services.kit.subject_access.forms import read_decision, write_decision
from services.kit.subject_access.model import Decision, Disposition, SeriousHarm, ThirdParty
from services.kit.subject_access.rules import Regime
from services.kit.subject_access.weighing import find_unweighed
from tests.unit.subject_access.cases import RULES, TODAY, item

RECENT = TODAY - timedelta(days=30)
OLD = date(2026, 5, 20)
HARM = "It could set back his recovery."
BALANCE = "She is his mother, and told him herself."


def harm(*, met: bool = True, by: str = "Consultant psychiatrist", on: date | None = RECENT) -> SeriousHarm:
    return SeriousHarm(met, HARM, by, on)


def withhold(code: str, weighed: SeriousHarm | None = None) -> Decision:
    return Decision(Disposition.WITHHOLD, code, "It tells of his illness.", None, None, weighed)


def give(weighed: SeriousHarm | None = None, third: ThirdParty | None = None) -> Decision:
    return Decision(Disposition.GIVE, serious_harm=weighed, third_party=third)


HEALTH: dict[str, Any] = {"category": "SUBJECT_HEALTH", "regime": Regime.GENERAL}
OTHERS: dict[str, Any] = {"category": "VICTIM_VIEWS", "own": False}


@pytest.mark.parametrize(
    ("changes", "decision", "code"),
    [
        (HEALTH, withhold("SCH3_5_HEALTH"), "SERIOUS_HARM_NOT_WEIGHED"),
        (HEALTH, withhold("SCH3_5_HEALTH", harm(met=False)), "SERIOUS_HARM_NOT_MET"),
        (HEALTH, withhold("SCH3_5_HEALTH", harm(by=" ")), "OPINION_MISSING"),
        (HEALTH, withhold("SCH3_5_HEALTH", harm(on=None)), "OPINION_MISSING"),
        (HEALTH, withhold("SCH3_5_HEALTH", harm(on=TODAY + timedelta(days=1))), "OPINION_MISSING"),
        (HEALTH, withhold("SCH3_5_HEALTH", harm(on=OLD)), "OPINION_TOO_OLD"),
        (HEALTH, withhold("SCH3_5_HEALTH", harm()), None),
        (HEALTH, withhold("SCH3_11_SOCIAL_WORK", harm(by="", on=None)), None),
        (HEALTH, withhold("SCH2_2_CRIME"), None),
        (HEALTH, give(), "SERIOUS_HARM_NOT_WEIGHED"),
        (HEALTH, give(harm()), "SERIOUS_HARM_MET"),
        (HEALTH, give(harm(met=False, on=OLD)), "OPINION_TOO_OLD"),
        (HEALTH, give(harm(met=False)), None),
        ({"category": "SUBJECT_HEALTH"}, give(), None),  # Part 3 has no Schedule 3
        (OTHERS, give(), "THIRD_PARTY_NOT_WEIGHED"),
        (
            OTHERS,
            give(third=ThirdParty("REFUSED", reasonable=False, reason=BALANCE)),
            "THIRD_PARTY_NOT_REASONABLE",
        ),
        (OTHERS, give(third=ThirdParty("GIVEN", reasonable=False, reason=" ")), "THIRD_PARTY_NOT_WEIGHED"),
        (OTHERS, give(third=ThirdParty("GIVEN", reasonable=False, reason=BALANCE)), None),
        (OTHERS, give(third=ThirdParty("REFUSED", reasonable=True, reason=BALANCE)), None),
        ({**HEALTH, **OTHERS, "category": "VICTIM_HEALTH"}, give(harm(met=False)), "THIRD_PARTY_NOT_WEIGHED"),
        ({"path": "disclosure.1", "own": True}, give(), None),
        ({}, give(), None),
    ],
)
def test_what_the_law_wants_weighed_is(changes: dict[str, Any], decision: Decision, code: str | None) -> None:
    found = list(find_unweighed({"item-1": item(**changes)}, {"item-1": decision}, RULES, TODAY))
    assert [each.code for each in found] == ([] if code is None else [code])


def test_what_was_weighed_is_kept_with_the_decision() -> None:
    third = ThirdParty("NO_ANSWER", reasonable=True, reason=BALANCE)
    for decision in (give(), give(harm(met=False), third), withhold("SCH3_5_HEALTH", harm(on=None))):
        assert read_decision(write_decision(decision)) == decision


def test_a_decision_without_it_is_written_as_ever() -> None:
    assert set(write_decision(give())) == {"disposition", "exemption", "reason", "tell", "until"}
