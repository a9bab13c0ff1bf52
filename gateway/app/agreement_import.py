"""Taking over agreements signed on paper: once, into a database that has none."""

from collections.abc import Iterable
from dataclasses import dataclass

import structlog

from gateway.app.agreed_now import book_now
from gateway.app.agreement_desk import ActRefusedError, append, note_changes
from gateway.app.ports import Store
from gateway.app.subject_acts import open_work
from gateway.app.tools import Tools, Work
from gateway.core.agreement_acts import take
from gateway.core.agreement_book import Book
from gateway.core.agreement_events import AgreementEvent, EventKind, Objection
from gateway.core.agreement_state import AgreementState
from gateway.core.agreements import Agreement, terms_digest_of

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Paper:
    """An agreement as a file has it: its text, and what it says, checked."""

    text: str
    terms: Agreement


async def import_agreements(store: Store, tools: Tools, papers: Iterable[Paper]) -> int:
    """Takes agreements over, with their states, if the database has none; how many it took.

    Drafts are taken as proposals of their owners; what a party refused is left out.

    Raises:
        ActRefusedError: one is in force without all signatures, or stands twice; none is taken.
    """
    async with open_work(store, tools) as work:
        book = await book_now(work)
        if book.versions:
            _log.info("agreements_folder_ignored", count=len(book.versions))
            return 0
        wanted = [each for each in papers if each.terms.state is not AgreementState.REFUSED]
        for paper in sorted(wanted, key=lambda each: each.terms.state is AgreementState.DRAFT):
            book = await _take(work, book, paper)
        await note_changes(work, book)
    _log.info("agreements_imported", count=len(wanted))
    return len(wanted)


async def _take(work: Work, book: Book, paper: Paper) -> Book:
    terms = paper.terms
    draft = terms.state is AgreementState.DRAFT
    event = AgreementEvent(
        EventKind.PROPOSED if draft else EventKind.IMPORTED,
        terms.id,
        work.at.date(),
        terms.version,
        terms.owner if draft else "",
        digest=terms_digest_of(terms),
        terms=terms,
    )
    taken = take(book, event)
    if isinstance(taken, Objection):
        raise ActRefusedError(taken)
    await append(work, event, {}, paper.text)
    return taken
