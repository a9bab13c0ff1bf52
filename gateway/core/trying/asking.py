"""The facts that rules for a flow ask for, so that somebody who tries it can suppose them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from publicprotection.exchange.v1 import header_pb2

from gateway.core.model import Answer, Ruling
from gateway.core.rulebook import CompiledRule, Rulebook
from gateway.core.trying.supposed import Supposed
from gateway.core.vocabulary import short_name


@dataclass(frozen=True, slots=True)
class Asked:
    """A fact.

    Attributes:
        answer: what is supposed of it.
        by: ids of rules, prerequisites and lawful bases that ask for it.
        reason: of the first of them.
    """

    fact: str
    answer: Answer
    by: tuple[str, ...]
    reason: str


def ask_facts(
    supposed: Supposed, book: Rulebook, rules: Iterable[CompiledRule], rulings: Iterable[Ruling]
) -> Iterator[Asked]:
    """The facts, by name."""
    asking: dict[str, dict[str, str]] = {}
    for fact, by, reason in (*_of_rules(book, rules), *_of_bases(supposed, book), *_of_holds(book, rulings)):
        asking.setdefault(fact, {}).setdefault(by, reason)
    for fact, reasons in sorted(asking.items()):
        answer = supposed.facts.get(fact, Answer.UNKNOWN)
        yield Asked(fact, answer, tuple(reasons), next(iter(reasons.values())))


def _of_rules(book: Rulebook, rules: Iterable[CompiledRule]) -> Iterator[tuple[str, str, str]]:
    for each in rules:
        rule = each.rule
        yield from ((fact, rule.id, rule.reason) for fact in rule.unless)
        if rule.hold is not None:
            yield book.prerequisites[rule.hold.prerequisite].fact, rule.id, rule.reason


def _of_bases(supposed: Supposed, book: Rulebook) -> Iterator[tuple[str, str, str]]:
    for number in supposed.bases or ():
        name = short_name(header_pb2.LawfulBasis, "LAWFUL_BASIS_", number)
        for row in book.bases.get(name, ()):
            if row.requires_fact is not None:
                yield row.requires_fact, name, row.paragraph


def _of_holds(book: Rulebook, rulings: Iterable[Ruling]) -> Iterator[tuple[str, str, str]]:
    for ruling in rulings:
        for each in ruling.held:
            waits = book.prerequisites[each.prerequisite]
            yield waits.fact, waits.id, waits.title
