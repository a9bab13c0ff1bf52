"""Step 6: a leaf passes only if the clause and the purpose's needs permit its category, in the coarser form.

What is protective is held for review where nothing permits it; it is never dropped in silence.
"""

from collections.abc import Iterable, Mapping

from gateway.core.agreement import Cover
from gateway.core.categories import UNCLASSIFIED
from gateway.core.flow import Flow, Leaf, gate_fired
from gateway.core.gate_model import Gate
from gateway.core.model import Answer, Effect
from gateway.core.treatment import Treatment, released
from gateway.core.vocabulary import WHOLE

PROTECTIVE_PREREQUISITE = "PROTECTIVE_REVIEW"
CONFLICT = "CONFLICT"


def needed_by(flow: Flow) -> Mapping[str, str]:
    """Category to finest form, for this document, purpose and both kinds: the union of needs."""
    ends = flow.sender.kind, flow.recipient.kind
    return flow.world.rulebook.needed(flow.submission.case.document_type, flow.submission.purpose, *ends)


def limit(
    flow: Flow, cover: Cover, needed: Mapping[str, str], leaves: Iterable[Leaf]
) -> tuple[Treatment, ...]:
    """Each leaf as clause and needs permit it."""
    by_floor = cover.floor - cover.permitted.keys()
    whole = {name for name, form in needed.items() if form == WHOLE == cover.form_of(name)} - by_floor
    return tuple(
        [
            released(leaf) if leaf.kind.category in whole else _limit(flow, cover, needed, leaf)
            for leaf in leaves
        ]
    )


def coarser(first: str, second: str) -> str:
    """The form that both permit; CONFLICT where they generalise differently."""
    if WHOLE in (first, second):
        return second if first == WHOLE else first
    return first if first == second else CONFLICT


def _limit(flow: Flow, cover: Cover, needed: Mapping[str, str], leaf: Leaf) -> Treatment:
    category = leaf.kind.category
    agreed, need = cover.form_of(category), needed.get(category)
    if agreed is None or need is None:
        return not_permitted(flow, leaf, flow.gates.not_needed if need is None else flow.gates.not_agreed)
    form = coarser(agreed, need)
    if form == CONFLICT or (form != WHOLE and _is_reviewed(flow, leaf)):
        return not_permitted(flow, leaf, flow.gates.not_derivable)
    by_floor = category in cover.floor and category not in cover.permitted
    if form == WHOLE:
        return Treatment(leaf, Effect.RELEASE, by_floor=by_floor)
    return Treatment(leaf, Effect.GENERALISE, function=form, by_floor=by_floor)


def not_permitted(flow: Flow, leaf: Leaf, gate: Gate) -> Treatment:
    """A leaf that nothing permits: withheld, or what its review came to if it is protective."""
    protective = flow.world.rulebook.protective.get(leaf.kind.category)
    if protective is None:
        unclassified = leaf.kind.category == UNCLASSIFIED
        return _withheld(leaf, flow.gates.unclassified if unclassified else gate)
    review = flow.answer("protective_release")
    if review is Answer.YES:
        return Treatment(leaf, Effect.RELEASE)
    if review is Answer.NO:
        return _withheld(leaf, gate)
    fired, tell = gate_fired(flow.gates.protective, Effect.HOLD), flow.gates.protective.tell
    return Treatment(leaf, Effect.HOLD, fired, tell, prerequisite=PROTECTIVE_PREREQUISITE)


def _is_reviewed(flow: Flow, leaf: Leaf) -> bool:
    protective = leaf.kind.category in flow.world.rulebook.protective
    return protective and flow.answer("protective_release") is Answer.YES


def _withheld(leaf: Leaf, gate: Gate) -> Treatment:
    return Treatment(leaf, Effect.WITHHOLD, gate_fired(gate, Effect.WITHHOLD), gate.tell)
