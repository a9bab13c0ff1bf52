"""What must be right in an agreement before anything rests on it: no heading may contradict another.

Whether the law carries its clauses is for `agreement_law`, whether prohibitions defeat them for `defeated`.
"""

from collections.abc import Iterator
from typing import NamedTuple

from gateway.core.agreement_state import AgreementState
from gateway.core.agreements import Agreement, Clause
from gateway.core.errors import AgreementError
from gateway.core.yaml_source import Location, Source


class Fault(NamedTuple):
    """Something wrong: where in the file, and what to write instead."""

    at: Location
    advice: str


def check_terms(source: Source, agreement: Agreement) -> None:
    """Refuses an agreement whose headings contradict each other.

    Raises:
        AgreementError: the first fault by line.
    """
    raise_first(source, agreement, find_faults(agreement))


def raise_first(source: Source, agreement: Agreement, faults: Iterator[Fault]) -> None:
    """Raises the first fault by line, if there is one."""
    found = sorted((source.line_of(fault.at), fault) for fault in faults)
    if found:
        line, fault = found[0]
        inner = source.item_at(fault.at)
        item = agreement.id if inner in ("", agreement.id) else f"{agreement.id}/{inner}"
        raise AgreementError(source.file, line, item, fault.advice)


def find_faults(agreement: Agreement) -> Iterator[Fault]:
    """Every contradiction between the headings."""
    yield from _parties(agreement)
    yield from _purposes(agreement)
    yield from _bases(agreement)
    yield from _policy_documents(agreement)
    yield from _signatures(agreement)


def _parties(agreement: Agreement) -> Iterator[Fault]:
    seen: set[str] = set()
    for index, party in enumerate(agreement.parties):
        if party.organisation in seen:
            yield Fault(("parties", index), f"{party.organisation} stands here twice: say once what it is")
        seen.add(party.organisation)
    if not any(party.is_controller for party in agreement.parties):
        yield Fault(("parties",), "nobody is a controller: say who decides what the data are used for")


def _purposes(agreement: Agreement) -> Iterator[Fault]:
    agreed, served = set(agreement.purposes), set[str]()
    for index, clause in enumerate(agreement.clauses):
        served.update(clause.purposes)
        for place, purpose in enumerate(clause.purposes):
            if purpose not in agreed:
                advice = f"{purpose} is no purpose of the agreement: add it to `purposes` or take it out here"
                yield Fault(("clauses", index, "purposes", place), advice)
    for place, purpose in enumerate(agreement.purposes):
        if purpose not in served:
            advice = f"no clause is for {purpose}: take it out, or write the clause"
            yield Fault(("purposes", place), advice)


def _bases(agreement: Agreement) -> Iterator[Fault]:
    seen: set[str] = set()
    for index, ground in enumerate(agreement.lawful_bases):
        if ground.regime in seen:
            yield Fault(("lawful_bases", index, "regime"), f"{ground.regime} stands twice: write it once")
        seen.add(ground.regime)
    for index, clause in enumerate(agreement.clauses):
        yield from _clause_bases(agreement, index, clause)


def _clause_bases(agreement: Agreement, index: int, clause: Clause) -> Iterator[Fault]:
    known = {basis for each in agreement.lawful_bases for basis in each.bases}
    for place, basis in enumerate(clause.bases):
        if basis not in known:
            advice = f"{basis} is no basis of the agreement: add it to `lawful_bases` or take it out here"
            yield Fault(("clauses", index, "bases", place), advice)


def _policy_documents(agreement: Agreement) -> Iterator[Fault]:
    seen: set[str] = set()
    for index, each in enumerate(agreement.policy_documents):
        if each.organisation in seen:
            yield Fault(("policy_documents", index), f"{each.organisation} stands twice: write its latest")
        if each.review <= agreement.starts:
            advice = "was due for review when the agreement starts: review it and write the next date"
            yield Fault(("policy_documents", index, "review"), advice)
        seen.add(each.organisation)


def _signatures(agreement: Agreement) -> Iterator[Fault]:
    seen: set[str] = set()
    for index, each in enumerate(agreement.signatures):
        if each.organisation in seen:
            yield Fault(("signatures", index), f"{each.organisation} signs twice: write its signature once")
        if each.on > agreement.starts:
            advice = f"{each.organisation} signs after the start: let it start when all have signed"
            yield Fault(("signatures", index, "on"), advice)
        seen.add(each.organisation)
    missing = [each.organisation for each in agreement.parties if each.is_controller]
    missing = [name for name in missing if name not in seen]
    if agreement.state is AgreementState.IN_FORCE and missing:
        advice = f"in force without the signature of {', '.join(missing)}: add it, or write DRAFT for `state`"
        yield Fault(("signatures",), advice)
