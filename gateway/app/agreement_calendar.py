"""What the calendar does to agreements: their first and last days, noted once and carried through at once."""

import asyncio

import structlog

from gateway.app.agreement_desk import AgreementDesk
from gateway.app.key_ports import KeyStoreUnavailableError
from gateway.app.ports import StoreUnavailableError
from gateway.core.agreement_acts import BookError

_log = structlog.get_logger(__name__)


class AgreementCalendar:
    """Looks whether a version began, ended or was followed.

    Decisions do not wait for it: they read the day themselves. What was decided before does.

    Args:
        desk: takes what is to be noted.
        interval_s: how often to look.
    """

    def __init__(self, desk: AgreementDesk, *, interval_s: float) -> None:
        self._desk = desk
        self._interval_s = interval_s

    async def run(self) -> None:
        """Looks until cancelled: at once, since days may have passed while nothing ran."""
        while True:
            try:
                await self._desk.note()
            except (StoreUnavailableError, KeyStoreUnavailableError, BookError) as error:
                _log.error("calendar_waits", component=type(error).__name__)
            await asyncio.sleep(self._interval_s)
