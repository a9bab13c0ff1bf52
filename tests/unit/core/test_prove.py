"""The proof itself can fail: a broken filter, a weakened rule, a condition that is never true are caught."""

import re
import sys
from dataclasses import replace

import pytest

from gateway.adapters.files import read_never, read_rulebook, rulebook_texts
from gateway.cli.rulebook import describe_proof
from gateway.core import prohibitions
from gateway.core.conditions import compile_condition
from gateway.core.filling import fill_document
from gateway.core.prove import prove
from gateway.core.rulebook import CompiledRule, Rulebook, load_rulebook
from gateway.core.rulebook_model import Applies, Rule


@pytest.fixture(scope="module")
def book() -> Rulebook:
    return read_rulebook()


def with_only(book: Rulebook, *rules: Rule) -> Rulebook:
    compiled = [
        CompiledRule(one, compile_condition(one.when, one.applies.documents) if one.when else None)
        for one in rules
    ]
    return replace(book, rules=tuple(compiled))


def prohibition(**parts: object) -> Rule:
    given = {
        "id": "LAW-1",
        "paragraph": "Section 1",
        "applies": Applies(documents=("RestrictionNotice",), recipients=("DWP",)),
        "prohibition": True,
        "withhold": ("SUBJECT_OFFENCE",),
        "reason": "It is forbidden.",
    }
    return Rule.model_validate(given | parts)


def test_everything_the_rulebook_forbids_stays_back(
    book: Rulebook, capsys: pytest.CaptureFixture[str]
) -> None:
    proof = prove(book, read_never())
    with capsys.disabled():
        sys.stdout.write(f"\nproof: {describe_proof(proof)}\n")
    assert [str(each) for each in proof.breaches] == []
    assert proof.idle == []
    assert proof.visited > 1_500


@pytest.mark.large
@pytest.mark.timeout(1_800)
def test_the_same_for_each_kind_and_purpose_by_itself(book: Rulebook) -> None:
    proof = prove(book, read_never(), every=True)
    assert proof.holds
    assert proof.visited > 15_000


def test_a_filter_that_lets_through_is_caught(book: Rulebook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prohibitions, "prohibit", lambda _, treatments: tuple(treatments))
    proof = prove(with_only(book, prohibition()))
    assert not proof.holds
    said = str(proof.breaches[0])
    assert re.fullmatch(r"LAW-1: RestrictionNotice from \w+ to DWP for \w+ releases SUBJECT_OFFENCE", said)


def test_a_rulebook_that_was_weakened_is_caught() -> None:
    texts = rulebook_texts()
    strong = "permit_only: [SUBJECT_IDENTITY, SUBJECT_RESTRICTION, STAFF_RISK_FLAG]"
    weak = strong.replace("[", "[SUBJECT_OFFENCE, ")
    assert sum(text.count(strong) for text in texts.values()) == 1
    weakened = load_rulebook({name: text.replace(strong, weak) for name, text in texts.items()})
    weakened = replace(weakened, rules=tuple(one for one in weakened.rules if one.rule.id == "MAPPA-21.28"))
    proof = prove(weakened, [each for each in read_never() if each.id == "later:X01"])
    caught = {(one.document, one.route.recipient, one.categories) for one in proof.breaches}
    assert caught == {("RestrictionNotice", "DWP", ("SUBJECT_OFFENCE",))}
    assert str(proof.breaches[0]).startswith("never later:X01: RestrictionNotice from ")


def test_a_condition_is_tried_where_it_is_true(book: Rulebook, monkeypatch: pytest.MonkeyPatch) -> None:
    when = (
        "document.restrictions.exists(r, has(r.kind)"
        " && r.kind == common.v1.RestrictionKind.RESTRICTION_KIND_ANONYMITY_ORDER)"
    )
    conditional = with_only(book, prohibition(when=when))
    assert prove(conditional).holds
    monkeypatch.setattr(prohibitions, "prohibit", lambda _, treatments: tuple(treatments))
    assert prove(conditional).breaches


def test_a_prohibition_that_can_never_fire_is_caught(book: Rulebook) -> None:
    never = 'has(document.subject) && header.provenance.exists(p, has(p.owner) && p.owner == "a") && false'
    proof = prove(with_only(book, prohibition(when=never)))
    assert proof.idle == ["LAW-1"]
    assert not proof.holds


def test_a_fact_under_unless_lifts_and_no_other_does(book: Rulebook) -> None:
    lifted = with_only(book, prohibition(unless=("offender_informed",)))
    both = prove(lifted)
    assert both.holds
    assert both.visited == 2 * prove(with_only(book, prohibition())).visited


def test_a_document_without_what_is_forbidden_is_noted(book: Rulebook) -> None:
    applies = Applies(documents=("HousingExemptionNotice",))
    proof = prove(with_only(book, prohibition(applies=applies)))
    assert (proof.bare, proof.holds) == (["LAW-1"], True)


def test_a_document_is_filled_with_every_field() -> None:
    document = fill_document("RestrictionNotice")
    assert {field.name for field, _ in document.ListFields()} == set(document.DESCRIPTOR.fields_by_name)
