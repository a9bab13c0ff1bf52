"""Step 3: a lawful basis for sender, recipient and purpose; a condition for sensitive data at both ends.

Whether a condition is needed depends on what the purpose needs of the document, never on what an agreement
lets through: a narrower agreement must not turn a refusal into a release.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence

from publicprotection.exchange.v1 import header_pb2

from gateway.core.agreed import Ground
from gateway.core.flow import Flow, Leaf, Stop, hold, refuse
from gateway.core.model import Answer
from gateway.core.parties import sender_standing_of, standing_of
from gateway.core.rulebook_model import Basis, Condition, Sensitive
from gateway.core.vocabulary import short_name


def check_basis(flow: Flow, covering: Sequence[Basis]) -> Iterator[Stop]:
    """One of the bases relied on must cover the flow, and the fact it needs must be on record (MAPPA 9.5).

    Where the fact is not known the exchange waits for it: a doubt about status is no ground to refuse (9.4).
    """
    answers = [_fact(flow, each) for each in covering]
    if Answer.YES in answers:
        return
    waiting = [each for each, answer in zip(covering, answers, strict=True) if answer is Answer.UNKNOWN]
    if waiting:
        yield hold(flow.gates.basis_waits, min(str(each.prerequisite) for each in waiting))
    else:
        yield refuse(flow.gates.no_basis)


def check_conditions(flow: Flow, covering: Iterable[Basis], needed: Collection[str]) -> Iterator[Stop]:
    """Sensitive data that the purpose needs go only with a condition of each end's regime (MAPPA 9.8)."""
    if any(not _is_met(flow, regime, needed) for regime in regimes_of(flow, covering)):
        yield refuse(flow.gates.no_condition)


def covering_bases(flow: Flow) -> list[Basis]:
    """The bases in the header that can cover this flow, were their facts known."""
    names = [short_name(header_pb2.LawfulBasis, "LAWFUL_BASIS_", each) for each in flow.header.lawful_bases]
    rows = [row for name in names for row in flow.world.rulebook.bases.get(name, ())]
    standings = {sender_standing_of(flow), standing_of(flow)}
    return [row for row in rows if _covers(flow, row, standings)]


def grounds_of(flow: Flow, covering: Sequence[Basis]) -> frozenset[Ground]:
    """What a clause may rest on: the covering bases whose fact is on record; if there is none, all of them.

    A clause must not rest on a basis that fails here while the exchange rests on another that is not agreed.
    """
    holding = [each for each in covering if _fact(flow, each) is Answer.YES] or covering
    own = own_regimes(flow)
    regimes = (frozenset((each.regime,)) if each.regime else own for each in holding)
    return frozenset(Ground(each.basis, some) for each, some in zip(holding, regimes, strict=True))


def own_regimes(flow: Flow) -> frozenset[str]:
    """The regimes that both ends are under for this purpose, unless a basis says otherwise."""
    return frozenset(_own_regime(flow, kind) for kind in (flow.sender.kind, flow.recipient.kind))


def regimes_of(flow: Flow, covering: Iterable[Basis]) -> frozenset[str]:
    """The regimes of both ends: MAPPA sharing is Part 3 for everybody (MAPPA 9.6), else each end's own."""
    stated = {basis.regime for basis in covering if basis.regime}
    if stated:
        return frozenset(stated)
    return own_regimes(flow)


def _covers(flow: Flow, basis: Basis, standings: Collection[str]) -> bool:
    urgency = short_name(header_pb2.Urgency, "URGENCY_", flow.header.urgency) or "ROUTINE"
    return (
        flow.submission.purpose in basis.purposes
        and (not basis.standings or set(basis.standings).issuperset(standings))
        and (not basis.senders or flow.sender.kind in basis.senders)
        and (not basis.recipients or flow.recipient.kind in basis.recipients)
        and (not basis.urgency or urgency in basis.urgency)
    )


def _fact(flow: Flow, basis: Basis) -> Answer:
    return Answer.YES if basis.requires_fact is None else flow.answer(basis.requires_fact)


def _own_regime(flow: Flow, kind: str) -> str:
    competent = flow.submission.purpose in flow.world.rulebook.kinds[kind].competent_for
    return "LAW_ENFORCEMENT" if competent else "GENERAL"


def _is_met(flow: Flow, regime: str, needed: Collection[str]) -> bool:
    if _has_condition(flow, regime):
        return True
    sensitive = flow.world.rulebook.sensitive[regime]
    needing = (leaf for leaf in flow.submission.leaves if leaf.kind.category in needed)
    return not any(_is_sensitive(leaf, sensitive) for leaf in needing)


def _is_sensitive(leaf: Leaf, sensitive: Sensitive) -> bool:
    return (leaf.kind.special and sensitive.special) or (leaf.kind.criminal and sensitive.criminal)


def _has_condition(flow: Flow, regime: str) -> bool:
    for number in flow.header.conditions:
        name = short_name(header_pb2.ProcessingCondition, "PROCESSING_CONDITION_", number)
        stated = flow.world.rulebook.conditions.get(name)
        if stated and regime in stated.regimes and _serves(stated, flow.submission.purpose):
            return True
    return False


def _serves(condition: Condition, purpose: str) -> bool:
    return not condition.purposes or purpose in condition.purposes
