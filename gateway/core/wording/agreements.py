"""An agreement in words: its headings, and the ends of its clauses."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from gateway.core.agreement_terms import EndConditions, LegalGround
from gateway.core.agreements import Agreement, Clause, End
from gateway.core.wording.words import sentence, word, words

_CITED: Final = (
    (re.compile(r"\bs(?=\d)"), "s."),
    (re.compile(r"\bsch(?=\d)"), "Sch."),
    (re.compile("LAW"), "law"),
    (re.compile(r"\b(?:children|care) act\b"), lambda found: found[0].title()),
    (re.compile(r"\b(?:cswa|sswbwa)\b"), lambda found: found[0].upper()),
    (re.compile(r"(?<=s\.)(\d+)([a-z])\b"), lambda found: found[1] + found[2].upper()),
)

NameOf = Callable[[str], str]
"""What an organisation is called, by its id."""


def headings_of(terms: Agreement, name_of: NameOf = str) -> Iterator[tuple[str, str]]:
    """What it says beside its clauses, under the headings of the ICO's Data Sharing Code."""
    yield "Purposes", sentence(words(terms.purposes))
    for ground in terms.lawful_bases:
        yield f"Lawful bases: {_law(ground.regime)} processing", _ground(ground)
    for each in terms.policy_documents:
        title = f"Appropriate policy document: {name_of(each.organisation)}"
        yield title, f"{each.reference}, kept by {each.owner}, reviewed by {each.review}"
    yield "Marking", f"Up to {terms.marking_ceiling.replace('_', '-')}"
    yield "Data quality", terms.quality
    yield "Security in transit", terms.security.in_transit
    yield "Security at rest", terms.security.at_rest
    yield "Access", terms.security.access
    yield "Retention", terms.retention.period
    yield "Disposal", terms.retention.disposal
    yield "Onward sharing", terms.onward_sharing
    yield "Requests for access", terms.requests.access
    yield "Exemptions", terms.requests.exemptions
    yield "People's rights", terms.requests.rights
    breach = terms.breach_contact
    told = f"within {breach.within_hours} hour{'' if breach.within_hours == 1 else 's'}"
    yield "Breaches", f"Tell {name_of(breach.organisation)}, {breach.role}, {breach.telephone}, {told}"


def clause_in_words(clause: Clause, name_of: NameOf = str) -> str:
    """A clause in one sentence without codes."""
    ends = f"from {describe_end(clause.from_, name_of)} to {describe_end(clause.to, name_of)}"
    return f"{', '.join(clause.documents)} {ends}, to {words(clause.purposes)}: {words(clause.categories)}"


def describe_end(end: End, name_of: NameOf = str) -> str:
    """One end of a clause."""
    who = ", ".join([*map(word, end.kinds), *map(name_of, end.organisations)]) or "any party"
    return f"{who} ({', '.join(end.desks)})" if end.desks else who


def _ground(ground: LegalGround) -> str:
    parts = [
        ground.processing,
        f"Powers: {_laws(ground.bases)}",
        *_conditions("Special category data", ground.special),
        *_conditions("Criminal data", ground.criminal),
    ]
    return ". ".join(part.rstrip(".") for part in parts) + "."


def _conditions(about: str, conditions: EndConditions) -> Iterator[str]:
    if conditions.all:
        disclosing, receiving = _laws(conditions.disclosing) or "none", _laws(conditions.receiving) or "none"
        yield f"{about}: {disclosing} to disclose, {receiving} to receive"


def _laws(names: Iterable[str]) -> str:
    return ", ".join(map(_law, names))


def _law(name: str) -> str:
    text = word(name)
    for pattern, replacement in _CITED:
        text = pattern.sub(replacement, text)
    return text
