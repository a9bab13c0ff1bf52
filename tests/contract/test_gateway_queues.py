"""What the queue of holds and the board of clocks rely on in a store, whatever it is made of."""

import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.dialects import sqlite

from gateway.adapters.database import DatabaseStore, open_store
from gateway.adapters.database.clock_queries import ended_query, page_query
from gateway.adapters.database.clock_queries import tally_query as clock_tally_query
from gateway.adapters.database.hold_queue import queue_query, tally_query
from gateway.app.clocks.rows import ClockCounting, ClockFilter, ClockOrder, ClockRow, ClockSight, ClockTally
from gateway.app.hold_filter import HoldFilter, HoldOrder, HoldTally
from gateway.app.keyset import Place, read_place, write_place
from gateway.app.rows import ExchangeRow, HoldRow, HoldState, SubmissionRow, SubmissionState
from gateway.core.deadlines.starting import ClockState
from tests.support.databases import Database, FileDatabase

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
KENT = frozenset({"kent-prison", "kent-police"})
EVERYTHING = HoldFilter(KENT, order=HoldOrder.ESCALATION)
HOLD = HoldRow(
    "h-0", "e-1", "kent-police", "front", "essex-probation", "OWNER_AGREES", "{}", "k",
    HoldState.OPEN, NOW, NOW,
    sender="kent-prison", document_type="ReleaseNotice",
)  # fmt: skip
CLOCK = ClockRow(
    "c-0", "CHILD_UNANSWERED", "e-1", "ChildReferral", "kent-prison", "kent-police", "SOCIAL_WORKER",
    None, None, None, "s-1", ClockState.RUNNING, is_known=True, is_told=True, opened_at=NOW, started_at=NOW,
)  # fmt: skip
_SQLITE = sqlite.dialect(paramstyle="qmark")
sqlite_only = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
async def store(database: Database) -> AsyncIterator[DatabaseStore]:
    async with await open_store(database.url, database.access) as store:
        async with store.writing() as unit:
            submission = SubmissionRow("e-1", "p", "a" * 64, "D", SubmissionState.ACCEPTED, NOW, NOW)
            await unit.submissions.add(submission)
            await unit.register.add(ExchangeRow("e-1", "p", "D", 1, 0, NOW, "s-1", None, "c" * 64, None))
        yield store


async def open_holds(store: DatabaseStore, *holds: HoldRow) -> None:
    async with store.writing() as unit:
        await unit.holds.add(holds)


async def queued(store: DatabaseStore, wanted: HoldFilter, limit: int = 10) -> list[str]:
    async with store.reading() as unit:
        return [hold.hold_id for hold in await unit.holds.queue(wanted, limit)]


def hold(number: int, **other: Any) -> HoldRow:
    return replace(HOLD, hold_id=f"h-{number}", **other)


async def test_those_escalated_longest_ago_come_first_and_pages_follow_each_other(
    store: DatabaseStore,
) -> None:
    late, early, same = hold(1, escalates_at=NOW + HOUR), hold(2, escalates_at=NOW - HOUR), hold(3)
    await open_holds(store, late, early, hold(4), same)
    assert await queued(store, replace(EVERYTHING, order=HoldOrder.AGE)) == ["h-1", "h-2", "h-4", "h-3"]
    assert await queued(store, EVERYTHING) == ["h-2", "h-4", "h-3", "h-1"]
    async with store.reading() as unit:
        rows = await unit.holds.queue(EVERYTHING, 2)
    after = read_place(write_place(rows[1].position, rows[1].escalates_at))
    assert await queued(store, replace(EVERYTHING, after=after)) == ["h-3", "h-1"]


async def test_a_hold_is_found_by_each_of_its_marks_and_only_while_it_is_open(store: DatabaseStore) -> None:
    other = hold(2, organisation="", prerequisite="AGREEMENT", document_type="AdultConcern", sender="essex")
    await open_holds(store, hold(1), other, hold(3, escalates_at=NOW + HOUR))
    marks: Sequence[tuple[dict[str, Any], list[str]]] = [
        ({"owner": "essex-probation"}, ["h-1", "h-3"]),
        ({"is_unowned": True}, ["h-2"]),
        ({"prerequisite": "AGREEMENT"}, ["h-2"]),
        ({"document_type": "ReleaseNotice"}, ["h-1", "h-3"]),
        ({"exchange_id": "e-2"}, []),
        ({"escalated_by": NOW}, ["h-1", "h-2"]),
        ({"concerned": frozenset({"essex-probation"})}, ["h-1", "h-3"]),
        ({"concerned": frozenset({"kent-prison"})}, ["h-1", "h-3"]),
        ({"concerned": frozenset({"nobody"})}, []),
        ({"concerned": frozenset()}, []),
    ]
    for mark, expected in marks:
        assert await queued(store, replace(EVERYTHING, **mark)) == expected, mark
    async with store.writing() as unit:
        await unit.holds.close("h-1", HoldState.GRANTED, NOW)
    assert await queued(store, EVERYTHING) == ["h-2", "h-3"]


