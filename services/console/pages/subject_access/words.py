"""What subject access calls its codes on pages."""

import json
from collections.abc import Mapping
from typing import Any, Final

from publicprotection.exchange.v1 import subject_access_case_pb2 as case_pb2
from publicprotection.exchange.v1 import subject_access_documents_pb2 as documents
from publicprotection.exchange.v1 import subject_access_review_pb2 as review
from publicprotection.exchange.v1 import subject_access_terms_pb2 as terms_pb2

from services.console.errors import InvalidError, PreconditionError
from services.console.words import code as code_words
from services.kit.subject_access.showing import show_date
from services.kit.subject_access.wire import name_value

Tag = tuple[str, str]
"""Words, and the colour of a tag."""

REQUESTERS: Final = {
    "SUBJECT": "The person whose information it is",
    "REPRESENTATIVE": "Somebody who speaks for them: a solicitor, an attorney, a deputy",
    "PARENT": "Somebody with parental responsibility, for a child who cannot ask for themselves",
    "OTHER": "Anybody else",
}
_SHORT_REQUESTERS: Final = {
    "SUBJECT": "The person",
    "REPRESENTATIVE": "Their representative",
    "PARENT": "A parent",
}
CALLED: Final = {
    "SUBJECT_ACCESS": "Subject access",
    "LETTER": "A letter that names no law",
    "MINUTES": "A request for minutes",
    "FREEDOM_OF_INFORMATION": "Freedom of information, and they confirmed that they want their own data",
    "ABBREVIATION": "“SAR” and no more",
}
EVIDENCE: Final = {
    "PHOTOGRAPHIC_DOCUMENT": "Passport, driving licence or another document with a photograph",
    "PROOF_OF_ADDRESS": "Letter of a bank, a council or a supplier to their address",
    "KNOWN_TO_STAFF": "Known in person to staff who work with them",
    "SIGNED_AUTHORITY": "Signed authority of the person",
    "ATTORNEY_OR_DEPUTY": "Power of attorney or deputyship",
    "PARENTAL_RESPONSIBILITY": "Parental responsibility",
}
GROUNDS: Final = {
    "COMPLEXITY": "What is asked for is complex",
    "NUMBER": "The same person made several requests",
}
MEANS: Final = {
    "POST": "By post, to be signed for",
    "SECURE_EMAIL": "By secure email",
    "IN_PERSON": "In person",
}
CONSENTS: Final = {
    "GIVEN": "They agree",
    "REFUSED": "They were asked and do not agree",
    "NOT_SOUGHT": "They were not asked: asking could harm somebody, or is not possible",
    "NO_ANSWER": "They were asked and have not answered",
}
TELLS: Final = {
    "REASON": "That something is withheld, and why",
    "CATEGORY": "That something is withheld, and no more",
    "NOTHING": "Nothing, neither that we hold it nor that we do not",
}
REGIMES: Final = {
    "LAW_ENFORCEMENT": "Law enforcement (DPA 2018 Part 3)",
    "GENERAL": "General (UK GDPR)",
}
STATES: Final[Mapping[int, Tag]] = {
    case_pb2.ACCESS_CASE_STATE_OPEN: ("Who asks is not established", "yellow"),
    case_pb2.ACCESS_CASE_STATE_IN_HAND: ("In hand", "blue"),
    case_pb2.ACCESS_CASE_STATE_PREPARED: ("Waits for approval", "purple"),
    case_pb2.ACCESS_CASE_STATE_ANSWERED: ("Approved: to be sent", "turquoise"),
    case_pb2.ACCESS_CASE_STATE_ISSUED: ("Sent", "green"),
}
ITEM_STATES: Final[Mapping[int, Tag]] = {
    case_pb2.ACCESS_ITEM_STATE_OWNER_ASKED: ("Owner asked", "yellow"),
    case_pb2.ACCESS_ITEM_STATE_UNDECIDED: ("To be decided", "orange"),
    case_pb2.ACCESS_ITEM_STATE_GIVEN: ("Given", "green"),
    case_pb2.ACCESS_ITEM_STATE_WITHHELD: ("Withheld", "red"),
}
GETS: Final[Mapping[int, str]] = {
    review.ACCESS_GETS_OPEN: "Not decided yet.",
    review.ACCESS_GETS_UNMASKED: "The text, once everybody else is masked in it.",
    review.ACCESS_GETS_NOTHING: "Nothing. The answer says neither that we hold this nor that we do not.",
}
DECIDERS: Final = {"OWNER": "its owner", "CONTROLLER": "us", "RULE": "the rules"}
OPEN_POINTS: Final = {
    "IDENTITY_NOT_ESTABLISHED": "It is not established who asks.",
    "CLARIFICATION_AWAITED": "The person has not answered which information they mean.",
    "NOT_COLLECTED": "What we hold has not been gathered.",
    "OWNER_HAS_NOT_ANSWERED": "An owner of items has not answered.",
    "ITEM_UNDECIDED": "There are items to be decided.",
    "TEXT_NOT_MASKED": "There are texts in which others are not masked yet.",
    "SUMMARY_MISSING": "Minutes are never given: an executive summary must be among the items.",
}
_OBSTACLES: Final = {
    **OPEN_POINTS,
    "CASE_ANSWERED": "This request is answered. Nothing can be changed any more.",
    "CASE_ISSUED": "The answer was sent before.",
    "NOT_APPROVED": "The answer is not approved.",
    "BEFORE_APPROVAL": "The day of sending is before the day of approval.",
    "IDENTITY_ESTABLISHED": "It is established who asks.",
    "EVIDENCE_INSUFFICIENT": "This evidence does not show that they may ask.",
    "NOTHING_ASKED": "The person was not asked anything that waits for an answer.",
    "BEFORE_QUESTION": "The answer cannot have been received before the question was asked.",
    "EXTENDED_BEFORE": "The time was extended before. It can be extended once.",
    "TIME_NOT_RUNNING": "The time does not run yet, so there is nothing to extend.",
    "EXTENSION_TOO_LATE": "The person was told after the first month, so the time is not extended.",
    "NOT_LOCATED": "The gateway has not said yet where data lies.",
    "NOT_MASKED": "The gateway has proposed no masking for this text yet. Ask for it first.",
    "NOT_PREPARED": "The answer is not ready for approval.",
    "NOT_DATA_PROTECTION_OFFICER": "Only a data protection officer approves or returns an answer.",
    "PREPARED_BY_SAME_PERSON": (
        "You prepared this answer or decided something in it. Another officer must approve it."
    ),
    "CHANGED_MEANWHILE": "Somebody changed the request while you approved it. Look again, then approve.",
    "ENQUIRY_ANSWERED": "This enquiry was answered before.",
    "FREEDOM_OF_INFORMATION": (
        "This is no subject access, since somebody else asks. Answer it as freedom of information."
    ),
    "ABBREVIATION_UNRESOLVED": (
        "“SAR” may mean a safeguarding adult review or a suspicious activity report. Find out which is meant."
    ),
}
_FAULTS: Final = {
    "EXEMPTION_UNKNOWN": "Choose an exemption",
    "EXEMPTION_OF_OTHER_LAW": "This exemption belongs to another law than the item is held under.",
    "REASON_MISSING": "Say why.",
    "TELLS_TOO_MUCH": "Under this exemption the person may not be told that much.",
    "NEVER_GIVEN": "Who raised a concern is never given.",
    "ANSWERED_BY_SUMMARY": "Minutes are answered by an executive summary and never given themselves.",
    "OWNER_HAS_NOT_ANSWERED": "Its owner has not answered yet. Until then it cannot be given.",
    "ITEM_UNKNOWN": "An item is not part of this request any more. Choose again.",
    "SERIOUS_HARM_NOT_WEIGHED": "Say whether giving it would be likely to cause serious harm, and why.",
    "SERIOUS_HARM_NOT_MET": "This exemption applies only if it would be likely to cause serious harm.",
    "SERIOUS_HARM_MET": "It would be likely to cause serious harm, so it is not to be given.",
    "OPINION_MISSING": "Health information needs a professional opinion: say whose it is and of which day.",
    "OPINION_TOO_OLD": "The opinion of the health professional is older than six months. Ask for a new one.",
    "THIRD_PARTY_NOT_WEIGHED": "It is about somebody else: say whether they agree, and what you weighed.",
    "THIRD_PARTY_NOT_REASONABLE": (
        "They do not agree, and you say that it is not reasonable without them: withhold it."
    ),
    "SPAN_OUTSIDE_TEXT": "The text is not as it was. Open it again.",
}
_REASONS: Final = {
    "BLANKET_EXEMPTION": "Everything cannot be withheld for one reason. Give each its own, or give some.",
    "DAY_IN_FUTURE": "The day must be today or in the past.",
}
_EVENTS: Final = {
    "OPENED": "Request received",
    "IDENTITY_ASKED": "Asked the person who they are",
    "IDENTITY_ESTABLISHED": "Established who asks",
    "CLARIFICATION_ASKED": "Asked which information is meant",
    "CLARIFICATION_RECEIVED": "The person answered which information they mean",
    "EXTENDED": "Extended the time",
    "LOCATION_ASKED": "Asked the gateway where data lies",
    "LOCATED": "The gateway said where data lies",
    "COLLECTED": "Gathered what we hold",
    "ADDED": "Added an item from another system",
    "OWNER_ASKED": "Asked the owner of items",
    "OWNER_ANSWERED": "The owner answered",
    "DECIDED": "Decided items",
    "MASKING_ASKED": "Asked the gateway to mask others in texts",
    "MASKED": "The gateway proposed what to mask",
    "MASK_AMENDED": "Changed what is masked in a text",
    "REVEALED": "Looked at information about others",
    "TURNED_BACK": "The gateway did not take what was asked",
    "READ": "Read the request",
    "PREPARED": "Prepared the answer",
    "RETURNED": "Returned the answer to be worked on",
    "ANSWERED": "Approved the answer: it was made and signed",
    "ISSUED": "Sent the answer",
}


