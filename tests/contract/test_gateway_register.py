"""What the register relies on in a store: its filters and pages are, on each database, as said in memory."""

import random
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from publicprotection.exchange.v1.header_pb2 import PURPOSE_MANAGE_RISK
from publicprotection.oversight.v1 import register_service_pb2 as pb2

from gateway.adapters.database import DatabaseStore, open_store
from gateway.adapters.database import register as listings
from gateway.app.register import paging
from gateway.app.register.filters import read_filter
from gateway.app.register.listing import Listed, Part, passing_terms, terms_of
from gateway.app.register.paging import Page, read_page
from gateway.app.register.rows import FIRST, Cursor, Result, SavedFilterRow, TelephoneRow
from gateway.app.sight import Sight
from tests.support.databases import Database
from tests.support.listing import ORGANISATIONS, START, Made, draw_filter, keep, make_exchanges, meeting

EVERYTHING = Sight(None, whole=True, people=False)
AREA = Sight(frozenset(ORGANISATIONS[:3]), whole=True, people=True)
OWN = Sight(frozenset(ORGANISATIONS[:1]), whole=False, people=False)
NUMBER = 100
OLDEST = Cursor(older=False, position=0)


@pytest.fixture
async def store(database: Database) -> AsyncIterator[DatabaseStore]:
    async with await open_store(database.url, database.access) as opened:
        yield opened


@pytest.fixture
def made() -> list[Made]:
    return make_exchanges(NUMBER, seed=8)