async def test_open_holds_are_counted_by_owner_prerequisite_and_document(store: DatabaseStore) -> None:
    closed = hold(4, state=HoldState.DECLINED)
    mine = hold(3, opened_at=NOW - HOUR, escalates_at=NOW + HOUR)
    foreign = hold(5, sender="essex", recipient_organisation="essex")
    await open_holds(store, hold(1), hold(2, organisation=""), mine, closed, foreign)
    async with store.reading() as unit:
        counted = await unit.holds.tally(KENT, NOW)
    kind = ("OWNER_AGREES", "ReleaseNotice")
    assert sorted(counted, key=lambda each: each.owner) == [
        HoldTally("", *kind, open=1, escalated=1, oldest=NOW),
        HoldTally("essex-probation", *kind, open=2, escalated=1, oldest=NOW - HOUR),
    ]


async def start(store: DatabaseStore, *clocks: ClockRow) -> None:
    async with store.writing() as unit:
        await unit.clocks.add(clocks)


def clock(number: int, hours: int | None, **other: Any) -> ClockRow:
    due = None if hours is None else NOW + hours * HOUR
    return replace(CLOCK, clock_id=f"c-{number}", due_at=due, **other)


async def listed(store: DatabaseStore, limit: int = 10, **wanted: Any) -> list[str]:
    async with store.reading() as unit:
        return [row.clock_id for row in await unit.clocks.page(_clocks(**wanted), limit)]


def _clocks(**wanted: Any) -> ClockFilter:
    seen = ClockSight(all_of=KENT)
    return ClockFilter(**{"sight": seen, "states": frozenset({ClockState.RUNNING}), **wanted})


async def test_clocks_come_by_age_by_what_is_due_or_newest_first(store: DatabaseStore) -> None:
    await start(store, clock(1, 3), clock(2, None), clock(3, 1), clock(4, 1))
    assert await listed(store) == ["c-1", "c-2", "c-3", "c-4"]
    assert await listed(store, order=ClockOrder.DUE) == ["c-3", "c-4", "c-1"]
    assert await listed(store, order=ClockOrder.NEWEST) == ["c-4", "c-3", "c-2", "c-1"]
    after = Place(3, NOW + HOUR)
    assert await listed(store, order=ClockOrder.DUE, after=after) == ["c-4", "c-1"]
    assert await listed(store, order=ClockOrder.NEWEST, after=Place(3)) == ["c-2", "c-1"]
    assert await listed(store, after=Place(3)) == ["c-4"]


async def test_clocks_are_found_by_who_owes_by_limit_and_by_person(store: DatabaseStore) -> None:
    other = clock(2, 1, organisation="essex-probation", limit_id="ADULT_TRIAGE", subject_id="s-2")
    await start(store, clock(1, 1), other, clock(3, 1, sender="essex", organisation="essex"))
    assert await listed(store) == ["c-1", "c-2"]
    assert await listed(store, sight=ClockSight()) == ["c-1", "c-2", "c-3"]
    assert await listed(store, responsible="essex-probation") == ["c-2"]
    assert await listed(store, limit_ids=frozenset({"ADULT_TRIAGE", "CHILD_UNANSWERED"})) == ["c-1", "c-2"]
    assert await listed(store, limit_ids=frozenset({"ADULT_TRIAGE"})) == ["c-2"]
    assert await listed(store, subject_id="s-1") == ["c-1"]
    assert await listed(store, clock_id="c-2") == ["c-2"]


