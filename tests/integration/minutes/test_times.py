"""Requests for minutes: clocks, what is registered, restarts (mappa:T-41 to mappa:T-45)."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from publicprotection.common.v1.organisation_pb2 import DeskReference

from services.kit.access.actor import Role
from services.kit.clock import FixedClock
from services.kit.minutes.errors import (
    MinutesRefusedError,
    NotApproverError,
)
from services.kit.rpc.errors import InvalidRequestError, RequestReusedError
from services.kit.subject_access.errors import FutureDayError
from tests.support.gateway import NOW, Parties
from tests.support.minutes import (
    COORDINATOR,
    CRIME,
    INFORMANT,
    POLICE,
    Unit,
    day,
    item,
    obstacle,
    open_unit,
    stated,
)


@pytest.mark.parametrize(
    ("kind", "changes", "due"),
    [
        ("SUBJECT", {}, "2026-11-24"),
        ("SUBJECT", {"received_by": POLICE}, "2026-12-23"),
        ("JOURNALIST", {}, "2026-12-21"),
        ("MARAC", {}, "2026-12-07"),
        ("MARAC", {"answer_by": day(date(2026, 12, 1))}, "2026-12-01"),
        ("MARAC", {"answer_by": day(date(2026, 12, 20))}, "2026-12-07"),
        ("COURT", {"answer_by": day(date(2027, 1, 8))}, "2027-01-08"),
        ("COURT", {"received_on": day(date(2026, 11, 20))}, "2026-12-18"),
    ],
)
async def test_each_clock_ends_and_not_before(
    unit: Unit, parties: Parties, kind: str, changes: dict[str, Any], due: str
) -> None:
    """mappa:T-41, mappa:T-42, mappa:T-43, mappa:T-44, mappa:T-45."""
    case_id = await unit.register(kind, **changes)
    at = (await unit.case(case_id)).summary.due_at.ToDatetime(tzinfo=NOW.tzinfo)
    assert (at - timedelta(microseconds=1)).date().isoformat() == due
    for moment, overdue in ((at - timedelta(seconds=1), 0), (at, 0), (at + timedelta(seconds=1), 1)):
        parties.clock.moment = moment
        assert len((await unit.call("ListMinutesCases", overdue_only=True)).cases) == overdue
        assert (await unit.case(case_id)).summary.overdue == bool(overdue)


async def test_bank_holidays_do_not_count(unit: Unit, parties: Parties) -> None:
    parties.clock.moment = NOW + timedelta(days=30)
    case_id = await unit.register("MARAC", received_on=day(date(2026, 12, 21)))
    due = (await unit.case(case_id)).summary.due_at.ToDatetime(tzinfo=NOW.tzinfo)
    assert due.date() == date(2027, 1, 7)  # Christmas, the day for Boxing Day, and New Year are none


async def test_a_late_answer_says_so(unit: Unit, parties: Parties) -> None:
    case_id = await unit.register("JOURNALIST")
    await unit.prepare(case_id, "NEITHER_CONFIRM_NOR_DENY")
    parties.clock.moment = NOW + timedelta(days=60)
    sent = await unit.send(case_id)
    assert (sent.summary.late, sent.summary.overdue) == (True, False)


async def test_what_cannot_be_registered(unit: Unit) -> None:
    for changes, error in (
        ({"kind": "NOBODY"}, InvalidRequestError),
        ({"received_on": day(date(2026, 11, 24))}, FutureDayError),
        ({"reply_to": []}, MinutesRefusedError),
        ({"requester": DeskReference(organisation="nobody", desk="x")}, Exception),
    ):
        with pytest.raises(error):
            await unit.call("RegisterMinutesRequest", **(stated("COURT") | changes))
    no_incident = stated("MARAC")
    del no_incident["incident_on"]
    with pytest.raises(MinutesRefusedError) as raised:
        await unit.call("RegisterMinutesRequest", **no_incident)
    assert obstacle(raised) == "INCIDENT_MISSING"
    assert not (await unit.call("ListMinutesCases", include_answered=True)).cases


async def test_a_request_is_registered_once(unit: Unit) -> None:
    first, second = await unit.register("COURT"), await unit.register("COURT")
    assert first == second
    with pytest.raises(RequestReusedError):
        await unit.register("COURT", words="Something else.")


async def test_a_restart_changes_nothing(parties: Parties, tmp_path: Path) -> None:
    """Between any two steps the process ends and begins again."""
    parties.clock = FixedClock(NOW)

    async def step(method: str, *arguments: Any, **fields: Any) -> Any:
        async with open_unit(parties, tmp_path) as unit:
            return await getattr(unit, method)(*arguments, **fields)

    case_id = await step("register", "SUBJECT", received_by=POLICE)
    await step("draft", case_id)
    left_out = item("discussion", INFORMANT, CRIME, "It names a source.", may_very_well_prejudice=True)
    await step("call", "DecideSummaryItems", case_id=case_id, exemptions=[left_out])
    await step("prepare", case_id, "SUMMARY")
    with pytest.raises(NotApproverError):
        await step("approve", case_id, Role.MEETING_CHAIR, COORDINATOR)
    await step("approve", case_id)
    first = await step("send", case_id)
    again = await step("send", case_id)
    assert first.exchange_ids == again.exchange_ids
    assert await step("sent") == ["ExecutiveSummary", "MinutesReply"]
    history = [each.event for each in (await step("case", case_id)).history]
    steps = "COMPOSED CONTRIBUTORS_ASKED CONTRIBUTOR_HEARD DECIDED PREPARED APPROVED SENT SENT ANSWERED READ"
    assert history == ["REGISTERED", *steps.split()]


async def test_a_process_that_ends_while_it_sends_goes_on(
    unit: Unit, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id = await unit.register("SUBJECT", received_by=POLICE)
    await unit.draft(case_id)
    await unit.prepare(case_id, "SUMMARY")
    await unit.approve(case_id)
    submit = unit.member.outbox.submit

    async def submit_the_first(header: Any, document: Any, **more: Any) -> Any:
        if document.DESCRIPTOR.name == "MinutesReply":
            raise ConnectionError
        return await submit(header, document, **more)

    with monkeypatch.context() as patched:
        patched.setattr(unit.member.outbox, "submit", submit_the_first)
        with pytest.raises(ConnectionError):
            await unit.send(case_id)
    assert await unit.sent() == ["ExecutiveSummary"]
    await unit.send(case_id)
    assert await unit.sent() == ["ExecutiveSummary", "MinutesReply"]
