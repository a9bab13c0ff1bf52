"""What a recipient does not learn of from the fields is not readable in the texts either."""

import dataclasses

import pytest
from publicprotection.documents.v1.mappa_pb2 import AgencyContribution

from gateway.core.decide import decide
from gateway.core.model import Effect, Ruling
from services.kit.evidence.derive import MARK, MASK, is_masking
from tests.support.core_world import demo_world, vector

SUMMARY = (
    "Says Orla Pennyroyal (07700 900417) must wait. "
    "O. Pennyroyal's flat was watched. Toby laughed at Dave Potter."
)


def ruling(summary: str, *, agreed: bool) -> Ruling:
    """The contribution of the story with another summary."""
    case = vector("story-6-contribution-agreed" if agreed else "story-6-contribution").case
    document = AgencyContribution()
    document.MergeFromString(case.document.SerializeToString())
    document.summary = summary
    leaves = {**case.leaves, "document.summary": summary}
    [only] = decide(dataclasses.replace(case, document=document, leaves=leaves), demo_world())
    return only


def summary_of(found: Ruling) -> str | None:
    values = {each.path: each for each in found.derived}
    each = values.get("document.summary")
    return None if each is None else str(each.value)


def test_a_victim_who_waits_is_masked_in_the_text() -> None:
    masked = summary_of(ruling(SUMMARY, agreed=False))
    assert masked is not None
    assert "Pennyroyal" not in masked
    assert "07700" not in masked
    assert masked.count(MARK) == 3
    assert is_masking(SUMMARY, masked)


def test_whom_the_fields_name_and_whom_the_unit_may_read_stay() -> None:
    masked = summary_of(ruling(SUMMARY, agreed=False))
    assert masked is not None
    assert "Toby laughed at Dave Potter" in masked


def test_what_the_owner_agrees_to_is_readable() -> None:
    shown = summary_of(ruling(SUMMARY, agreed=True))
    assert shown is None or "Pennyroyal" in shown


def test_a_masked_text_goes_and_its_rule_is_told() -> None:
    found = ruling(SUMMARY, agreed=False)
    assert "document.summary" in found.released
    assert {each.function for each in found.derived} == {MASK}
    assert ("GATEWAY-FREE-TEXT", Effect.MASK) in {(each.rule, each.effect) for each in found.rules}


def test_a_text_that_names_nobody_else_is_left_alone() -> None:
    assert summary_of(ruling("He accepts the licence conditions.", agreed=False)) is None


def test_a_text_that_holds_the_mark_itself_does_not_go() -> None:
    found = ruling(f"Orla Pennyroyal {MARK} was here.", agreed=False)
    assert "document.summary" not in found.released
    assert "document.summary" in {each.path for each in found.withheld}


@pytest.mark.parametrize("agreed", [False, True])
def test_the_same_case_always_gives_the_same_text(*, agreed: bool) -> None:
    assert ruling(SUMMARY, agreed=agreed) == ruling(SUMMARY, agreed=agreed)
