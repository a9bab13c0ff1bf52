"""What the use cases rely on in the subject register that a store keeps."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import IntegrityError

from gateway.adapters.database import DatabaseStore, open_store
from gateway.adapters.database.subjects import REACHED
from gateway.app.ports import Unit
from gateway.app.subject_rows import (
    CaseTextRow,
    DescriptionRow,
    EntryRow,
    Learnt,
    LinkRow,
    MentionRow,
    ReachedRow,
    ToldRow,
    TraceRow,
)
from gateway.core.subjects.linking import Contradiction, LinkState
from gateway.core.subjects.traces import TraceKind
from tests.support.databases import Database, FileDatabase

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


@pytest.fixture
async def store(database: Database) -> AsyncIterator[DatabaseStore]:
    async with await open_store(database.url, database.access) as opened:
        yield opened


def entry(name: str, **changes: Any) -> EntryRow:
    return replace(EntryRow(name, NOW, 1, name.encode() * 16), **changes)


def link(one: str, other: str, state: LinkState = LinkState.IN_FORCE, **changes: Any) -> LinkRow:
    return replace(LinkRow(f"{one}-{other}", one, other, state, "e-1", None, NOW), **changes)


def trace(name: str, subject: str, kind: TraceKind = TraceKind.SOUND_AND_YEAR) -> TraceRow:
    return TraceRow(name.encode() * 32, subject, kind)


def text(name: str, party: str | None, scope: str) -> DescriptionRow:
    return DescriptionRow(name.encode() * 32, party, scope, b"sealed")


def told(name: str) -> ToldRow:
    return ToldRow(name.encode() * 32, "kent-police", "front", "IDENTITY")


async def people(unit: Unit, *ids: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in await unit.subjects.reached(ids):
        found.setdefault(row.seed, []).append(row.entry.subject_id)
    return found


async def fill(store: DatabaseStore, *links: LinkRow, names: str = "abcd") -> None:
    async with store.writing() as unit:
        await unit.subjects.add([entry(name) for name in names], [])
        await unit.subjects.learn(Learnt(links=links))


async def test_identifiers_are_found_by_their_blind_index(store: DatabaseStore) -> None:
    await fill(store)
    async with store.reading() as unit:
        assert await unit.subjects.known([b"a" * 16, b"x" * 16]) == {b"a" * 16: "a"}
        assert await unit.subjects.known([]) == {}


async def test_no_two_entries_have_one_identifier(store: DatabaseStore) -> None:
    with pytest.raises(IntegrityError):  # noqa: PT012  # the transaction is what must fail
        async with store.writing() as unit:
            await unit.subjects.add([entry("a")], [])
            await unit.subjects.add([entry("b", blind_index=b"a" * 16)], [])


async def test_entries_without_identifier_may_be_many(store: DatabaseStore) -> None:
    async with store.writing() as unit:
        await unit.subjects.add([entry(name, system=0, blind_index=None) for name in "ab"], [])
        assert await people(unit, "a", "b", "x") == {"a": ["a"], "b": ["b"]}


async def test_one_person_is_whoever_links_in_force_reach_in_either_direction(store: DatabaseStore) -> None:
    await fill(store, link("b", "d"), link("a", "d"))
    async with store.reading() as unit:
        assert await people(unit, "a", "b", "c") == {"a": list("abd"), "b": list("abd"), "c": ["c"]}


async def test_links_in_a_circle_end(store: DatabaseStore) -> None:
    await fill(store, link("a", "b"), link("b", "c"), link("a", "c"))
    async with store.reading() as unit:
        assert await people(unit, "b") == {"b": list("abc")}


@pytest.mark.parametrize("state", [LinkState.HELD, LinkState.REFUSED, LinkState.UNDONE])
async def test_a_link_not_in_force_joins_nobody(store: DatabaseStore, state: LinkState) -> None:
    await fill(store, link("a", "b", state))
    async with store.reading() as unit:
        assert await people(unit, "a") == {"a": ["a"]}
        assert [row.state for row in await unit.subjects.links_among(["a", "b"])] == [state]
        assert await unit.subjects.links_among(["a", "c"]) == []


async def test_births_come_with_their_entries(store: DatabaseStore) -> None:
    await fill(store, link("a", "b"))
    births = [trace("1", "a", TraceKind.BIRTH), trace("2", "a", TraceKind.BIRTH), trace("3", "a")]
    async with store.writing() as unit:
        await unit.subjects.learn(Learnt(traces=tuple(births)))
        rows = await unit.subjects.reached(["b"])
    assert rows == [
        ReachedRow("b", entry("a"), frozenset({b"1" * 32, b"2" * 32})),
        ReachedRow("b", entry("b"), frozenset()),
    ]


async def test_what_is_learnt_twice_stays_as_it_was(store: DatabaseStore) -> None:
    await fill(store)
    learnt = Learnt(
        traces=(trace("1", "a"),),
        descriptions=(text("x", "a", "subject:a"),),
        case_texts=(CaseTextRow("a", b"x" * 32), CaseTextRow("b", b"x" * 32)),
    )
    again = replace(learnt, descriptions=(replace(learnt.descriptions[0], ciphertext=b"other"),))
    async with store.writing() as unit:
        await unit.subjects.learn(learnt)
        await unit.subjects.learn(again)
    async with store.reading() as unit:
        assert await unit.subjects.case_texts(["a", "b"]) == list(learnt.descriptions)
        assert await unit.subjects.descriptions(["a"]) == list(learnt.descriptions)
        assert await unit.subjects.descriptions(["b"]) == []
        assert await unit.subjects.traces(["a"]) == [trace("1", "a")]


async def test_the_strongest_traces_come_first(store: DatabaseStore) -> None:
    await fill(store)
    weak = [trace("1", name, TraceKind.SOUND_AND_DECADE) for name in "abc"]
    strong = trace("2", "d", TraceKind.NAME_AND_BIRTH)
    async with store.writing() as unit:
        await unit.subjects.learn(Learnt(traces=(*weak, strong)))
        assert await unit.subjects.traced([b"1" * 32, b"2" * 32], 2) == [strong, weak[0]]


async def test_mentions_are_found_by_exchange(store: DatabaseStore) -> None:
    rows = [MentionRow("a", "e-1", "SUBJECT", is_case=True), MentionRow("b", "e-1", "VICTIM", is_case=False)]
    async with store.writing() as unit:
        await unit.subjects.add([entry("a"), entry("b")], rows)
        assert await unit.subjects.mentioned("e-1") == rows
        assert await unit.subjects.mentioned("e-2") == []


async def test_held_links_are_paged_and_settled(store: DatabaseStore) -> None:
    reason = Contradiction.TWO_BIRTHS
    held = [link("a", "b", LinkState.HELD, contradiction=reason), link("a", "c", LinkState.HELD)]
    await fill(store, *held, link("b", "c"))
    async with store.writing() as unit:
        assert [row.link_id for row in await unit.subjects.held_links(0, 1)] == ["a-b"]
        assert [row.link_id for row in await unit.subjects.held_links(1, 5)] == ["a-c"]
        later = NOW + timedelta(days=1)
        await unit.subjects.settle_link("a-b", LinkState.REFUSED, later, "act")
        assert [row.link_id for row in await unit.subjects.held_links(0, 5)] == ["a-c"]
        settled = await unit.subjects.find_link("a-b")
        assert settled == replace(
            held[0], state=LinkState.REFUSED, settled_at=later, settled_in="act", position=1
        )
        assert await unit.subjects.find_link("x") is None


async def test_what_is_forgotten_leaves_nothing_and_names_the_keys_to_destroy(store: DatabaseStore) -> None:
    await fill(store, link("a", "b"), link("c", "d"))
    described = (text("1", "a", "subject:a"), text("2", None, "subject:a"), text("3", "c", "subject:c"))
    cases = tuple(CaseTextRow(case, name.encode() * 32) for case in "ac" for name in "123")
    async with store.writing() as unit:
        await unit.subjects.add([], [MentionRow("a", "e-1", "SUBJECT", is_case=True)])
        await unit.subjects.learn(Learnt((trace("1", "a"),), (), described, cases, (told("1"), told("3"))))
    async with store.writing() as unit:
        assert await unit.subjects.forget(["a"]) == ["subject:a", "link:a-b"]
        assert await people(unit, "a", "b") == {"b": ["b"]}
        assert await unit.subjects.mentioned("e-1") == []
        assert await unit.subjects.traces(["a"]) == []
        assert [row.text_id[:1] for row in await unit.subjects.case_texts(["a", "c"])] == [b"3"]
        assert [row.link_id for row in await unit.subjects.links_among("abcd")] == ["c-d"]
        assert await unit.subjects.told([b"1" * 32, b"3" * 32]) == [told("3")]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_following_links_does_not_read_all_links(store: DatabaseStore, database: Database) -> None:
    query = str(
        REACHED.params(keys=["a", "b"]).compile(
            dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}
        )
    )
    await store.close()
    assert isinstance(database, FileDatabase)
    with closing(sqlite3.connect(database.path)) as connection:
        steps = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {query}")]
    links = [step for step in steps if "subject_link" in step]
    assert len(links) == 2
    assert all("first_id=?" in step or "second_id=?" in step for step in links)
