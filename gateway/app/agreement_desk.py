"""What people do about agreements: each act checked, recorded and carried through in one transaction."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

import structlog

from gateway.app.agreed_now import book_now
from gateway.app.agreement_effects import decide_again
from gateway.app.agreement_reviews import set_review
from gateway.app.agreement_rows import AgreementRow
from gateway.app.ports import Store
from gateway.app.records import RecordType, record
from gateway.app.subject_acts import Act, commit_act, open_work
from gateway.app.tools import Tools, Work
from gateway.core.agreement_acts import take
from gateway.core.agreement_book import Book
from gateway.core.agreement_events import AgreementEvent, EventKind, Objection
from gateway.core.agreements import Agreement, terms_digest_of
from services.kit.access.actor import Actor
from services.kit.evidence.canonical import canonical

_EFFECTIVE: Final = frozenset(
    {
        EventKind.CAME_INTO_FORCE,
        EventKind.EXPIRED,
        EventKind.SUPERSEDED,
        EventKind.SUSPENDED,
        EventKind.RESUMED,
        EventKind.ENDED,
    }
)
"""After which decisions may come out otherwise."""
_ALL_PARTIES: Final = "ALL"

_log = structlog.get_logger(__name__)

CheckProposal = Callable[[str], Agreement]
"""Reads a proposal's text, and refuses what law, directory or the text itself does not carry (DataError)."""


class ActRefusedError(Exception):
    """The act cannot be.

    Attributes:
        objection: why, and what to do.
    """

    def __init__(self, objection: Objection) -> None:
        super().__init__(objection.name)
        self.objection = objection


@dataclass(frozen=True, slots=True)
class Done:
    """What an act came to: the record's leaf hash, how many exchanges were decided again, and when."""

    record_hash: str
    decided_again: int
    at: datetime


class AgreementDesk:
    """Takes acts.

    Args:
        store: where agreements are.
        tools: the means of the process.
        check: of a proposal.
    """

    def __init__(self, store: Store, tools: Tools, check: CheckProposal) -> None:
        self._store = store
        self._tools = tools
        self._check = check
        self._acting: set[asyncio.Future[Done]] = set()

    async def propose(self, actor: Actor, text: str, reason: str = "") -> tuple[Agreement, Done]:
        """Proposes a version; its text is kept as it is.

        Raises:
            DataError: it is not well formed, or the law or the directory does not carry it.
            ActRefusedError: it cannot be proposed so.
        """
        terms = self._check(text)
        event = AgreementEvent(EventKind.PROPOSED, terms.id, date.min, terms.version, terms=terms)
        return terms, await self._do(actor, reason, replace(event, digest=terms_digest_of(terms)), text)

    async def sign(self, actor: Actor, agreement: str, version: str, digest: str) -> Done:
        """Signs a draft, as one of two of the organisation.

        Args:
            actor: who signs.
            agreement: which.
            version: of it.
            digest: of the text that the person was shown.
        """
        event = AgreementEvent(EventKind.SIGNED, agreement, date.min, version, digest=digest)
        return await self._do(actor, "", event)

    async def refuse(self, actor: Actor, agreement: str, version: str, digest: str, reason: str) -> Done:
        """Refuses a draft: it is over."""
        event = AgreementEvent(EventKind.REFUSED, agreement, date.min, version, digest=digest)
        return await self._do(actor, reason, event)

    async def suspend(self, actor: Actor, agreement: str, party: str, reason: str) -> Done:
        """Stops a party for a breach or, with an empty one, the whole agreement."""
        event = AgreementEvent(EventKind.SUSPENDED, agreement, date.min, party=party)
        return await self._do(actor, reason, event)

    async def resume(self, actor: Actor, agreement: str, party: str, reason: str) -> Done:
        """Ends a suspension."""
        event = AgreementEvent(EventKind.RESUMED, agreement, date.min, party=party)
        return await self._do(actor, reason, event)

    async def end(self, actor: Actor, agreement: str, version: str, reason: str) -> Done:
        """Ends a version for good, at once."""
        event = AgreementEvent(EventKind.ENDED, agreement, date.min, version)
        return await self._do(actor, reason, event)

    async def note(self) -> int:
        """Notes what the calendar brought, and carries it through; how many events that were."""
        async with self._store.reading() as unit:
            book = await self._tools.agreements.book(unit.agreements)
            if not any(book.unnoted(self._tools.clock.now().date())):
                return 0
        async with open_work(self._store, self._tools) as work:
            noted, _ = await note_changes(work, await book_now(work))
        return len(noted)

    async def _do(self, actor: Actor, reason: str, event: AgreementEvent, text: str | None = None) -> Done:
        # Even if the caller gives up: whether somebody is stopped must not depend on how much is under way.
        task = asyncio.ensure_future(self._act(actor, reason, event, text))
        self._acting.add(task)
        task.add_done_callback(self._acting.discard)
        return await asyncio.shield(task)

    async def _act(self, actor: Actor, reason: str, event: AgreementEvent, text: str | None) -> Done:
        async with open_work(self._store, self._tools) as work:
            made = _by(work, actor, event)
            book = take(await book_now(work), made)
            if isinstance(book, Objection):
                raise ActRefusedError(book)
            said = await commit_act(work, Act(actor, reason))
            row = await append(work, made, said, text)
            return await _carry_through(work, book, row)


