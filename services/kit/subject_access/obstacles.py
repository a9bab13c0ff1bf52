"""What stands in the way of a step, as stable codes; None or empty: nothing does. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from services.kit.subject_access.cases import Case
from services.kit.subject_access.clock import day_of, read_clock
from services.kit.subject_access.model import CaseState, ItemState, Settled, Who
from services.kit.subject_access.rules import Rules

OFFICER = "DATA_PROTECTION_OFFICER"
"""The role that approves."""

_DECIDING = frozenset({"DECIDED", "MASK_AMENDED"})


def to_opening(requester: str, called: str) -> str | None:
    """Why a request is no subject access, or not yet known to be (adult:W-34)."""
    if requester == "OTHER":
        return "FREEDOM_OF_INFORMATION"
    return "ABBREVIATION_UNRESOLVED" if called == "ABBREVIATION" else None


def to_work(case: Case) -> str | None:
    """Why nothing can be changed."""
    if case.state in {CaseState.ANSWERED, CaseState.ISSUED}:
        return "CASE_ANSWERED"
    return None


def to_identity(case: Case, evidence: Iterable[str], rules: Rules) -> str | None:
    """Why it is not established that somebody may ask."""
    requester = case.opened["requester"]
    wanted = next(each.any_of for each in rules.evidence if each.requester == requester)
    return None if wanted & set(evidence) else "EVIDENCE_INSUFFICIENT"


def to_extension(case: Case, told_on: date, rules: Rules) -> str | None:
    """Why the time cannot be extended: once, and only if the person is told in the first month."""
    if case.days.extended:
        return "EXTENDED_BEFORE"
    first = read_clock(case.days, rules.time).first_month_ends
    if first is None:
        return "TIME_NOT_RUNNING"
    return "EXTENSION_TOO_LATE" if told_on > first else None


def to_locating(case: Case) -> str | None:
    """Why nobody may look for data yet: not before it is known who asks."""
    return to_work(case) or (None if case.established else "IDENTITY_NOT_ESTABLISHED")


def to_issue(case: Case, issued_on: date) -> str | None:
    """Why a pack cannot have been sent: it is not made, or was sent before, or not yet made on that day."""
    if case.issued_on is not None:
        return "CASE_ISSUED"
    made = next((each for each in case.events if each.kind == "ANSWERED"), None)
    if made is None:
        return "NOT_APPROVED"
    return "BEFORE_APPROVAL" if issued_on < day_of(made.at) else None


def to_answer(case: Case, settled: Sequence[Settled], rules: Rules) -> list[str]:
    """Everything that still stands in the way of an answer, sorted."""
    return sorted(set(_open_points(case, settled, rules)))


def to_approval(case: Case, who: Who) -> str | None:
    """Why somebody may not approve: two people, of whom the second is the data protection officer."""
    if case.prepared_by is None:
        return "NOT_PREPARED"
    if who.role != OFFICER:
        return "NOT_DATA_PROTECTION_OFFICER"
    return "PREPARED_BY_SAME_PERSON" if who.subject in _workers(case) else None


def _workers(case: Case) -> set[str]:
    """Whoever prepared the response, or decided an item of it or what is masked in one."""
    decided = {each.who.subject for each in case.events if each.kind in _DECIDING and each.who}
    return decided | ({case.prepared_by.subject} if case.prepared_by else set())


def _open_points(case: Case, settled: Sequence[Settled], rules: Rules) -> Iterator[str]:
    if not case.established:
        yield "IDENTITY_NOT_ESTABLISHED"
    if case.days.pauses and case.days.pauses[-1].until is None:
        yield "CLARIFICATION_AWAITED"
    if not case.collected:
        yield "NOT_COLLECTED"
    for each in settled:
        yield from _points_of(case, each)
    documents = {each.item.document_type for each in settled if not each.item.is_disclosure}
    if any(rules.summary_of(each) not in (None, *documents) for each in documents):
        yield "SUMMARY_MISSING"


def _points_of(case: Case, settled: Settled) -> Iterator[str]:
    if settled.state is ItemState.OWNER_ASKED:
        yield "OWNER_HAS_NOT_ANSWERED"
    if settled.state is ItemState.UNDECIDED:
        yield "ITEM_UNDECIDED"
    if settled.state is ItemState.GIVEN and settled.item.is_text and settled.item.item_id not in case.masked:
        yield "TEXT_NOT_MASKED"
