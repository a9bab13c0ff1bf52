"""Breach cases by the law as data: what is settled by what, and when a case is closed."""

import pytest
from pydantic import ValidationError

from gateway.adapters.files import read_rulebook
from gateway.core.breaches.cases import stand
from gateway.core.breaches.law import BreachLaw, Duty, Step

LAW = read_rulebook().breaches


def settled(*steps: str) -> dict[str, str | None]:
    return {each.duty.id: each.settled_by for each in stand(LAW, steps).duties}


def test_nothing_is_settled_at_first() -> None:
    assert set(settled().values()) == {None}
    assert not stand(LAW, ()).is_closed


def test_a_duty_is_settled_by_doing_it_or_by_a_reason_not_to() -> None:
    assert settled("COMMISSIONER_NOTIFIED")["COMMISSIONER"] == "COMMISSIONER_NOTIFIED"
    assert settled("COMMISSIONER_NOT_NEEDED")["COMMISSIONER"] == "COMMISSIONER_NOT_NEEDED"


def test_the_first_step_that_settles_a_duty_counts() -> None:
    found = settled("SUBJECTS_RESTRICTED", "SUBJECTS_TOLD")
    assert found["SUBJECTS"] == "SUBJECTS_RESTRICTED"


def test_a_case_is_closed_by_its_last_duty_and_not_before() -> None:
    steps = ["CONTAINED", "COMMISSIONER_NOTIFIED", "SUBJECTS_TOLD", "PARTIES_TOLD", "CAUSE_RECORDED"]
    for count in range(len(steps)):
        assert not stand(LAW, steps[:count]).is_closed
    assert stand(LAW, steps).is_closed


def test_a_step_of_an_earlier_edition_settles_nothing() -> None:
    assert set(settled("TOLD_BY_TELEGRAM").values()) == {None}


def test_a_duty_that_no_step_settles_is_refused() -> None:
    duty = Duty(id="SUBJECTS", title="t", paragraph="p")
    with pytest.raises(ValidationError, match="no step settles SUBJECTS"):
        BreachLaw(duties=(duty,), steps=(Step(id="CONTAINED", title="t", paragraph="p"),))


def test_a_step_that_settles_what_there_is_not_is_refused() -> None:
    duty = Duty(id="SUBJECTS", title="t", paragraph="p")
    steps = (
        Step(id="TOLD", title="t", paragraph="p", settles="SUBJECTS"),
        Step(id="OTHER", title="t", paragraph="p", settles="PARTIES"),
    )
    with pytest.raises(ValidationError, match="there is no duty PARTIES"):
        BreachLaw(duties=(duty,), steps=steps)
