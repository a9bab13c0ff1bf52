"""What no vector says of the rules on children: conditions that stay away, what never waits, a switch."""

import pytest

from gateway.adapters.files import rulebook_texts
from gateway.core.decide import decide
from gateway.core.errors import RulebookError
from gateway.core.rulebook import Rulebook, load_rulebook
from gateway.core.rulebook_model import Rule
from tests.support.core_world import demo_world, vector

SYSTEM = """\
guidance: Test
edition: '1'
rules:
  - id: TEST-1
    paragraph: Test 1
    reason: Because.
    system: OASys
    limit: [SUBJECT_RISK]
"""


def rule(name: str) -> Rule:
    return next(each.rule for each in demo_world().rulebook.rules if each.rule.id == name)


def fired(name: str) -> set[str]:
    read = vector(name)
    return {each.rule for ruling in decide(read.case, read.world) for each in ruling.rules}


@pytest.mark.parametrize(
    ("condition", "goes_with", "not_with"),
    [
        ("CPF-7.9", "child-S-07", "child-4.3-answer-police"),
        ("CPF-7.21-details", "child-ESC-6", "child-S-07"),
        ("CPF-7.40", "child-L-01", "child-L-17"),
        ("CPF-7.40-later", "child-L-16-later", "child-L-01"),
        ("CPF-7.50", "child-L-17", "child-L-01"),
        ("CPF-8.30", "child-X-24", "child-X-17"),
        ("CPF-8.38-family", "child-X-17", "child-X-24"),
        ("CPF-14.4", "child-S-23", "child-S-23-adult"),
        ("CPF-14.4-adult", "child-S-23-adult", "child-S-23"),
        ("CPF-18.6-family", "child-S-20", "child-S-20-other-harm"),
        ("CPF-18.6-now", "child-S-20-now", "child-S-20"),
        ("CPF-6.46-hidden-use", "child-X-04", "child-S-15-other-source"),
        ("NSAB-B", "child-M-75", "child-M-75-both"),
    ],
)
def test_a_condition_of_use_goes_with_what_it_is_about_and_with_nothing_else(
    condition: str, goes_with: str, not_with: str
) -> None:
    assert condition in fired(goes_with)
    assert condition not in fired(not_with)


def test_no_rule_makes_a_referral_to_childrens_services_wait() -> None:
    """CPF 7.29: a referral is unconditional; holding the whole of it for anybody would be a threshold."""
    for each in (compiled.rule for compiled in demo_world().rulebook.rules):
        if each.hold is not None and each.hold.scope == "EXCHANGE" and each.when is None:
            assert not each.applies.covers(
                "ChildReferral", "SAFEGUARD_CHILD", "PROBATION", "CHILDRENS_SERVICES"
            ), each.id


def test_no_fact_stands_between_a_referral_and_the_law_on_children() -> None:
    """CPF 6.45: consent is not needed; the basis rests on no fact at all."""
    bases = demo_world().rulebook.bases
    for name in (
        "CHILDREN_ACT_1989_S17",
        "CHILDREN_ACT_1989_S47",
        "CHILDREN_ACT_2004_S10",
        "CHILDREN_ACT_2004_S11",
    ):
        assert all(row.requires_fact is None for row in bases[name])


def switched(option: str) -> Rulebook:
    texts = dict(rulebook_texts())
    name = "contradictions-child.yaml"
    texts[name] = texts[name].replace("choice: MANAGER_DECIDES", f"choice: {option}")
    return load_rulebook(texts)


@pytest.mark.parametrize(
    ("option", "stands", "gone"),
    [("MANAGER_DECIDES", "CPF-7.21", "CPF-7.21-always"), ("WAIT_ALWAYS", "CPF-7.21-always", "CPF-7.21")],
)
def test_what_a_curfew_without_an_answer_waits_for_can_be_switched(
    option: str, stands: str, gone: str
) -> None:
    ids = {each.rule.id for each in switched(option).rules}
    assert stands in ids
    assert gone not in ids


def test_only_what_removes_looks_at_the_system() -> None:
    with pytest.raises(RulebookError, match="only withhold and permit_only look at the `system`"):
        load_rulebook(rulebook_texts() | {"rules-test.yaml": SYSTEM})


def test_what_is_never_shared_cannot_be_approved() -> None:
    for name in ("CPF-6.46-hidden", "CPF-6.34-report-adults", "CPF-14.3-children", "CPF-6.46-court-never"):
        assert rule(name).prohibition
        assert not rule(name).unless
