"""Which exchanges of an organisation a search of the disclosure log finds."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from publicprotection.oversight.v1 import disclosure_log_service_pb2 as log_pb2

from gateway.app.digests import listing_of
from gateway.app.log_queries import Question, find_people_asked, known_exchange, list_people
from gateway.app.log_rows import LogFilter
from gateway.app.rows import RecordRow
from gateway.app.tools import Work

_PAGE: Final = 500


@dataclass(frozen=True, slots=True)
class Search:
    """Where to look: by exchange, by person, or in a period; and only with one other organisation, if given.

    Attributes:
        until: exclusive.
        organisation: id; empty: any.
    """

    exchange_id: str = ""
    subject: log_pb2.SubjectReference | None = None
    since: datetime | None = None
    until: datetime | None = None
    organisation: str = ""


async def find_exchanges(work: Work, own: str, search: Search) -> tuple[Question, set[str]]:
    """Finds exchanges that an organisation took part in.

    Returns:
        The question as it is to be recorded, and the ids of the exchanges.
    """
    question = await _ask(work, own, search)
    rows = [row async for row in _records(work, question.wanted)]
    return question, {row.exchange_id for row in rows if row.exchange_id}


async def list_records(work: Work, own: str, exchange_id: str) -> list[RecordRow]:
    """An organisation's records about an exchange, in the log's order."""
    wanted = LogFilter(exchange_id=exchange_id, listed=((listing_of(own),),), by_index=True)
    return [row async for row in _records(work, wanted)]


async def _ask(work: Work, own: str, search: Search) -> Question:
    listed: list[tuple[bytes, ...]] = [(listing_of(each),) for each in (own, search.organisation) if each]
    people: tuple[str, ...] = ()
    if search.subject is not None:
        people = await find_people_asked(work, own, search.subject)
        listed += list_people(work, people)
    wanted = LogFilter(
        exchange_id=search.exchange_id or None,
        listed=tuple(listed),
        since=search.since,
        until=search.until,
        by_index=True,
    )
    return Question(wanted, await _codes(work, search), people)


async def _codes(work: Work, search: Search) -> dict[str, Any]:
    known = work.tools.directory.organisation(search.organisation) is not None
    return {
        "queried": "BREACH",
        "queried_exchange": await known_exchange(work, search.exchange_id),
        "queried_organisation": search.organisation if known else None,
        "queried_from": None if search.since is None else search.since.isoformat(),
        "queried_until": None if search.until is None else search.until.isoformat(),
    }


async def _records(work: Work, wanted: LogFilter) -> AsyncIterator[RecordRow]:
    after: int | None = None
    while rows := await work.unit.log.select(replace(wanted, after_index=after), _PAGE):
        for row in rows:
            yield row
        after = rows[-1].leaf_index
