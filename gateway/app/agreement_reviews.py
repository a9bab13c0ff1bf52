"""Reminders to review an agreement (MAPPA 9.10, 9.11): a clock for each version in force, due on its day."""

from datetime import datetime, time, timedelta
from typing import Final

from gateway.app.clocks.matters import NewClock, start_clock, stop_clocks
from gateway.app.tools import Work
from gateway.app.working_days import LONDON
from gateway.core.agreement_book import Book
from gateway.core.agreement_events import AgreementEvent, EventKind

LIMIT: Final = "AGREEMENT_REVIEW"


async def set_review(work: Work, book: Book, event: AgreementEvent) -> None:
    """Starts the clock of a version that came into force; ends that of one that is over or was followed."""
    version = book.find(event.agreement, event.version)
    if version is None or event.kind is not EventKind.CAME_INTO_FORCE:
        await stop_clocks(work, event.agreement, LIMIT, met=event.kind is EventKind.SUPERSEDED)
        return
    owner, review = version.terms.owner, version.terms.review
    due = datetime.combine(review + timedelta(days=1), time(), tzinfo=LONDON)
    await start_clock(work, NewClock(LIMIT, event.agreement, owner, owner, work.at, agreed=due))
