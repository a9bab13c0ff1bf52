"""What standings, changes and happenings of agreements are called on pages, and codes within sentences."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Final

from publicprotection.oversight.v1 import agreement_service_pb2 as pb2

from services.console.pages.rulebook.words import plainly
from services.console.words import day, sentence
from services.kit.words import categories_words, category_words, law_words, plain

STANDINGS: Final = {
    pb2.AGREEMENT_STANDING_DRAFT: ("Draft", "blue", "Proposed; not all have signed. Nothing rests on it."),
    pb2.AGREEMENT_STANDING_AWAITED: ("Signed, awaited", "turquoise", "Signed; its first day is to come."),
    pb2.AGREEMENT_STANDING_IN_FORCE: ("In force", "green", "Releases rest on it."),
    pb2.AGREEMENT_STANDING_SUSPENDED: ("Suspended", "red", "Stopped as a whole until it is resumed."),
    pb2.AGREEMENT_STANDING_EXPIRED: ("Ended", "grey", "Over, by its last day or before."),
    pb2.AGREEMENT_STANDING_SUPERSEDED: ("Superseded", "grey", "A later version took its place."),
    pb2.AGREEMENT_STANDING_REFUSED: ("Refused", "grey", "A party would not sign it."),
}
"""By standing: its name, the colour of its tag, and what it means."""

CHANGES: Final = {
    pb2.AGREEMENT_CHANGE_ADDED: ("Added", "green"),
    pb2.AGREEMENT_CHANGE_REMOVED: ("Removed", "red"),
    pb2.AGREEMENT_CHANGE_NARROWED: ("Narrowed: less may go", "orange"),
    pb2.AGREEMENT_CHANGE_WIDENED: ("Widened: more may go", "blue"),
    pb2.AGREEMENT_CHANGE_REWORDED: ("Reworded: decisions are the same", "grey"),
}

HAPPENINGS: Final = {
    pb2.AGREEMENT_HAPPENING_KIND_IMPORTED: "Taken over with signatures on paper",
    pb2.AGREEMENT_HAPPENING_KIND_PROPOSED: "Proposed",
    pb2.AGREEMENT_HAPPENING_KIND_SIGNED: "Signed",
    pb2.AGREEMENT_HAPPENING_KIND_REFUSED: "Refused",
    pb2.AGREEMENT_HAPPENING_KIND_SUSPENDED: "Suspended",
    pb2.AGREEMENT_HAPPENING_KIND_RESUMED: "Resumed",
    pb2.AGREEMENT_HAPPENING_KIND_ENDED: "Ended",
    pb2.AGREEMENT_HAPPENING_KIND_CAME_INTO_FORCE: "Came into force",
    pb2.AGREEMENT_HAPPENING_KIND_EXPIRED: "Expired",
    pb2.AGREEMENT_HAPPENING_KIND_SUPERSEDED: "Superseded by a later version",
}

VERDICTS: Final = {
    pb2.IMPACT_VERDICT_CHANGED: ("Would change", "orange"),
    pb2.IMPACT_VERDICT_CANNOT_TELL: ("Cannot be told", "grey"),
}

FORMS: Final = {"date-to-year/1": "the year only", "postcode-to-district/1": "the postcode district only"}

_CODE: Final = re.compile(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b")
_DAY: Final = re.compile(r"\b\d{4}-\d\d-\d\d\b")
_SENSITIVE: Final = "OFFICIAL_SENSITIVE"
_LAW: Final = re.compile(r"\d")
_ABOUT: Final = ("SUBJECT_", "VICTIM_", "CHILD_", "ADULT_AT_RISK_", "STAFF_", "OTHER_")


def without_codes(text: str) -> str:
    """A sentence of the gateway about agreements, with its codes and types of documents in plain words."""
    return sentence_of(plainly(with_days(_CODE.sub(lambda found: _say(found[0]), text))))


def with_days(text: str) -> str:
    """A text with its days as people write them."""
    return _DAY.sub(lambda found: day_of(found[0]), text)


def sentence_of(text: str) -> str:
    """The same with a capital in front."""
    return text[:1].upper() + text[1:]


def part_words(part: str) -> str:
    """A part of an agreement: `clause A1`, or a heading of the file such as `marking_ceiling`."""
    return sentence(part.replace("_", " ")) if not part.startswith("clause") else sentence_of(part)


def form_words(only_by: str) -> str:
    """In which form alone something goes."""
    return FORMS.get(only_by, only_by)


def may_go(categories: Iterable[pb2.ClauseCategory]) -> str:
    """What a clause lets go: whole categories owner by owner, then those that go in one form alone."""
    given = list(categories)
    whole = categories_words(each.category for each in given if not each.only_by)
    forms = [
        f"{category_words(each.category)} ({form_words(each.only_by)})" for each in given if each.only_by
    ]
    return sentence_of("; ".join(filter(None, [whole, *forms])))


def _say(code: str) -> str:
    if code == _SENSITIVE:
        return _SENSITIVE.replace("_", "-")
    if code.startswith(_ABOUT):
        return category_words(code)
    return law_words(code) if _LAW.search(code) else plain(code).lower()


def code_of(standing: pb2.AgreementStanding.ValueType) -> str:
    """A standing in addresses."""
    return pb2.AgreementStanding.Name(standing).removeprefix("AGREEMENT_STANDING_")


def day_of(text: str) -> str:
    """A day, ISO 8601, as people write it."""
    return day(date.fromisoformat(text)) if text else "Not stated"
