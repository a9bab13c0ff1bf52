"""What a rule can say: who receives, who else does, whether a leaf is free text, that nothing goes at all."""

from pathlib import Path
from textwrap import dedent, indent

import pytest

from gateway.adapters.files import read_agreements, read_directory, rulebook_texts
from gateway.core.cases import read_case
from gateway.core.decide import decide
from gateway.core.directory import index_directory
from gateway.core.errors import RulebookError
from gateway.core.explain import explain_to_recipient
from gateway.core.model import Outcome, Ruling
from gateway.core.rulebook import load_rulebook
from gateway.core.world import World

ROOT = Path(__file__).resolve().parents[3]
RULES = "guidance: Test\nedition: '1'\nrules:\n"
REVIEW = "hold: {prerequisite: PROTECTIVE_REVIEW, scope: ITEM, categories: [SUBJECT_RISK]"
CASE = """
case: test
today: 2026-11-23
exchange:
  sender: kent-police
  recipients: [kent-probation/sentence-management, marlfield-prison/security]
  purpose: MANAGE_RISK
  lawful_bases: [CJA_2003_S325]
  necessity: Needed.
  document_type: AgencyContribution
  document:
    subject: {name: {family: Marsh, given: Toby}}
    meeting_date: 2026-11-30
    risk: [{group: PUBLIC, level: HIGH, nature: Violence to strangers.}]
facts:
  mappa_managed: {answer: YES}
"""


def decide_with(body: str) -> tuple[Ruling, ...]:
    rule = indent(dedent(body).strip("\n"), "    ")
    added = f"{RULES}  - id: TEST-1\n    paragraph: Test 1\n    reason: Because.\n{rule}\n"
    rulebook = load_rulebook(rulebook_texts() | {"rules-test.yaml": added})
    directory = read_directory(ROOT / "deploy" / "directory" / "organisations.yaml")
    world = World(index_directory(directory), read_agreements(ROOT / "deploy" / "agreements"), rulebook)
    return decide(read_case("test.yaml", CASE, world).case, world)


def outcomes(body: str) -> list[Outcome]:
    return [each.outcome for each in decide_with(body)]


def test_a_condition_reads_the_recipient_decided_for() -> None:
    when = "has(recipient.organisation) && recipient.organisation == 'kent-probation' && has(recipient.desk)"
    rule = f'applies: {{documents: [AgencyContribution]}}\nwhen: "{when}"\nrefuse: {{}}'
    assert outcomes(rule) == [Outcome.REFUSED, Outcome.RELEASED]


def test_a_rule_can_ask_for_a_recipient_of_another_kind() -> None:
    assert outcomes("applies: {lacking: [IDVA]}\nrefuse: {}") == [Outcome.REFUSED] * 2
    assert outcomes("applies: {lacking: [PRISON]}\nrefuse: {}") == [Outcome.RELEASED] * 2
    assert outcomes("applies: {lacking: [IDVA, PRISON]}\nrefuse: {}") == [Outcome.RELEASED] * 2


def test_a_prohibition_that_permits_nothing_lets_nothing_through() -> None:
    rulings = decide_with("prohibition: true\npermit_only: []")
    assert [each.outcome for each in rulings] == [Outcome.REFUSED] * 2
    assert all("TEST-1" in {fired.rule for fired in each.rules} for each in rulings)


def test_a_hold_can_spare_what_is_no_free_text() -> None:
    whole, text = decide_with(f"{REVIEW}}}")[0], decide_with(f"{REVIEW}, text_only: true}}")[0]
    assert {path.rpartition(".")[2] for path in whole.held[0].paths} == {"group", "level", "nature"}
    assert {path.rpartition(".")[2] for path in text.held[0].paths} == {"nature"}


def test_a_hold_of_the_whole_exchange_cannot_spare_anything() -> None:
    with pytest.raises(RulebookError, match="text_only"):
        decide_with("hold: {prerequisite: PROTECTIVE_REVIEW, scope: EXCHANGE, text_only: true}")


def test_a_limit_takes_nothing_away_and_is_told_to_whoever_receives() -> None:
    limited, other = decide_with("applies: {recipients: [PROBATION]}\nlimit: [SUBJECT_RISK]")
    assert (len(limited.released), limited.withheld) == (len(other.released), other.withheld)
    told = explain_to_recipient(limited)
    assert told is not None
    assert [(each.rule, each.effect, each.reason) for each in told.rules] == [("TEST-1", "LIMIT", "Because.")]


def test_a_limit_on_what_does_not_go_says_nothing() -> None:
    told = explain_to_recipient(decide_with("limit: [VICTIM_RISK]")[0])
    assert told is not None
    assert not told.rules
