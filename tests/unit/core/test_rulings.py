"""What a ruling says: header leaves, holds and what granting them does, generalised values, what is told."""

from dataclasses import replace
from typing import Any

import pytest
from publicprotection.exchange.v1 import decision_pb2

from gateway.core.conditions import compile_condition
from gateway.core.decide import decide
from gateway.core.explain import explain_to_recipient, explain_to_sender
from gateway.core.model import Answer, Effect, Outcome, Ruling, Tell
from gateway.core.prerequisites import HoldReply, answer_facts
from gateway.core.rulebook import CompiledRule
from gateway.core.rulebook_model import Rule
from gateway.core.world import World
from services.kit.evidence.paths import shape_of
from tests.support.core_world import demo_world, vector


def ruled(name: str, recipient: int = 0) -> Ruling:
    read = vector(name)
    return decide(read.case, read.world)[recipient]


def world_with(**effect: Any) -> World:
    rule = Rule(id="TEST-1", paragraph="Test 1", reason="Because.", **effect)
    book = demo_world().rulebook
    return replace(demo_world(), rulebook=replace(book, rules=(*book.rules, CompiledRule(rule, None))))


def test_a_recipient_gets_type_and_its_own_header_leaves_only() -> None:
    police = ruled("story-4-restrictions")
    shapes = {shape_of(path) for path in police.released if not path.startswith("document.")}
    assert shapes >= {"type", "header.sender.organisation", "header.purpose", "header.author.name"}
    assert not {shape for shape in shapes if shape.startswith(("header.facts", "header.conditions"))}
    assert not {"header.necessity", "header.request_id", "header.external_reference"} & shapes


def test_a_recipient_does_not_learn_who_else_receives() -> None:
    leaves = vector("story-4-restrictions").case.leaves
    for number, own in enumerate(("kent-police", "dwp-kent")):
        entries = [
            p for p in ruled("story-4-restrictions", number).released if p.startswith("header.recipients")
        ]
        assert {leaves[path] for path in entries if path.endswith(".organisation")} == {own}


def test_provenance_goes_only_with_what_it_is_about() -> None:
    held, agreed = ruled("story-6-contribution"), ruled("story-6-contribution-agreed")
    assert not [path for path in held.released if path.startswith("header.provenance")]
    shapes = {shape_of(path) for path in agreed.released}
    assert {"header.provenance.prefix", "header.provenance.owner", "header.provenance.as_of"} <= shapes


def test_a_hold_names_who_can_grant_it_and_when_it_is_escalated() -> None:
    (item,) = ruled("story-6-contribution").held
    assert (item.organisation, item.role, item.prerequisite) == (
        "kent-police",
        "INFORMATION_OWNER",
        "OWNER_AGREES",
    )
    assert (item.whole_exchange, item.escalates_after_working_days, item.rule.rule) == (
        False,
        2,
        "MAPPA-22.20",
    )


@pytest.mark.parametrize(
    ("name", "organisation"),
    [
        ("later-S02", "kent-probation"),
        ("mappa-R-20", "kent-mappa-unit"),
        ("mappa-9.5-status-unknown", "kent-probation"),
        ("mappa-E-02-no-risk", "kent-police"),
    ],
)
def test_an_exchange_is_held_whole_by_whoever_can_grant_it(name: str, organisation: str) -> None:
    ruling = ruled(name)
    assert [(each.whole_exchange, each.organisation) for each in ruling.held] == [(True, organisation)]
    assert ruling.reason == ruling.held[0].rule
    assert not ruling.released


@pytest.mark.parametrize(
    ("name", "granted", "declined"),
    [
        ("story-6-contribution", Outcome.RELEASED, Outcome.RELEASED),
        ("later-S02", Outcome.RELEASED, Outcome.HELD),
        ("mappa-R-20", Outcome.RELEASED, Outcome.REFUSED),
        ("mappa-9.5-status-unknown", Outcome.RELEASED, Outcome.REFUSED),
        ("mappa-E-02-no-risk", Outcome.RELEASED, Outcome.REFUSED),
        ("child-X-19-adult-services", Outcome.RELEASED, Outcome.RELEASED),
    ],
)
def test_answering_a_hold_puts_its_fact_on_record(name: str, granted: Outcome, declined: Outcome) -> None:
    read = vector(name)
    before = ruled(name)
    for answer, outcome in ((Answer.YES, granted), (Answer.NO, declined)):
        facts = [
            fact
            for item in before.held
            for fact in answer_facts(
                read.world.rulebook,
                item.prerequisite,
                item.paths,
                before.recipient.organisation,
                HoldReply(answer, item.organisation, read.case.at),
            )
        ]
        after = decide(replace(read.case, facts=(*read.case.facts, *facts)), read.world)[0]
        assert after.outcome is outcome
        assert before.released <= after.released
        waited = {path for item in before.held for path in item.paths}
        if answer is Answer.YES:
            assert waited <= after.released
        else:
            assert not waited & after.released