async def test_clocks_that_run_are_counted_by_who_owes_and_limit(store: DatabaseStore) -> None:
    late = clock(2, -1, state=ClockState.OVERDUE, escalated=True)
    kept = clock(3, 1, state=ClockState.MET, ended_at=NOW)
    waits = clock(4, None, state=ClockState.WAITING)
    hidden = clock(5, 1, is_known=False, sender="essex")
    await start(store, clock(1, 1), late, kept, waits, clock(6, 9), hidden)
    async with store.reading() as unit:
        whole = await unit.clocks.tally(ClockCounting(ClockSight(all_of=KENT), NOW + 2 * HOUR))
        own = await unit.clocks.tally(ClockCounting(ClockSight(parties=frozenset({"kent-police"})), NOW))
        none = await unit.clocks.tally(ClockCounting(ClockSight(all_of=frozenset()), NOW))
    kind = ("kent-police", "CHILD_UNANSWERED")
    assert whole == [ClockTally(*kind, running=3, due_soon=2, overdue=1, escalated=1)]
    assert own == [ClockTally(*kind, running=2, due_soon=0, overdue=1, escalated=1)]
    assert none == []


async def test_what_came_late_is_counted_for_a_while_back(store: DatabaseStore) -> None:
    def ended(number: int, state: ClockState, hours: int, **other: Any) -> ClockRow:
        return clock(number, 1, state=state, ended_at=NOW + hours * HOUR, **other)

    late, other = ClockState.LATE, {"limit_id": "ADULT_TRIAGE"}
    rows = (ended(1, late, 0), ended(2, late, -1), ended(3, ClockState.MET, 1), ended(4, late, 1, **other))
    await start(store, *rows, clock(5, 1), ended(6, ClockState.ENDED, 1))
    limits = frozenset({"CHILD_UNANSWERED"})
    counting = ClockCounting(ClockSight(all_of=KENT), NOW, limits, NOW)
    async with store.reading() as unit:
        assert await unit.clocks.tally(counting) == [
            ClockTally("kent-police", "CHILD_UNANSWERED", running=1, met=1, late=1)
        ]
        assert await unit.clocks.tally(replace(counting, sight=ClockSight(all_of=frozenset()))) == []
        without = await unit.clocks.tally(replace(counting, ended_since=None))
    assert [(each.met, each.late) for each in without] == [(0, 0)]


LATE = _clocks(states=frozenset({ClockState.LATE}), limit_ids=frozenset({"X"}), order=ClockOrder.NEWEST)
COUNTING = ClockCounting(ClockSight(all_of=KENT), NOW, frozenset({"CHILD_UNANSWERED", "X"}), NOW)
QUERIES = [
    (queue_query(EVERYTHING), "ix_hold_escalation"),
    (queue_query(replace(EVERYTHING, after=Place(1, NOW))), "ix_hold_escalation"),
    (queue_query(replace(EVERYTHING, order=HoldOrder.AGE)), "ix_hold_open"),
    (queue_query(replace(EVERYTHING, owner="essex-probation")), "ix_hold_owner"),
    (tally_query(KENT, NOW), "ix_hold_"),
    (page_query(_clocks(order=ClockOrder.DUE)), "ix_clock_due"),
    (page_query(_clocks(order=ClockOrder.DUE, after=Place(1, NOW))), "ix_clock_due"),
    (page_query(_clocks(clock_id="c-1")), "sqlite_autoindex_clock_1"),
    (page_query(_clocks(subject_id="s-1")), "ix_clock_subject_id"),
    (page_query(LATE), "ix_clock_limit"),
    (clock_tally_query(replace(COUNTING, limit_ids=frozenset())), "COVERING INDEX ix_clock_live"),
    (ended_query(COUNTING, NOW), "COVERING INDEX ix_clock_ended"),
]


@sqlite_only
@pytest.mark.parametrize("query", range(len(QUERIES)))
async def test_what_has_ended_is_not_gone_through(
    store: DatabaseStore, database: Database, query: int
) -> None:
    assert isinstance(database, FileDatabase)
    await store.ping()
    asked, index = QUERIES[query]
    # With parameters, as it is run: of a parameter SQLite proves nothing.
    compiled = asked.limit(100).compile(dialect=_SQLITE, compile_kwargs={"render_postcompile": True})
    values = [compiled.params[name] for name in compiled.positiontup or ()]
    with closing(sqlite3.connect(database.path)) as connection:
        rows = connection.execute(f"EXPLAIN QUERY PLAN {compiled}", [str(each) for each in values])
        plan = "".join(f"{row[3]}; " for row in rows)
    assert index in plan
    assert "SCAN hold;" not in plan
    assert "SCAN clock;" not in plan
