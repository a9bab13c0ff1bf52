"""What stands in the way of a step, as stable codes; None or empty: nothing does. Pure."""

from collections.abc import Iterator
from datetime import date

from services.kit.minutes.cases import Case, State
from services.kit.minutes.rules import FULL, Kind, Rules
from services.kit.subject_access.model import Who

_CONTENT = ("SUMMARY", FULL)
_WITH_REASONS = (FULL, "REFUSED")


def to_registering(kind: Kind, opened: dict[str, object]) -> str | None:
    """Why a request cannot be registered as it is stated."""
    if "INCIDENT" in kind.demands and not opened["incident_on"]:
        return "INCIDENT_MISSING"
    return None if opened["requester"] or opened["reply_to"] else "NO_ADDRESS"


def to_work(case: Case) -> str | None:
    """Why nothing can be changed."""
    if case.state in {State.APPROVED, State.ANSWERED}:
        return "ALREADY_APPROVED"
    return None


def to_answer(case: Case, answer: str, reasons: str, rules: Rules, today: date) -> Iterator[str]:
    """Why an answer cannot be prepared."""
    route = rules.route(case.route)
    if case.asked_back:
        yield "ASKED_BACK"
    if answer not in route.gives:
        yield "ANSWER_NOT_OPEN"
        return
    if answer in _WITH_REASONS and not reasons.strip():
        yield "REASONS_MISSING"
    ordered = "ORDER" in route.full_needs and "ORDER" in case.grounds and "ORDER_VARIED" not in case.grounds
    if ordered and answer != FULL:
        yield "ORDERED"
    needs = (*route.needs, *(route.full_needs if answer == FULL else ()))
    for need in needs:
        yield from _missing(case, need, answer, today)
    if case.opened["recording_held"] and case.opened["kind"] in rules.recording.kinds:
        yield from _missing(case, "ADVICE", answer, today)


def to_approval(case: Case, who: Who, rules: Rules) -> str | None:
    """Why somebody may not approve what is prepared: who wrote it does not."""
    if who.subject in case.authors:
        return "AUTHOR"
    wrote = rules.approval.by & set(case.authors.values())
    allowed = rules.approval.instead if wrote else rules.approval.by
    return None if who.role in allowed else "ROLE"


def needs_approval(case: Case, rules: Rules) -> bool:
    """Whether somebody else approves the reply."""
    terrorism = case.opened["counter_terrorism"] and case.route in rules.terrorism.routes
    return bool(rules.route(case.route).approval or terrorism)


def _missing(case: Case, need: str, answer: str, today: date) -> Iterator[str]:
    if need == "SUMMARY" and answer == "SUMMARY" and case.draft is None:
        yield "SUMMARY_MISSING"
    if need == "CONTRIBUTORS" and answer in _CONTENT:
        yield from _unheard(case, today)
    if need == "OWNER" and not case.settled["owner"]:
        yield "OWNER_MISSING"
    if need in {"ORDER", "AGREEMENT", "ADVICE"} and need not in case.grounds and answer != "REFUSED":
        yield f"{need}_MISSING"
    if need in {"AGENCIES_CANNOT_SUPPLY", "FULL_NECESSARY"} and not case.opened[need.lower()]:
        yield f"{need}_MISSING"


def _unheard(case: Case, today: date) -> Iterator[str]:
    if not case.contributors:
        yield "CONTRIBUTORS_NOT_ASKED"
    if case.unheard(today):
        yield "CONTRIBUTORS_UNHEARD"
    if case.unweighed():
        yield "CLAIM_NOT_WEIGHED"