def obstacle(error: PreconditionError) -> str:
    """Why a step is not possible."""
    found = error.codes.get("obstacle") or error.codes.get("instead", "")
    return _OBSTACLES.get(found) or error.message


def faults(error: InvalidError) -> list[str]:
    """What is wrong with what was sent; each thing once."""
    if error.reason in _REASONS:
        return [_REASONS[error.reason]]
    said = [_FAULTS.get(each.advice, each.advice) for each in error.fields]
    return list(dict.fromkeys(said)) or [error.advice or "Something is not as it must be."]


def open_point(name: str) -> str:
    """What stands in the way of an answer."""
    return OPEN_POINTS.get(name) or code_words(name)


def event(name: str) -> str:
    """What happened."""
    return _EVENTS.get(name) or code_words(name)


def requester(value: int, *, short: bool = False) -> str:
    """Who asks; in few words, or in all of them."""
    known = _SHORT_REQUESTERS if short else REQUESTERS
    return known.get(name_value(terms_pb2.AccessRequester.DESCRIPTOR, value), "Not stated")


def first_capital(text: str) -> str:
    """A sentence with a capital first."""
    return text[:1].upper() + text[1:]


def called(value: int) -> str:
    """What a request was called."""
    return CALLED.get(name_value(terms_pb2.AccessCalled.DESCRIPTOR, value), "Not stated")


def evidence(value: int) -> str:
    """On what it rests who asks."""
    return EVIDENCE.get(name_value(terms_pb2.IdentityEvidence.DESCRIPTOR, value), "Not stated")


def means(value: int) -> str:
    """How an answer was sent."""
    return MEANS.get(name_value(review.AccessMeans.DESCRIPTOR, value), "Not stated")


def consent(value: int) -> str:
    """Whether somebody agrees."""
    return CONSENTS.get(name_value(review.ThirdPartyConsent.DESCRIPTOR, value), "Not stated")


def tell(value: int) -> str:
    """How much the person is told."""
    return TELLS.get(name_value(documents.AccessTell.DESCRIPTOR, value), "As the exemption has it")


def regime(name: str) -> str:
    """Under which law something is held."""
    return REGIMES.get(name, name)


def text_of(item: case_pb2.AccessItem) -> str:
    """What an item says; of a disclosure, a line for each thing."""
    value: Any = json.loads(item.value) if item.value else ""
    return str(value)


def day(written: str) -> str:
    """A day as `2026-11-23`, in words."""
    return show_date(written)
