"""Settling alarms: somebody has looked into one, and says what was found and done."""

from dataclasses import replace
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from services.kit.access.actor import Actor
from services.kit.clock import Clock
from services.kit.evidence.checkpoint import read_checkpoint
from services.kit.evidence.note import read_note
from services.kit.exchange.records import Records
from services.kit.rpc.errors import ConflictError, NotFoundError
from services.kit.store.outcomes import Settlement, StoredAlarm


class Settling:
    """Settles alarms of an organisation.

    Args:
        records: where they are kept.
        clock: the time.
    """

    def __init__(self, records: Records, clock: Clock) -> None:
        self._records = records
        self._clock = clock

    async def settle(self, actor: Actor, position: int, reason: str) -> StoredAlarm:
        """Settles a standing alarm. It stays listed; the log is sound again if nothing else is wrong with it.

        Args:
            actor: a person.
            position: of the alarm.
            reason: what was found and done.

        Raises:
            NotFoundError: there is no such alarm.
            ConflictError: it was settled before.
        """
        person = actor.require_person()
        how = Settlement(self._clock.now(), person.name, str(actor.role), reason)
        return await self._records.store.write(partial(self._settle, position, how))

    async def _settle(self, position: int, how: Settlement, connection: AsyncConnection) -> StoredAlarm:
        found = await self._records.alarms.find(connection, position)
        if found is None:
            raise NotFoundError
        if found.settlement is not None:
            raise ConflictError
        await self._records.alarms.settle(connection, found, how)
        for note in found.evidence:
            shown = read_checkpoint(read_note(note))
            await self._records.checkpoints.settle_alarmed(connection, shown.size, shown.root.hex())
        return replace(found, settlement=how)
