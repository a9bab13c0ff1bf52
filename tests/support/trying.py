"""A decided case as the question that somebody would ask who tries it."""

from collections.abc import Iterator

from gateway.core.abstracts import EVERYBODY, truths_of
from gateway.core.cases import ReadCase
from gateway.core.conditions import Truth
from gateway.core.decide import prepare
from gateway.core.facts import FactScope, fact_scope
from gateway.core.flow import Submission, desk_of
from gateway.core.model import Answer, Case, Desk
from gateway.core.trying.imagining import parts_of_document
from gateway.core.trying.supposed import Supposed
from gateway.core.vocabulary import fact_names
from gateway.core.world import World
from services.kit.evidence.paths import parts_above, shape_of


def supposed_of(read: ReadCase, recipient: Desk) -> Supposed | None:
    """The question about one recipient; None where a try has no words for the case: owners that differ."""
    case, submission = read.case, prepare(read.case, read.world)
    owners = {leaf.owner for leaf in submission.leaves}
    systems = {submission.owners.system_of(leaf.path) for leaf in submission.leaves}
    if len(owners) != 1 or len(systems) != 1 or not _is_uniform(submission, recipient):
        return None
    header = case.header
    (owner,), (system,) = owners, systems
    return Supposed(
        desk_of(header.sender),
        recipient,
        case.document_type,
        header.purpose,
        others=tuple(desk for desk in map(desk_of, header.recipients) if desk != recipient),
        urgency=header.urgency,
        marking=header.marking,
        release_kind=header.release_kind,
        bases=tuple(header.lawful_bases),
        conditions=tuple(header.conditions),
        necessity=bool(header.necessity.strip()),
        facts=dict(_facts(submission, recipient)),
        without=_lacking(case),
        owner="" if owner == header.sender.organisation else owner,
        system=system,
    )


def truths(case: Case, world: World, recipient: Desk) -> dict[str, bool]:
    """By id of rule, what its condition came to."""
    found = truths_of(case, world)
    known = found[EVERYBODY] | found[str(recipient)]
    return {
        each.rule.id: known[each.condition.text] is not Truth.FALSE
        for each in world.rulebook.rules
        if each.condition is not None and each.condition.text in known
    }


def _lacking(case: Case) -> frozenset[str]:
    """Parts that the document does not hold; of a part that it holds nothing of, that alone."""
    held = {part for path in case.leaves for part in parts_above(shape_of(path))}
    return parts_of_document(case.document_type) - held


def _facts(submission: Submission, recipient: Desk) -> Iterator[tuple[str, Answer]]:
    for name in fact_names():
        answers = _answers(submission, name, recipient)
        if answers and (answer := answers.pop()) is not Answer.UNKNOWN:
            yield name, answer


def _is_uniform(submission: Submission, recipient: Desk) -> bool:
    return all(len(_answers(submission, name, recipient)) <= 1 for name in fact_names())


def _answers(submission: Submission, name: str, recipient: Desk) -> set[Answer]:
    book = submission.book
    if fact_scope(name) is FactScope.CASE:
        return {book.answer(name, "")}
    if fact_scope(name) is FactScope.RECIPIENT:
        ends = (submission.case.header.sender.organisation, recipient.organisation)
        return {book.answer(name, end) for end in ends} - {Answer.UNKNOWN}
    return {book.answer(name, recipient.organisation, leaf.path) for leaf in submission.leaves}