async def append(
    work: Work, event: AgreementEvent, said: dict[str, Any], text: str | None = None
) -> AgreementRow:
    """Records an event and keeps it."""
    stops = event.kind in (EventKind.SUSPENDED, EventKind.RESUMED)
    party = event.party or _ALL_PARTIES
    leaf = await record(
        work,
        RecordType.AGREEMENT_CHANGED,
        item=event.agreement,
        change=event.kind.value,
        version=event.version or None,
        digest=event.digest or None,
        items=[party] if stops else None,
        **said,
    )
    row = AgreementRow(
        kind=event.kind.value,
        agreement_id=event.agreement,
        version=event.version,
        organisation=event.organisation,
        person=event.person,
        job=event.job,
        party=event.party,
        digest=event.digest,
        text=text,
        scope=said.get("scope"),
        record_hash=leaf,
        at=work.at,
    )
    await work.unit.agreements.add(row)
    return row


async def note_changes(work: Work, book: Book) -> tuple[list[AgreementEvent], int]:
    """Notes what came about by now, and decides again what it concerns: the events; how many exchanges."""
    noted = list(book.unnoted(work.at.date()))
    leaf = ""
    for event in sorted(noted, key=lambda each: each.kind is EventKind.CAME_INTO_FORCE):
        leaf = (await append(work, event, {})).record_hash
        await set_review(work, book, event)
    if not noted:
        return noted, 0
    return noted, await decide_again(work, parties_of(book, {each.agreement for each in noted}), leaf)


async def _carry_through(work: Work, book: Book, row: AgreementRow) -> Done:
    noted, count = await note_changes(work, book)
    if not noted and EventKind(row.kind) in _EFFECTIVE:
        count = await decide_again(work, parties_of(book, {row.agreement_id}), row.record_hash)
    _log.info("agreement_changed", kind=row.kind, organisation=row.organisation, count=count)
    return Done(row.record_hash, count, row.at)


def parties_of(book: Book, agreements: set[str]) -> set[str]:
    """Whoever is a party to any version of these agreements."""
    versions = (version for each in agreements for version in book.of_agreement(each))
    return {party.organisation for version in versions for party in version.terms.parties}


def _by(work: Work, actor: Actor, event: AgreementEvent) -> AgreementEvent:
    person = actor.require_person()
    known = canonical(["person", actor.organisation, person.subject])
    return replace(
        event,
        day=work.at.date(),
        organisation=actor.organisation,
        person=work.tools.key_store.blind_index(known).hex(),
        job=person.job,
    )
