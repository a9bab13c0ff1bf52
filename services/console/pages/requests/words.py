"""What requests for minutes and their answers are called on pages."""

from typing import Final

from publicprotection.documents.v1 import minutes_request_pb2 as documents
from publicprotection.exchange.v1 import minutes_case_pb2 as case_pb2

STATES: Final[dict[int, tuple[str, str]]] = {
    case_pb2.MINUTES_CASE_STATE_OPEN: ("Being worked on", "blue"),
    case_pb2.MINUTES_CASE_STATE_ASKED_BACK: ("Asked what is wanted", "purple"),
    case_pb2.MINUTES_CASE_STATE_PREPARED: ("Waits for approval", "yellow"),
    case_pb2.MINUTES_CASE_STATE_APPROVED: ("Approved, not sent", "turquoise"),
    case_pb2.MINUTES_CASE_STATE_ANSWERED: ("Answered", "green"),
}
"""Words and the colour of a tag."""

WANTED: Final[dict[int, str]] = {
    documents.MINUTES_WANTED_UNSPECIFIED: "Not clear yet",
    documents.MINUTES_WANTED_FACTS: "Facts that an agency gave",
    documents.MINUTES_WANTED_AGENCY_DOCUMENT: "A document of one agency",
    documents.MINUTES_WANTED_SUMMARY: "An executive summary",
    documents.MINUTES_WANTED_FULL_MINUTES: "The minutes in full",
}
CHANNELS: Final[dict[int, str]] = {
    documents.REQUEST_CHANNEL_LETTER: "In writing",
    documents.REQUEST_CHANNEL_COURT_ORDER: "By order of a court or tribunal",
    documents.REQUEST_CHANNEL_SUBJECT_ACCESS: "As a subject access request, whatever it was called",
    documents.REQUEST_CHANNEL_FREEDOM_OF_INFORMATION: "Under freedom of information",
    documents.REQUEST_CHANNEL_BETWEEN_AGENCIES: "From one agency to another",
}
GROUNDS: Final[dict[int, str]] = {
    case_pb2.MINUTES_GROUND_ORDER: "Minutes in full were ordered (MAPPA 13b.26)",
    case_pb2.MINUTES_GROUND_ORDER_VARIED: "Whoever ordered them agreed to something else (MAPPA 13b.26)",
    case_pb2.MINUTES_GROUND_AGREEMENT: "A written agreement on how data are protected (MAPPA 13b.28, 13b.29)",
    case_pb2.MINUTES_GROUND_ADVICE: "Advice on a recording that is still held (MAPPA 13b.19)",
}
ANSWERS: Final[dict[int, str]] = {
    documents.MINUTES_ANSWER_SUMMARY: "An executive summary",
    documents.MINUTES_ANSWER_FULL_MINUTES: "The minutes in full",
    documents.MINUTES_ANSWER_ASK_OWNER: "Ask the organisation that owns it",
    documents.MINUTES_ANSWER_SUBJECT_ACCESS: "Dealt with as a subject access request",
    documents.MINUTES_ANSWER_FREEDOM_OF_INFORMATION: "Dealt with under freedom of information",
    documents.MINUTES_ANSWER_NEITHER_CONFIRM_NOR_DENY: "Neither confirm nor deny that there was a meeting",
    documents.MINUTES_ANSWER_REFUSED: "Refused",
}
EXEMPTIONS: Final[dict[int, str]] = {
    documents.MINUTES_EXEMPTION_PREVENT_CRIME: (
        "It would prejudice the prevention or detection of crime (DPA 2018 s.45(4); MAPPA 13b.16, 13b.17)"
    ),
    documents.MINUTES_EXEMPTION_ANOTHER_PERSON: (
        "It is about another person (DPA 2018 s.45(4)(e); MAPPA 13b.16)"
    ),
}
FIELDS: Final[dict[str, str]] = {
    "assessments": "Assessments",
    "referral_reason": "Reason for referral",
    "meeting_date": "Date of the meeting",
    "next_meeting": "Next meeting",
    "attendance": "Attendance and apologies",
    "discussion": "Updates, discussion and decisions",
    "risk_summary": "Outline of the risk",
    "plan_outline": "Outline of the risk management plan",
    "level_changed": "Whether the level changed",
    "level_change_reasons": "Why the level changed",
    "disclosure": "What was considered on disclosure",
    "other_actions": "Other actions",
}
"""Fields of an executive summary (MAPPA 13b.31)."""

