"""Clauses that could never let through what they say: an absolute prohibition always defeats them.

Such a clause misleads whoever signs it, so the agreement is refused when it is loaded. Absolute is a
prohibition without `unless` and `when`. The proof's synthetic agreement is not loaded and so exempt.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product

from gateway.core.agreements import Agreement, Clause, End
from gateway.core.categories import leaf_kinds
from gateway.core.documents import descriptor_of, document_class
from gateway.core.errors import AgreementError
from gateway.core.rulebook import Rulebook
from gateway.core.rulebook_model import Applies, Rule
from gateway.core.yaml_source import Source

KindOf = Callable[[str], str]
"""The kind of an organisation by id; empty if it is not known."""


@dataclass(frozen=True, slots=True)
class Defeated:
    """A category of a clause that can never go with one of its documents, and the rules that see to it."""

    category: str
    document: str
    recipients: tuple[str, ...]
    purposes: tuple[str, ...]
    rules: tuple[str, ...]


def check_clauses(source: Source, agreement: Agreement, rulebook: Rulebook, kind_of: KindOf) -> None:
    """Refuses an agreement with a clause that is always defeated.

    Raises:
        AgreementError: names the file, the line of the clause's categories, the combination and the remedy.
    """
    for index, clause in enumerate(agreement.clauses):
        for found in find_defeated(agreement, clause, rulebook, kind_of):
            line = source.line_of(("clauses", index, "categories", clause.categories.index(found.category)))
            raise AgreementError(source.file, line, f"{agreement.id}/{clause.id}", _advice(clause, found))


def find_defeated(
    agreement: Agreement, clause: Clause, rulebook: Rulebook, kind_of: KindOf
) -> Iterator[Defeated]:
    """The categories of a clause that never go with one of its documents, whoever of its ends takes part."""
    absolute = [each.rule for each in rulebook.rules if _is_absolute(each.rule)]
    senders = kinds_at(agreement, clause.from_, kind_of)
    recipients = kinds_at(agreement, clause.to, kind_of)
    for document, category in product(clause.documents, clause.categories):
        if category not in _categories_of(document):
            continue
        flows = product(clause.purposes, senders, recipients)
        rules = [_defeating(absolute, category, (document, *flow)) for flow in flows]
        if all(rules):
            names = tuple(sorted(set(filter(None, rules))))
            yield Defeated(category, document, recipients, clause.purposes, names)


def kinds_at(agreement: Agreement, end: End, kind_of: KindOf) -> tuple[str, ...]:
    """The kinds that can be at one end: those named, those of the organisations named, or all parties'."""
    organisations: Iterable[str] = end.organisations
    if not end.kinds and not end.organisations:
        organisations = (party.organisation for party in agreement.parties)
    return tuple(sorted({*end.kinds, *(kind_of(each) for each in organisations)}))


def _is_absolute(rule: Rule) -> bool:
    bounded = rule.unless or rule.when is not None or rule.applies.lacking or rule.system
    return rule.prohibition and not bounded


def _defeating(rules: Iterable[Rule], category: str, flow: tuple[str, str, str, str]) -> str:
    found = (each.id for each in rules if _removes(each, category) and _surely_covers(each.applies, flow))
    return next(found, "")


def _removes(rule: Rule, category: str) -> bool:
    return category in rule.withhold if rule.permit_only is None else category not in rule.permit_only


def _surely_covers(applies: Applies, flow: tuple[str, str, str, str]) -> bool:
    """Whether it applies; an organisation of unknown kind may be of one that it does not apply to."""
    _, _, sender, recipient = flow
    unsure = (not sender and applies.senders) or (
        not recipient and (applies.recipients or applies.except_recipients)
    )
    return not unsure and applies.covers(*flow)


@cache
def _categories_of(document: str) -> frozenset[str]:
    return frozenset(kind.category for _, kind in leaf_kinds(descriptor_of(document_class(document))))


def _advice(clause: Clause, found: Defeated) -> str:
    kinds, purposes = " or ".join(found.recipients), " or ".join(found.purposes)
    what = f"{found.category} never goes with {found.document} to {kinds} for {purposes}"
    remedy = f"take {found.category} out of `categories`"
    if len(clause.documents) > 1:
        remedy += f", or write a clause of its own for {found.document} without it"
    return f"{what}, by {' and '.join(found.rules)}: {remedy}"
