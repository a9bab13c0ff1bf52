"""Facts as a caller states them: in its organisation's name, and with parties as the seal names them."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from google.protobuf.message import Message
from publicprotection.exchange.v1.facts_pb2 import Fact, Facts, PartyFact

from services.kit.evidence.errors import LeafError
from services.kit.evidence.paths import covers, label_path
from services.kit.exchange.errors import ForeignFactError, UnknownPartError

DOCUMENT_PART: Final = "document."


def claim_facts(facts: Facts, organisation: str, field: str) -> None:
    """Puts the organisation's name to each fact, in place; ForeignFactError if one bears another's."""
    for fact, name in _facts(facts):
        if fact.HasField("organisation") and fact.organisation != organisation:
            raise ForeignFactError(f"{field}.{name}.organisation")
        fact.organisation = organisation


def label_parties(facts: Facts, label: Callable[[str, str], str], field: str) -> None:
    """Rewrites each party that is a part of the document, in place.

    Args:
        facts: changed in place.
        label: from a part with indices, and the field that names it, to the part with labels.
        field: the path of the facts in the request, for errors.
    """
    for fact, name in _parties(facts):
        if fact.party.startswith(DOCUMENT_PART):
            fact.party = label(fact.party, f"{field}.{name}.party")


def label_part(part: str, leaves: Iterable[str], field: str) -> str:
    """A part of a document with labels for indices; UnknownPartError if the document has no such part."""
    known = list(leaves)
    try:
        labelled = label_path(part, known)
    except LeafError:
        raise UnknownPartError(field) from None
    if not any(covers(labelled, leaf) for leaf in known):
        raise UnknownPartError(field)
    return labelled


def _facts(facts: Facts) -> Iterator[tuple[Fact, str]]:
    for descriptor, value in facts.ListFields():
        if isinstance(value, Fact):
            yield value, descriptor.name
    for party, name in _parties(facts):
        if party.HasField("fact"):
            yield party.fact, f"{name}.fact"


def _parties(facts: Facts) -> Iterator[tuple[PartyFact, str]]:
    for descriptor, value in facts.ListFields():
        if isinstance(value, Message):
            continue
        for index, element in enumerate(value):
            yield element, f"{descriptor.name}[{index}]"
