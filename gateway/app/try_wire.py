"""A try as the contract asks and answers it."""

from collections.abc import Iterator, Mapping
from typing import Final

from publicprotection.common.v1 import organisation_pb2
from publicprotection.exchange.v1 import decision_pb2, facts_pb2, header_pb2
from publicprotection.oversight.v1 import rulebook_service_pb2 as pb2

from gateway.core.explain import explain_to_sender, reference
from gateway.core.facts import assertable_by
from gateway.core.flow import desk_of
from gateway.core.model import Answer, HeldItem, Outcome, Ruling, Tell
from gateway.core.rulebook import Rulebook
from gateway.core.trying.asking import Asked
from gateway.core.trying.circumstances import Circumstance
from gateway.core.trying.imagining import categories_of, parts_of_document
from gateway.core.trying.parts import Parts, Treated, differences, fates_of, parts_of
from gateway.core.trying.supposed import Agreements, Supposed
from gateway.core.trying.trying import Tried
from gateway.core.wording.words import spelt_out
from gateway.core.world import World
from services.kit.evidence.paths import shape_of

_ANSWERS: Final[Mapping[facts_pb2.Answer.ValueType, Answer]] = {
    facts_pb2.ANSWER_YES: Answer.YES,
    facts_pb2.ANSWER_NO: Answer.NO,
}
_NUMBERS: Final = {
    Answer.YES: facts_pb2.ANSWER_YES,
    Answer.NO: facts_pb2.ANSWER_NO,
    Answer.UNKNOWN: facts_pb2.ANSWER_UNKNOWN,
}
_AGREEMENTS: Final = {
    pb2.SUPPOSED_AGREEMENTS_UNSPECIFIED: Agreements.IN_FORCE,
    pb2.SUPPOSED_AGREEMENTS_NONE: Agreements.NONE,
    pb2.SUPPOSED_AGREEMENTS_EVERYTHING: Agreements.EVERYTHING,
}


def read_supposed(request: pb2.TryExchangeRequest) -> Supposed:
    """The question; what is UNKNOWN of a fact or a circumstance is as if it were not named."""
    so = {each.circumstance: _ANSWERS.get(each.answer) for each in request.circumstances}
    return Supposed(
        desk_of(request.sender),
        desk_of(request.recipient),
        request.document_type,
        request.purpose,
        others=tuple(map(desk_of, request.others)),
        urgency=request.urgency or header_pb2.URGENCY_ROUTINE,
        marking=request.marking or organisation_pb2.MARKING_OFFICIAL_SENSITIVE,
        release_kind=request.release_kind or header_pb2.RELEASE_KIND_SHARING,
        bases=tuple(request.lawful_bases) or None,
        conditions=tuple(request.conditions) or None,
        necessity=not request.without_necessity,
        agreements=_AGREEMENTS[request.agreements],
        facts={each.fact: _ANSWERS[each.answer] for each in request.facts if each.answer in _ANSWERS},
        circumstances={name: answer is Answer.YES for name, answer in so.items() if answer is not None},
        without=frozenset(request.without),
        owner=request.owner,
        system=request.source_system,
    )


def answer_try(tried: Tried, world: World) -> pb2.TryExchangeResponse:
    """The answer; no more of it than its sender would be told of a real decision."""
    document = tried.supposed.document
    parts = {part for part in parts_of_document(document) if part.count(".") == 1}
    answer = pb2.TryExchangeResponse(
        decision=explain_to_sender(tried.ruling),
        parts=_parts(tried),
        holds=_holds(tried.ruling, world.rulebook),
        facts=map(_fact, tried.facts),
        circumstances=_circumstances(tried, world.rulebook),
        worst=_outcome(tried.worst.outcome),
        categories=categories_of(document),
        systems=tried.systems,
        document_parts=sorted(parts),
    )
    answer.lawful_bases.extend(map(header_pb2.LawfulBasis.ValueType, tried.supposed.bases or ()))
    answer.conditions.extend(map(header_pb2.ProcessingCondition.ValueType, tried.supposed.conditions or ()))
    return answer


def _parts(tried: Tried) -> Iterator[pb2.TriedParts]:
    certain = {shape_of(path) for path, fate in fates_of(tried.worst).items() if fate.treated in _GOING}
    for each in parts_of(tried.case, tried.ruling):
        yield _part(each, depends=each.fate.treated in _GOING and not certain.issuperset(each.paths))


_GOING: Final = frozenset({Treated.RELEASED, Treated.GENERALISED})


def _part(part: Parts, *, depends: bool) -> pb2.TriedParts:
    return pb2.TriedParts(
        category=part.category,
        treatment=pb2.TriedTreatment.Value(f"TRIED_TREATMENT_{part.fate.treated.value}"),
        paths=part.paths,
        rule=reference(part.fate.rule) if part.fate.rule else None,
        prerequisite=part.fate.prerequisite,
        free_text=part.free_text,
        depends=depends,
    )


def _holds(ruling: Ruling, book: Rulebook) -> Iterator[pb2.TriedHold]:
    yield from (_hold(each, book) for each in ruling.held if each.tell_sender is not Tell.NOTHING)


def _hold(item: HeldItem, book: Rulebook) -> pb2.TriedHold:
    prerequisite = book.prerequisites[item.prerequisite]
    return pb2.TriedHold(
        prerequisite=item.prerequisite,
        title=prerequisite.title,
        organisation=item.organisation,
        role=item.role,
        paragraph=prerequisite.paragraph,
        rule=reference(item.rule) if item.tell_sender is Tell.REASON else None,
        whole_exchange=item.whole_exchange,
        categories=item.categories,
    )


def _fact(asked: Asked) -> pb2.TriedFact:
    kinds = (organisation_pb2.OrganisationKind.ValueType(each) for each in sorted(assertable_by(asked.fact)))
    return pb2.TriedFact(
        fact=asked.fact,
        answer=_NUMBERS[asked.answer],
        asked_by=asked.by,
        reason=asked.reason,
        assertable_by=kinds,
    )


def _circumstances(tried: Tried, book: Rulebook) -> list[pb2.TriedCircumstance]:
    found = [_circumstance(tried, book, each, ruling) for each, ruling in tried.alone]
    return sorted(found, key=lambda one: (not one.differences and not one.answer, one.circumstance))


def _circumstance(
    tried: Tried, book: Rulebook, circumstance: Circumstance, alone: Ruling | None
) -> pb2.TriedCircumstance:
    answer = pb2.TriedCircumstance(
        circumstance=circumstance.id,
        condition=spelt_out(circumstance.text),
        rules=map(reference, circumstance.rules),
    )
    if alone is None:
        so = tried.supposed.circumstances[circumstance.id]
        answer.answer = facts_pb2.ANSWER_YES if so else facts_pb2.ANSWER_NO
        return answer
    told = {each.rule for each in circumstance.rules}
    answer.differences.extend(differences(tried.case, book, tried.ruling, alone, told))
    answer.outcome = _outcome(alone.outcome)
    return answer


def _outcome(outcome: Outcome) -> decision_pb2.DecisionOutcome.ValueType:
    return decision_pb2.DecisionOutcome.Value(f"DECISION_OUTCOME_{outcome.value}")
