"""Whether the law carries what an agreement says: its bases, its conditions, and its policy documents.

A clause that no agreed basis could ever carry, or sensitive data without a condition at each end, would look
agreed and never be lawful, so the agreement is refused when it is loaded (MAPPA 9.5, 9.8; DPA 2018 s.35,
s.42, Sch.1 Part 4).
"""

from collections.abc import Iterator
from functools import cache
from itertools import product
from typing import Any, NamedTuple

from gateway.core.agreement_checks import Fault, raise_first
from gateway.core.agreement_terms import EndConditions, LegalGround, Party
from gateway.core.agreements import Agreement, Clause
from gateway.core.categories import leaf_kinds
from gateway.core.defeated import KindOf, kinds_at
from gateway.core.documents import descriptor_of, document_class
from gateway.core.rulebook import Rulebook
from gateway.core.rulebook_model import Basis, Condition
from gateway.core.yaml_source import Location, Source


def check_law(source: Source, agreement: Agreement, rulebook: Rulebook, kind_of: KindOf) -> None:
    """Refuses an agreement that the law does not carry.

    Raises:
        AgreementError: the first fault by line.
    """
    checked = _Checked(agreement, rulebook, kind_of)
    raise_first(source, agreement, find_faults(checked))


class _Checked(NamedTuple):
    """An agreement, and what it is held against."""

    agreement: Agreement
    rulebook: Rulebook
    kind_of: KindOf


def find_faults(checked: _Checked) -> Iterator[Fault]:
    """Everything that the agreement says and the law does not carry."""
    for index, ground in enumerate(checked.agreement.lawful_bases):
        at = ("lawful_bases", index)
        yield from _idle_bases(checked, at, ground)
        yield from _missing_conditions(checked, at, ground)
        for kind, ends in (("special", ground.special), ("criminal", ground.criminal)):
            yield from _wrong_conditions(checked, (*at, kind), ground.regime, ends)
    for index, clause in enumerate(checked.agreement.clauses):
        yield from _unfounded(checked, ("clauses", index, "purposes"), clause)
    yield from _missing_documents(checked)


def _idle_bases(checked: _Checked, at: Location, ground: LegalGround) -> Iterator[Fault]:
    purposes = set(checked.agreement.purposes)
    for place, basis in enumerate(ground.bases):
        rows = [row for row in checked.rulebook.bases.get(basis, ()) if row.regime in (None, ground.regime)]
        if purposes.isdisjoint(purpose for row in rows for purpose in row.purposes):
            advice = f"{basis} serves no purpose of this agreement under {ground.regime}: take it out here"
            yield Fault((*at, "bases", place), advice)


def _wrong_conditions(checked: _Checked, at: Location, regime: str, ends: EndConditions) -> Iterator[Fault]:
    known = checked.rulebook.conditions
    suited = [name for name, each in known.items() if _suits(each, regime, checked.agreement)]
    for side, names in (("disclosing", ends.disclosing), ("receiving", ends.receiving)):
        for place, name in enumerate(names):
            if name not in suited:
                advice = f"{name} is no condition for this under {regime}: write one of {', '.join(suited)}"
                yield Fault((*at, side, place), advice)


def _suits(condition: Condition, regime: str, agreement: Agreement) -> bool:
    serves = not condition.purposes or not set(agreement.purposes).isdisjoint(condition.purposes)
    return regime in condition.regimes and serves


def _missing_conditions(checked: _Checked, at: Location, ground: LegalGround) -> Iterator[Fault]:
    sensitive = checked.rulebook.sensitive[ground.regime]
    for kind, ends in (("special", ground.special), ("criminal", ground.criminal)):
        carrying = [each.id for each in checked.agreement.clauses if _carries(each, kind)]
        if getattr(sensitive, kind) and carrying and not ends.are_stated:
            what = f"{', '.join(carrying)} carry {kind} data, which need a condition at each end"
            remedy = f"write `{kind}` with `disclosing` and `receiving`"
            yield Fault(at, f"{what} under {ground.regime}: {remedy}")


def _unfounded(checked: _Checked, at: Location, clause: Clause) -> Iterator[Fault]:
    """Each purpose of a clause needs an agreed basis that can carry it between some of its ends."""
    agreement = checked.agreement
    agreed = sorted({basis for each in agreement.lawful_bases for basis in each.bases})
    rows = [row for basis in clause.bases or agreed for row in checked.rulebook.bases.get(basis, ())]
    ends = [kinds_at(agreement, end, checked.kind_of) for end in (clause.from_, clause.to)]
    for place, purpose in enumerate(clause.purposes):
        if not any(_founds(row, purpose, *pair) for row, pair in product(rows, product(*ends))):
            advice = f"no agreed basis carries {purpose} between these ends: add one to `lawful_bases`"
            yield Fault((*at, place), advice)


def _founds(basis: Basis, purpose: str, sender: str, recipient: str) -> bool:
    """Whether a basis can carry a flow; an organisation of unknown kind may be of any."""
    return (
        purpose in basis.purposes
        and (not basis.senders or not sender or sender in basis.senders)
        and (not basis.recipients or not recipient or recipient in basis.recipients)
    )


def _missing_documents(checked: _Checked) -> Iterator[Fault]:
    """Each controller at an end of a clause with sensitive data has an appropriate policy document."""
    having = {each.organisation for each in checked.agreement.policy_documents}
    needing = [each for each in checked.agreement.clauses if _needs_document(checked, each)]
    for index, party in enumerate(checked.agreement.parties):
        at = [each.id for each in needing if _takes_part(checked, party, each)]
        if party.is_controller and at and party.organisation not in having:
            what = f"{party.organisation} takes part in {', '.join(at)}, which carry sensitive data"
            yield Fault(("parties", index), f"{what}: add its entry to `policy_documents`")


def _takes_part(checked: _Checked, party: Party, clause: Clause) -> bool:
    name, kind = party.organisation, checked.kind_of(party.organisation)
    return any(end.reaches(name, kind) for end in (clause.from_, clause.to))


def _needs_document(checked: _Checked, clause: Clause) -> bool:
    tables = [checked.rulebook.sensitive[each.regime] for each in checked.agreement.lawful_bases]
    kinds = [kind for kind in ("special", "criminal") if any(getattr(each, kind) for each in tables)]
    return any(_carries(clause, kind) for kind in kinds)


def _carries(clause: Clause, kind: str) -> bool:
    """Whether a clause lets a leaf go that is special or criminal."""
    return any(
        leaf.category in clause.categories and getattr(leaf, kind)
        for document in clause.documents
        for leaf in _leaves(document)
    )


@cache
def _leaves(document: str) -> frozenset[Any]:
    return frozenset(kind for _, kind in leaf_kinds(descriptor_of(document_class(document))))
