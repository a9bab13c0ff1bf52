"""A decision to disclose to a third party as chapter 10 wants it, for tests to leave things out of."""

from typing import Any

from google.protobuf.json_format import ParseDict
from publicprotection.common.v1.person_pb2 import PersonIdentity
from publicprotection.exchange.v1.disclosure_pb2 import DisclosureConsideration, DisclosureTelling

PERSON = {
    "name": {"given": "Robin", "family": "Quillfeather"},
    "date_of_birth": {"year": 1980, "month": 5, "day": 4},
    "identifiers": [{"system": "IDENTIFIER_SYSTEM_PNC_ID", "value": "2001/0123456X"}],
}
RECIPIENT = {"name": {"given": "Wren", "family": "Ashgrove"}}
COMPLETE: dict[str, Any] = {
    "outcome": "DISCLOSURE_OUTCOME_DISCLOSE",
    "reasons": "The children of a new partner cannot be protected without.",
    "mappa_level": 2,
    "decided_by": "DISCLOSURE_DECIDER_MEETING",
    "decided_on": {"year": 2026, "month": 3, "day": 2},
    "review_by": {"year": 2026, "month": 9, "day": 1},
    "meeting_reference": "L2-2026-031",
    "lawful_bases": ["LAWFUL_BASIS_CJA_2003_S325"],
    "purpose": "To protect two children.",
    "triggers": ["DISCLOSURE_TRIGGER_NEW_PARTNER"],
    "alternatives_considered": "Moving out was offered and declined.",
    "necessity": "Nothing less protects them.",
    "risks_to_third_party": "Retaliation is unlikely.",
    "risks_to_subject": "Loss of accommodation.",
    "risks_to_others": "None known.",
    "risks_of_displacement": "May move in with somebody else.",
    "contingency_victim": "Alarm fitted.",
    "contingency_subject": "Approved premises on call.",
    "representations": "REPRESENTATIONS_HEARD",
    "representations_made": "Would rather tell it himself.",
    "recipient": RECIPIENT,
    "recipient_capacity": "new partner",
    "content": "Must not be alone with children.",
    "discloser": "kent-police",
    "discloser_person": "Sam Reed",
    "method": "DISCLOSURE_METHOD_SPOKEN",
    "preparation": {
        "understands_confidentiality": True,
        "what_to_do": "Call at once.",
        "contact": "Jo Park",
        "contact_telephone": "01632 960123",
    },
    "recipient_must_not": "Pass it on, or confront him.",
    "conditions": "Not to be passed on.",
    "photograph": "PHOTOGRAPH_USE_NONE",
}
TELLING: dict[str, Any] = {
    "told_at": "2026-03-02T09:00:00Z",
    "told_by": "Sam Reed",
    "told_to": "Wren Ashgrove",
    "content": "Must not be alone with children.",
    "method": "DISCLOSURE_METHOD_SPOKEN",
    "photograph": "PHOTOGRAPH_USE_NONE",
    "understands_confidentiality": True,
}


def considered(**changes: Any) -> DisclosureConsideration:
    """A complete decision to disclose with other members; None leaves one out."""
    return ParseDict(_without({**COMPLETE, **changes}), DisclosureConsideration())


def told(**changes: Any) -> DisclosureTelling:
    """A telling as it was decided, with other members; None leaves one out."""
    return ParseDict(_without({**TELLING, **changes}), DisclosureTelling())


def subject() -> PersonIdentity:
    """About whom it is."""
    return ParseDict(PERSON, PersonIdentity())


def _without(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}
