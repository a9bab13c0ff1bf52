"""Step 10: rules that withhold or generalise categories, and the derived values themselves."""

from collections.abc import Iterable
from functools import partial

from gateway.core.flow import Firing, Flow
from gateway.core.model import Derived, Effect
from gateway.core.needs import CONFLICT, coarser, not_permitted
from gateway.core.treatment import Treatment, treat_each, withhold
from gateway.core.vocabulary import WHOLE
from services.kit.evidence.derive import derive
from services.kit.evidence.errors import NotDerivableError


def apply_rules(flow: Flow, treatments: Iterable[Treatment]) -> tuple[Treatment, ...]:
    """Withholds and generalises by the rules that fire, prohibitions left to the end."""
    rules = [each for each in flow.firing if each.rule.withhold or each.rule.generalise]
    rules = [each for each in rules if not each.rule.prohibition]
    return treat_each(treatments, flow.submission.categories, rules, _names, partial(_apply, flow))


def derive_values(
    flow: Flow, treatments: tuple[Treatment, ...]
) -> tuple[tuple[Treatment, ...], tuple[Derived, ...]]:
    """The values that stand in for generalised ones; what cannot be generalised is withheld."""
    if not any(each.function for each in treatments):
        return treatments, ()
    kept: list[Treatment] = []
    derived: list[Derived] = []
    for each in treatments:
        if each.effect is not Effect.GENERALISE:
            kept.append(each)
            continue
        try:
            value = derive(each.function, flow.submission.case.leaves[each.leaf.path])
        except NotDerivableError:
            kept.append(_not_derivable(flow, each))
        else:
            kept.append(each)
            derived.append(Derived(each.leaf.path, each.function, value))
    return tuple(kept), tuple(derived)


def _names(firing: Firing, category: str) -> bool:
    return category in firing.rule.withhold or category in firing.rule.generalise


def _apply(flow: Flow, treatment: Treatment, firing: Firing) -> Treatment:
    category = treatment.leaf.kind.category
    if category in firing.rule.withhold and flow.looks_at(firing.rule, treatment.leaf):
        return withhold(treatment, firing)
    if category in firing.rule.generalise:
        return _generalise(treatment, firing, firing.rule.generalise[category])
    return treatment


def _generalise(treatment: Treatment, firing: Firing, function: str) -> Treatment:
    if treatment.effect not in (Effect.RELEASE, Effect.GENERALISE):
        return treatment
    form = coarser(treatment.function or WHOLE, function)
    return withhold(treatment, firing) if form == CONFLICT else treatment.generalise(form, firing.fired)


def _not_derivable(flow: Flow, treatment: Treatment) -> Treatment:
    """A rule that generalised it withholds it; else nothing permits it, and if it is protective it waits."""
    if treatment.rule is not None:
        return treatment.lower(Effect.WITHHOLD, treatment.rule, treatment.telling)
    return not_permitted(flow, treatment.leaf, flow.gates.not_derivable)
