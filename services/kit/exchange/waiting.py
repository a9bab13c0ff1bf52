"""Messages that wait for a key are tried again: at each new directory or key, and now and then.

Directories do not arrive everywhere at once, and a recipient that is late must not turn a warning away. What
still names an unknown key after the time allowed is refused with a receipt that says so; what cannot even be
opened is told to the organisation's own people by an alarm, and kept, since nobody else would ever know.
"""

import asyncio
from contextlib import suppress
from datetime import timedelta

import structlog

from services.kit.exchange.arrivals import KeyAwaitedError
from services.kit.exchange.intake import Intake
from services.kit.exchange.participant import Participant
from services.kit.exchange.records import Records
from services.kit.rpc.errors import UnavailableError
from services.kit.store.errors import StoreUnavailableError
from services.kit.store.waiting import WaitingMessage

_log = structlog.get_logger(__name__)


class Waiting:
    """Tries again what waits for a key.

    Args:
        participant: who received it.
        records: where it waits.
        intake: takes it.
        longest: how long it may wait before it is refused.
        interval_s: how often to try if nothing says that anything is new.
    """

    def __init__(
        self,
        participant: Participant,
        records: Records,
        intake: Intake,
        *,
        longest: timedelta,
        interval_s: float = 10,
    ) -> None:
        self._participant = participant
        self._records = records
        self._intake = intake
        self._longest = longest
        self._interval_s = interval_s
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Says that there is a new directory or key."""
        self._woken.set()

    async def run(self) -> None:
        """Tries until cancelled."""
        while True:
            self._woken.clear()
            try:
                await self.try_all()
            except StoreUnavailableError as error:
                _log.error("waiting_messages_wait", component="store", reason=error.reason)
            except UnavailableError as error:
                # A directory too old to answer by: nothing can be refused, or receipted, before the next one.
                _log.error("waiting_messages_wait", component="directory", reason=error.reason)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), self._interval_s)

    async def try_all(self) -> None:
        """Tries each once.

        Raises:
            StoreUnavailableError: later.
            UnavailableError: nothing can be signed or sent now; nothing is lost.
        """
        async with self._records.store.read() as connection:
            kept = await self._records.waiting.list(connection)
        if kept:
            self._participant.look()
        for message in kept:
            await self._try(message)

    async def _try(self, kept: WaitingMessage) -> None:
        due = self._participant.clock.now() - kept.received_at >= self._longest
        patient = kept.overdue or not due
        try:
            usable = await self._intake.receive_waiting(kept, patient=patient)
        except KeyAwaitedError:
            return
        change = self._records.waiting.drop if usable else self._records.waiting.mark_overdue
        await self._records.store.write(lambda connection: change(connection, kept.message_hash))
        if not usable:
            _log.error("message_overdue", message_id=kept.message_id, code=kept.code)