@pytest.fixture
def short_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page looks at so few entries that it often ends before it is full."""
    monkeypatch.setattr(listings, "_REACH", 12)
    monkeypatch.setattr(listings, "_LEAST_REACH", 3)
    monkeypatch.setattr(paging, "_ROUNDS", 2)


async def read(
    store: DatabaseStore, sight: Sight, asked: pb2.RegisterFilter, cursor: Cursor, size: int
) -> Page:
    async with store.reading() as unit:
        wanted = await read_filter(unit, sight, asked)
        assert wanted is not None
        return await read_page(unit, wanted, cursor, size)


async def walk(
    store: DatabaseStore, sight: Sight, asked: pb2.RegisterFilter, start: Cursor, size: int
) -> list[list[int]]:
    """The positions of every page, in one direction."""
    pages, cursor = [], start
    for _ in range(NUMBER * 2):
        page = await read(store, sight, asked, cursor, size)
        pages.append([row.position for row in page.rows])
        if page.forward is None:
            return pages
        assert page.forward != cursor, "a page goes on from where it began"
        cursor = page.forward
    raise AssertionError("pages without end")


def flat(pages: Sequence[Sequence[int]]) -> list[int]:
    return [position for page in pages for position in page]


@pytest.mark.usefixtures("short_reach")
@pytest.mark.parametrize("sight", [EVERYTHING, AREA, OWN], ids=["everything", "area", "own"])
async def test_pages_hold_all_that_meets_a_filter_once_in_both_directions(
    store: DatabaseStore, made: list[Made], sight: Sight
) -> None:
    await keep(store, made)
    chance = random.Random(21)  # noqa: S311 - the same each time
    filters = [draw_filter(chance, made, people=sight.people) for _ in range(8)]
    for asked in [pb2.RegisterFilter(), *filters]:
        expected = meeting(made, asked, sight)
        size = chance.choice([4, 25])
        assert flat(await walk(store, sight, asked, FIRST, size)) == expected[::-1], str(asked)
        assert flat(await walk(store, sight, asked, OLDEST, size)) == expected, str(asked)


async def test_filters_meet_something_in_the_comparison(made: list[Made]) -> None:
    """What is compared with is not empty throughout."""
    chance = random.Random(21)  # noqa: S311 - the same each time
    met = [len(meeting(made, draw_filter(chance, made, people=True), AREA)) for _ in range(40)]
    assert len([number for number in met if 0 < number < NUMBER]) > 10


async def test_a_page_goes_back_to_where_it_came_from(store: DatabaseStore, made: list[Made]) -> None:
    await keep(store, made)
    asked = pb2.RegisterFilter(document_types=["ReleaseNotice"])
    first = await read(store, AREA, asked, FIRST, 5)
    assert first.back is None
    assert first.forward is not None
    second = await read(store, AREA, asked, first.forward, 5)
    assert second.back is not None
    again = await read(store, AREA, asked, second.back, 5)
    assert again.rows == first.rows[::-1]
    assert again.forward is None


@pytest.mark.usefixtures("short_reach")
async def test_a_short_page_says_how_far_it_looked(store: DatabaseStore, made: list[Made]) -> None:
    await keep(store, made)
    asked = pb2.RegisterFilter(
        document_types=["ReleaseNotice"], purposes=[PURPOSE_MANAGE_RISK], rules=["CPF-6.45"]
    )
    page = await read(store, AREA, asked, FIRST, 100)
    assert page.forward is not None
    assert len(page.rows) < len(meeting(made, asked, AREA))
    assert page.looked_to is not None
    assert page.looked_to.minute == page.looked_to.second == 0
    assert page.looked_to <= made[page.forward.position - 1].row.decided_at


async def test_what_no_filter_can_meet_ends_at_once(store: DatabaseStore, made: list[Made]) -> None:
    await keep(store, made)
    for asked in (
        pb2.RegisterFilter(subject="nobody"),
        pb2.RegisterFilter(thread="none"),
        pb2.RegisterFilter(rules=["MAPPA-1.1"], document_types=["ReleaseNotice"]),
    ):
        page = await read(store, AREA, asked, FIRST, 10)
        assert (page.rows, page.forward, page.looked_to) == ((), None, None)


def _listed(**changes: Any) -> Listed:
    part = Part("body-1", frozenset({Result.HELD}), frozenset({"MAPPA-22.20"}))
    plain: dict[str, Any] = {
        "sender": "body-0", "document_type": "ReleaseNotice", "purpose": 1, "urgency": 1, "marking": 2,
        "victim": False, "parts": (part,),
    }  # fmt: skip
    return Listed(**{**plain, **changes})


async def test_an_exchange_that_stands_otherwise_is_listed_so_and_no_longer_as_before(
    store: DatabaseStore,
) -> None:
    (first,) = make_exchanges(1, seed=1)
    before = _listed()
    await keep(store, [Made(first.row, before, first.subjects)])
    got = Part(
        "body-1", frozenset({Result.RELEASED}), frozenset({"MAPPA-22.20"}), got=True, unacknowledged=True
    )
    recipient = Sight(frozenset({"body-1"}), whole=False, people=False)

    async def change(listed: Listed) -> None:
        async with store.writing() as unit:
            await unit.listings.change(1, terms_of(listed), passing_terms(listed))

    async def found(sight: Sight, **asked: Any) -> bool:
        return bool((await read(store, sight, pb2.RegisterFilter(**asked), FIRST, 10)).rows)

    held, released, recalled = ([number] for number in (3, 1, 5))
    assert await found(OWN, results=held)
    assert not await found(recipient), "it does not know of what waits"
    await change(_listed(parts=(got,)))
    assert await found(OWN, results=released)
    assert not await found(OWN, results=held)
    assert await found(recipient, not_acknowledged=True)
    assert not await found(recipient, rules=["MAPPA-22.20"]), "nor by which rule anything was decided"
    assert not await found(recipient, results=released)
    await change(_listed(parts=(got,), is_recalled=True))
    assert await found(recipient, results=recalled)
    stopped = Part("body-1", frozenset({Result.RELEASED}), frozenset({"MAPPA-22.20"}))
    await change(_listed(parts=(stopped,)))
    assert not await found(recipient)
    async with store.writing() as unit:
        await unit.listings.change(1, (), terms_of(_listed(parts=(stopped,))))
    for sight in (OWN, EVERYTHING, AREA):
        assert not await found(sight)


async def test_listing_twice_is_as_once(store: DatabaseStore) -> None:
    (first,) = make_exchanges(1, seed=1)
    await keep(store, [first])
    async with store.writing() as unit:
        await unit.listings.change(1, terms_of(first.listed), passing_terms(first.listed))
    assert flat(await walk(store, EVERYTHING, pb2.RegisterFilter(), FIRST, 5)) == [1]


async def test_filters_are_each_persons_own(store: DatabaseStore) -> None:
    rows = [
        SavedFilterRow(
            f"f-{number}", "body-0", bytes([number % 2]) * 32, b"n", "{}", START + timedelta(number)
        )
        for number in range(4)
    ]
    async with store.writing() as unit:
        for row in rows:
            await unit.saved_filters.add(row)
    async with store.writing() as unit:
        assert await unit.saved_filters.of_person("body-0", bytes(32)) == [rows[0], rows[2]]
        assert await unit.saved_filters.of_person("body-1", bytes(32)) == []
        assert not await unit.saved_filters.remove("body-0", bytes(32), "f-1")
        assert await unit.saved_filters.remove("body-0", bytes(32), "f-2")
        assert await unit.saved_filters.of_person("body-0", bytes(32)) == rows[:1]


async def test_what_was_told_by_telephone_is_kept(store: DatabaseStore) -> None:
    def told(exchange_id: str, at: datetime) -> TelephoneRow:
        return TelephoneRow(exchange_id, "body-1", "front", at, at + timedelta(hours=1), "ab" * 32)

    rows = [told("e-1", START), told("e-2", START), told("e-1", START - timedelta(days=1))]
    async with store.writing() as unit:
        for row in rows:
            await unit.telephoned.add(row)
    async with store.reading() as unit:
        assert await unit.telephoned.of_exchange("e-1") == [rows[0], rows[2]]
        assert await unit.telephoned.of_exchange("e-3") == []
