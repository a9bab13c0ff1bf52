"""Pruning: bodies go at the end of their class, hashes stay, the log verifies, and legal holds hold."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from publicprotection.oversight.v1 import retention_service_pb2 as pb2
from publicprotection.oversight.v1.disclosure_log_service_pb2 import (
    LOG_PURPOSE_SELF_MONITORING,
    ListRecordsRequest,
    WholeLog,
)

from gateway.app.due import DueView
from gateway.app.erasing import EraseDesk
from gateway.app.legal_holds import LegalHoldDesk
from gateway.app.log_view import LogView
from gateway.app.pruning import Pruner
from gateway.app.records import RecordType, record
from gateway.app.scopes import exchange_scope
from gateway.app.subject_acts import open_work
from tests.support.acting import officer
from tests.support.gateway import NOW, Gateway, Parties, Sealed
from tests.support.retiring import (
    ACTING,
    act,
    arrive,
    put_in_order,
    scopes_kept,
    secrets_of,
    subject_of,
    texts_open,
    traces,
)
from tests.unit.gateway_app.test_log_export import export, verify, witness

EVERYTHING = WholeLog()


@pytest.fixture(autouse=True)
def lasting(parties: Parties, monkeypatch: pytest.MonkeyPatch) -> None:
    """A directory that is in force in all the years of these tests."""
    lasting = replace(parties.directory, valid_until=NOW.replace(year=2090))
    monkeypatch.setattr(parties, "directory", lasting)


@pytest.fixture
def a_year(parties: Parties, monkeypatch: pytest.MonkeyPatch) -> None:
    """Classes that end within the life of one key."""
    retention = parties.world.rulebook.retention
    classes = tuple(each.model_copy(update={"years": each.years and 1}) for each in retention.classes)
    book = replace(parties.world.rulebook, retention=retention.model_copy(update={"classes": classes}))
    monkeypatch.setattr(parties, "world", replace(parties.world, rulebook=book))


@pytest.fixture
async def taken(gateway: Gateway) -> Sealed:
    """A restriction notice that everybody confirmed."""
    return await arrive(gateway, "restrictions")


def years_later(gateway: Gateway, years: int, days: int = 0) -> None:
    gateway.parties.clock.moment = NOW.replace(year=NOW.year + years) + timedelta(days=days)


async def prune(gateway: Gateway, batch: int = 100) -> int:
    await put_in_order(gateway)
    return await Pruner(gateway.store, gateway.tools, interval_s=1, batch=batch).prune()


async def about(gateway: Gateway, sealed: Sealed) -> list[bool]:
    """For each record of an exchange whether its body is there."""
    rows = await gateway.records()
    return [row.entry is not None for row in rows if row.exchange_id == sealed.exchange_id]


async def test_every_record_is_written_in_its_class(gateway: Gateway, taken: Sealed) -> None:
    rows = [row for row in await gateway.records() if row.exchange_id == taken.exchange_id]
    assert {"COLLECTION", "DISCLOSURE", "RECEIPT"} <= {row.type for row in rows}
    assert {row.retention_class for row in rows if row.type != "SUBJECT_LINKED"} == {"MAPPA_CASE"}
    assert all(json.loads(row.entry or "{}")["retention"] == row.retention_class for row in rows)


@pytest.mark.both_databases
async def test_bodies_keys_and_people_go_at_the_end_of_the_class(gateway: Gateway, taken: Sealed) -> None:
    gone, subject = secrets_of(gateway, exchange_scope(taken.exchange_id)), await subject_of(gateway, taken)
    years_later(gateway, 25)
    assert await prune(gateway) == 0
    assert all(await about(gateway, taken))
    years_later(gateway, 25, days=1)
    count = await prune(gateway)
    rows = await gateway.records()
    assert count == sum(row.entry is None for row in rows) > 2
    assert await texts_open(gateway, taken.exchange_id) == 0
    assert traces([gateway.folder], gone) == set()
    async with gateway.store.reading() as unit:
        assert await unit.subjects.reached([subject]) == []
    said = json.loads(rows[-1].entry or "{}")
    assert (said["type"], said["verb"], said["item"]) == ("RECORDS_PRUNED", "ERASURE", "MAPPA_CASE")
    assert (said["records"], said["first_index"]) == (count, min(_pruned(rows)))
    assert said["last_index"] == max(_pruned(rows))
    assert not {"subject", "subjects", "exchange"} & said.keys()
    assert await prune(gateway) == 0


def _pruned(rows: Any) -> list[int]:
    return [row.leaf_index for row in rows if row.entry is None]


@pytest.mark.usefixtures("a_year")
async def test_what_is_left_still_proves_itself(gateway: Gateway) -> None:
    gateway.parties.clock.moment = NOW - timedelta(days=20)
    taken = await arrive(gateway, "restrictions")
    await witness(gateway)
    years_later(gateway, 0, days=350)
    assert await prune(gateway)
    await put_in_order(gateway)
    await witness(gateway)
    records = len(await gateway.records())
    assert verify(gateway, await export(gateway, everything=EVERYTHING)).records == records
    assert verify(gateway, await export(gateway, exchange_id=taken.exchange_id)).records
    view = LogView(gateway.store, gateway.tools)
    asked = ListRecordsRequest(purpose=LOG_PURPOSE_SELF_MONITORING, acting=ACTING)
    assert len(await view.page(officer(), asked)) == records
    # Nothing says any more that they were its own.
    assert await view.page(officer(taken.organisation), asked) == []


@pytest.mark.parametrize("on", ["subject", "exchange"])
async def test_a_legal_hold_stops_pruning(gateway: Gateway, taken: Sealed, on: str) -> None:
    holds = LegalHoldDesk(gateway.store, gateway.tools)
    subject = await subject_of(gateway, taken)
    place = (subject, "") if on == "subject" else ("", taken.exchange_id)
    held = await holds.place(act(gateway), *place)
    years_later(gateway, 30)
    assert await prune(gateway) == 0
    assert all(await about(gateway, taken))
    await holds.lift(act(gateway), held)
    assert await prune(gateway) > 0
    assert not all(await about(gateway, taken))


async def test_what_was_asked_about_somebody_held_stays(gateway: Gateway, taken: Sealed) -> None:
    view = LogView(gateway.store, gateway.tools)
    asked = ListRecordsRequest(purpose=LOG_PURPOSE_SELF_MONITORING, acting=ACTING)
    await view.page(officer(), asked)
    asked.subject.subject = await subject_of(gateway, taken)
    await view.page(officer(), asked)
    await LegalHoldDesk(gateway.store, gateway.tools).place(act(gateway), asked.subject.subject, "")
    years_later(gateway, 7)
    assert await prune(gateway) == 1
    assert [row.entry is None for row in await gateway.records("LOG_QUERY")] == [True, False]


async def test_a_query_goes_with_who_asked_and_only_that(gateway: Gateway, taken: Sealed) -> None:
    asked = ListRecordsRequest(purpose=LOG_PURPOSE_SELF_MONITORING, acting=ACTING)
    asked.subject.subject = await subject_of(gateway, taken)
    await LogView(gateway.store, gateway.tools).page(officer(), asked)
    [query] = await gateway.records("LOG_QUERY")
    scope = f"act:{json.loads(query.entry or '{}')['scope']}"
    kept = scopes_kept(gateway)
    assert scope in kept
    years_later(gateway, 7)
    assert await prune(gateway) == 1
    assert scopes_kept(gateway) == kept - {scope}
    assert all(await about(gateway, taken))


async def test_an_exchange_waits_for_its_last_record(gateway: Gateway, taken: Sealed) -> None:
    years_later(gateway, 20)
    async with open_work(gateway.store, gateway.tools) as work:
        said = {"exchange": taken.exchange_id, "recipient": "kent-police/ppu", "delivery": "d"}
        hashes = {"statement_hash": "0" * 64, "disclosure": "0" * 64}
        await record(work, RecordType.RECEIPT, **said, **hashes)
    years_later(gateway, 44)
    assert await prune(gateway) == 0
    years_later(gateway, 46)
    assert await prune(gateway) > 0


async def test_pages_end(gateway: Gateway) -> None:
    for _ in range(3):
        await arrive(gateway, "restrictions")
    years_later(gateway, 30)
    assert await prune(gateway, batch=1) >= 6
    pruned = await gateway.records("RECORDS_PRUNED")
    assert len(pruned) == 3
    assert all(row.retention_class == "GOVERNANCE" for row in pruned)


async def test_due_is_told_before_it_happens(gateway: Gateway, taken: Sealed) -> None:
    view = DueView(gateway.store, gateway.tools)
    held = await LegalHoldDesk(gateway.store, gateway.tools).place(act(gateway), "", taken.exchange_id)
    request = pb2.ListDueRequest(purpose=LOG_PURPOSE_SELF_MONITORING, acting=ACTING)
    assert await view.list(officer(), request) == []
    request.until.FromDatetime(datetime(2060, 1, 1, tzinfo=UTC))
    queries, exchange = await view.list(officer(), request)
    assert (queries.retention_class, queries.records, queries.exchange_id) == ("CONSULTATION", 2, "")
    assert queries.due_at.ToDatetime(UTC) == NOW.replace(year=NOW.year + 6)
    assert (exchange.retention_class, exchange.exchange_id) == ("MAPPA_CASE", taken.exchange_id)
    assert (exchange.then, exchange.legal_hold_id) == (pb2.RETENTION_END_PRUNE, held)
    assert exchange.due_at.ToDatetime(UTC) == NOW.replace(year=NOW.year + 25)
    request.after_exchange = taken.exchange_id
    assert await view.list(officer(), request) == []
    assert len(await gateway.records("LOG_QUERY")) == 3


async def test_an_erased_exchange_is_pruned_in_its_time(gateway: Gateway, taken: Sealed) -> None:
    await EraseDesk(gateway.store, gateway.tools).erase_exchange(act(gateway), taken.exchange_id, recall=True)
    years_later(gateway, 26)
    assert await prune(gateway) > 0
    rows = [row for row in await gateway.records() if row.exchange_id == taken.exchange_id]
    assert {row.type for row in rows if row.entry} == {"EXCHANGE_ERASED", "SUBJECT_LINKED"}


async def test_the_dwp_may_use_a_notice_until_its_last_restriction_ends(gateway: Gateway) -> None:
    def soon(_header: Any, document: Any) -> None:
        for each in document.restrictions:
            each.end.year, each.end.month, each.end.day = 2026, 12, 1
            each.start.CopyFrom(each.end)

    assert await gateway.take(gateway.step("restrictions", change=soon).arrival) == [None]
    until = {}
    for kind in ("DWP", "POLICE"):
        _, [(_, release)] = await gateway.received(gateway.parties.of_kind(kind))
        until[kind] = release.statement.not_after
    assert until == {"DWP": datetime(2026, 12, 1, tzinfo=UTC), "POLICE": NOW + timedelta(days=28)}
    stated = {json.loads(row.entry or "{}")["not_after"] for row in await gateway.records("DISCLOSURE")}
    assert datetime(2026, 12, 1, tzinfo=UTC).isoformat() in stated


async def test_a_clock_ahead_of_the_directory_deletes_nothing(gateway: Gateway, taken: Sealed) -> None:
    years_later(gateway, 70)
    assert await prune(gateway) == 0
    assert all(await about(gateway, taken))


async def test_minutes_wait_for_a_review_on_the_hundredth_birthday(
    gateway: Gateway, taken: Sealed, parties: Parties, monkeypatch: pytest.MonkeyPatch
) -> None:
    retention = parties.world.rulebook.retention
    minutes = retention.find("MAPPA_MINUTES")
    assert minutes is not None
    minutes = minutes.model_copy(update={"id": "MAPPA_CASE"})
    book = replace(parties.world.rulebook, retention=retention.model_copy(update={"classes": (minutes,)}))
    monkeypatch.setattr(parties, "world", replace(parties.world, rulebook=book))
    years_later(gateway, 60)
    assert await prune(gateway) == 0
    request = pb2.ListDueRequest(purpose=LOG_PURPOSE_SELF_MONITORING, acting=ACTING)
    [item] = await DueView(gateway.store, gateway.tools).list(officer(), request)
    assert (item.exchange_id, item.then) == (taken.exchange_id, pb2.RETENTION_END_REVIEW)
    # The story's subject was born on 14 March 1987.
    assert item.due_at.ToJsonString() == "2087-03-14T00:00:00Z"
