"""What the use cases about agreements rely on in a store, whatever it is made of."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gateway.adapters.database import DatabaseStore, open_store
from gateway.app.agreement_rows import AbstractRow, AgreementRow, FlowCountRow
from gateway.app.rows import (
    DeliveryRow,
    ExchangeRow,
    HoldRow,
    HoldState,
    PacketRow,
    SubmissionRow,
    SubmissionState,
)
from gateway.core.tallies import Figure, Tally
from services.kit.calendar import local_day
from tests.support.databases import Database

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
EVENT = AgreementRow(
    "PROPOSED", "pair", "1", "alpha", "ab" * 32, "CHIEF", "", "cd" * 32, "id: pair", "s-1", "01" * 32, NOW
)
HOLD = HoldRow("h-1", "e-1", "beta", "front", "gamma", "AGREEMENT", "{}", "k", HoldState.OPEN, NOW, NOW)


@pytest.fixture
async def store(database: Database) -> AsyncIterator[DatabaseStore]:
    async with await open_store(database.url, database.access) as opened:
        yield opened


async def exchange(store: DatabaseStore, exchange_id: str, sender: str) -> None:
    async with store.writing() as unit:
        await unit.submissions.add(
            SubmissionRow(exchange_id, sender, "ab" * 32, "ReleaseNotice", SubmissionState.ACCEPTED, NOW, NOW)
        )
        row = ExchangeRow(exchange_id, sender, "ReleaseNotice", 1, 0, NOW, "s-1", None, "cd" * 32, None)
        await unit.register.add(row)


async def test_events_come_back_in_order_and_the_newest_is_the_head(store: DatabaseStore) -> None:
    later = replace(EVENT, kind="SIGNED", text=None, scope=None, record_hash="02" * 32)
    async with store.writing() as unit:
        assert await unit.agreements.head() is None
        await unit.agreements.add(EVENT)
        await unit.agreements.add(later)
        assert await unit.agreements.head() == later.record_hash
    async with store.reading() as unit:
        await unit.agreements.keep_still("agreements")
        assert await unit.agreements.all() == [replace(EVENT, position=1), replace(later, position=2)]


async def test_an_event_that_is_undone_is_no_head(store: DatabaseStore) -> None:
    async with store.writing() as unit:
        await unit.agreements.add(EVENT)
        with pytest.raises(ZeroDivisionError):  # noqa: PT012  # what is undone is the whole block
            async with unit.savepoint():
                await unit.agreements.add(replace(EVENT, record_hash="02" * 32))
                raise ZeroDivisionError
        assert await unit.agreements.head() == EVENT.record_hash


async def test_abstracts_are_found_by_who_took_part_newest_first(store: DatabaseStore) -> None:
    first = AbstractRow("e-1", ("alpha", "beta", "beta"), b"one", NOW)
    second = AbstractRow("e-2", ("beta", "gamma"), b"two", NOW + timedelta(hours=1))
    async with store.writing() as unit, unit.together():
        await unit.abstracts.add(first)
        await unit.abstracts.add(second)
    async with store.writing() as unit:
        await unit.abstracts.replace(replace(first, body=b"again", decided_at=NOW + timedelta(hours=2)))
    async with store.reading() as unit:
        found = await unit.abstracts.newest(["alpha", "beta"], 10)
        assert [(each.exchange_id, each.body) for each in found] == [("e-1", b"again"), ("e-2", b"two")]
        assert [each.exchange_id for each in await unit.abstracts.newest(["gamma"], 10)] == ["e-2"]
        assert [each.exchange_id for each in await unit.abstracts.newest(["beta"], 1)] == ["e-1"]
        assert await unit.abstracts.newest(["delta"], 10) == []


async def test_an_abstract_goes_with_its_exchange(store: DatabaseStore) -> None:
    await exchange(store, "e-1", "alpha")
    async with store.writing() as unit:
        await unit.abstracts.add(AbstractRow("e-1", ("alpha",), b"one", NOW))
        await unit.expiry.drop_exchanges(["e-1"])
    async with store.reading() as unit:
        assert await unit.abstracts.newest(["alpha"], 10) == []


async def test_under_way_is_what_waits_or_has_not_left_between_these(store: DatabaseStore) -> None:
    for exchange_id, sender in (("e-1", "alpha"), ("e-2", "alpha"), ("e-3", "alpha"), ("e-4", "omega")):
        await exchange(store, exchange_id, sender)
    async with store.writing() as unit:
        await unit.holds.add([HOLD, replace(HOLD, hold_id="h-4", exchange_id="e-4")])
        await unit.holds.add([replace(HOLD, hold_id="h-3", exchange_id="e-3", state=HoldState.GRANTED)])
        await unit.outgoing.add(PacketRow("p-2", "beta", "exchange:e-2", "ab" * 32, b"sealed", NOW))
        await unit.deliveries.add(
            DeliveryRow(
                "d-2", "e-2", "beta", "front", "p-2", "ab" * 32, "cd" * 32, ("document.a",), None, NOW
            )
        )
        assert await unit.flows.under_way(["alpha", "beta"]) == ["e-1", "e-2"]
        assert await unit.flows.under_way(["alpha", "gamma"]) == []
        await unit.outgoing.mark_published(["p-2"], NOW)
        assert await unit.flows.under_way(["alpha", "beta"]) == ["e-1"]


async def test_flows_tried_without_an_agreement_are_added_up_over_days(
    store: DatabaseStore,
) -> None:
    day = NOW.date()
    tally = Tally(day, Figure.UNCOVERED, "alpha", "beta", document_type="ReleaseNotice", purpose=1)
    async with store.writing() as unit:
        unit.tallies.add([tally, replace(tally, day=day - timedelta(days=40), purpose=2)])
        unit.tallies.add([replace(tally, recipient="gamma"), replace(tally, figure=Figure.HELD)])
    async with store.reading() as unit:
        assert await unit.flows.tried() == [
            FlowCountRow("alpha", "beta", "ReleaseNotice", 2, day),
            FlowCountRow("alpha", "gamma", "ReleaseNotice", 1, day),
        ]


async def test_flows_that_wait_count_each_exchange_once(store: DatabaseStore) -> None:
    for exchange_id in ("e-1", "e-2", "e-3"):
        await exchange(store, exchange_id, "alpha")
    open_ = replace(HOLD, sender="alpha", document_type="ReleaseNotice")
    lifted = replace(open_, hold_id="h-2", exchange_id="e-2", state=HoldState.LIFTED)
    other = replace(open_, hold_id="h-3", exchange_id="e-3", prerequisite="OWNER_AGREES")
    async with store.writing() as unit:
        await unit.holds.add([open_, replace(open_, hold_id="h-4"), lifted, other])
    async with store.reading() as unit:
        found = await unit.flows.waiting("AGREEMENT")
    assert found == [FlowCountRow("alpha", "beta", "ReleaseNotice", 1, local_day(HOLD.opened_at))]
