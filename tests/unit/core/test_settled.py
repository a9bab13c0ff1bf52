"""Contradictions are settled in data, exceptions narrow a rule, and a hold can look at the source system."""

from dataclasses import replace

import pytest
from publicprotection.exchange.v1 import header_pb2

from gateway.adapters.files import rulebook_texts
from gateway.core.decide import decide
from gateway.core.errors import RulebookError
from gateway.core.model import Outcome
from gateway.core.owners import read_owners
from gateway.core.rulebook import Rulebook, load_rulebook
from gateway.core.rulebook_model import Applies
from tests.support.core_world import vector

RULE = """\
guidance: Test
edition: '1'
rules:
  - id: TEST-1
    paragraph: Test 1
    reason: Because.
    chosen: {"mappa:C-99": %s}
    withhold: [SUBJECT_RISK]
"""
SETTLED = """\
contradictions:
  - id: mappa:C-99
    conflict: One place says yes and another says no.
    options: {YES: It is yes., NO: It is no.}
    choice: %s
    reason: The newer text.
"""


def settled(option: str, choice: str) -> Rulebook:
    more = {"rules-test.yaml": RULE % option, "contradictions-test.yaml": SETTLED % choice}
    return load_rulebook(rulebook_texts() | more)


@pytest.mark.parametrize(("option", "stands"), [('"YES"', True), ('"NO"', False)])
def test_a_rule_is_in_force_while_its_option_is_the_choice(option: str, stands: bool) -> None:
    ids = {each.rule.id for each in settled(option, '"YES"').rules}
    assert ("TEST-1" in ids) is stands


def test_an_option_that_the_contradiction_lacks_is_refused() -> None:
    with pytest.raises(RulebookError, match="has no option PERHAPS"):
        settled("PERHAPS", '"YES"')


def test_a_choice_that_is_no_option_is_refused() -> None:
    with pytest.raises(RulebookError, match="choice: write one of"):
        settled('"YES"', "PERHAPS")


def test_exceptions_take_flows_out_again() -> None:
    applies = Applies(except_documents=("ReleaseNotice",), except_recipients=("DWP",))
    assert applies.covers("RestrictionNotice", "MANAGE_RISK", "POLICE", "PRISON")
    assert not applies.covers("ReleaseNotice", "MANAGE_RISK", "POLICE", "PRISON")
    assert not applies.covers("RestrictionNotice", "MANAGE_RISK", "POLICE", "DWP")


def test_the_longest_prefix_says_from_which_system_a_part_is() -> None:
    header = header_pb2.Header()
    header.provenance.add(prefix="document.risk", source_system="ViSOR")
    header.provenance.add(prefix="document.risk[0].nature", source_system="NDelius")
    owned = read_owners(header, "kent-probation")
    assert owned.system_of("document.risk[0].level") == "visor"
    assert owned.system_of("document.risk[0].nature") == "ndelius"
    assert owned.system_of("document.subject.name.family") == ""


def test_a_release_kind_that_does_not_carry_the_document_refuses_it() -> None:
    read = vector("mappa-10.2")
    (ruling,) = decide(read.case, read.world)
    assert (ruling.outcome, ruling.instead is not None) == (Outcome.REFUSED, True)


@pytest.mark.parametrize(
    ("choice", "outcome"), [("INVITED", Outcome.RELEASED), ("PARTICIPANTS", Outcome.HELD)]
)
def test_whether_an_absentee_gets_minutes_can_be_switched(choice: str, outcome: Outcome) -> None:
    texts = rulebook_texts()
    text = texts["contradictions-mappa.yaml"].replace("choice: INVITED", f"choice: {choice}")
    book = load_rulebook(texts | {"contradictions-mappa.yaml": text})
    read = vector("mappa-E-44")
    (ruling,) = decide(read.case, replace(read.world, rulebook=book))
    assert ruling.outcome is outcome
