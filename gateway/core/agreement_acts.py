"""Which act may follow which, and what the book of agreements is after it.

Who may do what: a party proposes; signatories of the organisations that must sign do so, or refuse; any
controller stops a party, or the whole, at once, since each answers for its own disclosures; whoever stopped,
or the owner, resumes, never the one that was stopped; the owner ends.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from gateway.core.agreement_book import (
    SIGNATURES,
    AgreementVersion,
    Book,
    Signed,
    Standing,
    is_agreed,
    number_of,
)
from gateway.core.agreement_events import WHOLE_AGREEMENT, AgreementEvent, EventKind, Objection
from gateway.core.agreement_state import AgreementState
from gateway.core.agreements import Agreement, terms_digest_of

_SIGNED_STATES: Final = (AgreementState.IN_FORCE, AgreementState.SUSPENDED)


class BookError(Exception):
    """Events are kept that could not have happened: the store was altered. Nothing is decided by it."""


def read_book(events: Iterable[AgreementEvent]) -> Book:
    """The book after these events; BookError if one of them could not have happened."""
    book = Book()
    for event in events:
        taken = take(book, event)
        if isinstance(taken, Objection):
            raise BookError(f"{event.kind} of {event.agreement} {event.version}: {taken.name}")
        book = taken
    return book


def take(book: Book, event: AgreementEvent) -> Book | Objection:
    """The book after an event, or why it cannot be."""
    return _TAKEN[event.kind](book, event)


def _import(book: Book, event: AgreementEvent) -> Book | Objection:
    terms = _terms(event)
    if not all(each.imported for each in book.versions) or book.find(terms.id, terms.version):
        return Objection.NOT_EMPTY
    if terms.state in (AgreementState.DRAFT, AgreementState.REFUSED):
        return Objection.NOT_SIGNED
    if terms.state in _SIGNED_STATES and not controllers_of(terms) <= _signatories(terms):
        return Objection.NOT_SIGNED
    version = AgreementVersion(terms, terms_digest_of(terms), controllers_of(terms), "", imported=True)
    stopped = dict.fromkeys(terms.suspended, terms.owner)
    if terms.state is AgreementState.SUSPENDED:
        stopped[WHOLE_AGREEMENT] = terms.owner
    return _suspend_all(replace(book, versions=(*book.versions, version)), terms.id, stopped)


def _propose(book: Book, event: AgreementEvent) -> Book | Objection:
    terms = _terms(event)
    if terms.state is not AgreementState.DRAFT or terms.signatures or terms.suspended:
        return Objection.NOT_AS_DRAFT
    known = book.of_agreement(terms.id)
    if known and number_of(terms.version) <= known[-1].key:
        return Objection.VERSION_NOT_LATER
    if terms.starts < event.day:
        return Objection.START_PASSED
    before = book.in_line(terms.id)
    if not all(each.binds(event.organisation) for each in (terms, *([before.terms] if before else ()))):
        return Objection.NOT_A_PARTY
    signers = controllers_of(terms) | ({before.terms.owner} if before else set())
    version = AgreementVersion(terms, terms_digest_of(terms), signers, event.organisation, imported=False)
    return replace(book, versions=(*book.versions, version))


def _sign(book: Book, event: AgreementEvent) -> Book | Objection:
    version = book.find(event.agreement, event.version)
    objection = _object_to_signing(book, version, event)
    if objection is not None or version is None:
        return objection or Objection.UNKNOWN_AGREEMENT
    mine = [each for each in version.signed if each.organisation == event.organisation]
    if any(each.person == event.person for each in mine):
        return Objection.SAME_PERSON
    if len(mine) >= SIGNATURES:
        return Objection.SIGNED_TWICE
    if event.day > version.terms.starts:
        return Objection.START_PASSED
    signed = Signed(event.organisation, event.person, event.job, event.day)
    return _put(book, replace(version, signed=(*version.signed, signed)))


def _refuse(book: Book, event: AgreementEvent) -> Book | Objection:
    version = book.find(event.agreement, event.version)
    objection = _object_to_signing(book, version, event)
    if objection is not None or version is None:
        return objection or Objection.UNKNOWN_AGREEMENT
    return _put(book, replace(version, refused_by=event.organisation))


def _object_to_signing(
    book: Book, version: AgreementVersion | None, event: AgreementEvent
) -> Objection | None:
    if version is None:
        return Objection.UNKNOWN_AGREEMENT
    if event.organisation not in version.signers:
        return Objection.NO_SIGNATURE_NEEDED
    latest = book.in_line(event.agreement)
    overtaken = latest is not None and latest.key > version.key
    if version.imported or version.is_complete or version.refused_by or overtaken:
        return Objection.NOT_OPEN
    if event.digest != version.digest:
        return Objection.OTHER_TEXT
    return None


def _suspend(book: Book, event: AgreementEvent) -> Book | Objection:
    objection = _object_to_stopping(book, event)
    if objection is not None:
        return objection
    if book.is_suspended(event.agreement, event.party):
        return Objection.SUSPENDED_BEFORE
    return _suspend_all(book, event.agreement, {event.party: event.organisation})


def _resume(book: Book, event: AgreementEvent) -> Book | Objection:
    objection = _object_to_stopping(book, event)
    if objection is not None:
        return objection
    stopped = dict(book.suspended.get(event.agreement, {}))
    if event.party not in stopped:
        return Objection.NOT_SUSPENDED
    if event.organisation not in (stopped.pop(event.party), _owner(book, event.agreement)):
        return Objection.NOT_THE_OWNER
    return replace(book, suspended=MappingProxyType({**book.suspended, event.agreement: stopped}))


def _object_to_stopping(book: Book, event: AgreementEvent) -> Objection | None:
    before = book.in_line(event.agreement)
    if before is None:
        return Objection.UNKNOWN_AGREEMENT
    if book.is_suspended(event.agreement, event.organisation):
        return Objection.SUSPENDED_ITSELF
    versions = [each.terms for each in book.of_agreement(event.agreement) if is_agreed(each)]
    if event.organisation not in controllers_of(before.terms):
        return Objection.NOT_A_PARTY
    if event.party != WHOLE_AGREEMENT and not any(each.binds(event.party) for each in versions):
        return Objection.NOT_A_PARTY
    return None


def _end(book: Book, event: AgreementEvent) -> Book | Objection:
    version = book.find(event.agreement, event.version)
    if version is None:
        return Objection.UNKNOWN_AGREEMENT
    if event.organisation != version.terms.owner:
        return Objection.NOT_THE_OWNER
    if book.is_suspended(event.agreement, event.organisation):
        return Objection.SUSPENDED_ITSELF
    if book.standing(version, event.day) not in (Standing.IN_FORCE, Standing.AWAITED, Standing.SUSPENDED):
        return Objection.NOT_IN_FORCE
    return _put(book, replace(version, ended_on=event.day))


def _note(book: Book, event: AgreementEvent) -> Book | Objection:
    version = book.find(event.agreement, event.version)
    if version is None or event not in book.unnoted(event.day):
        return Objection.UNKNOWN_AGREEMENT
    return _put(book, replace(version, noted=version.noted | {event.kind}))


_TAKEN: Final[Mapping[EventKind, Callable[[Book, AgreementEvent], Book | Objection]]] = {
    EventKind.IMPORTED: _import,
    EventKind.PROPOSED: _propose,
    EventKind.SIGNED: _sign,
    EventKind.REFUSED: _refuse,
    EventKind.SUSPENDED: _suspend,
    EventKind.RESUMED: _resume,
    EventKind.ENDED: _end,
    EventKind.CAME_INTO_FORCE: _note,
    EventKind.EXPIRED: _note,
    EventKind.SUPERSEDED: _note,
}


def controllers_of(terms: Agreement) -> frozenset[str]:
    """Who must sign: each party that decides what the data are used for."""
    return frozenset(each.organisation for each in terms.parties if each.is_controller)


def _signatories(terms: Agreement) -> frozenset[str]:
    return frozenset(each.organisation for each in terms.signatures)


def _owner(book: Book, agreement: str) -> str:
    before = book.in_line(agreement)
    return before.terms.owner if before else ""


def _terms(event: AgreementEvent) -> Agreement:
    if event.terms is None:
        raise BookError(f"{event.kind} of {event.agreement} {event.version} without its text")
    return event.terms


def _put(book: Book, changed: AgreementVersion) -> Book:
    key = changed.terms.id, changed.terms.version
    return replace(
        book,
        versions=tuple(
            changed if (each.terms.id, each.terms.version) == key else each for each in book.versions
        ),
    )


def _suspend_all(book: Book, agreement: str, stopped: Mapping[str, str]) -> Book:
    if not stopped:
        return book
    both = {**book.suspended.get(agreement, {}), **stopped}
    return replace(book, suspended=MappingProxyType({**book.suspended, agreement: both}))
