"""Who may answer a hold, on what evidence: one check for the service that sends an answer and the gateway.

Pure. The gateway decides, by the rulebook in force; an agency's service asks the same first, so that nobody
waits for a refusal that was certain.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from publicprotection.exchange.v1 import answering_pb2


class AnswerFault(StrEnum):
    """Why an answer is not taken: stable reasons."""

    PERSON_UNKNOWN = "HOLD_PERSON_UNKNOWN"
    """Nobody was authenticated, or somebody of another organisation."""

    WRONG_PERSON = "HOLD_WRONG_PERSON"
    """Neither the job nor a role is one of those that may."""

    AUTHOR_ANSWERS = "HOLD_AUTHOR_ANSWERS"
    """The author of the exchange may not be the one."""

    NOT_THE_AUTHOR = "HOLD_NOT_THE_AUTHOR"
    """Only the author of the exchange may."""

    SAME_PERSON = "HOLD_SAME_PERSON"
    """This person has turned the other key."""

    SAME_AGENCY = "HOLD_SAME_AGENCY"
    """The other key was turned in the same organisation."""

    EVIDENCE_MISSING = "HOLD_EVIDENCE_MISSING"
    """A grant must state more."""


@dataclass(frozen=True, slots=True)
class Turned:
    """A key that was turned, as far as whoever checks knows by whom.

    Attributes:
        key: its place in the requirement; None for a key to another hold that is to be apart from this one.
        organisation: in which.
        same_person: whether the person who answers now turned it.
    """

    key: int | None
    organisation: str
    same_person: bool = False


@dataclass(frozen=True, slots=True)
class Answering:
    """Who answers, and how that person stands to what went before.

    Attributes:
        answerer: as authenticated; None where nobody was.
        organisation: that was asked.
        is_author: whether it is the author of the exchange; None where that is not known.
        turned: keys to this hold, and to those that it is to be apart from.
    """

    answerer: answering_pb2.Answerer | None
    organisation: str
    is_author: bool | None
    turned: Sequence[Turned] = ()


def find_fault(
    requirement: answering_pb2.AnswerRequirement,
    answering: Answering,
    evidence: Iterable[answering_pb2.Evidence] | None,
) -> AnswerFault | int:
    """Why an answer is not taken, or which key it turns.

    Args:
        requirement: of the hold.
        answering: who answers.
        evidence: of a grant; None for an answer that declines, which needs none.
    """
    person = answering.answerer
    if person is None or not person.subject or person.organisation != answering.organisation:
        return AnswerFault.PERSON_UNKNOWN
    fault = _fault_among_keys(requirement, answering, person)
    if not isinstance(fault, int) or evidence is None:
        return fault
    apart = [each for each in answering.turned if each.key is None]
    if any(each.organisation == person.organisation for each in apart):
        return AnswerFault.SAME_AGENCY
    if any(each.same_person for each in answering.turned):
        return AnswerFault.SAME_PERSON
    return fault if _is_evidenced(requirement, evidence) else AnswerFault.EVIDENCE_MISSING


def missing_keys(requirement: answering_pb2.AnswerRequirement, turned: Collection[int]) -> list[int]:
    """Places of the keys that nobody has turned yet."""
    return [place for place in range(len(requirement.keys)) if place not in turned]


def _fault_among_keys(
    requirement: answering_pb2.AnswerRequirement, answering: Answering, person: answering_pb2.Answerer
) -> AnswerFault | int:
    """The first key still to be turned that this person may turn."""
    left = missing_keys(requirement, {each.key for each in answering.turned if each.key is not None})
    fault: AnswerFault = AnswerFault.WRONG_PERSON
    for place in left:
        found = _fault_of(requirement.keys[place], person, is_author=answering.is_author)
        if found is None:
            return place
        fault = found
    # Whoever could turn only the key already turned by themselves is told so.
    own = any(each.same_person for each in answering.turned if each.key is not None)
    return AnswerFault.SAME_PERSON if own else fault


def _fault_of(
    key: answering_pb2.HoldKey, person: answering_pb2.Answerer, *, is_author: bool | None
) -> AnswerFault | None:
    if (key.jobs or key.roles) and person.job not in key.jobs and not set(person.roles) & set(key.roles):
        return AnswerFault.WRONG_PERSON
    if key.author == answering_pb2.AUTHOR_RELATION_OTHER and is_author is True:
        return AnswerFault.AUTHOR_ANSWERS
    if key.author == answering_pb2.AUTHOR_RELATION_SAME and is_author is False:
        return AnswerFault.NOT_THE_AUTHOR
    return None


def _is_evidenced(
    requirement: answering_pb2.AnswerRequirement, evidence: Iterable[answering_pb2.Evidence]
) -> bool:
    stated = {each.kind for each in evidence if each.reference.strip() and _is_whole(each)}
    return stated.issuperset(requirement.evidence)


def _is_whole(piece: answering_pb2.Evidence) -> bool:
    """Whether a piece says what its kind asks for: a consultation with whom, and what has a day its day."""
    if piece.kind == answering_pb2.EVIDENCE_KIND_CONSULTATION and not piece.consulted.strip():
        return False
    return piece.kind not in _DATED or (piece.on.year > 0 and piece.on.month > 0 and piece.on.day > 0)


_DATED = frozenset(
    {
        answering_pb2.EVIDENCE_KIND_CONSULTATION,
        answering_pb2.EVIDENCE_KIND_CONSENT,
        answering_pb2.EVIDENCE_KIND_ATTEMPTS,
    }
)
