"""Answering a hold: who it is travels sealed, and what is certain to be refused is refused here."""

from collections.abc import Sequence

from publicprotection.exchange.v1.answering_pb2 import Answerer, Evidence
from publicprotection.exchange.v1.decision_pb2 import Held

from services.kit.access.actor import Person
from services.kit.evidence.answering import AnswerFault, Answering, Turned, find_fault
from services.kit.exchange.errors import HoldEvidenceMissingError, HoldWrongPersonError
from services.kit.rpc.errors import CallError


def answerer_of(person: Person) -> Answerer:
    """A person as the sealed answer names them: as authenticated, never as a request says."""
    return Answerer(
        subject=person.subject,
        name=person.name,
        job=person.job,
        roles=sorted(person.roles),
        organisation=person.organisation,
        desk=person.desk,
    )


def check_answer(held: Held, answerer: Answerer, evidence: Sequence[Evidence] | None) -> None:
    """Refuses what the gateway would refuse, as far as it can be known here; the gateway decides.

    Args:
        held: as the gateway asked; one without keys came from a gateway that names none.
        answerer: who answers.
        evidence: of a grant; None where the answer declines.

    Raises:
        HoldWrongPersonError: the person's job and roles are not among those that may answer.
        HoldEvidenceMissingError: a grant must state more.
    """
    if not held.requirement.keys:
        return
    turned = [Turned(each.key, answerer.organisation) for each in held.turned]
    fault = find_fault(held.requirement, Answering(answerer, held.organisation, None, turned), evidence)
    if isinstance(fault, AnswerFault):
        raise _ERRORS.get(fault, HoldWrongPersonError)


_ERRORS: dict[AnswerFault, type[CallError]] = {
    AnswerFault.EVIDENCE_MISSING: HoldEvidenceMissingError,
}
