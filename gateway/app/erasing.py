"""Erasure of a subject or an exchange: keys and salts are destroyed; the log's entries stay and verify.

Refused, with every reason in words, while a legal hold stands or something of it is still under way.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from publicprotection.oversight.v1 import retention_service_pb2 as pb2

from gateway.app.collecting import named_in
from gateway.app.destroying import destroy_doomed, doom, forget_exchanges, forget_people
from gateway.app.erasure_telling import find_recipients
from gateway.app.legal_holds import UnknownItemError
from gateway.app.ports import Store
from gateway.app.records import RecordType, record
from gateway.app.rows import HoldState
from gateway.app.seen import keep_exchanges, require_seen
from gateway.app.standing_holds import standing_holds
from gateway.app.subject_acts import Act, commit_act, open_work
from gateway.app.tools import Tools, Work

_LEGAL_HOLD = "A legal hold is in force. Ask whoever placed it; nothing is erased before it is lifted."
_WAITS = "Part of the exchange waits for an answer. Erase when it is answered, or recall."
_UNDELIVERED = "Something of the exchange is not confirmed as delivered. Erase when it is, or recall."


@dataclass(frozen=True, slots=True)
class Erasure:
    """What became of a request: destroyed, or refused for what stands in the way."""

    erased: pb2.Erased | None
    obstacles: tuple[pb2.Obstacle, ...] = ()


class EraseDesk:
    """Erases.

    Args:
        store: where records and register are.
        tools: the means of the process, the key store among them.
    """

    def __init__(self, store: Store, tools: Tools) -> None:
        self._store = store
        self._tools = tools

    async def erase_subject(self, act: Act, subject: str, *, recall: bool) -> Erasure:
        """Erases a person, and the exchanges about nobody else.

        Raises:
            UnknownSubjectError: there is no such subject, or none in the area.
            StoreUnavailableError, KeyStoreUnavailableError: not erased, or not all yet: the rest is made good
                by the process itself.
        """
        async with open_work(self._store, self._tools) as work:
            person = await require_seen(work, act.actor, subject)
            alone, shared = await exchanges_of(work, person.ids)
            obstacles = [each async for each in find_obstacles(work, person.ids, alone, recall=recall)]
            if obstacles:
                return Erasure(None, tuple(obstacles))
            told = await find_recipients(work, alone)
            scopes = await forget_exchanges(work, alone) if alone else []
            scopes += await forget_people(work, person.ids)
            erased = await _record(work, act, RecordType.SUBJECT_ERASED, scopes, items=alone or None)
        erased.exchanges.extend(alone)
        erased.exchanges_kept.extend(shared)
        erased.recipients.extend(told)
        await destroy_doomed(self._store, self._tools)
        return Erasure(erased)

    async def erase_exchange(self, act: Act, exchange_id: str, *, recall: bool) -> Erasure:
        """Erases an exchange. Whom it names stays known by other exchanges.

        Raises:
            UnknownItemError: there is no such exchange, or none in the area.
            StoreUnavailableError, KeyStoreUnavailableError: as above.
        """
        async with open_work(self._store, self._tools) as work:
            if exchange_id not in await keep_exchanges(work, act.actor, [exchange_id]):
                raise UnknownItemError
            obstacles = [each async for each in find_obstacles(work, (), [exchange_id], recall=recall)]
            if obstacles:
                return Erasure(None, tuple(obstacles))
            told = await find_recipients(work, [exchange_id])
            scopes = await forget_exchanges(work, [exchange_id])
            erased = await _record(work, act, RecordType.EXCHANGE_ERASED, scopes, exchange=exchange_id)
        erased.exchanges.append(exchange_id)
        erased.recipients.extend(told)
        await destroy_doomed(self._store, self._tools)
        return Erasure(erased)


async def exchanges_of(work: Work, subject_ids: Sequence[str]) -> tuple[list[str], list[str]]:
    """Exchanges that name a person and nobody else, and those that name others too."""
    alone, shared, own = list[str](), list[str](), set(subject_ids)
    for exchange_id in await work.unit.expiry.named(subject_ids):
        named = await named_in(work, exchange_id)
        (alone if own.issuperset(named) else shared).append(exchange_id)
    return alone, shared


async def find_obstacles(
    work: Work, subject_ids: Sequence[str], exchange_ids: Iterable[str], *, recall: bool
) -> AsyncIterator[pb2.Obstacle]:
    """What stands in the way of erasing these people and exchanges."""
    holds = await standing_holds(work)
    if (held := holds.on_people(subject_ids)) is not None:
        yield _obstacle("LEGAL_HOLD", "", _LEGAL_HOLD, held)
    for exchange_id in exchange_ids:
        if (held := await holds.on_exchange(work, exchange_id)) is not None:
            yield _obstacle("LEGAL_HOLD", exchange_id, _LEGAL_HOLD, held)
        if not recall and await waits(work, exchange_id):
            yield _obstacle("WAITS_FOR_ANSWER", exchange_id, _WAITS)
        if not recall and await work.unit.expiry.undelivered(exchange_id):
            yield _obstacle("UNDELIVERED", exchange_id, _UNDELIVERED)


async def waits(work: Work, exchange_id: str) -> bool:
    """Whether a hold of an exchange is open."""
    holds = await work.unit.holds.of_exchange(exchange_id)
    return any(hold.state is HoldState.OPEN for hold in holds)


async def _record(work: Work, act: Act, kind: RecordType, scopes: Sequence[str], **what: Any) -> pb2.Erased:
    counts = await doom(work, scopes)
    leaf = await record(work, kind, **what, **counts, **await commit_act(work, act))
    return pb2.Erased(
        record_hash=leaf,
        keys_destroyed=counts["keys_destroyed"],
        salts_destroyed=counts["salts_destroyed"],
    )


def _obstacle(kind: str, exchange_id: str, words: str, legal_hold_id: str = "") -> pb2.Obstacle:
    return pb2.Obstacle(
        kind=pb2.ObstacleKind.Value(f"OBSTACLE_KIND_{kind}"),
        exchange_id=exchange_id,
        legal_hold_id=legal_hold_id,
        explanation=words,
    )
