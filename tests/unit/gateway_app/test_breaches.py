"""Breach cases: opened with their clock, filled from the log, settled step by step, exported."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.app.breaches.desk import (
    CLOCK,
    BreachClosedError,
    BreachDesk,
    UnknownBreachError,
    UnknownStepError,
)
from gateway.app.breaches.finding import Search
from gateway.app.breaches.view import BreachView
from gateway.app.clocks.firing import Timekeeper
from gateway.app.subject_acts import open_work
from gateway.core.deadlines.starting import ClockState
from services.kit.access.actor import Actor, Role, System
from tests.support.databases import NewDatabase
from tests.support.gateway import NOW, Gateway, Parties, open_gateway
from tests.support.identity import as_person
from tests.support.retiring import arrive

pytestmark = pytest.mark.both_databases

SETTLING = ("COMMISSIONER_NOTIFIED", "SUBJECTS_TOLD", "PARTIES_TOLD", "CAUSE_RECORDED")
REASON = "A notice went to the desk of a colleague who has left."


@pytest.fixture
async def gateway(parties: Parties, tmp_path: Path, databases: NewDatabase) -> AsyncIterator[Gateway]:
    async with open_gateway(parties, tmp_path, databases=databases) as opened:
        yield opened


def desk(gateway: Gateway) -> BreachDesk:
    return BreachDesk(gateway.store, gateway.tools, lambda: gateway.parties.world.rulebook.breaches)


def view(gateway: Gateway) -> BreachView:
    return BreachView(gateway.store, gateway.tools, lambda: gateway.parties.world.rulebook.breaches)


def officer(gateway: Gateway, kind: str = "PROBATION") -> Actor:
    organisation = gateway.parties.of_kind(kind)
    person = as_person(organisation, Role.DATA_PROTECTION_OFFICER, name="Ines Vale")
    return Actor(System(organisation, "console"), Role.DATA_PROTECTION_OFFICER, person)


async def clock_state(gateway: Gateway, breach_id: str) -> ClockState:
    async with open_work(gateway.store, gateway.tools) as work:
        (row,) = await work.unit.clocks.of_matters([breach_id])
        assert row.limit_id == CLOCK
        return row.state


async def test_the_hours_run_from_when_the_controller_knew(gateway: Gateway) -> None:
    knew = NOW - timedelta(hours=70)
    row = await desk(gateway).open(officer(gateway), "DISCLOSURE", knew, REASON)
    assert row.due_at == knew + timedelta(hours=72)
    assert await clock_state(gateway, row.breach_id) is ClockState.RUNNING


async def test_hours_that_have_passed_are_overdue_and_on_record(gateway: Gateway) -> None:
    row = await desk(gateway).open(officer(gateway), "LOSS", NOW - timedelta(hours=73), REASON)
    await Timekeeper(gateway.store, gateway.tools, interval_s=60).fire_due()
    assert await clock_state(gateway, row.breach_id) is ClockState.OVERDUE


async def test_telling_the_commissioner_ends_the_clock_and_the_last_duty_the_case(gateway: Gateway) -> None:
    actor = officer(gateway)
    row = await desk(gateway).open(actor, "DISCLOSURE", NOW, REASON)
    for step in SETTLING[:-1]:
        noted = await desk(gateway).note(actor, row.breach_id, step, NOW, f"Done: {step}.")
        assert noted.closed_at is None
    assert await clock_state(gateway, row.breach_id) is ClockState.MET
    closed = await desk(gateway).note(actor, row.breach_id, SETTLING[-1], NOW, "All on record.")
    assert closed.closed_at is not None
    changes = [
        json.loads(each.entry or "{}")["change"]
        for each in await gateway.records()
        if each.type == "BREACH_CHANGED"
    ]
    assert changes == ["OPENED", *SETTLING, "CLOSED"]
    shown = await view(gateway).get(actor, row.breach_id)
    assert [each.step for each in shown.steps] == list(SETTLING)
    assert {each.person for each in shown.steps} == {"Ines Vale"}
    assert all(each.settled_by for each in shown.breach.duties)
    assert await view(gateway).list(actor, include_closed=False) == []
    assert len(await view(gateway).list(actor, include_closed=True)) == 1


async def test_what_is_concerned_is_found_once_however_it_is_looked_for(gateway: Gateway) -> None:
    sealed = await arrive(gateway, "contribution")
    actor = officer(gateway, "PROBATION")
    row = await desk(gateway).open(actor, "DISCLOSURE", NOW, REASON)
    period = Search(since=NOW - timedelta(days=1), until=NOW + timedelta(days=1))
    added, count = await desk(gateway).find(actor, row.breach_id, period, "All of that day.")
    assert added == [sealed.exchange_id]
    assert count == 1
    by_id = Search(exchange_id=sealed.exchange_id)
    assert await desk(gateway).find(actor, row.breach_id, by_id, "This one.") == ([], 1)
    queries = [json.loads(each.entry or "{}") for each in await gateway.records() if each.type == "LOG_QUERY"]
    assert [each["queried"] for each in queries] == ["BREACH", "BREACH"]
    assert all(each["purpose"] == "INTEGRITY_AND_SECURITY" for each in queries)


async def test_a_search_finds_nothing_of_what_an_organisation_had_no_part_in(gateway: Gateway) -> None:
    sealed = await arrive(gateway, "contribution")
    stranger = officer(gateway, "DWP")
    row = await desk(gateway).open(stranger, "DISCLOSURE", NOW, REASON)
    found = await desk(gateway).find(
        stranger, row.breach_id, Search(exchange_id=sealed.exchange_id), "Is it?"
    )
    assert found == ([], 0)


async def test_the_export_holds_what_went_to_whom_and_names_nobody(gateway: Gateway) -> None:
    sealed = await arrive(gateway, "contribution")
    actor = officer(gateway)
    row = await desk(gateway).open(actor, "DISCLOSURE", NOW, REASON)
    await desk(gateway).find(actor, row.breach_id, Search(exchange_id=sealed.exchange_id), "This one.")
    pieces = [piece async for piece in view(gateway).export(actor, row.breach_id, "For the Commissioner.")]
    heading, *records = [json.loads(line) for line in b"".join(pieces).splitlines()]
    assert heading["exchanges"] == 1
    disclosed = [each for each in records if each["record"]["type"] == "DISCLOSURE"]
    assert disclosed
    assert all(each["record"]["exchange"] == sealed.exchange_id for each in records)
    assert all(len(each["record_hash"]) == 64 and each["index"] >= 0 for each in records)
    assert b"Quillfeather" not in b"".join(pieces)


async def test_another_organisation_s_case_is_as_unknown_as_none(gateway: Gateway) -> None:
    row = await desk(gateway).open(officer(gateway), "DISCLOSURE", NOW, REASON)
    other = officer(gateway, "POLICE")
    for breach_id in (row.breach_id, "no-such-case"):
        with pytest.raises(UnknownBreachError):
            await desk(gateway).note(other, breach_id, "CONTAINED", NOW, "Not mine.")
        with pytest.raises(UnknownBreachError):
            await view(gateway).get(other, breach_id)
    assert await view(gateway).list(other, include_closed=True) == []


async def test_a_step_that_the_law_has_not_changes_nothing(gateway: Gateway) -> None:
    row = await desk(gateway).open(officer(gateway), "DISCLOSURE", NOW, REASON)
    before = len(await gateway.records())
    with pytest.raises(UnknownStepError, match="COMMISSIONER_NOTIFIED"):
        await desk(gateway).note(officer(gateway), row.breach_id, "TOLD_BY_TELEGRAM", NOW, "Sent.")
    assert len(await gateway.records()) == before


async def test_nothing_is_added_to_a_closed_case(gateway: Gateway) -> None:
    actor = officer(gateway)
    row = await desk(gateway).open(actor, "DISCLOSURE", NOW, REASON)
    for step in SETTLING:
        await desk(gateway).note(actor, row.breach_id, step, NOW, "Done.")
    with pytest.raises(BreachClosedError):
        await desk(gateway).find(actor, row.breach_id, Search(exchange_id="one"), "More?")
