from datetime import date

import pytest
from publicprotection.exchange.v1.decision_pb2 import (
    DECISION_FLAG_NO_AGREEMENT,
    DECISION_OUTCOME_RELEASED,
    Decision,
    Instead,
    RuleReference,
    Withheld,
)
from publicprotection.exchange.v1.inbox_service_pb2 import Delivery
from publicprotection.exchange.v1.outbox_service_pb2 import (
    ALARM_KIND_LEAF_NOT_SENT,
    Alarm,
    GetExchangeResponse,
)
from publicprotection.exchange.v1.outcome_pb2 import Outcome, Rejection

from deploy.story.comparison import compare_send, select
from deploy.story.documents import build_document, build_header
from deploy.story.model import Expectation, Step, read_story
from deploy.story.played import Arrival, PlayedSend

DWP, POLICE = "dwp-kent/mappa-spoc", "kent-police/public-protection-unit"


@pytest.fixture
def step() -> Step:
    found = next(step for step in read_story().steps if step.id == "restrictions")
    expected = {DWP: Expectation(outcome="RELEASED", withheld=frozenset({"SUBJECT_OFFENCE"}))}
    return found.model_copy(update={"expect": expected})


@pytest.fixture
def played(step: Step) -> PlayedSend:
    """The restriction notice as the DWP may see it."""
    assert step.send is not None
    document = build_document(step.send, date(2026, 11, 22))
    header = build_header(step.send, date(2026, 11, 22), request_id="request-1", in_reply_to=None)
    seen = build_document(step.send, date(2026, 11, 22))
    seen.ClearField("offences")
    decision = Decision(
        outcome=DECISION_OUTCOME_RELEASED,
        withheld=[Withheld(category="SUBJECT_OFFENCE", rule=RuleReference(rule="MAPPA-21.28"))],
    )
    arrivals = {DWP: Arrival(Delivery(), seen)}
    return PlayedSend("exchange-1", header, document, {DWP: decision}, arrivals, GetExchangeResponse())


def expecting(step: Step, **changes: object) -> Step:
    return step.model_copy(update={"expect": {DWP: step.expect[DWP].model_copy(update=changes)}})


def test_what_is_as_stated_passes(step: Step, played: PlayedSend) -> None:
    stated = expecting(
        step,
        rules=frozenset({"MAPPA-21.28"}),
        lacks=frozenset({"offences.description"}),
        shows={"restrictions.terms": "No work with children", "staff_at_risk": True},
    )

    assert list(compare_send(stated, played)) == []


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"outcome": "HELD"}, "outcome: expected HELD; found RELEASED"),
        ({"withheld": frozenset()}, "withheld: expected none; found SUBJECT_OFFENCE"),
        ({"held": frozenset({"VICTIM_RISK"})}, "held: expected VICTIM_RISK; found none"),
        ({"instead": "AdviceRequest"}, "instead: expected AdviceRequest; found "),
        ({"rules": frozenset({"MAPPA-22.20"})}, "rule MAPPA-22.20 was to fire; these did: MAPPA-21.28"),
        ({"lacks": frozenset({"subject.name"})}, "subject.name was to stay behind, and arrived"),
        ({"lacks": frozenset({"subject.religion"})}, "subject.religion was not even sent"),
        ({"shows": {"mappa_level": 3}}, "mappa_level was to arrive as 3; there is [2]"),
        ({"whole": True}, "expected the whole document"),
        ({"receives": frozenset({"subject"})}, "fields received: expected subject; found"),
        ({"flags": frozenset({"SUPPLEMENTARY"})}, "flags: expected SUPPLEMENTARY; found none"),
    ],
)
def test_each_difference_is_named(
    changes: dict[str, object], text: str, step: Step, played: PlayedSend
) -> None:
    found = list(compare_send(expecting(step, **changes), played))

    assert any(line.startswith(f"{DWP}: {text}") for line in found), found


def test_a_release_to_somebody_not_asked_for_is_named(step: Step, played: PlayedSend) -> None:
    played.decisions[POLICE] = played.decisions[DWP]

    assert any("although nobody sent to it" in line for line in compare_send(step, played))


def test_nothing_decided_and_nothing_arrived_are_named(step: Step, played: PlayedSend) -> None:
    played.arrivals.clear()
    assert f"{DWP}: expected a delivery, but nothing arrived" in list(compare_send(step, played))

    played.decisions.clear()
    assert f"{DWP}: expected RELEASED, but nothing was decided" in list(compare_send(step, played))


def test_a_flag_that_nobody_expects_is_named(step: Step, played: PlayedSend) -> None:
    played.decisions[DWP].flags.append(DECISION_FLAG_NO_AGREEMENT)
    played.decisions[DWP].instead.CopyFrom(Instead(document_type="AdviceRequest"))

    found = list(compare_send(step, played))

    assert f"{DWP}: flags: expected none; found NO_AGREEMENT" in found
    assert any("found AdviceRequest" in line for line in found)


def test_alarms_and_rejections_are_never_as_stated(step: Step, played: PlayedSend) -> None:
    played.exchange.alarms.append(Alarm(kind=ALARM_KIND_LEAF_NOT_SENT, path="document.subject"))
    played.exchange.outcomes.append(Outcome(rejection=Rejection(reason="SEAL_INVALID", advice="Seal again")))

    found = list(compare_send(step, played))

    assert "rejected: SEAL_INVALID: Seal again" in found
    assert "the sender's service raised the alarm LEAF_NOT_SENT on document.subject" in found


def test_select_reads_through_repeated_parts(played: PlayedSend) -> None:
    assert select(played.document, "restrictions.terms") == [
        "No work with children",
        "Not to enter Sandlewick",
        "No contact with Orla Pennyroyal, directly or through others",
    ]
    assert select(played.document, "subject.telephone") == []
