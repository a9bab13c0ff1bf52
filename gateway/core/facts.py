"""Facts on record: who may assert them, whom they are about, and what is known at the time of a decision.

Absent is UNKNOWN. What somebody asserts who may not is ignored, and that is reported (design section 3). Of
several assertions the latest holds; of two from the same moment, NO.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from functools import cache, cached_property
from typing import Any, Final

from google.protobuf.descriptor import FieldDescriptor
from publicprotection.exchange.v1 import facts_pb2, header_pb2

from gateway.core.model import Answer, KnownFact
from services.kit.evidence.paths import parts_above

_ANSWERS: Final = {facts_pb2.ANSWER_YES: Answer.YES, facts_pb2.ANSWER_NO: Answer.NO}
_ALWAYS: Final = datetime.min.replace(tzinfo=UTC)


class FactScope(Enum):
    """Whom a fact is about."""

    CASE = "case"
    ITEM = "item"
    """A part of the document, by path prefix; only the part's owner may assert it."""
    RECIPIENT = "recipient"
    """An organisation, by id."""


@cache
def fact_scope(name: str) -> FactScope:
    """Whom a fact is about, read from its field in exchange.v1.Facts."""
    field = _field(name)
    if _by_owner(field):
        return FactScope.ITEM
    return FactScope.RECIPIENT if field.is_repeated else FactScope.CASE


@cache
def assertable_by(name: str) -> frozenset[int]:
    """Kinds of organisation that may assert a fact; none where only the information's owner may."""
    return frozenset(_field(name).GetOptions().Extensions[facts_pb2.assertable_by])


def read_facts(header: header_pb2.Header, sender: str) -> tuple[KnownFact, ...]:
    """The facts that a header asserts. Who says so is the sender, whatever the message says."""
    return tuple(read_assertion(header.facts, sender, at=None))


def read_assertion(facts: facts_pb2.Facts, organisation: str, at: datetime | None) -> Iterator[KnownFact]:
    """The facts of a message, as asserted by an organisation.

    Args:
        facts: as received.
        organisation: who signed the message.
        at: when it was received: from then a fact holds that does not say from when.
    """
    for field, value in facts.ListFields():
        for party, fact in (
            [(each.party, each.fact) for each in value] if field.is_repeated else [(None, value)]
        ):
            yield KnownFact(
                name=field.name,
                party=party,
                answer=_ANSWERS.get(fact.answer, Answer.UNKNOWN),
                organisation=organisation,
                from_=_time(fact, "from") or at,
                until=_time(fact, "until"),
            )


@dataclass(frozen=True)
class FactBook:
    """What is known in one decision: facts asserted by those who may, in force at its time."""

    facts: tuple[KnownFact, ...]
    ignored: tuple[KnownFact, ...]

    @cached_property
    def _by_party(self) -> dict[tuple[str, str], list[KnownFact]]:
        found: dict[tuple[str, str], list[KnownFact]] = {}
        for each in self.facts:
            if each.party is not None:
                found.setdefault((each.name, each.party), []).append(each)
        return found

    def about_case(self, name: str) -> Answer:
        """The answer to a fact about the case."""
        return _latest(each for each in self.facts if each.name == name and each.party is None)

    def about_recipient(self, name: str, organisation: str) -> Answer:
        """The answer to a fact about an organisation."""
        return _latest(each for each in self.facts if each.name == name and each.party == organisation)

    def about_item(self, name: str, path: str, recipient: str) -> Answer:
        """The answer to a fact about a leaf, for a recipient organisation."""
        about = (each for part in parts_above(path) for each in self._by_party.get((name, part), ()))
        return _latest(each for each in about if each.recipient in (None, recipient))

    def answer(self, name: str, recipient: str, path: str | None = None) -> Answer:
        """The answer to any fact, in its own scope; UNKNOWN for one about an item where no path is given."""
        scope = fact_scope(name)
        if scope is FactScope.CASE:
            return self.about_case(name)
        if scope is FactScope.RECIPIENT:
            return self.about_recipient(name, recipient)
        return Answer.UNKNOWN if path is None else self.about_item(name, path, recipient)


def open_book(
    facts: Iterable[KnownFact],
    at: datetime,
    kind_of: Callable[[str], int],
    owns: Callable[[str, str], bool],
) -> FactBook:
    """Sorts facts into those that count and those asserted by somebody who may not.

    Args:
        facts: all that were asserted.
        at: the time of the decision; facts not in force then are left out of both.
        kind_of: the kind of an organisation, 0 if unknown.
        owns: whether an organisation owns everything under a path prefix.
    """
    counted: list[KnownFact] = []
    ignored: list[KnownFact] = []
    for each in facts:
        (counted if _may_assert(each, kind_of, owns) else ignored).append(each)
    return FactBook(tuple(each for each in counted if _in_force(each, at)), tuple(ignored))


def _may_assert(fact: KnownFact, kind_of: Callable[[str], int], owns: Callable[[str, str], bool]) -> bool:
    if fact_scope(fact.name) is FactScope.ITEM:
        return fact.party is not None and owns(fact.organisation, fact.party)
    if (fact_scope(fact.name) is FactScope.RECIPIENT) != (fact.party is not None):
        return False
    return kind_of(fact.organisation) in assertable_by(fact.name)


def _in_force(fact: KnownFact, at: datetime) -> bool:
    return (fact.from_ is None or fact.from_ <= at) and (fact.until is None or at < fact.until)


def _latest(facts: Iterable[KnownFact]) -> Answer:
    known = [each for each in facts if each.answer is not Answer.UNKNOWN]
    if not known:
        return Answer.UNKNOWN
    latest = max(each.from_ or _ALWAYS for each in known)
    answers = {each.answer for each in known if (each.from_ or _ALWAYS) == latest}
    return Answer.NO if Answer.NO in answers else Answer.YES


def _field(name: str) -> FieldDescriptor:
    return facts_pb2.Facts.DESCRIPTOR.fields_by_name[name]


def _by_owner(field: FieldDescriptor) -> bool:
    return bool(field.GetOptions().Extensions[facts_pb2.assertable_by_owner])


def _time(fact: Any, name: str) -> datetime | None:
    if not fact.HasField(name):
        return None
    time: datetime = getattr(fact, name).ToDatetime(tzinfo=UTC)
    return time
