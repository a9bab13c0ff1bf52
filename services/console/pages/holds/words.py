"""What a hold waits for, in plain words: who may answer, on what evidence, and why somebody may not."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from publicprotection.exchange.v1 import answering_pb2
from publicprotection.exchange.v1.hold_service_pb2 import HoldState

from services.console.words import job, role
from services.kit.access.actor import Role
from services.kit.evidence.answering import AnswerFault


@dataclass(frozen=True, slots=True)
class EvidenceWords:
    """One kind of evidence.

    Attributes:
        title: what it is.
        hint: how to state it.
        is_dated: whether it needs its day.
        is_consultation: whether it needs who was consulted.
    """

    title: str
    hint: str
    is_dated: bool = False
    is_consultation: bool = False


EVIDENCE: Final = {
    answering_pb2.EVIDENCE_KIND_MEETING: EvidenceWords(
        "A meeting", "The reference of the meeting or of its minutes"
    ),
    answering_pb2.EVIDENCE_KIND_CONSULTATION: EvidenceWords(
        "A consultation", "Where the consultation is on record", is_dated=True, is_consultation=True
    ),
    answering_pb2.EVIDENCE_KIND_DECISION: EvidenceWords(
        "A decision on record", "Its reference, such as a log entry or an approval under a policy"
    ),
    answering_pb2.EVIDENCE_KIND_WRITTEN_AGREEMENT: EvidenceWords(
        "A written agreement", "The reference of the agreement"
    ),
    answering_pb2.EVIDENCE_KIND_CONSENT: EvidenceWords(
        "Somebody's consent or wish", "Where it is on record", is_dated=True
    ),
    answering_pb2.EVIDENCE_KIND_ASSESSMENT: EvidenceWords("An assessment", "The reference of the assessment"),
    answering_pb2.EVIDENCE_KIND_ATTEMPTS: EvidenceWords(
        "Attempts to reach whoever should have been consulted", "Where they are on record", is_dated=True
    ),
    answering_pb2.EVIDENCE_KIND_CLEARANCE: EvidenceWords(
        "A vetting or clearance", "The reference of the vetting or clearance"
    ),
}

STATES: Final = {
    HoldState.HOLD_STATE_OPEN: "Waiting",
    HoldState.HOLD_STATE_ANSWERED: "Answer sent",
    HoldState.HOLD_STATE_GRANTED: "Granted",
    HoldState.HOLD_STATE_DECLINED: "Declined",
    HoldState.HOLD_STATE_LIFTED: "Ended: not needed any more",
    HoldState.HOLD_STATE_EXPIRED: "Ended: nobody answered in time",
}

FAULTS: Final = {
    AnswerFault.PERSON_UNKNOWN: "it was asked of another organisation.",
    AnswerFault.WRONG_PERSON: "your job and roles are not among those that may.",
    AnswerFault.AUTHOR_ANSWERS: "the author of the exchange may not be the one who answers.",
    AnswerFault.NOT_THE_AUTHOR: "only the author of the exchange may.",
    AnswerFault.SAME_PERSON: "you gave the first answer, and the second must be another person's.",
    AnswerFault.SAME_AGENCY: "the other answer was given by the same organisation.",
}

ANSWERING: Final = frozenset({Role.PRACTITIONER, Role.SUPERVISOR, Role.MAPPA_COORDINATOR, Role.MEETING_CHAIR})
"""Roles that speak for their organisation at all; the hold says which of them may answer it."""

ONLY_READS: Final = "your role reads holds and does not answer them. Ask your supervisor to."
_RELATIONS: Final = {
    answering_pb2.AUTHOR_RELATION_SAME: ", and only the author of the exchange",
    answering_pb2.AUTHOR_RELATION_OTHER: ", but not the author of the exchange",
}


def key_words(key: answering_pb2.HoldKey) -> str:
    """Who may turn a key: `A senior probation officer or anybody acting as supervisor`."""
    people = [job(each) for each in key.jobs] + [f"anybody acting as {role(each)}" for each in key.roles]
    who = join_or(people) if people else "anybody at the organisation that was asked"
    return who[:1].upper() + who[1:] + _RELATIONS.get(key.author, "")


def missing_words(requirement: answering_pb2.AnswerRequirement, missing: Iterable[int]) -> list[str]:
    """The answers that nobody has given yet."""
    return [key_words(requirement.keys[place]) for place in missing if place < len(requirement.keys)]


def evidence_words(requirement: answering_pb2.AnswerRequirement) -> list[EvidenceWords]:
    """What a grant must state."""
    return [EVIDENCE[kind] for kind in requirement.evidence if kind in EVIDENCE]


def join_or(words: Sequence[str]) -> str:
    """`one, two or three`, the later ones in lower case."""
    lowered = [words[0], *(each if each.isupper() else each[:1].lower() + each[1:] for each in words[1:])]
    return f"{', '.join(lowered[:-1])} or {lowered[-1]}" if len(lowered) > 1 else lowered[0]
