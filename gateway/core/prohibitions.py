"""Step 11, last: a filter that reads nothing from agreements and can only remove.

What is prohibited is withheld, not held: no prerequisite could ever release it.
"""

from collections.abc import Iterable
from functools import cache

from gateway.core.flow import Firing, Flow
from gateway.core.treatment import Treatment, withhold


def prohibit(flow: Flow, treatments: Iterable[Treatment]) -> tuple[Treatment, ...]:
    """Removes whatever a prohibition covers."""
    prohibitions = [each for each in flow.firing if each.rule.prohibition]
    if not prohibitions:
        return tuple(treatments)

    @cache
    def removing(category: str) -> tuple[Firing, ...]:
        return tuple(each for each in prohibitions if _removes(each, category))

    return tuple(_prohibit(flow, removing(each.leaf.kind.category), each) for each in treatments)


def _prohibit(flow: Flow, prohibitions: Iterable[Firing], treatment: Treatment) -> Treatment:
    for firing in prohibitions:
        if flow.looks_at(firing.rule, treatment.leaf):
            treatment = withhold(treatment, firing)
    return treatment


def _removes(firing: Firing, category: str) -> bool:
    if firing.rule.permit_only is not None:
        return category not in firing.rule.permit_only
    return category in firing.rule.withhold
