"""Threads: what was sent and received here about one matter, followed along `in_reply_to` in both directions.

A supplement travels under the seal of what it adds to, and so belongs to the same exchange.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from services.kit.exchange.records import Records
from services.kit.store.inbox import ReceivedDelivery
from services.kit.store.sent import SentExchange

MAX_EXCHANGES: Final = 200
"""More are not followed: what anybody may answer, anybody may answer without end."""

_MAX_ROWS: Final = 1_000

R = TypeVar("R", SentExchange, ReceivedDelivery)


@dataclass(slots=True)
class Thread:
    """What belongs together.

    Attributes:
        exchange_ids: of the exchanges, nearest to where the search began first.
        sent: by exchange id.
        received: by delivery id, expired or not.
        truncated: whether there is more.
    """

    exchange_ids: list[str]
    sent: dict[str, SentExchange] = field(default_factory=dict)
    received: dict[str, ReceivedDelivery] = field(default_factory=dict)
    truncated: bool = False


async def follow_thread(connection: AsyncConnection, records: Records, exchange_id: str) -> Thread:
    """The thread of an exchange; empty but for its id where nothing was sent or received about it."""
    thread = Thread([exchange_id])
    reached = thread.exchange_ids
    while reached:
        sent = await records.sent.linked(connection, reached, _MAX_ROWS)
        received = await records.inbox.linked(connection, reached, _MAX_ROWS)
        thread.truncated |= _MAX_ROWS in (len(sent), len(received))
        thread.sent |= {row.exchange_id: row for row in sent}
        thread.received |= {row.delivery_id: row for row in received}
        reached = _reach(thread, [*sent, *received])
    _drop_unreached(thread)
    return thread


def _reach(thread: Thread, found: Iterable[SentExchange | ReceivedDelivery]) -> list[str]:
    """Adds the exchanges that were found, as far as there is room; returns those added."""
    known = set(thread.exchange_ids)
    named = dict.fromkeys(name for row in found for name in (row.exchange_id, row.in_reply_to))
    fresh = [name for name in named if name and name not in known]
    added = fresh[: MAX_EXCHANGES - len(known)]
    thread.truncated |= len(added) < len(fresh)
    thread.exchange_ids = [*thread.exchange_ids, *added]
    return added


def _drop_unreached(thread: Thread) -> None:
    thread.sent = _keep(thread.sent, thread)
    thread.received = _keep(thread.received, thread)


def _keep(rows: Mapping[str, R], thread: Thread) -> dict[str, R]:
    kept = set(thread.exchange_ids)
    return {name: row for name, row in rows.items() if row.exchange_id in kept}
