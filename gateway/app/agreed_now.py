"""The decision under the agreements that the database holds in the very transaction that decides.

So every gateway on one database goes by a signature, a suspension or an end from its next decision on.
"""

from typing import Final

from gateway.app.tools import Work
from gateway.core.agreement_book import Book
from gateway.core.agreements import Agreement
from gateway.core.model import Case, Ruling

LOCK: Final = "agreements"
"""Held by whoever changes agreements; shared by whoever decides."""


async def decide_now(work: Work, case: Case) -> tuple[Ruling, ...]:
    """The rulings on a case; BookError if what is kept of agreements was altered: then nothing is decided."""
    return work.tools.decide(case, await agreements_now(work))


async def agreements_now(work: Work) -> tuple[Agreement, ...]:
    """The agreements of this transaction's day; nobody changes them before it ends."""
    await work.unit.agreements.keep_still(LOCK)
    return await work.tools.agreements.effective(work.unit.agreements, work.at.date())


async def book_now(work: Work) -> Book:
    """All agreements, for whoever changes them: nobody else does, or decides by them, before it ends."""
    await work.unit.lock(LOCK)
    return await work.tools.agreements.book(work.unit.agreements)