def test_agreeing_for_one_recipient_agrees_for_no_other() -> None:
    read = vector("story-6-contribution")
    (item,) = ruled("story-6-contribution").held
    reply = HoldReply(Answer.YES, "kent-police", read.case.at)
    facts = answer_facts(read.world.rulebook, item.prerequisite, item.paths, "marlfield-prison", reply)
    (ruling,) = decide(replace(read.case, facts=facts + read.case.facts), read.world)
    assert ruling.held == (item,)


def test_a_generalised_value_stands_in_for_its_original() -> None:
    read = vector("later-S01-nothing-to-strip")
    world = world_with(generalise={"SUBJECT_IDENTITY": "date-to-year/1"})
    (ruling,) = decide(read.case, world)
    assert [(each.path, each.value) for each in ruling.derived] == [
        ("document.subject.date_of_birth", "1980")
    ]
    assert "document.subject.date_of_birth" in ruling.released
    # What is no date cannot be made a year with certainty.
    assert {shape_of(each.path) for each in ruling.withheld} == {
        "document.subject.name.family",
        "document.subject.name.given",
        "document.subject.identifiers.system",
        "document.subject.identifiers.value",
    }
    assert ("TEST-1", Effect.GENERALISE) in {(each.rule, each.effect) for each in ruling.rules}


def test_a_condition_that_fails_withholds_and_says_so() -> None:
    rule = Rule(
        id="TEST-1", paragraph="T", reason="Because.", withhold=("SUBJECT_IDENTITY",), when="1 / 0 == 1"
    )
    book = demo_world().rulebook
    rules = (*book.rules, CompiledRule(rule, compile_condition("1 / 0 == 1", ())))
    world = replace(demo_world(), rulebook=replace(book, rules=rules))
    (ruling,) = decide(vector("later-S01-nothing-to-strip").case, world)
    assert {each.category for each in ruling.withheld} == {"SUBJECT_IDENTITY"}
    assert all("could not be evaluated" in each.rule.reason for each in ruling.withheld)


def test_the_sender_learns_reasons_and_the_recipient_categories() -> None:
    ruling = ruled("mappa-E-14")
    sender = explain_to_sender(ruling)
    assert {(each.category, each.rule.rule) for each in sender.withheld} == {
        ("SUBJECT_OFFENCE", "MAPPA-21.28"),
        ("SUBJECT_RISK", "MAPPA-21.28"),
    }
    assert all(each.paths for each in sender.withheld)
    recipient = explain_to_recipient(ruling)
    assert recipient is not None
    assert [each.category for each in recipient.withheld] == ["SUBJECT_OFFENCE", "SUBJECT_RISK"]
    assert not any(each.paths or each.rule.rule for each in recipient.withheld)
    # Only what limits the recipient is told to it: the department erases a restriction on its end.
    assert {each.effect for each in recipient.rules} == {"LIMIT"}


def test_what_may_not_be_told_is_not_told() -> None:
    tell = {"sender": "NOTHING", "recipient": "NOTHING", "citation": "Test 2"}
    world = world_with(withhold=("SUBJECT_RESTRICTION",), tell=tell)
    (ruling,) = decide(vector("later-S01-nothing-to-strip").case, world)
    assert {each.tell_recipient for each in ruling.withheld} == {Tell.NOTHING}
    recipient, sender = explain_to_recipient(ruling), explain_to_sender(ruling)
    assert recipient is not None
    assert not recipient.withheld
    assert not sender.withheld
    assert "TEST-1" not in {each.rule for each in sender.rules}


@pytest.mark.parametrize("name", ["adult-W-26", "mappa-R-20", "gateway-unknown-desk"])
def test_a_recipient_learns_nothing_of_what_does_not_go(name: str) -> None:
    ruling = ruled(name, -1)
    assert ruling.outcome is not Outcome.RELEASED
    assert explain_to_recipient(ruling) is None


def test_a_refusal_tells_the_sender_what_to_do_instead() -> None:
    sender = explain_to_sender(ruled("adult-W-26"))
    assert sender.outcome == decision_pb2.DECISION_OUTCOME_REFUSED
    assert (sender.instead.document_type, sender.reason.rule) == ("AdviceRequest", "NSAB-1.2")


def test_a_warning_that_cannot_be_generalised_waits_and_is_not_dropped() -> None:
    read = vector("later-S01-nothing-to-strip")
    agreements = tuple(
        each.model_copy(
            update={
                "clauses": tuple(
                    clause.model_copy(update={"generalise": {"STAFF_RISK_FLAG": "date-to-year/1"}})
                    for clause in each.clauses
                )
            }
        )
        for each in read.world.agreements
    )
    (ruling,) = decide(read.case, replace(read.world, agreements=agreements))
    assert [(each.prerequisite, each.categories) for each in ruling.held] == [
        ("PROTECTIVE_REVIEW", ("STAFF_RISK_FLAG",))
    ]
    assert not ruling.withheld