EVENTS: Final = {
    "REGISTERED": "Registered",
    "READ": "Read",
    "ASKED_BACK": "Asked what is wanted",
    "SETTLED": "What is wanted was settled",
    "GROUND_NOTED": "An order, agreement or advice was noted",
    "COMPOSED": "Summary composed",
    "CONTRIBUTORS_ASKED": "Contributors asked",
    "CONTRIBUTOR_HEARD": "A contributor was heard",
    "DECIDED": "What is left out was decided",
    "PREPARED": "Reply prepared",
    "RETURNED": "Reply given back",
    "APPROVED": "Reply approved",
    "SENT": "Sent",
    "ANSWERED": "Answered",
}
OBSTACLES: Final = {
    "ADVICE_MISSING": "Note the advice on the recording that is still held (MAPPA 13b.19).",
    "AGENCIES_CANNOT_SUPPLY_MISSING": "Say what the agencies themselves cannot supply (MAPPA 13b.27).",
    "AGREEMENT_MISSING": "Note the written agreement on how data are protected (MAPPA 13b.28, 13b.29).",
    "ALREADY_ANSWERED": "The request was answered already.",
    "ALREADY_APPROVED": "The reply is approved: nothing can be changed any more.",
    "ANSWER_NOT_OPEN": "This answer cannot be given to whoever asks.",
    "ASKED_BACK": "Settle what is wanted: the requester was asked.",
    "AUTHOR": "You wrote some of it: somebody else approves it (MAPPA 13b.32).",
    "CHANGED_MEANWHILE": "The request changed meanwhile: look at it again.",
    "CLAIM_NOT_WEIGHED": "Weigh what contributors claim: follow it, or say why not (MAPPA 13b.32).",
    "CLAIM_UNKNOWN": "There is no such claim.",
    "CONTRIBUTORS_NOT_ASKED": "Ask those who contributed (MAPPA 13b.32).",
    "CONTRIBUTORS_UNHEARD": "Hear those who were asked, or wait until their day has passed (MAPPA 13b.32).",
    "FULL_NECESSARY_MISSING": "Say why a summary will not do (MAPPA 13b.25).",
    "INCIDENT_MISSING": "Give the day of the further incident (MAPPA 22.25).",
    "SENT_BEFORE_APPROVAL": "The minutes went before this was approved: send them again.",
    "MINUTES_NOT_SENT": "This organisation sent no minutes in that exchange.",
    "NO_ADDRESS": "Say where the answer is to go.",
    "NOT_APPROVED": "The reply is not approved yet.",
    "NOT_ASKED": "That organisation was not asked.",
    "NOT_PREPARED": "No reply is prepared.",
    "ORDERED": "Minutes in full were ordered: give them, or note what was agreed otherwise (MAPPA 13b.26).",
    "ORDER_MISSING": "Minutes in full go only once they are ordered: note the order (MAPPA 13b.26).",
    "OWNER_MISSING": "Say which organisation owns it (MAPPA 13b.23, 13b.24).",
    "REASONS_MISSING": "Give reasons.",
    "ROLE": "The chair approves; where the chair wrote it, a co-ordinator does (MAPPA 13b.32).",
    "SUMMARY_MISSING": "Compose the executive summary (MAPPA 13b.31).",
    "WANTED_UNCLEAR": "Ask what exactly is wanted (MAPPA 13b.24).",
}
"""What stands in the way of a step, by the code that the service gives."""


def obstacle_words(code: str) -> str:
    """What stands in the way, as a sentence that says what to do."""
    return OBSTACLES.get(code, "The request does not allow this now.")
