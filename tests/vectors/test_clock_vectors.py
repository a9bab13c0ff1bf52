"""Every time limit: when it starts, when it ends, and what follows just before, at and just after."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from google.protobuf.json_format import ParseDict
from publicprotection.common.v1.organisation_pb2 import OrganisationKind
from publicprotection.exchange.v1 import directory_service_pb2, header_pb2

from gateway.adapters.files import read_rulebook
from gateway.core.deadlines.form import Event
from gateway.core.deadlines.starting import Begun, ClockState, Means, begin_clocks, reckon
from gateway.core.deadlines.steps import Step, StepKind, due_steps, late_steps, plan_steps
from gateway.core.directory import DirectoryIndex
from gateway.core.documents import document_class
from gateway.core.model import Case, Desk, Flag, Outcome, Ruling
from services.kit.bank_holidays import england_and_wales
from services.kit.calendar import LONDON

ROWS: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parent / "clocks" / "limits.yaml").read_text(encoding="utf-8")
)["rows"]
BOOK = read_rulebook()
FOLDER = Path(__file__).parent.parent.parent / "gateway" / "rulebook"
_LIMIT = re.compile(r"(mappa|child|adult):T-[0-9]+|later:D[0-9]+")
INSTANT = timedelta(seconds=1)
IDS = [row["case"] for row in ROWS]


def _directory() -> DirectoryIndex:
    found = {}
    for name, number in OrganisationKind.items():
        organisation = _of_kind(name.removeprefix("ORGANISATION_KIND_"))
        found[organisation] = directory_service_pb2.Organisation(
            organisation=organisation, kind=OrganisationKind.ValueType(number), area="kent"
        )
    return DirectoryIndex(found)


def _of_kind(kind: str) -> str:
    return kind.lower().replace("_", "-")


MEANS = Means(BOOK.limits, england_and_wales(), _directory(), BOOK.prerequisites)


def london(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON).astimezone(UTC)


def begin(row: dict[str, Any], **changes: Any) -> list[Begun]:
    """What the exchange of a row begins, of that limit."""
    row = row | changes
    ((name, content),) = row["document"].items()
    document = ParseDict(content, document_class(name)())
    to = Desk(_of_kind(row.get("to", "POLICE")), "front-door")
    header = header_pb2.Header(in_reply_to=row.get("in_reply_to", ""))
    header.sender.organisation = _of_kind(row.get("from", "PROBATION"))
    header.recipients.add(organisation=to.organisation, desk=to.desk)
    if not header.in_reply_to:
        header.ClearField("in_reply_to")
    sent = london(row["sent"])
    case = Case("exchange-1", name, header, document, {}, (), sent)
    flags = (Flag(row["flag"]),) if "flag" in row else ()
    begun = begin_clocks(case, [_ruling(to, flags, row.get("outcome", Outcome.RELEASED))], sent, MEANS)
    return [each for each in begun if each.limit.id == row["limit"]]


def _ruling(to: Desk, flags: tuple[Flag, ...], outcome: Outcome) -> Ruling:
    return Ruling(to, outcome, frozenset(), (), (), (), (), flags, None, None, BOOK.version, None)


def run(row: dict[str, Any]) -> Begun:
    """The clock, once what it runs from has happened."""
    (begun,) = begin(row)
    event = row.get("received") or row.get("acknowledged")
    if event is None:
        return begun
    assert (begun.state, begun.started, begun.due) == (ClockState.WAITING, None, None)
    started = london(event)
    due = reckon(begun.limit.limit, started, begun.by, MEANS.calendar)
    return replace(begun, state=ClockState.RUNNING, started=started, due=due)


def steps_of(row: dict[str, Any], clock: Begun) -> tuple[Step, ...]:
    assert clock.due is not None
    assert clock.started is not None
    if clock.state is ClockState.LATE:
        return late_steps(clock.limit, london(row["sent"]))
    return plan_steps(clock.limit, MEANS.calendar, clock.started, clock.due)


@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_a_limit_ends_when_it_should(row: dict[str, Any]) -> None:
    clock = run(row)
    assert clock.due == london(row["due"])
    assert clock.state is ClockState[row.get("judged", "RUNNING")]


@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_what_follows_is_due_when_it_should(row: dict[str, Any]) -> None:
    clock = run(row)
    if clock.state is ClockState.MET:
        return
    steps = steps_of(row, clock)
    reminders = [step.at for step in steps if step.kind is StepKind.REMINDER]
    assert reminders == ([london(row["remind"])] if "remind" in row else [])
    escalations = [step.at for step in steps if step.kind is StepKind.ESCALATION]
    assert escalations == [london(each) for each in row["escalate"]]
    assert any(step.kind is StepKind.OVERDUE for step in steps) == row.get("breach", True)


@pytest.mark.parametrize("row", [row for row in ROWS if "judged" not in row], ids=lambda row: row["case"])
def test_just_before_at_and_just_after(row: dict[str, Any]) -> None:
    clock = run(row)
    steps, due = steps_of(row, clock), london(row["due"])
    before, position = due_steps(steps, 0, due - INSTANT)
    assert {step.kind for step in before} <= {StepKind.REMINDER}
    at, position = due_steps(steps, position, due)
    assert {step.kind for step in at} == ({StepKind.ESCALATION} if row["escalate"] else set())
    after, position = due_steps(steps, position, due + INSTANT)
    assert {step.kind for step in after} == ({StepKind.OVERDUE} if row.get("breach", True) else set())
    again, _ = due_steps(steps, position, due - INSTANT)  # the clock of the machine was put back
    assert again == ()


@pytest.mark.parametrize("row", [row for row in ROWS if "judged" not in row], ids=lambda row: row["case"])
def test_a_reminder_missed_by_a_standstill_is_left_out(row: dict[str, Any]) -> None:
    steps = steps_of(row, run(row))
    told, position = due_steps(steps, 0, london(row["due"]) + timedelta(days=60))
    kinds = [step.kind for step in told]
    assert position == len(steps)
    if row["escalate"] or row.get("breach", True):
        assert StepKind.REMINDER not in kinds
        assert len(told) == len([step for step in steps if step.kind is not StepKind.REMINDER])


@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_what_is_refused_starts_nothing(row: dict[str, Any]) -> None:
    assert begin(row, outcome=Outcome.REFUSED) == []


@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_a_recipient_from_whom_it_is_held_learns_nothing_of_it(row: dict[str, Any]) -> None:
    for clock in begin(row, outcome=Outcome.HELD):
        if clock.limit.responsible == "RECIPIENT":
            assert not clock.is_known
        assert clock.limit.starts.event in {Event.SENT, Event.DAY}


def test_every_limit_has_a_vector() -> None:
    called = {each.id for each in BOOK.limits.by_id.values() if each.limit.starts.event is Event.CALLED}
    assert {row["limit"] for row in ROWS} == BOOK.limits.by_id.keys() - called


def test_every_requirement_that_a_limit_implements_exists() -> None:
    listed = _requirements()
    unknown = {
        each for limit in BOOK.limits.by_id.values() for each in limit.limit.implements if each not in listed
    }
    assert unknown == set()


def test_every_time_limit_of_the_guidance_has_a_clock_or_says_why_not() -> None:
    implemented = {each for limit in _written() for each in limit.get("implements", ())}
    limits = {name: each for name, each in _requirements().items() if _LIMIT.fullmatch(name)}
    assert len(limits) > 150
    without = {name for name, each in limits.items() if "no_clock" in each}
    assert limits.keys() - without - implemented == set()
    assert without & implemented == set()


def test_the_review_of_what_went_without_agreement_is_that_of_the_gate() -> None:
    limit = BOOK.limits.by_id["NO_AGREEMENT"].limit
    assert limit.limit.amount == BOOK.gates.minimum_only.review_in_working_days


def _requirements() -> dict[str, dict[str, Any]]:
    listed: dict[str, Any] = yaml.safe_load((FOLDER / "requirements.yaml").read_text(encoding="utf-8"))
    found: dict[str, dict[str, Any]] = listed["requirements"]
    return found


def _written() -> list[dict[str, Any]]:
    """The limits of the file, those that are not chosen included."""
    written: dict[str, Any] = yaml.safe_load((FOLDER / "clocks.yaml").read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = written["limits"]
    return found
