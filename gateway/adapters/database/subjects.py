"""The subject register in the database. Answers gateway.app.subject_ports.Subjects."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Final

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    RowMapping,
    Select,
    and_,
    bindparam,
    case,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.adapters.database.exchanges import concerns
from gateway.adapters.database.forgetting import forget_subjects
from gateway.adapters.database.rows import fetch, fetch_one, insert_absent, insert_rows, named
from gateway.adapters.database.subject_tables import (
    SUBJECT,
    SUBJECT_CASE_TEXT,
    SUBJECT_DESCRIPTION,
    SUBJECT_LINK,
    SUBJECT_MENTION,
    SUBJECT_TOLD,
    SUBJECT_TRACE,
)
from gateway.app.subject_rows import (
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

_KEYS: Final[BindParameter[Any]] = bindparam("keys", expanding=True)
_KNOWN = select(SUBJECT.c.blind_index, SUBJECT.c.subject_id).where(SUBJECT.c.blind_index.in_(_KEYS))


def _people(seeds: ColumnElement[bool]) -> Select[Any]:
    """Everybody whom links in force reach from the entries that fit, with the births stated of each."""
    start = select(SUBJECT.c.subject_id.label("seed"), SUBJECT.c.subject_id.label("entry")).where(seeds)
    reached = start.cte("reached", recursive=True)
    first, second = SUBJECT_LINK.c.first_id, SUBJECT_LINK.c.second_id
    touches = or_(first == reached.c.entry, second == reached.c.entry)
    whole = reached.union(
        select(reached.c.seed, case((first == reached.c.entry, second), else_=first))
        .select_from(reached.join(SUBJECT_LINK, touches))
        .where(SUBJECT_LINK.c.state == LinkState.IN_FORCE.value)
    )
    births = and_(SUBJECT_TRACE.c.subject_id == whole.c.entry, SUBJECT_TRACE.c.kind == TraceKind.BIRTH.value)
    people = whole.join(SUBJECT, SUBJECT.c.subject_id == whole.c.entry).outerjoin(SUBJECT_TRACE, births)
    return (
        select(whole.c.seed, SUBJECT, SUBJECT_TRACE.c.blind_index.label("birth"))
        .select_from(people)
        .order_by(whole.c.seed, SUBJECT.c.position)
    )


REACHED: Final = _people(SUBJECT.c.subject_id.in_(_KEYS))
"""The people of some entries, by id."""

_RECOGNISED = _people(SUBJECT.c.blind_index.in_(_KEYS))
_AMONG = (
    select(SUBJECT_LINK)
    .where(SUBJECT_LINK.c.first_id.in_(_KEYS), SUBJECT_LINK.c.second_id.in_(_KEYS))
    .order_by(SUBJECT_LINK.c.position)
)
_TEXTS_OF_CASES = select(SUBJECT_CASE_TEXT.c.text_id).where(SUBJECT_CASE_TEXT.c.subject_id.in_(_KEYS))
_CASE_TEXTS = (
    select(SUBJECT_DESCRIPTION)
    .where(SUBJECT_DESCRIPTION.c.text_id.in_(_TEXTS_OF_CASES))
    .order_by(SUBJECT_DESCRIPTION.c.text_id)
)
_TOLD = select(SUBJECT_TOLD).where(SUBJECT_TOLD.c.text_id.in_(_KEYS))
_MENTIONED = (
    select(SUBJECT_MENTION)
    .where(SUBJECT_MENTION.c.exchange_id == bindparam("key"))
    .order_by(SUBJECT_MENTION.c.subject_id, SUBJECT_MENTION.c.about)
)
_DESCRIBED = (
    select(SUBJECT_DESCRIPTION)
    .where(SUBJECT_DESCRIPTION.c.party_id.in_(_KEYS))
    .order_by(SUBJECT_DESCRIPTION.c.text_id)
)
_TRACES = select(SUBJECT_TRACE).where(SUBJECT_TRACE.c.subject_id.in_(_KEYS))
_TRACED = (
    select(SUBJECT_TRACE)
    .where(SUBJECT_TRACE.c.blind_index.in_(_KEYS))
    .order_by(SUBJECT_TRACE.c.kind, SUBJECT_TRACE.c.subject_id)
    .limit(bindparam("most"))
)
_LINK = select(SUBJECT_LINK).where(SUBJECT_LINK.c.link_id == bindparam("key"))
_HELD = (
    select(SUBJECT_LINK)
    .where(SUBJECT_LINK.c.state == literal_column("'HELD'"), SUBJECT_LINK.c.position > bindparam("after"))
    .order_by(SUBJECT_LINK.c.position)
    .limit(bindparam("most"))
)
_SETTLE = (
    update(SUBJECT_LINK)
    .where(SUBJECT_LINK.c.link_id == bindparam("key"))
    .values(state=bindparam("new_state"), settled_at=bindparam("new_at"), settled_in=bindparam("new_in"))
)


@dataclass(frozen=True, slots=True)
class SubjectTable:
    """See gateway.app.subject_ports.Subjects."""

    connection: AsyncConnection

    async def known(self, indexes: Collection[bytes]) -> dict[bytes, str]:
        """As the port."""
        rows = await self._fetch(_KNOWN, indexes)
        return {bytes(row["blind_index"]): row["subject_id"] for row in rows}

    async def reached(self, subject_ids: Collection[str]) -> list[ReachedRow]:
        """As the port."""
        return _by_entry(await self._fetch(REACHED, subject_ids))

    async def recognised(self, indexes: Collection[bytes]) -> list[ReachedRow]:
        """As the port."""
        return _by_entry(await self._fetch(_RECOGNISED, indexes))

    async def links_among(self, subject_ids: Collection[str]) -> list[LinkRow]:
        """As the port."""
        return [_link(row) for row in await self._fetch(_AMONG, subject_ids)]

    async def case_texts(self, subject_ids: Collection[str]) -> list[DescriptionRow]:
        """As the port."""
        return [_description(row) for row in await self._fetch(_CASE_TEXTS, subject_ids)]

    async def told(self, text_ids: Collection[bytes]) -> list[ToldRow]:
        """As the port."""
        rows = await self._fetch(_TOLD, text_ids)
        return [ToldRow(bytes(row["text_id"]), **named(row, "text_id")) for row in rows]

    async def add(self, entries: Sequence[EntryRow], mentions: Sequence[MentionRow]) -> None:
        """As the port."""
        await insert_rows(self.connection, SUBJECT, entries)
        await insert_rows(self.connection, SUBJECT_MENTION, mentions)

    async def learn(self, learnt: Learnt) -> None:
        """As the port."""
        await insert_absent(self.connection, SUBJECT_TRACE, learnt.traces)
        await insert_rows(self.connection, SUBJECT_LINK, learnt.links, "position")
        await insert_absent(self.connection, SUBJECT_DESCRIPTION, learnt.descriptions)
        await insert_absent(self.connection, SUBJECT_CASE_TEXT, learnt.case_texts)
        await insert_absent(self.connection, SUBJECT_TOLD, learnt.told)

    async def mentioned(self, exchange_id: str) -> list[MentionRow]:
        """As the port."""
        rows = await fetch(self.connection, _MENTIONED, {"key": exchange_id})
        return [MentionRow(**named(row)) for row in rows]

    async def descriptions(self, subject_ids: Collection[str]) -> list[DescriptionRow]:
        """As the port."""
        return [_description(row) for row in await self._fetch(_DESCRIBED, subject_ids)]

    async def traces(self, subject_ids: Collection[str]) -> list[TraceRow]:
        """As the port."""
        return [_trace(row) for row in await self._fetch(_TRACES, subject_ids)]

    async def traced(self, indexes: Collection[bytes], limit: int) -> list[TraceRow]:
        """As the port."""
        values = {"keys": list(indexes), "most": limit}
        return [_trace(row) for row in await fetch(self.connection, _TRACED, values)]

    async def find_link(self, link_id: str) -> LinkRow | None:
        """As the port."""
        row = await fetch_one(self.connection, _LINK, {"key": link_id})
        return None if row is None else _link(row)

    async def held_links(
        self, after: int, limit: int, concerning: Collection[str] | None = None
    ) -> list[LinkRow]:
        """As the port."""
        query = _HELD
        if concerning is not None:
            query = query.where(concerns(SUBJECT_LINK.c.exchange_id, concerning))
        return [_link(row) for row in await fetch(self.connection, query, {"after": after, "most": limit})]

    async def concerning(self, subject_ids: Collection[str], organisations: Collection[str]) -> set[str]:
        """As the port."""
        named_in = concerns(SUBJECT_MENTION.c.exchange_id, organisations)
        query = select(SUBJECT_MENTION.c.subject_id).where(SUBJECT_MENTION.c.subject_id.in_(_KEYS), named_in)
        return {row["subject_id"] for row in await self._fetch(query.distinct(), subject_ids)}

    async def add_link(self, row: LinkRow) -> None:
        """As the port."""
        await insert_rows(self.connection, SUBJECT_LINK, [row], "position")

    async def settle_link(self, link_id: str, state: LinkState, at: datetime, settled_in: str) -> None:
        """As the port."""
        values = {"key": link_id, "new_state": state.value, "new_at": at, "new_in": settled_in}
        await self.connection.execute(_SETTLE, values)

    async def forget(self, subject_ids: Collection[str]) -> list[str]:
        """As the port."""
        return await forget_subjects(self.connection, list(subject_ids))

    async def _fetch(self, query: Select[Any], keys: Iterable[Any]) -> Sequence[RowMapping]:
        wanted = list(keys)
        return await fetch(self.connection, query, {"keys": wanted}) if wanted else []


def _by_entry(rows: Iterable[RowMapping]) -> list[ReachedRow]:
    return [_reached(list(same)) for _, same in groupby(rows, lambda row: (row["seed"], row["position"]))]


def _reached(rows: list[RowMapping]) -> ReachedRow:
    """One entry; a row for each date of birth that was stated with it."""
    first = rows[0]
    blind = first["blind_index"]
    entry = EntryRow(
        first["subject_id"], first["created_at"], first["system"], None if blind is None else bytes(blind)
    )
    return ReachedRow(first["seed"], entry, frozenset(bytes(row["birth"]) for row in rows if row["birth"]))


def _link(row: RowMapping) -> LinkRow:
    reason = row["contradiction"]
    values = named(row, "state", "contradiction")
    return LinkRow(
        **values,
        state=LinkState(row["state"]),
        contradiction=None if reason is None else Contradiction(reason),
    )


def _description(row: RowMapping) -> DescriptionRow:
    return DescriptionRow(bytes(row["text_id"]), row["party_id"], row["key_scope"], bytes(row["ciphertext"]))


def _trace(row: RowMapping) -> TraceRow:
    return TraceRow(bytes(row["blind_index"]), row["subject_id"], TraceKind(row["kind"]))
